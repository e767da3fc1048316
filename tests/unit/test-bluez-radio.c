/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/bluez-rig.h"

#include <glib/gstdio.h>
#include <sys/socket.h>

static gboolean
is_not_running (gpointer radio)
{
  return !ble_radio_daemon_running (radio);
}

static gboolean
is_running (gpointer radio)
{
  return ble_radio_daemon_running (radio);
}

static void
adapter_is_known (void **state)
{
  Rig *rig = *state;
  const BleAdapter *adapter = ble_radio_find_adapter (rig->radio, rig_adapter (rig));

  assert_non_null (adapter);
  assert_string_equal (adapter->name, "hci0");
  assert_true (adapter->powered);
}

static void
accessory_is_found_by_a_scan (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");
  const BleAdvert *advert = ble_radio_lookup_device (rig->radio, device);

  assert_non_null (advert);
  assert_false (advert->bonded);
  assert_true (rig->n_updates > 0);
}

static void
scan_of_nothing_is_refused (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };

  ble_radio_scan_async (rig->radio, 4711, TRUE, NULL, rig_on_result, &result);
  assert_int_equal (result.n_ends, 0); /* never from inside the call */
  assert_string_equal (rig_cause (&result), "no-adapter");
  rig_tell (rig, "power hci0 off");
  ble_radio_power_async (rig->radio, rig_adapter (rig), FALSE, NULL, rig_on_result,
                         &result);
  assert_string_equal (rig_cause (&result), "");
  assert_string_equal (rig_scan (rig, TRUE), "not-ready");
}

/* As after a bluetoothd that was killed: the kernel scans on for a while. */
static void
scan_waits_for_a_kernel_that_is_busy (void **state)
{
  Rig *rig = *state;

  rig_tell (rig, "fail Adapter1.StartDiscovery InProgress 3");
  assert_string_equal (rig_scan (rig, TRUE), "");
  assert_string_equal (rig_scan (rig, FALSE), "");
}

static void
scan_that_waits_can_be_turned_off (void **state)
{
  Rig *rig = *state;
  RigResult on = { 0 };

  rig_tell (rig, "fail Adapter1.StartDiscovery InProgress 100");
  ble_radio_scan_async (rig->radio, rig_adapter (rig), TRUE, NULL, rig_on_result, &on);
  assert_string_equal (rig_scan (rig, FALSE), "");
  assert_string_not_equal (rig_cause (&on), "");
}

static void
connected_device_has_its_services (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "rate-ms=0");
  RigResult result = { 0 };
  g_autoptr (GBytes) value = NULL;
  g_autoptr (GError) error = NULL;

  assert_null (ble_radio_gatt (rig->radio, device));
  assert_string_equal (rig_connect (rig, device), "");
  assert_int_not_equal (rig_find (rig, device, 0x2a37), 0);

  rig_tell (rig, "set strap 2a19 2a");
  ble_radio_read_async (rig->radio, device, rig_find (rig, device, 0x2a19), 0, NULL,
                        rig_on_result, &result);
  rig_wait_result (&result);
  value = ble_radio_read_finish (rig->radio, result.result, &error);
  assert_non_null (value);
  assert_int_equal (g_bytes_get_size (value), 1);
  rig_clear_result (&result);

  ble_radio_disconnect_async (rig->radio, device, NULL, rig_on_result, &result);
  assert_string_equal (rig_cause (&result), "");
  assert_false (ble_radio_lookup_device (rig->radio, device)->connected);
}

static void
one_aborted_connect_is_tried_again (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");

  rig_tell (rig, "fail Device1.Connect Failed");
  assert_string_equal (rig_connect (rig, device), "");
  assert_string_equal (rig_forget (rig, device), "");
  assert_null (ble_radio_lookup_device (rig->radio, device));
}

static void
two_aborted_connects_are_an_error (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");

  rig_tell (rig, "fail Device1.Connect Failed 2");
  assert_string_equal (rig_connect (rig, device), "le-connection-abort-by-local");
}

