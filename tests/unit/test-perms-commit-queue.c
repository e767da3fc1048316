/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <sqlite3.h>

#include "perms/commit-queue.h"
#include "tests/store/place.h"
#include "tests/store/vfs.h"

#define N_TOGETHER 500
#define N_MANY     10000
#define DEADLINE   (G_GINT64_CONSTANT (30) * G_USEC_PER_SEC)

/* What came back, in the order in which it came. */
typedef struct
{
  GMutex mutex;
  GCond changed;
  gboolean is_held; /* callbacks wait, and with them their worker */
  guint n_results;
  GArray *codes;       /* int: -1 for success */
  PermsUserRows *rows; /* of the last load */
  GPtrArray *list;
} Results;

static Results *
make_results (void)
{
  Results *results = g_new0 (Results, 1);

  g_mutex_init (&results->mutex);
  g_cond_init (&results->changed);
  results->codes = g_array_new (FALSE, FALSE, sizeof (int));
  return results;
}

static void
free_results (Results *results)
{
  g_array_unref (results->codes);
  perms_user_rows_free (results->rows);
  g_clear_pointer (&results->list, g_ptr_array_unref);
  g_mutex_clear (&results->mutex);
  g_cond_clear (&results->changed);
  g_free (results);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Results, free_results)

static void
note_result (Results *results, const GError *error)
{
  int code = error != NULL ? error->code : -1;

  g_mutex_lock (&results->mutex);
  g_array_append_val (results->codes, code);
  results->n_results++;
  g_cond_broadcast (&results->changed);
  while (results->is_held)
    g_cond_wait (&results->changed, &results->mutex);
  g_mutex_unlock (&results->mutex);
}

static void
on_committed (const GError *error, gpointer user_data)
{
  note_result (user_data, error);
}

static void
on_loaded (PermsUserRows *rows, const GError *error, gpointer user_data)
{
  Results *results = user_data;

  assert_true ((rows == NULL) == (error != NULL));
  perms_user_rows_free (results->rows);
  results->rows = rows;
  note_result (results, error);
}

static void
on_listed (GPtrArray *rows, const GError *error, gpointer user_data)
{
  Results *results = user_data;

  g_clear_pointer (&results->list, g_ptr_array_unref);
  results->list = rows;
  note_result (results, error);
}

static void
wait_for (Results *results, guint n)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE;

  g_mutex_lock (&results->mutex);
  while (results->n_results < n)
    {
      if (!g_cond_wait_until (&results->changed, &results->mutex, deadline))
        fail_msg ("%u results instead of %u", results->n_results, n);
    }
  g_mutex_unlock (&results->mutex);
}

static void
set_held (Results *results, gboolean is_held)
{
  g_mutex_lock (&results->mutex);
  results->is_held = is_held;
  g_cond_broadcast (&results->changed);
  g_mutex_unlock (&results->mutex);
}

static int
code_of (const Results *results, guint index)
{
  return g_array_index (results->codes, int, index);
}

static void
commit_grant (PermsCommitQueue *queue,
              Results *results,
              guint number,
              PermsGrantState state,
              guint64 revision)
{
  g_autoptr (PermsChanges) changes =
    rows_change_grant (ROWS_APP, rows_accessory (number), state, revision);

  perms_commit_queue_commit (queue, changes, on_committed, results);
}

static PermsCommitQueue *
start_queue (void **state)
{
  return perms_commit_queue_new (place_open (*state, PERMS_OPENED_FRESH));
}

/* Holds the writer in the callback of a first commit, so that what is accepted meanwhile
 * waits together. */
static void
hold_writer (PermsCommitQueue *queue, Results *gate)
{
  set_held (gate, TRUE);
  commit_grant (queue, gate, 900000, PERMS_GRANT_ACTIVE, 1);
  wait_for (gate, 1);
}

static void
changes_are_applied_in_the_order_of_the_calls (void **state)
{
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  for (guint64 revision = 1; revision <= 100; revision++)
    commit_grant (queue, results, 1,
                  revision % 2 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED, revision);
  perms_commit_queue_load (queue, ROWS_UID, on_loaded, results);
  wait_for (results, 101);
  for (guint i = 0; i < 101; i++)
    assert_int_equal (code_of (results, i), -1);
  const PermsGrant *grant = rows_find_grant (results->rows, rows_accessory (1));
  assert_int_equal (grant->decision.revision, 100);
  assert_int_equal (grant->state, PERMS_GRANT_REVOKED);
  perms_commit_queue_free (queue);
}

