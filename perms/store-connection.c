/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "perms/store-private.h"

#define JOURNAL_LIMIT_SQL "4194304" /* bytes that the WAL file keeps after a checkpoint */

/* ---- errors ---- */

/* Why a file could not be opened: SQLite keeps the errno of it. */
static PermsError
map_cannot_open (sqlite3 *db)
{
  switch (sqlite3_system_errno (db))
    {
    case EACCES:
    case EPERM:
    case EROFS:
      return PERMS_ERROR_READ_ONLY;
    case ENOSPC:
    case EDQUOT:
      return PERMS_ERROR_FULL;
    default:
      return PERMS_ERROR_IO;
    }
}

static PermsError
map_code (sqlite3 *db, int code)
{
  switch (code & 0xff) /* the primary result code (sqlite.org/rescode.html) */
    {
    case SQLITE_FULL:
      return PERMS_ERROR_FULL;
    case SQLITE_IOERR:
      return PERMS_ERROR_IO;
    case SQLITE_CANTOPEN:
      return map_cannot_open (db);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return PERMS_ERROR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return PERMS_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return PERMS_ERROR_DAMAGED;
    default:
      return PERMS_ERROR_FAILED;
    }
}

gboolean
perms_connection_fail (PermsConnection *connection, int code, GError **error)
{
  g_set_error (error, PERMS_ERROR, (int) map_code (connection->db, code),
               "The permission store: %s", sqlite3_errmsg (connection->db));
  return FALSE;
}

/* ---- running SQL ---- */

gboolean
perms_connection_run (PermsConnection *connection, const char *sql, GError **error)
{
  int code = sqlite3_exec (connection->db, sql, NULL, NULL, NULL);

  return code == SQLITE_OK || perms_connection_fail (connection, code, error);
}

gboolean
perms_connection_step (PermsConnection *connection,
                       sqlite3_stmt *statement,
                       gboolean *ret_row,
                       GError **error)
{
  int code = sqlite3_step (statement);

  if (code != SQLITE_ROW && code != SQLITE_DONE)
    {
      perms_connection_fail (connection, code, error);
      sqlite3_reset (statement);
      return FALSE;
    }
  if (code == SQLITE_DONE)
    sqlite3_reset (statement);
  if (ret_row != NULL)
    *ret_row = code == SQLITE_ROW;
  return TRUE;
}

gboolean
perms_connection_do (PermsConnection *connection, PermsSql sql, GError **error)
{
  return perms_connection_step (connection, connection->sql[sql], NULL, error);
}

char *
perms_connection_ask_text (PermsConnection *connection, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean has_row = FALSE;
  char *text = NULL;
  int code = sqlite3_prepare_v2 (connection->db, sql, -1, &statement, NULL);

  if (code != SQLITE_OK)
    {
      perms_connection_fail (connection, code, error);
      return NULL;
    }
  if (perms_connection_step (connection, statement, &has_row, error))
    text = g_strdup (has_row ? (const char *) sqlite3_column_text (statement, 0) : "");
  if (text == NULL && has_row)
    text = g_strdup ("");
  sqlite3_finalize (statement);
  return text;
}

gboolean
perms_connection_ask (PermsConnection *connection,
                      const char *sql,
                      gint64 *ret_number,
                      GError **error)
{
  g_autofree char *text = perms_connection_ask_text (connection, sql, error);

  if (text == NULL)
    return FALSE;
  *ret_number = g_ascii_strtoll (text, NULL, 10);
  return TRUE;
}

/* ---- statements ---- */

#define HISTORY_COLUMNS                                                    \
  "SELECT owner, sequence, time_s, event, app, device, accessory, value, " \
  "reason, decider, revision, digest FROM journal "

static const char history_sql[] =
  HISTORY_COLUMNS "WHERE owner = ?1 AND sequence < ?2 ORDER BY sequence DESC";
static const char history_of_app_sql[] = HISTORY_COLUMNS
  "WHERE owner = ?1 AND sequence < ?2 AND app = ?3 ORDER BY sequence DESC";

