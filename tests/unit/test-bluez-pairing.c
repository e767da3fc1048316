/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pairing by bluetoothd, with each method, and the ways in which it fails. */

#include "tests/unit/bluez-rig.h"

static gboolean
was_prompted (gpointer rig)
{
  return ((Rig *) rig)->n_prompts > 0;
}

static const char *
end_pairing_badly (Rig *rig, BleDeviceId device, RigResult *result)
{
  g_autoptr (GError) error = NULL;

  rig_wait_result (result);
  assert_false (ble_radio_pair_finish (rig->radio, result->result, NULL, &error));
  rig_clear_result (result);
  assert_false (ble_radio_lookup_device (rig->radio, device)->bonded);
  return g_intern_string (error->message);
}

static void
just_works_asks_nothing (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "just-works", NULL, &result);

  assert_int_equal (rig_end_pairing (rig, device, &result), BLE_PAIR_METHOD_JUST_WORKS);
  assert_int_equal (rig->n_prompts, 0);
  ble_radio_pair_async (rig->radio, device, NULL, NULL, NULL, rig_on_result, &result);
  rig_wait_result (&result);
  {
    g_autoptr (GError) error = NULL;

    assert_false (ble_radio_pair_finish (rig->radio, result.result, NULL, &error));
    assert_string_equal (error->message, "already-exists");
  }
  rig_clear_result (&result);
}

static void
they_show_is_answered_with_digits (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "they-show", NULL, &result);
  g_autofree char *shown = NULL;

  rig_wait (was_prompted, rig, "prompt");
  assert_int_equal (rig->prompt.method, BLE_PAIR_METHOD_THEY_SHOW);
  shown = rig_expect (rig, "passkey-shown strap");
  ble_radio_pair_answer (rig->radio, device, TRUE,
                         (guint32) g_ascii_strtoull (shown, NULL, 10));
  assert_int_equal (rig_end_pairing (rig, device, &result), BLE_PAIR_METHOD_THEY_SHOW);
}

static void
we_show_is_typed_over_there (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "we-show", NULL, &result);

  rig_wait (was_prompted, rig, "prompt");
  assert_int_equal (rig->prompt.method, BLE_PAIR_METHOD_WE_SHOW);
  rig_tell (rig, "passkey strap %06u", rig->prompt.passkey);
  assert_int_equal (rig_end_pairing (rig, device, &result), BLE_PAIR_METHOD_WE_SHOW);
}

static void
compare_is_confirmed (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "compare", NULL, &result);
  g_autofree char *shown = NULL;

  rig_wait (was_prompted, rig, "prompt");
  assert_int_equal (rig->prompt.method, BLE_PAIR_METHOD_COMPARE);
  shown = rig_expect (rig, "compare-shown strap");
  assert_int_equal (g_ascii_strtoull (shown, NULL, 10), rig->prompt.passkey);
  ble_radio_pair_answer (rig->radio, device + 1, TRUE, 0); /* of another: nothing */
  ble_radio_pair_answer (rig->radio, device, TRUE, 0);
  assert_int_equal (rig_end_pairing (rig, device, &result), BLE_PAIR_METHOD_COMPARE);
}

static void
refused_comparison_fails (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "compare", NULL, &result);

  rig_wait (was_prompted, rig, "prompt");
  ble_radio_pair_answer (rig->radio, device, FALSE, 0);
  assert_string_equal (end_pairing_badly (rig, device, &result), "rejected");
}

static void
cancelled_pairing_makes_room_for_the_next (void **state)
{
  Rig *rig = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  RigResult result = { 0 }, second = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "compare", cancellable, &result);

  rig_wait (was_prompted, rig, "prompt");
  ble_radio_pair_async (rig->radio, device, NULL, NULL, NULL, rig_on_result, &second);
  assert_string_equal (end_pairing_badly (rig, device, &second), "in-progress");
  g_cancellable_cancel (cancellable);
  assert_string_equal (end_pairing_badly (rig, device, &result), "cancelled");
  ble_radio_pair_async (rig->radio, device, rig_on_prompt, rig, NULL, rig_on_result,
                        &second);
  rig->n_prompts = 0;
  rig_wait (was_prompted, rig, "second prompt");
  ble_radio_pair_answer (rig->radio, device, TRUE, 0);
  assert_int_equal (rig_end_pairing (rig, device, &second), BLE_PAIR_METHOD_COMPARE);
}

