/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names that want to hurt a terminal, and whether any of them has come through. */

#pragma once

#include "tests/unit/unit.h"

#define HOSTILE_BYTES 64

static inline char *
hostile_make_name (GRand *random)
{
  /* U+202E, spelt out: the sources hold no text that runs the other way. */
  static const char override[] = { '\xe2', '\x80', '\xae', '\0' };
  static const char *const nasty[] = { "\x1b[2J",
                                       "\x1b]0;x\x07",
                                       ("\xc2\x9b"
                                        "31m"),
                                       "\r",
                                       "\n",
                                       "\t",
                                       override,
                                       "\xcc\x81",
                                       "\xff",
                                       "\xf0\x9f\x92\x93",
                                       "\xe6\xbc\xa2",
                                       "\xef\xb8\x8f",
                                       "\xee\x80\x80",
                                       "\xe2\x80\x8d" };
  GString *name = g_string_new (NULL);
  guint length = (guint) g_rand_int_range (random, 0, HOSTILE_BYTES);

  while (name->len < length)
    {
      if (g_rand_boolean (random))
        g_string_append (name, nasty[g_rand_int_range (random, 0, G_N_ELEMENTS (nasty))]);
      else
        g_string_append_c (name, (char) g_rand_int_range (random, 1, 256));
    }
  return g_string_free (name, FALSE);
}

static inline void
hostile_check_text (const char *text, gboolean ascii)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\n')
        continue;
      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT ||
          (!g_unichar_isprint (c) && !g_unichar_iszerowidth (c)))
        fail_msg ("a name brought U+%04x", c);
      if (ascii && c >= 0x7f)
        fail_msg ("a name brought U+%04x to a terminal that knows ASCII", c);
    }
}
