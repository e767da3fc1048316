/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/ask-fsm.h"

#define DO(word)   BROKER_ASK_DO_##word
#define BIT(event) (1U << (BROKER_ASK_##event))
#define FINISH     (DO (DISMISS) | DO (RESPOND))

G_STATIC_ASSERT (BROKER_ASK_N_EVENTS <= 32);

typedef struct
{
  BrokerAskState state;
  guint events;
  BrokerAskState next;
  guint actions;
} Row;

/* Anyone may vanish while the person has not answered. */
#define VANISHED                                                                \
  (BIT (CANCELLED) | BIT (PRESENTER_LOST) | BIT (CLIENT_GONE) | BIT (REVOKED) | \
   BIT (SUSPENDED) | BIT (STOPPING) | BIT (SETTLED))

/* The first row that fits counts. An answer that is on its way to the disk is stored whoever goes: it is the
 * person's, not the client's. */
static const Row rows[] = {
  { BROKER_ASK_NEW, BIT (OPEN), BROKER_ASK_OPENING, DO (PRESENT) },
  { BROKER_ASK_NEW, BIT (QUEUE), BROKER_ASK_QUEUED, 0 },
  { BROKER_ASK_QUEUED, BIT (TURN), BROKER_ASK_OPENING, DO (PRESENT) },
  { BROKER_ASK_OPENING, BIT (PRESENTED), BROKER_ASK_ASKING, DO (START_CLOCK) },
  { BROKER_ASK_ASKING, BIT (ACCEPTED), BROKER_ASK_STORING, DO (STORE) },
  { BROKER_ASK_ASKING, BIT (DENIED), BROKER_ASK_NOTING, DO (NOTE) },
  { BROKER_ASK_STORING, BIT (STORED) | BIT (STORED_OTHERWISE) | BIT (STORE_FAILED),
    BROKER_ASK_ENDED, FINISH },
  { BROKER_ASK_NOTING, BIT (NOTED) | BIT (STORE_FAILED), BROKER_ASK_ENDED, FINISH },

  { BROKER_ASK_NEW, VANISHED, BROKER_ASK_ENDED, FINISH },
  { BROKER_ASK_QUEUED, VANISHED, BROKER_ASK_ENDED, FINISH },
  { BROKER_ASK_OPENING, VANISHED, BROKER_ASK_ENDED, FINISH },
  { BROKER_ASK_ASKING, VANISHED | BIT (TIMED_OUT), BROKER_ASK_ENDED, FINISH },
};

static BrokerAskOutcome
outcome_of (BrokerAskEvent event)
{
  static const BrokerAskOutcome outcomes[BROKER_ASK_N_EVENTS] = {
    [BROKER_ASK_SETTLED] = BROKER_ASK_OUTCOME_DONE,
    [BROKER_ASK_STORED] = BROKER_ASK_OUTCOME_DONE,
    [BROKER_ASK_STORED_OTHERWISE] = BROKER_ASK_OUTCOME_OTHERWISE,
    [BROKER_ASK_NOTED] = BROKER_ASK_OUTCOME_DENIED,
    [BROKER_ASK_STORE_FAILED] = BROKER_ASK_OUTCOME_STORE_FAILED,
    [BROKER_ASK_CANCELLED] = BROKER_ASK_OUTCOME_CANCELLED,
    [BROKER_ASK_TIMED_OUT] = BROKER_ASK_OUTCOME_NO_ANSWER,
    [BROKER_ASK_PRESENTER_LOST] = BROKER_ASK_OUTCOME_PRESENTER_LOST,
    [BROKER_ASK_REVOKED] = BROKER_ASK_OUTCOME_REVOKED,
    [BROKER_ASK_SUSPENDED] = BROKER_ASK_OUTCOME_SUSPENDED,
    [BROKER_ASK_STOPPING] = BROKER_ASK_OUTCOME_STOPPING,
  };

  return outcomes[event];
}

guint
broker_ask_fsm_step (BrokerAskFsm *fsm, BrokerAskEvent event)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].state != fsm->state || (rows[i].events & (1U << event)) == 0)
        continue;
      fsm->state = rows[i].next;
      if (fsm->state == BROKER_ASK_ENDED)
        fsm->outcome = outcome_of (event);
      return rows[i].actions;
    }
  return 0;
}

static const BrokerAskEnd descriptions[BROKER_ASK_N_OUTCOMES] = {
  [BROKER_ASK_OUTCOME_NONE] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_INVALIDATED,
                                "client-gone", "The app has gone.", "failed" },
  [BROKER_ASK_OUTCOME_DONE] = { BLEPICK_RESPONSE_DONE, BLEPICK_ERROR_UNKNOWN, NULL, NULL,
                                "done" },
  [BROKER_ASK_OUTCOME_DENIED] = { BLEPICK_RESPONSE_CANCELLED,
                                  BLEPICK_ERROR_USER_RESTRICTED, "denied-by-user",
                                  "The answer was no.", "denied" },
  [BROKER_ASK_OUTCOME_OTHERWISE] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_UNKNOWN, NULL,
                                     NULL, "failed" },
  [BROKER_ASK_OUTCOME_CANCELLED] = { BLEPICK_RESPONSE_CANCELLED,
                                     BLEPICK_ERROR_USER_CANCELLED, "cancelled",
                                     "The question was closed without an answer.",
                                     "cancelled" },
  [BROKER_ASK_OUTCOME_NO_ANSWER] = { BLEPICK_RESPONSE_CANCELLED,
                                     BLEPICK_ERROR_USER_CANCELLED, "no-answer",
                                     "Nobody answered before the time was over.",
                                     "failed" },
  [BROKER_ASK_OUTCOME_STORE_FAILED] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_UNKNOWN,
                                        "store-failed",
                                        "The answer could not be written to disk, so "
                                        "nothing has changed. Is the disk full?",
                                        "failed" },
  [BROKER_ASK_OUTCOME_PRESENTER_LOST] = { BLEPICK_RESPONSE_ENDED,
                                          BLEPICK_ERROR_PICKER_RESTRICTED,
                                          "presenter-lost",
                                          "The program that draws the question has gone.",
                                          "failed" },
  [BROKER_ASK_OUTCOME_REVOKED] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_UNKNOWN, NULL,
                                   NULL, "failed" },
  [BROKER_ASK_OUTCOME_SUSPENDED] = { BLEPICK_RESPONSE_ENDED,
                                     BLEPICK_ERROR_PICKER_RESTRICTED, "suspended",
                                     "The computer went to sleep.", "failed" },
  [BROKER_ASK_OUTCOME_STOPPING] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_INVALIDATED,
                                    "broker-stopping", "The service is stopping.",
                                    "failed" },
};

const BrokerAskEnd *
broker_ask_outcome_describe (BrokerAskOutcome outcome)
{
  g_return_val_if_fail (outcome < BROKER_ASK_N_OUTCOMES, &descriptions[0]);

  return &descriptions[outcome];
}
