/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/session-private.h: what the files session*.c share. Nobody else includes it. */

#pragma once

#include "broker/request.h"
#include "broker/session.h"

struct BrokerSession
{
  const BrokerSessionsRooms *rooms;
  BrokerSessions *sessions;
  BrokerRequests *requests;
  BrokerCaller *caller;
  char *path;
  GPtrArray *open;     /* of BrokerRequest */
  const char *central; /* what the app was told last: a static word */
  void (*ended) (BrokerSession *session, gpointer user_data);
  gpointer user_data;
};

/* ---- methods that are elsewhere: session-changes.c ---- */

void broker_session_handle_rename_accessory (gpointer object,
                                             GDBusMethodInvocation *invocation,
                                             GVariant *parameters,
                                             GVariant *options);
void broker_session_handle_remove_accessory (gpointer object,
                                             GDBusMethodInvocation *invocation,
                                             GVariant *parameters,
                                             GVariant *options);
void broker_session_handle_finish_authorization (gpointer object,
                                                 GDBusMethodInvocation *invocation,
                                                 GVariant *parameters,
                                                 GVariant *options);
void broker_session_handle_fail_authorization (gpointer object,
                                               GDBusMethodInvocation *invocation,
                                               GVariant *parameters,
                                               GVariant *options);
