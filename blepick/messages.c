/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/messages.h"

#include <stdio.h>

#define OURS "org.blepick."
#define BUS  "org.freedesktop.DBus"

/* One call that waits for its answer. */
typedef struct
{
  char *name;
  gint64 since_us;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  g_free (call->name);
  g_free (call);
}

/* "Session1.ShowPicker"; NULL for what is between us and the bus. */
static char *
name_message (GDBusMessage *message)
{
  const char *interface = g_dbus_message_get_interface (message);
  const char *member = g_dbus_message_get_member (message);

  if (interface == NULL || member == NULL || g_str_equal (interface, BUS))
    return NULL;
  if (g_str_has_prefix (interface, OURS))
    interface += sizeof OURS - 1;
  return g_strdup_printf ("%s.%s", interface, member);
}

static void
tell_answer (GHashTable *calls, GDBusMessage *message)
{
  gpointer serial = GUINT_TO_POINTER (g_dbus_message_get_reply_serial (message));
  const Call *call = g_hash_table_lookup (calls, serial);
  const char *error = g_dbus_message_get_error_name (message);
  gint64 took_us;

  if (call == NULL)
    return;
  took_us = g_get_monotonic_time () - call->since_us;
  fprintf (stderr, "< %s: %s (%" G_GINT64_FORMAT " ms)\n", call->name,
           error != NULL ? error : "done", took_us / G_TIME_SPAN_MILLISECOND);
  g_hash_table_remove (calls, serial);
}

static void
tell_call (GHashTable *calls, GDBusMessage *message, gboolean incoming)
{
  g_autofree char *name = name_message (message);
  Call *call;

  if (name == NULL)
    return;
  fprintf (stderr, "%c %s\n", incoming ? '<' : '>', name);
  if (incoming ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return;
  call = g_new0 (Call, 1);
  call->name = g_steal_pointer (&name);
  call->since_us = g_get_monotonic_time ();
  g_hash_table_insert (calls, GUINT_TO_POINTER (g_dbus_message_get_serial (message)),
                       call);
}

/* Runs in GDBus's own thread, and nowhere else: nothing here needs a lock. */
static GDBusMessage *
on_message (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean incoming,
            gpointer user_data)
{
  switch (g_dbus_message_get_message_type (message))
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
      tell_call (user_data, message, incoming);
      break;
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      if (incoming)
        tell_answer (user_data, message);
      break;
    case G_DBUS_MESSAGE_TYPE_INVALID:
    default:
      break;
    }
  return message;
}

void
blepick_messages_tell (GDBusConnection *connection)
{
  g_dbus_connection_add_filter (connection, on_message,
                                g_hash_table_new_full (NULL, NULL, NULL, free_call),
                                (GDestroyNotify) g_hash_table_unref);
}
