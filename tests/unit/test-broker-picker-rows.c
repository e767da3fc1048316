/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "broker/picker-rows.h"

static void
take (BrokerPickerRows *rows, BleDeviceId device, guint item, const char *properties)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, NULL);
  g_autoptr (BleAdvert) advert = ble_advert_new (device, 1);
  BleSighting sighting = { advert, BLE_SIGNAL_STRONG, 1, 1 };

  assert_non_null (dict);
  ble_advert_take_properties (advert, dict);
  broker_picker_rows_take (rows, item, NULL, &sighting, FALSE);
}

/* What UpdateRows would carry, as text without the random ids; "" for nothing. */
static char *
drain (BrokerPickerRows *rows)
{
  g_autoptr (GVariant) changed = broker_picker_rows_drain (rows);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; changed != NULL && i < g_variant_n_children (changed); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (changed, i);
      const char *name = NULL, *tail = NULL, *kind = NULL;
      gboolean heard = FALSE, connected = FALSE, gone = FALSE;
      guint32 item = 0;

      if (g_variant_lookup (row, "gone", "b", &gone) && gone)
        {
          assert_int_equal (g_variant_n_children (row), 2);
          g_string_append (text, "[gone]");
          continue;
        }
      assert_true (g_variant_lookup (row, "name", "&s", &name));
      assert_true (g_variant_lookup (row, "tail", "&s", &tail));
      assert_true (g_variant_lookup (row, "kind", "&s", &kind));
      assert_true (g_variant_lookup (row, "item", "u", &item));
      assert_true (g_variant_lookup (row, "heard", "b", &heard));
      assert_true (g_variant_lookup (row, "connected", "b", &connected));
      g_string_append_printf (text, "[%u %s%s %s%s%s]", item, name,
                              tail[0] != '\0' ? " +tail" : "", kind,
                              heard ? " heard" : "", connected ? " connected" : "");
    }
  return g_string_free (text, FALSE);
}

static void
assert_drained (BrokerPickerRows *rows, const char *expected)
{
  g_autofree char *text = drain (rows);

  assert_string_equal (text, expected);
}

#define STRAP "{'Name': <'Polar H10'>, 'Appearance': <uint16 832>, 'UUIDs': <['180d']>}"

static void
a_row_is_sent_when_it_comes_and_when_it_changes (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  assert_drained (rows, "");
  take (rows, 1, 0, STRAP);
  assert_drained (rows, "[0 Polar H10 heart-rate heard]");
  take (rows, 1, 0, STRAP);
  assert_drained (rows, "");
  take (rows, 1, 0,
        "{'Name': <'Mine'>, 'Appearance': <uint16 832>, 'UUIDs': <['180d']>}");
  assert_drained (rows, "[0 Mine heart-rate heard]");
  assert_int_equal (broker_picker_rows_count (rows), 1);
}

static void
rows_keep_their_places (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  take (rows, 7, 0, "{'Name': <'A'>}");
  take (rows, 3, 0, "{'Name': <'B'>}");
  take (rows, 5, 0, "{'Name': <'C'>}");
  take (rows, 7, 0, "{'Name': <'D'>}");
  assert_drained (rows, "[0 D unknown heard][0 B unknown heard][0 C unknown heard]");
}

typedef struct
{
  const char *properties;
  const char *name;
} NameRow;

static void
names_are_sanitised_and_those_without_say_so (void **state)
{
  static const NameRow table[] = {
    { "{'Name': <'Polar H10'>}", "Polar H10" },
    { "{'Name': <'  Polar  '>}", "Polar" },
    { "{'Name': <''>}", BLE_NAME_UNNAMED },
    { "@a{sv} {}", BLE_NAME_UNNAMED },
    { "{'Name': <'\\u202e\\u200b'>}", BLE_NAME_UNNAMED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);
      g_autofree char *expected = g_strdup_printf ("[0 %s unknown heard]", table[i].name);

      take (rows, 1, 0, table[i].properties);
      assert_drained (rows, expected);
    }
}

