/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/manifests.h: finds the manifest of an app where manifests lie: the system's, that
 * of an exported Flatpak, or what the person's own helper reported of the home directory.
 * Files are read when somebody asks, so that a change holds from the next picker on.
 * Decides nothing by what a manifest says. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "perms/key.h"
#include "perms/manifest.h"

#define BROKER_MANIFEST_SUFFIX ".accessory"

typedef struct BrokerManifests BrokerManifests;

/* Where manifests lie; NULL: the default. */
typedef struct
{
  const char *system;  /* of host apps, snaps and units: /usr/share/blepick/apps */
  const char *flatpak; /* /var/lib/flatpak */
} BrokerManifestPlaces;

#define BROKER_MANIFESTS_SYSTEM  "/usr/share/blepick/apps"
#define BROKER_MANIFESTS_FLATPAK "/var/lib/flatpak"
#define BROKER_MANIFESTS_EXPORTS \
  "exports/share/blepick/apps" /* below a Flatpak installation */

/* Flatpak 1.14 exports no such folder, so this is where a manifest of a Flatpak is found: below its app/ID. */
#define BROKER_MANIFESTS_ACTIVE "current/active/files/share/blepick/apps"

/* The text of a manifest that @uid's helper reported, or NULL. @is_flatpak: of a Flatpak. */
typedef GBytes *(*BrokerHomeManifestFunc) (guint32 uid,
                                           gboolean is_flatpak,
                                           const char *id,
                                           gpointer user_data);

BrokerManifests *broker_manifests_new (const BrokerManifestPlaces *places);
void broker_manifests_free (BrokerManifests *manifests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerManifests, broker_manifests_free)

/* Where host apps' manifests lie, where Flatpak's exported ones, and where its apps. */
const char *broker_manifests_get_system (const BrokerManifests *manifests);
const char *broker_manifests_get_exports (const BrokerManifests *manifests);
const char *broker_manifests_get_flatpaks (const BrokerManifests *manifests);

/* Asked where the system has no manifest of an app. */
void broker_manifests_set_home (BrokerManifests *manifests,
                                BrokerHomeManifestFunc find,
                                gpointer user_data);

/* What an app with @manifest will ask for; without one (NULL): the picker alone. */
PermsAccess broker_manifests_get_asks (const PermsManifest *manifest);

/* The id by which the manifest of @key is found: the app's, for a path its last part; NULL
 * for kind host, which has none. */
const char *broker_manifests_get_id (const PermsAppKey *key);

/* Finds the manifest of the app @app (a key). @ret_manifest (transfer full): NULL if it has
 * none. FALSE with ActivationFailed bad-manifest: there is one, and it cannot be read; the
 * text names file and line. */
gboolean broker_manifests_find (BrokerManifests *manifests,
                                const char *app,
                                PermsManifest **ret_manifest,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
