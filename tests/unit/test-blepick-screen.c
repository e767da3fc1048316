/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "blepick/screen.h"
#include "blepick/text.h"
#include "tests/unit/hostile.h"

#define SHOWN_MS       1000000
#define LATER_MS       1010000
#define FUZZED_NAMES   10000
#define NAMES_A_SCREEN 50

typedef struct
{
  BlepickScreen *screen;
  BlepickRows *rows;
} World;

static GVariant *
parse (const char *text)
{
  GVariant *dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  assert_non_null (dict);
  return dict;
}

static int
set_up (void **state)
{
  World *world = g_new0 (World, 1);
  g_autoptr (GVariant) about =
    parse ("{'app-name': <'Runner'>, 'app-strength': <'verified'>, 'declared': <true>, "
           "'timeout-s': <uint32 60>}");

  world->screen = blepick_screen_new (FALSE);
  world->rows = blepick_rows_new ();
  blepick_screen_present (world->screen, about, SHOWN_MS);
  *state = world;
  return 0;
}

static int
tear_down (void **state)
{
  World *world = *state;

  blepick_screen_free (world->screen);
  blepick_rows_free (world->rows);
  g_free (world);
  return 0;
}

static const BlepickRow *
take (World *world, const char *text)
{
  g_autoptr (GVariant) dict = parse (text);
  gboolean news;
  const BlepickRow *row = blepick_rows_take (world->rows, dict, &news);

  assert_non_null (row);
  blepick_screen_take_row (world->screen, row, SHOWN_MS);
  return row;
}

static void
take_three (World *world)
{
  take (world,
        "{'id': <'a'>, 'name': <'Zebra'>, 'kind': <'heart-rate'>, 'heard': <true>, "
        "'signal': <'weak'>}");
  take (world,
        "{'id': <'b'>, 'name': <'Mine'>, 'kind': <'heart-rate'>, 'yours': <true>}");
  take (world,
        "{'id': <'c'>, 'name': <'Anton'>, 'kind': <'heart-rate'>, 'heard': <true>, "
        "'signal': <'strong'>}");
}

/* When there was time to look. */
static BlepickAct
press (World *world, gunichar key)
{
  return blepick_screen_press (world->screen, key, LATER_MS);
}

/* All lines as one text. */
static char *
draw (World *world, guint columns, guint height)
{
  g_autoptr (GPtrArray) lines =
    blepick_screen_draw (world->screen, columns, height, LATER_MS);
  GString *text = g_string_new (NULL);

  assert_int_equal (lines->len, height);
  for (guint i = 0; i < lines->len; i++)
    {
      const BlepickLine *line = g_ptr_array_index (lines, i);

      if (blepick_text_width (line->text) != columns)
        fail_msg ("line %u is %u wide: %s", i, blepick_text_width (line->text),
                  line->text);
      g_string_append_printf (text, "%s\n", line->text);
    }
  return g_string_free (text, FALSE);
}

static void
expect (World *world, const char *wanted)
{
  g_autofree char *text = draw (world, 79, 24);

  if (strstr (text, wanted) == NULL)
    fail_msg ("no \"%s\" in:\n%s", wanted, text);
}

static void
order_is (World *world, const char *ids)
{
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = 0; i < world->screen->places->len; i++)
    g_string_append (order,
                     g_array_index (world->screen->places, BlepickPlace, i).row->id);
  assert_string_equal (order->str, ids);
}

static void
rows_stay_where_they_are_until_they_are_sorted (void **state)
{
  World *world = *state;

  take_three (world);
  order_is (world, "bac");
  take (world,
        "{'id': <'c'>, 'name': <'Anton'>, 'kind': <'heart-rate'>, 'heard': <true>, "
        "'signal': <'strong'>, 'set-up': <true>}");
  order_is (world, "bac");
  press (world, 's');
  order_is (world, "bca");
  take (world, "{'id': <'c'>, 'name': <'Anton'>, 'kind': <'heart-rate'>}");
  press (world, 's');
  order_is (world, "bca");
  press (world, 's');
  order_is (world, "bac");
}

