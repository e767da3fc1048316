/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/sightings.h"

typedef struct
{
  gint rssi_dbm;
  BleSignal before;
  BleSignal wanted;
} SignalRow;

static const SignalRow signal_rows[] = {
  /* without a level before: the bounds */
  { -127, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_VERY_WEAK },
  { -84, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_VERY_WEAK },
  { -83, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_WEAK },
  { -77, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_WEAK },
  { -76, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_FAIR },
  { -69, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_FAIR },
  { -68, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_GOOD },
  { -58, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_GOOD },
  { -57, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_STRONG },
  { 20, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_STRONG },
  /* up: 3 dB past the bound */
  { -83, BLE_SIGNAL_VERY_WEAK, BLE_SIGNAL_VERY_WEAK },
  { -81, BLE_SIGNAL_VERY_WEAK, BLE_SIGNAL_VERY_WEAK },
  { -80, BLE_SIGNAL_VERY_WEAK, BLE_SIGNAL_WEAK },
  { -55, BLE_SIGNAL_GOOD, BLE_SIGNAL_GOOD },
  { -54, BLE_SIGNAL_GOOD, BLE_SIGNAL_STRONG },
  /* a jump stops at the last bound that it passed by 3 dB */
  { -67, BLE_SIGNAL_VERY_WEAK, BLE_SIGNAL_FAIR },
  { -30, BLE_SIGNAL_VERY_WEAK, BLE_SIGNAL_STRONG },
  /* down: the same */
  { -58, BLE_SIGNAL_STRONG, BLE_SIGNAL_STRONG },
  { -59, BLE_SIGNAL_STRONG, BLE_SIGNAL_STRONG },
  { -60, BLE_SIGNAL_STRONG, BLE_SIGNAL_GOOD },
  { -85, BLE_SIGNAL_WEAK, BLE_SIGNAL_WEAK },
  { -86, BLE_SIGNAL_WEAK, BLE_SIGNAL_VERY_WEAK },
  { -77, BLE_SIGNAL_STRONG, BLE_SIGNAL_FAIR },
  { -127, BLE_SIGNAL_STRONG, BLE_SIGNAL_VERY_WEAK },
  /* unknown is no level, and is left at once */
  { BLE_RSSI_UNKNOWN, BLE_SIGNAL_STRONG, BLE_SIGNAL_UNKNOWN },
  { BLE_RSSI_UNKNOWN, BLE_SIGNAL_UNKNOWN, BLE_SIGNAL_UNKNOWN },
};

static void
levels_have_hysteresis (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (signal_rows); i++)
    {
      const SignalRow *row = &signal_rows[i];
      BleSignal got = ble_signal_from_rssi (row->rssi_dbm, row->before);

      if (got != row->wanted)
        fail_msg ("row %u: %d dBm after %s is %s", i, row->rssi_dbm,
                  ble_signal_to_word (row->before), ble_signal_to_word (got));
    }
}

static void
every_level_has_a_word (void **state)
{
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_UNKNOWN), "unknown");
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_VERY_WEAK), "very-weak");
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_WEAK), "weak");
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_FAIR), "fair");
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_GOOD), "good");
  assert_string_equal (ble_signal_to_word (BLE_SIGNAL_STRONG), "strong");
}

/* Hears @device with @properties in the text form of GVariant. */
static const BleSighting *
hear (BleSightings *sightings,
      BleDeviceId device,
      const char *properties,
      gint64 now_us,
      guint *ret_changed)
{
  g_autoptr (BleAdvert) advert = ble_advert_new (device, 1);
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, NULL);

  assert_non_null (dict);
  ble_advert_take_properties (advert, dict);
  return ble_sightings_update (sightings, advert, now_us, ret_changed);
}

