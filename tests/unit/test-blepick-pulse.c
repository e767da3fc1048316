/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "blepick/pulse.h"

#define N_VALUES_MAX 8

static void
fill (BlepickPulse *pulse, const guint16 *bpm, guint n)
{
  for (guint i = 0; i < n; i++)
    blepick_pulse_add (pulse, bpm[i]);
}

typedef struct
{
  guint16 bpm[N_VALUES_MAX];
  guint n;
  guint average;
  guint min;
  guint max;
} AverageRow;

static void
gaps_count_for_nothing (void **state)
{
  static const AverageRow table[] = {
    { { 0 }, 0, 0, 0, 0 },
    { { 0, 0 }, 2, 0, 0, 0 },
    { { 61 }, 1, 61, 61, 61 },
    { { 60, 61 }, 2, 61, 60, 61 }, /* rounded up from half */
    { { 60, 60, 61 }, 3, 60, 60, 61 },
    { { 0, 140, 0, 60 }, 4, 100, 60, 140 },
    { { 65535, 65535 }, 2, 65535, 65535, 65535 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      BlepickPulse pulse = { 0 };

      fill (&pulse, table[i].bpm, table[i].n);
      assert_int_equal (blepick_pulse_average (&pulse), table[i].average);
      assert_int_equal (pulse.min, table[i].min);
      assert_int_equal (pulse.max, table[i].max);
    }
}

static void
only_the_last_values_are_kept_and_all_are_averaged (void **state)
{
  BlepickPulse pulse = { 0 };

  blepick_pulse_add (&pulse, 200);
  for (guint i = 0; i < BLEPICK_PULSE_MAX; i++)
    blepick_pulse_add (&pulse, (guint16) (60 + i % 2));
  assert_int_equal (pulse.n_bpm, BLEPICK_PULSE_MAX);
  assert_int_equal (pulse.n_values, BLEPICK_PULSE_MAX + 1);
  assert_int_equal (pulse.bpm[0], 60);
  assert_int_equal (pulse.bpm[BLEPICK_PULSE_MAX - 1], 61);
  assert_int_equal (pulse.max, 200);
}

typedef struct
{
  guint16 bpm[N_VALUES_MAX];
  guint n;
  guint columns;
  const char *line;
  const char *ascii_line;
} SparklineRow;

static void
a_sparkline_has_a_bar_a_value_and_a_hole_a_gap (void **state)
{
  static const SparklineRow table[] = {
    { { 0 }, 0, 10, "", "" },
    { { 0, 0 }, 2, 10, "  ", "  " },
    { { 60, 0, 140 }, 3, 10, "▁ █", "_ #" },
    { { 60, 100, 140 }, 3, 2, "▁█", "_#" }, /* the oldest does not fit */
    { { 70, 70, 70 }, 3, 10, "▄▄▄", "---" },
    { { 70, 72 }, 2, 10, "▄▅", "--" }, /* a steady pulse is no storm */
    { { 1, 2 }, 2, 10, "▁▁", "__" },
    { { 65535 }, 1, 10, "▄", "-" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      BlepickPulse pulse = { 0 };
      g_autofree char *line = NULL, *ascii_line = NULL;

      fill (&pulse, table[i].bpm, table[i].n);
      line = blepick_pulse_sparkline (&pulse, table[i].columns, FALSE);
      ascii_line = blepick_pulse_sparkline (&pulse, table[i].columns, TRUE);
      if (strcmp (line, table[i].line) != 0 ||
          strcmp (ascii_line, table[i].ascii_line) != 0)
        fail_msg ("row %zu: \"%s\", \"%s\"", i, line, ascii_line);
    }
}

static void
a_plot_has_its_axis_on_the_left_and_the_newest_on_the_right (void **state)
{
  const guint16 bpm[] = { 200, 60, 80, 0, 100 };
  BlepickPulse pulse = { 0 };
  g_autofree char *ascii = NULL, *plot = NULL;

  fill (&pulse, bpm, G_N_ELEMENTS (bpm));
  ascii = blepick_pulse_plot (&pulse, 9, 3, TRUE);
  assert_string_equal (ascii, "100 |   *\n"
                              "    | *  \n"
                              " 60 |*   \n");
  plot = blepick_pulse_plot (&pulse, 9, 2, FALSE);
  assert_string_equal (plot, "100 │   ●\n"
                             " 60 │●●  \n");
}

static void
a_plot_of_nothing_is_an_empty_one (void **state)
{
  BlepickPulse pulse = { 0 };
  g_autofree char *plot = blepick_pulse_plot (&pulse, 1, 2, TRUE);

  assert_string_equal (plot, " 20 |\n  0 |\n");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (gaps_count_for_nothing),
    cmocka_unit_test (only_the_last_values_are_kept_and_all_are_averaged),
    cmocka_unit_test (a_sparkline_has_a_bar_a_value_and_a_hole_a_gap),
    cmocka_unit_test (a_plot_has_its_axis_on_the_left_and_the_newest_on_the_right),
    cmocka_unit_test (a_plot_of_nothing_is_an_empty_one),
  };

  return cmocka_run_group_tests_name ("blepick-pulse", tests, NULL, NULL);
}
