/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* kill-writers [KILLS [SEED]]
 *
 * Four writers give and take grants through the commit queue and say in a log what they
 * are about to do and what was acknowledged. Their process is killed at some moment, the
 * store is opened again and compared with the logs: nothing acknowledged may be lost,
 * nothing may be there that nobody asked for. Then the next process goes on from there. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/commit-queue.h"
#include "tests/store/rows.h"

#define N_WRITERS      4
#define N_GRANTS       8 /* of each writer */
#define KILLS_DEFAULT  20
#define RECORDS_MAX    400  /* lines of log after which the axe falls, at the latest */
#define DELAY_MAX_US   5000 /* some way into what goes on then */
#define GRANT_SEQUENCE (N_WRITERS * N_GRANTS)

typedef enum
{
  LOG_BEGUN = 0,
  LOG_ACKNOWLEDGED,
  LOG_FAILED,
} LogKind;

/* One line of the log: written at once (pipe (7): PIPE_BUF), so never by half. */
typedef struct
{
  guint64 revision;
  guint32 grant;
  guint32 kind;
} LogLine;

/* What the logs say of each grant. */
typedef struct
{
  guint64 begun[GRANT_SEQUENCE];
  guint64 acknowledged[GRANT_SEQUENCE];
} Logs;

typedef struct
{
  guint n_acknowledged;
  guint n_lost;
  guint n_appeared;
} Figures;

/* ---- the process that is killed ---- */

typedef struct
{
  PermsCommitQueue *queue;
  int log;
  guint index;
  guint64 revisions[N_GRANTS];
  GMutex mutex;
  GCond changed;
  gboolean is_done;
  gboolean is_good;
} Writer;

static void
write_log (const Writer *writer, guint grant, guint64 revision, LogKind kind)
{
  LogLine line = { revision, grant, (guint32) kind };

  if (write (writer->log, &line, sizeof line) != sizeof line)
    abort ();
}

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

  for (guint i = 0;; i = (i + 1) % N_GRANTS)
    {
      guint grant = writer->index * N_GRANTS + i;
      guint64 revision = ++writer->revisions[i];

      write_log (writer, grant, revision, LOG_BEGUN);
      gboolean is_good = commit_one (writer, grant, revision);
      write_log (writer, grant, revision, is_good ? LOG_ACKNOWLEDGED : LOG_FAILED);
    }
  return NULL;
}

/* Never returns: somebody kills it. */
static void
run_victim (const char *path, const Logs *logs, int log)
{
  static Writer writers[N_WRITERS];
  g_autoptr (GError) error = NULL;
  PermsStore *store = perms_store_open (path, NULL, NULL, &error);

  if (store == NULL)
    g_error ("open: %s", error->message);
  PermsCommitQueue *queue = perms_commit_queue_new (store);
  for (guint i = 0; i < N_WRITERS; i++)
    {
      Writer *writer = &writers[i];
      writer->queue = queue;
      writer->log = log;
      writer->index = i;
      for (guint j = 0; j < N_GRANTS; j++)
        writer->revisions[j] = logs->acknowledged[i * N_GRANTS + j];
      g_mutex_init (&writer->mutex);
      g_cond_init (&writer->changed);
      g_thread_unref (g_thread_new ("writer", run_writer, writer));
    }
  for (;;)
    pause ();
}

/* ---- the process that kills ---- */

static gboolean
read_line (int log, LogLine *ret_line)
{
  gssize n = 0;

  do
    n = read (log, ret_line, sizeof *ret_line);
  while (n < 0 && errno == EINTR);
  return n == sizeof *ret_line;
}

static void
note_line (const LogLine *line, Logs *logs, Figures *figures)
{
  if (line->kind == LOG_FAILED)
    g_error ("a commit failed on a disk that is well");
  if (line->kind == LOG_BEGUN)
    logs->begun[line->grant] = line->revision;
  else
    logs->acknowledged[line->grant] = line->revision;
  figures->n_acknowledged += line->kind == LOG_ACKNOWLEDGED ? 1 : 0;
}

/* Whether there is something to read before that moment. */
static gboolean
wait_for_line (int log, gint64 until_us)
{
  gint64 left_us = MAX (until_us - g_get_monotonic_time (), 0);
  struct timespec left = { left_us / G_USEC_PER_SEC, left_us % G_USEC_PER_SEC * 1000 };
  struct pollfd poll = { .fd = log, .events = POLLIN };

  return left_us > 0 && ppoll (&poll, 1, &left, NULL) > 0;
}

