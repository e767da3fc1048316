/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/log.h: one decision of the journal, as people or programs read it. */

#pragma once

#include <gio/gio.h>

#include "blepick/context.h"

/* Prints an entry of Permissions1.History on one line. */
void blepick_log_print (const BlepickContext *context, GVariant *entry);
