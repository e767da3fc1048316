/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "ble/advert.h"

/* What a real strap looks like to BlueZ. */
#define STRAP                                                                         \
  "{'Address': <'C4:64:E3:01:02:03'>, 'AddressType': <'random'>, 'Name': <'Strap'>, " \
  "'Alias': <'Strap'>, 'Appearance': <uint16 833>, 'RSSI': <int16 -60>, "             \
  "'TxPower': <int16 4>, 'Paired': <false>, 'Bonded': <false>, 'Connected': <true>, " \
  "'ServicesResolved': <true>, 'Blocked': <false>, "                                  \
  "'UUIDs': <['0000180f-0000-1000-8000-00805f9b34fb', "                               \
  "'0000180d-0000-1000-8000-00805f9b34fb']>, "                                        \
  "'ManufacturerData': <{uint16 107: <[byte 1, 2]>, uint16 76: <[byte 2, 21]>}>, "    \
  "'ServiceData': <{'0000feaa-0000-1000-8000-00805f9b34fb': <[byte 0]>}>}"

static guint
take (BleAdvert *advert, const char *text)
{
  g_autoptr (GVariant) dict = g_variant_parse (NULL, text, NULL, NULL, NULL);

  if (dict == NULL)
    fail_msg ("the test's own text does not parse: %s", text);
  return ble_advert_take_properties (advert, dict);
}

static BleAdvert *
new_advert (const char *text)
{
  BleAdvert *advert = ble_advert_new (1, 1);

  take (advert, text);
  return advert;
}

static void
every_property_is_taken (void **state)
{
  g_autoptr (BleAdvert) advert = ble_advert_new (5, 2);
  BleUuid heart_rate = ble_uuid_from_u16 (0x180d);
  char address[BLE_ADDRESS_TEXT_SIZE];

  assert_int_equal (advert->rssi, BLE_RSSI_UNKNOWN);
  assert_int_equal (take (advert, STRAP), (1 << 10) - 1);
  assert_int_equal (advert->fields, (1 << 10) - 1);
  assert_int_equal (advert->device, 5);
  assert_int_equal (advert->adapter, 2);
  ble_address_format (&advert->address, address);
  assert_string_equal (address, "C4:64:E3:01:02:03");
  assert_int_equal (advert->address.type, BLE_ADDRESS_RANDOM);
  assert_string_equal (advert->name, "Strap");
  assert_int_equal (advert->appearance, 0x0341);
  assert_int_equal (advert->rssi, -60);
  assert_true (advert->connected);
  assert_true (advert->resolved);
  assert_false (advert->bonded);
  assert_int_equal (advert->n_services, 2);
  assert_true (ble_uuid_equal (&advert->services[0], &heart_rate)); /* sorted */
  assert_int_equal (advert->n_manufacturer, 2);
  assert_int_equal (advert->manufacturer[0].company, 0x004c);
  assert_int_equal (advert->manufacturer[1].company, 0x006b);
  assert_int_equal (advert->manufacturer[1].length, 2);
  assert_int_equal (advert->manufacturer[1].octets[1], 2);
  assert_int_equal (advert->n_service_data, 1);
  assert_int_equal (advert->service_data[0].length, 1);
}

typedef struct
{
  const char *text;
  guint fields; /* taken */
} PropertyRow;

