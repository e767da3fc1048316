/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/uuid.h"

#define HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"
#define NORDIC     "00001530-1212-efde-1523-785feabcd123"

typedef struct
{
  const char *text;
  const char *canonical; /* NULL: refused */
} ParseRow;

static const ParseRow parse_rows[] = {
  { "180d", HEART_RATE },
  { "180D", HEART_RATE },
  { "0x180d", HEART_RATE },
  { "0X180D", HEART_RATE },
  { "0000180d", HEART_RATE },
  { "0x0000180D", HEART_RATE },
  { HEART_RATE, HEART_RATE },
  { "0000180D-0000-1000-8000-00805F9B34FB", HEART_RATE },
  { NORDIC, NORDIC },
  { "12345678", "12345678-0000-1000-8000-00805f9b34fb" },

  { "", NULL },
  { "0", NULL },
  { "0x", NULL },
  { "x180d", NULL },
  { "18d", NULL },
  { "180g", NULL },
  { "180d ", NULL },
  { " 180d", NULL },
  { "+180", NULL },
  { "-180d", NULL },
  { "0x180", NULL },
  { "0x0x180d", NULL },
  { "00180d", NULL },
  { "1800000d0", NULL },
  { "0000180d00001000800000805f9b34fb", NULL },
  { "{0000180d-0000-1000-8000-00805f9b34fb}", NULL },
  { "0000180d-0000-1000-8000-00805f9b34f", NULL },
  { "0000180d-0000-1000-8000-00805f9b34fb0", NULL },
  { "0000180d-0000-1000-8000-00805f9b34fg", NULL },
  { "0000180d00-00-1000-8000-00805f9b34fb", NULL },
  { "0000180d-0000-1000-8000+00805f9b34fb", NULL },
};

static void
every_spelling_has_one_canonical_form (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (parse_rows); i++)
    {
      const ParseRow *row = &parse_rows[i];
      char text[BLE_UUID_TEXT_SIZE];
      BleUuid uuid;

      if (ble_uuid_parse (row->text, &uuid) != (row->canonical != NULL))
        fail_msg ("row %u: '%s'", i, row->text);
      if (row->canonical == NULL)
        continue;
      ble_uuid_format (&uuid, text);
      assert_string_equal (text, row->canonical);
    }
}

static void
refused_text_leaves_the_result_alone (void **state)
{
  BleUuid uuid = ble_uuid_from_u16 (0x2a37);
  BleUuid before = uuid;

  assert_false (ble_uuid_parse ("0000180d-0000-1000-8000-00805f9b34fx", &uuid));
  assert_false (ble_uuid_parse ("18zz", &uuid));
  assert_true (ble_uuid_equal (&uuid, &before));
}

static void
only_uuids_on_the_base_are_short (void **state)
{
  char text[BLE_UUID_TEXT_SIZE];
  guint16 value = 0;
  BleUuid uuid;

  assert_true (ble_uuid_parse (HEART_RATE, &uuid));
  assert_true (ble_uuid_to_u16 (&uuid, &value));
  assert_int_equal (value, 0x180d);
  ble_uuid_format_short (&uuid, text);
  assert_string_equal (text, "180d");

  assert_true (ble_uuid_parse ("12345678", &uuid));
  assert_false (ble_uuid_to_u16 (&uuid, &value));
  assert_true (ble_uuid_parse (NORDIC, &uuid));
  assert_false (ble_uuid_to_u16 (&uuid, &value));
  ble_uuid_format_short (&uuid, text);
  assert_string_equal (text, NORDIC);
  assert_int_equal (value, 0x180d);
}

static void
order_and_hash_agree_with_equality (void **state)
{
  BleUuid low = ble_uuid_from_u16 (0x180d);
  BleUuid high = ble_uuid_from_u16 (0x180f);
  BleUuid same;

  assert_true (ble_uuid_parse (HEART_RATE, &same));
  assert_true (ble_uuid_compare (&low, &high) < 0);
  assert_true (ble_uuid_compare (&high, &low) > 0);
  assert_int_equal (ble_uuid_compare (&low, &same), 0);
  assert_true (ble_uuid_equal (&low, &same));
  assert_false (ble_uuid_equal (&low, &high));
  assert_int_equal (ble_uuid_hash (&low), ble_uuid_hash (&same));
}

static void
hash_spreads_short_uuids (void **state)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint value = 0; value <= G_MAXUINT16; value++)
    {
      BleUuid uuid = ble_uuid_from_u16 ((guint16) value);

      g_hash_table_add (seen, GUINT_TO_POINTER (ble_uuid_hash (&uuid)));
    }
  assert_true (g_hash_table_size (seen) > 65000);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_spelling_has_one_canonical_form),
    cmocka_unit_test (refused_text_leaves_the_result_alone),
    cmocka_unit_test (only_uuids_on_the_base_are_short),
    cmocka_unit_test (order_and_hash_agree_with_equality),
    cmocka_unit_test (hash_spreads_short_uuids),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
