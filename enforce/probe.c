/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/probe.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUS_NAME   "org.freedesktop.DBus"
#define BUS_PATH   "/org/freedesktop/DBus"
#define BLUEZ_NAME "org.bluez"
#define CALL_MS    3000

#define BTPROTO_L2CAP \
  0 /* linux/net/bluetooth.h is not among the kernel's public headers */

struct EnforceProbe
{
  GDBusConnection *connection;
  EnforceDoors doors;
  int heard; /* atomic: the filter runs in GDBus's worker */
};

/* Anything that comes from somebody other than the bus itself: the only match is bluetoothd's. */
static GDBusMessage *
on_message (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean incoming,
            gpointer user_data)
{
  EnforceProbe *probe = user_data;

  if (incoming &&
      g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_SIGNAL &&
      g_strcmp0 (g_dbus_message_get_sender (message), BUS_NAME) != 0)
    g_atomic_int_set (&probe->heard, 1);
  return message;
}

static GVariant *
call_bus (EnforceProbe *probe, const char *method, GVariant *parameters, GError **error)
{
  return g_dbus_connection_call_sync (probe->connection, BUS_NAME, BUS_PATH, BUS_NAME,
                                      method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                                      CALL_MS, NULL, error);
}

/* Open is what arrives, whatever is answered. A daemon that does not run is a door that
 * nobody has tried. */
static EnforceDoor
try_call (EnforceProbe *probe, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    probe->connection, name, "/", "org.freedesktop.DBus.Introspectable", "Introspect",
    NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS, NULL, &error);

  if (reply != NULL)
    return ENFORCE_DOOR_OPEN;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return ENFORCE_DOOR_CLOSED;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
      !g_dbus_error_is_remote_error (error))
    return ENFORCE_DOOR_UNKNOWN;
  return ENFORCE_DOOR_OPEN;
}

static EnforceDoor
try_unique_call (EnforceProbe *probe)
{
  g_autoptr (GVariant) reply =
    call_bus (probe, "GetNameOwner", g_variant_new ("(s)", BLUEZ_NAME), NULL);
  const char *owner;

  if (reply == NULL)
    return ENFORCE_DOOR_UNKNOWN;
  g_variant_get (reply, "(&s)", &owner);
  return try_call (probe, owner);
}

/* Which refusals are a closed door, and which a kernel that has no Bluetooth: socket(2). */
static EnforceDoor
try_socket (void)
{
  int fd = socket (AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC, BTPROTO_L2CAP);

  if (fd >= 0)
    {
      close (fd);
      return ENFORCE_DOOR_OPEN;
    }
  return errno == EPERM || errno == EACCES ? ENFORCE_DOOR_CLOSED : ENFORCE_DOOR_UNKNOWN;
}

EnforceProbe *
enforce_probe_new (const char *bus_address, GError **error)
{
  g_autoptr (EnforceProbe) probe = g_new0 (EnforceProbe, 1);
  g_autofree char *found = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (bus_address == NULL)
    {
      found = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
      bus_address = found;
    }
  if (bus_address == NULL)
    return NULL;
  probe->connection = g_dbus_connection_new_for_address_sync (
    bus_address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
  if (probe->connection == NULL)
    return NULL;
  g_dbus_connection_add_filter (probe->connection, on_message, probe, NULL);
  reply =
    call_bus (probe, "AddMatch",
              g_variant_new ("(s)", "type='signal',sender='" BLUEZ_NAME "'"), error);
  if (reply == NULL)
    return NULL;
  probe->doors.name_calls = try_call (probe, BLUEZ_NAME);
  probe->doors.unique_calls = try_unique_call (probe);
  probe->doors.sockets = try_socket ();
  return g_steal_pointer (&probe);
}

void
enforce_probe_free (EnforceProbe *probe)
{
  if (probe == NULL)
    return;
  if (probe->connection != NULL)
    g_dbus_connection_close_sync (probe->connection, NULL, NULL);
  g_clear_object (&probe->connection);
  g_free (probe);
}

const EnforceDoors *
enforce_probe_doors (const EnforceProbe *probe)
{
  return &probe->doors;
}

void
enforce_probe_judge_broadcast (EnforceProbe *probe)
{
  g_autoptr (GVariant) reply = call_bus (probe, "GetId", NULL, NULL);

  if (g_atomic_int_get (&probe->heard) != 0)
    probe->doors.broadcasts = ENFORCE_DOOR_OPEN;
  else if (reply != NULL)
    probe->doors.broadcasts = ENFORCE_DOOR_CLOSED;
}