/* It refuses to encrypt, so that the kernel cuts the link as soon as it is there. */
static void
accessory_that_has_forgotten_the_bond_is_known_by_two_aborted_connects (void **state)
{
  Rig *rig = *state;
  RigResult result = { 0 };
  BleDeviceId device = rig_begin_pairing (rig, "just-works", NULL, &result);

  (void) rig_end_pairing (rig, device, &result);
  ble_radio_disconnect_async (rig->radio, device, NULL, rig_on_result, &result);
  assert_string_equal (rig_cause (&result), "");
  rig_tell (rig, "fail Device1.Connect Failed 2");
  assert_string_equal (rig_connect (rig, device), "le-connection-key-missing");
  assert_string_equal (rig_connect (rig, device), "");
}

static int
acquire (Rig *rig, BleDeviceId device, const char **ret_cause)
{
  RigResult result = { 0 };
  g_autoptr (GError) error = NULL;
  guint16 mtu = 0;
  int descriptor;

  ble_radio_acquire_async (rig->radio, device, rig_find (rig, device, 0x2a37), FALSE,
                           NULL, rig_on_result, &result);
  rig_wait_result (&result);
  descriptor = ble_radio_acquire_finish (rig->radio, result.result, &mtu, &error);
  rig_clear_result (&result);
  if (ret_cause != NULL)
    *ret_cause = error != NULL ? g_intern_string (error->message) : "";
  return descriptor;
}

static void
socket_brings_values_and_is_given_back (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "rate-ms=0");
  const char *cause;
  guint8 octets[8];
  int descriptor;
  g_autofree char *stats = NULL;

  assert_string_equal (rig_connect (rig, device), "");
  descriptor = acquire (rig, device, NULL);
  assert_true (descriptor >= 0);
  g_free (rig_expect (rig, "subscribed strap 2a37"));
  assert_int_equal (acquire (rig, device, &cause), -1);
  assert_string_equal (cause, "notify-acquired");

  rig_tell (rig, "notify strap 2a37 1648");
  rig_tell (rig, "stats");
  g_free (rig_expect (rig, "stats"));
  assert_int_equal (recv (descriptor, octets, sizeof octets, 0), 2);
  assert_int_equal (octets[1], 0x48);

  assert_string_equal (rig_scan (rig, TRUE), "");
  (void) shutdown (descriptor, SHUT_RDWR);
  (void) g_close (descriptor, NULL);
  rig_leave (rig);
  rig_tell (rig, "stats");
  stats = rig_expect (rig, "stats");
  assert_non_null (strstr (stats, "scans=0"));
  assert_non_null (strstr (stats, "agents=0"));
  assert_non_null (strstr (stats, "subscriptions=0"));
}

static void
count_value (BleDeviceId device,
             BleAttributeId characteristic,
             GBytes *value,
             gpointer user_data)
{
  (*(guint *) user_data)++;
}

static gboolean
has_three (gpointer n)
{
  return *(guint *) n >= 3;
}

static void
followed_characteristic_is_told_by_value (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "rate-ms=0");
  RigResult result = { 0 };
  const char *cause;
  guint n_values = 0;
  const BleValueSink sink = { count_value, &n_values };

  assert_string_equal (rig_connect (rig, device), "");
  ble_radio_notify_async (rig->radio, device, rig_find (rig, device, 0x2a37), &sink, NULL,
                          rig_on_result, &result);
  assert_string_equal (rig_cause (&result), "");
  for (guint i = 0; i < 3; i++)
    rig_tell (rig, "notify strap 2a37 1648");
  rig_wait (has_three, &n_values, "three values");
  assert_int_equal (acquire (rig, device, &cause), -1);
  assert_string_equal (cause, "in-progress");
  ble_radio_notify_async (rig->radio, device, rig_find (rig, device, 0x2a37), NULL, NULL,
                          rig_on_result, &result);
  assert_string_equal (rig_cause (&result), "");
}

