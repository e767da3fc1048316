/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/screen-rows.h: the rows of a screen, for the files of the screen. */

#pragma once

#include "blepick/screen.h"

/* Keeps the selection on something that can be seen; the first that is offered, if any. */
void blepick_screen_settle_selection (BlepickScreen *screen);
/* The next way to sort, and a remark about it. */
void blepick_screen_sort_rows (BlepickScreen *screen);
void blepick_screen_move (BlepickScreen *screen, gint by);
/* FALSE: @key moves nothing. */
gboolean blepick_screen_move_by_key (BlepickScreen *screen, gunichar key);
