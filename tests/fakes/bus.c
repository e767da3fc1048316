/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/bus.h"

#include <string.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

/* Reference-counted: GDBus's worker thread may hold it a moment longer than we do. */
struct FakesBus
{
  GDBusConnection *connection;
  const FakesBusListener *listener;
  gpointer listener_data;
  guint filter_id;
  guint owner_changed_id;
  guint own_name_id;
  gboolean closed;
};

typedef struct
{
  FakesBus *bus;
  GDBusMessage *message;
} Delivery;

static void
free_delivery (gpointer data)
{
  Delivery *delivery = data;

  g_object_unref (delivery->message);
  g_atomic_rc_box_release (delivery->bus);
  g_free (delivery);
}

static FakesCall *
new_call (FakesBus *bus, GDBusMessage *message)
{
  FakesCall *call = g_new0 (FakesCall, 1);
  GVariant *body = g_dbus_message_get_body (message);

  call->connection = g_object_ref (bus->connection);
  call->message = g_object_ref (message);
  call->sender = g_dbus_message_get_sender (message);
  call->path = g_dbus_message_get_path (message);
  call->interface = g_dbus_message_get_interface (message);
  call->member = g_dbus_message_get_member (message);
  call->args = body != NULL ? g_variant_ref (body)
                            : g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
  if (call->interface == NULL)
    call->interface = "";
  return call;
}

void
fakes_call_free (FakesCall *call)
{
  if (call == NULL)
    return;
  g_object_unref (call->connection);
  g_object_unref (call->message);
  g_variant_unref (call->args);
  g_free (call);
}

static gboolean
deliver (gpointer data)
{
  Delivery *delivery = data;
  FakesBus *bus = delivery->bus;

  if (!bus->closed)
    bus->listener->called (new_call (bus, delivery->message), bus->listener_data);
  return G_SOURCE_REMOVE;
}

/* Runs in GDBus's worker: takes every method call away from GDBus's own dispatcher, which
 * could not lie about errors and would not scale to ten thousand objects. */
static GDBusMessage *
filter_message (GDBusConnection *connection,
                GDBusMessage *message,
                gboolean incoming,
                gpointer user_data)
{
  GSource *source;
  Delivery *delivery;

  if (!incoming ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  delivery = g_new0 (Delivery, 1);
  delivery->bus = g_atomic_rc_box_acquire (user_data);
  delivery->message = message;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver, delivery, free_delivery);
  g_source_attach (source, NULL);
  g_source_unref (source);
  return NULL;
}

static void
on_name_owner_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *args,
                       gpointer user_data)
{
  FakesBus *bus = user_data;
  const char *name;
  const char *new_owner;

  g_variant_get (args, "(&s&s&s)", &name, NULL, &new_owner);
  if (!bus->closed && name[0] == ':' && new_owner[0] == '\0')
    bus->listener->client_gone (name, bus->listener_data);
}

FakesBus *
fakes_bus_new (const char *address,
               const FakesBusListener *listener,
               gpointer user_data,
               GError **error)
{
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
  FakesBus *bus;

  if (connection == NULL)
    return NULL;

  bus = g_atomic_rc_box_new0 (FakesBus);
  bus->connection = g_steal_pointer (&connection);
  bus->listener = listener;
  bus->listener_data = user_data;
  g_dbus_connection_set_exit_on_close (bus->connection, FALSE);
  bus->owner_changed_id = g_dbus_connection_signal_subscribe (
    bus->connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
    "/org/freedesktop/DBus", NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_name_owner_changed,
    g_atomic_rc_box_acquire (bus), (GDestroyNotify) g_atomic_rc_box_release);
  bus->filter_id =
    g_dbus_connection_add_filter (bus->connection, filter_message,
                                  g_atomic_rc_box_acquire (bus),
                                  (GDestroyNotify) g_atomic_rc_box_release);
  return bus;
}

void
fakes_bus_free (FakesBus *bus)
{
  if (bus == NULL)
    return;
  bus->closed = TRUE;
  g_clear_handle_id (&bus->own_name_id, g_bus_unown_name);
  g_dbus_connection_signal_unsubscribe (bus->connection, bus->owner_changed_id);
  g_dbus_connection_remove_filter (bus->connection, bus->filter_id);
  if (!g_dbus_connection_is_closed (bus->connection))
    {
      g_dbus_connection_flush_sync (bus->connection, NULL, NULL);
      g_dbus_connection_close_sync (bus->connection, NULL, NULL);
    }
  g_clear_object (&bus->connection);
  g_atomic_rc_box_release (bus);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  FakesBus *bus = user_data;

  if (!bus->closed)
    bus->listener->name_acquired (bus->listener_data);
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  FakesBus *bus = user_data;

  if (!bus->closed)
    bus->listener->name_lost (bus->listener_data);
}

void
fakes_bus_own_name (FakesBus *bus, const char *name)
{
  bus->own_name_id =
    g_bus_own_name_on_connection (bus->connection, name,
                                  G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_name_acquired,
                                  on_name_lost, g_atomic_rc_box_acquire (bus),
                                  (GDestroyNotify) g_atomic_rc_box_release);
}

void
fakes_bus_emit (FakesBus *bus,
                const char *path,
                const char *interface,
                const char *member,
                GVariant *args)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_signal (path, interface, member);

  g_dbus_message_set_body (message, args);
  g_dbus_connection_send_message (bus->connection, message,
                                  G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

GDBusConnection *
fakes_bus_connection (FakesBus *bus)
{
  return bus->connection;
}

/* Takes @call and @reply. */
static void
send_reply (FakesCall *call, GDBusMessage *reply)
{
  if (!(g_dbus_message_get_flags (call->message) &
        G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED))
    g_dbus_connection_send_message (call->connection, reply,
                                    G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (reply);
  fakes_call_free (call);
}

void
fakes_call_return (FakesCall *call, GVariant *values)
{
  GDBusMessage *reply = g_dbus_message_new_method_reply (call->message);

  if (values != NULL)
    g_dbus_message_set_body (reply, values);
  send_reply (call, reply);
}

void
fakes_call_return_fd (FakesCall *call, int take_fd, GVariant *values)
{
  GDBusMessage *reply = g_dbus_message_new_method_reply (call->message);
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new_from_array (&take_fd, 1);

  g_dbus_message_set_body (reply, values);
  g_dbus_message_set_unix_fd_list (reply, fds);
  send_reply (call, reply);
}

void
fakes_call_fail_dbus (FakesCall *call, const char *name, const char *text)
{
  send_reply (call, g_dbus_message_new_method_error_literal (call->message, name, text));
}

void
fakes_call_fail (FakesCall *call, const char *name, const char *text)
{
  g_autofree char *full_name = g_strconcat ("org.bluez.Error.", name, NULL);

  fakes_call_fail_dbus (call, full_name, text);
}
