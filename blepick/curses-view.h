/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/curses-view.h: the picker on the whole of a terminal that can move its cursor. Draws
 * on /dev/tty; what it draws is blepick/screen.h's business. Whatever ends the program, but SIGKILL,
 * the terminal is as it was before. */

#pragma once

#include "blepick/picking.h"

typedef struct BlepickCursesView BlepickCursesView;

/* NULL where there is no terminal, or none that can do it: use blepick/terminal-view.h. */
BlepickCursesView *blepick_curses_view_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the terminal back. */
void blepick_curses_view_free (BlepickCursesView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlepickCursesView, blepick_curses_view_free)

/* A word for the person to be left on the terminal when the view is gone; may be NULL. */
const char *blepick_curses_view_last_word (const BlepickCursesView *view);

/* Its user_data is the view. */
extern const BlepickView blepick_curses_view;
