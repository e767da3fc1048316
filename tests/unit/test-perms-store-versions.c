/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stores that older versions wrote: one of each is kept in tests/data/stores, and opening it
 * brings it up to date without losing a row. How a step is taken, or not taken, is tried
 * with steps that no store has. */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "perms/store-private.h"
#include "tests/store/place.h"
#include "tests/store/vfs.h"

#define CALLS_MOST 10000 /* writes of a migration; there are far fewer */

static void
lay_out (const Place *place, guint version)
{
  g_autofree char *source = g_strdup_printf ("%s/tests/data/stores/version-%u.db",
                                             g_getenv ("SOURCE_ROOT"), version);
  g_autofree char *content = NULL;
  gsize size = 0;

  for (const char *const *end =
         (const char *const[]){ "", "-wal", "-shm", "-mark", "-journal", NULL };
       *end != NULL; end++)
    {
      g_autofree char *path = g_strconcat (place->path, *end, NULL);
      g_unlink (path);
    }
  if (!g_file_get_contents (source, &content, &size, NULL))
    fail_msg ("%s is missing: write it with write-version of that version", source);
  assert_true (g_file_set_contents (place->path, content, (gssize) size, NULL));
}

static gint64
ask (const Place *place, const char *sql)
{
  g_autoptr (GError) error = NULL;
  gint64 number = -1;
  PermsConnection *connection = perms_connection_new (place->path, NULL, &error);

  assert_non_null (connection);
  if (!perms_connection_ask (connection, sql, &number, &error))
    fail_msg ("%s: %s", sql, error->message);
  perms_connection_free (connection);
  return number;
}

/* What write-version writes. */
static void
check_rows (PermsStore *store)
{
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  g_autoptr (GPtrArray) bonds = perms_store_list_bonds (store, NULL);
  g_autoptr (GPtrArray) pendings = perms_store_list_pending (store, NULL);
  g_autoptr (GPtrArray) history =
    perms_store_load_history (store, ROWS_UID, NULL, 0, 100, NULL);

  assert_int_equal (rows->n_refused, 0);
  assert_int_equal (rows->devices->len, 1);
  assert_int_equal (rows->installs->len, 1);
  assert_int_equal (rows->grants->len, 2);
  assert_int_equal (bonds->len, 1);
  assert_int_equal (pendings->len, 1);
  assert_int_equal (history->len, 4);

  const PermsDevice *device = g_ptr_array_index (rows->devices, 0);
  const PermsInstall *install = g_ptr_array_index (rows->installs, 0);
  const PermsGrant *given = rows_find_grant (rows, rows_accessory (1));
  const PermsGrant *taken = rows_find_grant (rows, rows_accessory (2));
  g_autoptr (PermsGrant) expected =
    rows_make_grant (ROWS_APP, rows_accessory (1), PERMS_GRANT_ACTIVE, 1);
  assert_string_equal (device->name, ROWS_WATCH);
  assert_int_equal (device->floor, 7);
  assert_int_equal (install->bluetooth, PERMS_BLUETOOTH_ALLOWED);
  assert_string_equal (install->fingerprint, "flathub:0123");
  assert_int_equal (given->state, PERMS_GRANT_ACTIVE);
  assert_string_equal (given->name, expected->name);
  assert_true (perms_scope_equal (given->scope, expected->scope));
  assert_int_equal (given->until_s, expected->until_s);
  assert_int_equal (taken->state, PERMS_GRANT_REVOKED);
}

static void
a_store_of_every_version_is_brought_up_to_date (void **state)
{
  const Place *place = *state;
  guint newest = perms_schema_version ();

  assert_true (newest >= 1);
  for (guint version = 1; version <= newest; version++)
    {
      lay_out (place, version);
      assert_int_equal (ask (place, "PRAGMA user_version"), version);
      for (guint life = 0; life < 2; life++)
        {
          g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_EXISTING);
          check_rows (store);
          place_check (store);
        }
      assert_int_equal (ask (place, "PRAGMA user_version"), newest);
      g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_EXISTING);
      place_grant (store, 2, PERMS_GRANT_ACTIVE, 3);
      place_check (store);
    }
  print_message ("# stores of %u versions brought up to date; 0 rows lost\n", newest);
}

static void
a_store_of_the_next_version_is_refused_and_untouched (void **state)
{
  const Place *place = *state;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize n_before = 0;
  gsize n_after = 0;
  g_autofree char *sql =
    g_strdup_printf ("PRAGMA user_version = %u", perms_schema_version () + 1);

  lay_out (place, 1);
  place_run_sql (place, sql);
  assert_true (g_file_get_contents (place->path, &before, &n_before, NULL));
  assert_null (perms_store_open (place->path, NULL, NULL, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_NEWER));
  assert_true (g_file_get_contents (place->path, &after, &n_after, NULL));
  assert_int_equal (n_before, n_after);
  assert_memory_equal (before, after, n_before);
}

