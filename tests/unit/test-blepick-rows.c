/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "blepick/rows.h"

static const BlepickRow *
take (BlepickRows *rows, const char *text, gboolean *ret_news)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  assert_non_null (dict);
  return blepick_rows_take (rows, dict, ret_news);
}

static void
add (BlepickRows *rows, const char *id, const char *name)
{
  g_autofree char *text =
    g_strdup_printf ("{'id': <'%s'>, 'name': <'%s'>, 'heard': <true>}", id, name);
  gboolean news = FALSE;

  assert_non_null (take (rows, text, &news));
  assert_true (news);
}

#define STRAP "'id': <'a'>, 'name': <'Polar H10'>, 'kind': <'heart-rate'>"

typedef struct
{
  const char *row;
  gboolean news;
} NewsRow;

static void
a_row_is_news_when_more_than_its_signal_changed (void **state)
{
  static const NewsRow table[] = {
    { "{" STRAP ", 'signal': <'weak'>}", TRUE },
    { "{" STRAP ", 'signal': <'strong'>}", FALSE },
    { "{" STRAP ", 'signal': <'strong'>, 'heard': <true>}", TRUE },
    { "{" STRAP ", 'signal': <'strong'>, 'heard': <true>}", FALSE },
    { "{" STRAP ", 'connected': <true>, 'heard': <true>}", TRUE },
    { "{" STRAP ", 'tail': <'A1B2'>, 'connected': <true>, 'heard': <true>}", TRUE },
    { "{'id': <'a'>, 'name': <'Mine'>}", TRUE },
    { "{'id': <'a'>, 'name': <'Mine'>, 'what is this': <uint32 3>}", FALSE },
    { "{'id': <'a'>, 'name': <uint32 3>}", TRUE }, /* a name of a wrong type is none */
  };
  g_autoptr (BlepickRows) rows = blepick_rows_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      gboolean news = !table[i].news;

      if (take (rows, table[i].row, &news) == NULL || news != table[i].news)
        fail_msg ("row %zu: %s", i, table[i].row);
    }
  assert_int_equal (rows->all->len, 1);
}

static void
a_row_without_id_is_no_row (void **state)
{
  static const char *const bad[] = { "@a{sv} {}", "{'id': <''>}", "{'id': <7>}" };
  g_autoptr (BlepickRows) rows = blepick_rows_new ();
  gboolean news = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_null (take (rows, bad[i], &news));
  assert_int_equal (rows->all->len, 0);
}

typedef struct
{
  const char *answer;
  const char *id; /* NULL: none, or more than one */
} AnswerRow;

static void
a_row_is_found_by_number_and_by_its_only_name (void **state)
{
  static const AnswerRow table[] = {
    { "1", "a" },
    { "3", "c" },
    { "polar h10", "b" },
    { "STRASSE", "d" },
    { "0", NULL },
    { "5", NULL },
    { "-1", NULL },
    { "+1", NULL },
    { " 1", NULL },
    { "1 ", NULL },
    { "99999999999999999999999", NULL },
    { "Twin", NULL },
    { "Polar", NULL },
    { "", NULL },
  };
  g_autoptr (BlepickRows) rows = blepick_rows_new ();

  add (rows, "a", "Twin");
  add (rows, "b", "Polar H10");
  add (rows, "c", "twin");
  add (rows, "d", "Straße");
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const BlepickRow *row = blepick_rows_find (rows, table[i].answer);

      if (g_strcmp0 (row != NULL ? row->id : NULL, table[i].id) != 0)
        fail_msg ("\"%s\" found %s", table[i].answer, row != NULL ? row->id : "nothing");
    }
}

static const BlepickRow *
find_gone (BlepickRows *rows, const char *text)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  return blepick_rows_find_gone (rows, dict);
}

static void
a_row_that_is_gone_leaves_its_number_to_nobody (void **state)
{
  g_autoptr (BlepickRows) rows = blepick_rows_new ();
  const BlepickRow *row;

  add (rows, "a", "Anna");
  add (rows, "b", "Ben");
  assert_null (find_gone (rows, "{'id': <'b'>}"));
  assert_null (find_gone (rows, "{'id': <'b'>, 'gone': <false>}"));
  assert_null (find_gone (rows, "{'id': <'c'>, 'gone': <true>}"));
  row = find_gone (rows, "{'id': <'b'>, 'gone': <true>}");
  assert_ptr_equal (row, blepick_rows_find (rows, "2"));
  blepick_rows_drop (rows, row);
  assert_null (find_gone (rows, "{'id': <'b'>, 'gone': <true>}"));
  add (rows, "c", "Carl");
  assert_null (blepick_rows_find (rows, "2"));
  assert_null (blepick_rows_find (rows, "Ben"));
  assert_string_equal (blepick_rows_find (rows, "3")->id, "c");
  blepick_rows_begin (rows, NULL);
  add (rows, "d", "Dora");
  assert_string_equal (blepick_rows_find (rows, "1")->id, "d");
}

