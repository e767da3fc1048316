/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-object.h: Permissions1 and Companions1: what a person sees of their
 * permissions and their devices, and changes. Finds out whose they are by who calls, never by what is said. */

#pragma once

#include <gio/gio.h>

#include "broker/clients.h"
#include "broker/identity.h"
#include "broker/manifests.h"
#include "broker/permissions.h"

typedef struct BrokerPermissionsObject BrokerPermissionsObject;

/* All must outlive the object. */
typedef struct
{
  GDBusConnection *connection;
  BrokerIdentity *identity;
  BrokerClients *clients;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BleRadio *radio;
} BrokerPermissionsRooms;

BrokerPermissionsObject *
broker_permissions_object_new (const BrokerPermissionsRooms *rooms,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void broker_permissions_object_free (BrokerPermissionsObject *self);

/* Rows have changed: tells those who watch that user, or everybody who watches (@all) when it is
 * about everybody, as a managed policy is. */
void broker_permissions_object_take_changed (BrokerPermissionsObject *self, gboolean all);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPermissionsObject, broker_permissions_object_free)