static void
equal_names_get_tails_and_keep_them (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  take (rows, 1, 0, "{'Name': <'Strap'>}");
  assert_drained (rows, "[0 Strap unknown heard]");
  take (rows, 2, 0, "{'Name': <'Strap'>}");
  assert_drained (rows, "[0 Strap +tail unknown heard][0 Strap +tail unknown heard]");
  take (rows, 1, 0, "{'Name': <'Other'>}");
  assert_drained (rows, "[0 Other +tail unknown heard]");
  take (rows, 3, 0, "@a{sv} {}");
  take (rows, 4, 0, "@a{sv} {}");
  assert_drained (rows, "[0 " BLE_NAME_UNNAMED " unknown heard]"
                        "[0 " BLE_NAME_UNNAMED " unknown heard]");
}

static void
a_row_belongs_to_the_first_item_that_it_satisfies (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  take (rows, 1, 2, STRAP);
  assert_drained (rows, "[2 Polar H10 heart-rate heard]");
  take (rows, 1, 1, "{'Name': <'Earlier'>}");
  assert_drained (rows, "[1 Earlier unknown heard]");
  take (rows, 1, 2, STRAP);
  assert_drained (rows, "");
}

static void
what_is_gone_stays_and_says_so (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  take (rows, 1, 0, "{'Name': <'Strap'>, 'Connected': <true>}");
  assert_drained (rows, "[0 Strap unknown heard connected]");
  broker_picker_rows_take_gone (rows, 2);
  assert_drained (rows, "");
  broker_picker_rows_take_gone (rows, 1);
  assert_drained (rows, "[0 Strap unknown]");
  broker_picker_rows_take_gone (rows, 1);
  assert_drained (rows, "");
}

static void
rows_are_found_by_a_random_id_alone (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) first = NULL;
  const char *id = NULL;

  take (rows, 42, 0, STRAP);
  changed = broker_picker_rows_drain (rows);
  first = g_variant_get_child_value (changed, 0);
  assert_true (g_variant_lookup (first, "id", "&s", &id));
  assert_int_equal (broker_picker_rows_find (rows, id)->device, 42);
  assert_null (broker_picker_rows_find (rows, "42"));
  assert_null (broker_picker_rows_find (rows, ""));
}

static void
there_are_no_more_rows_than_anybody_looks_through (void **state)
{
  g_autoptr (BrokerPickerRows) rows = broker_picker_rows_new (FALSE);

  for (guint i = 1; i <= BROKER_PICKER_ROWS_MAX + 10; i++)
    take (rows, i, 0, "@a{sv} {}");
  assert_int_equal (broker_picker_rows_count (rows), BROKER_PICKER_ROWS_MAX);
  take (rows, 1, 0, "{'Name': <'Still heard of'>}");
  broker_picker_rows_take_gone (rows, BROKER_PICKER_ROWS_MAX + 1);
  assert_int_equal (broker_picker_rows_count (rows), BROKER_PICKER_ROWS_MAX);
}

/* Rows of the devices 1 to @n, named after them, all of them sent. */
static BrokerPickerRows *
fill (guint n)
{
  BrokerPickerRows *rows = broker_picker_rows_new (FALSE);

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *properties = g_strdup_printf ("{'Name': <'%u'>}", i);

      take (rows, i, 0, properties);
    }
  g_variant_unref (broker_picker_rows_drain (rows));
  return rows;
}

/* The id of a device's row. */
static const char *
id_of (BrokerPickerRows *rows, BleDeviceId device, const char *properties)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, NULL);
  g_autoptr (BleAdvert) advert = ble_advert_new (device, 1);
  BleSighting sighting = { advert, BLE_SIGNAL_STRONG, 1, 1 };

  ble_advert_take_properties (advert, dict);
  return broker_picker_rows_take (rows, 0, NULL, &sighting, FALSE)->id;
}

#define ROWS BROKER_PICKER_ROWS_MAX

static void
what_has_been_away_longest_makes_room (void **state)
{
  g_autoptr (BrokerPickerRows) rows = fill (ROWS);
  g_autofree char *first = g_strdup (id_of (rows, 5, "{'Name': <'5'>}"));
  g_autofree char *second = g_strdup (id_of (rows, 3, "{'Name': <'3'>}"));

  broker_picker_rows_take_gone (rows, 5);
  broker_picker_rows_take_gone (rows, 3);
  broker_picker_rows_take_gone (rows, 5);
  assert_drained (rows, "[0 3 unknown][0 5 unknown]");
  take (rows, ROWS + 1, 0, "{'Name': <'New'>}");
  assert_drained (rows, "[gone][0 New unknown heard]");
  assert_null (broker_picker_rows_find (rows, first));
  assert_non_null (broker_picker_rows_find (rows, second));
  take (rows, ROWS + 2, 0, "{'Name': <'Newer'>}");
  assert_drained (rows, "[gone][0 Newer unknown heard]");
  assert_null (broker_picker_rows_find (rows, second));
  assert_int_equal (broker_picker_rows_count (rows), ROWS);
  assert_drained (rows, "");
}

