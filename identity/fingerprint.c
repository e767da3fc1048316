/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/fingerprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define FLATPAK_APPS       "/var/lib/flatpak/app/"
#define FLATPAK_REPO       "/var/lib/flatpak/repo"
#define SNAP_DECLARATIONS  "/var/lib/snapd/assertions/asserts-v0/snap-declaration/16"
#define DPKG_INFO          "/var/lib/dpkg/info"
#define DECLARATION_MAX    ((gsize) 256 * 1024)
#define DEPLOY_MAX         ((gsize) 1024 * 1024)
#define KEYS_MAX           ((gsize) 1024 * 1024)
#define PACKAGE_LIST_MAX   ((gsize) 16 * 1024 * 1024)
#define FOLDER_ENTRIES_MAX 100000
#define REMOTE_NAME_MAX    64

/* Called for each name in a folder until it returns TRUE. */
typedef gboolean (*EntryFunc) (const IdentityHost *host, const char *name, gpointer data);

static gboolean
find_entry (const IdentityHost *host, const char *folder, EntryFunc is_it, gpointer data)
{
  int fd = identity_host_open_file (host, folder, O_RDONLY | O_DIRECTORY);
  DIR *entries = fd >= 0 ? fdopendir (fd) : NULL;
  gboolean is_found = FALSE;
  guint n_entries = 0;
  const struct dirent *entry;

  if (entries == NULL)
    {
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  while (!is_found && n_entries++ < FOLDER_ENTRIES_MAX &&
         (entry = readdir (entries)) != NULL)
    is_found = entry->d_name[0] != '.' && is_it (host, entry->d_name, data);
  closedir (entries);
  return is_found;
}

/* Returns: (transfer full): the value of the header @name in @text, or NULL. */
static char *
find_header (const char *text, const char *name)
{
  gsize length = strlen (name);

  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      if (strncmp (line, name, length) == 0 && line[length] == ':')
        return g_strstrip (
          g_strndup (line + length + 1, strcspn (line + length + 1, "\n")));
    }
  return NULL;
}

/* ---- Flatpak ---- */

static gboolean
is_remote_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > REMOTE_NAME_MAX || name[0] == '.')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("._-", name[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* Returns: (transfer full): the remote that an app was deployed from. Beside the app's files
 * Flatpak keeps a serialised tuple that begins with its name (flatpak-dir.c, "deploy"). */
static char *
find_origin (const IdentityHost *host, const char *id, const char *app_path)
{
  g_autofree char *folder = g_strdup_printf (FLATPAK_APPS "%s/", id);
  g_autofree char *deploy = NULL;
  char *content;
  gsize length;

  if (app_path == NULL || !g_str_has_prefix (app_path, folder) ||
      !g_str_has_suffix (app_path, "/files") || strstr (app_path, "/../") != NULL)
    return NULL;
  deploy = g_strdup_printf ("%.*sdeploy", (int) (strlen (app_path) - strlen ("files")),
                            app_path);
  content = identity_host_read_file (host, deploy, DEPLOY_MAX, &length);
  if (content == NULL)
    return NULL;
  g_autoptr (GVariant) tuple =
    g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE ("(ssasta{sv})"), content,
                                                 length, FALSE, g_free, content));
  g_autofree char *origin = NULL;
  g_variant_get_child (tuple, 0, "s", &origin);
  return is_remote_name (origin) ? g_steal_pointer (&origin) : NULL;
}

void
identity_fingerprint_flatpak (const IdentityHost *host,
                              const char *id,
                              const char *app_path,
                              IdentityFingerprint ret_text)
{
  g_autofree char *origin = find_origin (host, id, app_path);
  g_autofree char *keys_path = NULL;
  g_autofree char *content = NULL;
  gsize length;

  ret_text[0] = '\0';
  if (origin == NULL)
    return;
  keys_path = g_strdup_printf (FLATPAK_REPO "/%s.trustedkeys.gpg", origin);
  content = identity_host_read_file (host, keys_path, KEYS_MAX, &length);
  if (content != NULL)
    {
      g_autofree char *digest =
        g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) content, length);

      (void) g_snprintf (ret_text, sizeof (IdentityFingerprint), "origin=%s keys=%s",
                         origin, digest);
      return;
    }
  g_autoptr (GKeyFile) config = g_key_file_new ();
  g_autofree char *group = g_strdup_printf ("remote \"%s\"", origin);
  g_autofree char *collection = NULL;
  content = identity_host_read_file (host, FLATPAK_REPO "/config", KEYS_MAX, &length);
  if (content != NULL &&
      g_key_file_load_from_data (config, content, length, G_KEY_FILE_NONE, NULL))
    collection = g_key_file_get_string (config, group, "collection-id", NULL);
  if (collection != NULL && perms_app_id_is_valid (PERMS_APP_KIND_FLATPAK, collection))
    (void) g_snprintf (ret_text, sizeof (IdentityFingerprint), "collection=%.*s", 200,
                       collection);
}

/* ---- snap ---- */

typedef struct
{
  const char *name;
  char *publisher;
} SnapSearch;

