/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/canvas.h: lines of text under way, for blepick/screen-*.c alone. */

#pragma once

#include "blepick/screen.h"

typedef struct
{
  const BlepickScreen *screen;
  GPtrArray *lines; /* BlepickLine */
  guint columns;
} BlepickCanvas;

void blepick_canvas_add (BlepickCanvas *canvas, BlepickStyle style, const char *text);
void
blepick_canvas_say (BlepickCanvas *canvas, BlepickStyle style, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
void blepick_canvas_add_blank (BlepickCanvas *canvas);
/* Words that wrap where the line ends. */
void blepick_canvas_add_paragraph (BlepickCanvas *canvas, const char *text);
/* @words and, at the right edge, @note. */
void blepick_canvas_add_edges (BlepickCanvas *canvas,
                               BlepickStyle style,
                               const char *words,
                               const char *note);

/* "0:42 left", or nothing. */
char *blepick_canvas_time_left (const BlepickScreen *screen, gint64 now_ms);
/* "" for what is not there. */
const char *blepick_canvas_member (GVariant *dict, const char *key);

/* Prompts and questions (screen-prompt.c). */
void blepick_canvas_draw_prompt (BlepickCanvas *canvas, gint64 now_ms);
