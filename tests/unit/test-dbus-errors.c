/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "dbus/errors.h"
#include "dbus/names.h"

static void
every_error_has_a_name_that_leads_back_to_it (void **state)
{
  const BlepickError codes[] = {
    BLEPICK_ERROR_UNKNOWN,
    BLEPICK_ERROR_ACTIVATION_FAILED,
    BLEPICK_ERROR_CONNECTION_FAILED,
    BLEPICK_ERROR_DISCOVERY_TIMEOUT,
    BLEPICK_ERROR_EXTENSION_NOT_FOUND,
    BLEPICK_ERROR_INVALIDATED,
    BLEPICK_ERROR_INVALID_REQUEST,
    BLEPICK_ERROR_NOT_PERMITTED,
    BLEPICK_ERROR_PICKER_ALREADY_ACTIVE,
    BLEPICK_ERROR_PICKER_RESTRICTED,
    BLEPICK_ERROR_USER_CANCELLED,
    BLEPICK_ERROR_USER_RESTRICTED,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      const char *name = blepick_error_to_name (codes[i]);

      assert_true (g_str_has_prefix (name, BLEPICK_ERROR_PREFIX));
      assert_int_equal (blepick_error_from_name (name), codes[i]);
    }
  assert_int_equal (blepick_error_from_name ("org.example.Error"), BLEPICK_ERROR_UNKNOWN);
  assert_string_equal (blepick_error_to_name (7), "org.blepick.Error.Unknown");
}

static const struct
{
  const char *message;
  const char *cause;
  gboolean retryable;
  const char *text;
} messages[] = {
  { "no-grant: Pick it first.", "no-grant", FALSE, "Pick it first." },
  { "throttled (retry): Wait: a bit.", "throttled", TRUE, "Wait: a bit." },
  { "a: ", "a", FALSE, "" },
  /* not ours */
  { "", "internal", FALSE, "" },
  { ": text", "internal", FALSE, ": text" },
  { "No such thing: really", "internal", FALSE, "No such thing: really" },
  { "no-grant", "internal", FALSE, "no-grant" },
  { "no-grant:text", "internal", FALSE, "no-grant:text" },
  { "no-grant (again): text", "internal", FALSE, "no-grant (again): text" },
};

static void
messages_are_taken_apart_and_strange_ones_kept_whole (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *cause = NULL, *text = NULL;
      gboolean retryable = 7;

      blepick_error_split (messages[i].message, &cause, &retryable, &text);
      assert_string_equal (cause, messages[i].cause);
      assert_int_equal (retryable, messages[i].retryable);
      assert_string_equal (text, messages[i].text);
    }
}

static void
an_error_says_whether_trying_again_may_help (void **state)
{
  g_autoptr (GError) busy =
    blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "busy", "Wait.");
  g_autoptr (GError) link =
    blepick_error_new (BLEPICK_ERROR_CONNECTION_FAILED, "le-connection-canceled", "No.");
  g_autoptr (GError) final = NULL;

  blepick_error_set (&final, BLEPICK_ERROR_NOT_PERMITTED, "no-grant", "%s", "No.");
  assert_string_equal (busy->message, "busy (retry): Wait.");
  assert_string_equal (link->message, "le-connection-canceled (retry): No.");
  assert_string_equal (final->message, "no-grant: No.");
  assert_true (blepick_error_matches (busy, BLEPICK_ERROR_NOT_PERMITTED, "busy"));
  assert_false (blepick_error_matches (busy, BLEPICK_ERROR_NOT_PERMITTED, "bus"));
  assert_false (blepick_error_matches (busy, BLEPICK_ERROR_UNKNOWN, "busy"));
}

static void
events_have_the_names_of_the_contract (void **state)
{
  assert_string_equal (blepick_event_name (BLEPICK_EVENT_ACTIVATED), "activated");
  assert_string_equal (blepick_event_name (BLEPICK_EVENT_PICKER_DID_DISMISS),
                       "picker-did-dismiss");
  assert_null (blepick_event_name (BLEPICK_EVENT_NONE));
  assert_null (blepick_event_name (12));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_error_has_a_name_that_leads_back_to_it),
    cmocka_unit_test (messages_are_taken_apart_and_strange_ones_kept_whole),
    cmocka_unit_test (an_error_says_whether_trying_again_may_help),
    cmocka_unit_test (events_have_the_names_of_the_contract),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
