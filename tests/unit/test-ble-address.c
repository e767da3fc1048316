/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/address.h"

typedef struct
{
  const char *text;
  BleAddressType type;
  gboolean good;
  gboolean is_identity;
} AddressRow;

static const AddressRow address_rows[] = {
  { "00:AA:01:01:00:01", BLE_ADDRESS_PUBLIC, TRUE, TRUE },
  { "C4:64:E3:01:02:03", BLE_ADDRESS_RANDOM, TRUE, TRUE },
  { "ff:ff:ff:ff:ff:ff", BLE_ADDRESS_RANDOM, TRUE, TRUE },
  /* resolvable and non-resolvable private */
  { "44:64:E3:01:02:03", BLE_ADDRESS_RANDOM, TRUE, FALSE },
  { "04:64:E3:01:02:03", BLE_ADDRESS_RANDOM, TRUE, FALSE },
  { "C4:64:E3:01:02:03", BLE_ADDRESS_NONE, TRUE, FALSE },

  { "", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4:64:E3:01:02", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4:64:E3:01:02:", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4:64:E3:01:02:0", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4:64:E3:01:02:03:", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4:64:E3:01:02:03:04", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C4-64-E3-01-02-03", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "C464E3010203", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { "G4:64:E3:01:02:03", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
  { " C4:64:E3:01:02:03", BLE_ADDRESS_PUBLIC, FALSE, FALSE },
};

static void
only_six_pairs_of_digits_are_an_address (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (address_rows); i++)
    {
      const AddressRow *row = &address_rows[i];
      g_autofree char *upper = g_ascii_strup (row->text, -1);
      char text[BLE_ADDRESS_TEXT_SIZE];
      BleAddress address = { { 1, 2, 3, 4, 5, 6 }, BLE_ADDRESS_NONE };

      if (ble_address_parse (row->text, row->type, &address) != row->good)
        fail_msg ("row %u: '%s'", i, row->text);
      if (!row->good)
        {
          assert_int_equal (address.octets[0], 1); /* untouched */
          continue;
        }
      ble_address_format (&address, text);
      assert_string_equal (text, upper);
      if (ble_address_is_identity (&address) != row->is_identity)
        fail_msg ("row %u: '%s' as an identity", i, row->text);
    }
}

static void
type_is_part_of_an_address (void **state)
{
  BleAddress public;
  BleAddress random;
  BleAddress other;

  assert_true (ble_address_parse ("C4:64:E3:01:02:03", BLE_ADDRESS_PUBLIC, &public));
  assert_true (ble_address_parse ("C4:64:E3:01:02:03", BLE_ADDRESS_RANDOM, &random));
  assert_true (ble_address_parse ("C4:64:E3:01:02:04", BLE_ADDRESS_PUBLIC, &other));
  assert_true (ble_address_equal (&public, &public));
  assert_false (ble_address_equal (&public, &random));
  assert_false (ble_address_equal (&public, &other));
  assert_int_not_equal (ble_address_hash (&public), ble_address_hash (&random));
  assert_int_not_equal (ble_address_hash (&public), ble_address_hash (&other));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (only_six_pairs_of_digits_are_an_address),
    cmocka_unit_test (type_is_part_of_an_address),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
