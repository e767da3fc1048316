/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/names.h"

#define SERVICES_MAX 3

typedef struct
{
  guint16 appearance;
  guint16 services[SERVICES_MAX]; /* ends at 0 */
  BleKind kind;
} KindRow;

static const KindRow kind_rows[] = {
  { 0x0000, { 0 }, BLE_KIND_UNKNOWN },
  { 0x0341, { 0 }, BLE_KIND_HEART_RATE },
  { 0x0340, { 0x180f }, BLE_KIND_HEART_RATE },
  { 0x0000, { 0x180f, 0x180d }, BLE_KIND_HEART_RATE },
  { 0x0485, { 0 }, BLE_KIND_CYCLING },
  { 0x0000, { 0x180f, 0x1818 }, BLE_KIND_CYCLING },
  { 0x0441, { 0 }, BLE_KIND_RUNNING },
  { 0x0300, { 0 }, BLE_KIND_THERMOMETER },
  { 0x0c80, { 0 }, BLE_KIND_WEIGHT_SCALE },
  { 0x0380, { 0 }, BLE_KIND_BLOOD_PRESSURE },
  { 0x0400, { 0 }, BLE_KIND_GLUCOSE },
  { 0x0d00, { 0 }, BLE_KIND_GLUCOSE },
  { 0x0c40, { 0 }, BLE_KIND_PULSE_OXIMETER },
  { 0x0000, { 0x1826 }, BLE_KIND_FITNESS_MACHINE },
  { 0x03c1, { 0x1812 }, BLE_KIND_KEYBOARD },
  { 0x03c2, { 0 }, BLE_KIND_MOUSE },
  { 0x03c4, { 0 }, BLE_KIND_OTHER_INPUT },
  { 0x00c1, { 0 }, BLE_KIND_WATCH },
  { 0x0040, { 0 }, BLE_KIND_PHONE },
  { 0x0083, { 0 }, BLE_KIND_COMPUTER },
  { 0x0200, { 0 }, BLE_KIND_TAG },
  { 0x0541, { 0 }, BLE_KIND_SENSOR },
  { 0x0a40, { 0 }, BLE_KIND_HEARING_AID },
  { 0x07c0, { 0 }, BLE_KIND_LIGHT },
  /* what can type is seen as such, whatever else it has */
  { 0x0000, { 0x180d, 0x1812 }, BLE_KIND_OTHER_INPUT },
  /* an appearance that says nothing leaves it to the services */
  { 0xffc0, { 0x180d }, BLE_KIND_HEART_RATE },
  { 0xffff, { 0x180f }, BLE_KIND_UNKNOWN },
};

static void
kind_follows_appearance_then_services (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_rows); i++)
    {
      const KindRow *row = &kind_rows[i];
      BleUuid services[SERVICES_MAX];
      BleKind kind;
      guint n = 0;

      for (; n < SERVICES_MAX && row->services[n] != 0; n++)
        services[n] = ble_uuid_from_u16 (row->services[n]);
      kind = ble_kind_guess (row->appearance, services, n);
      if (kind != row->kind)
        fail_msg ("row %u: %s", i, ble_kind_to_word (kind));
    }
}

static void
every_kind_has_a_word_and_a_label (void **state)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint kind = BLE_KIND_UNKNOWN; kind <= BLE_KIND_LIGHT; kind++)
    {
      assert_non_null (ble_kind_to_label ((BleKind) kind));
      g_hash_table_add (words, (gpointer) ble_kind_to_word ((BleKind) kind));
    }
  assert_int_equal (g_hash_table_size (words), BLE_KIND_LIGHT + 1);
  assert_string_equal (ble_kind_to_word (BLE_KIND_HEART_RATE), "heart-rate");
  assert_string_equal (ble_kind_to_label (BLE_KIND_HEART_RATE), "Heart-rate monitor");
}

typedef struct
{
  const char *uuid;
  const char *label;
} LabelRow;

static const LabelRow label_rows[] = {
  { "1800", "Generic Access" },
  { "180d", "Heart Rate" },
  { "180f", "Battery" },
  { "0000180a-0000-1000-8000-00805f9b34fb", "Device Information" },
  { "1859", "Mesh Proxy Solicitation" },
  { "0000", NULL },
  { "180b", NULL }, /* never assigned */
  { "ffff", NULL },
  { "0000180d-0000-1000-8000-00805f9b34fc", NULL },
};

static void
only_assigned_services_have_a_name (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (label_rows); i++)
    {
      const char *label;
      BleUuid uuid;

      assert_true (ble_uuid_parse (label_rows[i].uuid, &uuid));
      label = ble_service_to_label (&uuid);
      if (g_strcmp0 (label, label_rows[i].label) != 0)
        fail_msg ("%s: %s", label_rows[i].uuid, label);
    }
}

/* The look-up halves a sorted table: a row out of order would never be found. */
static void
table_of_services_is_sorted (void **state)
{
  guint n = 0;

  for (guint value = 0; value <= G_MAXUINT16; value++)
    {
      BleUuid uuid = ble_uuid_from_u16 ((guint16) value);

      n += ble_service_to_label (&uuid) != NULL;
    }
  assert_int_equal (n, 68);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (kind_follows_appearance_then_services),
    cmocka_unit_test (every_kind_has_a_word_and_a_label),
    cmocka_unit_test (only_assigned_services_have_a_name),
    cmocka_unit_test (table_of_services_is_sorted),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
