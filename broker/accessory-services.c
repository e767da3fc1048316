/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GetServices: the accessory's database, as far as the grant reaches. */

#include "broker/accessory-private.h"
#include "dbus/errors.h"

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

static gboolean
is_covered (const BrokerAccessory *accessory,
            const BrokerAttribute *attribute,
            BleAccess access)
{
  return broker_permissions_check (accessory->rooms->permissions, accessory->caller,
                                   accessory->id, attribute, access, NULL);
}

/* What the characteristic can do and the grant covers, as words. */
static guint
add_flags (const BrokerAccessory *accessory,
           const BrokerAttribute *attribute,
           guint known,
           GVariantBuilder *flags)
{
  guint n_flags = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (flag_rows); i++)
    if ((known & (guint) flag_rows[i].flag) != 0 &&
        is_covered (accessory, attribute, flag_rows[i].access))
      {
        g_variant_builder_add (flags, "s", flag_rows[i].word);
        n_flags++;
      }
  return n_flags;
}

/* The descriptors that may be read or written. */
static GVariant *
describe_descriptors (const BrokerAccessory *accessory,
                      const BrokerAttribute *of,
                      const BleGattCharacteristic *characteristic)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < characteristic->descriptors->len; i++)
    {
      BrokerAttribute attribute = *of;
      char uuid[BLE_UUID_TEXT_SIZE];

      attribute.has_descriptor = TRUE;
      attribute.descriptor =
        g_array_index (characteristic->descriptors, BleGattDescriptor, i).uuid;
      if (!is_covered (accessory, &attribute, BLE_ACCESS_READ) &&
          !is_covered (accessory, &attribute, BLE_ACCESS_WRITE))
        continue;
      ble_uuid_format (&attribute.descriptor, uuid);
      g_variant_builder_add (&list, "s", uuid);
    }
  return g_variant_builder_end (&list);
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
      const BrokerAttribute attribute = { .service = service->uuid,
                                          .characteristic = characteristic->uuid };
      char uuid[BLE_UUID_TEXT_SIZE];
      GVariantBuilder flags;
      GVariantDict row;

      g_variant_builder_init (&flags, G_VARIANT_TYPE ("as"));
      if (add_flags (accessory, &attribute, characteristic->flags, &flags) == 0)
        {
          g_variant_builder_clear (&flags);
          continue;
        }
      ble_uuid_format (&characteristic->uuid, uuid);
      g_variant_dict_init (&row, NULL);
      g_variant_dict_insert (&row, "uuid", "s", uuid);
      g_variant_dict_insert (&row, "instance", "u", characteristic->instance);
      g_variant_dict_insert_value (&row, "flags", g_variant_builder_end (&flags));
      g_variant_dict_insert_value (&row, "descriptors",
                                   describe_descriptors (accessory, &attribute,
                                                         characteristic));
      if (characteristic->mtu > 0)
        g_variant_dict_insert (&row, "mtu", "q", characteristic->mtu);
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

void
broker_accessory_handle_get_services (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options)
{
  BrokerAccessory *accessory = object;
  g_autoptr (GError) error = NULL;
  const BrokerGrant *grant = broker_accessory_require_grant (accessory, &error);
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
