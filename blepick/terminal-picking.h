/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/terminal-picking.h: pickers on the person's terminal, drawn as well as it can:
 * on the whole of it, or as numbered lines. */

#pragma once

#include "blepick/picking.h"

/* As blepick_picking_run(). Errors: no-terminal, too. */
char *blepick_terminal_pick (const BlepickContext *context,
                             BlepickBus *bus,
                             const BlepickPickingAsk *ask,
                             GError **error);

/* As blepick_picking_serve(). */
gboolean
blepick_terminal_serve (const BlepickContext *context, BlepickBus *bus, GError **error);