static const PropertyRow property_rows[] = {
  { "@a{sv} {}", 0 },
  { "{'Address': <'C4:64:E3:01:02:03'>}", BLE_ADVERT_HAS_ADDRESS },
  { "{'Address': <'C4:64:E3:01:02'>}", 0 },
  { "{'Address': <1>}", 0 },
  { "{'Address': <['C4:64:E3:01:02:03']>}", 0 },
  { "{'AddressType': <'random'>}", 0 }, /* of no address */
  { "{'AddressType': <'random'>, 'Address': <'C4:64:E3:01:02:03'>}",
    BLE_ADVERT_HAS_ADDRESS },
  { "{'AddressType': <'anonymous'>}", 0 },
  { "{'Name': <'x'>}", BLE_ADVERT_HAS_NAME },
  { "{'Name': <''>}", 0 },
  { "{'Name': <b'x'>}", 0 },
  { "{'Name': <<'x'>>}", 0 },
  { "{'Alias': <'C4-64-E3-01-02-03'>}", 0 },
  { "{'Appearance': <uint16 833>}", BLE_ADVERT_HAS_APPEARANCE },
  { "{'Appearance': <833>}", 0 },
  { "{'RSSI': <int16 -60>}", BLE_ADVERT_HAS_RSSI },
  { "{'RSSI': <int16 127>}", BLE_ADVERT_HAS_RSSI },
  { "{'RSSI': <int16 20>}", BLE_ADVERT_HAS_RSSI },
  { "{'RSSI': <int16 21>}", 0 },
  { "{'RSSI': <int16 -127>}", BLE_ADVERT_HAS_RSSI },
  { "{'RSSI': <int16 -128>}", 0 },
  { "{'RSSI': <-60>}", 0 },
  { "{'RSSI': <'-60'>}", 0 },
  { "{'UUIDs': <['180d']>}", BLE_ADVERT_HAS_SERVICES },
  { "{'UUIDs': <@as []>}", BLE_ADVERT_HAS_SERVICES },
  { "{'UUIDs': <['180d', 'heart rate']>}", 0 },
  { "{'UUIDs': <'180d'>}", 0 },
  { "{'UUIDs': <[<'180d'>]>}", 0 },
  { "{'ManufacturerData': <{uint16 76: <@ay []>}>}", BLE_ADVERT_HAS_MANUFACTURER },
  { "{'ManufacturerData': <@a{qv} {}>}", BLE_ADVERT_HAS_MANUFACTURER },
  { "{'ManufacturerData': <{uint16 76: <'text'>}>}", 0 },
  { "{'ManufacturerData': <{uint16 76: <[1, 2]>}>}", 0 },
  { "{'ManufacturerData': <{uint16 76: <<[byte 1]>>}>}", 0 },
  { "{'ManufacturerData': <{uint16 1: <[byte 1]>, uint16 2: <true>}>}", 0 },
  { "{'ManufacturerData': <{76: <[byte 1]>}>}", 0 },
  { "{'ManufacturerData': <[byte 1]>}", 0 },
  { "{'ServiceData': <{'feaa': <[byte 1]>}>}", BLE_ADVERT_HAS_SERVICE_DATA },
  { "{'ServiceData': <{'fea': <[byte 1]>}>}", 0 },
  { "{'ServiceData': <{'feaa': <1>}>}", 0 },
  { "{'ServiceData': <{'feaa': <[byte 1]>, '': <[byte 1]>}>}", 0 },
  { "{'ServiceData': <{uint16 1: <[byte 1]>}>}", 0 },
  { "{'Connected': <false>}", BLE_ADVERT_HAS_CONNECTED },
  { "{'Connected': <1>}", 0 },
  { "{'ServicesResolved': <'yes'>}", 0 },
  { "{'Paired': <true>}", BLE_ADVERT_HAS_BONDED },
  { "{'Bonded': <byte 1>}", 0 },
  { "{'rssi': <int16 -60>, '': <0>, 'Rssi ': <int16 -60>}", 0 },
  /* one bad property does not take others with it */
  { "{'Name': <1>, 'RSSI': <int16 -60>, 'UUIDs': <5>}", BLE_ADVERT_HAS_RSSI },
  /* no dictionary of properties */
  { "'RSSI'", 0 },
  { "{'RSSI': int16 -60}", 0 },
  { "[<int16 -60>]", 0 },
  { "()", 0 },
};

static void
malformed_properties_are_left_out_one_by_one (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (property_rows); i++)
    {
      g_autoptr (BleAdvert) advert = ble_advert_new (1, 1);
      guint taken = take (advert, property_rows[i].text);

      if (taken != property_rows[i].fields || advert->fields != taken)
        fail_msg ("%s: 0x%x", property_rows[i].text, taken);
    }
}

static void
refused_property_leaves_the_old_value (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert (STRAP);

  take (advert, "{'Name': <''>, 'RSSI': <int16 99>, 'UUIDs': <['x']>, "
                "'ManufacturerData': <{uint16 76: <0>}>, 'Address': <'?'>}");
  assert_string_equal (advert->name, "Strap");
  assert_int_equal (advert->rssi, -60);
  assert_int_equal (advert->n_services, 2);
  assert_int_equal (advert->n_manufacturer, 2);
  assert_true (ble_address_is_identity (&advert->address));
}

