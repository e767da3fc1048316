/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "perms/store.h"
#include "tests/store/place.h"
#include "tests/store/vfs.h"

#define N_CHANGES 8
#define N_MAX     10000 /* calls of a kind; the scenario makes fewer */

/* What the writer was told: the newest revision that was acknowledged, a grant each. */
typedef struct
{
  guint64 acknowledged[N_CHANGES];
  guint n_faults_told;
} Log;

static gboolean
is_store_error (const GError *error)
{
  return error->domain == PERMS_ERROR &&
         (error->code == PERMS_ERROR_FULL || error->code == PERMS_ERROR_IO ||
          error->code == PERMS_ERROR_READ_ONLY);
}

static void
note_fault (Log *log, const GError *error)
{
  if (!is_store_error (error))
    fail_msg ("%s (%d) is no error of the disk", error->message, error->code);
  log->n_faults_told++;
}

/* Grants are given, then taken away: odd revisions are in force. */
static void
write_round (PermsStore *store, Log *log, guint64 revision)
{
  PermsGrantState state = revision % 2 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED;

  for (guint i = 0; i < N_CHANGES; i++)
    {
      g_autoptr (PermsChanges) changes =
        rows_change_grant (ROWS_APP, rows_accessory (i), state, revision);
      g_autoptr (GError) error = NULL;

      if (perms_store_apply (store, changes, &error))
        log->acknowledged[i] = revision;
      else
        note_fault (log, error);
    }
}

/* Two lives of a store, with a fault somewhere. */
static void
run_scenario (const Place *place, Log *log)
{
  for (guint life = 0; life < 2; life++)
    {
      g_autoptr (GError) error = NULL;
      PermsOpened opened = PERMS_OPENED_NOT;
      PermsStore *store = perms_store_open (place->path, VFS_NAME, &opened, &error);

      if (store == NULL)
        {
          note_fault (log, error);
          continue;
        }
      assert_int_not_equal (opened, PERMS_OPENED_ANEW);
      write_round (store, log, 2 * life + 1);
      write_round (store, log, 2 * life + 2);
      g_autoptr (PermsUserRows) rows = perms_store_load_user (store, ROWS_UID, &error);
      if (rows == NULL)
        note_fault (log, error);
      perms_store_close (store);
    }
}

/* The disk works again: what is there is what was acknowledged, no more and no less. */
static void
compare_with_log (const Place *place, const Log *log)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  PermsStore *store = perms_store_open (place->path, VFS_NAME, &opened, &error);

  if (store == NULL)
    fail_msg ("does not open again: %s", error->message);
  assert_int_not_equal (opened, PERMS_OPENED_ANEW);
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->n_refused, 0);
  for (guint i = 0; i < N_CHANGES; i++)
    {
      const PermsGrant *grant = rows_find_grant (rows, rows_accessory (i));
      assert_int_equal (grant != NULL ? grant->decision.revision : 0,
                        log->acknowledged[i]);
    }
  place_check (store);
  place_grant (store, 100, PERMS_GRANT_ACTIVE, 1);
  perms_store_close (store);
}

static void
remove_files (const Place *place)
{
  static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (place->path, ends[i], NULL);
      g_unlink (path);
    }
}

/* Lets every call of a kind fail in turn, until none is left to fail. */
static void
fail_every (const Place *place, VfsCall call, int code, gboolean for_ever)
{
  guint n_told = 0;
  guint n = 0;

  for (n = 1; n < N_MAX; n++)
    {
      Log log = { 0 };

      remove_files (place);
      vfs_reset ();
      vfs_fail (call, n, code, for_ever);
      run_scenario (place, &log);
      gboolean was_reached = vfs_has_failed ();
      vfs_reset ();
      compare_with_log (place, &log);
      n_told += log.n_faults_told > 0 ? 1 : 0;
      if (!was_reached)
        break;
    }
  assert_in_range (n, 2, N_MAX - 1);
  print_message ("# %u calls failed in turn%s, %u told to the writer; 0 changes lost, "
                 "0 appeared\n",
                 n - 1, for_ever ? " and all after them" : "", n_told);
}

static void
a_write_that_fails_stores_nothing_by_half (void **state)
{
  fail_every (*state, VFS_WRITE, SQLITE_IOERR_WRITE, FALSE);
}

static void
a_disk_that_stays_full_stores_nothing_by_half (void **state)
{
  fail_every (*state, VFS_WRITE, SQLITE_FULL, TRUE);
}

static void
a_sync_that_fails_is_not_acknowledged (void **state)
{
  fail_every (*state, VFS_SYNC, SQLITE_IOERR_FSYNC, FALSE);
}

static void
a_disk_that_never_syncs_again_acknowledges_nothing (void **state)
{
  fail_every (*state, VFS_SYNC, SQLITE_IOERR_FSYNC, TRUE);
}

static void
a_file_that_does_not_open_is_told (void **state)
{
  fail_every (*state, VFS_OPEN, SQLITE_CANTOPEN, FALSE);
}

static void
a_truncation_that_fails_harms_nothing (void **state)
{
  fail_every (*state, VFS_TRUNCATE, SQLITE_IOERR_TRUNCATE, FALSE);
}

static void
a_read_that_fails_is_no_damage (void **state)
{
  fail_every (*state, VFS_READ, SQLITE_IOERR_READ, FALSE);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (a_write_that_fails_stores_nothing_by_half),
    PLACE_TEST (a_disk_that_stays_full_stores_nothing_by_half),
    PLACE_TEST (a_sync_that_fails_is_not_acknowledged),
    PLACE_TEST (a_disk_that_never_syncs_again_acknowledges_nothing),
    PLACE_TEST (a_file_that_does_not_open_is_told),
    PLACE_TEST (a_truncation_that_fails_harms_nothing),
    PLACE_TEST (a_read_that_fails_is_no_damage),
  };

  return cmocka_run_group_tests_name ("perms-store-faults", tests, NULL, NULL);
}
