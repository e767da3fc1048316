/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the screen holds, and what keys do to it. */

#include "blepick/screen.h"

#include <string.h>

#include "blepick/bus.h"
#include "blepick/screen-rows.h"

#define PASSKEY_DIGITS 6
#define SEARCH_MAX     64  /* bytes */
#define NAME_MAX_BYTES 248 /* Core Specification 5.3, Vol 3, Part C, 12.1 */

BlepickScreen *
blepick_screen_new (gboolean ascii)
{
  BlepickScreen *screen = g_new0 (BlepickScreen, 1);

  screen->ascii = ascii;
  screen->places = g_array_new (FALSE, TRUE, sizeof (BlepickPlace));
  screen->search = g_string_new (NULL);
  screen->typed = g_string_new (NULL);
  return screen;
}

void
blepick_screen_free (BlepickScreen *screen)
{
  if (screen == NULL)
    return;
  g_array_unref (screen->places);
  g_string_free (screen->search, TRUE);
  g_string_free (screen->typed, TRUE);
  g_clear_pointer (&screen->about, g_variant_unref);
  g_clear_pointer (&screen->prompt, g_variant_unref);
  g_free (screen->phase);
  g_free (screen);
}

static void
replace (GVariant **where, GVariant *value)
{
  g_clear_pointer (where, g_variant_unref);
  if (value != NULL)
    *where = g_variant_ref_sink (value);
}

/* What is shown is new, and @dict says how long it stands. */
static void
begin (BlepickScreen *screen, GVariant *dict, gint64 now_ms)
{
  guint32 timeout_s = 0;

  g_variant_lookup (dict, "timeout-s", "u", &timeout_s);
  screen->deadline_s = timeout_s > 0 ? now_ms / 1000 + timeout_s : 0;
  screen->live_ms = now_ms + BLEPICK_INERT_MS;
}

void
blepick_screen_dismiss (BlepickScreen *screen)
{
  g_array_set_size (screen->places, 0);
  screen->selected = NULL;
  screen->pane = BLEPICK_PANE_WAITING;
  screen->top = 0;
  screen->help = screen->searching = screen->show_unnamed = FALSE;
  screen->sort = BLEPICK_SORT_ARRIVAL;
  screen->lifetime = BLEPICK_LIFETIME_ALWAYS;
  screen->lost = FALSE;
  screen->remark = NULL;
  screen->deadline_s = 0;
  g_string_truncate (screen->search, 0);
  g_string_truncate (screen->typed, 0);
  g_clear_pointer (&screen->phase, g_free);
  replace (&screen->about, NULL);
  replace (&screen->prompt, NULL);
}

void
blepick_screen_present (BlepickScreen *screen, GVariant *about, gint64 now_ms)
{
  blepick_screen_dismiss (screen);
  replace (&screen->about, about);
  screen->pane = BLEPICK_PANE_ROWS;
  begin (screen, about, now_ms);
}

void
blepick_screen_progress (BlepickScreen *screen, const char *phase)
{
  g_free (screen->phase);
  screen->phase = g_strdup (phase);
  if (screen->pane > BLEPICK_PANE_CHOSEN && strcmp (phase, "scanning") != 0)
    screen->pane = BLEPICK_PANE_CHOSEN;
}

void
blepick_screen_refuse (BlepickScreen *screen)
{
  if (screen->pane != BLEPICK_PANE_CHOSEN)
    return;
  screen->pane = BLEPICK_PANE_ROWS;
  screen->remark = "That one is not there any more.";
}

static const struct
{
  const char *word;
  BlepickPane pane;
} panes[] = {
  { "compare", BLEPICK_PANE_COMPARE },     { "display", BLEPICK_PANE_DISPLAY },
  { "enter", BLEPICK_PANE_ENTER },         { "rename", BLEPICK_PANE_RENAME },
  { "bluetooth", BLEPICK_PANE_BLUETOOTH }, { "scope", BLEPICK_PANE_SCOPE },
  { "migrate", BLEPICK_PANE_MIGRATE },
};

