/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/bluez-errors.h"

#define BLUEZ "org.bluez.Error."
#define BUS   "org.freedesktop.DBus.Error."

typedef struct
{
  const char *name;
  const char *text;
  BleRadioError code;
  const char *cause;
} Row;

static const Row rows[] = {
  { BLUEZ "Failed", "le-connection-abort-by-local", BLE_RADIO_ERROR_CONNECTION,
    "le-connection-abort-by-local" },
  { BLUEZ "Failed", "le-connection-timeout", BLE_RADIO_ERROR_TIMED_OUT,
    "le-connection-timeout" },
  { BLUEZ "Failed", "le-connection-concurrent-connection-limit", BLE_RADIO_ERROR_BUSY,
    "le-connection-concurrent-connection-limit" },
  { BLUEZ "NotReady", "br-connection-adapter-not-powered", BLE_RADIO_ERROR_ADAPTER_OFF,
    "br-connection-adapter-not-powered" },
  { BLUEZ "InProgress", "br-connection-busy", BLE_RADIO_ERROR_BUSY,
    "br-connection-busy" },
  { BLUEZ "Failed", "br-connection-canceled", BLE_RADIO_ERROR_CONNECTION,
    "br-connection-canceled" },
  { BLUEZ "Failed", "le-connection-of-tomorrow", BLE_RADIO_ERROR_CONNECTION,
    "le-connection-of-tomorrow" },
  { BLUEZ "Failed", "le-connection-\x1b[31m", BLE_RADIO_ERROR_FAILED, "failed" },
  { BLUEZ "Failed", "Operation failed with ATT error: 0x81", BLE_RADIO_ERROR_FAILED,
    "att-error-81" },
  { BLUEZ "Failed", "Operation failed with ATT error: 0x81\n", BLE_RADIO_ERROR_FAILED,
    "failed" },
  { BLUEZ "Failed", "Input/output error", BLE_RADIO_ERROR_FAILED, "failed" },
  { BLUEZ "Failed", "Software caused connection abort", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Function not implemented", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Not connected", BLE_RADIO_ERROR_CONNECTION, "not-connected" },
  { BLUEZ "NotPermitted", "Notify acquired", BLE_RADIO_ERROR_BUSY, "notify-acquired" },
  { BLUEZ "NotPermitted", "Not paired", BLE_RADIO_ERROR_NOT_PERMITTED, "not-paired" },
  { BLUEZ "NotPermitted", "Something new", BLE_RADIO_ERROR_NOT_PERMITTED,
    "not-permitted" },
  { BLUEZ "InvalidArguments", "Invalid offset", BLE_RADIO_ERROR_INVALID,
    "invalid-offset" },
  { BLUEZ "AuthenticationFailed", "Authentication Failed", BLE_RADIO_ERROR_PAIRING_FAILED,
    "authentication-failed" },
  { BLUEZ "AuthenticationCanceled", NULL, BLE_RADIO_ERROR_PAIRING_CANCELLED,
    "authentication-canceled" },
  { BLUEZ "AlreadyExists", "Already Exists", BLE_RADIO_ERROR_FAILED, "already-exists" },
  { BLUEZ "OfTomorrow", "le", BLE_RADIO_ERROR_FAILED, "failed" },
  { BUS "NoReply", "gone", BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  { BUS "ServiceUnknown", NULL, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  { BUS "UnknownObject", NULL, BLE_RADIO_ERROR_NO_DEVICE, "gone" },
  { "org.example.Error.Failed", "le-connection-timeout", BLE_RADIO_ERROR_FAILED,
    "failed" },
  { "", "", BLE_RADIO_ERROR_FAILED, "failed" },
};

static void
errors_on_the_wire_have_a_cause_word (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = ble_bluez_error_from_wire (rows[i].name, rows[i].text);

      if (!g_error_matches (error, BLE_RADIO_ERROR, (gint) rows[i].code) ||
          strcmp (error->message, rows[i].cause) != 0)
        fail_msg ("%s \"%s\": %d %s", rows[i].name, rows[i].text, error->code,
                  error->message);
    }
}

static void
every_word_of_a_failed_connection_is_a_cause (void **state)
{
  /* BlueZ 5.66, src/error.h. */
  static const char *const words[] = {
    "invalid-arguments",
    "adapter-not-powered",
    "not-supported",
    "already-connected",
    "bad-socket",
    "memory-allocation",
    "busy",
    "refused",
    "create-socket",
    "timeout",
    "abort-by-remote",
    "abort-by-local",
    "gatt-browsing",
    "link-layer-protocol-error",
    "unknown",
    "concurrent-connection-limit",
    "key-missing",
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *text = g_strconcat ("le-connection-", words[i], NULL);
      g_autoptr (GError) error = ble_bluez_error_from_wire (BLUEZ "Failed", text);

      assert_string_equal (error->message, text);
      assert_int_not_equal (error->code, BLE_RADIO_ERROR_FAILED);
    }
}

static void
errors_of_our_own_side_are_told_apart (void **state)
{
  static const struct
  {
    GIOErrorEnum from;
    BleRadioError code;
  } local[] = {
    { G_IO_ERROR_CANCELLED, BLE_RADIO_ERROR_CANCELLED },
    { G_IO_ERROR_TIMED_OUT, BLE_RADIO_ERROR_TIMED_OUT },
    { G_IO_ERROR_CLOSED, BLE_RADIO_ERROR_NO_DAEMON },
    { G_IO_ERROR_FAILED, BLE_RADIO_ERROR_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (local); i++)
    {
      g_autoptr (GError) from =
        g_error_new_literal (G_IO_ERROR, (gint) local[i].from, "le-connection-timeout");
      g_autoptr (GError) error = ble_bluez_error_translate (from);

      assert_int_equal (error->domain, BLE_RADIO_ERROR);
      assert_int_equal (error->code, local[i].code);
    }
}

static void
a_remote_error_is_taken_by_its_name (void **state)
{
  g_autoptr (GError) from =
    g_dbus_error_new_for_dbus_error (BLUEZ "Failed", "le-connection-refused");
  g_autoptr (GError) error = ble_bluez_error_translate (from);

  assert_int_equal (error->code, BLE_RADIO_ERROR_CONNECTION);
  assert_string_equal (error->message, "le-connection-refused");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (errors_on_the_wire_have_a_cause_word),
    cmocka_unit_test (every_word_of_a_failed_connection_is_a_cause),
    cmocka_unit_test (errors_of_our_own_side_are_told_apart),
    cmocka_unit_test (a_remote_error_is_taken_by_its_name),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
