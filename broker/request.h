/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/request.h: Request1: one thing that a person is being asked, at
 * request/SENDER/TOKEN. Holds a picker between a session and its end; gone after its
 * Response or its Close. */

#pragma once

#include <gio/gio.h>

#include "broker/pickers.h"

typedef struct BrokerRequests BrokerRequests;
typedef struct BrokerRequest BrokerRequest;

/* What a session hears of its request. */
typedef struct
{
  void (*event) (BrokerRequest *request,
                 BlepickEvent event,
                 GVariant *details, /* a{sv}, floating, with request (o) in it */
                 gpointer user_data);
  /* The request is no more: forget it. */
  void (*ended) (BrokerRequest *request, gpointer user_data);
} BrokerRequestClient;

BrokerRequests *
broker_requests_new (GDBusConnection *connection, BrokerPickers *pickers, GError **error);
/* Every request must have ended. */
void broker_requests_free (BrokerRequests *requests);

/* Shows a picker. @options: as they came, handle_token among them. NULL with an error at once. @client: static. */
BrokerRequest *broker_request_new (BrokerRequests *requests,
                                   const BrokerPickerAsk *ask,
                                   const BrokerRequestClient *client,
                                   gpointer user_data,
                                   GError **error);
const char *broker_request_get_path (const BrokerRequest *request);

/* Takes the picker away: nothing more is told, ended() neither. Frees the request. */
void broker_request_close (BrokerRequest *request);
