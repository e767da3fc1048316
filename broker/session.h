/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/session.h: one Session1: what an app does with its accessories and pickers.
 * Translates between the bus, the pickers and the permissions; decides nothing. */

#pragma once

#include "broker/export.h"
#include "broker/request.h"
#include "broker/sessions.h"

typedef struct BrokerSession BrokerSession;

extern const BrokerInterface broker_session_interface;

/* @ended: the session's Close was called; free it there. @requests: where its requests are served. */
BrokerSession *
broker_session_new (const BrokerSessionsRooms *rooms,
                    BrokerSessions *sessions,
                    BrokerRequests *requests,
                    BrokerCaller *caller,
                    void (*ended) (BrokerSession *session, gpointer user_data),
                    gpointer user_data);
/* Closes its requests; grants of lifetime "once" that it picked end. */
/* Event 10, and from then on Event 102 whenever what it said of the central is not so any more. */
void broker_session_activate (BrokerSession *session);
void broker_session_check_central (BrokerSession *session);
void broker_session_free (BrokerSession *session);

BrokerCaller *broker_session_get_caller (const BrokerSession *session);
const char *broker_session_get_path (const BrokerSession *session);

/* Emits Event to the client. @details: a{sv}, a floating one is consumed; NULL for none. */
void broker_session_emit (BrokerSession *session, BlepickEvent event, GVariant *details);