static void
subscription_that_is_given_up_is_taken_back (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "rate-ms=0");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const BleValueSink sink = { count_value, NULL };
  RigResult result = { 0 };

  assert_string_equal (rig_connect (rig, device), "");
  ble_radio_notify_async (rig->radio, device, rig_find (rig, device, 0x2a37), &sink,
                          cancellable, rig_on_result, &result);
  g_cancellable_cancel (cancellable);
  assert_string_equal (rig_cause (&result), "cancelled");
  g_free (rig_expect (rig, "unsubscribed"));
}

static gboolean
is_one_gone (gpointer rig)
{
  return ((const Rig *) rig)->n_gone == 1;
}

static void
death_of_bluetoothd_ends_everything_and_scan_comes_back (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");
  BleAdapterId adapter = rig_adapter (rig);
  RigResult result = { 0 };

  assert_string_equal (rig_scan (rig, TRUE), "");
  rig_tell (rig, "fail Device1.Connect hang");
  ble_radio_connect_async (rig->radio, device, NULL, rig_on_result, &result);
  rig_tell (rig, "die");
  assert_string_equal (rig_cause (&result), "no-daemon");
  rig_wait (is_one_gone, rig, "the device is gone");
  rig_wait (is_not_running, rig->radio, "bluetoothd is gone");
  assert_string_equal (rig_connect (rig, device), "no-daemon");

  rig_tell (rig, "rise");
  rig_wait (is_running, rig->radio, "bluetoothd is back");
  assert_int_equal (rig_adapter (rig), adapter);
  /* Nobody asked for the scan again. */
  rig->n_updates = 0;
  rig_add (rig, "scales", "");
  assert_null (ble_radio_lookup_device (rig->radio, device));
}

static void
adapter_that_goes_without_its_devices_ends_their_operations (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");
  RigResult result = { 0 };

  rig_tell (rig, "fail Device1.Connect hang");
  ble_radio_connect_async (rig->radio, device, NULL, rig_on_result, &result);
  rig_tell (rig, "remove hci0 bare");
  assert_string_equal (rig_cause (&result), "gone");
  assert_null (ble_radio_lookup_device (rig->radio, device));
  assert_int_equal (rig_adapter (rig), 0);
}

static void
every_operation_ends_once_when_the_radio_goes (void **state)
{
  Rig *rig = *state;
  BleDeviceId device = rig_add (rig, "strap", "");
  RigResult results[100] = { 0 };
  BleAttributeId attribute;

  assert_string_equal (rig_connect (rig, device), "");
  attribute = rig_find (rig, device, 0x2a19);
  rig_tell (rig, "fail GattCharacteristic1.ReadValue hang 100");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    ble_radio_read_async (rig->radio, device, attribute, 0, NULL, rig_on_result,
                          &results[i]);
  g_clear_pointer (&rig->radio, ble_radio_free);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      rig_wait_result (&results[i]);
      rig_clear_result (&results[i]);
    }
}

int
main (void)
{
#define RADIO_TEST(name) cmocka_unit_test_setup_teardown (name, rig_set_up, rig_tear_down)
  const struct CMUnitTest tests[] = {
    RADIO_TEST (adapter_is_known),
    RADIO_TEST (accessory_is_found_by_a_scan),
    RADIO_TEST (scan_of_nothing_is_refused),
    RADIO_TEST (scan_waits_for_a_kernel_that_is_busy),
    RADIO_TEST (scan_that_waits_can_be_turned_off),
    RADIO_TEST (connected_device_has_its_services),
    RADIO_TEST (one_aborted_connect_is_tried_again),
    RADIO_TEST (two_aborted_connects_are_an_error),
    RADIO_TEST (accessory_that_has_forgotten_the_bond_is_known_by_two_aborted_connects),
    RADIO_TEST (socket_brings_values_and_is_given_back),
    RADIO_TEST (followed_characteristic_is_told_by_value),
    RADIO_TEST (subscription_that_is_given_up_is_taken_back),
    RADIO_TEST (death_of_bluetoothd_ends_everything_and_scan_comes_back),
    RADIO_TEST (adapter_that_goes_without_its_devices_ends_their_operations),
    RADIO_TEST (every_operation_ends_once_when_the_radio_goes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
