/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading and writing values, of characteristics and of their descriptors. */

#include "broker/accessory-private.h"
#include "dbus/errors.h"

/* ---- reading ---- */

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

static const BrokerOperationKind reading = { BLE_ACCESS_READ, FALSE, read_value };
static const BrokerOperationKind reading_descriptor = { BLE_ACCESS_READ, TRUE,
                                                        read_value };

void
broker_accessory_handle_read_value (gpointer object,
                                    GDBusMethodInvocation *invocation,
                                    GVariant *parameters,
                                    GVariant *options)
{
  broker_operation_start (object, invocation, options, &reading, NULL);
}

void
broker_accessory_handle_read_descriptor (gpointer object,
                                         GDBusMethodInvocation *invocation,
                                         GVariant *parameters,
                                         GVariant *options)
{
  broker_operation_start (object, invocation, options, &reading_descriptor, NULL);
}

/* ---- writing ---- */

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
  const BrokerAccessoryRooms *rooms = operation->accessory->rooms;
  BleWrite write = {
    .attribute = attribute,
    .offset = operation->offset,
    .with_response = !operation->without_response,
    .value = operation->value,
  };

  /* While a socket of ours is open there, bluetoothd takes no other write. */
  if (operation->without_response && operation->offset == 0 &&
      broker_writers_send (rooms->writers, device, attribute, operation->value))
    broker_operation_finish (operation, NULL);
  else
    ble_radio_write_async (rooms->radio, device, &write,
                           operation->accessory->cancellable, on_written, operation);
}

static const BrokerOperationKind writing = { BLE_ACCESS_WRITE, FALSE, write_value };
static const BrokerOperationKind writing_descriptor = { BLE_ACCESS_WRITE, TRUE,
                                                        write_value };

/* @index: which of the parameters is the value. */
static void
start_write (BrokerAccessory *accessory,
             GDBusMethodInvocation *invocation,
             GVariant *options,
             const BrokerOperationKind *kind,
             guint index)
{
  g_autoptr (GVariant) octets =
    g_variant_get_child_value (g_dbus_method_invocation_get_parameters (invocation),
                               index);
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
  broker_operation_start (accessory, invocation, options, kind, value);
}

void
broker_accessory_handle_write_value (gpointer object,
                                     GDBusMethodInvocation *invocation,
                                     GVariant *parameters,
                                     GVariant *options)
{
  start_write (object, invocation, options, &writing, 2);
}

void
broker_accessory_handle_write_descriptor (gpointer object,
                                          GDBusMethodInvocation *invocation,
                                          GVariant *parameters,
                                          GVariant *options)
{
  start_write (object, invocation, options, &writing_descriptor, 3);
}
