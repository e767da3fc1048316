/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/picker-fsm.h"

#define DO(word) BROKER_PICKER_DO_##word
#define FINISH   (DO (DISMISS) | DO (RESPOND))

typedef struct
{
  BrokerPickerState state;
  BrokerPickerEvent event;
  BrokerPickerState next;
  guint actions;
} StepRow;

/* The way forward, and the way back out. */
static const StepRow steps[] = {
  { BROKER_PICKER_NEW, BROKER_PICKER_OPEN, BROKER_PICKER_OPENING,
    DO (PRESENT) | DO (START_SCAN) },
  { BROKER_PICKER_NEW, BROKER_PICKER_QUEUE, BROKER_PICKER_QUEUED, 0 },
  { BROKER_PICKER_QUEUED, BROKER_PICKER_TURN, BROKER_PICKER_OPENING,
    DO (PRESENT) | DO (START_SCAN) },
  { BROKER_PICKER_OPENING, BROKER_PICKER_PRESENTED, BROKER_PICKER_SCANNING,
    DO (SAY_PRESENTED) },

  { BROKER_PICKER_SCANNING, BROKER_PICKER_CHOSE_UNPAIRED, BROKER_PICKER_PREPARING,
    DO (STORE_PENDING) },
  { BROKER_PICKER_SCANNING, BROKER_PICKER_CHOSE_READY, BROKER_PICKER_NAMING,
    DO (STOP_SCAN) | DO (ASK_NAME) },
  { BROKER_PICKER_PREPARING, BROKER_PICKER_PENDING_STORED, BROKER_PICKER_WAITING,
    DO (JOIN_PAIRING) },
  { BROKER_PICKER_WAITING, BROKER_PICKER_PAIR_TURN, BROKER_PICKER_PAIRING,
    DO (STOP_SCAN) | DO (SAY_PAIRING) | DO (PAIR) },
  { BROKER_PICKER_PAIRING, BROKER_PICKER_PAIRED, BROKER_PICKER_NAMING_BOND,
    DO (ASK_NAME) },
  { BROKER_PICKER_PAIRING, BROKER_PICKER_PAIRED_BEFORE, BROKER_PICKER_NAMING,
    DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | DO (ASK_NAME) },
  { BROKER_PICKER_WAITING, BROKER_PICKER_BOND_APPEARED, BROKER_PICKER_NAMING,
    DO (STOP_SCAN) | DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | DO (ASK_NAME) },
  { BROKER_PICKER_NAMING, BROKER_PICKER_NAMED, BROKER_PICKER_STORING, DO (STORE_GRANT) },
  { BROKER_PICKER_NAMING_BOND, BROKER_PICKER_NAMED, BROKER_PICKER_STORING_BOND,
    DO (STORE_GRANT) },
  { BROKER_PICKER_STORING, BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_STORING_BOND, BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED,
    DO (LEAVE_PAIRING) | FINISH },

  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIRED, BROKER_PICKER_UNDOING, DO (UNDO) },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIRED_UNVERIFIED, BROKER_PICKER_UNDOING,
    DO (UNDO) },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIRED_DOWNGRADED, BROKER_PICKER_UNDOING,
    DO (UNDO) },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIRED_KEYBOARD, BROKER_PICKER_UNDOING,
    DO (UNDO) },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIRED_BEFORE, BROKER_PICKER_ENDED,
    DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_BOND_UNVERIFIED, BROKER_PICKER_ENDED,
    DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_ABORTING, BROKER_PICKER_PAIR_FAILED, BROKER_PICKER_UNDOING, DO (UNDO) },
  { BROKER_PICKER_UNDOING, BROKER_PICKER_UNDONE, BROKER_PICKER_ENDED,
    DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_UNDOING, BROKER_PICKER_UNDO_FAILED, BROKER_PICKER_ENDED,
    DO (KEEP_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_WITHDRAWING, BROKER_PICKER_GRANT_STORED, BROKER_PICKER_ENDED,
    DO (WITHDRAW) | FINISH },
  { BROKER_PICKER_WITHDRAWING, BROKER_PICKER_GRANT_FAILED, BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_WITHDRAWING, BROKER_PICKER_GRANT_HIDDEN, BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_WITHDRAWING_BOND, BROKER_PICKER_GRANT_STORED, BROKER_PICKER_UNDOING,
    DO (KEEP_PENDING) | DO (WITHDRAW) | DO (UNDO) },
  { BROKER_PICKER_WITHDRAWING_BOND, BROKER_PICKER_GRANT_FAILED, BROKER_PICKER_UNDOING,
    DO (UNDO) },
  { BROKER_PICKER_WITHDRAWING_BOND, BROKER_PICKER_GRANT_HIDDEN, BROKER_PICKER_UNDOING,
    DO (UNDO) },
};

