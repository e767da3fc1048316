/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/accessory.h"

#include <string.h>

#include "broker/accessory-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

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
  broker_accessory_shut_sockets (accessory);
  g_cancellable_cancel (accessory->cancellable);
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

/* The grant if it is in force and the policy agrees, else NULL with an error. */
static const BrokerGrant *
require_grant (const BrokerAccessory *accessory, GError **error)
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

  if (require_grant (accessory, &refusal) == NULL)
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
  const BrokerGrant *grant = require_grant (accessory, &error);
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

/* ---- GetServices ---- */

typedef struct
{
  BleGattFlags flag;
  BleAccess access;
  const char *word;
} FlagRow;

static const FlagRow flag_rows[] = {
  { BLE_GATT_READ, BLE_ACCESS_READ, "read" },
  { BLE_GATT_WRITE, BLE_ACCESS_WRITE, "write" },
  { BLE_GATT_WRITE_WITHOUT_RESPONSE, BLE_ACCESS_WRITE, "write-without-response" },
  { BLE_GATT_NOTIFY, BLE_ACCESS_NOTIFY, "notify" },
  { BLE_GATT_INDICATE, BLE_ACCESS_NOTIFY, "indicate" },
};

/* What the characteristic can do and the grant covers, as words. */
static guint
add_flags (const BrokerAccessory *accessory,
           const BleUuid *service,
           const BleGattCharacteristic *characteristic,
           GVariantBuilder *flags)
{
  guint n_flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (flag_rows); i++)
    if ((characteristic->flags & (guint) flag_rows[i].flag) != 0 &&
        broker_permissions_check (accessory->rooms->permissions, accessory->caller,
                                  accessory->id, service, &characteristic->uuid,
                                  flag_rows[i].access, NULL))
      {
        g_variant_builder_add (flags, "s", flag_rows[i].word);
        n_flags++;
      }
  return n_flags;
}

static guint
add_characteristics (const BrokerAccessory *accessory,
                     const BleGattService *service,
                     GVariantBuilder *list)
{
  guint n_added = 0;

  for (guint i = 0; i < service->characteristics->len; i++)
    {
      const BleGattCharacteristic *characteristic =
        &g_array_index (service->characteristics, BleGattCharacteristic, i);
      char uuid[BLE_UUID_TEXT_SIZE];
      GVariantBuilder flags;
      GVariantDict row;

      g_variant_builder_init (&flags, G_VARIANT_TYPE ("as"));
      if (add_flags (accessory, &service->uuid, characteristic, &flags) == 0)
        {
          g_variant_builder_clear (&flags);
          continue;
        }
      ble_uuid_format (&characteristic->uuid, uuid);
      g_variant_dict_init (&row, NULL);
      g_variant_dict_insert (&row, "uuid", "s", uuid);
      g_variant_dict_insert (&row, "instance", "u", characteristic->instance);
      g_variant_dict_insert_value (&row, "flags", g_variant_builder_end (&flags));
      g_variant_builder_add_value (list, g_variant_dict_end (&row));
      n_added++;
    }
  return n_added;
}

/* A service of which nothing is covered is not there. */
static GVariant *
describe_services (const BrokerAccessory *accessory, const BleGatt *gatt)
{
  GVariantBuilder services;

  g_variant_builder_init (&services, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < gatt->services->len; i++)
    {
      const BleGattService *service = &g_array_index (gatt->services, BleGattService, i);
      char uuid[BLE_UUID_TEXT_SIZE];
      GVariantBuilder characteristics;
      GVariantDict row;

      g_variant_builder_init (&characteristics, G_VARIANT_TYPE ("aa{sv}"));
      if (add_characteristics (accessory, service, &characteristics) == 0)
        {
          g_variant_builder_clear (&characteristics);
          continue;
        }
      ble_uuid_format (&service->uuid, uuid);
      g_variant_dict_init (&row, NULL);
      g_variant_dict_insert (&row, "uuid", "s", uuid);
      g_variant_dict_insert (&row, "instance", "u", service->instance);
      g_variant_dict_insert (&row, "primary", "b", service->primary);
      g_variant_dict_insert_value (&row, "characteristics",
                                   g_variant_builder_end (&characteristics));
      g_variant_builder_add_value (&services, g_variant_dict_end (&row));
    }
  return g_variant_builder_end (&services);
}

