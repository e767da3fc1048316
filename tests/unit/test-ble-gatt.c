/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/gatt.h"

static void
instances_are_counted_by_uuid (void **state)
{
  g_autoptr (BleGatt) gatt = ble_gatt_new ();
  BleUuid battery = ble_uuid_from_u16 (0x180f);
  BleUuid heart_rate = ble_uuid_from_u16 (0x180d);
  BleUuid level = ble_uuid_from_u16 (0x2a19);
  BleGattService *service;
  const BleGattService *found;

  assert_int_equal (ble_gatt_add_service (gatt, 1, &battery, TRUE)->instance, 0);
  assert_int_equal (ble_gatt_add_service (gatt, 2, &heart_rate, TRUE)->instance, 0);
  service = ble_gatt_add_service (gatt, 3, &battery, FALSE);
  assert_int_equal (service->instance, 1);
  assert_int_equal (
    ble_gatt_add_characteristic (service, 4, &level, BLE_GATT_READ)->instance, 0);
  assert_int_equal (
    ble_gatt_add_characteristic (service, 5, &level, BLE_GATT_NOTIFY)->instance, 1);

  found = ble_gatt_find_service (gatt, &battery, 1);
  assert_non_null (found);
  assert_int_equal (found->id, 3);
  assert_false (found->primary);
  assert_int_equal (ble_gatt_find_characteristic (found, &level, 1)->id, 5);
  assert_int_equal (ble_gatt_find_characteristic (found, &level, 1)->flags,
                    BLE_GATT_NOTIFY);
}

static void
absent_attributes_are_not_found (void **state)
{
  g_autoptr (BleGatt) gatt = ble_gatt_new ();
  BleUuid battery = ble_uuid_from_u16 (0x180f);
  BleUuid level = ble_uuid_from_u16 (0x2a19);
  BleGattService *service = ble_gatt_add_service (gatt, 1, &battery, TRUE);

  assert_null (ble_gatt_find_service (gatt, &level, 0));
  assert_null (ble_gatt_find_service (gatt, &battery, 1));
  assert_null (ble_gatt_find_characteristic (service, &level, 0));
  ble_gatt_add_characteristic (service, 2, &level, BLE_GATT_READ);
  assert_null (ble_gatt_find_characteristic (service, &level, 1));
  assert_null (ble_gatt_find_characteristic (service, &battery, 0));
}

static void
every_list_has_an_end (void **state)
{
  g_autoptr (BleGatt) gatt = ble_gatt_new ();
  BleUuid uuid = ble_uuid_from_u16 (0x2902);
  BleGattCharacteristic *characteristic;
  BleGattService *service = NULL;

  for (guint i = 0; i < BLE_GATT_SERVICES_MAX; i++)
    service = ble_gatt_add_service (gatt, i + 1, &uuid, TRUE);
  assert_int_equal (service->instance, BLE_GATT_SERVICES_MAX - 1);
  assert_null (ble_gatt_add_service (gatt, 1000, &uuid, TRUE));

  for (guint i = 0; i < BLE_GATT_CHARACTERISTICS_MAX; i++)
    assert_non_null (ble_gatt_add_characteristic (service, i + 1, &uuid, 0));
  assert_null (ble_gatt_add_characteristic (service, 1000, &uuid, 0));

  characteristic = &g_array_index (service->characteristics, BleGattCharacteristic, 0);
  for (guint i = 0; i < BLE_GATT_DESCRIPTORS_MAX; i++)
    assert_int_equal (ble_gatt_add_descriptor (characteristic, i + 1, &uuid)->id, i + 1);
  assert_null (ble_gatt_add_descriptor (characteristic, 1000, &uuid));
}

static void
nothing_is_freed_as_nothing (void **state)
{
  ble_gatt_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (instances_are_counted_by_uuid),
    cmocka_unit_test (absent_attributes_are_not_found),
    cmocka_unit_test (every_list_has_an_end),
    cmocka_unit_test (nothing_is_freed_as_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
