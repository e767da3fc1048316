/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "broker/throttle.h"

#define SECOND ((gint64) G_USEC_PER_SEC)
#define APP    "host:1000:org.example.A"

static void
three_refusals_in_a_minute_silence_an_app_for_five (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  broker_throttle_note_refusal (throttle, APP, 0);
  broker_throttle_note_refusal (throttle, APP, 30 * SECOND);
  assert_false (broker_throttle_is_silenced (throttle, APP, 59 * SECOND));
  broker_throttle_note_refusal (throttle, APP, 60 * SECOND);
  assert_true (broker_throttle_is_silenced (throttle, APP, 60 * SECOND));
  assert_true (broker_throttle_is_silenced (throttle, APP, 359 * SECOND));
  assert_false (broker_throttle_is_silenced (throttle, APP, 360 * SECOND));
}

static void
refusals_far_apart_silence_nobody (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  for (gint64 i = 0; i < 20; i++)
    {
      broker_throttle_note_refusal (throttle, APP, i * 31 * SECOND);
      assert_false (broker_throttle_is_silenced (throttle, APP, i * 31 * SECOND));
    }
}

static void
the_last_three_refusals_count_not_the_first (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  broker_throttle_note_refusal (throttle, APP, 0);
  broker_throttle_note_refusal (throttle, APP, 100 * SECOND);
  broker_throttle_note_refusal (throttle, APP, 110 * SECOND);
  assert_false (broker_throttle_is_silenced (throttle, APP, 110 * SECOND));
  broker_throttle_note_refusal (throttle, APP, 120 * SECOND);
  assert_true (broker_throttle_is_silenced (throttle, APP, 120 * SECOND));
}

static void
a_pick_forgives_earlier_refusals (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  broker_throttle_note_refusal (throttle, APP, 0);
  broker_throttle_note_refusal (throttle, APP, 1);
  broker_throttle_note_pick (throttle, APP);
  broker_throttle_note_refusal (throttle, APP, 2);
  assert_false (broker_throttle_is_silenced (throttle, APP, 3));
}

static void
one_app_does_not_silence_another (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  for (gint64 i = 0; i < 3; i++)
    broker_throttle_note_refusal (throttle, APP, i);
  assert_true (broker_throttle_is_silenced (throttle, APP, 3));
  assert_false (broker_throttle_is_silenced (throttle, "host:1001:org.example.A", 3));
}

static void
memory_is_bounded_and_the_latest_refusal_stays (void **state)
{
  g_autoptr (BrokerThrottle) throttle = broker_throttle_new ();

  for (gint64 i = 0; i < (gint64) 10 * BROKER_THROTTLE_APPS_MAX; i++)
    {
      g_autofree char *app = g_strdup_printf ("host:1000:app%" G_GINT64_FORMAT, i);

      for (gint64 j = 0; j < 3; j++)
        broker_throttle_note_refusal (throttle, app, i);
      assert_true (broker_throttle_is_silenced (throttle, app, i));
    }
  assert_false (broker_throttle_is_silenced (throttle, "host:1000:app0", 1));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (three_refusals_in_a_minute_silence_an_app_for_five),
    cmocka_unit_test (refusals_far_apart_silence_nobody),
    cmocka_unit_test (the_last_three_refusals_count_not_the_first),
    cmocka_unit_test (a_pick_forgives_earlier_refusals),
    cmocka_unit_test (one_app_does_not_silence_another),
    cmocka_unit_test (memory_is_bounded_and_the_latest_refusal_stays),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