static void
handle_get_services (gpointer object,
                     GDBusMethodInvocation *invocation,
                     GVariant *parameters,
                     GVariant *options)
{
  BrokerAccessory *accessory = object;
  g_autoptr (GError) error = NULL;
  const BrokerGrant *grant = require_grant (accessory, &error);
  const BleGatt *gatt = NULL;
  BleDeviceId device;

  if (grant != NULL)
    {
      device = broker_devices_find (accessory->rooms->devices, &grant->address);
      if (device != 0 &&
          broker_devices_is_connected (accessory->rooms->devices, &grant->address))
        gatt = ble_radio_gatt (accessory->rooms->radio, device);
      if (gatt == NULL)
        blepick_error_set (&error, BLEPICK_ERROR_CONNECTION_FAILED, "not-connected",
                           "There is no link to the accessory; call Connect first");
    }
  if (gatt == NULL)
    broker_export_return_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(@aa{sv})", describe_services (accessory, gatt)));
}

/* ---- ReadValue and WriteValue ---- */

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) value =
    ble_radio_read_finish (operation->accessory->rooms->radio, result, &error);
  GVariant *octets;

  if (value == NULL || !broker_operation_check (operation, &error))
    {
      broker_operation_fail (operation, error);
      return;
    }
  octets = g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, value, TRUE);
  broker_operation_finish (operation, g_variant_new ("(@ay)", octets));
}

static void
read_value (BrokerOperation *operation, BleDeviceId device, BleAttributeId attribute)
{
  ble_radio_read_async (operation->accessory->rooms->radio, device, attribute,
                        operation->offset, operation->accessory->cancellable, on_read,
                        operation);
}

static void
handle_read_value (gpointer object,
                   GDBusMethodInvocation *invocation,
                   GVariant *parameters,
                   GVariant *options)
{
  broker_operation_start (object, invocation, options, BLE_ACCESS_READ, NULL, read_value);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  g_autoptr (GError) error = NULL;

  if (ble_radio_write_finish (operation->accessory->rooms->radio, result, &error))
    broker_operation_finish (operation, NULL);
  else
    broker_operation_fail (operation, error);
}

static void
write_value (BrokerOperation *operation, BleDeviceId device, BleAttributeId attribute)
{
  BleWrite write = {
    .attribute = attribute,
    .offset = operation->offset,
    .with_response = !operation->without_response,
    .value = operation->value,
  };

  ble_radio_write_async (operation->accessory->rooms->radio, device, &write,
                         operation->accessory->cancellable, on_written, operation);
}

static void
handle_write_value (gpointer object,
                    GDBusMethodInvocation *invocation,
                    GVariant *parameters,
                    GVariant *options)
{
  g_autoptr (GVariant) octets = g_variant_get_child_value (parameters, 2);
  GBytes *value = g_variant_get_data_as_bytes (octets);

  if (g_bytes_get_size (value) > BLE_GATT_VALUE_MAX)
    {
      g_autoptr (GError) error =
        blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "bad-value",
                           "A value has at most %d octets", BLE_GATT_VALUE_MAX);

      g_bytes_unref (value);
      broker_export_return_error (invocation, error);
      return;
    }
  broker_operation_start (object, invocation, options, BLE_ACCESS_WRITE, value,
                          write_value);
}

/* ---- properties ---- */

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
  if (strcmp (name, "State") == 0)
    return g_variant_new_uint32 (grant != NULL ? BLEPICK_STATE_AUTHORIZED
                                               : BLEPICK_STATE_UNAUTHORIZED);
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

static const BrokerOption read_options[] = {
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

static const BrokerOption notify_options[] = {
  INSTANCES,
  { NULL, NULL, NULL },
};

static const BrokerMethod methods[] = {
  { "Connect", BROKER_CALLER_OWNER, handle_connect, broker_no_options },
  { "Disconnect", BROKER_CALLER_OWNER, handle_disconnect, broker_no_options },
  { "GetServices", BROKER_CALLER_OWNER, handle_get_services, broker_no_options },
  { "ReadValue", BROKER_CALLER_OWNER, handle_read_value, read_options },
  { "WriteValue", BROKER_CALLER_OWNER, handle_write_value, write_options },
  { "AcquireNotify", BROKER_CALLER_OWNER, broker_accessory_handle_acquire_notify,
    notify_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

const BrokerInterface broker_accessory_interface = {
  (GDBusInterfaceInfo *) &org_blepick_accessory1_interface,
  methods,
  get_property,
};