void
blepick_screen_prompt (BlepickScreen *screen, GVariant *prompt, gint64 now_ms)
{
  const char *kind = blepick_member (prompt, "kind");
  BlepickPane before = screen->pane;

  for (gsize i = 0; i < G_N_ELEMENTS (panes); i++)
    if (strcmp (kind, panes[i].word) == 0)
      screen->pane = panes[i].pane;
  replace (&screen->prompt, prompt);
  screen->help = screen->searching = FALSE;
  screen->remark = NULL;
  /* Told again how many digits were typed: that gives no new time. */
  if (screen->pane == BLEPICK_PANE_DISPLAY && before == BLEPICK_PANE_DISPLAY)
    return;
  g_string_truncate (screen->typed, 0);
  begin (screen, prompt, now_ms);
}

void
blepick_screen_ask (BlepickScreen *screen,
                    GVariant *about,
                    GVariant *question,
                    gint64 now_ms)
{
  blepick_screen_dismiss (screen);
  replace (&screen->about, about);
  blepick_screen_prompt (screen, question, now_ms);
  begin (screen, about, now_ms);
}

/* Letters and Backspace into @text. */
static void
type (GString *text, gunichar key, gsize bytes_max, gboolean only_digits)
{
  if (key == BLEPICK_KEY_BACKSPACE)
    {
      if (text->len > 0)
        g_string_truncate (text, (gsize) (g_utf8_prev_char (text->str + text->len) -
                                          text->str));
      return;
    }
  if (key >= BLEPICK_KEY_UP || !g_unichar_isprint (key) ||
      (only_digits && (key < '0' || key > '9')) ||
      text->len + (gsize) g_unichar_to_utf8 (key, NULL) > bytes_max)
    return;
  g_string_append_unichar (text, key);
}

static BlepickAct
press_search (BlepickScreen *screen, gunichar key)
{
  if (blepick_screen_move_by_key (screen, key))
    return BLEPICK_ACT_NONE;
  if (key == BLEPICK_KEY_ENTER || key == BLEPICK_KEY_ESCAPE)
    screen->searching = FALSE;
  if (key == BLEPICK_KEY_ESCAPE)
    g_string_truncate (screen->search, 0);
  else
    type (screen->search, key, SEARCH_MAX, FALSE);
  blepick_screen_settle_selection (screen);
  return BLEPICK_ACT_NONE;
}

static BlepickAct
choose (BlepickScreen *screen)
{
  if (screen->selected == NULL)
    return BLEPICK_ACT_NONE;
  if (screen->selected->yours)
    {
      screen->remark = "That one is yours already.";
      return BLEPICK_ACT_NONE;
    }
  screen->pane = BLEPICK_PANE_CHOSEN;
  screen->deadline_s = 0;
  g_clear_pointer (&screen->phase, g_free);
  return BLEPICK_ACT_CHOOSE;
}

static BlepickAct
press_rows (BlepickScreen *screen, gunichar key)
{
  gboolean lost = screen->lost;

  screen->remark = NULL;
  screen->lost = FALSE;
  if (blepick_screen_move_by_key (screen, key))
    return BLEPICK_ACT_NONE;
  switch (key)
    {
    case 'j':
      blepick_screen_move (screen, 1);
      return BLEPICK_ACT_NONE;
    case 'k':
      blepick_screen_move (screen, -1);
      return BLEPICK_ACT_NONE;
    case '/':
      screen->searching = TRUE;
      return BLEPICK_ACT_NONE;
    case 's':
      blepick_screen_sort_rows (screen);
      return BLEPICK_ACT_NONE;
    case 'u':
      screen->show_unnamed = !screen->show_unnamed;
      blepick_screen_settle_selection (screen);
      return BLEPICK_ACT_NONE;
    case 'l':
      screen->lifetime = blepick_wording_next_lifetime (screen->lifetime);
      return BLEPICK_ACT_NONE;
    case 'r':
      screen->remark = "Looking again.";
      return BLEPICK_ACT_RESCAN;
    case '?':
      screen->help = TRUE;
      return BLEPICK_ACT_NONE;
    case BLEPICK_KEY_ENTER:
      if (!lost)
        return choose (screen);
      screen->remark = "That one is gone: another is marked now.";
      return BLEPICK_ACT_NONE;
    case 'q':
    case BLEPICK_KEY_ESCAPE:
      return BLEPICK_ACT_CANCEL;
    default:
      return BLEPICK_ACT_NONE;
    }
}