static void
selection_is_of_a_row_and_not_of_a_line (void **state)
{
  World *world = *state;

  take_three (world);
  assert_string_equal (world->screen->selected->id, "a");
  take (world,
        "{'id': <'d'>, 'name': <'Old'>, 'set-up': <true>, 'kind': <'heart-rate'>}");
  order_is (world, "bdac");
  assert_string_equal (world->screen->selected->id, "a");
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_CHOOSE);
}

static void
drop (World *world, const BlepickRow *row)
{
  blepick_screen_drop_row (world->screen, row);
  blepick_rows_drop (world->rows, row);
}

static void
enter_is_not_for_what_came_in_the_place_of_what_is_gone (void **state)
{
  World *world = *state;

  take_three (world);
  drop (world, blepick_rows_find (world->rows, "3")); /* not the one that is marked */
  order_is (world, "ba");
  drop (world, world->screen->selected);
  order_is (world, "b");
  take (world, "{'id': <'d'>, 'name': <'Doris'>, 'kind': <'heart-rate'>}");
  assert_string_equal (world->screen->selected->id, "d");
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
  expect (world, "another is marked now");
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_CHOOSE);
  blepick_screen_refuse (world->screen);
  assert_int_equal (world->screen->pane, BLEPICK_PANE_ROWS);
  expect (world, "not there any more");
}

static void
what_is_yours_is_listed_and_not_offered (void **state)
{
  World *world = *state;

  take_three (world);
  press (world, 'k');
  assert_string_equal (world->screen->selected->id, "b");
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
  expect (world, "yours already");
}

static void
keys_move_and_stop_at_the_ends (void **state)
{
  static const struct
  {
    gunichar key;
    const char *id;
  } table[] = {
    { 'j', "c" },
    { 'j', "c" },
    { BLEPICK_KEY_UP, "a" },
    { BLEPICK_KEY_HOME, "b" },
    { 'k', "b" },
    { BLEPICK_KEY_END, "c" },
    { BLEPICK_KEY_PAGE_UP, "b" },
    { BLEPICK_KEY_DOWN, "a" },
    { 'x', "a" },
    { 0, "a" },
  };
  World *world = *state;

  assert_int_equal (press (world, 'j'), BLEPICK_ACT_NONE);
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
  take_three (world);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      press (world, table[i].key);
      if (strcmp (world->screen->selected->id, table[i].id) != 0)
        fail_msg ("step %zu: %s", i, world->screen->selected->id);
    }
}

static void
search_finds_in_any_case_and_letters_are_no_keys_then (void **state)
{
  World *world = *state;

  take_three (world);
  press (world, '/');
  press (world, 'T');
  press (world, 'o');
  assert_string_equal (world->screen->selected->id, "c");
  expect (world, "Search: To_");
  press (world, 'q');
  expect (world, "Nothing is called that.");
  press (world, BLEPICK_KEY_BACKSPACE);
  press (world, BLEPICK_KEY_ENTER);
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_CHOOSE);
}

static void
unnamed_are_hidden_and_counted_unless_their_kind_is_known (void **state)
{
  World *world = *state;

  take (world,
        "{'id': <'a'>, 'name': <'Unnamed'>, 'unnamed': <true>, 'kind': <'unknown'>}");
  expect (world, "1 without a name hidden");
  take (world,
        "{'id': <'b'>, 'name': <'Unnamed'>, 'unnamed': <true>, 'kind': <'heart-rate'>}");
  assert_true (
    blepick_screen_shows (world->screen, g_ptr_array_index (world->rows->all, 1)));
  assert_false (
    blepick_screen_shows (world->screen, g_ptr_array_index (world->rows->all, 0)));
  press (world, 'u');
  assert_true (
    blepick_screen_shows (world->screen, g_ptr_array_index (world->rows->all, 0)));
}

