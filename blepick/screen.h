/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/screen.h: the picker of the terminal as a value: what it shows, what a key does,
 * and what it looks like as lines of text. Pure: the time and the size are arguments; it
 * knows no terminal and no bus. */

#pragma once

#include <gio/gio.h>

#include "blepick/rows.h"
#include "blepick/wording.h"

typedef enum
{
  BLEPICK_PANE_WAITING = 0, /* nobody asks (blepick agent) */
  BLEPICK_PANE_ROWS,
  BLEPICK_PANE_CHOSEN, /* what was chosen is being set up */
  BLEPICK_PANE_COMPARE,
  BLEPICK_PANE_DISPLAY,
  BLEPICK_PANE_ENTER,
  BLEPICK_PANE_RENAME,
  BLEPICK_PANE_BLUETOOTH,
  BLEPICK_PANE_SCOPE,
  BLEPICK_PANE_MIGRATE,
} BlepickPane;

typedef enum
{
  BLEPICK_SECTION_YOURS = 0,
  BLEPICK_SECTION_KNOWN,
  BLEPICK_SECTION_FOUND,
} BlepickSection;

typedef enum
{
  BLEPICK_SORT_ARRIVAL = 0,
  BLEPICK_SORT_SIGNAL,
  BLEPICK_SORT_NAME,
} BlepickSort;

/* Keys beyond Unicode; all others are their characters. */
enum
{
  BLEPICK_KEY_UP = 0x110000,
  BLEPICK_KEY_DOWN,
  BLEPICK_KEY_HOME,
  BLEPICK_KEY_END,
  BLEPICK_KEY_PAGE_UP,
  BLEPICK_KEY_PAGE_DOWN,
  BLEPICK_KEY_ENTER,
  BLEPICK_KEY_ESCAPE,
  BLEPICK_KEY_BACKSPACE,
};

/* What the person wants; the caller does it. */
typedef enum
{
  BLEPICK_ACT_NONE = 0,
  BLEPICK_ACT_CHOOSE, /* blepick_screen_selected(), .lifetime */
  BLEPICK_ACT_CANCEL,
  BLEPICK_ACT_RESCAN,
  BLEPICK_ACT_YES,
  BLEPICK_ACT_NO,
  BLEPICK_ACT_PASSKEY, /* .typed: six digits */
  BLEPICK_ACT_RENAME,  /* .typed */
} BlepickAct;

typedef enum
{
  BLEPICK_STYLE_PLAIN = 0,
  BLEPICK_STYLE_TITLE,
  BLEPICK_STYLE_SELECTED,
  BLEPICK_STYLE_DIM,
} BlepickStyle;

typedef struct
{
  char *text; /* exactly as wide as asked for, without any control character */
  BlepickStyle style;
} BlepickLine;

typedef struct
{
  const BlepickRow *row;
  BlepickSection
    section; /* as it was when the row came or was sorted: rows do not jump */
} BlepickPlace;

typedef struct
{
  gboolean ascii;
  BlepickPane pane;
  GArray *places; /* BlepickPlace */
  const BlepickRow *selected;
  gboolean lost; /* what was marked is gone, and no key was pressed since */
  guint top;     /* first line of the list that is shown */
  gboolean show_unnamed;
  gboolean help;
  gboolean searching; /* letters go to .search */
  GString *search;
  GString *typed;
  BlepickSort sort;
  BlepickLifetime lifetime;
  GVariant *about;  /* a{sv} of Present or Ask */
  GVariant *prompt; /* a{sv} of Prompt or Ask */
  char *phase;      /* of Progress */
  const char *remark;
  gint64 deadline_s; /* of the picker or the prompt; 0: none */
  gint64 live_ms;    /* before it keys that consent do nothing */
} BlepickScreen;

/* How long what is new on the screen has to stand there before a key may consent to it: a key
 * that was meant for something else is no consent. */
#define BLEPICK_INERT_MS 500

BlepickScreen *blepick_screen_new (gboolean ascii);
void blepick_screen_free (BlepickScreen *screen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlepickScreen, blepick_screen_free)

/* A new picker. Rows of the one before are forgotten. */
/* Times are of one clock that only goes forward. */
void blepick_screen_present (BlepickScreen *screen, GVariant *about, gint64 now_ms);
/* @row lives as long as the screen shows it. */
void
blepick_screen_take_row (BlepickScreen *screen, const BlepickRow *row, gint64 now_ms);
/* @row is no more. Where it was marked, Enter is for it and not for the one that is marked instead. */
void blepick_screen_drop_row (BlepickScreen *screen, const BlepickRow *row);
/* What was chosen is not to be had any more. */
void blepick_screen_refuse (BlepickScreen *screen);
void blepick_screen_progress (BlepickScreen *screen, const char *phase);
void blepick_screen_prompt (BlepickScreen *screen, GVariant *prompt, gint64 now_ms);
void blepick_screen_ask (BlepickScreen *screen,
                         GVariant *about,
                         GVariant *question,
                         gint64 now_ms);
void blepick_screen_dismiss (BlepickScreen *screen);

BlepickAct blepick_screen_press (BlepickScreen *screen, gunichar key, gint64 now_ms);

/* Whether it is on the screen at all: named, or asked for, and found by the search. */
gboolean blepick_screen_shows (const BlepickScreen *screen, const BlepickRow *row);

/* @lines lines of @columns columns. Returns: (element-type BlepickLine) (transfer full). */
GPtrArray *
blepick_screen_draw (BlepickScreen *screen, guint columns, guint lines, gint64 now_ms);
