/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* `blepick model`: what a family of apps experiences under each sync policy, computed by
 * the code that the broker runs. Needs no broker and no Bluetooth; must not talk to the
 * bus. Alone in this folder the model's files may include perms/. */

#pragma once

#include <glib.h>
#include <stdio.h>

#include "perms/script.h"

/* Runs the subcommand; @argv begins after the word `model`: "run FILE" (FILE "-" is the
 * standard input) or "fb18383742". With @json_lines one JSON object a step, otherwise a
 * table. Returns the exit status: 0; 1 for a file that cannot be read; 2 for a wrong
 * call or a malformed script, with nothing on the standard output. Where it is not 0,
 * @error is set, to G_IO_ERROR_INVALID_ARGUMENT for a wrong call. */
int blepick_model_run (int argc, char **argv, gboolean json_lines, GError **error);

/* ---- the parts, for blepick/model*.c ---- */

/* The steps of the public report FB18383742. */
extern const char *const blepick_model_report;

/* Runs @script and writes one JSON object a step, each on one line; with a field
 * "policy" if @with_policy. */
void
blepick_model_write_json (FILE *out, const PermsScript *script, gboolean with_policy);

/* Runs @scripts (1 or 2, of the same steps) and writes them as a table of @width columns
 * of text, side by side if two; in ASCII unless @utf8. */
void blepick_model_write_table (FILE *out,
                                const PermsScript *const *scripts,
                                guint n_scripts,
                                guint width,
                                gboolean utf8);
