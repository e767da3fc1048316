/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/picker-fsm.h: one run of a picker as a pure state machine. No bus, no
 * radio, no clock: events go in, what is to be done comes out. Whoever vanishes in
 * the middle, and whenever, there is exactly one outcome, and nothing half-made stays. */

#pragma once

#include <glib.h>

#include "dbus/errors.h"
#include "dbus/names.h"

typedef enum
{
  BROKER_PICKER_ENDED = 0,
  BROKER_PICKER_NEW,
  BROKER_PICKER_QUEUED,       /* another picker is on this person's screen */
  BROKER_PICKER_OPENING,      /* the presenter was asked to draw */
  BROKER_PICKER_SCANNING,     /* the person looks */
  BROKER_PICKER_PREPARING,    /* chosen; what we are about to do is being written */
  BROKER_PICKER_WAITING,      /* another pairing runs */
  BROKER_PICKER_PAIRING,      /* ours runs */
  BROKER_PICKER_NAMING,       /* the person names it; there is no bond of ours */
  BROKER_PICKER_NAMING_BOND,  /* the same, and the bond is ours */
  BROKER_PICKER_ABORTING,     /* ours was cancelled and has not ended yet */
  BROKER_PICKER_UNDOING,      /* our bond is being removed */
  BROKER_PICKER_STORING,      /* the grant is being written; there is no bond of ours */
  BROKER_PICKER_STORING_BOND, /* the grant is being written; the bond is ours */
  BROKER_PICKER_WITHDRAWING,  /* the client went while the grant was being written */
  BROKER_PICKER_WITHDRAWING_BOND,
  BROKER_PICKER_N_STATES,
} BrokerPickerState;

typedef enum
{
  BROKER_PICKER_NOTHING = 0,
  /* Steps. */
  BROKER_PICKER_OPEN,
  BROKER_PICKER_QUEUE,
  BROKER_PICKER_TURN,           /* first in the queue */
  BROKER_PICKER_PRESENTED,      /* it is drawn */
  BROKER_PICKER_CHOSE_UNPAIRED, /* a row that has to be paired first */
  BROKER_PICKER_CHOSE_READY,    /* a row that is bonded already, or needs no bond */
  BROKER_PICKER_PENDING_STORED,
  BROKER_PICKER_PAIR_TURN, /* no other pairing runs */
  BROKER_PICKER_PAIRED,
  BROKER_PICKER_PAIRED_BEFORE, /* somebody else bonded it meanwhile: not ours to undo */
  BROKER_PICKER_BOND_APPEARED, /* by itself, while we wait for our turn */
  BROKER_PICKER_BOND_UNVERIFIED, /* it is bonded by somebody else, or was before, and that is not enough */
  BROKER_PICKER_NAMED, /* or there is no name to be asked for */
  BROKER_PICKER_GRANT_STORED,
  BROKER_PICKER_UNDONE,
  BROKER_PICKER_UNDO_FAILED, /* the pending row stays: it is undone later */
  /* What ends a run. */
  BROKER_PICKER_PENDING_FAILED,
  BROKER_PICKER_PAIR_FAILED,
  BROKER_PICKER_PAIRED_UNVERIFIED, /* although verification was required */
  BROKER_PICKER_PAIRED_DOWNGRADED, /* more weakly than once before */
  BROKER_PICKER_PAIRED_KEYBOARD,
  BROKER_PICKER_KEYBOARD, /* what was chosen turns out to be one, and nobody asked for it */
  BROKER_PICKER_GRANT_FAILED,
  BROKER_PICKER_GRANT_HIDDEN, /* nothing to know the accessory by: it hides its address */
  BROKER_PICKER_CANCELLED,    /* by the person */
  BROKER_PICKER_TIMED_OUT_EMPTY, /* or the app has nothing to show */
  BROKER_PICKER_TIMED_OUT,
  BROKER_PICKER_PROMPT_TIMED_OUT,
  BROKER_PICKER_PRESENTER_LOST,
  BROKER_PICKER_CLIENT_GONE,    /* vanished, or closed its request or session */
  BROKER_PICKER_ACCESSORY_GONE, /* what was chosen: bluetoothd forgot it */
  BROKER_PICKER_ADAPTER_OFF,
  BROKER_PICKER_ADAPTER_GONE,
  BROKER_PICKER_DAEMON_GONE,
  BROKER_PICKER_RESTRICTED, /* a policy changed */
  BROKER_PICKER_REVOKED,    /* the person decided elsewhere against what was chosen */
  BROKER_PICKER_SUSPENDED,  /* the computer goes to sleep */
  BROKER_PICKER_STOPPING,   /* the broker leaves */
  BROKER_PICKER_N_EVENTS,
} BrokerPickerEvent;