#define BIT(event) (G_GUINT64_CONSTANT (1) << (BROKER_PICKER_##event))

/* Anyone may vanish at any time. */
#define VANISHED                                                                    \
  (BIT (CANCELLED) | BIT (PRESENTER_LOST) | BIT (CLIENT_GONE) | BIT (ADAPTER_OFF) | \
   BIT (ADAPTER_GONE) | BIT (DAEMON_GONE) | BIT (RESTRICTED) | BIT (REVOKED) |      \
   BIT (SUSPENDED) | BIT (STOPPING))

G_STATIC_ASSERT (BROKER_PICKER_N_EVENTS <= 64);

typedef struct
{
  BrokerPickerState state;
  guint64 events;
  BrokerPickerState next;
  guint actions;
} EndRow;

/* What ends a run, and what is left to undo then. Once the grant is on its way to the disk only the client's own leaving
 * changes anything, and a keyboard: everybody else's comes too late. */
static const EndRow ends[] = {
  { BROKER_PICKER_NEW, VANISHED, BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_QUEUED, VANISHED, BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_OPENING, VANISHED, BROKER_PICKER_ENDED, DO (STOP_SCAN) | FINISH },
  { BROKER_PICKER_SCANNING,
    VANISHED | BIT (TIMED_OUT) | BIT (TIMED_OUT_EMPTY) | BIT (KEYBOARD) |
      BIT (BOND_UNVERIFIED),
    BROKER_PICKER_ENDED, DO (STOP_SCAN) | FINISH },
  { BROKER_PICKER_PREPARING,
    VANISHED | BIT (PENDING_FAILED) | BIT (KEYBOARD) | BIT (ACCESSORY_GONE),
    BROKER_PICKER_ENDED, DO (STOP_SCAN) | DO (CLEAR_PENDING) | FINISH },
  { BROKER_PICKER_WAITING,
    VANISHED | BIT (KEYBOARD) | BIT (ACCESSORY_GONE) | BIT (BOND_UNVERIFIED),
    BROKER_PICKER_ENDED,
    DO (STOP_SCAN) | DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_PAIRING, BIT (BOND_UNVERIFIED), BROKER_PICKER_ENDED,
    DO (CLEAR_PENDING) | DO (LEAVE_PAIRING) | FINISH },
  { BROKER_PICKER_PAIRING, VANISHED | BIT (PROMPT_TIMED_OUT) | BIT (KEYBOARD),
    BROKER_PICKER_ABORTING, DO (CANCEL_PAIR) },
  { BROKER_PICKER_PAIRING,
    BIT (PAIR_FAILED) | BIT (PAIRED_UNVERIFIED) | BIT (PAIRED_DOWNGRADED) |
      BIT (PAIRED_KEYBOARD),
    BROKER_PICKER_UNDOING, DO (UNDO) },
  { BROKER_PICKER_NAMING, VANISHED | BIT (KEYBOARD), BROKER_PICKER_ENDED, FINISH },
  { BROKER_PICKER_NAMING_BOND, VANISHED | BIT (KEYBOARD), BROKER_PICKER_UNDOING,
    DO (UNDO) },
  { BROKER_PICKER_STORING, BIT (GRANT_FAILED) | BIT (GRANT_HIDDEN), BROKER_PICKER_ENDED,
    FINISH },
  { BROKER_PICKER_STORING, BIT (CLIENT_GONE) | BIT (KEYBOARD), BROKER_PICKER_WITHDRAWING,
    0 },
  { BROKER_PICKER_STORING_BOND, BIT (GRANT_FAILED) | BIT (GRANT_HIDDEN),
    BROKER_PICKER_UNDOING, DO (UNDO) },
  { BROKER_PICKER_STORING_BOND, BIT (CLIENT_GONE) | BIT (KEYBOARD),
    BROKER_PICKER_WITHDRAWING_BOND, 0 },
};

