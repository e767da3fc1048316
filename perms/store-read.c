/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/store-private.h"

/* Instructions of SQLite between two pauses of a check: some hundred rows. */
#define PAUSE_STEPS 5000

static gboolean
begin_read (PermsStore *store, GError **error)
{
  if (store->reader == NULL)
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_FAILED,
                           "The permission store could not be begun anew");
      return FALSE;
    }
  return perms_connection_do (store->reader, PERMS_SQL_BEGIN_READ, error);
}

static void
end_read (PermsStore *store)
{
  if (sqlite3_get_autocommit (store->reader->db) == 0)
    perms_connection_do (store->reader, PERMS_SQL_ROLLBACK, NULL);
}

/* ---- a table of an owner ---- */

/* Takes a record; FALSE with @error: it cannot be. */
typedef gboolean (*RecordFunc) (const PermsRecord *record,
                                gboolean is_refused,
                                gpointer user_data,
                                GError **error);

static gboolean
fail_damaged (const PermsRecord *record, GError **error)
{
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
               "The permission store: a row of %s is not what was stored",
               perms_table_shape (record->table)->name);
  return FALSE;
}

/* Hands every row of an owner to @func and adds it to @seal (NULL: unsealed tables). */
static gboolean
scan_table (PermsConnection *connection,
            PermsTable table,
            PermsSeal *seal,
            gint64 owner,
            RecordFunc func,
            gpointer user_data,
            GError **error)
{
  sqlite3_stmt *statement = connection->scan[table];
  gboolean has_row = FALSE;
  PermsRecord record;

  sqlite3_bind_int64 (statement, 1, owner);
  while (perms_connection_step (connection, statement, &has_row, error))
    {
      if (!has_row)
        return TRUE;
      gboolean is_good = perms_record_read (&record, table, statement, error);
      PermsFit fit = is_good ? perms_record_check (&record) : PERMS_FIT_NOT;
      if (is_good && fit == PERMS_FIT_NOT)
        is_good = fail_damaged (&record, error);
      if (is_good && seal != NULL)
        perms_seal_add (seal, &record.stored);
      if (!is_good || !func (&record, fit != PERMS_FIT_WHOLE, user_data, error))
        {
          sqlite3_reset (statement);
          return FALSE;
        }
    }
  return FALSE;
}

static gboolean
compare_seal (PermsConnection *connection, const PermsSeal *found, GError **error)
{
  PermsSeal seal;

  if (!perms_seal_load (connection, found->owner, &seal, error))
    return FALSE;
  if (seal.n_rows == found->n_rows && seal.sum.key == found->sum.key &&
      seal.sum.row == found->sum.row)
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
               "The permission store: the rows of %" G_GINT64_FORMAT
               " are not those that were stored",
               found->owner);
  return FALSE;
}

/* ---- a user's rows ---- */

typedef struct
{
  PermsUserRows *rows;
  PermsPool *pool;
} Loading;

static gboolean
take_device (const PermsRecord *record,
             gboolean is_refused,
             gpointer user_data,
             GError **error)
{
  Loading *loading = user_data;
  PermsDevice *device =
    is_refused ? NULL : perms_record_to_device (record, loading->pool);

  if (device == NULL)
    return fail_damaged (record, error);
  g_ptr_array_add (loading->rows->devices, device);
  return TRUE;
}

static gboolean
take_install (const PermsRecord *record,
              gboolean is_refused,
              gpointer user_data,
              GError **error)
{
  Loading *loading = user_data;
  PermsInstall *install = perms_record_to_install (record, is_refused, loading->pool);

  if (install == NULL)
    return fail_damaged (record, error);
  g_ptr_array_add (loading->rows->installs, install);
  loading->rows->n_refused += is_refused ? 1 : 0;
  return TRUE;
}

static gboolean
take_grant (const PermsRecord *record,
            gboolean is_refused,
            gpointer user_data,
            GError **error)
{
  Loading *loading = user_data;
  PermsGrant grant;

  if (!perms_record_to_grant (record, is_refused, loading->pool, &grant))
    return fail_damaged (record, error);
  g_array_append_val (loading->rows->grants, grant);
  loading->rows->n_refused += is_refused ? 1 : 0;
  return TRUE;
}

static void
clear_grant (gpointer data)
{
  perms_grant_clear (data);
}

static PermsUserRows *
make_rows (guint32 uid)
{
  PermsUserRows *rows = g_new0 (PermsUserRows, 1);

  rows->uid = uid;
  rows->devices = g_ptr_array_new_with_free_func ((GDestroyNotify) perms_device_free);
  rows->installs = g_ptr_array_new_with_free_func ((GDestroyNotify) perms_install_free);
  rows->grants = g_array_new (FALSE, FALSE, sizeof (PermsGrant));
  g_array_set_clear_func (rows->grants, clear_grant);
  return rows;
}

