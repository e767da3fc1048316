/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/request.h: Request1: one thing that a person is being asked, at
 * request/SENDER/TOKEN. Holds a picker or a question between a session and its end; gone after its
 * Response or its Close. */

#pragma once

#include <gio/gio.h>

#include "broker/asks.h"
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

BrokerRequests *broker_requests_new (GDBusConnection *connection,
                                     BrokerPickers *pickers,
                                     BrokerAsks *asks,
                                     GError **error);
/* Every request must have ended. */
void broker_requests_free (BrokerRequests *requests);

/* Whose request it is. Everything is borrowed for the call. */
typedef struct
{
  BrokerCaller *caller;
  const char *session_path;
  const BrokerRequestClient *client; /* static */
  gpointer user_data;
} BrokerRequestOwner;

/* Shows a picker, or the one page of a request that only brings something along. @options: as they came, handle_token among them. NULL with
 * an error at once. */
BrokerRequest *broker_request_show_picker (BrokerRequests *requests,
                                           const BrokerRequestOwner *owner,
                                           GVariant *items,
                                           GVariant *options,
                                           GError **error);
/* Asks about all of Bluetooth; about more of an accessory, whose @descriptor is taken over. The same otherwise. */
BrokerRequest *broker_request_ask_bluetooth (BrokerRequests *requests,
                                             const BrokerRequestOwner *owner,
                                             GVariant *options,
                                             GError **error);
BrokerRequest *broker_request_ask_scope (BrokerRequests *requests,
                                         const BrokerRequestOwner *owner,
                                         const char *accessory_id,
                                         BleDescriptor *descriptor,
                                         GVariant *options,
                                         GError **error);
/* The picker whose app says what it shows; NULL for every other request. */
BrokerPicker *broker_request_get_filtering_picker (const BrokerRequest *request);
const char *broker_request_get_path (const BrokerRequest *request);

/* Takes the picker away: nothing more is told, ended() neither. Frees the request. */
void broker_request_close (BrokerRequest *request);