/* Lets a victim write until some moment after some line, kills it, and reads its log to the
 * end. */
static void
kill_one (const char *path, GRand *chance, Logs *logs, Figures *figures)
{
  guint n_lines = (guint) g_rand_int_range (chance, 0, RECORDS_MAX);
  int ends[2];
  LogLine line;

  if (pipe (ends) != 0)
    g_error ("pipe: %s", g_strerror (errno));
  pid_t victim = fork ();
  if (victim < 0)
    g_error ("fork: %s", g_strerror (errno));
  if (victim == 0)
    {
      close (ends[0]);
      run_victim (path, logs, ends[1]);
    }
  close (ends[1]);
  for (guint i = 0; i < n_lines && read_line (ends[0], &line); i++)
    note_line (&line, logs, figures);
  gint64 until_us = g_get_monotonic_time () + g_rand_int_range (chance, 0, DELAY_MAX_US);
  while (wait_for_line (ends[0], until_us) && read_line (ends[0], &line))
    note_line (&line, logs, figures);
  kill (victim, SIGKILL);
  while (read_line (ends[0], &line))
    note_line (&line, logs, figures);
  close (ends[0]);

  int status = 0;
  while (waitpid (victim, &status, 0) < 0 && errno == EINTR)
    ;
  if (!WIFSIGNALED (status) || WTERMSIG (status) != SIGKILL)
    g_error ("a writer ended by itself (status %d)", status);
}

static void
compare_grant (const PermsUserRows *rows, guint number, Logs *logs, Figures *figures)
{
  const PermsGrant *grant = rows_find_grant (rows, rows_accessory (number));
  guint64 stored = grant != NULL ? grant->decision.revision : 0;
  guint64 begun = MAX (logs->begun[number], logs->acknowledged[number]);
  gboolean is_live = grant != NULL && perms_grant_state_is_live (grant->state);

  if (stored < logs->acknowledged[number])
    figures->n_lost++;
  if (stored > begun || is_live != (stored % 2 == 1))
    figures->n_appeared++;
  /* what was begun and not acknowledged may be there or not: go on from what is */
  logs->begun[number] = stored;
  logs->acknowledged[number] = stored;
}

static void
compare (const char *path, Logs *logs, Figures *figures)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  g_autoptr (PermsStore) store = perms_store_open (path, NULL, &opened, &error);
  g_autoptr (PermsUserRows) rows =
    store != NULL ? perms_store_load_user (store, ROWS_UID, &error) : NULL;

  if (rows == NULL || !perms_store_check (store, &error))
    g_error ("after a kill: %s", error->message);
  if (opened == PERMS_OPENED_ANEW || rows->n_refused > 0)
    g_error ("a kill damaged the store");
  for (guint i = 0; i < GRANT_SEQUENCE; i++)
    compare_grant (rows, i, logs, figures);
  figures->n_appeared += rows->grants->len > GRANT_SEQUENCE ? 1 : 0;
}

int
main (int argc, char **argv)
{
  guint n_kills = argc > 1 ? (guint) strtoul (argv[1], NULL, 10) : KILLS_DEFAULT;
  guint32 seed = argc > 2 ? (guint32) strtoul (argv[2], NULL, 10) : g_random_int ();
  g_autoptr (GRand) chance = g_rand_new_with_seed (seed);
  char *folder = rows_make_folder ();
  g_autofree char *path = g_build_filename (folder, "permissions", NULL);
  Figures figures = { 0 };
  Logs logs = { 0 };

  for (guint i = 0; i < n_kills; i++)
    {
      kill_one (path, chance, &logs, &figures);
      compare (path, &logs, &figures);
    }
  rows_remove_folder (folder);
  printf ("%u kills under %d writers, %u acknowledged changes: %u lost, %u appeared "
          "(seed %u)\n",
          n_kills, N_WRITERS, figures.n_acknowledged, figures.n_lost, figures.n_appeared,
          seed);
  return figures.n_lost == 0 && figures.n_appeared == 0 && figures.n_acknowledged > 0
           ? EXIT_SUCCESS
           : EXIT_FAILURE;
}
