/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/accessory.h"

#include <string.h>

#include "broker/accessory-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

#define BATTERY_SERVICE 0x180f /* Assigned Numbers 3.4 */
#define BATTERY_LEVEL   0x2a19 /* Assigned Numbers 3.8 */

BrokerAccessory *
broker_accessory_ref (BrokerAccessory *accessory)
{
  g_ref_count_inc (&accessory->refs);
  return accessory;
}

void
broker_accessory_unref (BrokerAccessory *accessory)
{
  if (!g_ref_count_dec (&accessory->refs))
    return;
  g_ptr_array_unref (accessory->sockets);
  g_object_unref (accessory->cancellable);
  broker_caller_unref (accessory->caller);
  g_free (accessory->id);
  g_free (accessory->path);
  g_free (accessory);
}

BrokerAccessory *
broker_accessory_new (BrokerAccessoryRooms *rooms, BrokerCaller *caller, const char *id)
{
  BrokerAccessory *accessory = g_new0 (BrokerAccessory, 1);

  g_ref_count_init (&accessory->refs);
  accessory->rooms = rooms;
  accessory->caller = broker_caller_ref (caller);
  accessory->id = g_strdup (id);
  accessory->path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, id);
  accessory->cancellable = g_cancellable_new ();
  accessory->sockets = g_ptr_array_new ();
  return accessory;
}

const BrokerCaller *
broker_accessory_get_caller (const BrokerAccessory *accessory)
{
  return accessory->caller;
}

const char *
broker_accessory_get_id (const BrokerAccessory *accessory)
{
  return accessory->id;
}

static void
give_link_back (BrokerAccessory *accessory)
{
  if (accessory->connecting != NULL)
    g_cancellable_cancel (accessory->connecting);
  g_clear_object (&accessory->connecting);
  g_clear_pointer (&accessory->hold, broker_hold_release);
}

void
broker_accessory_close (BrokerAccessory *accessory)
{
  accessory->closed = TRUE;
  broker_accessory_stop_watching (accessory);
  broker_accessory_shut_sockets (accessory);
  g_cancellable_cancel (accessory->cancellable);
  if (accessory->refreshing != NULL)
    g_cancellable_cancel (accessory->refreshing);
  give_link_back (accessory);
  broker_accessory_unref (accessory);
}

/* The grant in force, or NULL. */
static const BrokerGrant *
find_grant (const BrokerAccessory *accessory)
{
  return broker_permissions_find (accessory->rooms->permissions, accessory->caller,
                                  accessory->id);
}

const BrokerGrant *
broker_accessory_require_grant (const BrokerAccessory *accessory, GError **error)
{
  const BrokerGrant *grant = NULL;

  if (!broker_permissions_check_accessory (accessory->rooms->permissions,
                                           accessory->caller, accessory->id, error))
    return NULL;
  grant = find_grant (accessory);
  if (grant == NULL)
    blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "no-grant",
                       "The app has no such accessory");
  return grant;
}

/* ---- Connect and Disconnect ---- */

typedef struct
{
  BrokerAccessory *accessory; /* a reference */
  GDBusMethodInvocation *invocation;
} Connecting;

static void
on_link_lost (BrokerHold *hold, gpointer user_data)
{
  BrokerAccessory *accessory = user_data;

  g_clear_pointer (&accessory->hold, broker_hold_release);
}

