/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "blepick/context.h"

typedef struct
{
  const char *text;
  gint64 ms; /* -1: refused */
} DurationRow;

static void
a_duration_is_a_number_and_a_unit_of_at_most_a_day (void **state)
{
  static const DurationRow table[] = {
    { "0", 0 },
    { "10", 10000 },
    { "10s", 10000 },
    { "500ms", 500 },
    { "2m", 120000 },
    { "24h", 86400000 },
    { "86400", 86400000 },
    { "86400000ms", 86400000 },
    { "007s", 7000 },
    { "25h", -1 },
    { "86401", -1 },
    { "86400001ms", -1 },
    { "1441m", -1 },
    { "99999999999999999999", -1 },
    { "", -1 },
    { "s", -1 },
    { "-1", -1 },
    { "+1", -1 },
    { " 1", -1 },
    { "1 s", -1 },
    { "1s ", -1 },
    { "1.5s", -1 },
    { "1S", -1 },
    { "0x10", -1 },
    { "1d", -1 },
    { "1m30s", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      guint ms = 4711;
      gboolean good = blepick_parse_duration (table[i].text, &ms);

      if (good != (table[i].ms >= 0) || ms != (good ? (guint) table[i].ms : 4711))
        fail_msg ("\"%s\" gave %d, %u ms", table[i].text, good, ms);
    }
}

typedef struct
{
  const char *text;
  const char *safe;
} EscapeRow;

static void
json_keeps_its_values_and_prints_nothing_that_moves_a_cursor (void **state)
{
  static const struct
  {
    const char *json;
    const char *safe;
  } table[] = {
    { "{\n  \"a\" : \"b\"\n}", "{\n  \"a\" : \"b\"\n}" },
    { "\"Stra\u00dfe \u2665\"", "\"Stra\u00dfe \u2665\"" },
    { "\"\xc2\x9b"
      "2J\x7f\"",
      "\"\\u009b2J\\u007f\"" },
    { "\"\u202ea\u202c\u2028\"", "\"\\u202ea\\u202c\\u2028\"" },
    { "\"\U000e0041\"", "\"\\udb40\\udc41\"" }, /* a tag: invisible */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *safe = blepick_json_escape (table[i].json);

      assert_string_equal (safe, table[i].safe);
    }
}

static void
what_moves_a_cursor_is_printed_as_an_escape (void **state)
{
  static const EscapeRow table[] = {
    { "Polar H10", "Polar H10" },
    { "Straße 心拍 🫀", "Straße 心拍 🫀" },
    { "\\u001b", "\\u001b" }, /* what looks like an escape stays as it is */
    { "\x1b[2J", "\\u001b[2J" },
    { "a\nb\tc\r", "a\\u000ab\\u0009c\\u000d" },
    { "\x7f", "\\u007f" },
    { "\xc2\x9b", "\\u009b" }, /* the C1 form of ESC [ */
    /* turns text around and back again, hides it */
    { "\u202ea\u202c\u2066b\u2069\u200b", "\\u202ea\\u202c\\u2066b\\u2069\\u200b" },
    { "\u2028", "\\u2028" },
    { "\U000e0041", "\\ue0041" }, /* a tag */
    { "\xff", "\ufffd" },         /* no UTF-8 */
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *safe = blepick_escape (table[i].text);

      if (strcmp (safe, table[i].safe) != 0)
        fail_msg ("row %zu gave \"%s\"", i, safe);
    }
}

static void
times_are_utc_and_those_of_no_year_are_empty (void **state)
{
  g_autofree char *time = blepick_format_time (1795499499);
  g_autofree char *start = blepick_format_time (0);
  g_autofree char *none = blepick_format_time (G_MAXINT64);

  assert_string_equal (time, "2026-11-24T05:51:39Z");
  assert_string_equal (start, "1970-01-01T00:00:00Z");
  assert_string_equal (none, "");
}

static void
nobody_is_asked_who_does_not_want_to_be (void **state)
{
  BlepickContext context = { .no_input = TRUE };

  assert_false (blepick_context_can_ask (&context));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_duration_is_a_number_and_a_unit_of_at_most_a_day),
    cmocka_unit_test (what_moves_a_cursor_is_printed_as_an_escape),
    cmocka_unit_test (json_keeps_its_values_and_prints_nothing_that_moves_a_cursor),
    cmocka_unit_test (times_are_utc_and_those_of_no_year_are_empty),
    cmocka_unit_test (nobody_is_asked_who_does_not_want_to_be),
  };

  return cmocka_run_group_tests_name ("blepick-context", tests, NULL, NULL);
}
