/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/rows.h: the rows of a picker as this command knows them: numbered in the order
 * in which they came. Pure. */

#pragma once

#include <glib.h>

typedef struct
{
  char *id;
  char *name;
  char *kind;   /* a word: "heart-rate" */
  char *signal; /* a word: "strong" */
  char *tail;
  char *app_word; /* what the app calls it; "": nothing else than it is called */
  guint number;   /* from 1 */
  gboolean unnamed;
  gboolean heard;
  gboolean connected;
  gboolean set_up;
  gboolean yours;
} BlepickRow;

typedef struct
{
  GPtrArray *all;  /* of BlepickRow, in the order in which they came */
  GVariant *items; /* aa{sv} of Present, or NULL */
  guint n_numbered;
} BlepickRows;

BlepickRows *blepick_rows_new (void);
void blepick_rows_free (BlepickRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlepickRows, blepick_rows_free)

/* Forgets all of them; numbers begin anew. @items: of Present, in which the app names what it looks for; NULL where the person
 * knows that. */
void blepick_rows_begin (BlepickRows *rows, GVariant *items);

/* Takes one row (a{sv}) of UpdateRows; returns it, or NULL when it has no id. @ret_news: whether a person wants to hear of it: new, renamed,
 * or its state has changed (not its signal alone). */
const BlepickRow *
blepick_rows_take (BlepickRows *rows, GVariant *dict, gboolean *ret_news);

/* The row that @dict of UpdateRows says is no more, or NULL. */
const BlepickRow *blepick_rows_find_gone (const BlepickRows *rows, GVariant *dict);
/* Frees @row. No other row gets its number. */
void blepick_rows_drop (BlepickRows *rows, const BlepickRow *row);

/* By name in any case (only if it is the only one that has not left), or NULL. */
const BlepickRow *blepick_rows_find_name (const BlepickRows *rows, const char *name);
/* By number from 1, else by name, or NULL. */
const BlepickRow *blepick_rows_find (const BlepickRows *rows, const char *answer);

/* "Polar H10", with its tail where two are called the same. */
char *blepick_row_title (const BlepickRow *row);
/* "Heart-rate monitor, strong signal, set up on this computer". */
char *blepick_row_describe (const BlepickRow *row);

/* Nameless, and of no known kind: what is of a known kind was found by its service, and is never hidden. */
gboolean blepick_row_is_obscure (const BlepickRow *row);
/* "Heart-rate monitor". */
const char *blepick_row_kind (const BlepickRow *row);
/* The signal in five levels, 1 (very weak) to 5 (strong); 0: unknown. */
guint blepick_row_level (const BlepickRow *row);
/* "very weak"; "unknown". */
const char *blepick_row_signal (const BlepickRow *row);