static void
update_is_merged_and_says_what_changed (void **state)
{
  g_autoptr (BleSightings) sightings = ble_sightings_new (BLE_SIGHTINGS_MAX);
  const BleSighting *sighting;
  guint changed;

  sighting =
    hear (sightings, 7, "{'Name': <'Strap'>, 'RSSI': <int16 -60>}", 10, &changed);
  assert_int_equal (changed, BLE_ADVERT_HAS_NAME | BLE_ADVERT_HAS_RSSI);
  assert_int_equal (sighting->signal, BLE_SIGNAL_GOOD);
  assert_int_equal (sighting->first_seen_us, 10);

  sighting = hear (sightings, 7, "{'RSSI': <int16 -66>}", 20, &changed);
  assert_int_equal (changed, 0); /* flickers inside its level */
  assert_int_equal (sighting->advert->rssi, -66);
  assert_int_equal (sighting->first_seen_us, 10);
  assert_int_equal (sighting->last_seen_us, 20);
  assert_string_equal (sighting->advert->name, "Strap");

  sighting = hear (sightings, 7, "{'RSSI': <int16 -90>}", 30, &changed);
  assert_int_equal (changed, BLE_ADVERT_HAS_RSSI);
  assert_int_equal (sighting->signal, BLE_SIGNAL_VERY_WEAK);

  sighting = hear (sightings, 7, "{'RSSI': <int16 127>}", 40, &changed);
  assert_int_equal (changed, BLE_ADVERT_HAS_RSSI);
  assert_int_equal (sighting->signal, BLE_SIGNAL_UNKNOWN);
  assert_false (
    ble_sighting_is_fresh (sighting, 40)); /* BlueZ does not hear it any more */

  sighting = hear (sightings, 7, "{'Connected': <true>}", 50, &changed);
  assert_int_equal (changed, BLE_ADVERT_HAS_CONNECTED);
  assert_false (ble_sighting_is_fresh (sighting, 50)); /* that is no advert */

  sighting = hear (sightings, 7, "{'Name': <'Strap'>}", 60, &changed);
  assert_int_equal (changed, BLE_ADVERT_HAS_RSSI); /* heard again is news */
  assert_true (ble_sighting_is_fresh (sighting, 60));
  assert_true (ble_sighting_is_fresh (sighting, 61 + BLE_SIGHTING_FRESH_US));

  sighting = hear (sightings, 7, "{'Bonded': <true>}", 70, &changed);
  assert_true (ble_sighting_is_fresh (sighting, 60 + BLE_SIGHTING_FRESH_US));
  assert_false (ble_sighting_is_fresh (sighting, 61 + BLE_SIGHTING_FRESH_US));
  assert_int_equal (ble_sightings_count (sightings), 1);
}

static void
longest_silent_device_goes_first (void **state)
{
  g_autoptr (BleSightings) sightings = ble_sightings_new (3);
  guint changed;

  for (guint i = 1; i <= 3; i++)
    hear (sightings, i, "{}", i, &changed);
  hear (sightings, 1, "{}", 4, &changed);
  hear (sightings, 4, "{}", 5, &changed);
  assert_int_equal (ble_sightings_count (sightings), 3);
  assert_null (ble_sightings_lookup (sightings, 2));
  assert_non_null (ble_sightings_lookup (sightings, 1));
  assert_non_null (ble_sightings_lookup (sightings, 3));
  assert_non_null (ble_sightings_lookup (sightings, 4));
}

static void
append_device (const BleSighting *sighting, gpointer user_data)
{
  g_string_append_printf (user_data, "%u ", sighting->advert->device);
}

static void
order_is_that_of_first_sight (void **state)
{
  g_autoptr (BleSightings) sightings = ble_sightings_new (BLE_SIGHTINGS_MAX);
  g_autoptr (GString) order = g_string_new (NULL);
  guint changed;

  hear (sightings, 30, "{}", 1, &changed);
  hear (sightings, 10, "{}", 2, &changed);
  hear (sightings, 20, "{}", 3, &changed);
  hear (sightings, 30, "{}", 4, &changed);
  ble_sightings_remove (sightings, 10);
  ble_sightings_remove (sightings, 99); /* nobody */
  hear (sightings, 10, "{}", 5, &changed);
  ble_sightings_foreach (sightings, append_device, order);
  assert_string_equal (order->str, "30 20 10 ");
}

static void
flood_of_advertisers_stays_in_bounds (void **state)
{
  g_autoptr (BleSightings) sightings = ble_sightings_new (BLE_SIGHTINGS_MAX);
  guint changed;

  for (guint i = 1; i <= 10000; i++)
    hear (sightings, i, "{'RSSI': <int16 -60>}", i, &changed);
  assert_int_equal (ble_sightings_count (sightings), BLE_SIGHTINGS_MAX);
  assert_non_null (ble_sightings_lookup (sightings, 10000));
  assert_null (ble_sightings_lookup (sightings, 10000 - BLE_SIGHTINGS_MAX));
  ble_sightings_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (levels_have_hysteresis),
    cmocka_unit_test (every_level_has_a_word),
    cmocka_unit_test (update_is_merged_and_says_what_changed),
    cmocka_unit_test (longest_silent_device_goes_first),
    cmocka_unit_test (order_is_that_of_first_sight),
    cmocka_unit_test (flood_of_advertisers_stays_in_bounds),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