/* Makes @hold the client's own, unless it has one already. */
static void
keep_hold (BrokerAccessory *accessory, BrokerHold *hold)
{
  if (accessory->hold != NULL)
    {
      broker_hold_release (hold);
      return;
    }
  accessory->hold = hold;
  broker_hold_set_lost (hold, on_link_lost, accessory);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connecting *connecting = user_data;
  BrokerAccessory *accessory = connecting->accessory;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  BrokerHold *hold = broker_links_hold_finish (accessory->rooms->links, result, &error);

  if (broker_accessory_require_grant (accessory, &refusal) == NULL)
    broker_export_return_error (connecting->invocation, refusal);
  else if (accessory->closed || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      refusal = blepick_error_new (BLEPICK_ERROR_CONNECTION_FAILED, "cancelled",
                                   "The connection is not wanted any more");
      broker_export_return_error (connecting->invocation, refusal);
    }
  else if (hold == NULL || broker_hold_is_lost (hold))
    {
      if (error == NULL)
        error = blepick_error_new (BLEPICK_ERROR_CONNECTION_FAILED, "not-connected",
                                   "The link to the accessory was lost");
      broker_export_return_error (connecting->invocation, error);
    }
  else
    {
      keep_hold (accessory, g_steal_pointer (&hold));
      g_dbus_method_invocation_return_value (connecting->invocation, NULL);
    }
  broker_hold_release (hold);
  broker_accessory_unref (accessory);
  g_free (connecting);
}

