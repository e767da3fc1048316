/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/accessory.h: one Accessory1 as one client sees it: its use of the link, its calls
 * under way, its sockets. Asks the permissions before every operation, and again after every
 * wait. Of its grant it knows the id alone. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "broker/devices.h"
#include "broker/export.h"
#include "broker/fanout.h"
#include "broker/links.h"
#include "broker/permissions.h"
#include "broker/presence.h"
#include "broker/writers.h"

#define BROKER_ACCESSORY_OPERATIONS_MAX 16 /* under way, an app */
#define BROKER_ACCESSORY_SOCKETS_MAX    64 /* open, a user */

/* What accessories work with, and count in. The rest must outlive them. */
typedef struct
{
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerDevices *devices;
  BrokerLinks *links;
  BrokerScan *scan;
  /* From here on made by the accessories. */
  BrokerFanouts *fanouts;
  BrokerWriters *writers;
  BrokerPresence *presence;
  GHashTable *operations; /* key of an app → how many are under way */
  GHashTable *sockets;    /* uid → how many are open */
} BrokerAccessoryRooms;

typedef struct BrokerAccessory BrokerAccessory;

extern const BrokerInterface broker_accessory_interface;

/* @rooms: kept by pointer. */
BrokerAccessory *
broker_accessory_new (BrokerAccessoryRooms *rooms, BrokerCaller *caller, const char *id);

const BrokerCaller *broker_accessory_get_caller (const BrokerAccessory *accessory);
const char *broker_accessory_get_id (const BrokerAccessory *accessory);

/* What Battery says where there is nothing to say. */
#define BROKER_BATTERY_UNKNOWN (-1)

/* Whether the grant covers reading the level of the battery (Battery Service 1.0, 3.1). */
gboolean broker_battery_is_covered (BrokerPermissions *permissions,
                                    const BrokerCaller *caller,
                                    const char *accessory_id);

/* Shuts the sockets of what the app may not have any more. */
void broker_accessory_shut_refused (BrokerAccessory *accessory);

/* @address appeared: whatever waits for it tries again at once. */
void
broker_accessory_take_appeared (BrokerAccessory *accessory, const BleAddress *address);
/* Whether the client wants to hear of @address coming and going. */
gboolean broker_accessory_is_watching (const BrokerAccessory *accessory,
                                       const BleAddress *address);

/* Ends everything at once: sockets are shut, calls under way are answered with a refusal, the use
 * of the link is given back. Drops the caller's reference. */
void broker_accessory_close (BrokerAccessory *accessory);
