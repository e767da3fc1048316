/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/asks.h: questions without rows that an app has a person asked: all of Bluetooth, more of an
 * accessory, what the app brings along. What happens when is in ask-fsm.h; here it is done. Knows no session, like
 * pickers.h. */

#pragma once

#include "broker/manifests.h"
#include "broker/migrations.h"
#include "broker/permissions.h"
#include "broker/presenters.h"
#include "dbus/names.h"

/* Questions of one user that wait for a presenter that is busy. */
#define BROKER_ASKS_QUEUE_MAX 4
/* The person has so long to answer. Ours: nobody decides about all of Bluetooth in a hurry. */
#define BROKER_ASK_TIMEOUT_S 120

typedef struct BrokerAsks BrokerAsks;
typedef struct BrokerAsk BrokerAsk;

typedef enum
{
  BROKER_ASK_BLUETOOTH = 1,
  BROKER_ASK_SCOPE,
  BROKER_ASK_MIGRATE,
} BrokerAskKind;

/* The client's side. Neither function is called after broker_ask_close(), nor from inside a call of the
 * client's. */
typedef struct
{
  /* Events 40 and 50, of a migration alone. */
  void (*event) (BlepickEvent event, gpointer user_data);
  /* The end: exactly once. @results: a{sv} of DONE, floating, else NULL; @error (BLEPICK_ERROR) otherwise. */
  void (*done) (BlepickResponse response,
                GVariant *results,
                const GError *error,
                gpointer user_data);
} BrokerAskClient;

/* All must outlive the questions. */
BrokerAsks *broker_asks_new (BrokerPermissions *permissions,
                             BrokerManifests *manifests,
                             BrokerPresenters *presenters,
                             BrokerMigrations *migrations);
/* @extended: a grant of @caller's app covers more now. */
typedef void (*BrokerExtendedFunc) (const BrokerCaller *caller,
                                    const char *accessory_id,
                                    gpointer user_data);
void broker_asks_set_observer (BrokerAsks *self,
                               BrokerExtendedFunc extended,
                               gpointer user_data);
void broker_asks_free (BrokerAsks *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerAsks, broker_asks_free)

typedef struct
{
  BrokerAskKind kind;
  BrokerCaller *caller;         /* borrowed; its rows are loaded */
  const char *session_path;     /* MIGRATE */
  const char *accessory_id;     /* SCOPE */
  BleDescriptor *descriptor;    /* SCOPE: its services; taken over */
  BrokerPickerRequest *request; /* MIGRATE: with migrations alone; taken over */
} BrokerAskNew;

/* Asks. What is decided already ends at the next turn of the loop, without anybody being asked. NULL with
 * an error at once: InvalidRequest, NotPermitted, PickerAlreadyActive, PickerRestricted. */
BrokerAsk *broker_asks_start (BrokerAsks *self,
                              const BrokerAskNew *wanted,
                              const BrokerAskClient *client,
                              gpointer user_data,
                              GError **error);

/* The client closed its request, ended its session or left the bus: nothing is told. */
void broker_ask_close (BrokerAsk *ask);

/* Rows have changed: what a question is about may be decided. */
void broker_asks_take_rows_changed (BrokerAsks *self);
/* The computer goes to sleep; the broker leaves. */
void broker_asks_suspend (BrokerAsks *self);
void broker_asks_stop (BrokerAsks *self);
