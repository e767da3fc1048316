/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/bus.h"

#include <string.h>

#include "blepick/messages.h"
#include "dbus/names.h"

#define PREFIX_MIN 4

/* Longer than the broker's own deadline for a connection (10 s for the link, 10 for its services, one retry). */
#define CALL_TIMEOUT_MS 60000

BlepickBus *
blepick_bus_new (const BlepickContext *context, GError **error)
{
  g_autoptr (BlepickBus) bus = g_new0 (BlepickBus, 1);

  if (context->bus == NULL || strcmp (context->bus, "session") == 0)
    bus->connection =
      g_bus_get_sync (context->bus == NULL ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION, NULL,
                      error);
  else
    bus->connection = g_dbus_connection_new_for_address_sync (
      context->bus,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, error);
  if (bus->connection == NULL)
    {
      g_clear_error (error);
      blepick_failure_set (error, BLEPICK_EXIT_NO_BROKER, "no-bus",
                           "The message bus cannot be reached.");
      return NULL;
    }
  g_dbus_connection_set_exit_on_close (bus->connection, FALSE);
  if (context->verbose && !blepick_context_is_json (context))
    blepick_messages_tell (bus->connection);
  return g_steal_pointer (&bus);
}

void
blepick_bus_free (BlepickBus *bus)
{
  if (bus == NULL)
    return;
  g_clear_object (&bus->connection);
  g_free (bus->session);
  g_free (bus);
}

typedef struct
{
  BlepickBusGone gone;
  gpointer user_data;
} Watcher;

static void
on_broker_changed (GDBusConnection *connection,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  const Watcher *watcher = user_data;
  GError *error = NULL;

  blepick_failure_set (&error, BLEPICK_EXIT_NO_BROKER, "no-broker",
                       "The blepick service has stopped.");
  watcher->gone (watcher->user_data, error);
}

guint
blepick_bus_watch_broker (BlepickBus *bus, BlepickBusGone gone, gpointer user_data)
{
  Watcher *watcher = g_new0 (Watcher, 1);

  watcher->gone = gone;
  watcher->user_data = user_data;
  return g_dbus_connection_signal_subscribe (bus->connection, "org.freedesktop.DBus",
                                             "org.freedesktop.DBus", "NameOwnerChanged",
                                             "/org/freedesktop/DBus", BLEPICK_BUS_NAME,
                                             G_DBUS_SIGNAL_FLAGS_NONE, on_broker_changed,
                                             watcher, g_free);
}

GVariant *
blepick_empty_options (void)
{
  return g_variant_new ("a{sv}", NULL);
}

GVariant *
blepick_bus_call (BlepickBus *bus,
                  const char *path,
                  const char *interface,
                  const char *method,
                  GVariant *parameters,
                  const char *reply_type,
                  GError **error)
{
  GVariant *reply =
    g_dbus_connection_call_sync (bus->connection, BLEPICK_BUS_NAME, path, interface,
                                 method, parameters,
                                 reply_type != NULL ? G_VARIANT_TYPE (reply_type) : NULL,
                                 G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, NULL, error);

  if (reply == NULL)
    blepick_failure_translate (error);
  return reply;
}

gboolean
blepick_bus_open_session (BlepickBus *bus, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_BROKER_INTERFACE, "OpenSession",
                      g_variant_new ("(@a{sv})", blepick_empty_options ()), "(o)", error);

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(o)", &bus->session);
  return TRUE;
}

BlepickBus *
blepick_bus_new_session (const BlepickContext *context, GError **error)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, error);

  if (bus == NULL || !blepick_bus_open_session (bus, error))
    return NULL;
  return g_steal_pointer (&bus);
}

GVariant *
blepick_bus_list (BlepickBus *bus, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, bus->session, BLEPICK_SESSION_INTERFACE, "ListAccessories",
                      g_variant_new ("(@a{sv})", blepick_empty_options ()), "(aa{sv})",
                      error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

const char *
blepick_member (GVariant *dict, const char *key)
{
  const char *value = "";

  g_variant_lookup (dict, key, "&s", &value);
  return value;
}

gboolean
blepick_accessory_lost_pairing (GVariant *accessory)
{
  gboolean paired = TRUE;

  g_variant_lookup (accessory, "paired", "b", &paired);
  return !paired && strcmp (blepick_member (accessory, "pairing-method"), "none") != 0;
}

char *
blepick_accessory_path (GVariant *accessory)
{
  return g_strconcat (BLEPICK_ACCESSORY_PATH "/", blepick_member (accessory, "id"), NULL);
}

static gboolean
is_named (GVariant *accessory, const char *selector)
{
  const char *id = blepick_member (accessory, "id");
  g_autofree char *name = g_utf8_casefold (blepick_member (accessory, "name"), -1);
  g_autofree char *wanted = g_utf8_casefold (selector, -1);

  return strcmp (name, wanted) == 0 ||
         (strlen (selector) >= PREFIX_MIN && g_str_has_prefix (id, selector));
}

/* The one that was granted last, or NULL. */
static GVariant *
find_last (GVariant *accessories)
{
  GVariant *last = NULL;
  gint64 last_s = G_MININT64;

  for (gsize i = 0; i < g_variant_n_children (accessories); i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);
      gint64 time_s = 0;

      g_variant_lookup (accessory, "granted-at", "x", &time_s);
      if (last != NULL && time_s <= last_s)
        continue;
      last_s = time_s;
      g_clear_pointer (&last, g_variant_unref);
      last = g_steal_pointer (&accessory);
    }
  return last;
}

GVariant *
blepick_select (GVariant *accessories, const char *selector, GError **error)
{
  g_autoptr (GString) candidates = g_string_new (NULL);
  g_autoptr (GVariant) found = NULL;
  guint n_found = 0;

  if (g_strcmp0 (selector, "@last") == 0)
    {
      GVariant *last = find_last (accessories);

      if (last != NULL)
        return last;
      selector = NULL; /* there is none at all */
    }
  for (gsize i = 0; i < g_variant_n_children (accessories); i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);

      if (selector != NULL && strcmp (blepick_member (accessory, "id"), selector) == 0)
        return g_steal_pointer (&accessory);
      if (selector != NULL && !is_named (accessory, selector))
        continue;
      g_string_append_printf (candidates, "%s%s (%.8s)", n_found > 0 ? ", " : "",
                              blepick_member (accessory, "name"),
                              blepick_member (accessory, "id"));
      n_found++;
      g_clear_pointer (&found, g_variant_unref);
      found = g_steal_pointer (&accessory);
    }
  if (n_found == 1)
    return g_steal_pointer (&found);
  if (n_found > 1)
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "ambiguous",
                         "Which one? Several fit: %s.", candidates->str);
  else if (selector != NULL)
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "no-such",
                         "No accessory of yours is called that. See: blepick list");
  else
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "no-such",
                         "You have no accessory yet. Pick one: blepick pick");
  return NULL;
}

GVariant *
blepick_bus_find (BlepickBus *bus, const char *selector, GError **error)
{
  g_autoptr (GVariant) accessories = blepick_bus_list (bus, error);

  return accessories != NULL ? blepick_select (accessories, selector, error) : NULL;
}

int
blepick_bus_take_socket (GDBusConnection *connection,
                         GAsyncResult *result,
                         GError **error)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_with_unix_fd_list_finish (connection, &descriptors, result,
                                                     error);
  gint32 handle = -1;

  if (reply == NULL)
    return -1;
  g_variant_get (reply, "(hq)", &handle, NULL);
  return g_unix_fd_list_get (descriptors, handle, error);
}