static BlepickAct
press_question (gunichar key)
{
  switch (key)
    {
    case 'y':
    case 'Y':
      return BLEPICK_ACT_YES;
    case 'n':
    case 'N':
      return BLEPICK_ACT_NO;
    case BLEPICK_KEY_ESCAPE:
      return BLEPICK_ACT_CANCEL;
    default: /* Enter among them: a habit is no consent */
      return BLEPICK_ACT_NONE;
    }
}

static BlepickAct
press_passkey (BlepickScreen *screen, gunichar key)
{
  if (key == BLEPICK_KEY_ESCAPE)
    return BLEPICK_ACT_CANCEL;
  if (key != BLEPICK_KEY_ENTER)
    {
      type (screen->typed, key, PASSKEY_DIGITS, TRUE);
      return BLEPICK_ACT_NONE;
    }
  if (screen->typed->len == PASSKEY_DIGITS)
    return BLEPICK_ACT_PASSKEY;
  screen->remark = "Six digits are needed.";
  return BLEPICK_ACT_NONE;
}

static BlepickAct
press_rename (BlepickScreen *screen, gunichar key)
{
  if (key == BLEPICK_KEY_ESCAPE)
    return BLEPICK_ACT_NO;
  if (key == BLEPICK_KEY_ENTER)
    return screen->typed->len > 0 ? BLEPICK_ACT_RENAME : BLEPICK_ACT_NO;
  type (screen->typed, key, NAME_MAX_BYTES, FALSE);
  return BLEPICK_ACT_NONE;
}

static BlepickAct
press_pane (BlepickScreen *screen, gunichar key)
{
  BlepickAct act = BLEPICK_ACT_NONE;

  switch (screen->pane)
    {
    case BLEPICK_PANE_ROWS:
      return screen->searching ? press_search (screen, key) : press_rows (screen, key);
    case BLEPICK_PANE_CHOSEN:
    case BLEPICK_PANE_DISPLAY:
      return key == BLEPICK_KEY_ESCAPE || key == 'q' ? BLEPICK_ACT_CANCEL
                                                     : BLEPICK_ACT_NONE;
    case BLEPICK_PANE_COMPARE:
    case BLEPICK_PANE_BLUETOOTH:
    case BLEPICK_PANE_SCOPE:
    case BLEPICK_PANE_MIGRATE:
      act = press_question (key);
      break;
    case BLEPICK_PANE_ENTER:
      act = press_passkey (screen, key);
      break;
    case BLEPICK_PANE_RENAME:
      act = press_rename (screen, key);
      break;
    case BLEPICK_PANE_WAITING:
    default:
      return key == BLEPICK_KEY_ESCAPE || key == 'q' ? BLEPICK_ACT_CANCEL
                                                     : BLEPICK_ACT_NONE;
    }
  if (act != BLEPICK_ACT_NONE)
    {
      screen->pane = BLEPICK_PANE_CHOSEN;
      screen->deadline_s = 0;
    }
  return act;
}

/* Keys that consent, or refuse for good: a stop is always heard. */
static gboolean
decides (const BlepickScreen *screen, gunichar key)
{
  switch (screen->pane)
    {
    case BLEPICK_PANE_ROWS:
      return !screen->searching && key == BLEPICK_KEY_ENTER;
    case BLEPICK_PANE_COMPARE:
    case BLEPICK_PANE_BLUETOOTH:
    case BLEPICK_PANE_SCOPE:
    case BLEPICK_PANE_MIGRATE:
      return key == 'y' || key == 'Y' || key == 'n' || key == 'N';
    case BLEPICK_PANE_ENTER:
    case BLEPICK_PANE_RENAME:
      return key == BLEPICK_KEY_ENTER;
    case BLEPICK_PANE_CHOSEN:
    case BLEPICK_PANE_DISPLAY:
    case BLEPICK_PANE_WAITING:
    default:
      return FALSE;
    }
}

BlepickAct
blepick_screen_press (BlepickScreen *screen, gunichar key, gint64 now_ms)
{
  if (screen->help)
    {
      screen->help = FALSE;
      return BLEPICK_ACT_NONE;
    }
  if (decides (screen, key) && now_ms < screen->live_ms)
    {
      screen->remark = "This is new: look at it, and press the key again.";
      return BLEPICK_ACT_NONE;
    }
  return press_pane (screen, key);
}
