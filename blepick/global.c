/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/global.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blepick/verbs.h"

typedef enum
{
  TAKES_NOTHING = 0,
  TAKES_VALUE,
} Takes;

typedef gboolean (*ApplyFunc) (BlepickContext *context, const char *value);

static gboolean
apply_json (BlepickContext *context, const char *value)
{
  context->format = BLEPICK_FORMAT_JSON;
  return TRUE;
}

static gboolean
apply_json_lines (BlepickContext *context, const char *value)
{
  context->format = BLEPICK_FORMAT_JSON_LINES;
  return TRUE;
}

static gboolean
apply_plain (BlepickContext *context, const char *value)
{
  context->plain = TRUE;
  context->lines = TRUE;
  context->color = FALSE;
  return TRUE;
}

static gboolean
apply_no_input (BlepickContext *context, const char *value)
{
  context->no_input = TRUE;
  return TRUE;
}

static gboolean
apply_quiet (BlepickContext *context, const char *value)
{
  context->quiet = TRUE;
  context->verbose = FALSE;
  return TRUE;
}

/* A picture that is drawn over and over and lines in between do not go together. */
static gboolean
apply_verbose (BlepickContext *context, const char *value)
{
  context->verbose = TRUE;
  context->quiet = FALSE;
  context->lines = context->lines || isatty (STDERR_FILENO);
  return TRUE;
}

static gboolean
apply_ids (BlepickContext *context, const char *value)
{
  context->full_ids = strcmp (value, "full") == 0;
  return context->full_ids || strcmp (value, "short") == 0;
}

static gboolean
apply_color (BlepickContext *context, const char *value)
{
  if (strcmp (value, "always") == 0)
    context->color = TRUE;
  else if (strcmp (value, "never") == 0)
    context->color = FALSE;
  else
    return strcmp (value, "auto") == 0;
  return TRUE;
}

static gboolean
apply_timeout (BlepickContext *context, const char *value)
{
  return blepick_parse_duration (value, &context->timeout_ms) && context->timeout_ms > 0;
}

static gboolean
apply_adapter (BlepickContext *context, const char *value)
{
  if (value[0] == '\0')
    return FALSE;
  g_free (context->adapter);
  context->adapter = g_strdup (value);
  return TRUE;
}

static gboolean
apply_session_bus (BlepickContext *context, const char *value)
{
  g_free (context->bus);
  context->bus = g_strdup ("session");
  return TRUE;
}

static const struct
{
  const char *name;
  Takes takes;
  ApplyFunc apply;
} options[] = {
  { "--json", TAKES_NOTHING, apply_json },
  { "--json=lines", TAKES_NOTHING, apply_json_lines },
  { "--plain", TAKES_NOTHING, apply_plain },
  { "--no-input", TAKES_NOTHING, apply_no_input },
  { "-q", TAKES_NOTHING, apply_quiet },
  { "--quiet", TAKES_NOTHING, apply_quiet },
  { "-v", TAKES_NOTHING, apply_verbose },
  { "--verbose", TAKES_NOTHING, apply_verbose },
  { "--ids", TAKES_VALUE, apply_ids },
  { "--color", TAKES_VALUE, apply_color },
  { "--timeout", TAKES_VALUE, apply_timeout },
  { "--adapter", TAKES_VALUE, apply_adapter },
  { "--session-bus", TAKES_NOTHING, apply_session_bus },
};

static void
set_defaults (BlepickContext *context)
{
  const char *term = g_getenv ("TERM");
  gboolean dumb = term == NULL || strcmp (term, "dumb") == 0;

  context->bus = g_strdup (g_getenv ("BLEPICK_BUS"));
  context->color = isatty (STDOUT_FILENO) && g_getenv ("NO_COLOR") == NULL && !dumb;
  context->lines = dumb;
  context->plain = dumb || !g_get_charset (NULL);
}

/* How many words at @argv are a global option; 0: it is none; -1: it is a bad one. */
static int
take_option (BlepickContext *context, char **argv)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      gsize length = strlen (options[i].name);
      const char *value = NULL;
      int words = 1;

      if (strcmp (argv[0], options[i].name) == 0)
        {
          if (options[i].takes == TAKES_VALUE)
            {
              value = argv[1];
              words = 2;
            }
        }
      else if (options[i].takes == TAKES_VALUE &&
               strncmp (argv[0], options[i].name, length) == 0 && argv[0][length] == '=')
        {
          value = argv[0] + length + 1;
        }
      else
        {
          continue;
        }
      if (options[i].takes == TAKES_VALUE && value == NULL)
        {
          blepick_verb_misuse (context, "%s needs a value", options[i].name);
          return -1;
        }
      if (!options[i].apply (context, value))
        {
          blepick_verb_misuse (context, "%s does not take the value %s", options[i].name,
                               value);
          return -1;
        }
      return words;
    }
  return 0;
}

gboolean
blepick_global_parse (BlepickContext *context,
                      int *argc,
                      char **argv,
                      gboolean *ret_version,
                      gboolean *ret_help)
{
  int kept = 1;

  set_defaults (context);
  for (int i = 1; i < *argc;)
    {
      int words;

      if (strcmp (argv[i], "--") == 0)
        {
          while (i < *argc)
            argv[kept++] = argv[i++];
          break;
        }
      words = take_option (context, argv + i);
      if (words < 0)
        return FALSE;
      if (words == 0 && strcmp (argv[i], "--version") == 0)
        *ret_version = TRUE;
      if (words == 0 && kept == 1 &&
          (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0))
        *ret_help = TRUE;
      if (words == 0)
        argv[kept++] = argv[i++];
      i += words;
    }
  argv[kept] = NULL;
  *argc = kept;
  return TRUE;
}
