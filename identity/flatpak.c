/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/flatpak.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define INFO_NAME ".flatpak-info"

void
identity_flatpak_clear (IdentityFlatpak *flatpak)
{
  g_clear_pointer (&flatpak->app_path, g_free);
}

/* The file is opened for reading only once it is known to be a regular one: opening a fifo
 * waits for a writer, and opening a device may do anything. Should it be swapped in between,
 * the second look finds out, and O_NONBLOCK has not waited. Returns: a descriptor, or -1. */
static int
open_regular (int root_fd, struct stat *ret_info, IdentityStep *ret_step, GError **error)
{
  struct stat before, after;
  int fd;

  if (fstatat (root_fd, INFO_NAME, &before, AT_SYMLINK_NOFOLLOW) != 0)
    {
      *ret_step = errno == ENOENT
                    ? IDENTITY_STEP_ABSENT
                    : identity_refuse (error, "its .flatpak-info cannot be looked at");
      return -1;
    }
  *ret_step = IDENTITY_STEP_REFUSED;
  if (!S_ISREG (before.st_mode))
    {
      (void) identity_refuse (error, "its .flatpak-info is not a regular file");
      return -1;
    }
  fd = openat (root_fd, INFO_NAME,
               O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    {
      (void) identity_refuse (error, "its .flatpak-info cannot be opened");
      return -1;
    }
  if (fstat (fd, &after) != 0 || !S_ISREG (after.st_mode) ||
      after.st_dev != before.st_dev || after.st_ino != before.st_ino)
    {
      close (fd);
      (void) identity_refuse (error, "its .flatpak-info does not keep still");
      return -1;
    }
  *ret_info = after;
  return fd;
}

/* Returns: (transfer full): the file as text, or NULL. */
static char *
read_text (int fd, GError **error)
{
  g_autofree char *text = g_malloc (IDENTITY_FLATPAK_INFO_MAX + 1);
  gsize length = 0;
  gssize got;

  while (length <= IDENTITY_FLATPAK_INFO_MAX &&
         (got = read (fd, text + length, IDENTITY_FLATPAK_INFO_MAX + 1 - length)) > 0)
    length += (gsize) got;
  if (length > IDENTITY_FLATPAK_INFO_MAX)
    {
      (void) identity_refuse (error, "its .flatpak-info is too long");
      return NULL;
    }
  text[length] = '\0';
  if (got < 0 || !g_utf8_validate (text, (gssize) length, NULL))
    {
      (void) identity_refuse (error, "its .flatpak-info is not text");
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* A reader of our own: GKeyFile takes the last of two names without a word. @line is
 * changed. */
static gboolean
take_line (IdentityFlatpak *flatpak, const char *group, char *line, guint *n_names)
{
  char *equals = strchr (line, '=');
  const char *key, *value;

  if (equals == NULL)
    return TRUE;
  *equals = '\0';
  key = g_strstrip (line);
  value = g_strstrip (equals + 1);
  if (strcmp (group, "[Instance]") == 0 && strcmp (key, "app-path") == 0)
    {
      g_free (flatpak->app_path);
      flatpak->app_path = g_strdup (value);
    }
  if (strcmp (group, "[Application]") != 0 || strcmp (key, "name") != 0)
    return TRUE;
  if (++*n_names > 1 || !perms_app_id_is_valid (PERMS_APP_KIND_FLATPAK, value))
    return FALSE;
  (void) g_strlcpy (flatpak->id, value, sizeof flatpak->id);
  return TRUE;
}

static gboolean
take_text (IdentityFlatpak *flatpak, char *text)
{
  const char *group = "";
  char *rest = text, *line;
  guint n_names = 0;

  while ((line = strsep (&rest, "\n")) != NULL)
    {
      line = g_strstrip (line);
      if (line[0] == '[')
        group = line;
      else if (line[0] != '#' && !take_line (flatpak, group, line, &n_names))
        return FALSE;
    }
  return n_names == 1;
}

IdentityStep
identity_flatpak_read (int root_fd, IdentityFlatpak *flatpak, GError **error)
{
  IdentityStep step;
  g_autofree char *text = NULL;
  struct stat info;
  struct statvfs mount;
  int fd = open_regular (root_fd, &info, &step, error);

  if (fd < 0)
    return step;
  text = read_text (fd, error);
  if (text == NULL || fstatvfs (fd, &mount) != 0)
    {
      close (fd);
      return text == NULL ? IDENTITY_STEP_REFUSED
                          : identity_refuse (error, "its .flatpak-info has no mount");
    }
  close (fd);
  if (!take_text (flatpak, text))
    return identity_refuse (error, "its .flatpak-info does not name one application");
  flatpak->owner = info.st_uid;
  flatpak->read_only = (mount.f_flag & ST_RDONLY) != 0;
  return IDENTITY_STEP_FOUND;
}
