/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/manifests.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/folder.h"
#include "dbus/errors.h"
#include "perms/key-file.h"

struct BrokerManifests
{
  char *system;
  char *exports;
  char *flatpaks;
  BrokerHomeManifestFunc find_home;
  gpointer user_data;
};

BrokerManifests *
broker_manifests_new (const BrokerManifestPlaces *places)
{
  BrokerManifests *manifests = g_new0 (BrokerManifests, 1);
  const char *flatpak =
    places->flatpak != NULL ? places->flatpak : BROKER_MANIFESTS_FLATPAK;

  manifests->system =
    g_strdup (places->system != NULL ? places->system : BROKER_MANIFESTS_SYSTEM);
  manifests->exports = g_build_filename (flatpak, BROKER_MANIFESTS_EXPORTS, NULL);
  manifests->flatpaks = g_build_filename (flatpak, "app", NULL);
  return manifests;
}

const char *
broker_manifests_get_system (const BrokerManifests *manifests)
{
  return manifests->system;
}

const char *
broker_manifests_get_exports (const BrokerManifests *manifests)
{
  return manifests->exports;
}

const char *
broker_manifests_get_flatpaks (const BrokerManifests *manifests)
{
  return manifests->flatpaks;
}

void
broker_manifests_free (BrokerManifests *manifests)
{
  if (manifests == NULL)
    return;
  g_free (manifests->system);
  g_free (manifests->exports);
  g_free (manifests->flatpaks);
  g_free (manifests);
}

void
broker_manifests_set_home (BrokerManifests *manifests,
                           BrokerHomeManifestFunc find,
                           gpointer user_data)
{
  manifests->find_home = find;
  manifests->user_data = user_data;
}

PermsAccess
broker_manifests_get_asks (const PermsManifest *manifest)
{
  return manifest != NULL ? perms_manifest_get_supports (manifest)
                          : PERMS_ACCESS_ACCESSORY_SETUP;
}

const char *
broker_manifests_get_id (const PermsAppKey *key)
{
  switch (key->kind)
    {
    case PERMS_APP_KIND_FLATPAK:
    case PERMS_APP_KIND_SNAP:
    case PERMS_APP_KIND_UNIT:
    case PERMS_APP_KIND_SCOPE:
      return key->id;
    case PERMS_APP_KIND_PATH:
      return strrchr (key->id, '/') + 1;
    case PERMS_APP_KIND_NONE:
    case PERMS_APP_KIND_HOST:
    default:
      return NULL;
    }
}

/* ---- reading ---- */

static gboolean
refuse (GError **error, const char *path, const char *text)
{
  blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "bad-manifest", "%s: %s",
                     path, text);
  return FALSE;
}

/* @ret_text: NULL where there is no file. Flatpak's exports are symbolic links. */
static gboolean
read_file (const char *path, GBytes **ret_text, GError **error)
{
  GBytes *text;
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? TRUE
                                               : refuse (error, path, g_strerror (errno));
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      return refuse (error, path, "is not a file");
    }
  text = broker_folder_read_handle (fd, PERMS_KEY_FILE_TEXT_MAX);
  close (fd);
  if (text == NULL)
    return refuse (error, path, "cannot be read");
  *ret_text = text;
  return TRUE;
}

static gboolean
take_text (GBytes *text, const char *name, PermsManifest **ret_manifest, GError **error)
{
  g_autoptr (GError) fault = NULL;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);
  /* Nothing has no address. */
  PermsManifest *manifest =
    perms_manifest_read (name, data != NULL ? data : "", length, &fault);

  if (manifest == NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "bad-manifest", "%s",
                         fault->message);
      return FALSE;
    }
  *ret_manifest = manifest;
  return TRUE;
}

/* What the installation exports, else what the app has in its own files. */
static gboolean
read_flatpak (const BrokerManifests *manifests,
              const char *id,
              const char *name,
              GBytes **ret_text,
              GError **error)
{
  g_autofree char *exported = g_build_filename (manifests->exports, name, NULL);
  g_autofree char *own =
    g_build_filename (manifests->flatpaks, id, BROKER_MANIFESTS_ACTIVE, name, NULL);

  return read_file (exported, ret_text, error) &&
         (*ret_text != NULL || read_file (own, ret_text, error));
}

static gboolean
read_host (const BrokerManifests *manifests,
           const char *name,
           GBytes **ret_text,
           GError **error)
{
  g_autofree char *path = g_build_filename (manifests->system, name, NULL);

  return read_file (path, ret_text, error);
}

gboolean
broker_manifests_find (BrokerManifests *manifests,
                       const char *app,
                       PermsManifest **ret_manifest,
                       GError **error)
{
  PermsAppKey key;
  g_autofree char *name = NULL;
  g_autoptr (GBytes) text = NULL;
  gboolean is_flatpak;
  const char *id;

  *ret_manifest = NULL;
  if (!perms_app_key_parse (app, &key, NULL))
    return TRUE;
  id = broker_manifests_get_id (&key);
  if (id == NULL)
    return TRUE;
  is_flatpak = key.kind == PERMS_APP_KIND_FLATPAK;
  name = g_strconcat (id, BROKER_MANIFEST_SUFFIX, NULL);
  if (!(is_flatpak ? read_flatpak (manifests, id, name, &text, error)
                   : read_host (manifests, name, &text, error)))
    return FALSE;
  /* What a person's home directory says is for that person's own apps. */
  if (text == NULL && manifests->find_home != NULL && key.kind != PERMS_APP_KIND_SNAP &&
      key.kind != PERMS_APP_KIND_UNIT)
    {
      GBytes *reported =
        manifests->find_home (key.uid, is_flatpak, id, manifests->user_data);

      text = reported != NULL ? g_bytes_ref (reported) : NULL;
    }
  return text == NULL || take_text (text, name, ret_manifest, error);
}
