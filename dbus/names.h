/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dbus/names.h: the names, paths and numbers of the contract. Nothing else. */

#pragma once

#define BLEPICK_BUS_NAME       "org.blepick.Broker1"
#define BLEPICK_ENFORCE_NAME   "org.blepick.Enforce1"
#define BLEPICK_ENFORCE_PATH   "/org/blepick/Enforce1"
#define BLEPICK_BROKER_PATH    "/org/blepick/Broker1"
#define BLEPICK_SESSION_PATH   BLEPICK_BROKER_PATH "/session"
#define BLEPICK_REQUEST_PATH   BLEPICK_BROKER_PATH "/request"
#define BLEPICK_ACCESSORY_PATH BLEPICK_BROKER_PATH "/accessory"

#define BLEPICK_BROKER_INTERFACE      "org.blepick.Broker1"
#define BLEPICK_ENFORCE_INTERFACE     "org.blepick.Enforce1"
#define BLEPICK_SESSION_INTERFACE     "org.blepick.Session1"
#define BLEPICK_REQUEST_INTERFACE     "org.blepick.Request1"
#define BLEPICK_ACCESSORY_INTERFACE   "org.blepick.Accessory1"
#define BLEPICK_SCANNER_INTERFACE     "org.blepick.Scanner1"
#define BLEPICK_PRESENTERS_INTERFACE  "org.blepick.Presenters1"
#define BLEPICK_PRESENTER_INTERFACE   "org.blepick.Presenter1"
#define BLEPICK_USER_HELPER_INTERFACE "org.blepick.UserHelper1"
#define BLEPICK_PERMISSIONS_INTERFACE "org.blepick.Permissions1"
#define BLEPICK_COMPANIONS_INTERFACE  "org.blepick.Companions1"

/* Grows when something is added to the contract. */
#define BLEPICK_INTERFACE_VERSION 1

/* Events of a session; the numbers are AccessorySetupKit's, 100 and above are ours. */
typedef enum
{
  BLEPICK_EVENT_NONE = 0,
  BLEPICK_EVENT_ACTIVATED = 10,
  BLEPICK_EVENT_INVALIDATED = 11,
  BLEPICK_EVENT_MIGRATION_COMPLETE = 20,
  BLEPICK_EVENT_ACCESSORY_ADDED = 30,
  BLEPICK_EVENT_ACCESSORY_REMOVED = 31,
  BLEPICK_EVENT_ACCESSORY_CHANGED = 32,
  BLEPICK_EVENT_ACCESSORY_DISCOVERED = 33,
  BLEPICK_EVENT_PICKER_DID_PRESENT = 40,
  BLEPICK_EVENT_PICKER_DID_DISMISS = 50,
  BLEPICK_EVENT_PICKER_SETUP_BRIDGING = 60,
  BLEPICK_EVENT_PICKER_SETUP_FAILED = 70,
  BLEPICK_EVENT_PICKER_SETUP_PAIRING = 80,
  BLEPICK_EVENT_PICKER_SETUP_RENAME = 90,
  BLEPICK_EVENT_ACCESSORY_APPEARED = 100,
  BLEPICK_EVENT_ACCESSORY_LOST = 101,
  BLEPICK_EVENT_CENTRAL_CHANGED = 102,
} BlepickEvent;

/* First argument of Request1.Response. */
typedef enum
{
  BLEPICK_RESPONSE_DONE = 0,
  BLEPICK_RESPONSE_CANCELLED = 1,
  BLEPICK_RESPONSE_ENDED = 2,
} BlepickResponse;

/* State of an accessory. */
typedef enum
{
  BLEPICK_STATE_UNAUTHORIZED = 0,
  BLEPICK_STATE_AWAITING_AUTHORIZATION = 10,
  BLEPICK_STATE_AUTHORIZED = 20,
} BlepickState;

/* "accessory-added", or NULL for a number that is no event. */
const char *blepick_event_name (BlepickEvent event);