static void
bonded_outweighs_paired_in_either_order (void **state)
{
  g_autoptr (BleAdvert) first = new_advert ("{'Paired': <true>, 'Bonded': <false>}");
  g_autoptr (BleAdvert) second = new_advert ("{'Bonded': <false>, 'Paired': <true>}");
  g_autoptr (BleAdvert) third = new_advert ("{'Paired': <true>}");

  assert_false (first->bonded);
  assert_false (second->bonded);
  assert_true (third->bonded);
}

static void
type_alone_changes_a_known_address (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert ("{'Address': <'44:64:E3:01:02:03'>}");

  assert_int_equal (advert->address.type, BLE_ADDRESS_NONE);
  assert_int_equal (take (advert, "{'AddressType': <'public'>}"), BLE_ADVERT_HAS_ADDRESS);
  assert_int_equal (advert->address.type, BLE_ADDRESS_PUBLIC);
}

/* A dictionary with one property @name of @n elements of @element, which holds one
 * "%u". */
static guint
take_list (const char *name,
           const char *open,
           const char *element,
           const char *close,
           guint n)
{
  g_autoptr (BleAdvert) advert = ble_advert_new (1, 1);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "{'%s': <%s", name, open);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) around = g_strsplit (element, "%u", 2);

      g_string_append_printf (text, "%s%s%u%s", i > 0 ? ", " : "", around[0], 1000 + i,
                              around[1]);
    }
  g_string_append_printf (text, "%s>}", close);
  return take (advert, text->str);
}

static void
lists_have_limits (void **state)
{
  assert_int_equal (take_list ("UUIDs", "[", "'%u'", "]", BLE_ADVERT_SERVICES_MAX),
                    BLE_ADVERT_HAS_SERVICES);
  assert_int_equal (take_list ("UUIDs", "[", "'%u'", "]", BLE_ADVERT_SERVICES_MAX + 1),
                    0);
  assert_int_equal (take_list ("UUIDs", "[", "'%u'", "]", 5000), 0);
  assert_int_equal (take_list ("ManufacturerData", "{", "uint16 %u: <[byte 1]>", "}",
                               BLE_ADVERT_DATA_MAX),
                    BLE_ADVERT_HAS_MANUFACTURER);
  assert_int_equal (take_list ("ManufacturerData", "{", "uint16 %u: <[byte 1]>", "}",
                               BLE_ADVERT_DATA_MAX + 1),
                    0);
  assert_int_equal (take_list ("ServiceData", "{", "'%u': <[byte 1]>", "}",
                               BLE_ADVERT_DATA_MAX),
                    BLE_ADVERT_HAS_SERVICE_DATA);
  assert_int_equal (
    take_list ("ServiceData", "{", "'%u': <[byte 1]>", "}", BLE_ADVERT_DATA_MAX + 1), 0);
}

static GVariant *
new_payload (gsize length)
{
  g_autofree guint8 *octets = g_malloc0 (length);
  GVariantDict dict;
  GVariantBuilder data;

  g_variant_builder_init (&data, G_VARIANT_TYPE ("a{qv}"));
  g_variant_builder_add (&data, "{qv}", 76,
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets, length,
                                                    1));
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "ManufacturerData", g_variant_builder_end (&data));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
payloads_and_names_have_limits (void **state)
{
  g_autoptr (GVariant) longest = new_payload (BLE_ADVERT_PAYLOAD_MAX);
  g_autoptr (GVariant) too_long = new_payload (BLE_ADVERT_PAYLOAD_MAX + 1);
  g_autofree char *letters = g_strnfill (BLE_ADVERT_NAME_MAX, 'x');
  g_autofree char *good = g_strdup_printf ("{'Name': <'%s'>}", letters);
  g_autofree char *bad = g_strdup_printf ("{'Name': <'%sx'>}", letters);
  g_autoptr (BleAdvert) advert = ble_advert_new (1, 1);

  assert_int_equal (ble_advert_take_properties (advert, too_long), 0);
  assert_int_equal (ble_advert_take_properties (advert, longest),
                    BLE_ADVERT_HAS_MANUFACTURER);
  assert_int_equal (advert->manufacturer[0].length, BLE_ADVERT_PAYLOAD_MAX);
  assert_int_equal (take (advert, bad), 0);
  assert_int_equal (take (advert, good), BLE_ADVERT_HAS_NAME);
}

static void
services_are_kept_once (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert (
    "{'UUIDs': <['180f', '180d', '0000180F-0000-1000-8000-00805F9B34FB', '180d']>}");

  assert_int_equal (advert->n_services, 2);
}

