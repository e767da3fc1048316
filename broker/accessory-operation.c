/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The way that reads, writes and subscriptions share: name, permission, bounds, link. */

#include <string.h>

#include "broker/accessory-private.h"
#include "broker/failure.h"
#include "dbus/errors.h"

/* One answer for what the grant does not cover and for what is not there. */
static void
set_out_of_scope (GError **error)
{
  blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "out-of-scope",
                     "The app was not given this part of the accessory");
}

gboolean
broker_operation_check (BrokerOperation *operation, GError **error)
{
  const BrokerAccessory *accessory = operation->accessory;

  return broker_permissions_check (accessory->rooms->permissions, accessory->caller,
                                   accessory->id, &operation->attribute,
                                   operation->kind->access, error);
}

/* ---- bounds ---- */

static guint
get_count (const BrokerAccessory *accessory)
{
  return GPOINTER_TO_UINT (
    g_hash_table_lookup (accessory->rooms->operations, accessory->caller->app));
}

static void
set_count (const BrokerAccessory *accessory, guint count)
{
  GHashTable *operations = accessory->rooms->operations;

  if (count == 0)
    g_hash_table_remove (operations, accessory->caller->app);
  else
    g_hash_table_insert (operations, g_strdup (accessory->caller->app),
                         GUINT_TO_POINTER (count));
}

/* ---- the end ---- */

void
broker_operation_free (BrokerOperation *operation)
{
  set_count (operation->accessory, get_count (operation->accessory) - 1);
  broker_hold_release (operation->hold);
  g_clear_pointer (&operation->value, g_bytes_unref);
  broker_accessory_unref (operation->accessory);
  g_free (operation);
}

/* What the client hears of @error: a call that was ended because the permission was, says so. */
static GError *
explain (BrokerOperation *operation, const GError *error)
{
  GError *refusal = NULL;

  if (!broker_operation_check (operation, &refusal))
    return refusal;
  if (operation->accessory->closed)
    return blepick_error_new (BLEPICK_ERROR_INVALIDATED, "session-closed",
                              "The session that asked is closed");
  return broker_failure_from_radio (error);
}

void
broker_operation_finish (BrokerOperation *operation, GVariant *reply)
{
  g_dbus_method_invocation_return_value (operation->invocation, reply);
  broker_operation_free (operation);
}

/* Whether @error says that nothing was done because there was no link. */
static gboolean
is_without_link (const BrokerOperation *operation, const GError *error)
{
  return operation->hold != NULL && !operation->is_second &&
         !operation->accessory->closed &&
         g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION) &&
         strcmp (error->message, "not-connected") == 0;
}

static void
refuse_operation (BrokerOperation *operation, const GError *error)
{
  g_autoptr (GError) told = explain (operation, error);

  broker_export_return_error (operation->invocation, told);
  broker_operation_free (operation);
}

static void get_link (BrokerOperation *operation);

void
broker_operation_fail (BrokerOperation *operation, const GError *error)
{
  if (!is_without_link (operation, error))
    {
      refuse_operation (operation, error);
      return;
    }
  operation->is_second = TRUE;
  broker_hold_report_lost (operation->hold);
  g_clear_pointer (&operation->hold, broker_hold_release);
  get_link (operation);
}

/* ---- the way ---- */

/* NULL: there is none. */
static const BleGattCharacteristic *
find_characteristic (const BleGatt *gatt, const BrokerAttribute *named)
{
  for (guint i = 0; i < gatt->services->len; i++)
    {
      const BleGattService *service = &g_array_index (gatt->services, BleGattService, i);
      const BleGattCharacteristic *found = NULL;

      if (ble_uuid_equal (&service->uuid, &named->service) &&
          (named->service_instance == BROKER_INSTANCE_ANY ||
           named->service_instance == service->instance))
        found =
          ble_gatt_find_characteristic (service, &named->characteristic, named->instance);
      if (found != NULL)
        return found;
    }
  return NULL;
}

BleAttributeId
broker_operation_find (BleRadio *radio,
                       BleDeviceId device,
                       const BrokerAttribute *attribute)
{
  const BleGatt *gatt = ble_radio_gatt (radio, device);
  const BleGattCharacteristic *characteristic =
    gatt != NULL ? find_characteristic (gatt, attribute) : NULL;
  const BleGattDescriptor *descriptor;

  if (characteristic == NULL)
    return 0;
  if (!attribute->has_descriptor)
    return characteristic->id;
  descriptor = ble_gatt_find_descriptor (characteristic, &attribute->descriptor);
  return descriptor != NULL ? descriptor->id : 0;
}

