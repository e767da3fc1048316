/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "blepick/failure.h"

typedef struct
{
  BlepickError code;
  const char *cause;
  BlepickExit exit;
  BlepickExit while_pairing;
} ExitRow;

static void
every_error_of_the_contract_has_its_exit_status (void **state)
{
  static const ExitRow table[] = {
    { BLEPICK_ERROR_UNKNOWN, "internal", 1, 1 },
    { BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity", 4, 4 },
    { BLEPICK_ERROR_ACTIVATION_FAILED, "limits", 1, 1 },
    { BLEPICK_ERROR_CONNECTION_FAILED, "timeout", 10, 7 },
    { BLEPICK_ERROR_CONNECTION_FAILED, "wrong-passkey", 10, 7 },
    { BLEPICK_ERROR_DISCOVERY_TIMEOUT, "nothing-found", 3, 3 },
    { BLEPICK_ERROR_EXTENSION_NOT_FOUND, "no-presenter", 1, 1 },
    { BLEPICK_ERROR_INVALIDATED, "shutdown", 8, 8 },
    { BLEPICK_ERROR_INVALID_REQUEST, "bad-uuid", 2, 2 },
    { BLEPICK_ERROR_NOT_PERMITTED, "no-grant", 4, 4 },
    { BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "busy", 1, 1 },
    { BLEPICK_ERROR_PICKER_RESTRICTED, "bluetooth-off", 9, 9 },
    { BLEPICK_ERROR_PICKER_RESTRICTED, "no-adapter", 9, 9 },
    { BLEPICK_ERROR_PICKER_RESTRICTED, "no-daemon", 9, 9 },
    { BLEPICK_ERROR_PICKER_RESTRICTED, "presenter-lost", 1, 1 },
    { BLEPICK_ERROR_PICKER_RESTRICTED, "policy", 4, 4 },
    { BLEPICK_ERROR_USER_CANCELLED, "cancelled", 5, 5 },
    { BLEPICK_ERROR_USER_RESTRICTED, "policy", 4, 4 },
    { 4711, "what-is-this", 1, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error =
        g_error_new (BLEPICK_ERROR, (gint) table[i].code, "%s: Text.", table[i].cause);

      if (blepick_failure_exit (error, FALSE) != table[i].exit ||
          blepick_failure_exit (error, TRUE) != table[i].while_pairing)
        fail_msg ("%d %s gave %d, %d while pairing", (int) table[i].code, table[i].cause,
                  (int) blepick_failure_exit (error, FALSE),
                  (int) blepick_failure_exit (error, TRUE));
    }
}

static void
a_failure_of_the_command_keeps_its_own_exit_status (void **state)
{
  g_autoptr (GError) error = NULL;

  blepick_failure_set (&error, BLEPICK_EXIT_NO_SUCH, "no-such", "None is called %s.",
                       "X");
  assert_string_equal (error->message, "no-such: None is called X.");
  blepick_failure_translate (&error);
  assert_int_equal (blepick_failure_exit (error, TRUE), BLEPICK_EXIT_NO_SUCH);
}

static void
an_error_of_anybody_else_is_just_an_error (void **state)
{
  g_autoptr (GError) error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_IO, "Disk");

  assert_int_equal (blepick_failure_exit (error, FALSE), BLEPICK_EXIT_OTHER);
}

static void
an_error_on_the_bus_becomes_one_of_the_contract (void **state)
{
  g_autoptr (GError) error =
    g_dbus_error_new_for_dbus_error (BLEPICK_ERROR_PREFIX "NotPermitted",
                                     "no-grant: You have none.");

  blepick_failure_translate (&error);
  assert_true (blepick_error_matches (error, BLEPICK_ERROR_NOT_PERMITTED, "no-grant"));
  assert_string_equal (error->message, "no-grant: You have none.");
}

static void
an_error_of_a_newer_contract_is_unknown (void **state)
{
  g_autoptr (GError) error =
    g_dbus_error_new_for_dbus_error (BLEPICK_ERROR_PREFIX "OfTheFuture", "new: Text.");

  blepick_failure_translate (&error);
  assert_int_equal (blepick_failure_exit (error, FALSE), BLEPICK_EXIT_OTHER);
}

typedef struct
{
  GDBusError code;
  BlepickExit exit;
} BusRow;

static void
a_bus_without_broker_is_told_from_a_bus_that_refuses (void **state)
{
  static const BusRow table[] = {
    { G_DBUS_ERROR_SERVICE_UNKNOWN, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_NAME_HAS_NO_OWNER, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_NO_REPLY, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_SPAWN_FAILED, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_SPAWN_CHILD_EXITED, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_SPAWN_CONFIG_INVALID, BLEPICK_EXIT_NO_BROKER },
    { G_DBUS_ERROR_ACCESS_DENIED, BLEPICK_EXIT_DENIED },
    { G_DBUS_ERROR_UNKNOWN_METHOD, BLEPICK_EXIT_OTHER },
    { G_DBUS_ERROR_INVALID_ARGS, BLEPICK_EXIT_OTHER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error =
        g_error_new_literal (G_DBUS_ERROR, (gint) table[i].code, "Whatever it says");

      blepick_failure_translate (&error);
      assert_true (error->domain == BLEPICK_FAILURE);
      assert_int_equal (blepick_failure_exit (error, FALSE), table[i].exit);
    }
}

static void
no_error_stays_none (void **state)
{
  g_autoptr (GError) error = NULL;

  blepick_failure_translate (&error);
  blepick_failure_translate (NULL);
  assert_null (error);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_error_of_the_contract_has_its_exit_status),
    cmocka_unit_test (a_failure_of_the_command_keeps_its_own_exit_status),
    cmocka_unit_test (an_error_of_anybody_else_is_just_an_error),
    cmocka_unit_test (an_error_on_the_bus_becomes_one_of_the_contract),
    cmocka_unit_test (an_error_of_a_newer_contract_is_unknown),
    cmocka_unit_test (a_bus_without_broker_is_told_from_a_bus_that_refuses),
    cmocka_unit_test (no_error_stays_none),
  };

  return cmocka_run_group_tests_name ("blepick-failure", tests, NULL, NULL);
}