/* What is to be done, in the order of the bits. */
typedef enum
{
  BROKER_PICKER_DO_PRESENT = 1 << 0,
  BROKER_PICKER_DO_START_SCAN = 1 << 1,
  BROKER_PICKER_DO_SAY_PRESENTED = 1 << 2, /* event 40; the time runs from here */
  BROKER_PICKER_DO_STOP_SCAN = 1 << 3,     /* and the time */
  BROKER_PICKER_DO_STORE_PENDING = 1 << 4,
  BROKER_PICKER_DO_JOIN_PAIRING = 1 << 5, /* queue for the one pairing */
  BROKER_PICKER_DO_SAY_PAIRING = 1 << 6,  /* event 80 */
  BROKER_PICKER_DO_PAIR = 1 << 7,
  BROKER_PICKER_DO_CANCEL_PAIR = 1 << 8,
  BROKER_PICKER_DO_STORE_GRANT = 1 << 9,
  BROKER_PICKER_DO_WITHDRAW = 1 << 10, /* revoke the grant that was stored */
  BROKER_PICKER_DO_UNDO = 1 << 11,     /* remove the bond */
  BROKER_PICKER_DO_CLEAR_PENDING = 1 << 12,
  BROKER_PICKER_DO_LEAVE_PAIRING = 1 << 13,
  BROKER_PICKER_DO_ASK_NAME = 1 << 14, /* event 90, where the app wants a name */
  BROKER_PICKER_DO_DISMISS =
    1 << 15, /* event 70 when setup failed, event 50 when it was drawn */
  BROKER_PICKER_DO_RESPOND = 1 << 16,
  BROKER_PICKER_DO_KEEP_PENDING =
    1 << 17, /* note the bond, to be removed when that can be done */
} BrokerPickerActions;

/* How a run ends. */
typedef enum
{
  BROKER_PICKER_OUTCOME_NONE = 0, /* nobody is told: the client has gone */
  BROKER_PICKER_OUTCOME_DONE,
  BROKER_PICKER_OUTCOME_CANCELLED,
  BROKER_PICKER_OUTCOME_NOTHING_FOUND,
  BROKER_PICKER_OUTCOME_NOTHING_PICKED,
  BROKER_PICKER_OUTCOME_PAIR_FAILED, /* with the radio's own cause */
  BROKER_PICKER_OUTCOME_PROMPT_TIMED_OUT,
  BROKER_PICKER_OUTCOME_NOT_VERIFIED,
  BROKER_PICKER_OUTCOME_DOWNGRADED,
  BROKER_PICKER_OUTCOME_KEYBOARD,
  BROKER_PICKER_OUTCOME_ACCESSORY_GONE,
  BROKER_PICKER_OUTCOME_STORE_FAILED,
  BROKER_PICKER_OUTCOME_HIDDEN,
  BROKER_PICKER_OUTCOME_PRESENTER_LOST,
  BROKER_PICKER_OUTCOME_BLUETOOTH_OFF,
  BROKER_PICKER_OUTCOME_NO_ADAPTER,
  BROKER_PICKER_OUTCOME_NO_DAEMON,
  BROKER_PICKER_OUTCOME_POLICY,
  BROKER_PICKER_OUTCOME_REVOKED,
  BROKER_PICKER_OUTCOME_SUSPENDED,
  BROKER_PICKER_OUTCOME_STOPPING,
  BROKER_PICKER_N_OUTCOMES,
} BrokerPickerOutcome;

typedef struct
{
  BrokerPickerState state;
  BrokerPickerOutcome outcome; /* decided by the first event that ends the run */
} BrokerPickerFsm;

/* A run that has not begun. */
#define BROKER_PICKER_FSM_INIT                    \
  {                                               \
    BROKER_PICKER_NEW, BROKER_PICKER_OUTCOME_NONE \
  }

/* Takes one step. An event that means nothing in this state changes nothing. Returns: BrokerPickerActions. */
guint broker_picker_fsm_step (BrokerPickerFsm *fsm, BrokerPickerEvent event);

typedef struct
{
  BlepickResponse response;
  BlepickError code; /* nothing for DONE */
  const char *cause; /* NULL for DONE, and for PAIR_FAILED, where the radio knows it */
  const char *text;  /* for people; NULL as above */
  gboolean setup_failed; /* event 70 goes before event 50 */
} BrokerPickerEnd;

/* What an outcome means on the bus. */
const BrokerPickerEnd *broker_picker_outcome_describe (BrokerPickerOutcome outcome);

/* For logs and tests. */
const char *broker_picker_state_name (BrokerPickerState state);
