/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/apps.h"

#include <string.h>

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
};

static void
on_may_have_changed (guint32 uid, gpointer user_data)
{
  const BrokerApps *apps = user_data;

  broker_installs_look (apps->installs, uid);
}

/* ---- apps that are started when their accessory is there ---- */

typedef struct
{
  const BrokerApps *apps;
  const BleAddress *address;
  BrokerSessions *sessions;
  guint32 uid;
  const char *app;
  gboolean is_running;
} Wake;

static void
compare_app (BrokerCaller *caller, gpointer user_data)
{
  Wake *wake = user_data;

  if (strcmp (caller->app, wake->app) == 0)
    wake->is_running = TRUE;
}

static gboolean
wants_to_wake (const BrokerApps *apps, const char *app)
{
  g_autoptr (PermsManifest) manifest = NULL;

  return broker_manifests_find (apps->manifests, app, &manifest, NULL) &&
         manifest != NULL &&
         (perms_manifest_get_flags (manifest) & PERMS_MANIFEST_BACKGROUND);
}

static void
wake_app (const BrokerAppRow *row, gpointer user_data)
{
  Wake *wake = user_data;
  g_autofree char *app = g_strdup (row->app);
  g_autofree char *fingerprint = g_strdup (row->fingerprint);
  const BrokerCaller as = { .uid = wake->uid, .app = app, .fingerprint = fingerprint };
  PermsAppKey key;

  wake->app = app;
  wake->is_running = FALSE;
  if (row->n_accessories == 0 || row->changed_to != NULL ||
      broker_permissions_find_address (wake->apps->permissions, &as, wake->address) ==
        NULL ||
      !perms_app_key_parse (app, &key, NULL) || !wants_to_wake (wake->apps, app))
    return;
  broker_sessions_foreach_caller (wake->sessions, compare_app, wake);
  if (!wake->is_running &&
      (key.kind == PERMS_APP_KIND_FLATPAK || key.kind == PERMS_APP_KIND_SCOPE))
    (void) broker_user_helpers_start (wake->apps->helpers, wake->uid, key.id);
}

static void
wake_user (guint32 uid, gpointer user_data)
{
  Wake *wake = user_data;

  wake->uid = uid;
  broker_permissions_foreach_app (wake->apps->permissions, uid, wake_app, wake);
}

void
broker_apps_take_connected (BrokerApps *apps,
                            const BleAddress *address,
                            BrokerSessions *sessions)
{
  Wake wake = { .apps = apps, .address = address, .sessions = sessions };

  broker_permissions_foreach_user (apps->permissions, wake_user, &wake);
}

void
broker_apps_take_rows_changed (BrokerApps *apps, gboolean all)
{
  broker_installs_note (apps->installs);
  broker_permissions_object_take_changed (apps->object, all);
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
                             rooms->helper_app, on_may_have_changed, apps, error);
  if (apps->helpers == NULL)
    return NULL;
  broker_manifests_set_home (apps->manifests, broker_user_helpers_find_manifest,
                             apps->helpers);

  BrokerInstallsRooms for_installs = { apps->permissions, apps->manifests, apps->helpers,
                                       rooms->packages };
  apps->installs = broker_installs_new (&for_installs);
  broker_permissions_set_loaded (apps->permissions, on_may_have_changed, apps);

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
