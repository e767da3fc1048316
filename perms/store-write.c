/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/store-private.h"

/* The fault of one change set, not of the file: the others can go on. */
static gboolean
is_own_fault (const GError *error)
{
  return g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) ||
         g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT) ||
         g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID) ||
         g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED);
}

/* One change set within its savepoint. FALSE with @error: the transaction is spoilt;
 * TRUE with @ret_own: this one alone was refused. */
static gboolean
apply_one (PermsConnection *connection,
           const PermsChanges *changes,
           PermsTotals *totals,
           GError **ret_own,
           GError **error)
{
  g_autoptr (GError) fault = NULL;

  if (!perms_connection_do (connection, PERMS_SQL_SAVEPOINT, error))
    return FALSE;
  if (perms_changes_write (changes, connection, totals, &fault))
    return perms_connection_do (connection, PERMS_SQL_RELEASE, error);
  if (!is_own_fault (fault))
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  *ret_own = g_steal_pointer (&fault);
  return perms_connection_do (connection, PERMS_SQL_ROLLBACK_TO, error) &&
         perms_connection_do (connection, PERMS_SQL_RELEASE, error);
}

static guint
count_accepted (GError *const *errors, guint n)
{
  guint n_accepted = 0;

  for (guint i = 0; i < n; i++)
    n_accepted += errors[i] == NULL;
  return n_accepted;
}

static void
roll_back (PermsConnection *connection)
{
  /* SQLite may have done so already; whatever this says, nothing is committed */
  if (sqlite3_get_autocommit (connection->db) == 0)
    perms_connection_do (connection, PERMS_SQL_ROLLBACK, NULL);
}

/* A commit that failed in its last sync may lie in the journal as if it were whole, and
 * the next process to open the store would believe it. An empty transaction takes its
 * place there. */
static void
cover_failed_commit (PermsConnection *connection)
{
  gint64 version = 0;

  if (!perms_connection_ask (connection, "PRAGMA user_version", &version, NULL))
    return;
  g_autofree char *sql =
    g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT, version);
  perms_connection_run (connection, sql, NULL);
}

static gboolean
commit (PermsConnection *connection, GError **error)
{
  if (perms_connection_do (connection, PERMS_SQL_COMMIT, error))
    return TRUE;
  roll_back (connection);
  cover_failed_commit (connection);
  return FALSE;
}

static gboolean
apply_all (PermsStore *store,
           const PermsChanges *const *changes,
           guint n,
           GError **errors,
           GError **error)
{
  PermsConnection *connection = store->writer;
  PermsTotals totals = store->totals;

  if (connection == NULL)
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_FAILED,
                           "The permission store could not be begun anew");
      return FALSE;
    }
  if (!perms_connection_do (connection, PERMS_SQL_BEGIN_WRITE, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      if (!apply_one (connection, changes[i], &totals, &errors[i], error))
        {
          roll_back (connection);
          return FALSE;
        }
    }
  if (count_accepted (errors, n) == 0)
    {
      roll_back (connection);
      return TRUE;
    }
  if (!commit (connection, error))
    return FALSE;
  store->totals = totals;
  perms_mark_write (store);
  return TRUE;
}

void
perms_store_apply_many (PermsStore *store,
                        const PermsChanges *const *changes,
                        guint n,
                        GError **errors)
{
  g_autoptr (GError) error = NULL;

  if (n == 0 || apply_all (store, changes, n, errors, &error))
    return;
  for (guint i = 0; i < n; i++)
    {
      if (errors[i] == NULL)
        errors[i] = g_error_copy (error);
    }
}

/* Who reads meanwhile keeps pages in the journal: then it is left for the next time. */
gboolean
perms_store_tidy (PermsStore *store, GError **error)
{
  PermsConnection *connection = store->writer;

  if (connection == NULL)
    return TRUE;
  sqlite3_busy_timeout (connection->db, 0);
  int code = sqlite3_wal_checkpoint_v2 (connection->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                        NULL, NULL);
  sqlite3_busy_timeout (connection->db, PERMS_BUSY_TIMEOUT_MS);
  perms_mark_sync (store);
  return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY ||
         perms_connection_fail (connection, code, error);
}

gboolean
perms_store_apply (PermsStore *store, const PermsChanges *changes, GError **error)
{
  GError *own = NULL;

  perms_store_apply_many (store, &changes, 1, &own);
  if (own == NULL)
    return TRUE;
  g_propagate_error (error, own);
  return FALSE;
}
