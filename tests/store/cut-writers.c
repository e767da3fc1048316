/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* cut-writers STORE LINES
 *
 * What runs in the lab while its power is cut (power-cuts). Says what the store has, a line
 * "has GRANT REVISION" each; then four writers go on from there and say "begun GRANT REVISION"
 * and "acknowledged GRANT REVISION", and after LINES such lines "cut" as well. LINES 0: ends
 * after saying what there is. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/store/writers.h"

static GMutex mutex;
static guint n_left;

/* One write a line: what the host has seen is a beginning of what happened. */
static void
say (const char *word, guint grant, guint64 revision)
{
  g_autofree char *line =
    g_strdup_printf ("%s %u %" G_GUINT64_FORMAT "\n", word, grant, revision);

  if (write (STDOUT_FILENO, line, strlen (line)) != (gssize) strlen (line))
    abort ();
}

static void
write_log (guint grant, guint64 revision, WritersWord word, gpointer user_data)
{
  static const char *const words[] = { "begun", "acknowledged", "failed" };
  static const char cut[] = "cut\n";

  g_mutex_lock (&mutex);
  say (words[word], grant, revision);
  if (--n_left == 0 && write (STDOUT_FILENO, cut, strlen (cut)) < 0)
    abort ();
  g_mutex_unlock (&mutex);
}

int
main (int argc, char **argv)
{
  guint64 revisions[WRITERS_N_GRANTS];

  if (argc != 3)
    {
      fputs ("usage: cut-writers STORE LINES\n", stderr);
      return 2;
    }
  n_left = (guint) strtoul (argv[2], NULL, 10);
  PermsStore *store = writers_open (argv[1], revisions);
  for (guint i = 0; i < WRITERS_N_GRANTS; i++)
    say ("has", i, revisions[i]);
  if (n_left > 0)
    writers_run (store, revisions, write_log, NULL);
  perms_store_close (store);
  return 0;
}
