/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/store-private.h"

/* How a store of version N becomes one of version N + 1. Append, never change: stores in
 * the field were made by exactly these. Before a step is added, a store of the version so far
 * goes into tests/data/stores (tests/store/write-version.c). Numbers are those of types.h; an owner is a uid,
 * or 4294967295 for the machine. */
static const char *const steps[] = {
  /* 1 */
  "CREATE TABLE devices ("
  "  owner INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,"
  "  is_host INTEGER NOT NULL, place INTEGER NOT NULL, sync INTEGER NOT NULL,"
  "  consent INTEGER NOT NULL, removed INTEGER NOT NULL, floor INTEGER NOT NULL,"
  "  reason INTEGER NOT NULL, time_s INTEGER NOT NULL, decider TEXT NOT NULL,"
  "  revision INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE installs ("
  "  owner INTEGER NOT NULL, app TEXT NOT NULL, device TEXT NOT NULL,"
  "  installed INTEGER NOT NULL, asks INTEGER NOT NULL, strength INTEGER NOT NULL,"
  "  fingerprint TEXT NOT NULL, changed_to TEXT, bluetooth INTEGER NOT NULL,"
  "  managed INTEGER NOT NULL, waiting INTEGER NOT NULL, snapshot INTEGER NOT NULL,"
  "  conflict INTEGER NOT NULL, reason INTEGER NOT NULL, time_s INTEGER NOT NULL,"
  "  decider TEXT NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, app, device)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE grants ("
  "  owner INTEGER NOT NULL, app TEXT NOT NULL, device TEXT NOT NULL,"
  "  accessory INTEGER NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,"
  "  kind INTEGER NOT NULL, scope TEXT NOT NULL, until_s INTEGER NOT NULL,"
  "  lifetime INTEGER NOT NULL, state INTEGER NOT NULL, pairing INTEGER NOT NULL,"
  "  reason INTEGER NOT NULL, time_s INTEGER NOT NULL, decider TEXT NOT NULL,"
  "  revision INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, app, device, accessory)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE bonds ("
  "  owner INTEGER NOT NULL, accessory INTEGER NOT NULL, pairing INTEGER NOT NULL,"
  "  bonded_by_us INTEGER NOT NULL, reason INTEGER NOT NULL, time_s INTEGER NOT NULL,"
  "  decider TEXT NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, accessory)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE pendings ("
  "  owner INTEGER NOT NULL, accessory INTEGER NOT NULL, app TEXT NOT NULL,"
  "  device TEXT NOT NULL, was_bonded INTEGER NOT NULL, time_s INTEGER NOT NULL,"
  "  digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, accessory, app, device)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE journal ("
  "  owner INTEGER NOT NULL, sequence INTEGER NOT NULL, time_s INTEGER NOT NULL,"
  "  event TEXT NOT NULL, app TEXT NOT NULL, device TEXT NOT NULL,"
  "  accessory INTEGER NOT NULL, value TEXT NOT NULL, reason INTEGER NOT NULL,"
  "  decider TEXT NOT NULL, revision INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner, sequence)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE seals ("
  "  owner INTEGER NOT NULL, n_rows INTEGER NOT NULL, sum_key INTEGER NOT NULL,"
  "  sum_row INTEGER NOT NULL, sequence INTEGER NOT NULL, digest BLOB NOT NULL,"
  "  PRIMARY KEY (owner)) STRICT, WITHOUT ROWID;",
};

#define VERSION G_N_ELEMENTS (steps)

static gboolean
read_numbers (PermsConnection *connection,
              gint64 *ret_id,
              gint64 *ret_version,
              gint64 *ret_n_objects,
              GError **error)
{
  return perms_connection_ask (connection, "PRAGMA application_id", ret_id, error) &&
         perms_connection_ask (connection, "PRAGMA user_version", ret_version, error) &&
         perms_connection_ask (connection, "SELECT count (*) FROM sqlite_schema",
                               ret_n_objects, error);
}

gboolean
perms_schema_inspect (PermsConnection *connection,
                      PermsSchemaState *ret_state,
                      GError **error)
{
  g_autoptr (GError) fault = NULL;
  gint64 id = 0;
  gint64 version = 0;
  gint64 n_objects = 0;

  if (!read_numbers (connection, &id, &version, &n_objects, &fault))
    {
      /* SQLite has nothing against the questions, so it is the file that it cannot make
       * sense of ("unsupported file format") */
      if ((sqlite3_errcode (connection->db) & 0xff) == SQLITE_ERROR)
        fault->code = PERMS_ERROR_DAMAGED;
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  if (id == 0 && version == 0 && n_objects == 0)
    *ret_state = PERMS_SCHEMA_EMPTY;
  else if (id != PERMS_STORE_APPLICATION_ID || version <= 0)
    *ret_state = PERMS_SCHEMA_STRANGE;
  else if (version > (gint64) VERSION)
    *ret_state = PERMS_SCHEMA_NEWER;
  else if (version < (gint64) VERSION)
    *ret_state = PERMS_SCHEMA_OLD;
  else
    *ret_state = PERMS_SCHEMA_CURRENT;
  return TRUE;
}

/* Takes the next step, if there is one: within the transaction, since another process
 * may have been faster. */
static gboolean
take_step (PermsConnection *connection,
           const char *const *to_take,
           guint n_steps,
           gboolean *ret_done,
           GError **error)
{
  gint64 version = 0;

  if (!perms_connection_ask (connection, "PRAGMA user_version", &version, error))
    return FALSE;
  *ret_done = version < 0 || version >= (gint64) n_steps;
  if (*ret_done)
    return TRUE;
  g_autofree char *numbers = g_strdup_printf (
    "PRAGMA application_id = %d; PRAGMA user_version = %" G_GINT64_FORMAT,
    PERMS_STORE_APPLICATION_ID, version + 1);
  return perms_connection_run (connection, to_take[version], error) &&
         perms_connection_run (connection, numbers, error);
}

gboolean
perms_schema_migrate_by (PermsConnection *connection,
                         const char *const *to_take,
                         guint n_steps,
                         GError **error)
{
  gboolean is_done = FALSE;

  while (!is_done)
    {
      if (!perms_connection_run (connection, "BEGIN IMMEDIATE", error))
        return FALSE;
      if (!take_step (connection, to_take, n_steps, &is_done, error) ||
          !perms_connection_run (connection, "COMMIT", error))
        {
          sqlite3_exec (connection->db, "ROLLBACK", NULL, NULL, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
perms_schema_migrate (PermsConnection *connection, GError **error)
{
  return perms_schema_migrate_by (connection, steps, VERSION, error);
}

guint
perms_schema_version (void)
{
  return VERSION;
}

static char *
describe (PermsConnection *connection, GError **error)
{
  return perms_connection_ask_text (
    connection,
    "SELECT group_concat (type || ' ' || name || ' ' || tbl_name || ' ' || sql, ';') "
    "FROM (SELECT * FROM sqlite_schema ORDER BY name)",
    error);
}

gboolean
perms_schema_verify (PermsConnection *connection, GError **error)
{
  g_autofree char *here = describe (connection, error);

  if (here == NULL)
    return FALSE;
  PermsConnection *model = perms_connection_new (":memory:", NULL, error);
  if (model == NULL)
    return FALSE;
  g_autofree char *expected =
    perms_schema_migrate (model, error) ? describe (model, error) : NULL;
  perms_connection_free (model);
  if (expected == NULL)
    return FALSE;
  if (g_str_equal (here, expected))
    return TRUE;
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_DAMAGED,
                       "The permission store: its tables are not as they were made");
  return FALSE;
}