static const char *const fixed_sql[PERMS_N_SQL] = {
  [PERMS_SQL_BEGIN_READ] = "BEGIN DEFERRED",
  [PERMS_SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
  [PERMS_SQL_COMMIT] = "COMMIT",
  [PERMS_SQL_ROLLBACK] = "ROLLBACK",
  [PERMS_SQL_SAVEPOINT] = "SAVEPOINT change_set",
  [PERMS_SQL_RELEASE] = "RELEASE change_set",
  [PERMS_SQL_ROLLBACK_TO] = "ROLLBACK TO change_set",
  [PERMS_SQL_OWNERS] = "SELECT owner FROM seals ORDER BY owner",
  [PERMS_SQL_DEVICE_INSTALLS] =
    "SELECT digest FROM installs WHERE owner = ?1 AND device = ?2",
  [PERMS_SQL_DEVICE_GRANTS] =
    "SELECT digest FROM grants WHERE owner = ?1 AND device = ?2",
  [PERMS_SQL_ERASE_DEVICE_INSTALLS] =
    "DELETE FROM installs WHERE owner = ?1 AND device = ?2",
  [PERMS_SQL_ERASE_DEVICE_GRANTS] = "DELETE FROM grants WHERE owner = ?1 AND device = ?2",
  [PERMS_SQL_HISTORY] = history_sql,
  [PERMS_SQL_HISTORY_OF_APP] = history_of_app_sql,
};

static gboolean
prepare_one (PermsConnection *connection,
             const char *sql,
             sqlite3_stmt **ret_statement,
             GError **error)
{
  int code = sqlite3_prepare_v3 (connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                 ret_statement, NULL);

  return code == SQLITE_OK || perms_connection_fail (connection, code, error);
}

/* "WHERE owner = ?1 AND app = ?2 …" of the key's columns. */
static char *
write_key_condition (const PermsTableShape *shape)
{
  g_auto (GStrv) columns = g_strsplit (shape->columns, ", ", -1);
  GString *text = g_string_new ("WHERE ");

  for (guint i = 0; i < shape->n_key; i++)
    g_string_append_printf (text, "%s%s = ?%u", i > 0 ? " AND " : "", columns[i], i + 1);
  return g_string_free (text, FALSE);
}

static char *
write_placeholders (const PermsTableShape *shape)
{
  GString *text = g_string_new ("?1");

  for (guint i = 1; i < shape->n_columns + 1; i++)
    g_string_append_printf (text, ", ?%u", i + 1);
  return g_string_free (text, FALSE);
}

static gboolean
prepare_table (PermsConnection *connection, PermsTable table, GError **error)
{
  const PermsTableShape *shape = perms_table_shape (table);
  g_autofree char *condition = write_key_condition (shape);
  g_autofree char *placeholders = write_placeholders (shape);
  g_autofree char *put =
    g_strdup_printf ("INSERT OR REPLACE INTO %s (%s, digest) VALUES (%s)", shape->name,
                     shape->columns, placeholders);
  g_autofree char *find = g_strdup_printf ("SELECT %s, digest FROM %s %s", shape->columns,
                                           shape->name, condition);
  g_autofree char *erase = g_strdup_printf ("DELETE FROM %s %s", shape->name, condition);
  g_autofree char *scan = g_strdup_printf ("SELECT %s, digest FROM %s WHERE owner = ?1",
                                           shape->columns, shape->name);

  return prepare_one (connection, put, &connection->put[table], error) &&
         prepare_one (connection, find, &connection->find[table], error) &&
         prepare_one (connection, erase, &connection->erase[table], error) &&
         prepare_one (connection, scan, &connection->scan[table], error);
}

gboolean
perms_connection_prepare (PermsConnection *connection, GError **error)
{
  for (guint i = 0; i < PERMS_N_TABLES; i++)
    {
      if (!prepare_table (connection, (PermsTable) i, error))
        return FALSE;
    }
  for (guint i = 0; i < PERMS_N_SQL; i++)
    {
      if (!prepare_one (connection, fixed_sql[i], &connection->sql[i], error))
        return FALSE;
    }
  return TRUE;
}

/* ---- opening and closing ---- */

/* FULL syncs the WAL at every commit: NORMAL would lose commits with the power. What is
 * read is checked as far as SQLite can, and the schema is believed in nothing. */
static const char settings_sql[] = "PRAGMA synchronous = FULL;"
                                   "PRAGMA cell_size_check = ON;"
                                   "PRAGMA trusted_schema = OFF;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA mmap_size = 0;"
                                   "PRAGMA journal_size_limit = " JOURNAL_LIMIT_SQL ";";

PermsConnection *
perms_connection_new (const char *path, const char *vfs, GError **error)
{
  PermsConnection *connection = g_new0 (PermsConnection, 1);

  int code =
    sqlite3_open_v2 (path, &connection->db,
                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                     vfs);
  if (code != SQLITE_OK)
    {
      perms_connection_fail (connection, code, error);
      perms_connection_free (connection);
      return NULL;
    }
  sqlite3_busy_timeout (connection->db, PERMS_BUSY_TIMEOUT_MS);
  sqlite3_db_config (connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return connection;
}

gboolean
perms_connection_set_up (PermsConnection *connection, GError **error)
{
  return perms_connection_run (connection, settings_sql, error);
}

PermsConnection *
perms_connection_new_reader (const char *path, const char *vfs, GError **error)
{
  PermsConnection *reader = perms_connection_new (path, vfs, error);

  if (reader != NULL && perms_connection_set_up (reader, error) &&
      perms_connection_prepare (reader, error) &&
      perms_connection_run (reader, "PRAGMA query_only = ON", error))
    return reader;
  if (reader != NULL)
    perms_connection_keep_journal (reader);
  perms_connection_free (reader);
  return NULL;
}

void
perms_connection_keep_journal (PermsConnection *connection)
{
  sqlite3_db_config (connection->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

static void
finalize_all (sqlite3_stmt **statements, guint n)
{
  for (guint i = 0; i < n; i++)
    sqlite3_finalize (statements[i]);
}

void
perms_connection_free (PermsConnection *connection)
{
  if (connection == NULL)
    return;
  finalize_all (connection->sql, PERMS_N_SQL);
  finalize_all (connection->put, PERMS_N_TABLES);
  finalize_all (connection->find, PERMS_N_TABLES);
  finalize_all (connection->erase, PERMS_N_TABLES);
  finalize_all (connection->scan, PERMS_N_TABLES);
  sqlite3_close (connection->db);
  g_free (connection);
}