static void
merge_says_what_really_changed (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert (STRAP);
  g_autoptr (BleAdvert) same = new_advert (STRAP);
  g_autoptr (BleAdvert) reordered =
    new_advert ("{'UUIDs': <['180d', '180f']>, 'ManufacturerData': "
                "<{uint16 76: <[byte 2, 21]>, uint16 107: <[byte 1, 2]>}>}");
  g_autoptr (BleAdvert) changed = new_advert (
    "{'Name': <'Strip'>, 'RSSI': <int16 -60>, 'Connected': <false>, "
    "'Appearance': <uint16 0>, 'ServicesResolved': <false>, 'Bonded': <true>, "
    "'UUIDs': <['180d']>, 'ServiceData': <{'feaa': <[byte 1]>}>, "
    "'ManufacturerData': <{uint16 76: <[byte 2]>}>, "
    "'Address': <'C4:64:E3:01:02:04'>}");

  assert_int_equal (ble_advert_merge (advert, same), 0);
  assert_int_equal (ble_advert_merge (advert, reordered), 0);
  changed->adapter = 9;
  assert_int_equal (ble_advert_merge (advert, changed),
                    changed->fields & ~(guint) BLE_ADVERT_HAS_RSSI);
  assert_int_equal (advert->adapter, 9);
  assert_string_equal (advert->name, "Strip");
  assert_int_equal (advert->n_services, 1);
  assert_int_equal (advert->n_manufacturer, 1);
  assert_int_equal (advert->service_data[0].octets[0], 1);
  assert_true (advert->bonded);
}

static void
copy_is_whole_and_apart (void **state)
{
  g_autoptr (BleAdvert) copy = NULL;
  BleAdvert *advert = new_advert (STRAP);
  g_autoptr (BleAdvert) same = new_advert (STRAP);

  copy = ble_advert_copy (advert);
  ble_advert_free (advert);
  assert_int_equal (copy->fields, same->fields);
  assert_int_equal (ble_advert_merge (copy, same), 0);
  ble_advert_free (NULL);
}

static void
dropped_property_is_forgotten (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert (STRAP);
  g_autoptr (BleAdvert) nothing = ble_advert_new (1, 1);

  assert_int_equal (ble_advert_drop_property (advert, "RSSI"), BLE_ADVERT_HAS_RSSI);
  assert_int_equal (advert->rssi, BLE_RSSI_UNKNOWN);
  assert_int_equal (ble_advert_drop_property (advert, "RSSI"), 0); /* gone already */
  assert_int_equal (ble_advert_drop_property (advert, "Icon"), 0);
  assert_int_equal (ble_advert_drop_property (advert, "ManufacturerData"),
                    BLE_ADVERT_HAS_MANUFACTURER);
  assert_null (advert->manufacturer);
  assert_non_null (advert->name);
  ble_advert_drop_fields (advert, advert->fields);
  assert_memory_equal (advert, nothing, sizeof *nothing);
}

static void
service_is_had_by_list_or_by_data (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert (STRAP);
  BleUuid listed = ble_uuid_from_u16 (0x180f);
  BleUuid keyed = ble_uuid_from_u16 (0xfeaa);
  BleUuid absent = ble_uuid_from_u16 (0x1812);

  assert_true (ble_advert_has_service (advert, &listed));
  assert_true (ble_advert_has_service (advert, &keyed));
  assert_false (ble_advert_has_service (advert, &absent));
  assert_true (ble_advert_lists_service (advert, &listed));
  assert_false (ble_advert_lists_service (advert, &keyed));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_property_is_taken),
    cmocka_unit_test (malformed_properties_are_left_out_one_by_one),
    cmocka_unit_test (refused_property_leaves_the_old_value),
    cmocka_unit_test (bonded_outweighs_paired_in_either_order),
    cmocka_unit_test (type_alone_changes_a_known_address),
    cmocka_unit_test (lists_have_limits),
    cmocka_unit_test (payloads_and_names_have_limits),
    cmocka_unit_test (services_are_kept_once),
    cmocka_unit_test (merge_says_what_really_changed),
    cmocka_unit_test (copy_is_whole_and_apart),
    cmocka_unit_test (dropped_property_is_forgotten),
    cmocka_unit_test (service_is_had_by_list_or_by_data),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
