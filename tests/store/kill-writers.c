/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* kill-writers [KILLS [SEED]]; or STORE_KILLS in the environment
 *
 * Four writers give and take grants and say in a log what they are about to do and what
 * was acknowledged. Their process is killed at some moment, the store is opened again and
 * compared with the log: nothing acknowledged may be lost, nothing may be there that nobody
 * asked for. Then the next process goes on from there. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/store/writers.h"

#define KILLS_DEFAULT 100
#define RECORDS_MAX   400  /* lines of log after which the axe falls, at the latest */
#define DELAY_MAX_US  5000 /* some way into what goes on then */

/* One line of the log: written at once (pipe (7): PIPE_BUF), so never by half. */
typedef struct
{
  guint64 revision;
  guint32 grant;
  guint32 word;
} LogLine;

/* What the logs say of each grant. */
typedef struct
{
  guint64 begun[WRITERS_N_GRANTS];
  guint64 acknowledged[WRITERS_N_GRANTS];
} Logs;

typedef struct
{
  guint n_acknowledged;
  guint n_lost;
  guint n_appeared;
} Figures;

/* ---- the process that is killed ---- */

static void
write_log (guint grant, guint64 revision, WritersWord word, gpointer user_data)
{
  LogLine line = { revision, grant, (guint32) word };

  if (write (GPOINTER_TO_INT (user_data), &line, sizeof line) != sizeof line)
    abort ();
}

static void
run_victim (const char *path, int log)
{
  guint64 revisions[WRITERS_N_GRANTS];
  PermsStore *store = writers_open (path, revisions);

  writers_run (store, revisions, write_log, GINT_TO_POINTER (log));
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
  if (line->word == WRITERS_FAILED)
    g_error ("a commit failed on a disk that is well");
  if (line->word == WRITERS_BEGUN)
    logs->begun[line->grant] = line->revision;
  else
    logs->acknowledged[line->grant] = line->revision;
  figures->n_acknowledged += line->word == WRITERS_ACKNOWLEDGED ? 1 : 0;
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
      run_victim (path, ends[1]);
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
compare (const char *path, Logs *logs, Figures *figures)
{
  guint64 revisions[WRITERS_N_GRANTS];
  perms_store_close (writers_open (path, revisions));

  for (guint i = 0; i < WRITERS_N_GRANTS; i++)
    {
      figures->n_lost += revisions[i] < logs->acknowledged[i] ? 1 : 0;
      figures->n_appeared +=
        revisions[i] > MAX (logs->begun[i], logs->acknowledged[i]) ? 1 : 0;
    }
  /* what was begun and not acknowledged may be there or not: go on from what is */
  memcpy (logs->begun, revisions, sizeof revisions);
  memcpy (logs->acknowledged, revisions, sizeof revisions);
}

static guint
read_number (int argc, char **argv, int place, const char *variable, guint fallback)
{
  const char *text = argc > place ? argv[place] : g_getenv (variable);

  return text != NULL && text[0] != '\0' ? (guint) strtoul (text, NULL, 10) : fallback;
}

int
main (int argc, char **argv)
{
  guint n_kills = read_number (argc, argv, 1, "STORE_KILLS", KILLS_DEFAULT);
  guint32 seed = read_number (argc, argv, 2, "STORE_SEED", g_random_int ());
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
  printf ("# %u SIGKILLs under %d writers, %u acknowledged changes: %u lost, %u appeared "
          "(seed %u)\n",
          n_kills, WRITERS_N, figures.n_acknowledged, figures.n_lost, figures.n_appeared,
          seed);
  return figures.n_lost == 0 && figures.n_appeared == 0 && figures.n_acknowledged > 0
           ? EXIT_SUCCESS
           : EXIT_FAILURE;
}