static void
commits_that_wait_together_share_a_sync (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  hold_writer (queue, gate);
  guint n_syncs = vfs_count (VFS_SYNC);
  for (guint i = 0; i < N_TOGETHER; i++)
    commit_grant (queue, results, i, PERMS_GRANT_ACTIVE, 1);
  set_held (gate, FALSE);
  wait_for (results, N_TOGETHER);
  n_syncs = vfs_count (VFS_SYNC) - n_syncs;
  print_message ("# %d commits shared %u syncs\n", N_TOGETHER, n_syncs);
  assert_in_range (n_syncs, 1, 4); /* the commit's, and a checkpoint's if one is due */
  perms_commit_queue_free (queue);
}

static void
each_commit_has_its_own_error (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  hold_writer (queue, gate);
  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  commit_grant (queue, results, 2, PERMS_GRANT_ACTIVE, 0);
  commit_grant (queue, results, 2, PERMS_GRANT_ACTIVE, 1);
  set_held (gate, FALSE);
  wait_for (results, 4);
  assert_int_equal (code_of (results, 0), -1);
  assert_int_equal (code_of (results, 1), PERMS_ERROR_STALE);
  assert_int_equal (code_of (results, 2), PERMS_ERROR_INVALID);
  assert_int_equal (code_of (results, 3), -1);
  perms_commit_queue_free (queue);
}

static void
a_failed_sync_is_told_to_all_who_shared_it (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  hold_writer (queue, gate);
  vfs_fail (VFS_SYNC, 1, SQLITE_IOERR_FSYNC, FALSE);
  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  commit_grant (queue, results, 2, PERMS_GRANT_ACTIVE, 1);
  set_held (gate, FALSE);
  wait_for (results, 2);
  assert_int_equal (code_of (results, 0), PERMS_ERROR_IO);
  assert_int_equal (code_of (results, 1), PERMS_ERROR_IO);
  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  wait_for (results, 3);
  assert_int_equal (code_of (results, 2), -1);
  perms_commit_queue_free (queue);
  vfs_reset ();
}

static void
a_load_sees_what_was_accepted_before_it (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  hold_writer (queue, gate);
  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  perms_commit_queue_load (queue, ROWS_UID, on_loaded, results);
  set_held (gate, FALSE);
  wait_for (results, 2);
  assert_non_null (rows_find_grant (results->rows, rows_accessory (1)));
  perms_commit_queue_free (queue);
}

static void
freeing_waits_for_everything_that_was_accepted (void **state)
{
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  for (guint i = 0; i < N_TOGETHER; i++)
    commit_grant (queue, results, i, PERMS_GRANT_ACTIVE, 1);
  perms_commit_queue_load (queue, ROWS_UID, on_loaded, results);
  perms_commit_queue_list_bonds (queue, on_listed, results);
  perms_commit_queue_list_pending (queue, on_listed, results);
  perms_commit_queue_load_history (queue, ROWS_UID, ROWS_APP, 0, 10, on_listed, results);
  perms_commit_queue_check (queue, on_committed, results);
  perms_commit_queue_free (queue);
  assert_int_equal (results->n_results, N_TOGETHER + 5);
  for (guint i = 0; i < results->n_results; i++)
    assert_int_equal (code_of (results, i), -1);
  assert_int_equal (results->rows->grants->len, N_TOGETHER);
  assert_int_equal (results->list->len, 10);
}

typedef struct
{
  PermsCommitQueue *queue;
  Results *results;
} Chain;

static void
on_first_loaded (PermsUserRows *rows, const GError *error, gpointer user_data)
{
  Chain *chain = user_data;

  perms_user_rows_free (rows);
  perms_commit_queue_start_anew (chain->queue, on_committed, chain->results);
}