/* The outcome of each event that ends a run; the steps end well. */
static BrokerPickerOutcome
outcome_of (BrokerPickerEvent event)
{
  switch (event)
    {
    case BROKER_PICKER_PENDING_FAILED:
    case BROKER_PICKER_GRANT_FAILED:
      return BROKER_PICKER_OUTCOME_STORE_FAILED;
    case BROKER_PICKER_GRANT_HIDDEN:
      return BROKER_PICKER_OUTCOME_HIDDEN;
    case BROKER_PICKER_PAIR_FAILED:
      return BROKER_PICKER_OUTCOME_PAIR_FAILED;
    case BROKER_PICKER_PAIRED_UNVERIFIED:
    case BROKER_PICKER_BOND_UNVERIFIED:
      return BROKER_PICKER_OUTCOME_NOT_VERIFIED;
    case BROKER_PICKER_PAIRED_DOWNGRADED:
      return BROKER_PICKER_OUTCOME_DOWNGRADED;
    case BROKER_PICKER_PAIRED_KEYBOARD:
    case BROKER_PICKER_KEYBOARD:
      return BROKER_PICKER_OUTCOME_KEYBOARD;
    case BROKER_PICKER_ACCESSORY_GONE:
      return BROKER_PICKER_OUTCOME_ACCESSORY_GONE;
    case BROKER_PICKER_REVOKED:
      return BROKER_PICKER_OUTCOME_REVOKED;
    case BROKER_PICKER_SUSPENDED:
      return BROKER_PICKER_OUTCOME_SUSPENDED;
    case BROKER_PICKER_CANCELLED:
      return BROKER_PICKER_OUTCOME_CANCELLED;
    case BROKER_PICKER_TIMED_OUT_EMPTY:
      return BROKER_PICKER_OUTCOME_NOTHING_FOUND;
    case BROKER_PICKER_TIMED_OUT:
      return BROKER_PICKER_OUTCOME_NOTHING_PICKED;
    case BROKER_PICKER_PROMPT_TIMED_OUT:
      return BROKER_PICKER_OUTCOME_PROMPT_TIMED_OUT;
    case BROKER_PICKER_PRESENTER_LOST:
      return BROKER_PICKER_OUTCOME_PRESENTER_LOST;
    case BROKER_PICKER_ADAPTER_OFF:
      return BROKER_PICKER_OUTCOME_BLUETOOTH_OFF;
    case BROKER_PICKER_ADAPTER_GONE:
      return BROKER_PICKER_OUTCOME_NO_ADAPTER;
    case BROKER_PICKER_DAEMON_GONE:
      return BROKER_PICKER_OUTCOME_NO_DAEMON;
    case BROKER_PICKER_RESTRICTED:
      return BROKER_PICKER_OUTCOME_POLICY;
    case BROKER_PICKER_STOPPING:
      return BROKER_PICKER_OUTCOME_STOPPING;
    case BROKER_PICKER_GRANT_STORED:
      return BROKER_PICKER_OUTCOME_DONE;
    case BROKER_PICKER_NOTHING:
    case BROKER_PICKER_OPEN:
    case BROKER_PICKER_QUEUE:
    case BROKER_PICKER_TURN:
    case BROKER_PICKER_PRESENTED:
    case BROKER_PICKER_CHOSE_UNPAIRED:
    case BROKER_PICKER_CHOSE_READY:
    case BROKER_PICKER_PENDING_STORED:
    case BROKER_PICKER_PAIR_TURN:
    case BROKER_PICKER_PAIRED:
    case BROKER_PICKER_PAIRED_BEFORE:
    case BROKER_PICKER_BOND_APPEARED:
    case BROKER_PICKER_NAMED:
    case BROKER_PICKER_UNDONE:
    case BROKER_PICKER_UNDO_FAILED:
    case BROKER_PICKER_CLIENT_GONE:
    case BROKER_PICKER_N_EVENTS:
    default:
      return BROKER_PICKER_OUTCOME_NONE;
    }
}

