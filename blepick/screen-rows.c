/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The rows of the screen: which are shown, where, and which is marked. */

#include "blepick/screen-rows.h"

#include <string.h>

#define PAGE_ROWS 10

static BlepickSection
section_of (const BlepickRow *row)
{
  if (row->yours)
    return BLEPICK_SECTION_YOURS;
  return row->set_up || row->connected ? BLEPICK_SECTION_KNOWN : BLEPICK_SECTION_FOUND;
}

gboolean
blepick_screen_shows (const BlepickScreen *screen, const BlepickRow *row)
{
  g_autofree char *title = NULL, *folded = NULL, *wanted = NULL;

  if (blepick_row_is_obscure (row) && !screen->show_unnamed)
    return FALSE;
  if (screen->search->len == 0)
    return TRUE;
  title = blepick_row_title (row);
  folded = g_utf8_casefold (title, -1);
  wanted = g_utf8_casefold (screen->search->str, -1);
  return strstr (folded, wanted) != NULL;
}

static gboolean
is_offered (const BlepickScreen *screen, const BlepickPlace *place)
{
  return !place->row->yours && blepick_screen_shows (screen, place->row);
}

void
blepick_screen_settle_selection (BlepickScreen *screen)
{
  const BlepickRow *first = NULL, *any = NULL;

  for (guint i = 0; i < screen->places->len; i++)
    {
      const BlepickPlace *place = &g_array_index (screen->places, BlepickPlace, i);

      if (!blepick_screen_shows (screen, place->row))
        continue;
      if (place->row == screen->selected)
        return;
      if (any == NULL)
        any = place->row;
      if (first == NULL && is_offered (screen, place))
        first = place->row;
    }
  screen->selected = first != NULL ? first : any;
}

static void
take_row (BlepickScreen *screen, const BlepickRow *row)
{
  BlepickPlace place = { row, section_of (row) };
  guint at = 0;

  for (guint i = 0; i < screen->places->len; i++)
    {
      const BlepickPlace *other = &g_array_index (screen->places, BlepickPlace, i);

      if (other->row == row)
        {
          blepick_screen_settle_selection (screen);
          return;
        }
      if (other->section <= place.section)
        at = i + 1;
    }
  g_array_insert_val (screen->places, at, place);
  /* A row that only could not be chosen gives way to the first that can. */
  if (screen->selected != NULL && screen->selected->yours && !row->yours)
    screen->selected = NULL;
  blepick_screen_settle_selection (screen);
}

void
blepick_screen_take_row (BlepickScreen *screen, const BlepickRow *row, gint64 now_ms)
{
  const BlepickRow *marked = screen->selected;

  take_row (screen, row);
  if (screen->selected != marked)
    screen->live_ms = now_ms + BLEPICK_INERT_MS;
}

void
blepick_screen_drop_row (BlepickScreen *screen, const BlepickRow *row)
{
  for (guint i = 0; i < screen->places->len; i++)
    if (g_array_index (screen->places, BlepickPlace, i).row == row)
      {
        g_array_remove_index (screen->places, i);
        break;
      }
  if (screen->selected != row)
    return;
  screen->selected = NULL;
  screen->lost = TRUE;
  blepick_screen_settle_selection (screen);
}

static guint
level_of (const BlepickRow *row)
{
  return row->heard ? blepick_row_level (row) : 0;
}

static gint
compare_places (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const BlepickScreen *screen = user_data;
  const BlepickPlace *one = a, *other = b;

  if (one->section != other->section)
    return one->section < other->section ? -1 : 1;
  if (screen->sort == BLEPICK_SORT_SIGNAL && level_of (one->row) != level_of (other->row))
    return level_of (one->row) > level_of (other->row) ? -1 : 1;
  if (screen->sort == BLEPICK_SORT_NAME)
    {
      g_autofree char *first = g_utf8_casefold (one->row->name, -1);
      g_autofree char *second = g_utf8_casefold (other->row->name, -1);
      gint order = strcmp (first, second);

      if (order != 0)
        return order;
    }
  return one->row->number < other->row->number ? -1 : 1;
}

void
blepick_screen_sort_rows (BlepickScreen *screen)
{
  static const char *const remarks[] = { "In the order of their arrival.",
                                         "The strongest signal first.", "By name." };

  screen->sort = (screen->sort + 1) % G_N_ELEMENTS (remarks);
  screen->remark = remarks[screen->sort];
  for (guint i = 0; i < screen->places->len; i++)
    {
      BlepickPlace *place = &g_array_index (screen->places, BlepickPlace, i);

      place->section = section_of (place->row);
    }
  g_array_sort_with_data (screen->places, compare_places, screen);
}

void
blepick_screen_move (BlepickScreen *screen, gint by)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new ();
  gint at = 0;

  for (guint i = 0; i < screen->places->len; i++)
    {
      const BlepickPlace *place = &g_array_index (screen->places, BlepickPlace, i);

      if (!blepick_screen_shows (screen, place->row))
        continue;
      if (place->row == screen->selected)
        at = (gint) shown->len;
      g_ptr_array_add (shown, (gpointer) place->row);
    }
  if (shown->len == 0)
    return;
  at = CLAMP (at + by, 0, (gint) shown->len - 1);
  screen->selected = g_ptr_array_index (shown, at);
}

gboolean
blepick_screen_move_by_key (BlepickScreen *screen, gunichar key)
{
  static const struct
  {
    gunichar key;
    gint by;
  } moves[] = { { BLEPICK_KEY_UP, -1 },
                { BLEPICK_KEY_DOWN, 1 },
                { BLEPICK_KEY_PAGE_UP, -PAGE_ROWS },
                { BLEPICK_KEY_PAGE_DOWN, PAGE_ROWS },
                { BLEPICK_KEY_HOME, -(1 << 20) },
                { BLEPICK_KEY_END, 1 << 20 } };

  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      if (moves[i].key != key)
        continue;
      blepick_screen_move (screen, moves[i].by);
      return TRUE;
    }
  return FALSE;
}
