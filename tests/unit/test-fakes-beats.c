/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "tests/fakes/beats.h"

/* Layouts: Heart Rate Service 1.0, 3.1.1. */
static void
each_layout_is_laid_out_as_the_service_says (void **state)
{
  static const struct
  {
    guint8 flags;
    guint16 bpm;
    guint elapsed_ms;
    gsize size;
    guint8 value[FAKES_BEATS_VALUE_MAX];
  } rows[] = {
    { 0x00, 72, 1000, 2, { 0x00, 72 } },
    { 0x01, 72, 1000, 3, { 0x01, 72, 0 } },
    { 0x01, 300, 1000, 3, { 0x01, 0x2c, 0x01 } },
    { 0x00, 300, 1000, 2, { 0x00, 255 } }, /* does not fit: the most that does */
    { 0x06, 60, 1000, 2, { 0x06, 60 } },
    { 0x08, 60, 1000, 4, { 0x08, 60, 0, 0 } },
    { 0x10, 60, 1000, 4, { 0x10, 60, 0x00, 0x04 } }, /* one beat: 1024/1024 s */
    { 0x16, 120, 1000, 6, { 0x16, 120, 0x00, 0x02, 0x00, 0x02 } }, /* two beats */
    { 0x10, 60, 10, 4, { 0x10, 60, 0x00, 0x04 } },                 /* none: one is sent */
    { 0x19, 60, 1000, 7, { 0x19, 60, 0, 0, 0, 0x00, 0x04 } },
    { 0xe0, 60, 1000, 2, { 0xe0, 60 } }, /* reserved bits go out as they are */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FakesBeats beats;
      guint8 value[FAKES_BEATS_VALUE_MAX];

      fakes_beats_init (&beats, rows[i].bpm, rows[i].bpm, rows[i].flags);
      assert_int_equal (fakes_beats_next (&beats, rows[i].elapsed_ms, value),
                        rows[i].size);
      assert_memory_equal (value, rows[i].value, rows[i].size);
    }
}

static void
a_value_never_outgrows_a_notification (void **state)
{
  for (guint flags = 0; flags <= G_MAXUINT8; flags++)
    {
      FakesBeats beats;
      guint8 value[FAKES_BEATS_VALUE_MAX];

      fakes_beats_init (&beats, G_MAXUINT16, G_MAXUINT16, (guint8) flags);
      assert_true (fakes_beats_next (&beats, G_MAXUINT, value) <= sizeof value);
      fakes_beats_init (&beats, 0, 0, (guint8) flags);
      assert_true (fakes_beats_next (&beats, 0, value) <= sizeof value);
    }
}

static void
the_rate_is_swept_up_and_down (void **state)
{
  static const guint8 expected[] = { 60, 61, 62, 61, 60, 61 };
  FakesBeats beats;
  guint8 value[FAKES_BEATS_VALUE_MAX];

  fakes_beats_init (&beats, 60, 62, 0);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      fakes_beats_next (&beats, 1000, value);
      assert_int_equal (value[1], expected[i]);
    }
}

static void
energy_grows_with_each_value (void **state)
{
  FakesBeats beats;
  guint8 value[FAKES_BEATS_VALUE_MAX];

  fakes_beats_init (&beats, 60, 60, FAKES_BEATS_ENERGY);
  fakes_beats_next (&beats, 1000, value);
  fakes_beats_next (&beats, 1000, value);
  assert_int_equal (value[2], 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (each_layout_is_laid_out_as_the_service_says),
    cmocka_unit_test (a_value_never_outgrows_a_notification),
    cmocka_unit_test (the_rate_is_swept_up_and_down),
    cmocka_unit_test (energy_grows_with_each_value),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
