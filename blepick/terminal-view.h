/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/terminal-view.h: a picker as numbered lines on the person's terminal. Draws on
 * /dev/tty, so that standard output stays the verb's. */

#pragma once

#include "blepick/picking.h"

typedef struct BlepickTerminalView BlepickTerminalView;

/* NULL with no-terminal. */
BlepickTerminalView *blepick_terminal_view_new (GError **error) G_GNUC_WARN_UNUSED_RESULT;
void blepick_terminal_view_free (BlepickTerminalView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BlepickTerminalView, blepick_terminal_view_free)

/* Its user_data is the view. */
extern const BlepickView blepick_terminal_view;
