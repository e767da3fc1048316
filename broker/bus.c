/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/bus.h"

GDBusConnection *
broker_bus_connect (const char *address, GError **error)
{
  g_autofree char *found = NULL;

  if (address == NULL)
    {
      found = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
      address = found;
    }
  if (address == NULL)
    return NULL;
  return g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
}