static void
callbacks_may_ask_for_more_even_while_the_queue_is_freed (void **state)
{
  g_autoptr (Results) results = make_results ();
  Chain chain = { start_queue (state), results };

  commit_grant (chain.queue, results, 1, PERMS_GRANT_ACTIVE, 1);
  perms_commit_queue_load (chain.queue, ROWS_UID, on_first_loaded, &chain);
  perms_commit_queue_free (chain.queue);
  assert_int_equal (results->n_results, 2);
}

static void
a_fresh_start_takes_its_turn (void **state)
{
  g_autoptr (Results) results = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  commit_grant (queue, results, 1, PERMS_GRANT_ACTIVE, 5);
  perms_commit_queue_start_anew (queue, on_committed, results);
  commit_grant (queue, results, 2, PERMS_GRANT_ACTIVE, 1);
  perms_commit_queue_load (queue, ROWS_UID, on_loaded, results);
  wait_for (results, 4);
  assert_int_equal (results->rows->grants->len, 1);
  assert_non_null (rows_find_grant (results->rows, rows_accessory (2)));
  perms_commit_queue_free (queue);
}

/* As many grants at once, from number @first on. */
static void
commit_many (PermsCommitQueue *queue, Results *results, guint first)
{
  g_autoptr (PermsChanges) many = perms_changes_new ();

  for (guint i = first; i < first + N_MANY; i++)
    perms_changes_take (many, PERMS_CHANGE_GRANT, "pick",
                        rows_make_grant (ROWS_APP, rows_accessory (i), PERMS_GRANT_ACTIVE,
                                         1));
  perms_commit_queue_commit (queue, many, on_committed, results);
}

/* The check stands still for the load, the load waits for the fresh start, and that for the check. */
static void
a_fresh_start_is_not_kept_by_a_check_that_lets_a_load_pass (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  g_autoptr (Results) checks = make_results ();
  PermsCommitQueue *queue = start_queue (state);

  commit_many (queue, results, 0);
  wait_for (results, 1);
  perms_commit_queue_check (queue, on_committed, checks);
  hold_writer (queue, gate);
  commit_many (queue, results, N_MANY); /* time enough for the check to stand still */
  perms_commit_queue_start_anew (queue, on_committed, results);
  perms_commit_queue_load (queue, ROWS_UID, on_loaded, results);
  set_held (gate, FALSE);
  wait_for (results, 4);
  assert_int_equal (results->rows->grants->len, 0);
  perms_commit_queue_free (queue);
  assert_int_equal (checks->n_results, 1);
}

static void
too_many_that_wait_are_refused_at_once (void **state)
{
  g_autoptr (Results) gate = make_results ();
  g_autoptr (Results) results = make_results ();
  g_autoptr (Results) refused = make_results ();
  g_autoptr (PermsChanges) nothing = perms_changes_new ();
  PermsCommitQueue *queue = start_queue (state);

  hold_writer (queue, gate);
  for (guint i = 0; i < PERMS_COMMIT_QUEUE_MAX; i++)
    perms_commit_queue_commit (queue, nothing, on_committed, results);
  perms_commit_queue_commit (queue, nothing, on_committed, refused);
  assert_int_equal (refused->n_results, 1);
  assert_int_equal (code_of (refused, 0), PERMS_ERROR_LIMIT);
  set_held (gate, FALSE);
  perms_commit_queue_free (queue);
  assert_int_equal (results->n_results, PERMS_COMMIT_QUEUE_MAX);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (changes_are_applied_in_the_order_of_the_calls),
    PLACE_TEST (commits_that_wait_together_share_a_sync),
    PLACE_TEST (each_commit_has_its_own_error),
    PLACE_TEST (a_failed_sync_is_told_to_all_who_shared_it),
    PLACE_TEST (a_load_sees_what_was_accepted_before_it),
    PLACE_TEST (freeing_waits_for_everything_that_was_accepted),
    PLACE_TEST (callbacks_may_ask_for_more_even_while_the_queue_is_freed),
    PLACE_TEST (a_fresh_start_takes_its_turn),
    PLACE_TEST (a_fresh_start_is_not_kept_by_a_check_that_lets_a_load_pass),
    PLACE_TEST (too_many_that_wait_are_refused_at_once),
  };

  return cmocka_run_group_tests_name ("perms-commit-queue", tests, NULL, NULL);
}