static gboolean
is_cleaning_up (BrokerPickerState state)
{
  return state == BROKER_PICKER_ABORTING || state == BROKER_PICKER_UNDOING ||
         state == BROKER_PICKER_WITHDRAWING || state == BROKER_PICKER_WITHDRAWING_BOND;
}

guint
broker_picker_fsm_step (BrokerPickerFsm *fsm, BrokerPickerEvent event)
{
  /* Whoever waits for the outcome of a clean-up may still go. */
  if (event == BROKER_PICKER_CLIENT_GONE && is_cleaning_up (fsm->state))
    {
      fsm->outcome = BROKER_PICKER_OUTCOME_NONE;
      return 0;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (steps[i].state != fsm->state || steps[i].event != event)
        continue;
      if (!is_cleaning_up (fsm->state))
        fsm->outcome = outcome_of (event);
      fsm->state = steps[i].next;
      return steps[i].actions;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      if (ends[i].state != fsm->state ||
          (ends[i].events & (G_GUINT64_CONSTANT (1) << event)) == 0)
        continue;
      fsm->outcome = outcome_of (event);
      fsm->state = ends[i].next;
      return ends[i].actions;
    }

  return 0;
}

static const BrokerPickerEnd descriptions[BROKER_PICKER_N_OUTCOMES] = {
  [BROKER_PICKER_OUTCOME_NONE] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_INVALIDATED,
                                   "client-gone", "The app has gone.", FALSE },
  [BROKER_PICKER_OUTCOME_DONE] = { BLEPICK_RESPONSE_DONE, BLEPICK_ERROR_UNKNOWN, NULL,
                                   NULL, FALSE },
  [BROKER_PICKER_OUTCOME_CANCELLED] = { BLEPICK_RESPONSE_CANCELLED,
                                        BLEPICK_ERROR_USER_CANCELLED, "cancelled",
                                        "The picker was closed without a choice.",
                                        FALSE },
  [BROKER_PICKER_OUTCOME_NOTHING_FOUND] = { BLEPICK_RESPONSE_ENDED,
                                            BLEPICK_ERROR_DISCOVERY_TIMEOUT,
                                            "nothing-found",
                                            "Nothing that matches was heard. Is it switched on, "
                                            "near, and not in use by another device?",
                                            FALSE },
  [BROKER_PICKER_OUTCOME_NOTHING_PICKED] = { BLEPICK_RESPONSE_ENDED,
                                             BLEPICK_ERROR_DISCOVERY_TIMEOUT,
                                             "nothing-picked",
                                             "Nobody chose anything before the time was over.",
                                             FALSE },
  [BROKER_PICKER_OUTCOME_PAIR_FAILED] = { BLEPICK_RESPONSE_ENDED,
                                          BLEPICK_ERROR_CONNECTION_FAILED, NULL, NULL,
                                          TRUE },
  [BROKER_PICKER_OUTCOME_PROMPT_TIMED_OUT] = { BLEPICK_RESPONSE_ENDED,
                                               BLEPICK_ERROR_CONNECTION_FAILED,
                                               "authentication-timeout",
                                               "Nobody answered the pairing question in time.",
                                               TRUE },
  [BROKER_PICKER_OUTCOME_NOT_VERIFIED] = { BLEPICK_RESPONSE_ENDED,
                                           BLEPICK_ERROR_CONNECTION_FAILED,
                                           "not-verified",
                                           "Nothing verified the pairing of this accessory, and "
                                           "verification is required.",
                                           TRUE },
  [BROKER_PICKER_OUTCOME_DOWNGRADED] = { BLEPICK_RESPONSE_ENDED,
                                         BLEPICK_ERROR_CONNECTION_FAILED, "downgrade",
                                         "The accessory was paired more safely before than "
                                         "it wants to be now: it may be another one. The "
                                         "bond is removed.",
                                         TRUE },
  [BROKER_PICKER_OUTCOME_KEYBOARD] = { BLEPICK_RESPONSE_ENDED,
                                       BLEPICK_ERROR_CONNECTION_FAILED,
                                       "undeclared-keyboard",
                                       "The accessory is a keyboard or a mouse, which nobody "
                                       "asked for. It is not paired.",
                                       TRUE },
  [BROKER_PICKER_OUTCOME_ACCESSORY_GONE] = { BLEPICK_RESPONSE_ENDED,
                                             BLEPICK_ERROR_CONNECTION_FAILED, "no-device",
                                             "The accessory is not there any more. Wake it "
                                             "and try again.",
                                             TRUE },
  [BROKER_PICKER_OUTCOME_STORE_FAILED] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_UNKNOWN,
                                           "store-failed",
                                           "The permission could not be written to disk, so "
                                           "nothing was granted. Is the disk full?",
                                           TRUE },
  [BROKER_PICKER_OUTCOME_HIDDEN] = { BLEPICK_RESPONSE_ENDED,
                                     BLEPICK_ERROR_CONNECTION_FAILED,
                                     "no-identity-address",
                                     "The accessory hides its address and does not give it "
                                     "away by pairing, so it could not be known again.",
                                     TRUE },
  [BROKER_PICKER_OUTCOME_PRESENTER_LOST] = { BLEPICK_RESPONSE_ENDED,
                                             BLEPICK_ERROR_PICKER_RESTRICTED,
                                             "presenter-lost",
                                             "The program that draws the picker has gone.",
                                             FALSE },
  [BROKER_PICKER_OUTCOME_BLUETOOTH_OFF] = { BLEPICK_RESPONSE_ENDED,
                                            BLEPICK_ERROR_PICKER_RESTRICTED,
                                            "bluetooth-off",
                                            "Bluetooth was switched off.", FALSE },
  [BROKER_PICKER_OUTCOME_NO_ADAPTER] = { BLEPICK_RESPONSE_ENDED,
                                         BLEPICK_ERROR_PICKER_RESTRICTED, "no-adapter",
                                         "The Bluetooth adapter was removed.", FALSE },
  [BROKER_PICKER_OUTCOME_NO_DAEMON] = { BLEPICK_RESPONSE_ENDED,
                                        BLEPICK_ERROR_PICKER_RESTRICTED, "no-daemon",
                                        "bluetoothd has stopped.", FALSE },
  [BROKER_PICKER_OUTCOME_POLICY] = { BLEPICK_RESPONSE_ENDED,
                                     BLEPICK_ERROR_PICKER_RESTRICTED, "policy",
                                     "A policy of this computer forbids it now.", FALSE },
  [BROKER_PICKER_OUTCOME_REVOKED] = { BLEPICK_RESPONSE_ENDED,
                                      BLEPICK_ERROR_USER_RESTRICTED, "denied-by-user",
                                      "This accessory was refused to the app elsewhere.",
                                      FALSE },
  [BROKER_PICKER_OUTCOME_SUSPENDED] = { BLEPICK_RESPONSE_ENDED,
                                        BLEPICK_ERROR_PICKER_RESTRICTED, "suspended",
                                        "The computer went to sleep.", FALSE },
  [BROKER_PICKER_OUTCOME_STOPPING] = { BLEPICK_RESPONSE_ENDED, BLEPICK_ERROR_INVALIDATED,
                                       "broker-stopping", "The service is stopping.",
                                       FALSE },
};

const BrokerPickerEnd *
broker_picker_outcome_describe (BrokerPickerOutcome outcome)
{
  g_return_val_if_fail (outcome < BROKER_PICKER_N_OUTCOMES, &descriptions[0]);

  return &descriptions[outcome];
}

const char *
broker_picker_state_name (BrokerPickerState state)
{
  static const char *const names[BROKER_PICKER_N_STATES] = {
    "ended",   "new",          "queued",      "opening",          "scanning", "preparing",
    "waiting", "pairing",      "naming",      "naming-bond",      "aborting", "undoing",
    "storing", "storing-bond", "withdrawing", "withdrawing-bond",
  };

  return names[state];
}
