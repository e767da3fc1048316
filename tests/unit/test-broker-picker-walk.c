/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every way through the states of a picker: whoever goes, whenever, there is one end and nothing is left. */

#include "tests/unit/unit.h"

#include "broker/picker-fsm.h"
#define DO(word) BROKER_PICKER_DO_##word

/* What a run owes: each is taken on by one action and given back by others. */
typedef struct
{
  gboolean scanning;
  gboolean noted;  /* a pending row */
  gboolean paired; /* a bond of ours, or one that may still come */
  gboolean granted;
  guint responses;
} Debts;

static void
book (Debts *debts, BrokerPickerState before, BrokerPickerEvent event, guint actions)
{
  if (actions & DO (START_SCAN))
    debts->scanning = TRUE;
  if (actions & DO (STOP_SCAN))
    debts->scanning = FALSE;
  if (actions & DO (STORE_PENDING))
    debts->noted = TRUE;
  if (actions & DO (PAIR))
    debts->paired = TRUE;
  if (event == BROKER_PICKER_PAIRED_BEFORE || event == BROKER_PICKER_BOND_UNVERIFIED)
    debts->paired = FALSE;
  if (before != BROKER_PICKER_ENDED && event == BROKER_PICKER_GRANT_STORED)
    {
      debts->granted = TRUE;
      debts->noted = FALSE; /* in one transaction */
    }
  if (actions & DO (KEEP_PENDING))
    debts->noted = TRUE;
  if (actions & DO (WITHDRAW))
    debts->granted = FALSE;
  if (event == BROKER_PICKER_UNDONE)
    debts->paired = FALSE;
  if (actions & DO (CLEAR_PENDING))
    debts->noted = FALSE;
  if (actions & DO (RESPOND))
    debts->responses++;
}

#define BIT(word) (G_GUINT64_CONSTANT (1) << BROKER_PICKER_##word)

/* The answers of calls, and the states in which such a call is under way. Everything else may come at any time. */
static const struct
{
  guint64 events;
  guint64 states;
} answers[] = {
  { BIT (PAIRED) | BIT (PAIRED_BEFORE) | BIT (PAIRED_UNVERIFIED) |
      BIT (PAIRED_DOWNGRADED) | BIT (PAIRED_KEYBOARD) | BIT (PAIR_FAILED),
    BIT (PAIRING) | BIT (ABORTING) },
  { BIT (GRANT_STORED) | BIT (GRANT_FAILED) | BIT (GRANT_HIDDEN),
    BIT (STORING) | BIT (STORING_BOND) | BIT (WITHDRAWING) | BIT (WITHDRAWING_BOND) },
  { BIT (BOND_UNVERIFIED),
    BIT (SCANNING) | BIT (WAITING) | BIT (PAIRING) | BIT (ABORTING) },
  { BIT (UNDONE) | BIT (UNDO_FAILED), BIT (UNDOING) },
};

static gboolean
is_possible (BrokerPickerState state, BrokerPickerEvent event)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    if ((answers[i].events & (G_GUINT64_CONSTANT (1) << event)) != 0)
      return (answers[i].states & (G_GUINT64_CONSTANT (1) << state)) != 0;
  return TRUE;
}

typedef struct
{
  gboolean seen[BROKER_PICKER_N_STATES][BROKER_PICKER_N_EVENTS];
  guint n_pairs;
  guint n_runs;
} Survey;

static void
check_end (const BrokerPickerFsm *fsm,
           const Debts *debts,
           gboolean undo_failed,
           gboolean client_gone)
{
  gboolean done = fsm->outcome == BROKER_PICKER_OUTCOME_DONE;

  assert_int_equal (debts->responses, 1);
  assert_false (debts->scanning);
  assert_int_equal (debts->granted, done);
  if (client_gone)
    assert_int_equal (fsm->outcome, BROKER_PICKER_OUTCOME_NONE);
  if (done)
    return;
  if (undo_failed)
    {
      assert_true (debts->noted);
      return;
    }
  assert_false (debts->paired);
  /* A note without its bond is harmless; a bond without its note would be an orphan. */
  assert_false (debts->noted);
}

#define DEPTH_MAX 13

/* A place on the way through the states. */
typedef struct
{
  BrokerPickerFsm fsm;
  Debts debts;
  gboolean undo_failed;
  gboolean client_gone;
  guint depth;
} Place;

/* What comes of @event at @place is put on @open, to be walked on from. */
static void
take_event (Survey *survey, const Place *place, BrokerPickerEvent event, GArray *open)
{
  BrokerPickerState state = place->fsm.state;
  Place next = *place;
  guint actions;

  if (!is_possible (state, event))
    return;
  if (!survey->seen[state][event])
    survey->n_pairs++;
  survey->seen[state][event] = TRUE;
  actions = broker_picker_fsm_step (&next.fsm, event);
  if (next.fsm.state == state && next.fsm.outcome == place->fsm.outcome)
    {
      assert_int_equal (actions, 0);
      return;
    }
  next.depth++;
  next.undo_failed |= event == BROKER_PICKER_UNDO_FAILED;
  next.client_gone |= event == BROKER_PICKER_CLIENT_GONE;
  book (&next.debts, state, event, actions);
  g_array_append_val (open, next);
}

static void
explore (Survey *survey)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Place));
  Place place = { .fsm = BROKER_PICKER_FSM_INIT };

  g_array_append_val (open, place);
  while (open->len > 0)
    {
      place = g_array_index (open, Place, open->len - 1);
      g_array_set_size (open, open->len - 1);
      if (place.fsm.state == BROKER_PICKER_ENDED)
        {
          survey->n_runs++;
          check_end (&place.fsm, &place.debts, place.undo_failed, place.client_gone);
          continue;
        }
      for (guint event = BROKER_PICKER_OPEN;
           place.depth < DEPTH_MAX && event < BROKER_PICKER_N_EVENTS; event++)
        take_event (survey, &place, event, open);
    }
}

static void
whoever_vanishes_whenever_there_is_one_end_and_nothing_is_left (void **state)
{
  Survey survey = { 0 };

  explore (&survey);
  print_message ("# %u (state, event) pairs and %u whole runs walked\n", survey.n_pairs,
                 survey.n_runs);
  /* Not one that can come was left out. */
  for (guint i = BROKER_PICKER_NEW; i < BROKER_PICKER_N_STATES; i++)
    for (guint event = BROKER_PICKER_OPEN; event < BROKER_PICKER_N_EVENTS; event++)
      assert_int_equal (survey.seen[i][event], is_possible (i, event));
}

static void
an_ended_picker_stays_ended (void **state)
{
  for (guint event = 0; event < BROKER_PICKER_N_EVENTS; event++)
    {
      BrokerPickerFsm fsm = { BROKER_PICKER_ENDED, BROKER_PICKER_OUTCOME_CANCELLED };

      assert_int_equal (broker_picker_fsm_step (&fsm, event), 0);
      assert_int_equal (fsm.state, BROKER_PICKER_ENDED);
      assert_int_equal (fsm.outcome, BROKER_PICKER_OUTCOME_CANCELLED);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (whoever_vanishes_whenever_there_is_one_end_and_nothing_is_left),
    cmocka_unit_test (an_ended_picker_stays_ended),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