static void
nothing_makes_room_while_there_is_some (void **state)
{
  g_autoptr (BrokerPickerRows) rows = fill (ROWS - 1);

  broker_picker_rows_take_gone (rows, 1);
  take (rows, ROWS, 0, "{'Name': <'New'>}");
  assert_drained (rows, "[0 1 unknown][0 New unknown heard]");
  assert_int_equal (broker_picker_rows_count (rows), ROWS);
}

static void
what_came_back_and_what_was_chosen_make_no_room (void **state)
{
  g_autoptr (BrokerPickerRows) rows = fill (ROWS);
  g_autofree char *back = g_strdup (id_of (rows, 1, "{'Name': <'1'>}"));
  g_autofree char *chosen = g_strdup (id_of (rows, 2, "{'Name': <'2'>}"));

  broker_picker_rows_take_gone (rows, 1);
  take (rows, 1, 0, "{'Name': <'1'>}");
  broker_picker_rows_keep (rows, chosen);
  broker_picker_rows_take_gone (rows, 2);
  take (rows, ROWS + 1, 0, "{'Name': <'New'>}");
  assert_drained (rows, "[0 1 unknown heard][0 2 unknown]");
  assert_non_null (broker_picker_rows_find (rows, back));
  assert_non_null (broker_picker_rows_find (rows, chosen));
}

/* Nobody was told of it, so nobody is told that it went. */
static void
a_row_that_was_never_sent_goes_in_silence (void **state)
{
  g_autoptr (BrokerPickerRows) rows = fill (ROWS - 1);

  take (rows, ROWS, 0, "{'Name': <'Short'>}");
  broker_picker_rows_take_gone (rows, ROWS);
  take (rows, ROWS + 1, 0, "{'Name': <'New'>}");
  assert_drained (rows, "[0 New unknown heard]");
  assert_drained (rows, "");
}

static void
what_found_no_room_is_asked_for_when_there_is_some (void **state)
{
  g_autoptr (BrokerPickerRows) rows = fill (ROWS);

  assert_false (broker_picker_rows_take_gone (rows, 1));
  take (rows, ROWS + 1, 0, "{'Name': <'New'>}");
  assert_false (broker_picker_rows_take_gone (rows, 2));
  take (rows, ROWS + 2, 0, "{'Name': <'Newer'>}");
  take (rows, ROWS + 3, 0, "{'Name': <'Too late'>}");
  assert_false (broker_picker_rows_take_gone (rows, ROWS + 3)); /* it has no row */
  assert_true (broker_picker_rows_take_gone (rows, 3));
  assert_false (broker_picker_rows_take_gone (rows, 4));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_row_is_sent_when_it_comes_and_when_it_changes),
    cmocka_unit_test (rows_keep_their_places),
    cmocka_unit_test (names_are_sanitised_and_those_without_say_so),
    cmocka_unit_test (equal_names_get_tails_and_keep_them),
    cmocka_unit_test (a_row_belongs_to_the_first_item_that_it_satisfies),
    cmocka_unit_test (what_is_gone_stays_and_says_so),
    cmocka_unit_test (rows_are_found_by_a_random_id_alone),
    cmocka_unit_test (there_are_no_more_rows_than_anybody_looks_through),
    cmocka_unit_test (what_has_been_away_longest_makes_room),
    cmocka_unit_test (nothing_makes_room_while_there_is_some),
    cmocka_unit_test (what_came_back_and_what_was_chosen_make_no_room),
    cmocka_unit_test (a_row_that_was_never_sent_goes_in_silence),
    cmocka_unit_test (what_found_no_room_is_asked_for_when_there_is_some),
  };

  return cmocka_run_group_tests_name ("broker-picker-rows", tests, NULL, NULL);
}