static void
a_row_says_what_the_app_calls_it_unless_it_is_called_that (void **state)
{
  g_autoptr (BlepickRows) rows = blepick_rows_new ();
  GVariant *items = g_variant_new_parsed ("[{'name': <'A strap'>}, {'name': <'Ben'>}]");
  gboolean news;
  const BlepickRow *row;

  blepick_rows_begin (rows, items);
  row = take (rows, "{'id': <'a'>, 'name': <'Anna'>, 'item': <uint32 0>}", &news);
  assert_string_equal (row->app_word, "A strap");
  g_autofree char *text = blepick_row_describe (row);
  assert_non_null (strstr (text, "which the app calls \"A strap\""));
  row = take (rows, "{'id': <'b'>, 'name': <'Ben'>, 'item': <uint32 1>}", &news);
  assert_string_equal (row->app_word, "");
  row = take (rows, "{'id': <'c'>, 'name': <'C'>, 'item': <uint32 9>}", &news);
  assert_string_equal (row->app_word, "");
  row = take (rows,
              "{'id': <'a'>, 'name': <'Anna'>, 'item': <uint32 0>, 'app-name': <'Red'>}",
              &news);
  assert_true (news);
  assert_string_equal (row->app_word, "Red");
}

static void
a_name_means_what_is_there_and_not_what_has_left (void **state)
{
  g_autoptr (BlepickRows) rows = blepick_rows_new ();
  gboolean news;

  add (rows, "a", "Strap");
  assert_string_equal (blepick_rows_find (rows, "strap")->id, "a");
  take (rows, "{'id': <'a'>, 'name': <'Strap'>, 'heard': <false>}", &news);
  assert_null (blepick_rows_find (rows, "strap"));
  add (rows, "b", "Strap");
  assert_string_equal (blepick_rows_find (rows, "strap")->id, "b");
  take (rows, "{'id': <'c'>, 'name': <'Strap'>, 'set-up': <true>}", &news);
  assert_null (blepick_rows_find (rows, "strap")); /* asleep, and one of two */
}

static void
a_number_beats_a_name_unless_a_name_is_wanted (void **state)
{
  g_autoptr (BlepickRows) rows = blepick_rows_new ();

  add (rows, "a", "2");
  add (rows, "b", "Strap");
  assert_string_equal (blepick_rows_find (rows, "2")->id, "b");
  assert_string_equal (blepick_rows_find_name (rows, "2")->id, "a");
  assert_null (blepick_rows_find_name (rows, "1"));
}

typedef struct
{
  const char *row;
  const char *title;
  const char *description;
} WordsRow;

static void
a_row_is_described_in_words (void **state)
{
  static const WordsRow table[] = {
    { "{" STRAP ", 'heard': <true>, 'signal': <'strong'>}", "Polar H10",
      "Heart-rate monitor, strong signal" },
    { "{" STRAP ", 'heard': <true>, 'signal': <'unknown'>}", "Polar H10",
      "Heart-rate monitor, signal unknown" },
    { "{" STRAP ", 'tail': <'0203'>}", "Polar H10 (0203)",
      "Heart-rate monitor, not seen: asleep or in use elsewhere" },
    { "{" STRAP ", 'connected': <true>, 'set-up': <true>}", "Polar H10",
      "Heart-rate monitor, in use by this computer, set up on this computer" },
    { "{" STRAP ", 'connected': <true>, 'set-up': <true>, 'yours': <true>}", "Polar H10",
      "Heart-rate monitor, in use by this computer, yours already" },
    { "{'id': <'a'>, 'name': <'X'>, 'kind': <'toaster'>, 'connected': <true>}", "X",
      "Accessory, in use by this computer" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (BlepickRows) rows = blepick_rows_new ();
      gboolean news = FALSE;
      const BlepickRow *row = take (rows, table[i].row, &news);
      g_autofree char *title = blepick_row_title (row);
      g_autofree char *description = blepick_row_describe (row);

      assert_string_equal (title, table[i].title);
      assert_string_equal (description, table[i].description);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_row_is_news_when_more_than_its_signal_changed),
    cmocka_unit_test (a_row_without_id_is_no_row),
    cmocka_unit_test (a_row_is_found_by_number_and_by_its_only_name),
    cmocka_unit_test (a_row_that_is_gone_leaves_its_number_to_nobody),
    cmocka_unit_test (a_row_says_what_the_app_calls_it_unless_it_is_called_that),
    cmocka_unit_test (a_name_means_what_is_there_and_not_what_has_left),
    cmocka_unit_test (a_number_beats_a_name_unless_a_name_is_wanted),
    cmocka_unit_test (a_row_is_described_in_words),
  };

  return cmocka_run_group_tests_name ("blepick-rows", tests, NULL, NULL);
}