PermsUserRows *
perms_store_load_user (PermsStore *store, guint32 uid, GError **error)
{
  g_autoptr (PermsUserRows) rows = make_rows (uid);
  g_autoptr (PermsPool) pool = perms_pool_new ();
  Loading loading = { rows, pool };
  PermsSeal seal = { .owner = uid };

  if (!begin_read (store, error))
    return NULL;
  gboolean is_good = scan_table (store->reader, PERMS_TABLE_DEVICES, &seal, uid,
                                 take_device, &loading, error) &&
                     scan_table (store->reader, PERMS_TABLE_INSTALLS, &seal, uid,
                                 take_install, &loading, error) &&
                     scan_table (store->reader, PERMS_TABLE_GRANTS, &seal, uid,
                                 take_grant, &loading, error) &&
                     compare_seal (store->reader, &seal, error);
  end_read (store);
  return is_good ? g_steal_pointer (&rows) : NULL;
}

void
perms_user_rows_free (PermsUserRows *rows)
{
  if (rows == NULL)
    return;
  g_ptr_array_unref (rows->devices);
  g_ptr_array_unref (rows->installs);
  g_array_unref (rows->grants);
  g_free (rows);
}

/* ---- lists ---- */

GArray *
perms_store_list_users (PermsStore *store, GError **error)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean has_row = TRUE;

  if (!begin_read (store, error))
    return NULL;
  sqlite3_stmt *statement = store->reader->sql[PERMS_SQL_OWNERS];
  gboolean is_good = TRUE;
  while (is_good && has_row)
    {
      PermsSeal seal;
      is_good = perms_connection_step (store->reader, statement, &has_row, error);
      if (!is_good || !has_row)
        break;
      gint64 owner = sqlite3_column_int64 (statement, 0);
      is_good = perms_seal_load (store->reader, owner, &seal, error);
      guint32 uid = (guint32) owner;
      if (is_good && seal.n_rows > 0 && owner >= 0 && owner < PERMS_OWNER_MACHINE)
        g_array_append_val (uids, uid);
    }
  sqlite3_reset (statement);
  end_read (store);
  return is_good ? g_steal_pointer (&uids) : NULL;
}

typedef struct
{
  GPtrArray *rows;
  PermsPool *pool;
} Listing;

static gboolean
take_bond (const PermsRecord *record,
           gboolean is_refused,
           gpointer user_data,
           GError **error)
{
  Listing *listing = user_data;
  PermsBond *bond = is_refused ? NULL : perms_record_to_bond (record, listing->pool);

  if (bond != NULL)
    g_ptr_array_add (listing->rows, bond);
  return TRUE;
}

static gboolean
take_pending (const PermsRecord *record,
              gboolean is_refused,
              gpointer user_data,
              GError **error)
{
  Listing *listing = user_data;
  PermsPending *pending =
    is_refused ? NULL : perms_record_to_pending (record, listing->pool);

  if (pending != NULL)
    g_ptr_array_add (listing->rows, pending);
  return TRUE;
}

/* Rows of the machine, those that fit. */
static GPtrArray *
list_machine (PermsStore *store,
              PermsTable table,
              RecordFunc func,
              GDestroyNotify free_row,
              GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  g_autoptr (PermsPool) pool = perms_pool_new ();
  Listing listing = { rows, pool };

  if (!begin_read (store, error))
    return NULL;
  gboolean is_good =
    scan_table (store->reader, table, NULL, PERMS_OWNER_MACHINE, func, &listing, error);
  end_read (store);
  return is_good ? g_steal_pointer (&rows) : NULL;
}

GPtrArray *
perms_store_list_pending (PermsStore *store, GError **error)
{
  return list_machine (store, PERMS_TABLE_PENDINGS, take_pending,
                       (GDestroyNotify) perms_pending_free, error);
}

GPtrArray *
perms_store_list_bonds (PermsStore *store, GError **error)
{
  return list_machine (store, PERMS_TABLE_BONDS, take_bond,
                       (GDestroyNotify) perms_bond_free, error);
}

/* ---- history ---- */

void
perms_history_entry_free (PermsHistoryEntry *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->event);
  g_free (entry->app);
  g_free (entry->device);
  g_free (entry->value);
  g_free (entry->decided_by);
  g_free (entry);
}

/* Lines that do not fit their digest are left out; the whole-file check reports them. */
static gboolean
read_history (PermsConnection *connection,
              sqlite3_stmt *statement,
              guint limit,
              GPtrArray *entries,
              GError **error)
{
  gboolean has_row = FALSE;
  PermsRecord record;

  while (entries->len < limit)
    {
      if (!perms_connection_step (connection, statement, &has_row, error))
        return FALSE;
      if (!has_row)
        return TRUE;
      if (!perms_record_read (&record, PERMS_TABLE_JOURNAL, statement, NULL) ||
          perms_record_check (&record) != PERMS_FIT_WHOLE)
        continue;
      PermsHistoryEntry *entry = perms_record_to_history (&record);
      if (entry != NULL)
        g_ptr_array_add (entries, entry);
    }
  return TRUE;
}

