/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/ask-fsm.h: one question without rows (all of Bluetooth, more of an accessory, what an app brings
 * along) as a pure state machine, like picker-fsm.h. Whoever vanishes, and whenever, there is exactly one
 * outcome, and nothing is given to a client that has gone. */

#pragma once

#include <glib.h>

#include "dbus/errors.h"
#include "dbus/names.h"

typedef enum
{
  BROKER_ASK_ENDED = 0,
  BROKER_ASK_NEW,
  BROKER_ASK_QUEUED,  /* the presenter draws something else */
  BROKER_ASK_OPENING, /* the presenter was asked to draw */
  BROKER_ASK_ASKING,  /* the person thinks */
  BROKER_ASK_STORING, /* the yes is being written */
  BROKER_ASK_NOTING,  /* the no is being written */
  BROKER_ASK_N_STATES,
} BrokerAskState;

typedef enum
{
  BROKER_ASK_NOTHING = 0,
  /* Steps. */
  BROKER_ASK_OPEN,
  BROKER_ASK_QUEUE,
  BROKER_ASK_SETTLED, /* it is allowed already, or was meanwhile */
  BROKER_ASK_TURN,
  BROKER_ASK_PRESENTED,
  BROKER_ASK_ACCEPTED,
  BROKER_ASK_DENIED,
  BROKER_ASK_STORED,
  BROKER_ASK_STORED_OTHERWISE, /* the row says no all the same */
  BROKER_ASK_NOTED,
  /* What ends it. */
  BROKER_ASK_STORE_FAILED,
  BROKER_ASK_CANCELLED, /* by the person: neither yes nor no */
  BROKER_ASK_TIMED_OUT,
  BROKER_ASK_PRESENTER_LOST,
  BROKER_ASK_CLIENT_GONE,
  BROKER_ASK_REVOKED, /* the row or the grant that it is about was decided elsewhere, by a person or a policy */
  BROKER_ASK_SUSPENDED,
  BROKER_ASK_STOPPING,
  BROKER_ASK_N_EVENTS,
} BrokerAskEvent;

/* What is to be done, in the order of the bits. */
typedef enum
{
  BROKER_ASK_DO_PRESENT = 1 << 0,
  BROKER_ASK_DO_START_CLOCK = 1 << 1,
  BROKER_ASK_DO_STORE = 1 << 2,
  BROKER_ASK_DO_NOTE = 1 << 3,
  BROKER_ASK_DO_DISMISS = 1 << 4,
  BROKER_ASK_DO_RESPOND = 1 << 5,
} BrokerAskActions;

typedef enum
{
  BROKER_ASK_OUTCOME_NONE = 0, /* nobody is told */
  BROKER_ASK_OUTCOME_DONE,
  BROKER_ASK_OUTCOME_DENIED,
  BROKER_ASK_OUTCOME_OTHERWISE,
  BROKER_ASK_OUTCOME_CANCELLED,
  BROKER_ASK_OUTCOME_NO_ANSWER,
  BROKER_ASK_OUTCOME_STORE_FAILED,
  BROKER_ASK_OUTCOME_PRESENTER_LOST,
  BROKER_ASK_OUTCOME_REVOKED,
  BROKER_ASK_OUTCOME_SUSPENDED,
  BROKER_ASK_OUTCOME_STOPPING,
  BROKER_ASK_N_OUTCOMES,
} BrokerAskOutcome;

typedef struct
{
  BrokerAskState state;
  BrokerAskOutcome outcome; /* decided by the first event that ends it */
} BrokerAskFsm;

/* A question that has not begun. */
#define BROKER_ASK_FSM_INIT                 \
  {                                         \
    BROKER_ASK_NEW, BROKER_ASK_OUTCOME_NONE \
  }

/* Takes one step. An event that means nothing in this state changes nothing. Returns: BrokerAskActions. */
guint broker_ask_fsm_step (BrokerAskFsm *fsm, BrokerAskEvent event);

typedef struct
{
  BlepickResponse response;
  BlepickError code; /* nothing for DONE */
  const char *cause; /* NULL for DONE, and for what the store knows better */
  const char *text;  /* for people; NULL as above */
  const char *word;  /* of Presenter1.Dismiss */
} BrokerAskEnd;

/* What an outcome means on the bus. */
const BrokerAskEnd *broker_ask_outcome_describe (BrokerAskOutcome outcome);
