/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who calls, with a bus and a helper of the test's own: what a bus says that Debian's does not
 * say yet, and everything that either may get wrong. */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dbus/errors.h"
#include "tests/unit/identity-rig.h"

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **answer = user_data;

  *answer = g_object_ref (result);
}

/* Returns: (transfer full): the caller, or NULL with an error. */
static BrokerCaller *
finish (IdentityRig *rig, GAsyncResult **answer, GError **error)
{
  BrokerCaller *caller;

  identity_rig_wait_for ((gpointer *) answer);
  caller = broker_identity_lookup_finish (rig->identity, *answer, error);
  g_clear_object (answer);
  return caller;
}

static BrokerCaller *
look_up (IdentityRig *rig, GError **error)
{
  GAsyncResult *answer = NULL;

  broker_identity_lookup_async (rig->identity, RIG_NAME, NULL, on_looked_up, &answer);
  return finish (rig, &answer, error);
}

static void
assert_found (IdentityRig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerCaller) caller = look_up (rig, &error);

  assert_null (error);
  assert_string_equal (caller->app, RIG_APP);
  assert_string_equal (caller->unique_name, RIG_NAME);
  assert_int_equal (caller->uid, RIG_UID);
  assert_string_equal (caller->strength, "path");
  assert_string_equal (caller->fingerprint, "package=app");
  assert_string_equal (caller->session, "c3");
  assert_false (caller->sandboxed);
}

static void
assert_refused (IdentityRig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerCaller) caller = look_up (rig, &error);

  assert_null (caller);
  assert_true (g_error_matches (error, BLEPICK_ERROR, BLEPICK_ERROR_ACTIVATION_FAILED));
  assert_true (g_str_has_prefix (error->message, "no-identity"));
  assert_null (broker_identity_peek (rig->identity, RIG_NAME));
}

/* ---- what the bus says ---- */

static void
process_that_the_bus_holds_is_asked_about_whatever_its_number (void **state)
{
  IdentityRig *rig = *state;

  rig->bus.promises_fd = rig->bus.gives_fd = TRUE;
  assert_found (rig);
  assert_int_equal (rig->asked_pid, rig->child);
  assert_int_not_equal (rig->asked_pid, getpid ());
}

static void
without_a_descriptor_the_number_is_opened (void **state)
{
  IdentityRig *rig = *state;

  assert_found (rig);
  assert_int_equal (rig->asked_pid, rig->child);
}

static const BusWords bad_words[] = {
  { .name = "refuses", .refuses = TRUE },
  { .name = "no uid", .no_uid = TRUE },
  { .name = "no pid", .no_pid = TRUE },
  { .name = "pid 0", .zero_pid = TRUE },
  { .name = "a descriptor that is not there", .promises_fd = TRUE },
  { .name = "a descriptor, but no pid",
    .no_pid = TRUE,
    .promises_fd = TRUE,
    .gives_fd = TRUE },
};

static void
bus_that_does_not_say_who_it_is_is_not_guessed_for (void **state)
{
  IdentityRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (bad_words); i++)
    {
      print_message ("# %s\n", bad_words[i].name);
      rig->bus = bad_words[i];
      assert_refused (rig);
      assert_int_equal (rig->n_asked, 0);
    }
}

static gint64
read_boot_clock_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
helper_hears_when_the_connection_came (void **state)
{
  IdentityRig *rig = *state;
  gint64 before_us = read_boot_clock_us ();

  /* There before the broker: it counts from the broker's own start. */
  assert_found (rig);
  assert_true (rig->asked.appeared_us <= before_us);
  assert_int_equal (rig->asked.uid, RIG_UID);
  identity_rig_announce (rig, RIG_NAME, "");
  while (broker_identity_peek (rig->identity, RIG_NAME) != NULL)
    (void) g_main_context_iteration (NULL, TRUE);
  identity_rig_announce (rig, "", RIG_NAME);
  while (broker_clients_get_appeared_us (rig->clients, RIG_NAME) < before_us)
    (void) g_main_context_iteration (NULL, TRUE);
  assert_found (rig);
  assert_true (rig->asked.appeared_us >= before_us);
  assert_true (rig->asked.appeared_us <= read_boot_clock_us ());
}

/* ---- what the helper says ---- */

static void
answer_that_does_not_fit_is_a_refusal (void **state)
{
  IdentityRig *rig = *state;

  for (rig->helper = GOOD + 1; rig->helper < N_ANSWERS; rig->helper++)
    {
      print_message ("# answer %u\n", (guint) rig->helper);
      assert_refused (rig);
      assert_int_equal (rig->n_asked, rig->helper);
    }
}

static void
nobody_to_ask_is_a_refusal (void **state)
{
  IdentityRig *rig = *state;

  assert_int_equal (g_unlink (rig->socket_path), 0);
  assert_refused (rig);
}

/* ---- what is kept ---- */

static void
look_ups_at_once_share_one_question_and_its_answer_is_kept (void **state)
{
  IdentityRig *rig = *state;
  GAsyncResult *answers[3] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    broker_identity_lookup_async (rig->identity, RIG_NAME, NULL, on_looked_up,
                                  &answers[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (BrokerCaller) caller = finish (rig, &answers[i], NULL);

      assert_string_equal (caller->app, RIG_APP);
    }
  assert_found (rig);
  assert_int_equal (rig->n_asked, 1);
}

static void
refusal_is_not_kept (void **state)
{
  IdentityRig *rig = *state;

  rig->helper = REFUSAL;
  assert_refused (rig);
  rig->helper = GOOD;
  assert_found (rig);
  assert_int_equal (rig->n_asked, 2);
}

static void
name_that_leaves_while_it_is_asked_about_is_nobody (void **state)
{
  IdentityRig *rig = *state;
  GAsyncResult *answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerCaller) caller = NULL;

  rig->helper = SILENT;
  broker_identity_lookup_async (rig->identity, RIG_NAME, NULL, on_looked_up, &answer);
  while (rig->n_asked == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  identity_rig_announce (rig, RIG_NAME, "");
  caller = finish (rig, &answer, &error);
  assert_null (caller);
  assert_true (g_error_matches (error, BLEPICK_ERROR, BLEPICK_ERROR_ACTIVATION_FAILED));
  /* The answer that comes now is nobody's. */
  identity_rig_send_answer (rig->silent_fd, GOOD);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_null (broker_identity_peek (rig->identity, RIG_NAME));
}

int
main (void)
{
#define CASE(name) \
  cmocka_unit_test_setup_teardown (name, identity_rig_set_up, identity_rig_tear_down)
  const struct CMUnitTest tests[] = {
    CASE (process_that_the_bus_holds_is_asked_about_whatever_its_number),
    CASE (without_a_descriptor_the_number_is_opened),
    CASE (bus_that_does_not_say_who_it_is_is_not_guessed_for),
    CASE (helper_hears_when_the_connection_came),
    CASE (answer_that_does_not_fit_is_a_refusal),
    CASE (nobody_to_ask_is_a_refusal),
    CASE (look_ups_at_once_share_one_question_and_its_answer_is_kept),
    CASE (refusal_is_not_kept),
    CASE (name_that_leaves_while_it_is_asked_about_is_nobody),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
