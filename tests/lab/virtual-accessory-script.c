/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-script.h"

#include <gio/gunixinputstream.h>
#include <string.h>

#include "tests/fakes/words.h"
#include "tests/lab/virtual-accessory-report.h"

#define PASSKEY_MAX 999999

struct _AccessoryScript
{
  const AccessoryScriptCommands *commands;
  gpointer user_data;
  GDataInputStream *lines;
  GCancellable *cancellable;
};

typedef enum
{
  OUTCOME_MALFORMED = 0,
  OUTCOME_SENSELESS, /* well said, but not now */
  OUTCOME_DONE,
} Outcome;

static Outcome
outcome_of (gboolean done)
{
  return done ? OUTCOME_DONE : OUTCOME_SENSELESS;
}

/* Index of @word in @choices, or -1. */
static int
find_choice (const char *word, const char *const *choices)
{
  for (int i = 0; choices[i] != NULL; i++)
    if (g_str_equal (word, choices[i]))
      return i;
  return -1;
}

static Outcome
do_passkey (AccessoryScript *script, char **arguments)
{
  guint64 passkey;

  if (strlen (arguments[0]) != strlen ("123456") ||
      !g_ascii_string_to_unsigned (arguments[0], 10, 0, PASSKEY_MAX, &passkey, NULL))
    return OUTCOME_MALFORMED;
  return outcome_of (script->commands->passkey ((guint) passkey, script->user_data));
}

static Outcome
do_confirm (AccessoryScript *script, char **arguments)
{
  int same = find_choice (arguments[0], (const char *const[]){ "no", "yes", NULL });

  if (same < 0)
    return OUTCOME_MALFORMED;
  return outcome_of (script->commands->confirm (same == 1, script->user_data));
}

static Outcome
do_advertise (AccessoryScript *script, char **arguments)
{
  int on = find_choice (arguments[0], (const char *const[]){ "off", "on", NULL });

  if (on < 0)
    return OUTCOME_MALFORMED;
  return outcome_of (script->commands->advertise (on == 1, script->user_data));
}

static Outcome
do_vanish (AccessoryScript *script, char **arguments)
{
  return outcome_of (script->commands->vanish (script->user_data));
}

static Outcome
do_disconnect (AccessoryScript *script, char **arguments)
{
  return outcome_of (script->commands->disconnect (script->user_data));
}

typedef gboolean (*ValueFunc) (guint16 uuid, GBytes *value, gpointer user_data);

/* CHARACTERISTIC HEX */
static Outcome
pass_value (AccessoryScript *script, char **arguments, ValueFunc func)
{
  g_autoptr (GBytes) value = accessory_words_hex (arguments[1]);
  guint64 uuid;

  if (strlen (arguments[0]) != strlen ("2a37") || value == NULL ||
      !g_ascii_string_to_unsigned (arguments[0], 16, 0, G_MAXUINT16, &uuid, NULL))
    return OUTCOME_MALFORMED;
  return outcome_of (func ((guint16) uuid, value, script->user_data));
}

static Outcome
do_notify (AccessoryScript *script, char **arguments)
{
  return pass_value (script, arguments, script->commands->notify);
}

static Outcome
do_set (AccessoryScript *script, char **arguments)
{
  return pass_value (script, arguments, script->commands->set);
}

static Outcome
do_rate (AccessoryScript *script, char **arguments)
{
  guint64 rate_ms;

  if (!g_ascii_string_to_unsigned (arguments[0], 10, 0, G_MAXINT, &rate_ms, NULL))
    return OUTCOME_MALFORMED;
  return outcome_of (script->commands->rate ((guint) rate_ms, script->user_data));
}

static Outcome
do_quit (AccessoryScript *script, char **arguments)
{
  return outcome_of (script->commands->quit (script->user_data));
}

static const struct
{
  const char *name;
  guint n_arguments;
  Outcome (*run) (AccessoryScript *script, char **arguments);
} rows[] = {
  { "advertise", 1, do_advertise },
  { "confirm", 1, do_confirm },
  { "disconnect", 0, do_disconnect },
  { "notify", 2, do_notify },
  { "passkey", 1, do_passkey },
  { "quit", 0, do_quit },
  { "rate", 1, do_rate },
  { "set", 2, do_set },
  { "vanish", 0, do_vanish },
};

static Outcome
run_words (AccessoryScript *script, char **words)
{
  for (guint i = 0; words[0] != NULL && i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (words[0], rows[i].name))
      return g_strv_length (words) == rows[i].n_arguments + 1
               ? rows[i].run (script, words + 1)
               : OUTCOME_MALFORMED;
  return OUTCOME_MALFORMED;
}

static void
run_line (AccessoryScript *script, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);

  switch (run_words (script, words))
    {
    case OUTCOME_MALFORMED:
      accessory_report_error ("not a command", line);
      break;
    case OUTCOME_SENSELESS:
      accessory_report_error ("makes no sense now", line);
      break;
    case OUTCOME_DONE:
      break;
    }
}

static void on_line (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_line (AccessoryScript *script)
{
  g_data_input_stream_read_line_async (script->lines, G_PRIORITY_DEFAULT,
                                       script->cancellable, on_line, script);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AccessoryScript *script = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line =
    g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL,
                                          &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL)
    {
      script->commands->quit (script->user_data);
      return;
    }
  run_line (script, line);
  read_line (script);
}

AccessoryScript *
accessory_script_new (int fd, const AccessoryScriptCommands *commands, gpointer user_data)
{
  AccessoryScript *script = g_new0 (AccessoryScript, 1);
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, FALSE);

  script->commands = commands;
  script->user_data = user_data;
  script->lines = g_data_input_stream_new (stream);
  script->cancellable = g_cancellable_new ();
  read_line (script);
  return script;
}

void
accessory_script_free (AccessoryScript *script)
{
  if (script == NULL)
    return;
  g_cancellable_cancel (script->cancellable);
  g_object_unref (script->cancellable);
  g_object_unref (script->lines);
  g_free (script);
}
