/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/app.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "identity/cgroup.h"
#include "identity/executable.h"
#include "identity/flatpak.h"
#include "identity/proc.h"

/* One process that is looked at. */
typedef struct
{
  const IdentityHost *host;
  int proc_fd;
  uid_t uid;
  struct stat root;
} Look;

/* Takes one step down the kinds. */
typedef IdentityStep (*Finder) (const Look *look, IdentityApp *app, GError **error);

static IdentityStep
take (IdentityApp *app, PermsAppKind kind, PermsStrength strength)
{
  app->key.kind = kind;
  app->strength = strength;
  app->sandboxed = kind == PERMS_APP_KIND_FLATPAK || kind == PERMS_APP_KIND_SNAP;
  return IDENTITY_STEP_FOUND;
}

/* ---- flatpak ---- */

/* Flatpak's file lies in a mount namespace that is not the machine's, where the app cannot
 * write to it: a program that merely has such a file in its root is no Flatpak. */
static IdentityStep
check_flatpak (const Look *look, const IdentityFlatpak *flatpak, GError **error)
{
  struct stat mounts;

  if (fstatat (look->proc_fd, "ns/mnt", &mounts, 0) != 0)
    return identity_refuse (error, "its mounts cannot be seen");
  if (identity_stat_is_same (&mounts, &look->host->mount_namespace) ||
      identity_stat_is_same (&look->root, &look->host->root))
    return identity_refuse (error, "it has a .flatpak-info outside of any sandbox");
  if (!flatpak->read_only || (flatpak->owner != look->uid && flatpak->owner != 0))
    return identity_refuse (error, "it could have written its .flatpak-info itself");
  return IDENTITY_STEP_FOUND;
}