static void
handle_connect (gpointer object,
                GDBusMethodInvocation *invocation,
                GVariant *parameters,
                GVariant *options)
{
  BrokerAccessory *accessory = object;
  g_autoptr (GError) error = NULL;
  const BrokerGrant *grant = broker_accessory_require_grant (accessory, &error);
  Connecting *connecting;

  if (grant == NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  if (accessory->connecting == NULL)
    accessory->connecting = g_cancellable_new ();
  connecting = g_new0 (Connecting, 1);
  connecting->accessory = broker_accessory_ref (accessory);
  connecting->invocation = invocation;
  broker_links_hold_async (accessory->rooms->links, &grant->address,
                           accessory->connecting, on_connected, connecting);
}

static void
handle_disconnect (gpointer object,
                   GDBusMethodInvocation *invocation,
                   GVariant *parameters,
                   GVariant *options)
{
  BrokerAccessory *accessory = object;

  broker_accessory_shut_sockets (accessory);
  give_link_back (accessory);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* ---- properties ---- */

/* NULL where it is not known to Bluetooth now. */
static const BleAdvert *
find_advert (const BrokerAccessory *accessory, const BrokerGrant *grant)
{
  BleDeviceId device =
    grant != NULL ? broker_devices_find (accessory->rooms->devices, &grant->address) : 0;

  return device != 0 ? ble_radio_lookup_device (accessory->rooms->radio, device) : NULL;
}

static BlepickState
get_state (const BrokerGrant *grant)
{
  if (grant == NULL)
    return BLEPICK_STATE_UNAUTHORIZED;
  return grant->awaiting ? BLEPICK_STATE_AWAITING_AUTHORIZATION
                         : BLEPICK_STATE_AUTHORIZED;
}

static gint16
get_rssi (const BrokerAccessory *accessory, const BrokerGrant *grant)
{
  const BleAdvert *advert = find_advert (accessory, grant);

  return (gint16) (advert != NULL ? advert->rssi : BLE_RSSI_UNKNOWN);
}

gboolean
broker_battery_is_covered (BrokerPermissions *permissions,
                           const BrokerCaller *caller,
                           const char *accessory_id)
{
  const BrokerAttribute level = { .service = ble_uuid_from_u16 (BATTERY_SERVICE),
                                  .characteristic = ble_uuid_from_u16 (BATTERY_LEVEL) };

  return broker_permissions_check (permissions, caller, accessory_id, &level,
                                   BLE_ACCESS_READ, NULL);
}

static gint16
get_battery (const BrokerAccessory *accessory, const BrokerGrant *grant)
{
  const BleAdvert *advert = find_advert (accessory, grant);

  if (advert == NULL || advert->battery == BLE_BATTERY_UNKNOWN ||
      !broker_battery_is_covered (accessory->rooms->permissions, accessory->caller,
                                  accessory->id))
    return BROKER_BATTERY_UNKNOWN;
  return advert->battery;
}

static GVariant *
get_property (gpointer object, const char *name)
{
  const BrokerAccessory *accessory = object;
  const BrokerGrant *grant = find_grant (accessory);

  if (strcmp (name, "Id") == 0)
    return g_variant_new_string (accessory->id);
  if (strcmp (name, "Name") == 0)
    return g_variant_new_string (grant != NULL ? grant->name : "");
  if (strcmp (name, "Kind") == 0)
    return g_variant_new_string (
      ble_kind_to_word (grant != NULL ? grant->kind : BLE_KIND_UNKNOWN));
  if (strcmp (name, "Connected") == 0)
    return g_variant_new_boolean (
      grant != NULL &&
      broker_devices_is_connected (accessory->rooms->devices, &grant->address));
  if (strcmp (name, "ValuesOnBus") == 0)
    return g_variant_new_boolean (
      grant != NULL &&
      broker_fanouts_are_on_bus (accessory->rooms->fanouts,
                                 broker_devices_find (accessory->rooms->devices,
                                                      &grant->address)));
  if (strcmp (name, "Battery") == 0)
    return g_variant_new_int16 (get_battery (accessory, grant));
  if (strcmp (name, "Rssi") == 0)
    return g_variant_new_int16 (get_rssi (accessory, grant));
  if (strcmp (name, "State") == 0)
    return g_variant_new_uint32 (get_state (grant));
  return g_variant_new_string (
    ble_pair_method_to_word (grant != NULL ? grant->method : BLE_PAIR_METHOD_NONE));
}

static gboolean
is_instance (GVariant *value)
{
  return g_variant_get_uint32 (value) < BLE_GATT_CHARACTERISTICS_MAX;
}

static gboolean
is_offset (GVariant *value)
{
  return g_variant_get_uint16 (value) <= BLE_GATT_VALUE_MAX;
}

#define INSTANCES                           \
  { "service-instance", "u", is_instance }, \
  {                                         \
    "instance", "u", is_instance            \
  }

static const BrokerOption value_options[] = {
  INSTANCES,
  { "offset", "q", is_offset },
  { NULL, NULL, NULL },
};

static const BrokerOption write_options[] = {
  INSTANCES,
  { "offset", "q", is_offset },
  { "without-response", "b", NULL },
  { NULL, NULL, NULL },
};

static const BrokerOption socket_options[] = {
  INSTANCES,
  { NULL, NULL, NULL },
};

static const BrokerOption notify_options[] = {
  INSTANCES,
  { "reconnect", "b", NULL },
  { NULL, NULL, NULL },
};

static const BrokerMethod methods[] = {
  { "Connect", BROKER_CALLER_OWNER, handle_connect, broker_no_options },
  { "Disconnect", BROKER_CALLER_OWNER, handle_disconnect, broker_no_options },
  { "GetServices", BROKER_CALLER_OWNER, broker_accessory_handle_get_services,
    broker_no_options },
  { "ReadValue", BROKER_CALLER_OWNER, broker_accessory_handle_read_value, value_options },
  { "WriteValue", BROKER_CALLER_OWNER, broker_accessory_handle_write_value,
    write_options },
  { "ReadDescriptor", BROKER_CALLER_OWNER, broker_accessory_handle_read_descriptor,
    value_options },
  { "WriteDescriptor", BROKER_CALLER_OWNER, broker_accessory_handle_write_descriptor,
    value_options },
  { "AcquireNotify", BROKER_CALLER_OWNER, broker_accessory_handle_acquire_notify,
    notify_options },
  { "AcquireWrite", BROKER_CALLER_OWNER, broker_accessory_handle_acquire_write,
    socket_options },
  { "Refresh", BROKER_CALLER_OWNER, broker_accessory_handle_refresh, broker_no_options },
  { "Watch", BROKER_CALLER_OWNER, broker_accessory_handle_watch, broker_no_options },
  { "Unwatch", BROKER_CALLER_OWNER, broker_accessory_handle_unwatch, broker_no_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

const BrokerInterface broker_accessory_interface = {
  (GDBusInterfaceInfo *) &org_blepick_accessory1_interface,
  methods,
  get_property,
};
