/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "broker/picker-fsm.h"
#define DO(word) BROKER_PICKER_DO_##word

typedef struct
{
  BrokerPickerEvent event;
  BrokerPickerState state; /* after it */
  guint actions;
} Step;

#define STEPS_MAX 14

static void
walk (const Step *steps, BrokerPickerOutcome outcome)
{
  BrokerPickerFsm fsm = BROKER_PICKER_FSM_INIT;

  for (guint i = 0; i < STEPS_MAX && steps[i].event != BROKER_PICKER_NOTHING; i++)
    {
      guint actions = broker_picker_fsm_step (&fsm, steps[i].event);

      assert_string_equal (broker_picker_state_name (fsm.state),
                           broker_picker_state_name (steps[i].state));
      assert_int_equal (actions, steps[i].actions);
    }
  assert_int_equal (fsm.outcome, outcome);
}

#define OPENED                                                                   \
  { BROKER_PICKER_OPEN, BROKER_PICKER_OPENING, DO (PRESENT) | DO (START_SCAN) }, \
  {                                                                              \
    BROKER_PICKER_PRESENTED, BROKER_PICKER_SCANNING, DO (SAY_PRESENTED)          \
  }

#define PAIRING                                                                          \
  OPENED, { BROKER_PICKER_CHOSE_UNPAIRED, BROKER_PICKER_PREPARING, DO (STORE_PENDING) }, \
    { BROKER_PICKER_PENDING_STORED, BROKER_PICKER_WAITING, DO (JOIN_PAIRING) },          \
  {                                                                                      \
    BROKER_PICKER_PAIR_TURN, BROKER_PICKER_PAIRING,                                      \
      DO (STOP_SCAN) | DO (SAY_PAIRING) | DO (PAIR)                                      \
  }

#define STORING_BOND                                                  \
  { BROKER_PICKER_PAIRED, BROKER_PICKER_NAMING_BOND, DO (ASK_NAME) }, \
  {                                                                   \
    BROKER_PICKER_NAMED, BROKER_PICKER_STORING_BOND, DO (STORE_GRANT) \
  }

#define FINISH (DO (DISMISS) | DO (RESPOND))
#define UNDONE                                         \
  {                                                    \
    BROKER_PICKER_UNDONE, BROKER_PICKER_ENDED,         \
      DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH \
  }

static void
a_pick_is_paired_then_stored_then_answered (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    STORING_BOND,
    { BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED, DO (LEAVE_PAIRING) | FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_DONE);
}

static void
a_bonded_accessory_is_not_paired_again (void **state)
{
  const Step steps[STEPS_MAX] = {
    OPENED,
    { BROKER_PICKER_CHOSE_READY, BROKER_PICKER_NAMING, DO (STOP_SCAN) | DO (ASK_NAME) },
    { BROKER_PICKER_NAMED, BROKER_PICKER_STORING, DO (STORE_GRANT) },
    { BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED, FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_DONE);
}

static void
a_wrong_passkey_leaves_no_bond (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIR_FAILED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_PAIR_FAILED);
}

static void
a_bond_that_comes_after_the_cancel_is_undone (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_CANCELLED, BROKER_PICKER_ABORTING, DO (CANCEL_PAIR) },
    { BROKER_PICKER_PAIRED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_CANCELLED);
}

static void
an_unverified_bond_is_undone_when_verification_is_required (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIRED_UNVERIFIED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_NOT_VERIFIED);
}

static void
a_bond_of_somebody_else_is_kept (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIRED_BEFORE, BROKER_PICKER_NAMING,
      DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | DO (ASK_NAME) },
    { BROKER_PICKER_NAMED, BROKER_PICKER_STORING, DO (STORE_GRANT) },
    { BROKER_PICKER_GRANT_FAILED, BROKER_PICKER_ENDED, FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_STORE_FAILED);
}

static void
a_grant_that_cannot_be_stored_takes_its_bond_with_it (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    STORING_BOND,
    { BROKER_PICKER_GRANT_FAILED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_STORE_FAILED);
}

static void
a_client_that_goes_while_its_grant_is_stored_keeps_nothing (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    STORING_BOND,
    { BROKER_PICKER_CLIENT_GONE, BROKER_PICKER_WITHDRAWING_BOND, 0 },
    { BROKER_PICKER_GRANT_STORED, BROKER_PICKER_UNDOING,
      DO (KEEP_PENDING) | DO (WITHDRAW) | DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_NONE);
}

static void
a_bond_that_cannot_be_undone_stays_noted (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_DAEMON_GONE, BROKER_PICKER_ABORTING, DO (CANCEL_PAIR) },
    { BROKER_PICKER_PAIR_FAILED, BROKER_PICKER_UNDOING, DO (UNDO) },
    { BROKER_PICKER_UNDO_FAILED, BROKER_PICKER_ENDED,
      DO (KEEP_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_NO_DAEMON);
}

static void
a_bond_of_somebody_else_that_nothing_verified_is_refused_and_kept (void **state)
{
  const Step chosen[STEPS_MAX] = {
    OPENED,
    { BROKER_PICKER_BOND_UNVERIFIED, BROKER_PICKER_ENDED, DO (STOP_SCAN) | FINISH },
  };
  const Step paired_meanwhile[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_BOND_UNVERIFIED, BROKER_PICKER_ENDED,
      DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  };

  walk (chosen, BROKER_PICKER_OUTCOME_NOT_VERIFIED);
  walk (paired_meanwhile, BROKER_PICKER_OUTCOME_NOT_VERIFIED);
}

static void
a_cancel_that_comes_after_the_bond_is_too_late (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    STORING_BOND,
    { BROKER_PICKER_CANCELLED, BROKER_PICKER_STORING_BOND, 0 },
    { BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED, DO (LEAVE_PAIRING) | FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_DONE);
}

