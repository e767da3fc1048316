/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/bus.h: the command's connection to the broker: one session, and calls that
 * wait for their answer. */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "blepick/context.h"

typedef struct
{
  GDBusConnection *connection;
  char *session; /* object path, or NULL before blepick_bus_open_session() */
} BlepickBus;

/* Connects to the bus. Errors: no-broker. */
BlepickBus *
blepick_bus_new (const BlepickContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void blepick_bus_free (BlepickBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlepickBus, blepick_bus_free)

/* Opens the session of a bus that has none. */
gboolean blepick_bus_open_session (BlepickBus *bus, GError **error);

/* Connects and opens a session. */
BlepickBus *blepick_bus_new_session (const BlepickContext *context,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One call to the broker; errors are translated (failure.h). @parameters: floating, or NULL. */
GVariant *blepick_bus_call (BlepickBus *bus,
                            const char *path,
                            const char *interface,
                            const char *method,
                            GVariant *parameters,
                            const char *reply_type,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How AcquireNotify() of an accessory, called on @connection, ended. Returns: its socket, the caller's to
 * close, or -1. The error is not translated. */
int blepick_bus_take_socket (GDBusConnection *connection,
                             GAsyncResult *result,
                             GError **error);

/* @error: (transfer full): no-broker. */
typedef void (*BlepickBusGone) (gpointer user_data, GError *error);

/* Calls @gone when the broker leaves the bus or another takes its name. Returns the id for
 * g_dbus_connection_signal_unsubscribe(). */
guint blepick_bus_watch_broker (BlepickBus *bus, BlepickBusGone gone, gpointer user_data);

/* a{sv} without anything in it, floating. */
GVariant *blepick_empty_options (void);

/* The accessories of this command's app (aa{sv}). */
GVariant *blepick_bus_list (BlepickBus *bus, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Finds one accessory by exact id, unique prefix of 4 or more, unique name in any case, or "@last": the one that was granted last. NULL @selector: the only one there
 * is. Returns: (transfer full): its a{sv}. Errors: no-such, ambiguous (with the candidates). */
GVariant *blepick_select (GVariant *accessories,
                          const char *selector,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* blepick_select() among blepick_bus_list(). */
GVariant *blepick_bus_find (BlepickBus *bus,
                            const char *selector,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A string member of an accessory, "" where it is missing. */
const char *blepick_member (GVariant *dict, const char *key);

/* It was paired, and is not any more: somebody took the bond away from under the grant. */
gboolean blepick_accessory_lost_pairing (GVariant *accessory);

/* Returns: (transfer full): the path of an accessory's object. */
char *blepick_accessory_path (GVariant *accessory);
