/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/text.h: text that fits into columns of a terminal. Pure. What it returns holds no
 * control character, whatever came in. */

#pragma once

#include <glib.h>

/* How many columns @text takes up: wide characters two, combining ones none. */
guint blepick_text_width (const char *text);

/* @text escaped and cut or padded to exactly @columns. @ascii: letters beyond ASCII are
 * spelt without their marks, or become question marks. Returns: (transfer full). */
char *blepick_text_fit (const char *text, guint columns, gboolean ascii);

/* As blepick_text_fit(), without the padding. */
char *blepick_text_cut (const char *text, guint columns, gboolean ascii);