GPtrArray *
perms_store_load_history (PermsStore *store,
                          guint32 uid,
                          const char *app,
                          guint64 before,
                          guint limit,
                          GError **error)
{
  g_autoptr (GPtrArray) entries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) perms_history_entry_free);
  gint64 end = before == 0 || before > G_MAXINT64 ? G_MAXINT64 : (gint64) before;

  if (limit < 1 || limit > PERMS_HISTORY_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "1 to %d lines of history at once", PERMS_HISTORY_MAX);
      return NULL;
    }
  if (!begin_read (store, error))
    return NULL;
  sqlite3_stmt *statement =
    store->reader->sql[app != NULL ? PERMS_SQL_HISTORY_OF_APP : PERMS_SQL_HISTORY];
  sqlite3_bind_int64 (statement, 1, uid);
  sqlite3_bind_int64 (statement, 2, end);
  if (app != NULL)
    sqlite3_bind_text (statement, 3, app, -1, SQLITE_TRANSIENT);
  gboolean is_good = read_history (store->reader, statement, limit, entries, error);
  sqlite3_reset (statement);
  end_read (store);
  return is_good ? g_steal_pointer (&entries) : NULL;
}

/* ---- the whole file ---- */

static gboolean
insist_record (const PermsRecord *record,
               gboolean is_refused,
               gpointer user_data,
               GError **error)
{
  return !is_refused || fail_damaged (record, error);
}

static gboolean
check_owner (PermsConnection *connection, gint64 owner, gint64 *n_rows, GError **error)
{
  PermsSeal seal = { .owner = owner };

  for (guint i = 0; i < PERMS_N_SEALED_TABLES; i++)
    {
      if (!scan_table (connection, (PermsTable) i, &seal, owner, insist_record, NULL,
                       error))
        return FALSE;
    }
  *n_rows += seal.n_rows;
  return compare_seal (connection, &seal, error) &&
         scan_table (connection, PERMS_TABLE_JOURNAL, NULL, owner, insist_record, NULL,
                     error);
}

static gboolean
check_owners (PermsConnection *connection, gint64 *n_rows, GError **error)
{
  sqlite3_stmt *statement = connection->sql[PERMS_SQL_OWNERS];
  gboolean has_row = FALSE;

  while (perms_connection_step (connection, statement, &has_row, error))
    {
      if (!has_row)
        return TRUE;
      if (!check_owner (connection, sqlite3_column_int64 (statement, 0), n_rows, error))
        {
          sqlite3_reset (statement);
          return FALSE;
        }
    }
  return FALSE;
}

/* Rows whose owner has no seal belong to nobody who was checked. */
static gboolean
check_count (PermsConnection *connection, gint64 n_rows, GError **error)
{
  gint64 n_found = 0;

  if (!perms_connection_ask (connection,
                             "SELECT (SELECT count (*) FROM devices) +"
                             " (SELECT count (*) FROM installs) +"
                             " (SELECT count (*) FROM grants) +"
                             " (SELECT count (*) FROM bonds) +"
                             " (SELECT count (*) FROM pendings)",
                             &n_found, error))
    return FALSE;
  if (n_found == n_rows)
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
               "The permission store: %" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT
               " of them sealed",
               n_found, n_rows);
  return FALSE;
}

static gboolean
check_structure (PermsConnection *connection, GError **error)
{
  g_autofree char *finding =
    perms_connection_ask_text (connection, "PRAGMA integrity_check (1)", error);

  if (finding == NULL)
    return FALSE;
  if (g_str_equal (finding, "ok"))
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_DAMAGED, "The permission store: %s",
               finding);
  return FALSE;
}

static gboolean
check_all (PermsConnection *connection, GError **error)
{
  gint64 n_rows = 0;

  return perms_connection_do (connection, PERMS_SQL_BEGIN_READ, error) &&
         check_structure (connection, error) &&
         check_owners (connection, &n_rows, error) &&
         check_count (connection, n_rows, error);
}

void
perms_store_set_pause (PermsStore *store, PermsPauseFunc pause, gpointer user_data)
{
  store->pause = pause;
  store->pause_data = user_data;
}

/* SQLite's: 0 goes on. */
static int
on_progress (gpointer data)
{
  const PermsStore *store = data;

  store->pause (store->pause_data);
  return 0;
}

gboolean
perms_store_check (PermsStore *store, GError **error)
{
  PermsConnection *checker = perms_connection_new_reader (store->path, store->vfs, error);
  gboolean is_good = FALSE;

  if (checker != NULL && store->pause != NULL)
    sqlite3_progress_handler (checker->db, PAUSE_STEPS, on_progress, store);
  is_good = checker != NULL && check_all (checker, error);

  perms_connection_free (checker);
  return is_good;
}