static void
signal_is_said_in_bars_and_in_words (void **state)
{
  static const struct
  {
    const char *word;
    const char *utf8;
    const char *ascii;
  } table[] = {
    { "unknown", "····· unknown", "..... unknown" },
    { "very-weak", "▂···· very weak", "#.... very weak" },
    { "weak", "▂▃··· weak", "##... weak" },
    { "fair", "▂▃▅·· fair", "###.. fair" },
    { "good", "▂▃▅▆· good", "####. good" },
    { "strong", "▂▃▅▆▇ strong", "##### strong" },
  };
  World *world = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *row =
        g_strdup_printf ("{'id': <'a'>, 'name': <'Strap'>, 'kind': <'heart-rate'>, "
                         "'heard': <true>, 'signal': <'%s'>}",
                         table[i].word);

      take (world, row);
      world->screen->ascii = FALSE;
      expect (world, table[i].utf8);
      world->screen->ascii = TRUE;
      expect (world, table[i].ascii);
    }
}

static void
a_passkey_needs_six_digits_and_a_comparison_a_letter (void **state)
{
  World *world = *state;
  g_autoptr (GVariant) enter =
    parse ("{'kind': <'enter'>, 'name': <'Strap'>, 'timeout-s': <uint32 45>}");
  g_autoptr (GVariant) compare =
    parse ("{'kind': <'compare'>, 'name': <'Strap'>, 'passkey': <uint32 42>, "
           "'timeout-s': <uint32 45>}");

  take_three (world);
  blepick_screen_prompt (world->screen, enter, SHOWN_MS);
  expect (world, "0:35 left");
  for (const char *at = "12x34"; *at != '\0'; at++)
    press (world, (gunichar) *at);
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
  expect (world, "123 4__");
  press (world, '5');
  press (world, '6');
  press (world, '7');
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_PASSKEY);
  assert_string_equal (world->screen->typed->str, "123456");

  blepick_screen_prompt (world->screen, compare, SHOWN_MS);
  expect (world, "000 042");
  assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
  assert_int_equal (press (world, 'n'), BLEPICK_ACT_NO);
  blepick_screen_prompt (world->screen, compare, SHOWN_MS);
  assert_int_equal (press (world, 'y'), BLEPICK_ACT_YES);
}

static void
what_others_can_hear_is_said_with_the_question (void **state)
{
  World *world = *state;
  g_autoptr (GVariant) enter =
    parse ("{'kind': <'enter'>, 'name': <'Scale'>, 'timeout-s': <uint32 45>, "
           "'values-on-bus': <true>}");

  take_three (world);
  blepick_screen_prompt (world->screen, enter, SHOWN_MS);
  expect (world, "Other programs of this");
  expect (world, "'blepick doctor'.");
}

static void
keys_consent_to_nothing_that_has_just_appeared (void **state)
{
  World *world = *state;
  BlepickScreen *screen = world->screen;
  g_autoptr (GVariant) compare =
    parse ("{'kind': <'compare'>, 'name': <'Strap'>, 'passkey': <uint32 42>, "
           "'timeout-s': <uint32 45>}");
  gint64 early_ms = SHOWN_MS + BLEPICK_INERT_MS - 1;

  screen->live_ms = 0; /* the picker stands there for a while, and the rows are new */
  take_three (world);
  assert_int_equal (blepick_screen_press (screen, BLEPICK_KEY_ENTER, early_ms),
                    BLEPICK_ACT_NONE);
  assert_int_equal (screen->pane, BLEPICK_PANE_ROWS);
  assert_non_null (screen->remark);
  assert_int_equal (blepick_screen_press (screen, BLEPICK_KEY_ENTER, early_ms + 1),
                    BLEPICK_ACT_CHOOSE);

  blepick_screen_prompt (screen, compare, SHOWN_MS);
  assert_int_equal (blepick_screen_press (screen, 'y', early_ms), BLEPICK_ACT_NONE);
  assert_int_equal (blepick_screen_press (screen, 'n', early_ms), BLEPICK_ACT_NONE);
  assert_int_equal (blepick_screen_press (screen, BLEPICK_KEY_ESCAPE, SHOWN_MS),
                    BLEPICK_ACT_CANCEL);
}

