/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Watch and Unwatch: whether the app hears of its accessory coming and going. */

#include "broker/accessory-private.h"

void
broker_accessory_stop_watching (BrokerAccessory *accessory)
{
  if (accessory->watching)
    broker_presence_unwatch (accessory->rooms->presence, &accessory->watched);
  accessory->watching = FALSE;
}

gboolean
broker_accessory_is_watching (const BrokerAccessory *accessory, const BleAddress *address)
{
  return accessory->watching && ble_address_equal (&accessory->watched, address);
}

void
broker_accessory_handle_watch (gpointer object,
                               GDBusMethodInvocation *invocation,
                               GVariant *parameters,
                               GVariant *options)
{
  BrokerAccessory *accessory = object;
  g_autoptr (GError) error = NULL;
  const BrokerGrant *grant = broker_accessory_require_grant (accessory, &error);

  if (grant == NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  if (!accessory->watching)
    {
      accessory->watching = TRUE;
      accessory->watched = grant->address;
      broker_presence_watch (accessory->rooms->presence, &accessory->watched);
    }
  g_dbus_method_invocation_return_value (
    invocation,
    g_variant_new ("(b)", broker_presence_is_there (accessory->rooms->presence,
                                                    &grant->address)));
}

void
broker_accessory_handle_unwatch (gpointer object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *parameters,
                                 GVariant *options)
{
  broker_accessory_stop_watching (object);
  g_dbus_method_invocation_return_value (invocation, NULL);
}
