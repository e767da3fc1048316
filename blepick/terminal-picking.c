/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/terminal-picking.h"

#include "blepick/curses-view.h"
#include "blepick/terminal-view.h"

typedef struct
{
  BlepickCursesView *whole;
  BlepickTerminalView *lines;
} Terminal;

static gboolean
open_terminal (Terminal *terminal, const BlepickContext *context, GError **error)
{
  if (!context->lines)
    terminal->whole = blepick_curses_view_new ();
  if (terminal->whole == NULL)
    terminal->lines = blepick_terminal_view_new (error);
  return terminal->whole != NULL || terminal->lines != NULL;
}

static void
close_terminal (Terminal *terminal, const BlepickContext *context)
{
  const char *last =
    terminal->whole != NULL ? blepick_curses_view_last_word (terminal->whole) : NULL;

  blepick_curses_view_free (terminal->whole);
  blepick_terminal_view_free (terminal->lines);
  if (last != NULL)
    blepick_context_say (context, "%s", last);
}

static const BlepickView *
view_of (const Terminal *terminal)
{
  return terminal->whole != NULL ? &blepick_curses_view : &blepick_terminal_view;
}

static gpointer
data_of (const Terminal *terminal)
{
  return terminal->whole != NULL ? (gpointer) terminal->whole
                                 : (gpointer) terminal->lines;
}

char *
blepick_terminal_pick (const BlepickContext *context,
                       BlepickBus *bus,
                       const BlepickPickingAsk *ask,
                       GError **error)
{
  Terminal terminal = { NULL, NULL };
  char *id;

  if (!open_terminal (&terminal, context, error))
    {
      g_variant_unref (g_variant_ref_sink (ask->options));
      return NULL;
    }
  id = blepick_picking_run (context, bus, ask, view_of (&terminal), data_of (&terminal),
                            error);
  close_terminal (&terminal, context);
  return id;
}

gboolean
blepick_terminal_serve (const BlepickContext *context, BlepickBus *bus, GError **error)
{
  Terminal terminal = { NULL, NULL };
  gboolean served;

  if (!open_terminal (&terminal, context, error))
    return FALSE;
  served =
    blepick_picking_serve (context, bus, view_of (&terminal), data_of (&terminal), error);
  close_terminal (&terminal, context);
  return served;
}
