/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/home.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX            ".accessory"
#define EXPORTS           "exports/share/blepick/apps"
#define ACTIVE            "current/active/files/share/blepick/apps" /* below app/ID */
#define INSTALLATIONS     "installations.d"
#define INSTALLATIONS_MAX 8
#define ID_MAX            255 /* bytes */

struct SessionHome
{
  char *manifests;     /* of host apps */
  GPtrArray *flatpaks; /* of char *: installations */
  GPtrArray *monitors; /* of GFileMonitor */
  void (*changed) (gpointer user_data);
  gpointer user_data;
  guint quiet_source;
};

/* ---- watching ---- */

static gboolean
on_quiet (gpointer user_data)
{
  SessionHome *home = user_data;

  home->quiet_source = 0;
  home->changed (home->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            gpointer user_data)
{
  SessionHome *home = user_data;

  if (home->quiet_source == 0)
    home->quiet_source = g_timeout_add (SESSION_HOME_QUIET_MS, on_quiet, home);
}

static void
watch (SessionHome *home, const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor =
    g_file_monitor_directory (file, G_FILE_MONITOR_NONE, NULL, &error);

  if (monitor == NULL)
    {
      g_warning ("%s is not watched: %s", folder, error->message);
      return;
    }
  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), home);
  g_ptr_array_add (home->monitors, monitor);
}

/* ---- where Flatpak installs ---- */

/* flatpak-installation(5): one group an installation, with Path=. */
static void
add_installations (SessionHome *home, const char *file)
{
  g_autoptr (GKeyFile) config = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (config, file, G_KEY_FILE_NONE, NULL))
    return;
  groups = g_key_file_get_groups (config, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *path = g_key_file_get_string (config, groups[i], "Path", NULL);

      if (g_str_has_prefix (groups[i], "Installation \"") && path != NULL &&
          g_path_is_absolute (path) && home->flatpaks->len < INSTALLATIONS_MAX)
        g_ptr_array_add (home->flatpaks, g_steal_pointer (&path));
    }
}

static void
find_installations (SessionHome *home, const char *flatpak_conf)
{
  g_autofree char *folder = g_build_filename (flatpak_conf, INSTALLATIONS, NULL);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);

      if (g_str_has_suffix (name, ".conf"))
        add_installations (home, file);
    }
}

SessionHome *
session_home_new (const SessionPlaces *places,
                  void (*changed) (gpointer user_data),
                  gpointer user_data)
{
  SessionHome *home = g_new0 (SessionHome, 1);

  home->manifests = g_build_filename (places->data, "blepick/apps", NULL);
  home->flatpaks = g_ptr_array_new_with_free_func (g_free);
  home->monitors = g_ptr_array_new_with_free_func (g_object_unref);
  home->changed = changed;
  home->user_data = user_data;
  g_ptr_array_add (home->flatpaks, places->flatpak != NULL
                                     ? g_strdup (places->flatpak)
                                     : g_build_filename (places->data, "flatpak", NULL));
  find_installations (home, places->flatpak_conf);
  watch (home, home->manifests);
  for (guint i = 0; i < home->flatpaks->len; i++)
    {
      const char *root = g_ptr_array_index (home->flatpaks, i);
      g_autofree char *apps = g_build_filename (root, "app", NULL);
      g_autofree char *exports = g_build_filename (root, EXPORTS, NULL);

      watch (home, apps);
      watch (home, exports);
    }
  return home;
}

void
session_home_free (SessionHome *home)
{
  if (home == NULL)
    return;
  for (guint i = 0; i < home->monitors->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (home->monitors, i), home);
  g_clear_handle_id (&home->quiet_source, g_source_remove);
  g_ptr_array_unref (home->monitors);
  g_ptr_array_unref (home->flatpaks);
  g_free (home->manifests);
  g_free (home);
}

/* ---- reading ---- */

