/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/verbs.h: what the command can do: one row a verb, one file a verb. */

#pragma once

#include "blepick/context.h"

typedef struct
{
  const char *name;
  const char *arguments;   /* "NAME [OPTION...]" */
  const char *summary;     /* one line */
  const char *description; /* examples first; may be NULL */
  /* @argv begins with the verb. Returns the exit status. */
  int (*run) (const BlepickContext *context, int argc, char **argv);
} BlepickVerb;

extern const BlepickVerb blepick_verbs[]; /* ends with a row without a name */

/* NULL for a word that is no verb. */
const BlepickVerb *blepick_verbs_find (const char *name);
/* The verb that @word was probably meant to be, or NULL. */
const char *blepick_verbs_suggest (const char *word);

/* Parses a verb's own options, --help among them (which prints and leaves with status 0). FALSE: said why; leave with %BLEPICK_EXIT_USAGE. */
gboolean blepick_verb_parse (const BlepickContext *context,
                             const char *name,
                             const GOptionEntry *entries,
                             int *argc,
                             char ***argv);
/* Refuses a wrong number of words after the options. */
gboolean blepick_verb_expect (const BlepickContext *context,
                              const char *name,
                              int argc,
                              int words_min,
                              int words_max);
/* Says what is wrong with the command line. Returns %BLEPICK_EXIT_USAGE. */
int blepick_verb_misuse (const BlepickContext *context, const char *format, ...)
  G_GNUC_PRINTF (2, 3);

int blepick_run_pick (const BlepickContext *context, int argc, char **argv);
int blepick_run_pair (const BlepickContext *context, int argc, char **argv);
int blepick_run_scan (const BlepickContext *context, int argc, char **argv);
int blepick_run_list (const BlepickContext *context, int argc, char **argv);
int blepick_run_show (const BlepickContext *context, int argc, char **argv);
int blepick_run_wait (const BlepickContext *context, int argc, char **argv);
int blepick_run_unpair (const BlepickContext *context, int argc, char **argv);
int blepick_run_refresh (const BlepickContext *context, int argc, char **argv);
int blepick_run_monitor (const BlepickContext *context, int argc, char **argv);
int blepick_run_forget (const BlepickContext *context, int argc, char **argv);
int blepick_run_rename (const BlepickContext *context, int argc, char **argv);
int blepick_run_apps (const BlepickContext *context, int argc, char **argv);
int blepick_run_companions (const BlepickContext *context, int argc, char **argv);
int blepick_run_agent (const BlepickContext *context, int argc, char **argv);
int blepick_run_grants (const BlepickContext *context, int argc, char **argv);
int blepick_run_allow (const BlepickContext *context, int argc, char **argv);
int blepick_run_deny (const BlepickContext *context, int argc, char **argv);
int blepick_run_reset (const BlepickContext *context, int argc, char **argv);
int blepick_run_log (const BlepickContext *context, int argc, char **argv);
int blepick_run_status (const BlepickContext *context, int argc, char **argv);
int blepick_run_enforce (const BlepickContext *context, int argc, char **argv);
int blepick_run_doctor (const BlepickContext *context, int argc, char **argv);
int blepick_run_completion (const BlepickContext *context, int argc, char **argv);
int blepick_run_help (const BlepickContext *context, int argc, char **argv);
/* Without a verb, on a terminal: pick a heart-rate monitor where there is none yet, and show it live. */
int blepick_run_default (const BlepickContext *context);
