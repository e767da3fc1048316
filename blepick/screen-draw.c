/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the screen looks like. */

#include <string.h>

#include "blepick/canvas.h"
#include "blepick/text.h"

#define WIDE_COLUMNS 110
#define LEVELS       5

static void
free_line (gpointer data)
{
  BlepickLine *line = data;

  g_free (line->text);
  g_free (line);
}

static char *
draw_bars (const BlepickRow *row, gboolean ascii)
{
  static const char *const filled[LEVELS] = { "▂", "▃", "▅", "▆", "▇" };
  GString *bars = g_string_new (NULL);
  guint level = row->heard ? blepick_row_level (row) : 0;

  for (guint i = 0; i < LEVELS; i++)
    {
      if (ascii)
        g_string_append_c (bars, i < level ? '#' : '.');
      else
        g_string_append (bars, i < level ? filled[i] : "·");
    }
  return g_string_free (bars, FALSE);
}

static const char *
describe_state (const BlepickRow *row, gboolean wide)
{
  if (row->yours)
    return "yours already";
  if (row->connected)
    return wide ? "in use by this computer" : "in use here";
  if (row->set_up)
    return wide ? "set up on this computer" : "set up here";
  if (!row->heard)
    return wide ? "not seen: asleep or in use elsewhere" : "not seen";
  return "";
}

static void
add_row (BlepickCanvas *canvas, const BlepickRow *row)
{
  const BlepickScreen *screen = canvas->screen;
  gboolean wide = canvas->columns >= WIDE_COLUMNS;
  gboolean selected = row == screen->selected;
  g_autofree char *title = blepick_row_title (row);
  g_autofree char *name = blepick_text_fit (title, wide ? 32 : 24, screen->ascii);
  g_autofree char *kind =
    blepick_text_fit (blepick_row_kind (row), wide ? 24 : 18, screen->ascii);
  g_autofree char *bars = draw_bars (row, screen->ascii);

  blepick_canvas_say (canvas, selected ? BLEPICK_STYLE_SELECTED : BLEPICK_STYLE_PLAIN,
                      "%s %s %s %s %-9s %s", selected ? ">" : " ", name, kind, bars,
                      row->heard ? blepick_row_signal (row) : "not heard",
                      describe_state (row, wide));
}

static guint
count_hidden (const BlepickScreen *screen)
{
  guint n_hidden = 0;

  for (guint i = 0; i < screen->places->len; i++)
    {
      const BlepickPlace *place = &g_array_index (screen->places, BlepickPlace, i);

      if (place->row->unnamed && !blepick_screen_shows (screen, place->row))
        n_hidden++;
    }
  return n_hidden;
}

/* Headings and rows, as if there were room for all of them. */
static GPtrArray *
list_rows (BlepickCanvas *canvas, guint *ret_selected)
{
  static const char *const headings[] = { "YOURS", "KNOWN TO THIS COMPUTER", "FOUND" };
  BlepickCanvas list = { canvas->screen, g_ptr_array_new_with_free_func (free_line),
                         canvas->columns };
  gint section = -1;

  *ret_selected = 0;
  for (guint i = 0; i < canvas->screen->places->len; i++)
    {
      const BlepickPlace *place =
        &g_array_index (canvas->screen->places, BlepickPlace, i);

      if (!blepick_screen_shows (canvas->screen, place->row))
        continue;
      if (section != (gint) place->section)
        blepick_canvas_say (&list, BLEPICK_STYLE_TITLE, " %s", headings[place->section]);
      section = (gint) place->section;
      if (place->row == canvas->screen->selected)
        *ret_selected = list.lines->len;
      add_row (&list, place->row);
    }
  return list.lines;
}

static void
add_list (BlepickCanvas *canvas, BlepickScreen *screen, guint room)
{
  guint selected;
  g_autoptr (GPtrArray) list = list_rows (canvas, &selected);

  /* The heading of the first row is seen, too. */
  if (selected < screen->top + 1)
    screen->top = selected > 0 ? selected - 1 : 0;
  if (room > 0 && selected >= screen->top + room)
    screen->top = selected - room + 1;
  if (screen->top + room > list->len)
    screen->top = list->len > room ? list->len - room : 0;
  for (guint i = screen->top; i < list->len && i < screen->top + room; i++)
    {
      const BlepickLine *line = g_ptr_array_index (list, i);

      blepick_canvas_add (canvas, line->style, line->text);
    }
  if (list->len == 0)
    blepick_canvas_add (canvas, BLEPICK_STYLE_DIM,
                        screen->search->len > 0 ? " Nothing is called that."
                                                : " Nothing yet.");
}

static void
add_advice (BlepickCanvas *canvas)
{
  const BlepickScreen *screen = canvas->screen;
  gboolean nothing_yet =
    g_strcmp0 (screen->phase, "no-match-yet") == 0 && screen->places->len == 0;
  g_auto (GStrv) warnings = blepick_wording_warnings (screen->about);

  blepick_canvas_add_paragraph (canvas, nothing_yet ? blepick_wording_help (screen->about)
                                                    : blepick_wording_advice ());
  for (guint i = 0; warnings[i] != NULL; i++)
    blepick_canvas_add_paragraph (canvas, warnings[i]);
}

