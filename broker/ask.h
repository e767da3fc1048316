/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/ask.h: one question: does what the state machine (ask-fsm.h) says, and tells it what happened.
 * Decides nothing itself. Private to asks.c. */

#pragma once

#include "broker/ask-fsm.h"
#include "broker/asks.h"

struct BrokerAsks
{
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerPresenters *presenters;
  BrokerMigrations *migrations;
  GPtrArray *running;       /* of BrokerAsk, oldest first: also the queue */
  BrokerThrottle *throttle; /* the presenters' */
  BrokerExtendedFunc extended;
  gpointer observer_data;
};

struct BrokerAsk
{
  grefcount refs; /* one for the question, one for each call under way */
  BrokerAsks *asks;
  BrokerAskFsm fsm;
  BrokerAskKind kind;
  BrokerCaller *caller;
  const BrokerAskClient *client; /* NULL once it has gone */
  gpointer client_data;
  char *session_path;
  char *accessory_id;
  BleDescriptor *descriptor;
  BrokerPickerRequest *request;
  BrokerPresentation *presentation;
  gboolean own_presenter;
  gboolean said_presented;
  guint clock;
  guint start;      /* decided already: the end comes at the next turn */
  GError *refusal;  /* what the store or the row says */
  GVariant *result; /* MIGRATE: the ids */
};

BrokerAsk *broker_ask_new (BrokerAsks *self, const BrokerAskNew *wanted);
BrokerAsk *broker_ask_ref (BrokerAsk *ask);
void broker_ask_unref (BrokerAsk *ask);

/* Feeds the state machine, and does what comes out. */
void broker_ask_take (BrokerAsk *ask, BrokerAskEvent event);

/* Whether there is anything left to ask. */
typedef enum
{
  BROKER_ASK_STANDING_REFUSED = 0, /* with an error */
  BROKER_ASK_STANDING_OPEN,
  BROKER_ASK_STANDING_SETTLED,
} BrokerAskStanding;

BrokerAskStanding broker_ask_find_standing (const BrokerAsk *ask, GError **error);
