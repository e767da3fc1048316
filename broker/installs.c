/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/installs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/watch.h"

#define ENTRIES_MAX    10000
#define REMOVALS_MAX   10000
#define PACKAGE_FIELD  "package="  /* of a fingerprint of kind path */
#define FRAGMENT_FIELD "fragment=" /* of a fingerprint of kind unit, at its beginning */

/* What a folder of the system lists, and what went from it while we looked. */
typedef struct
{
  char *folder;
  const char *suffix;   /* of the names that count; "" for all */
  GHashTable *present;  /* set of ids; NULL: never read */
  GHashTable *removals; /* id → gint64, seconds since 1970 */
} Listing;

struct BrokerInstalls
{
  BrokerInstallsRooms rooms;
  Listing flatpaks;
  Listing manifests;
  Listing snaps;
  BrokerWatch *watch;
};

/* ---- listings ---- */

static void
init_listing (Listing *listing, char *folder, const char *suffix)
{
  listing->folder = folder;
  listing->suffix = suffix;
  listing->removals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
clear_listing (Listing *listing)
{
  g_free (listing->folder);
  g_clear_pointer (&listing->present, g_hash_table_unref);
  g_hash_table_unref (listing->removals);
}

/* Returns: (transfer full): the ids in the folder, or NULL where they cannot be known. */
static GHashTable *
read_folder (const Listing *listing)
{
  GDir *folder = g_dir_open (listing->folder, 0, NULL);
  GHashTable *ids;
  const char *name;

  if (folder == NULL)
    return NULL;
  ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while ((name = g_dir_read_name (folder)) != NULL &&
         g_hash_table_size (ids) < ENTRIES_MAX)
    if (g_str_has_suffix (name, listing->suffix))
      g_hash_table_add (ids, g_strndup (name, strlen (name) - strlen (listing->suffix)));
  if (name != NULL)
    g_clear_pointer (&ids, g_hash_table_unref);
  g_dir_close (folder);
  return ids;
}

/* A folder that cannot be read says nothing: a file system that is not there for a moment
 * must not take anything away. */
static void
refresh_listing (Listing *listing)
{
  GHashTable *now = read_folder (listing);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  GHashTableIter iter;
  gpointer id;

  if (now == NULL)
    return;
  if (listing->present != NULL)
    {
      g_hash_table_iter_init (&iter, listing->present);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        if (!g_hash_table_contains (now, id) &&
            g_hash_table_size (listing->removals) < REMOVALS_MAX)
          g_hash_table_insert (listing->removals, g_strdup (id),
                               g_memdup2 (&now_s, sizeof now_s));
      g_hash_table_unref (listing->present);
    }
  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_hash_table_remove (listing->removals, id);
  listing->present = now;
}

static gboolean
is_listed (const Listing *listing, const char *id)
{
  return listing->present != NULL && g_hash_table_contains (listing->present, id);
}

/* Whether it went after @known_s, when the app was last heard of. */
static gboolean
was_removed (const Listing *listing, const char *id, gint64 known_s)
{
  const gint64 *when = g_hash_table_lookup (listing->removals, id);

  return when != NULL && *when >= known_s;
}

/* ---- is an app gone? Whatever is not known for sure is a no. ---- */

static gboolean
is_file_absent (const char *path)
{
  struct stat info;

  return lstat (path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* Only what belonged to a package: a file elsewhere may be on a disk that is not there now. */
static gboolean
is_path_gone (const char *path, const char *fingerprint)
{
  const char *package = strstr (fingerprint, PACKAGE_FIELD);

  return package != NULL && package[strlen (PACKAGE_FIELD)] != '\0' &&
         is_file_absent (path);
}

static gboolean
is_flatpak_gone (const BrokerInstalls *self, const PermsAppKey *key, gint64 known_s)
{
  BrokerUserHelpers *helpers = self->rooms.helpers;
  gint64 said_s = broker_user_helpers_get_removal_s (helpers, key->uid, TRUE, key->id);

  if (is_listed (&self->flatpaks, key->id) ||
      broker_user_helpers_has_app (helpers, key->uid, TRUE, key->id))
    return FALSE;
  return was_removed (&self->flatpaks, key->id, known_s) ||
         (said_s != 0 && said_s >= known_s) ||
         (self->flatpaks.present != NULL &&
          broker_user_helpers_is_complete (helpers, key->uid));
}

/* The folders of units that outlive a start of the machine: systemd.unit(5). */
static const char *const unit_folders[] = {
  "/etc/systemd/system",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
};

/* A unit that came from a file, which is nowhere any more; what was made for a while comes and goes. */
static gboolean
is_unit_gone (const char *fingerprint)
{
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  if (!g_str_has_prefix (fingerprint, FRAGMENT_FIELD "/") ||
      g_str_has_prefix (fingerprint, FRAGMENT_FIELD "/run/"))
    return FALSE;
  path = g_strdup (fingerprint + strlen (FRAGMENT_FIELD));
  path[strcspn (path, " ")] = '\0';
  name = g_path_get_basename (path);
  for (gsize i = 0; i < G_N_ELEMENTS (unit_folders); i++)
    {
      g_autofree char *other = g_build_filename (unit_folders[i], name, NULL);

      if (!is_file_absent (other))
        return FALSE;
    }
  return is_file_absent (path);
}

static gboolean
is_snap_gone (const BrokerInstalls *self, const char *id)
{
  return self->snaps.present != NULL && !is_listed (&self->snaps, id);
}

/* A host app without a path of its own is there as long as its manifest is, if it ever
 * had one. */
static gboolean
is_scope_gone (const BrokerInstalls *self, const PermsAppKey *key, gint64 known_s)
{
  BrokerUserHelpers *helpers = self->rooms.helpers;
  gint64 said_s = broker_user_helpers_get_removal_s (helpers, key->uid, FALSE, key->id);

  if (is_listed (&self->manifests, key->id) ||
      broker_user_helpers_has_app (helpers, key->uid, FALSE, key->id))
    return FALSE;
  return was_removed (&self->manifests, key->id, known_s) ||
         (said_s != 0 && said_s >= known_s);
}

static gboolean
is_gone (const BrokerAppRow *row, gpointer user_data)
{
  const BrokerInstalls *self = user_data;
  PermsAppKey key;

  if (!perms_app_key_parse (row->app, &key, NULL))
    return FALSE;
  switch (key.kind)
    {
    case PERMS_APP_KIND_PATH:
      return is_path_gone (key.id, row->fingerprint);
    case PERMS_APP_KIND_FLATPAK:
      return is_flatpak_gone (self, &key, row->known_s);
    case PERMS_APP_KIND_SCOPE:
      return is_scope_gone (self, &key, row->known_s);
    case PERMS_APP_KIND_SNAP:
      return is_snap_gone (self, key.id);
    case PERMS_APP_KIND_UNIT:
      return is_unit_gone (row->fingerprint);
    case PERMS_APP_KIND_NONE:
    case PERMS_APP_KIND_HOST:
    default:
      return FALSE;
    }
}

/* What the manifest declares now; what it did, where it cannot be read. */
static PermsAccess
find_asks (const BrokerAppRow *row, gpointer user_data)
{
  const BrokerInstalls *self = user_data;
  g_autoptr (PermsManifest) manifest = NULL;

  return broker_manifests_find (self->rooms.manifests, row->app, &manifest, NULL)
           ? broker_manifests_get_asks (manifest)
           : row->asks;
}

void
broker_installs_look (BrokerInstalls *self, guint32 uid)
{
  broker_permissions_review_apps (self->rooms.permissions, uid, is_gone, find_asks, self);
}

/* ---- watching ---- */

static void
look_at_user (guint32 uid, gpointer user_data)
{
  broker_installs_look (user_data, uid);
}

void
broker_installs_note (BrokerInstalls *self)
{
  refresh_listing (&self->flatpaks);
  refresh_listing (&self->manifests);
  refresh_listing (&self->snaps);
}

static void
on_changed (gpointer user_data)
{
  BrokerInstalls *self = user_data;

  broker_installs_note (self);
  broker_permissions_foreach_user (self->rooms.permissions, look_at_user, self);
}

BrokerInstalls *
broker_installs_new (const BrokerInstallsRooms *rooms)
{
  BrokerInstalls *self = g_new0 (BrokerInstalls, 1);

  self->rooms = *rooms;
  init_listing (&self->flatpaks,
                g_strdup (broker_manifests_get_flatpaks (rooms->manifests)), "");
  init_listing (&self->manifests,
                g_strdup (broker_manifests_get_system (rooms->manifests)),
                BROKER_MANIFEST_SUFFIX);
  init_listing (&self->snaps,
                g_strdup (rooms->snaps != NULL ? rooms->snaps : BROKER_INSTALLS_SNAPS),
                "");
  broker_installs_note (self);
  /* What cannot be watched is looked at when a person's rows are loaded. */
  self->watch = broker_watch_new (on_changed, self);
  broker_watch_add (self->watch, self->flatpaks.folder);
  broker_watch_add (self->watch, broker_manifests_get_exports (rooms->manifests));
  broker_watch_add (self->watch, self->manifests.folder);
  broker_watch_add (self->watch, self->snaps.folder);
  broker_watch_add (self->watch, unit_folders[0]); /* the others are of packages */
  broker_watch_add (self->watch,
                    rooms->packages != NULL ? rooms->packages : BROKER_INSTALLS_PACKAGES);
  return self;
}

void
broker_installs_free (BrokerInstalls *self)
{
  if (self == NULL)
    return;
  broker_watch_free (self->watch);
  clear_listing (&self->flatpaks);
  clear_listing (&self->manifests);
  clear_listing (&self->snaps);
  g_free (self);
}
