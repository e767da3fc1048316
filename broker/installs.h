/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/installs.h: notices which apps come and go: packages and units of the system, Flatpaks, snaps, the
 * manifests of host apps, and what the persons' helpers say of their homes. What a user who
 * is loaded granted to an app that is gone ends; a manifest that changed is heeded. Has no
 * say in what is stored: permissions.h does that. */

#pragma once

#include <gio/gio.h>

#include "broker/manifests.h"
#include "broker/permissions-apps.h"
#include "broker/user-helpers.h"

/* dpkg renames its status file whenever it did anything. */
#define BROKER_INSTALLS_PACKAGES "/var/lib/dpkg"

typedef struct BrokerInstalls BrokerInstalls;

/* Where snapd mounts what is installed, a folder a snap. */
#define BROKER_INSTALLS_SNAPS "/snap"

/* All must outlive the installs. @packages, @snaps: NULL for the default. */
typedef struct
{
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerUserHelpers *helpers;
  const char *packages;
  const char *snaps;
} BrokerInstallsRooms;

BrokerInstalls *broker_installs_new (const BrokerInstallsRooms *rooms);
void broker_installs_free (BrokerInstalls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerInstalls, broker_installs_free)

/* An app got a row: that it is installed is noted now, for only what was there can go. */
void broker_installs_note (BrokerInstalls *self);

/* From the permissions and the helpers: @uid was loaded, or their home has changed. */
void broker_installs_look (BrokerInstalls *self, guint32 uid);
