/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/background.h: apps that do not run and are started when their accessory appears: those
 * that have a grant, say background= in their manifest, and whose person's helper is there.
 * Looks for their accessories, and for no others. */

#pragma once

#include "broker/manifests.h"
#include "broker/permissions.h"
#include "broker/presence.h"
#include "broker/sessions.h"
#include "broker/user-helpers.h"

typedef struct BrokerBackground BrokerBackground;

/* All must outlive the background. */
typedef struct
{
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerUserHelpers *helpers;
  BrokerPresence *presence;
  BrokerSessions *sessions;
} BrokerBackgroundRooms;

BrokerBackground *broker_background_new (const BrokerBackgroundRooms *rooms);
void broker_background_free (BrokerBackground *self);

/* Rows or manifests changed: whom to look for is found out anew, soon. */
void broker_background_take_changed (BrokerBackground *self);

/* @uid's helper has reported all that there is. */
void broker_background_take_helper (BrokerBackground *self, guint32 uid);
