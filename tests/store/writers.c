/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/store/writers.h"

#include <unistd.h>

#include "perms/commit-queue.h"

#define GRANTS_EACH (WRITERS_N_GRANTS / WRITERS_N)

typedef struct
{
  PermsCommitQueue *queue;
  WritersLogFunc log;
  gpointer user_data;
  guint first; /* grant */
  guint64 revisions[GRANTS_EACH];
  GMutex mutex;
  GCond changed;
  gboolean is_done;
  gboolean is_good;
} Writer;

static void
on_committed (const GError *error, gpointer user_data)
{
  Writer *writer = user_data;

  if (error != NULL)
    g_printerr ("commit: %s\n", error->message);
  g_mutex_lock (&writer->mutex);
  writer->is_done = TRUE;
  writer->is_good = error == NULL;
  g_cond_signal (&writer->changed);
  g_mutex_unlock (&writer->mutex);
}

static gboolean
commit_one (Writer *writer, guint grant, guint64 revision)
{
  g_autoptr (PermsChanges) changes =
    rows_change_grant (ROWS_APP, rows_accessory (grant),
                       revision % 2 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED, revision);

  writer->is_done = FALSE;
  perms_commit_queue_commit (writer->queue, changes, on_committed, writer);
  g_mutex_lock (&writer->mutex);
  while (!writer->is_done)
    g_cond_wait (&writer->changed, &writer->mutex);
  gboolean is_good = writer->is_good;
  g_mutex_unlock (&writer->mutex);
  return is_good;
}

static gpointer
run_writer (gpointer data)
{
  Writer *writer = data;

  for (guint i = 0;; i = (i + 1) % GRANTS_EACH)
    {
      guint grant = writer->first + i;
      guint64 revision = ++writer->revisions[i];

      writer->log (grant, revision, WRITERS_BEGUN, writer->user_data);
      gboolean is_good = commit_one (writer, grant, revision);
      writer->log (grant, revision, is_good ? WRITERS_ACKNOWLEDGED : WRITERS_FAILED,
                   writer->user_data);
    }
  return NULL;
}

void
writers_run (PermsStore *take_store,
             const guint64 *revisions,
             WritersLogFunc log,
             gpointer user_data)
{
  static Writer writers[WRITERS_N];
  PermsCommitQueue *queue = perms_commit_queue_new (take_store);

  for (guint i = 0; i < WRITERS_N; i++)
    {
      Writer *writer = &writers[i];
      writer->queue = queue;
      writer->log = log;
      writer->user_data = user_data;
      writer->first = i * GRANTS_EACH;
      for (guint j = 0; j < GRANTS_EACH; j++)
        writer->revisions[j] = revisions[writer->first + j];
      g_mutex_init (&writer->mutex);
      g_cond_init (&writer->changed);
      g_thread_unref (g_thread_new ("writer", run_writer, writer));
    }
  for (;;)
    pause ();
}

static guint64
read_revision (const PermsUserRows *rows, guint number)
{
  const PermsGrant *grant = rows_find_grant (rows, rows_accessory (number));

  if (grant == NULL)
    return 0;
  g_autoptr (PermsGrant) expected =
    rows_make_grant (ROWS_APP, grant->accessory, grant->state, grant->decision.revision);
  if (perms_grant_state_is_live (grant->state) != (grant->decision.revision % 2 == 1) ||
      !g_str_equal (grant->app, expected->app) ||
      !perms_scope_equal (grant->scope, expected->scope) ||
      grant->until_s != expected->until_s)
    g_error ("grant %u is not what any writer wrote", number);
  return grant->decision.revision;
}

PermsStore *
writers_open (const char *path, guint64 *ret_revisions)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  PermsStore *store = perms_store_open (path, NULL, &opened, &error);
  g_autoptr (PermsUserRows) rows =
    store != NULL ? perms_store_load_user (store, ROWS_UID, &error) : NULL;

  if (rows == NULL || !perms_store_check (store, &error))
    g_error ("the store: %s", error->message);
  if (opened == PERMS_OPENED_ANEW || rows->n_refused > 0)
    g_error ("the store is damaged");
  if (rows->grants->len > WRITERS_N_GRANTS)
    g_error ("the store has grants that nobody gave");
  for (guint i = 0; i < WRITERS_N_GRANTS; i++)
    ret_revisions[i] = read_revision (rows, i);
  return store;
}