static gboolean
is_snap (const IdentityHost *host, const char *snap_id, gpointer data)
{
  SnapSearch *search = data;
  g_autofree char *path = g_strdup_printf (SNAP_DECLARATIONS "/%s/active", snap_id);
  gsize length;
  g_autofree char *content =
    identity_host_read_file (host, path, DECLARATION_MAX, &length);
  g_autofree char *name = content != NULL ? find_header (content, "snap-name") : NULL;

  if (name == NULL || strcmp (name, search->name) != 0)
    return FALSE;
  search->publisher = find_header (content, "publisher-id");
  return TRUE;
}

void
identity_fingerprint_snap (const IdentityHost *host,
                           const char *name,
                           IdentityFingerprint ret_text)
{
  SnapSearch search = { name, NULL };

  ret_text[0] = '\0';
  if (find_entry (host, SNAP_DECLARATIONS, is_snap, &search) &&
      search.publisher != NULL && strlen (search.publisher) <= REMOTE_NAME_MAX)
    (void) g_snprintf (ret_text, sizeof (IdentityFingerprint), "publisher=%s",
                       search.publisher);
  g_free (search.publisher);
}

/* ---- system unit ---- */

/* In the order in which systemd looks (systemd.unit(5)). */
static const char *const unit_folders[] = {
  "/etc/systemd/system",           "/run/systemd/system",     "/run/systemd/transient",
  "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/run/systemd/generator",
};

static gboolean
take_fragment (const IdentityHost *host,
               const char *folder,
               const char *name,
               IdentityFingerprint ret_text)
{
  g_autofree char *path = g_strdup_printf ("%s/%s", folder, name);
  int fd = identity_host_open_file (host, path, O_PATH);
  struct stat info;
  gboolean is_found;

  if (fd < 0)
    return FALSE;
  is_found = fstat (fd, &info) == 0;
  close (fd);
  if (is_found && strlen (path) <= 200)
    (void) g_snprintf (ret_text, sizeof (IdentityFingerprint), "fragment=%s owner=%u",
                       path, info.st_uid);
  return is_found;
}

void
identity_fingerprint_unit (const IdentityHost *host,
                           const char *unit,
                           IdentityFingerprint ret_text)
{
  const char *at = strchr (unit, '@');
  g_autofree char *template =
    at != NULL ? g_strdup_printf ("%.*s.service", (int) (at + 1 - unit), unit) : NULL;

  ret_text[0] = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (unit_folders); i++)
    if (take_fragment (host, unit_folders[i], unit, ret_text))
      return;
  for (gsize i = 0; template != NULL && i < G_N_ELEMENTS (unit_folders); i++)
    if (take_fragment (host, unit_folders[i], template, ret_text))
      return;
}

/* ---- path ---- */

typedef struct
{
  const char *path;
  const char *name; /* its last part */
  char *package;
} PackageSearch;

/* Whether the text has @path as a line of its own. */
static gboolean
has_line (const char *text, const char *path)
{
  gsize length = strlen (path);

  for (const char *found = text; (found = strstr (found, path)) != NULL; found += length)
    if ((found == text || found[-1] == '\n') && found[length] == '\n')
      return TRUE;
  return FALSE;
}

/* Only packages that are named like the program, or that it is named after: to read the
 * lists of all would take longer than a call may wait on a slow machine. */
static gboolean
is_package (const IdentityHost *host, const char *entry, gpointer data)
{
  PackageSearch *search = data;
  g_autofree char *package = NULL;
  g_autofree char *list = NULL;
  g_autofree char *content = NULL;
  gsize length;

  if (!g_str_has_suffix (entry, ".list"))
    return FALSE;
  package = g_strndup (entry, strcspn (entry, ":"));
  if (g_str_has_suffix (package, ".list"))
    package[strlen (package) - strlen (".list")] = '\0';
  if (!g_str_has_prefix (package, search->name) &&
      !g_str_has_prefix (search->name, package))
    return FALSE;
  list = g_strdup_printf (DPKG_INFO "/%s", entry);
  content = identity_host_read_file (host, list, PACKAGE_LIST_MAX, &length);
  /* Debian's lists may still say /bin where /bin has become /usr/bin. */
  if (content == NULL || (!has_line (content, search->path) &&
                          !(g_str_has_prefix (search->path, "/usr/") &&
                            has_line (content, search->path + strlen ("/usr")))))
    return FALSE;
  search->package = g_steal_pointer (&package);
  return TRUE;
}

void
identity_fingerprint_path (const IdentityHost *host,
                           const char *path,
                           const struct stat *info,
                           IdentityFingerprint ret_text)
{
  PackageSearch search = { path, strrchr (path, '/') + 1, NULL };
  /* Devices without a driver have the number 0 and a minor one that no boot keeps. */
  guint device_major = major (info->st_dev);
  guint device_minor = device_major != 0 ? minor (info->st_dev) : 0;

  (void) find_entry (host, DPKG_INFO, is_package, &search);
  (void) g_snprintf (ret_text, sizeof (IdentityFingerprint),
                     "device=%u:%u owner=%u package=%.*s", device_major, device_minor,
                     info->st_uid, 128, search.package != NULL ? search.package : "");
  g_free (search.package);
}