/* bluetoothd takes the services back a moment before it tells that the link is lost. */
static gboolean
has_services (const BrokerHold *hold, BleRadio *radio)
{
  const BleAdvert *advert =
    ble_radio_lookup_device (radio, broker_hold_get_device (hold));

  return advert != NULL && advert->resolved;
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  BleRadio *radio = operation->accessory->rooms->radio;
  g_autoptr (GError) error = NULL;
  BleAttributeId attribute = 0;
  BleDeviceId device = 0;

  operation->hold =
    broker_links_hold_finish (operation->accessory->rooms->links, result, &error);
  if (operation->hold != NULL && broker_operation_check (operation, &error))
    {
      device = broker_hold_get_device (operation->hold);
      attribute = broker_operation_find (radio, device, &operation->attribute);
      if (broker_hold_is_lost (operation->hold) || !has_services (operation->hold, radio))
        blepick_error_set (&error, BLEPICK_ERROR_CONNECTION_FAILED, "not-connected",
                           "The link to the accessory was lost");
      else if (attribute == 0)
        set_out_of_scope (&error);
    }
  if (error != NULL)
    broker_operation_fail (operation, error);
  else
    operation->kind->run (operation, device, attribute);
}

/* Of an accessory whose permission was checked. */
static void
get_link (BrokerOperation *operation)
{
  BrokerAccessory *accessory = operation->accessory;
  const BrokerGrant *grant = broker_permissions_find (accessory->rooms->permissions,
                                                      accessory->caller, accessory->id);

  if (grant == NULL)
    {
      g_autoptr (GError) error = NULL;

      set_out_of_scope (&error);
      refuse_operation (operation, error);
      return;
    }
  broker_links_hold_async (accessory->rooms->links, &grant->address,
                           accessory->cancellable, on_held, operation);
}

/* Reads the names of an attribute. */
static gboolean
read_names (BrokerOperation *operation, GVariant *options, GError **error)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (operation->invocation);
  BrokerAttribute *attribute = &operation->attribute;
  BleUuid *const names[] = { &attribute->service, &attribute->characteristic,
                             &attribute->descriptor };

  attribute->has_descriptor = operation->kind->has_descriptor;
  for (guint i = 0; i < (attribute->has_descriptor ? 3U : 2U); i++)
    {
      const char *name;

      g_variant_get_child (parameters, i, "&s", &name);
      if (ble_uuid_parse (name, names[i]))
        continue;
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-uuid",
                         "A UUID has 4, 8 or, with hyphens, 32 hexadecimal digits");
      return FALSE;
    }
  attribute->service_instance = BROKER_INSTANCE_ANY;
  (void) g_variant_lookup (options, "service-instance", "u",
                           &attribute->service_instance);
  (void) g_variant_lookup (options, "instance", "u", &attribute->instance);
  (void) g_variant_lookup (options, "offset", "q", &operation->offset);
  (void) g_variant_lookup (options, "without-response", "b",
                           &operation->without_response);
  (void) g_variant_lookup (options, "reconnect", "b", &operation->reconnects);
  return TRUE;
}

void
broker_operation_start (BrokerAccessory *accessory,
                        GDBusMethodInvocation *invocation,
                        GVariant *options,
                        const BrokerOperationKind *kind,
                        GBytes *value)
{
  BrokerOperation *operation = g_new0 (BrokerOperation, 1);
  guint count = get_count (accessory);
  g_autoptr (GError) error = NULL;

  operation->accessory = broker_accessory_ref (accessory);
  operation->invocation = invocation;
  operation->kind = kind;
  operation->value = value;
  set_count (accessory, count + 1);
  if (read_names (operation, options, &error) &&
      broker_operation_check (operation, &error) &&
      count >= BROKER_ACCESSORY_OPERATIONS_MAX)
    blepick_error_set (&error, BLEPICK_ERROR_NOT_PERMITTED, "limits",
                       "The app has %d operations under way already",
                       BROKER_ACCESSORY_OPERATIONS_MAX);
  if (error != NULL)
    {
      broker_export_return_error (invocation, error);
      broker_operation_free (operation);
      return;
    }
  get_link (operation);
}