/* ---- steps ---- */

/* From version 1 on; the first is not taken, as the store has it already. */
static const char *const good_steps[] = {
  "SELECT no_such_column FROM nowhere",
  ("ALTER TABLE bonds ADD COLUMN strength INTEGER NOT NULL DEFAULT 0;"
   "CREATE TABLE second (x INTEGER NOT NULL) STRICT"),
  "INSERT INTO second VALUES (3); CREATE INDEX third ON second (x)",
};
static const char *const bad_steps[] = {
  "SELECT no_such_column FROM nowhere",
  ("ALTER TABLE bonds ADD COLUMN strength INTEGER NOT NULL DEFAULT 0;"
   "CREATE TABLE second (x INTEGER NOT NULL) STRICT"),
  "INSERT INTO second VALUES (3); CREATE INDEX third ON nowhere (x)",
};

static gboolean
migrate (const Place *place, const char *vfs, const char *const *steps, GError **error)
{
  PermsConnection *connection = perms_connection_new (place->path, vfs, error);
  gboolean is_done =
    connection != NULL && perms_connection_set_up (connection, error) &&
    perms_schema_migrate_by (connection, steps, G_N_ELEMENTS (good_steps), error);

  perms_connection_free (connection);
  return is_done;
}

/* All of a step is there, or nothing of it. */
static gint64
check_version (const Place *place)
{
  gint64 version = ask (place, "PRAGMA user_version");

  assert_in_range (version, 1, 3);
  assert_int_equal (
    ask (place,
         "SELECT count (*) FROM pragma_table_info ('bonds') WHERE name = 'strength'"),
    version >= 2);
  assert_int_equal (ask (place,
                         "SELECT count (*) FROM sqlite_schema WHERE name = 'second'"),
                    version >= 2);
  assert_int_equal (ask (place,
                         "SELECT count (*) FROM sqlite_schema WHERE name = 'third'"),
                    version >= 3);
  if (version >= 2)
    assert_int_equal (ask (place, "SELECT count (*) FROM second"), version >= 3);
  assert_int_equal (ask (place, "SELECT count (*) FROM grants"), 2);
  return version;
}

static void
a_step_that_fails_leaves_the_version_before_it (void **state)
{
  const Place *place = *state;
  g_autoptr (GError) error = NULL;

  lay_out (place, 1);
  assert_false (migrate (place, NULL, bad_steps, &error));
  assert_non_null (error);
  assert_int_equal (check_version (place), 2);
  assert_true (migrate (place, NULL, good_steps, NULL));
  assert_int_equal (check_version (place), 3);
  assert_true (migrate (place, NULL, good_steps, NULL));
  assert_int_equal (check_version (place), 3);
}

static guint
interrupt_every (const Place *place, VfsCall call, int code)
{
  guint n = 0;

  for (n = 1; n < CALLS_MOST; n++)
    {
      g_autoptr (GError) error = NULL;
      lay_out (place, 1);
      vfs_reset ();
      vfs_fail (call, n, code, TRUE);
      gboolean is_done = migrate (place, VFS_NAME, good_steps, &error);
      gboolean was_reached = vfs_has_failed ();
      vfs_reset ();
      assert_true (is_done || error != NULL);
      assert_true (!is_done || check_version (place) == 3);
      check_version (place);
      assert_true (migrate (place, VFS_NAME, good_steps, NULL));
      assert_int_equal (check_version (place), 3);
      if (!was_reached)
        break;
    }
  assert_in_range (n, 2, CALLS_MOST - 1);
  return n - 1;
}

static void
a_migration_that_is_interrupted_is_taken_up_where_it_was (void **state)
{
  vfs_register ();
  guint n_writes = interrupt_every (*state, VFS_WRITE, SQLITE_FULL);
  guint n_syncs = interrupt_every (*state, VFS_SYNC, SQLITE_IOERR_FSYNC);

  print_message (
    "# migrations cut off at each of %u writes and %u syncs: no step taken by "
    "half\n",
    n_writes, n_syncs);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (a_store_of_every_version_is_brought_up_to_date),
    PLACE_TEST (a_store_of_the_next_version_is_refused_and_untouched),
    PLACE_TEST (a_step_that_fails_leaves_the_version_before_it),
    PLACE_TEST (a_migration_that_is_interrupted_is_taken_up_where_it_was),
  };

  return cmocka_run_group_tests_name ("perms-store-versions", tests, NULL, NULL);
}
