/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/terminal-view.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ANSWER_MAX     256
#define PASSKEY_DIGITS 6

typedef enum
{
  ASK_NOTHING = 0,
  ASK_WAITING, /* nobody asks (blepick agent) */
  ASK_ROW,
  ASK_PASSKEY,
  ASK_COMPARE, /* and any other yes or no */
  ASK_NAME,
} Asking;

struct BlepickTerminalView
{
  FILE *out;
  int in;
  guint source;
  GString *line;
  Asking asking;
  guint entered;   /* keys typed on the accessory, as last shown */
  GVariant *about; /* of Present, or NULL */
  BlepickLifetime lifetime;
  gboolean show_unnamed;
  gboolean told_hidden; /* that there are some without a name */
  BlepickPicking *picking;
};

BlepickTerminalView *
blepick_terminal_view_new (GError **error)
{
  int in = open ("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
  int out = open ("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);
  BlepickTerminalView *view;

  if (in < 0 || out < 0)
    {
      if (in >= 0)
        close (in);
      if (out >= 0)
        close (out);
      blepick_failure_set (
        error, BLEPICK_EXIT_USAGE, "no-terminal",
        "There is no terminal to ask on. Name it instead: blepick pair NAME");
      return NULL;
    }
  view = g_new0 (BlepickTerminalView, 1);
  view->in = in;
  view->out = fdopen (out, "w");
  view->line = g_string_new (NULL);
  return view;
}

void
blepick_terminal_view_free (BlepickTerminalView *view)
{
  if (view == NULL)
    return;
  g_clear_handle_id (&view->source, g_source_remove);
  close (view->in);
  fclose (view->out);
  g_string_free (view->line, TRUE);
  g_clear_pointer (&view->about, g_variant_unref);
  g_free (view);
}

static void say (BlepickTerminalView *view, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (BlepickTerminalView *view, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (view->out, format, args);
  va_end (args);
  fflush (view->out);
}

/* What was typed before a question was there is no answer to it. */
static void
forget_typed (BlepickTerminalView *view)
{
  tcflush (view->in, TCIFLUSH);
  g_string_truncate (view->line, 0);
}

static void
say_row (BlepickTerminalView *view, const BlepickRow *row)
{
  g_autofree char *title = blepick_row_title (row);
  g_autofree char *description = blepick_row_describe (row);
  g_autofree char *about = blepick_escape (description);
  g_autofree char *safe = blepick_escape (title);

  say (view, "%3u  %-24s %s\n", row->number, safe, about);
}

static void
show_unnamed (BlepickTerminalView *view)
{
  const BlepickRows *rows = blepick_picking_rows (view->picking);
  guint n_unnamed = 0;

  view->show_unnamed = !view->show_unnamed;
  for (guint i = 0; i < rows->all->len; i++)
    {
      const BlepickRow *row = g_ptr_array_index (rows->all, i);

      if (!blepick_row_is_obscure (row))
        continue;
      n_unnamed++;
      if (view->show_unnamed)
        say_row (view, row);
    }
  say (view, "%u without a name, %s from now on.\n", n_unnamed,
       view->show_unnamed ? "shown" : "hidden");
}

static void
say_lifetime (BlepickTerminalView *view)
{
  say (view, "The app may use it %s (l changes that).\n",
       blepick_wording_lifetime (view->lifetime));
}

/* Whether @answer is a key of the list, and no line of it. */
static gboolean
take_row_key (BlepickTerminalView *view, const char *answer)
{
  if (answer[0] == '\0' || answer[1] != '\0')
    return FALSE;
  switch (answer[0])
    {
    case 'r':
      say (view, "Looking again.\n");
      blepick_picking_rescan (view->picking);
      return TRUE;
    case 'u':
      show_unnamed (view);
      return TRUE;
    case 'l':
      view->lifetime = blepick_wording_next_lifetime (view->lifetime);
      say_lifetime (view);
      return TRUE;
    default:
      return FALSE;
    }
}

static void
take_row_answer (BlepickTerminalView *view, const char *answer)
{
  const BlepickRow *row;

  if (answer[0] == '\0' || take_row_key (view, answer))
    return;
  row = blepick_rows_find (blepick_picking_rows (view->picking), answer);
  if (row == NULL)
    {
      say (view, "There is no such line. A number, r to look again, q to stop: ");
      return;
    }
  if (row->yours)
    {
      say (view, "That one is yours already.\n");
      return;
    }
  view->asking = ASK_NOTHING;
  blepick_picking_choose_for (view->picking, row, view->lifetime);
}

static void
take_passkey (BlepickTerminalView *view, const char *answer)
{
  if (strlen (answer) != PASSKEY_DIGITS ||
      strspn (answer, "0123456789") != PASSKEY_DIGITS)
    {
      say (view, "Six digits are needed: ");
      return;
    }
  view->asking = ASK_NOTHING;
  blepick_picking_answer (view->picking, TRUE,
                          (guint32) g_ascii_strtoull (answer, NULL, 10));
}

static void
take_comparison (BlepickTerminalView *view, const char *answer)
{
  gboolean yes =
    g_ascii_strcasecmp (answer, "y") == 0 || g_ascii_strcasecmp (answer, "yes") == 0;
  gboolean no =
    g_ascii_strcasecmp (answer, "n") == 0 || g_ascii_strcasecmp (answer, "no") == 0;

  if (!yes && !no)
    {
      say (view, "Please answer y or n: ");
      return;
    }
  view->asking = ASK_NOTHING;
  blepick_picking_answer (view->picking, yes, 0);
}

static void
take_line (BlepickTerminalView *view)
{
  g_autofree char *answer = g_strstrip (g_strdup (view->line->str));

  g_string_truncate (view->line, 0);
  /* It may be a name. */
  if (strcmp (answer, "q") == 0 && view->asking != ASK_NAME)
    {
      if (view->asking == ASK_WAITING)
        blepick_picking_leave (view->picking);
      else
        blepick_picking_cancel (view->picking);
      return;
    }
  switch (view->asking)
    {
    case ASK_ROW:
      take_row_answer (view, answer);
      break;
    case ASK_PASSKEY:
      take_passkey (view, answer);
      break;
    case ASK_COMPARE:
      take_comparison (view, answer);
      break;
    case ASK_NAME:
      view->asking = ASK_NOTHING;
      if (answer[0] != '\0')
        blepick_picking_rename (view->picking, answer);
      else
        blepick_picking_answer (view->picking, FALSE, 0);
      break;
    case ASK_NOTHING:
    case ASK_WAITING:
    default:
      break;
    }
}

static gboolean
on_typed (int fd, GIOCondition condition, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  char bytes[ANSWER_MAX];
  ssize_t length = read (fd, bytes, sizeof bytes);

  if (length < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (length <= 0)
    {
      view->source = 0;
      blepick_picking_leave (view->picking);
      return G_SOURCE_REMOVE;
    }
  for (ssize_t i = 0; i < length; i++)
    {
      if (bytes[i] == '\n')
        take_line (view);
      else if (view->line->len < ANSWER_MAX)
        g_string_append_c (view->line, bytes[i]);
    }
  return G_SOURCE_CONTINUE;
}

static void
on_begin (BlepickPicking *picking, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  view->picking = picking;
  view->asking = ASK_WAITING;
  view->source = g_unix_fd_add (view->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_typed, view);
}

/* Who asks, which is of no interest where it is the command that the person has just typed. */
static void
say_who_asks (BlepickTerminalView *view, GVariant *about)
{
  g_auto (GStrv) warnings = blepick_wording_warnings (about);
  g_autofree char *asker = blepick_wording_asker (about);
  g_autofree char *app = blepick_escape (asker);
  g_autofree char *title = blepick_escape (blepick_member (about, "title"));

  say (view, "Choose an accessory for %s.\n", app);
  if (title[0] != '\0')
    say (view, "It says: \"%s\"\n", title);
  for (guint i = 0; warnings[i] != NULL; i++)
    {
      g_autofree char *safe = blepick_escape (warnings[i]);

      say (view, "%s\n", safe);
    }
  say_lifetime (view);
}

static void
on_present (BlepickPicking *picking, GVariant *about, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  view->asking = ASK_ROW;
  view->lifetime = BLEPICK_LIFETIME_ALWAYS;
  view->show_unnamed = view->told_hidden = FALSE;
  g_clear_pointer (&view->about, g_variant_unref);
  view->about = g_variant_ref (about);
  forget_typed (view);

  if (blepick_picking_is_own (picking))
    say (view, "Looking for accessories.\n");
  else
    say_who_asks (view, about);
  say (view, "%s\n", blepick_wording_advice ());
  say (view, "Type its number and Enter; r looks again, u shows those without a name, q "
             "stops.\n\n");
}

static void
on_row (BlepickPicking *picking, const BlepickRow *row, gboolean news, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  /* Once one was chosen the others are no news, and a question may stand there. */
  if (!news || view->asking != ASK_ROW)
    return;
  if (view->show_unnamed || !blepick_row_is_obscure (row))
    {
      say_row (view, row);
      return;
    }
  if (!view->told_hidden)
    say (view, "There are some without a name: u shows them.\n");
  view->told_hidden = TRUE;
}

static void
on_refused (BlepickPicking *picking, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  view->asking = ASK_ROW;
  say (view, "That one is not there any more. Another number: ");
}

static void
on_progress (BlepickPicking *picking, const char *phase, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  if (strcmp (phase, "no-match-yet") == 0)
    say (view, "%s\n", blepick_wording_help (view->about));
  else if (strcmp (phase, "scanning") != 0)
    say (view, "%s\n", blepick_wording_phase (phase));
}

static void
on_prompt (BlepickPicking *picking, GVariant *prompt, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  const char *kind = blepick_member (prompt, "kind");
  g_autofree char *text = blepick_wording_prompt (prompt);
  g_autofree char *safe = blepick_escape (text);
  guint32 passkey = 0, entered = 0, timeout_s = 0;

  g_variant_lookup (prompt, "passkey", "u", &passkey);
  g_variant_lookup (prompt, "entered", "u", &entered);
  g_variant_lookup (prompt, "timeout-s", "u", &timeout_s);
  if (entered == 0)
    forget_typed (view);
  if (strcmp (kind, "compare") == 0)
    {
      view->asking = ASK_COMPARE;
      say (view, "\n  %06u\n\n%s (y/n, q stops, %u s) ", passkey, safe, timeout_s);
    }
  else if (strcmp (kind, "enter") == 0)
    {
      view->asking = ASK_PASSKEY;
      say (view, "\n%s (q stops, %u s): ", safe, timeout_s);
    }
  else if (strcmp (kind, "rename") == 0)
    {
      view->asking = ASK_NAME;
      say (view, "%s (Enter leaves it as it is, %u s) ", safe, timeout_s);
    }
  else if (entered == 0)
    {
      say (view, "\n  %06u\n\n%s (q stops, %u s)\n", passkey, safe, timeout_s);
    }
  else if (entered != view->entered)
    {
      say (view, "\r%u of %d typed", entered, PASSKEY_DIGITS);
    }
  view->entered = entered;
}

static void
on_ask (BlepickPicking *picking, GVariant *about, GVariant *question, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  g_autofree char *text = blepick_wording_question (about, question);
  g_auto (GStrv) services = blepick_wording_services (question);
  g_autofree char *safe = blepick_escape (text);

  view->asking = ASK_COMPARE;
  forget_typed (view);
  say (view, "%s\n", safe);
  for (guint i = 0; services[i] != NULL; i++)
    {
      g_autofree char *service = blepick_escape (services[i]);

      say (view, "  %s\n", service);
    }
  say (view, "(y/n, q stops) ");
}

static void
on_dismiss (BlepickPicking *picking, GVariant *result, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  const char *outcome = blepick_wording_outcome (result);

  view->asking = ASK_WAITING;
  if (outcome != NULL)
    say (view, "%s\n", outcome);
  say (view, "\n");
}

const BlepickView blepick_terminal_view = { .begin = on_begin,
                                            .present = on_present,
                                            .row = on_row,
                                            .refused = on_refused,
                                            .progress = on_progress,
                                            .prompt = on_prompt,
                                            .ask = on_ask,
                                            .dismiss = on_dismiss };
