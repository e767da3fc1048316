/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "broker/ask-fsm.h"

#define DO(word) BROKER_ASK_DO_##word

static void
a_yes_is_stored_then_answered (void **state)
{
  BrokerAskFsm fsm = BROKER_ASK_FSM_INIT;

  assert_int_equal (broker_ask_fsm_step (&fsm, BROKER_ASK_OPEN), DO (PRESENT));
  assert_int_equal (broker_ask_fsm_step (&fsm, BROKER_ASK_PRESENTED), DO (START_CLOCK));
  assert_int_equal (broker_ask_fsm_step (&fsm, BROKER_ASK_ACCEPTED), DO (STORE));
  assert_int_equal (broker_ask_fsm_step (&fsm, BROKER_ASK_STORED),
                    DO (DISMISS) | DO (RESPOND));
  assert_int_equal (fsm.outcome, BROKER_ASK_OUTCOME_DONE);
}

static void
an_answer_before_the_question_is_drawn_is_none (void **state)
{
  BrokerAskFsm fsm = BROKER_ASK_FSM_INIT;

  broker_ask_fsm_step (&fsm, BROKER_ASK_OPEN);
  assert_int_equal (broker_ask_fsm_step (&fsm, BROKER_ASK_ACCEPTED), 0);
  assert_int_equal (fsm.state, BROKER_ASK_OPENING);
}

static void
an_answer_on_its_way_to_the_disk_is_stored_whoever_goes (void **state)
{
  BrokerAskFsm fsm = { BROKER_ASK_STORING, BROKER_ASK_OUTCOME_NONE };

  for (guint event = BROKER_ASK_CANCELLED; event < BROKER_ASK_N_EVENTS; event++)
    assert_int_equal (broker_ask_fsm_step (&fsm, event), 0);
  assert_int_equal (fsm.state, BROKER_ASK_STORING);
}

/* What a question owes, and which answers of calls can come. */
typedef struct
{
  BrokerAskFsm fsm;
  gboolean storing;
  guint responses;
  guint depth;
} Place;

#define BIT(word) (1U << BROKER_ASK_##word)

static gboolean
is_possible (const Place *place, BrokerAskEvent event)
{
  guint answers =
    BIT (STORED) | BIT (STORED_OTHERWISE) | BIT (NOTED) | BIT (STORE_FAILED);

  return (answers & (1U << event)) == 0 || place->storing;
}

static void
whoever_vanishes_whenever_there_is_one_end (void **state)
{
  gboolean seen[BROKER_ASK_N_STATES][BROKER_ASK_N_EVENTS] = { 0 };
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Place));
  Place place = { .fsm = BROKER_ASK_FSM_INIT };
  guint n_pairs = 0, n_runs = 0;

  g_array_append_val (open, place);
  while (open->len > 0)
    {
      place = g_array_index (open, Place, open->len - 1);
      g_array_set_size (open, open->len - 1);
      if (place.fsm.state == BROKER_ASK_ENDED)
        {
          n_runs++;
          assert_int_equal (place.responses, 1);
          continue;
        }
      assert_true (place.depth < BROKER_ASK_N_STATES);
      for (guint event = BROKER_ASK_OPEN; event < BROKER_ASK_N_EVENTS; event++)
        {
          Place next = place;
          guint actions;

          if (!is_possible (&place, event))
            continue;
          n_pairs += seen[place.fsm.state][event] ? 0 : 1;
          seen[place.fsm.state][event] = TRUE;
          actions = broker_ask_fsm_step (&next.fsm, event);
          if (next.fsm.state == place.fsm.state)
            {
              assert_int_equal (actions, 0);
              continue;
            }
          next.depth++;
          next.storing = (actions & (DO (STORE) | DO (NOTE))) != 0;
          next.responses += (actions & DO (RESPOND)) != 0 ? 1 : 0;
          g_array_append_val (open, next);
        }
    }
  print_message ("# %u (state, event) pairs and %u whole runs walked\n", n_pairs, n_runs);
  for (guint i = BROKER_ASK_NEW; i < BROKER_ASK_N_STATES; i++)
    assert_true (seen[i][BROKER_ASK_CLIENT_GONE]);
}

static void
every_outcome_has_a_word_and_most_a_cause (void **state)
{
  for (guint i = 0; i < BROKER_ASK_N_OUTCOMES; i++)
    {
      const BrokerAskEnd *end = broker_ask_outcome_describe (i);

      assert_non_null (end->word);
      assert_true ((end->cause == NULL) == (end->text == NULL));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_yes_is_stored_then_answered),
    cmocka_unit_test (an_answer_before_the_question_is_drawn_is_none),
    cmocka_unit_test (an_answer_on_its_way_to_the_disk_is_stored_whoever_goes),
    cmocka_unit_test (whoever_vanishes_whenever_there_is_one_end),
    cmocka_unit_test (every_outcome_has_a_word_and_most_a_cause),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
