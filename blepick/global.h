/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/global.h: the options that every verb takes, before or after it. */

#pragma once

#include "blepick/context.h"

/* Takes the global options out of @argv, wherever they stand. Everything after "--" is left alone. FALSE: said why on standard error. @ret_version, @ret_help:
 * --version was there; --help was there before any verb. */
gboolean blepick_global_parse (BlepickContext *context,
                               int *argc,
                               char **argv,
                               gboolean *ret_version,
                               gboolean *ret_help);