/* At most SESSION_MANIFEST_MAX + 1 bytes. NULL: cannot be read. */
static GBytes *
read_some (int fd)
{
  g_autofree char *text = (char *) g_malloc (SESSION_MANIFEST_MAX + 1);
  struct stat info;
  gsize length = 0;
  gssize n;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  while (length < SESSION_MANIFEST_MAX + 1 &&
         (n = read (fd, text + length, SESSION_MANIFEST_MAX + 1 - length)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return NULL;
      length += (gsize) n;
    }
  return g_bytes_new (text, length);
}

static GBytes *
make_comment (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* A file without a byte in it is there all the same. */
static GBytes *
read_manifest (const char *folder, const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) text = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? g_bytes_new (NULL, 0)
                                               : make_comment ("# cannot be read\n");
  text = read_some (fd);
  close (fd);
  if (text == NULL)
    return make_comment ("# cannot be read\n");
  if (g_bytes_get_size (text) > SESSION_MANIFEST_MAX)
    return make_comment ("# longer than 65536 bytes\n");
  return g_bytes_get_size (text) > 0 ? g_steal_pointer (&text)
                                     : make_comment ("# empty\n");
}

/* What the installation exports, else what the app has in its own files. */
static GBytes *
read_flatpak_manifest (const char *root, const char *id)
{
  g_autofree char *exports = g_build_filename (root, EXPORTS, NULL);
  g_autofree char *active = g_build_filename (root, "app", id, ACTIVE, NULL);
  g_autoptr (GBytes) text = read_manifest (exports, id);

  return g_bytes_get_size (text) > 0 ? g_steal_pointer (&text)
                                     : read_manifest (active, id);
}

/* As the broker takes them: no more than names of files can be, and none that hides. */
static gboolean
is_app_id (const char *id)
{
  return g_ascii_isalnum (id[0]) && strlen (id) <= ID_MAX &&
         strspn (id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ":-_.\\@") == strlen (id);
}

/* What one reading has found. */
typedef struct
{
  GHashTable *apps;
  gboolean whole;
} Finding;

/* A folder that is not there is empty only where that is how it begins. */
static GDir *
open_folder (Finding *finding, const char *path, gboolean may_be_absent)
{
  g_autoptr (GError) error = NULL;
  GDir *folder = g_dir_open (path, 0, &error);

  if (folder == NULL &&
      !(may_be_absent && g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)))
    {
      g_message ("%s", error->message);
      finding->whole = FALSE;
    }
  return folder;
}

static gboolean
has_room (Finding *finding)
{
  if (g_hash_table_size (finding->apps) < SESSION_APPS_MAX)
    return TRUE;
  finding->whole = FALSE;
  return FALSE;
}

static void
read_hosts (SessionHome *home, Finding *finding)
{
  g_autoptr (GDir) folder = open_folder (finding, home->manifests, TRUE);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *id = NULL;

      if (!g_str_has_suffix (name, SUFFIX))
        continue;
      id = g_strndup (name, strlen (name) - strlen (SUFFIX));
      if (is_app_id (id) && has_room (finding))
        g_hash_table_replace (finding->apps, g_strconcat ("host:", id, NULL),
                              read_manifest (home->manifests, id));
    }
}

/* An app that is in several installations is the first one's. */
static void
read_flatpaks (const char *root, gboolean may_be_absent, Finding *finding)
{
  g_autofree char *path = g_build_filename (root, "app", NULL);
  g_autoptr (GDir) folder = open_folder (finding, path, may_be_absent);
  const char *id;

  while (folder != NULL && (id = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *key = g_strconcat ("flatpak:", id, NULL);

      if (is_app_id (id) && strchr (id, '.') != NULL &&
          !g_hash_table_contains (finding->apps, key) && has_room (finding))
        g_hash_table_insert (finding->apps, g_steal_pointer (&key),
                             read_flatpak_manifest (root, id));
    }
}

GHashTable *
session_home_read (SessionHome *home, gboolean *ret_whole)
{
  Finding finding = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) g_bytes_unref),
                      TRUE };

  /* The first one is the person's own, which comes with their first app. */
  for (guint i = 0; i < home->flatpaks->len; i++)
    read_flatpaks (g_ptr_array_index (home->flatpaks, i), i == 0, &finding);
  read_hosts (home, &finding);
  *ret_whole = finding.whole;
  return finding.apps;
}
