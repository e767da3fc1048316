/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/names.h"

#include <string.h>

#define REPLACEMENT 0xfffd
#define ELLIPSIS    "…"

/* Marks on one base character: what is kept, and what is looked at. The second limit
 * keeps putting marks into canonical order, which is quadratic in their number, from
 * taking long. */
#define MARKS_MAX      2
#define MARKS_READ_MAX 8

/* Characters */

typedef struct
{
  gunichar first;
  gunichar last;
} Range;

/* Characters of other categories than Cf that draw nothing:
 * Default_Ignorable_Code_Point of the Unicode Character Database 15.0
 * (DerivedCoreProperties.txt) without what is Cf or Cn, and the empty Braille pattern.
 * A name of these alone would be no name, and with some of them it would look like
 * another. */
static const Range invisible[] = {
  { 0x034f, 0x034f },   /* combining grapheme joiner */
  { 0x115f, 0x1160 },   /* Hangul fillers */
  { 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
  { 0x180b, 0x180f },   /* Mongolian variation selectors */
  { 0x2800, 0x2800 },   /* Braille pattern blank */
  { 0x3164, 0x3164 },   /* Hangul filler */
  { 0xfe00, 0xfe0f },   /* variation selectors */
  { 0xffa0, 0xffa0 },   /* halfwidth Hangul filler */
  { 0xe0100, 0xe01ef }, /* variation selectors */
};

static gboolean
is_invisible (gunichar c)
{
  for (guint i = 0; i < G_N_ELEMENTS (invisible); i++)
    if (c >= invisible[i].first && c <= invisible[i].last)
      return TRUE;
  return FALSE;
}

/* Whether @c has no place on a screen. */
static gboolean
is_dropped (gunichar c)
{
  GUnicodeType category = g_unichar_type (c);

  return category == G_UNICODE_CONTROL || category == G_UNICODE_FORMAT ||
         category == G_UNICODE_LINE_SEPARATOR ||
         category == G_UNICODE_PARAGRAPH_SEPARATOR || category == G_UNICODE_PRIVATE_USE ||
         category == G_UNICODE_SURROGATE || category == G_UNICODE_UNASSIGNED ||
         is_invisible (c);
}

/* Whether @c is drawn together with what comes before it: a mark, or a Hangul vowel or
 * final consonant (Unicode 15.0, 3.12). Those that make a syllable are one character
 * after NFC. */
static gboolean
is_attached (gunichar c)
{
  return g_unichar_ismark (c) || (c >= 0x1160 && c <= 0x11ff) ||
         (c >= 0xd7b0 && c <= 0xd7ff);
}

/* Two of them make one flag. */
static gboolean
is_regional_indicator (gunichar c)
{
  return c >= 0x1f1e6 && c <= 0x1f1ff;
}

static guint
get_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
ble_text_columns (const char *text)
{
  guint columns = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    columns += get_columns (g_utf8_get_char (p));
  return columns;
}

/* Passes over the text */

/* First: valid UTF-8 without what has no place on a screen. */
static GString *
read_characters (const char *bytes, gsize length)
{
  GString *read = g_string_sized_new (length);
  const char *end = bytes + length;
  guint n_attached = 0;

  while (bytes < end)
    {
      gunichar c = (guchar) *bytes;

      if (c >= 0x80)
        c = g_utf8_get_char_validated (bytes, end - bytes);
      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          c = REPLACEMENT;
          bytes++;
        }
      else
        bytes = g_utf8_next_char (bytes);
      if (is_dropped (c))
        continue;
      n_attached = is_attached (c) ? n_attached + 1 : 0;
      if (n_attached <= MARKS_READ_MAX)
        g_string_append_unichar (read, c);
    }
  return read;
}

/* Second: one kind of space, and one at a time; a replacement character for a whole
 * run; no mark without a base, and no tower of them. Drops nothing between two
 * characters that NFC would then join, so that the result is NFC when @text is. */
static GString *
fold_characters (const char *text)
{
  GString *folded = g_string_sized_new (strlen (text));
  gboolean space = FALSE;
  guint n_attached = 0;
  gunichar last = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_type (c) == G_UNICODE_SPACE_SEPARATOR)
        {
          space = TRUE;
          continue;
        }
      if (is_attached (c) && (space || folded->len == 0 || n_attached == MARKS_MAX))
        continue;
      if (c == REPLACEMENT && last == REPLACEMENT && !space)
        continue;
      if (space && folded->len > 0)
        g_string_append_c (folded, ' ');
      space = FALSE;
      n_attached = is_attached (c) ? n_attached + 1 : 0;
      g_string_append_unichar (folded, c);
      last = c;
    }
  return folded;
}

/* Third: at most @columns_max columns, cut where no character is torn from what
 * belongs to it. */
static void
cut_columns (GString *text, guint columns_max)
{
  gsize cut = 0;
  guint columns = 0;
  guint n_indicators = 0;

  if (ble_text_columns (text->str) <= columns_max)
    return;
  for (const char *p = text->str; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_second = is_regional_indicator (c) && n_indicators % 2 == 1;

      /* Before @c is a boundary, and one column must be left for the ellipsis. */
      if (columns >= columns_max)
        break;
      if (!is_attached (c) && !is_second)
        cut = (gsize) (p - text->str);
      n_indicators = is_regional_indicator (c) ? n_indicators + 1 : 0;
      columns += get_columns (c);
    }
  while (cut > 0 && text->str[cut - 1] == ' ')
    cut--;
  g_string_truncate (text, cut);
  g_string_append (text, ELLIPSIS);
}

char *
ble_text_sanitise (const char *bytes, gsize length, guint columns_max)
{
  g_autofree char *composed = NULL;
  GString *text;

  g_return_val_if_fail (bytes != NULL || length == 0, NULL);
  g_return_val_if_fail (columns_max >= strlen (BLE_NAME_UNNAMED), NULL);

  text = read_characters (bytes != NULL ? bytes : "", length);
  composed = g_utf8_normalize (text->str, (gssize) text->len, G_NORMALIZE_NFC);
  g_string_free (text, TRUE);
  text = fold_characters (composed);
  cut_columns (text, columns_max);
  if (text->len == 0)
    g_string_assign (text, BLE_NAME_UNNAMED);
  return g_string_free (text, FALSE);
}

char *
ble_name_sanitise (const char *bytes, gsize length)
{
  return ble_text_sanitise (bytes, length, BLE_NAME_COLUMNS_MAX);
}