/* bluetoothd had bonded when it was told to give up: the bond is known by the time of the answer. */
static void
bond_that_was_made_while_it_was_cancelled_is_known (void **state)
{
  Rig *rig = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  RigResult result = { 0 };
  BleDeviceId device;

  rig_tell (rig, "fail Device1.CancelPairing DoesNotExist 1");
  device = rig_begin_pairing (rig, "just-works", cancellable, &result);
  g_cancellable_cancel (cancellable);
  rig_wait_result (&result);
  assert_false (ble_radio_pair_finish (rig->radio, result.result, NULL, &error));
  assert_string_equal (error->message, "cancelled");
  assert_true (ble_radio_lookup_device (rig->radio, device)->bonded);
  rig_clear_result (&result);
}

static void
bond_that_is_made_long_after_it_was_cancelled_is_taken_away (void **state)
{
  Rig *rig = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *unpaired = NULL;
  RigResult result = { 0 };
  BleDeviceId device;

  device = rig_begin_pairing (rig, "we-show", cancellable, &result);
  rig_wait (was_prompted, rig, "prompt");
  rig_tell (rig, "fail Device1.CancelPairing DoesNotExist 1");
  g_cancellable_cancel (cancellable);
  assert_string_equal (end_pairing_badly (rig, device, &result), "cancelled");
  rig_tell (rig, "passkey strap %06u", rig->prompt.passkey);
  unpaired = rig_expect (rig, "unpaired strap");
}

/* It may have bonded before it went: "cancelled" would say that it has not. */
static void
end_of_bluetoothd_says_more_than_that_it_was_cancelled (void **state)
{
  Rig *rig = *state;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  RigResult result = { 0 };

  (void) rig_begin_pairing (rig, "we-show", cancellable, &result);
  rig_wait (was_prompted, rig, "prompt");
  rig_tell (rig, "fail Device1.CancelPairing hang 1");
  g_cancellable_cancel (cancellable);
  rig_tell (rig, "die");
  rig_wait_result (&result);
  assert_false (ble_radio_pair_finish (rig->radio, result.result, NULL, &error));
  assert_string_equal (error->message, "no-daemon");
  rig_clear_result (&result);
}

static void
failure_says_what_it_was (void **state)
{
  static const struct
  {
    const char *error;
    const char *cause;
  } rows[] = {
    /* So bluetoothd calls the end of the 4 s that the kernel gives a link. */
    { "AuthenticationTimeout", "connection-attempt-failed" },
    { "ConnectionAttemptFailed", "connection-attempt-failed" },
    { "Failed:le-connection-abort-by-local", "le-connection-abort-by-local" },
    { "AuthenticationFailed", "authentication-failed" },
    { "org.freedesktop.DBus.Error.NoReply", "no-daemon" },
  };
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "pairing=just-works");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      RigResult result = { 0 };

      rig_tell (rig, "fail Device1.Pair %s 1", rows[i].error);
      ble_radio_pair_async (rig->radio, device, rig_on_prompt, rig, NULL, rig_on_result,
                            &result);
      assert_string_equal (end_pairing_badly (rig, device, &result), rows[i].cause);
    }
}

int
main (void)
{
#define PAIRING_TEST(name) \
  cmocka_unit_test_setup_teardown (name, rig_set_up, rig_tear_down)
  const struct CMUnitTest tests[] = {
    PAIRING_TEST (just_works_asks_nothing),
    PAIRING_TEST (they_show_is_answered_with_digits),
    PAIRING_TEST (we_show_is_typed_over_there),
    PAIRING_TEST (compare_is_confirmed),
    PAIRING_TEST (refused_comparison_fails),
    PAIRING_TEST (cancelled_pairing_makes_room_for_the_next),
    PAIRING_TEST (bond_that_was_made_while_it_was_cancelled_is_known),
    PAIRING_TEST (bond_that_is_made_long_after_it_was_cancelled_is_taken_away),
    PAIRING_TEST (end_of_bluetoothd_says_more_than_that_it_was_cancelled),
    PAIRING_TEST (failure_says_what_it_was),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
