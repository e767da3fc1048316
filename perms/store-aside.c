/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/store-private.h"

static gboolean
fail (const char *what, const char *path, int code, GError **error)
{
  PermsError mapped = PERMS_ERROR_IO;

  if (code == EACCES || code == EPERM || code == EROFS)
    mapped = PERMS_ERROR_READ_ONLY;
  else if (code == ENOSPC || code == EDQUOT)
    mapped = PERMS_ERROR_FULL;
  g_set_error (error, PERMS_ERROR, (int) mapped, "The permission store: cannot %s %s: %s",
               what, path, g_strerror (code));
  return FALSE;
}

static gboolean
rename_if_there (const char *from, const char *to, GError **error)
{
  if (g_rename (from, to) == 0 || errno == ENOENT)
    return TRUE;
  return fail ("move aside", from, errno, error);
}

/* The file first: without it SQLite takes no notice of the journal that is left, while a
 * file without its journal would be believed as it was some commits ago. */
static gboolean
move_one (const char *from, const char *to, GError **error)
{
  g_autofree char *from_wal = g_strconcat (from, "-wal", NULL);
  g_autofree char *to_wal = g_strconcat (to, "-wal", NULL);

  g_unlink (to_wal);
  return rename_if_there (from, to, error) && rename_if_there (from_wal, to_wal, error);
}

static gboolean
sync_folder (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean is_synced = fd >= 0 && fsync (fd) == 0;
  int code = errno;

  if (fd >= 0)
    close (fd);
  return is_synced || fail ("sync", folder, code, error);
}

gboolean
perms_aside_move (const char *path, GError **error)
{
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  for (guint i = PERMS_STORE_ASIDE_MAX; i > 0; i--)
    {
      g_autofree char *to = g_strdup_printf ("%s.damaged-%u", path, i);
      g_autofree char *from =
        i > 1 ? g_strdup_printf ("%s.damaged-%u", path, i - 1) : g_strdup (path);
      if (!move_one (from, to, error))
        return FALSE;
    }
  g_unlink (index);
  perms_mark_remove (path);
  return sync_folder (path, error);
}

gboolean
perms_aside_prepare (const char *path, gboolean *ret_created, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  *ret_created = fd >= 0;
  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  return errno == EEXIST || fail ("create", path, errno, error);
}