static IdentityStep
find_flatpak (const Look *look, IdentityApp *app, GError **error)
{
  g_auto (IdentityFlatpak) flatpak = { 0 };
  IdentityStep step;
  int root_fd = openat (look->proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (root_fd < 0)
    return identity_refuse (error, "its file system cannot be seen");
  step = identity_flatpak_read (root_fd, &flatpak, error);
  close (root_fd);
  if (step == IDENTITY_STEP_FOUND)
    step = check_flatpak (look, &flatpak, error);
  if (step != IDENTITY_STEP_FOUND)
    return step;
  (void) g_strlcpy (app->key.id, flatpak.id, sizeof app->key.id);
  identity_fingerprint_flatpak (look->host, flatpak.id, flatpak.app_path,
                                app->fingerprint);
  return take (app, PERMS_APP_KIND_FLATPAK, PERMS_STRENGTH_VERIFIED);
}

/* ---- snap ---- */

IdentityStep
identity_app_find_snap (const char *label,
                        char ret_name[PERMS_APP_ID_MAX + 1],
                        GError **error)
{
  g_autofree char *text = g_strchomp (g_strdup (label));
  g_autofree char *name = NULL;
  const char *rest;

  if (!g_str_has_prefix (text, "snap.") || !g_str_has_suffix (text, " (enforce)"))
    return IDENTITY_STEP_ABSENT;
  rest = text + strlen ("snap.");
  name = g_strndup (rest, strcspn (rest, "."));
  if (rest[strlen (name)] != '.' || !perms_app_id_is_valid (PERMS_APP_KIND_SNAP, name))
    return identity_refuse (error, "its security label is not understood");
  (void) g_strlcpy (ret_name, name, PERMS_APP_ID_MAX + 1);
  return IDENTITY_STEP_FOUND;
}

static IdentityStep
find_snap (const Look *look, IdentityApp *app, GError **error)
{
  char label[IDENTITY_PROC_FILE_MAX];
  IdentityStep step;
  gssize length = identity_proc_read (look->proc_fd, "attr/apparmor/current", label);

  if (length < 0 && errno == ENOENT)
    length = identity_proc_read (look->proc_fd, "attr/current", label);
  /* EINVAL: no security module that labels processes is there. */
  if (length < 0 && errno != ENOENT && errno != EINVAL)
    return identity_refuse (error, "its security label cannot be read");
  step = length < 0 ? IDENTITY_STEP_ABSENT
                    : identity_app_find_snap (label, app->key.id, error);
  if (step != IDENTITY_STEP_FOUND)
    return step;
  identity_fingerprint_snap (look->host, app->key.id, app->fingerprint);
  return take (app, PERMS_APP_KIND_SNAP, PERMS_STRENGTH_VERIFIED);
}

/* ---- what systemd started ---- */

static IdentityStep
read_cgroup (const Look *look, char **ret_path, GError **error)
{
  char content[IDENTITY_PROC_FILE_MAX];

  if (identity_proc_read (look->proc_fd, "cgroup", content) < 0)
    return errno == ENOENT ? IDENTITY_STEP_ABSENT
                           : identity_refuse (error, "its cgroup cannot be read");
  return identity_cgroup_find_path (content, ret_path, error);
}

static IdentityStep
find_unit (const Look *look, IdentityApp *app, GError **error)
{
  g_autofree char *path = NULL;
  IdentityStep step = read_cgroup (look, &path, error);

  if (step == IDENTITY_STEP_FOUND)
    step = identity_cgroup_find_unit (path, app->key.id, error);
  if (step != IDENTITY_STEP_FOUND)
    return step;
  identity_fingerprint_unit (look->host, app->key.id, app->fingerprint);
  return take (app, PERMS_APP_KIND_UNIT, PERMS_STRENGTH_VERIFIED);
}

/* Not a kind but a wall: what comes after it is for programs that see the machine's own
 * files. A sandbox that nobody vouches for must not pass for its host. */
static IdentityStep
check_root (const Look *look, IdentityApp *app, GError **error)
{
  if (!identity_stat_is_same (&look->root, &look->host->root))
    return identity_refuse (error, "it runs in a sandbox of an unknown kind");
  return IDENTITY_STEP_ABSENT;
}

static IdentityStep
find_path (const Look *look, IdentityApp *app, GError **error)
{
  struct stat info;
  IdentityStep step =
    identity_executable_find (look->host, look->proc_fd, app->key.id, &info, error);

  if (step != IDENTITY_STEP_FOUND)
    return step;
  identity_fingerprint_path (look->host, app->key.id, &info, app->fingerprint);
  return take (app, PERMS_APP_KIND_PATH, PERMS_STRENGTH_PATH);
}

static IdentityStep
find_scope (const Look *look, IdentityApp *app, GError **error)
{
  g_autofree char *path = NULL;
  IdentityStep step = read_cgroup (look, &path, error);

  if (step == IDENTITY_STEP_FOUND)
    step = identity_cgroup_find_scope (path, look->uid, app->key.id, error);
  if (step != IDENTITY_STEP_FOUND)
    return step;
  return take (app, PERMS_APP_KIND_SCOPE, PERMS_STRENGTH_LAUNCHER_REPORTED);
}

static IdentityStep
find_host (const Look *look, IdentityApp *app, GError **error)
{
  return take (app, PERMS_APP_KIND_HOST, PERMS_STRENGTH_NONE);
}

/* Which login it belongs to says nothing of which app it is: not to know it is no refusal. */
static void
find_session (const Look *look, IdentityApp *app)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (read_cgroup (look, &path, &error) != IDENTITY_STEP_FOUND ||
      !identity_cgroup_find_session (path, app->session))
    app->session[0] = '\0';
}

static const Finder finders[] = {
  find_flatpak, find_snap, find_unit, check_root, find_path, find_scope, find_host,
};

gboolean
identity_app_find (const IdentityHost *host,
                   int proc_fd,
                   uid_t uid,
                   IdentityApp *ret_app,
                   GError **error)
{
  Look look = { host, proc_fd, uid, { 0 } };
  IdentityApp app = { 0 };
  IdentityStep step = IDENTITY_STEP_ABSENT;

  if (fstatat (proc_fd, "root", &look.root, 0) != 0)
    return identity_refuse (error, "its file system cannot be seen");
  app.key.uid = uid;
  for (gsize i = 0; i < G_N_ELEMENTS (finders) && step == IDENTITY_STEP_ABSENT; i++)
    step = finders[i](&look, &app, error);
  if (step != IDENTITY_STEP_FOUND)
    return FALSE;
  find_session (&look, &app);
  *ret_app = app;
  return TRUE;
}
