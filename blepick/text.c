/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/text.h"

#include <string.h>

#include "blepick/context.h"

/* More marks than that on one letter are no language, but would run over the lines
 * above and below. */
#define MARKS_MAX 2

static guint
measure (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
blepick_text_width (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += measure (g_utf8_get_char (at));
  return width;
}

/* What no font has, terminals give widths of their own; variation selectors change them. */
static gboolean
is_drawable (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return g_unichar_isdefined (c) && type != G_UNICODE_PRIVATE_USE &&
         type != G_UNICODE_SURROGATE;
}

static gboolean
is_selector (gunichar c)
{
  return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

static char *
clean (const char *text, gboolean ascii)
{
  g_autofree char *safe = blepick_escape (text);
  g_autoptr (GString) clean = g_string_new (NULL);
  guint marks = MARKS_MAX; /* the first letter must not be a mark */

  for (const char *at = safe; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_selector (c))
        continue;
      marks = g_unichar_iszerowidth (c) ? marks + 1 : 0;
      if (marks > MARKS_MAX)
        continue;
      g_string_append_unichar (clean, is_drawable (c) ? c : '?');
    }
  return ascii ? g_str_to_ascii (clean->str, "C") : g_strdup (clean->str);
}

char *
blepick_text_cut (const char *text, guint columns, gboolean ascii)
{
  g_autofree char *all = clean (text, ascii);
  const char *dots = ascii ? ".." : "…";
  guint dots_width = ascii ? 2 : 1, width = 0;
  g_autoptr (GString) kept = g_string_new (NULL);

  if (blepick_text_width (all) <= columns)
    return g_steal_pointer (&all);
  if (columns < dots_width)
    return g_strdup ("");
  for (const char *at = all; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (width + measure (c) > columns - dots_width)
        break;
      width += measure (c);
      g_string_append_unichar (kept, c);
    }
  g_string_append (kept, dots);
  return g_strdup (kept->str);
}

char *
blepick_text_fit (const char *text, guint columns, gboolean ascii)
{
  g_autofree char *kept = blepick_text_cut (text, columns, ascii);
  guint width = blepick_text_width (kept);

  return g_strdup_printf ("%s%*s", kept, (int) (columns - MIN (width, columns)), "");
}
