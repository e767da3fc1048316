/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/store-private.h"

static gboolean
copy_pages (PermsConnection *from, PermsConnection *to, GError **error)
{
  sqlite3_backup *backup = sqlite3_backup_init (to->db, "main", from->db, "main");

  if (backup == NULL)
    return perms_connection_fail (to, sqlite3_errcode (to->db), error);
  sqlite3_backup_step (backup, -1); /* finish () repeats what went wrong */
  int code = sqlite3_backup_finish (backup);
  return code == SQLITE_OK || perms_connection_fail (to, code, error);
}

/* One file is all there is of a backup: no journal beside it. */
static gboolean
copy_store (PermsConnection *from, const char *path, GError **error)
{
  PermsConnection *copy = perms_connection_new (path, NULL, error);

  if (copy == NULL)
    return FALSE;
  gboolean is_copied = copy_pages (from, copy, error) &&
                       perms_connection_run (copy, "PRAGMA journal_mode = DELETE", error);
  perms_connection_free (copy);
  return is_copied;
}

gboolean
perms_store_backup (const char *store_path, const char *path, GError **error)
{
  PermsConnection *from = perms_connection_new (store_path, NULL, error);
  gboolean is_created = FALSE;
  gboolean is_copied = FALSE;

  if (from == NULL)
    return FALSE;
  perms_connection_keep_journal (from);
  if (perms_aside_prepare (path, &is_created, error) && !is_created)
    g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                 "%s exists; a backup replaces nothing", path);
  else if (is_created)
    is_copied = copy_store (from, path, error);
  if (is_created && !is_copied)
    g_unlink (path);
  perms_connection_free (from);
  return is_copied;
}
