/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "blepick/global.h"
#include "blepick/verbs.h"

static int
run_verb (const BlepickContext *context, int argc, char **argv)
{
  const BlepickVerb *verb;
  const char *suggestion;

  if (argc < 2)
    {
      if (blepick_context_can_ask (context) && !blepick_context_is_json (context))
        return blepick_run_default (context);
      return blepick_verb_misuse (context, "A command is needed. See: blepick help");
    }
  verb = blepick_verbs_find (argv[1]);
  if (verb != NULL)
    return verb->run (context, argc - 1, argv + 1);

  if (argv[1][0] == '-')
    return blepick_verb_misuse (context, "There is no option %s. See: blepick help",
                                argv[1]);
  suggestion = blepick_verbs_suggest (argv[1]);
  if (suggestion != NULL)
    return blepick_verb_misuse (context, "There is no command %s. Did you mean %s?",
                                argv[1], suggestion);
  return blepick_verb_misuse (context, "There is no command %s. See: blepick help",
                              argv[1]);
}

/* A reader that has had enough is no failure. */
static void
on_pipe_closed (int number)
{
  _exit (BLEPICK_EXIT_OK);
}

int
main (int argc, char **argv)
{
  BlepickContext context = { 0 };
  gboolean version = FALSE, help = FALSE;
  int status = BLEPICK_EXIT_USAGE;

  setlocale (LC_ALL, "");
  signal (SIGPIPE, on_pipe_closed);
  g_set_prgname ("blepick");

  if (blepick_global_parse (&context, &argc, argv, &version, &help))
    {
      if (version)
        {
          printf ("blepick %s\n", BLEPICK_VERSION);
          status = BLEPICK_EXIT_OK;
        }
      else if (help)
        {
          status = blepick_run_help (&context, 1, argv);
        }
      else
        {
          status = run_verb (&context, argc, argv);
        }
    }
  blepick_context_clear (&context);
  return status;
}
