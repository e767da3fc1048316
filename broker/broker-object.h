/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/broker-object.h: Broker1, the one object that everybody sees: what Bluetooth can
 * do here, and the door to a session. Says the same to everyone. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/identity.h"
#include "broker/manifests.h"
#include "broker/permissions.h"
#include "broker/pickers.h"
#include "broker/sessions.h"

typedef struct BrokerObject BrokerObject;

/* All must outlive the object. */
typedef struct
{
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerIdentity *identity;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerSessions *sessions;
  BrokerPickers *pickers; /* whose scan the probe needs: see broker/enforcement.h */
  const char *probe_socket;
} BrokerObjectRooms;

BrokerObject *broker_object_new (const BrokerObjectRooms *rooms,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void broker_object_free (BrokerObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerObject, broker_object_free)

/* Something in the radio or the store may have changed: emits PropertiesChanged for what did. */
void broker_object_update (BrokerObject *object);

/* From the radio's listener: also what the enforcement level is measured by. */
void broker_object_take_adapters_changed (BrokerObject *object);
void broker_object_take_adverts (BrokerObject *object);

/* Has the enforcement level measured. */
void broker_object_measure (BrokerObject *object);

/* No session is opened any more. */
void broker_object_stop (BrokerObject *object);