static void
draw_rows (BlepickCanvas *canvas, BlepickScreen *screen, guint lines, gint64 now_ms)
{
  const char *keys =
    canvas->columns >= WIDE_COLUMNS
      ? "Up/Down or j/k move  Enter choose  / search  s sort  u unnamed  l how long  r look "
        "again  ? help  Esc stop"
      : "Up/Down  Enter choose  / search  s sort  u unnamed  r rescan  ? help  Esc stop";
  g_autofree char *asker = blepick_wording_asker (screen->about);
  g_autofree char *title = g_strdup_printf (" Choose an accessory for %s", asker);
  g_autofree char *time_left = blepick_canvas_time_left (screen, now_ms);
  guint n_hidden = count_hidden (screen);
  guint footer = 4;

  blepick_canvas_add_edges (canvas, BLEPICK_STYLE_TITLE, title, time_left);
  if (blepick_canvas_member (screen->about, "title")[0] != '\0')
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " It says: \"%s\"",
                        blepick_canvas_member (screen->about, "title"));
  add_advice (canvas);
  blepick_canvas_add_blank (canvas);
  add_list (canvas, screen,
            lines > canvas->lines->len + footer ? lines - canvas->lines->len - footer
                                                : 1);
  while (canvas->lines->len + footer < lines)
    blepick_canvas_add_blank (canvas);
  if (n_hidden > 0)
    blepick_canvas_say (canvas, BLEPICK_STYLE_DIM,
                        " %u without a name hidden: u shows them", n_hidden);
  else
    blepick_canvas_add_blank (canvas);
  blepick_canvas_say (canvas, BLEPICK_STYLE_DIM,
                      " The app may use it %s (l changes that)",
                      blepick_wording_lifetime (screen->lifetime));
  if (screen->searching || screen->search->len > 0)
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " Search: %s%s", screen->search->str,
                        screen->searching ? "_" : "");
  else if (screen->remark == NULL && screen->selected != NULL &&
           screen->selected->app_word[0] != '\0')
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " The app calls it \"%s\"",
                        screen->selected->app_word);
  else
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " %s",
                        screen->remark != NULL ? screen->remark : "");
  blepick_canvas_say (canvas, BLEPICK_STYLE_DIM, " %s",
                      now_ms < screen->live_ms ? "" : keys);
}

static void
draw_help (BlepickCanvas *canvas)
{
  static const char *const help[] = {
    "Up, Down, j, k    another line",
    "Home, End         the first and the last one",
    "Enter             choose the line with the >",
    "/                 search by name; Enter keeps it, Esc ends it",
    "s                 sort by signal, by name, by arrival",
    "u                 show those without a name, or hide them",
    "l                 how long the app may use it",
    "r                 look again",
    "Esc, q            stop, and give the app nothing",
    "Ctrl-Z, Ctrl-L    put aside (fg brings it back); draw again",
  };

  blepick_canvas_add (canvas, BLEPICK_STYLE_TITLE, " Keys");
  blepick_canvas_add_blank (canvas);
  for (gsize i = 0; i < G_N_ELEMENTS (help); i++)
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, "   %s", help[i]);
  blepick_canvas_add_blank (canvas);
  blepick_canvas_add (canvas, BLEPICK_STYLE_DIM, " Any key goes back.");
}

static void
draw_chosen (BlepickCanvas *canvas)
{
  const BlepickRow *row = canvas->screen->selected;
  g_autofree char *title = row != NULL ? blepick_row_title (row) : NULL;

  blepick_canvas_say (canvas, BLEPICK_STYLE_TITLE, " %s", title != NULL ? title : "");
  blepick_canvas_add_blank (canvas);
  blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " %s",
                      blepick_wording_phase (canvas->screen->phase));
  blepick_canvas_add_blank (canvas);
  blepick_canvas_add (canvas, BLEPICK_STYLE_DIM, " Esc stop");
}

GPtrArray *
blepick_screen_draw (BlepickScreen *screen, guint columns, guint lines, gint64 now_ms)
{
  BlepickCanvas canvas = { screen, g_ptr_array_new_with_free_func (free_line), columns };

  if (screen->help)
    draw_help (&canvas);
  else if (screen->pane == BLEPICK_PANE_ROWS)
    draw_rows (&canvas, screen, lines, now_ms);
  else if (screen->pane == BLEPICK_PANE_CHOSEN)
    draw_chosen (&canvas);
  else if (screen->pane == BLEPICK_PANE_WAITING)
    blepick_canvas_add_paragraph (
      &canvas, "Waiting. An app that asks for an accessory shows up here. "
               "Esc or q ends this.");
  else
    blepick_canvas_draw_prompt (&canvas, now_ms);
  while (canvas.lines->len < lines)
    blepick_canvas_add_blank (&canvas);
  g_ptr_array_set_size (canvas.lines, (gint) lines);
  return canvas.lines;
}
