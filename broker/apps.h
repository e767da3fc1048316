/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/apps.h: who comes and goes: the helpers of the persons, the watch on what is
 * installed, and Permissions1, wired together. Decides nothing itself. */

#pragma once

#include <gio/gio.h>

#include "broker/clients.h"
#include "broker/identity.h"
#include "broker/manifests.h"
#include "broker/permissions.h"
#include "broker/presence.h"
#include "broker/sessions.h"

typedef struct BrokerApps BrokerApps;

/* The first five must outlive the apps. */
typedef struct
{
  GDBusConnection *connection;
  BrokerIdentity *identity;
  BrokerClients *clients;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BleRadio *radio;
  const char *helper_app; /* who may speak for a home directory, "KIND:ID" */
  const char *packages;   /* where dpkg keeps its state; NULL: the default */
  const char *snaps;      /* where snapd mounts snaps; NULL: the default */
} BrokerAppsRooms;

BrokerApps *
broker_apps_new (const BrokerAppsRooms *rooms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void broker_apps_free (BrokerApps *apps);
/* From here on apps are started when their accessory appears, until it is stopped, which has to be
 * before @presence and @sessions go. */
void broker_apps_start_background (BrokerApps *apps,
                                   BrokerPresence *presence,
                                   BrokerSessions *sessions);
void broker_apps_stop_background (BrokerApps *apps);
/* Rows have changed; @all: a policy, so that they may be anybody's. */
void broker_apps_take_rows_changed (BrokerApps *apps, gboolean all);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerApps, broker_apps_free)
