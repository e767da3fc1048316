/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/terminal-view.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX     256
#define PASSKEY_DIGITS 6

typedef enum
{
  ASK_NOTHING = 0,
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
  guint entered; /* keys typed on the accessory, as last shown */
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

static void
take_row_answer (BlepickTerminalView *view, const char *answer)
{
  const BlepickRow *row;

  if (answer[0] == '\0')
    return;
  if (strcmp (answer, "q") == 0)
    {
      blepick_picking_cancel (view->picking);
      return;
    }
  if (strcmp (answer, "r") == 0)
    {
      say (view, "Looking again.\n");
      blepick_picking_rescan (view->picking);
      return;
    }
  row = blepick_rows_find (blepick_picking_rows (view->picking), answer);
  if (row == NULL)
    {
      say (view, "There is no such line. A number, r to look again, q to stop: ");
      return;
    }
  view->asking = ASK_NOTHING;
  blepick_picking_choose (view->picking, row);
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
  view->source = g_unix_fd_add (view->in, G_IO_IN | G_IO_HUP | G_IO_ERR, on_typed, view);
}

static void
on_present (BlepickPicking *picking, GVariant *about, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  g_autofree char *app = blepick_escape (blepick_member (about, "app-name"));

  view->asking = ASK_ROW;
  if (app[0] != '\0')
    say (view, "For %s.\n", app);
  say (view, "Looking for accessories. Wake yours: wear it, or press its button.\n"
             "Type its number and Enter; r looks again, q stops.\n\n");
}

static void
on_row (BlepickPicking *picking, const BlepickRow *row, gboolean news, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  g_autofree char *title = blepick_row_title (row);
  g_autofree char *about = blepick_row_describe (row);
  g_autofree char *safe = blepick_escape (title);

  /* Once one was chosen the others are no news, and a question may stand there. */
  if (news && view->asking == ASK_ROW)
    say (view, "%3u  %-24s %s\n", row->number, safe, about);
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
    say (view,
         "Nothing yet. Wet the electrodes of a strap and put it on; close other apps and "
         "watches that use it.\n");
  else if (strcmp (phase, "waiting-for-pairing") == 0)
    say (view, "One moment.\n");
  else if (strcmp (phase, "pairing") == 0)
    say (view, "Pairing...\n");
}

static void
on_prompt (BlepickPicking *picking, GVariant *prompt, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  const char *kind = blepick_member (prompt, "kind");
  g_autofree char *name = blepick_escape (blepick_member (prompt, "name"));
  guint32 passkey = 0, entered = 0, timeout_s = 0;

  g_variant_lookup (prompt, "passkey", "u", &passkey);
  g_variant_lookup (prompt, "entered", "u", &entered);
  g_variant_lookup (prompt, "timeout-s", "u", &timeout_s);
  if (strcmp (kind, "compare") == 0)
    {
      view->asking = ASK_COMPARE;
      say (view,
           "\n  %06u\n\n"
           "Does %s show the same six digits? Do not type them anywhere. (y/n, %u s) ",
           passkey, name, timeout_s);
    }
  else if (strcmp (kind, "enter") == 0)
    {
      view->asking = ASK_PASSKEY;
      say (view, "\n%s shows six digits. Type them here (%u s): ", name, timeout_s);
    }
  else if (strcmp (kind, "rename") == 0)
    {
      view->asking = ASK_NAME;
      say (view, "What do you want to call %s? (Enter leaves it as it is) ", name);
    }
  else if (entered == 0)
    {
      say (view, "\n  %06u\n\nType these six digits on %s (%u s).\n", passkey, name,
           timeout_s);
    }
  else if (entered != view->entered)
    {
      say (view, "\r%u of 6 typed", entered);
    }
  view->entered = entered;
}

static void
on_ask (BlepickPicking *picking, GVariant *about, GVariant *question, gpointer user_data)
{
  BlepickTerminalView *view = user_data;
  const char *kind = blepick_member (question, "kind");
  g_autofree char *app = blepick_escape (blepick_member (about, "app-name"));
  g_autofree char *name = blepick_escape (blepick_member (question, "name"));

  view->asking = ASK_COMPARE;
  if (strcmp (kind, "bluetooth") == 0)
    say (view, "May %s use all of Bluetooth? (y/n) ", app);
  else if (strcmp (kind, "scope") == 0)
    say (view, "May %s do more with %s than before? (y/n) ", app, name);
  else
    say (view, "May %s keep the accessories that it used before? (y/n) ", app);
}

static void
on_dismiss (BlepickPicking *picking, GVariant *result, gpointer user_data)
{
  BlepickTerminalView *view = user_data;

  view->asking = ASK_NOTHING;
  if (strcmp (blepick_member (result, "outcome"), "done") == 0 &&
      strcmp (blepick_member (result, "pairing-method"), "just-works") == 0)
    say (
      view,
      "Paired. The accessory has no screen or keys, so nothing was verified: make sure "
      "that it is yours.\n");
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
