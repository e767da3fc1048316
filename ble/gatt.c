/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/gatt.h"

/* Bluetooth Assigned Numbers, 3.4.2. */
static const guint16 indicated[] = { 0x1809, 0x1810, 0x181b, 0x181d, 0x1822 };

gboolean
ble_gatt_is_indicated (const BleUuid *service)
{
  for (gsize i = 0; i < G_N_ELEMENTS (indicated); i++)
    {
      BleUuid uuid = ble_uuid_from_u16 (indicated[i]);

      if (ble_uuid_equal (service, &uuid))
        return TRUE;
    }
  return FALSE;
}

static void
clear_characteristic (gpointer data)
{
  BleGattCharacteristic *characteristic = data;

  g_array_unref (characteristic->descriptors);
}

static void
clear_service (gpointer data)
{
  BleGattService *service = data;

  g_array_unref (service->characteristics);
}

/* An empty list whose elements are undone with @clear, or NULL for plain values. */
static GArray *
new_list (guint element_size, GDestroyNotify clear)
{
  GArray *list = g_array_new (FALSE, FALSE, element_size);

  g_array_set_clear_func (list, clear);
  return list;
}

BleGatt *
ble_gatt_new (void)
{
  BleGatt *gatt = g_new0 (BleGatt, 1);

  gatt->services = new_list (sizeof (BleGattService), clear_service);
  return gatt;
}

void
ble_gatt_free (BleGatt *gatt)
{
  if (gatt == NULL)
    return;
  g_array_unref (gatt->services);
  g_free (gatt);
}

BleGattService *
ble_gatt_add_service (BleGatt *gatt,
                      BleAttributeId id,
                      const BleUuid *uuid,
                      gboolean primary)
{
  BleGattService service = { .id = id, .uuid = *uuid, .primary = primary };
  GArray *list = gatt->services;
  BleGattService *added;

  if (list->len >= BLE_GATT_SERVICES_MAX)
    return NULL;
  for (guint i = 0; i < list->len; i++)
    if (ble_uuid_equal (&g_array_index (list, BleGattService, i).uuid, uuid))
      service.instance++;
  g_array_append_val (list, service);
  added = &g_array_index (list, BleGattService, list->len - 1);
  added->characteristics =
    new_list (sizeof (BleGattCharacteristic), clear_characteristic);
  return added;
}

BleGattCharacteristic *
ble_gatt_add_characteristic (BleGattService *service,
                             BleAttributeId id,
                             const BleUuid *uuid,
                             guint flags)
{
  BleGattCharacteristic characteristic = { .id = id, .uuid = *uuid, .flags = flags };
  GArray *list = service->characteristics;
  BleGattCharacteristic *added;

  if (list->len >= BLE_GATT_CHARACTERISTICS_MAX)
    return NULL;
  for (guint i = 0; i < list->len; i++)
    if (ble_uuid_equal (&g_array_index (list, BleGattCharacteristic, i).uuid, uuid))
      characteristic.instance++;
  g_array_append_val (list, characteristic);
  added = &g_array_index (list, BleGattCharacteristic, list->len - 1);
  added->descriptors = new_list (sizeof (BleGattDescriptor), NULL);
  return added;
}

BleGattDescriptor *
ble_gatt_add_descriptor (BleGattCharacteristic *characteristic,
                         BleAttributeId id,
                         const BleUuid *uuid)
{
  BleGattDescriptor descriptor = { .id = id, .uuid = *uuid };
  GArray *list = characteristic->descriptors;

  if (list->len >= BLE_GATT_DESCRIPTORS_MAX)
    return NULL;
  g_array_append_val (list, descriptor);
  return &g_array_index (list, BleGattDescriptor, list->len - 1);
}

const BleGattService *
ble_gatt_find_service (const BleGatt *gatt, const BleUuid *service, guint instance)
{
  for (guint i = 0; i < gatt->services->len; i++)
    {
      const BleGattService *found = &g_array_index (gatt->services, BleGattService, i);

      if (found->instance == instance && ble_uuid_equal (&found->uuid, service))
        return found;
    }
  return NULL;
}

const BleGattCharacteristic *
ble_gatt_find_characteristic (const BleGattService *service,
                              const BleUuid *characteristic,
                              guint instance)
{
  const GArray *list = service->characteristics;

  for (guint i = 0; i < list->len; i++)
    {
      const BleGattCharacteristic *found =
        &g_array_index (list, BleGattCharacteristic, i);

      if (found->instance == instance && ble_uuid_equal (&found->uuid, characteristic))
        return found;
    }
  return NULL;
}

const BleGattDescriptor *
ble_gatt_find_descriptor (const BleGattCharacteristic *characteristic,
                          const BleUuid *descriptor)
{
  const GArray *list = characteristic->descriptors;

  for (guint i = 0; i < list->len; i++)
    if (ble_uuid_equal (&g_array_index (list, BleGattDescriptor, i).uuid, descriptor))
      return &g_array_index (list, BleGattDescriptor, i);
  return NULL;
}

gboolean
ble_gatt_is_configuration (const BleUuid *descriptor)
{
  guint16 value;

  return ble_uuid_to_u16 (descriptor, &value) && (value == 0x2902 || value == 0x2903);
}