static void
questions_without_rows_name_the_app_and_what_it_wants (void **state)
{
  static const struct
  {
    const char *question;
    const char *wanted;
  } table[] = {
    { "{'kind': <'bluetooth'>}", "May Evil (not verified) use all of Bluetooth?" },
    { "{'kind': <'migrate'>, 'names': <['One', 'Two']>}", "One, Two?" },
    { "{'kind': <'scope'>, 'name': <'Strap'>, 'services': <[{'uuid': <'1234'>, 'kind': "
      "<'unknown'>, 'access': <['read', 'notify']>}]>}",
      "1234: read, notify" },
  };
  World *world = *state;
  g_autoptr (GVariant) about =
    parse ("{'app-name': <'Evil'>, 'app-strength': <'path'>, 'timeout-s': <uint32 60>}");

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GVariant) question = parse (table[i].question);

      blepick_screen_ask (world->screen, about, question, SHOWN_MS);
      expect (world, table[i].wanted);
      expect (world, "0:50 left");
      assert_int_equal (press (world, BLEPICK_KEY_ENTER), BLEPICK_ACT_NONE);
      assert_int_equal (press (world, BLEPICK_KEY_ESCAPE), BLEPICK_ACT_CANCEL);
    }
}

static void
every_size_is_filled_exactly (void **state)
{
  World *world = *state;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *row = g_strdup_printf (
        "{'id': <'%u'>, 'name': <'漢字 Straße %u'>, 'kind': <'heart-rate'>, 'heard': <true>}",
        i, i);

      take (world, row);
    }
  for (guint columns = 20; columns < 200; columns += 7)
    for (guint height = 6; height < 60; height += 5)
      {
        g_autofree char *text = draw (world, columns, height);

        press (world, columns % 3 == 0 ? 'k' : BLEPICK_KEY_PAGE_DOWN);
        assert_non_null (text);
      }
}

static void
no_name_brings_a_control_character_to_the_screen (void **state)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261124);
  World *world = *state;
  BlepickRow rows[NAMES_A_SCREEN];

  for (guint i = 0; i < FUZZED_NAMES / NAMES_A_SCREEN; i++)
    {
      g_autofree char *text = NULL;

      world->screen->ascii = i % 2 == 0;
      g_array_set_size (world->screen->places, 0);
      world->screen->selected = NULL;
      for (guint j = 0; j < NAMES_A_SCREEN; j++)
        {
          rows[j] = (BlepickRow){ .id = (char *) "a",
                                  .number = j + 1,
                                  .name = hostile_make_name (random),
                                  .kind = (char *) "heart-rate",
                                  .signal = (char *) "weak",
                                  .app_word = hostile_make_name (random),
                                  .tail = (char *) "" };
          blepick_screen_take_row (world->screen, &rows[j], SHOWN_MS);
        }
      text = draw (world, i % 3 == 0 ? 119 : 79, NAMES_A_SCREEN + 10);
      hostile_check_text (text, world->screen->ascii);
      for (guint j = 0; j < NAMES_A_SCREEN; j++)
        {
          g_free (rows[j].name);
          g_free (rows[j].app_word);
        }
    }
  print_message ("# %d fuzzed names drawn\n", FUZZED_NAMES);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    TEST (rows_stay_where_they_are_until_they_are_sorted),
    TEST (selection_is_of_a_row_and_not_of_a_line),
    TEST (enter_is_not_for_what_came_in_the_place_of_what_is_gone),
    TEST (what_is_yours_is_listed_and_not_offered),
    TEST (keys_move_and_stop_at_the_ends),
    TEST (search_finds_in_any_case_and_letters_are_no_keys_then),
    TEST (unnamed_are_hidden_and_counted_unless_their_kind_is_known),
    TEST (signal_is_said_in_bars_and_in_words),
    TEST (a_passkey_needs_six_digits_and_a_comparison_a_letter),
    TEST (what_others_can_hear_is_said_with_the_question),
    TEST (keys_consent_to_nothing_that_has_just_appeared),
    TEST (questions_without_rows_name_the_app_and_what_it_wants),
    TEST (every_size_is_filled_exactly),
    TEST (no_name_brings_a_control_character_to_the_screen),
  };

  return cmocka_run_group_tests_name ("blepick-screen", tests, NULL, NULL);
}
