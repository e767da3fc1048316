/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/apps.h"

#include "broker/background.h"
#include "broker/installs.h"
#include "broker/permissions-apps.h"
#include "broker/permissions-object.h"
#include "broker/user-helpers.h"

struct BrokerApps
{
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerUserHelpers *helpers;
  BrokerInstalls *installs;
  BrokerPermissionsObject *object;
  BrokerBackground *background; /* NULL until the presence is there */
};

static void
on_home_changed (guint32 uid, gpointer user_data)
{
  const BrokerApps *apps = user_data;

  broker_installs_look (apps->installs, uid);
  if (apps->background != NULL)
    broker_background_take_helper (apps->background, uid);
}

static void
on_user_loaded (guint32 uid, gpointer user_data)
{
  const BrokerApps *apps = user_data;

  broker_installs_look (apps->installs, uid);
  if (apps->background != NULL)
    broker_background_take_changed (apps->background);
}

void
broker_apps_start_background (BrokerApps *apps,
                              BrokerPresence *presence,
                              BrokerSessions *sessions)
{
  BrokerBackgroundRooms rooms = { apps->permissions, apps->manifests, apps->helpers,
                                  presence, sessions };

  apps->background = broker_background_new (&rooms);
}

void
broker_apps_stop_background (BrokerApps *apps)
{
  if (apps != NULL)
    g_clear_pointer (&apps->background, broker_background_free);
}

void
broker_apps_take_rows_changed (BrokerApps *apps, gboolean all)
{
  broker_installs_note (apps->installs);
  broker_permissions_object_take_changed (apps->object, all);
  if (apps->background != NULL)
    broker_background_take_changed (apps->background);
}

/* ---- the whole ---- */

BrokerApps *
broker_apps_new (const BrokerAppsRooms *rooms, GError **error)
{
  g_autoptr (BrokerApps) apps = g_new0 (BrokerApps, 1);

  apps->permissions = rooms->permissions;
  apps->manifests = rooms->manifests;
  apps->helpers =
    broker_user_helpers_new (rooms->connection, rooms->identity, rooms->clients,
                             rooms->helper_app, on_home_changed, apps, error);
  if (apps->helpers == NULL)
    return NULL;
  broker_manifests_set_home (apps->manifests, broker_user_helpers_find_manifest,
                             apps->helpers);

  BrokerInstallsRooms for_installs = { apps->permissions, apps->manifests, apps->helpers,
                                       rooms->packages, rooms->snaps };
  apps->installs = broker_installs_new (&for_installs);
  broker_permissions_set_loaded (apps->permissions, on_user_loaded, apps);

  BrokerPermissionsRooms for_object = { rooms->connection, rooms->identity,
                                        rooms->clients,    apps->permissions,
                                        apps->manifests,   rooms->radio };
  apps->object = broker_permissions_object_new (&for_object, error);
  return apps->object != NULL ? g_steal_pointer (&apps) : NULL;
}

void
broker_apps_free (BrokerApps *apps)
{
  if (apps == NULL)
    return;
  broker_permissions_set_loaded (apps->permissions, NULL, NULL);
  broker_manifests_set_home (apps->manifests, NULL, NULL);
  broker_permissions_object_free (apps->object);
  broker_installs_free (apps->installs);
  broker_user_helpers_free (apps->helpers);
  g_free (apps);
}
