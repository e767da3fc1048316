/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/clients.h"

#include <time.h>

typedef struct
{
  BrokerVanishedFunc vanished;
  gpointer user_data;
} Watch;

struct BrokerClients
{
  GDBusConnection *connection;
  guint subscription;
  gint64 started_us;
  GHashTable *appeared_us; /* unique name → gint64 */
  GArray *watches;         /* of Watch */
};

static gint64
read_boot_clock_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
tell_vanished (BrokerClients *clients, const char *unique_name)
{
  for (guint i = 0; i < clients->watches->len; i++)
    {
      const Watch *watch = &g_array_index (clients->watches, Watch, i);

      watch->vanished (unique_name, watch->user_data);
    }
  g_hash_table_remove (clients->appeared_us, unique_name);
}

static void
on_name_owner_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  BrokerClients *clients = user_data;
  const char *name, *old_owner, *new_owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &name, &old_owner, &new_owner);
  if (name[0] != ':')
    return;
  if (new_owner[0] == '\0')
    {
      tell_vanished (clients, name);
      return;
    }
  gint64 *now_us = g_new (gint64, 1);
  *now_us = read_boot_clock_us ();
  g_hash_table_insert (clients->appeared_us, g_strdup (name), now_us);
}

/* The bus takes our messages in order: whoever came before the match has come when it has
 * answered this, and of the others we hear. A bus that does not answer is told elsewhere. */
static void
wait_for_match (GDBusConnection *connection)
{
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_sync (connection, "org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId",
                                 NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  (void) reply;
}

BrokerClients *
broker_clients_new (GDBusConnection *connection)
{
  BrokerClients *clients = g_new0 (BrokerClients, 1);

  clients->connection = g_object_ref (connection);
  clients->appeared_us = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  clients->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  clients->subscription = g_dbus_connection_signal_subscribe (
    connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
    "/org/freedesktop/DBus", NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_name_owner_changed,
    clients, NULL);
  wait_for_match (connection);
  clients->started_us = read_boot_clock_us ();
  return clients;
}

void
broker_clients_free (BrokerClients *clients)
{
  if (clients == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (clients->connection, clients->subscription);
  g_hash_table_unref (clients->appeared_us);
  g_array_unref (clients->watches);
  g_object_unref (clients->connection);
  g_free (clients);
}

void
broker_clients_add_watch (BrokerClients *clients,
                          BrokerVanishedFunc vanished,
                          gpointer user_data)
{
  Watch watch = { vanished, user_data };

  g_array_append_val (clients->watches, watch);
}

gint64
broker_clients_get_appeared_us (BrokerClients *clients, const char *unique_name)
{
  const gint64 *appeared_us = g_hash_table_lookup (clients->appeared_us, unique_name);

  return appeared_us != NULL ? *appeared_us : clients->started_us;
}