static void
a_bond_that_appears_by_itself_is_not_ours_to_undo (void **state)
{
  const Step steps[STEPS_MAX] = {
    OPENED,
    { BROKER_PICKER_CHOSE_UNPAIRED, BROKER_PICKER_PREPARING, DO (STORE_PENDING) },
    { BROKER_PICKER_BOND_APPEARED, BROKER_PICKER_PREPARING, 0 },
    { BROKER_PICKER_PENDING_STORED, BROKER_PICKER_WAITING, DO (JOIN_PAIRING) },
    { BROKER_PICKER_BOND_APPEARED, BROKER_PICKER_NAMING,
      DO (STOP_SCAN) | DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | DO (ASK_NAME) },
    { BROKER_PICKER_CANCELLED, BROKER_PICKER_ENDED, FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_CANCELLED);
}

static void
a_keyboard_that_nobody_asked_for_is_unpaired_and_its_grant_withdrawn (void **state)
{
  const Step while_pairing[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIRED_KEYBOARD, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };
  const Step while_storing[STEPS_MAX] = {
    PAIRING,
    STORING_BOND,
    { BROKER_PICKER_KEYBOARD, BROKER_PICKER_WITHDRAWING_BOND, 0 },
    { BROKER_PICKER_GRANT_STORED, BROKER_PICKER_UNDOING,
      DO (KEEP_PENDING) | DO (WITHDRAW) | DO (UNDO) },
    UNDONE,
  };

  walk (while_pairing, BROKER_PICKER_OUTCOME_KEYBOARD);
  walk (while_storing, BROKER_PICKER_OUTCOME_KEYBOARD);
}

static void
a_downgrade_is_undone (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIRED_DOWNGRADED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_DOWNGRADED);
}

static void
whoever_goes_while_the_person_types_a_name_takes_the_bond_along (void **state)
{
  const Step steps[STEPS_MAX] = {
    PAIRING,
    { BROKER_PICKER_PAIRED, BROKER_PICKER_NAMING_BOND, DO (ASK_NAME) },
    { BROKER_PICKER_SUSPENDED, BROKER_PICKER_UNDOING, DO (UNDO) },
    UNDONE,
  };

  walk (steps, BROKER_PICKER_OUTCOME_SUSPENDED);
}

static void
an_accessory_that_goes_before_its_turn_ends_the_pick (void **state)
{
  const Step steps[STEPS_MAX] = {
    OPENED,
    { BROKER_PICKER_CHOSE_UNPAIRED, BROKER_PICKER_PREPARING, DO (STORE_PENDING) },
    { BROKER_PICKER_ACCESSORY_GONE, BROKER_PICKER_ENDED,
      DO (STOP_SCAN) | DO (CLEAR_PENDING) | FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_ACCESSORY_GONE);
}

static void
a_queued_picker_waits_for_its_turn (void **state)
{
  const Step steps[STEPS_MAX] = {
    { BROKER_PICKER_QUEUE, BROKER_PICKER_QUEUED, 0 },
    { BROKER_PICKER_PRESENTED, BROKER_PICKER_QUEUED, 0 },
    { BROKER_PICKER_TURN, BROKER_PICKER_OPENING, DO (PRESENT) | DO (START_SCAN) },
    { BROKER_PICKER_PRESENTER_LOST, BROKER_PICKER_ENDED, DO (STOP_SCAN) | FINISH },
  };

  walk (steps, BROKER_PICKER_OUTCOME_PRESENTER_LOST);
}

static void
every_outcome_but_success_and_pairing_has_its_cause (void **state)
{
  for (guint i = 0; i < BROKER_PICKER_N_OUTCOMES; i++)
    {
      const BrokerPickerEnd *end = broker_picker_outcome_describe (i);

      if (i == BROKER_PICKER_OUTCOME_DONE || i == BROKER_PICKER_OUTCOME_PAIR_FAILED)
        {
          assert_null (end->cause);
        }
      else
        {
          assert_non_null (end->cause);
          assert_non_null (end->text);
        }
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_pick_is_paired_then_stored_then_answered),
    cmocka_unit_test (a_bonded_accessory_is_not_paired_again),
    cmocka_unit_test (a_wrong_passkey_leaves_no_bond),
    cmocka_unit_test (a_bond_that_comes_after_the_cancel_is_undone),
    cmocka_unit_test (an_unverified_bond_is_undone_when_verification_is_required),
    cmocka_unit_test (a_bond_of_somebody_else_is_kept),
    cmocka_unit_test (a_bond_of_somebody_else_that_nothing_verified_is_refused_and_kept),
    cmocka_unit_test (a_grant_that_cannot_be_stored_takes_its_bond_with_it),
    cmocka_unit_test (a_client_that_goes_while_its_grant_is_stored_keeps_nothing),
    cmocka_unit_test (a_bond_that_cannot_be_undone_stays_noted),
    cmocka_unit_test (a_cancel_that_comes_after_the_bond_is_too_late),
    cmocka_unit_test (a_bond_that_appears_by_itself_is_not_ours_to_undo),
    cmocka_unit_test (
      a_keyboard_that_nobody_asked_for_is_unpaired_and_its_grant_withdrawn),
    cmocka_unit_test (a_downgrade_is_undone),
    cmocka_unit_test (whoever_goes_while_the_person_types_a_name_takes_the_bond_along),
    cmocka_unit_test (an_accessory_that_goes_before_its_turn_ends_the_pick),
    cmocka_unit_test (a_queued_picker_waits_for_its_turn),
    cmocka_unit_test (every_outcome_but_success_and_pairing_has_its_cause),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
