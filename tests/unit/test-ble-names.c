/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "ble/names.h"

#define FUZZED_NAMES  10000
#define FUZZED_LENGTH 248

typedef struct
{
  const char *bytes;
  const char *wanted;
} NameRow;

static const NameRow name_rows[] = {
  { "Polar H10", "Polar H10" },
  { "Müller’s Gurt", "Müller’s Gurt" },
  { "心拍数", "心拍数" },
  { "<b>&amp;</b>", "<b>&amp;</b>" }, /* plain text: who draws markup escapes it */

  /* nothing to read */
  { "", "Unnamed" },
  { "   ", "Unnamed" },
  { "\n\t\x1b\x7f", "Unnamed" },
  { "\xe2\x80\x8b\xef\xbb\xbf", "Unnamed" }, /* zero width space, BOM */
  { "\xe3\x85\xa4\xe2\xa0\x80", "Unnamed" }, /* Hangul filler, Braille blank */
  { "\xcc\x81\xcc\x81", "Unnamed" },         /* marks without a base */
  { "\xef\xb8\x8f", "Unnamed" },             /* variation selector */

  /* escapes and controls */
  { "\x1b[31mred\x1b[0m", "[31mred[0m" },
  { "a\x1b]0;title\x07z", "a]0;titlez" },
  { "a\xc2\x9b"
    "31mz",
    "a31mz" }, /* CSI as one C1 character */
  { "line\nfeed\rreturn", "linefeedreturn" },
  { "a\xe2\x80\xa8z\xe2\x80\xa9.", "az." }, /* line and paragraph separators */

  /* direction, joiners and other format characters */
  { "a\xe2\x80\xaez\xe2\x80\xac", "az" }, /* right-to-left override */
  { "a\xe2\x81\xa6z\xe2\x81\xa9", "az" }, /* isolate */
  { "so\xc2\xad"
    "ft",
    "soft" },                     /* soft hyphen */
  { "a\xf3\xa0\x81\x81z", "az" }, /* tag character */
  { "a\xee\x80\x80z", "az" },     /* private use */
  { "a\xef\xbf\xbez", "az" },     /* noncharacter */
  { "a\xcd\xb8z", "az" },         /* unassigned U+0378 */

  /* bytes that are no UTF-8: one U+FFFD a run */
  { "a\xffz", "a\xef\xbf\xbdz" },
  { "a\xff\xfe\xfdz", "a\xef\xbf\xbdz" },
  { "a\xe2\x82", "a\xef\xbf\xbd" },           /* cut off */
  { "a\xc0\xafz", "a\xef\xbf\xbdz" },         /* overlong slash */
  { "a\xed\xa0\x80z", "a\xef\xbf\xbdz" },     /* surrogate */
  { "a\xf4\x90\x80\x80z", "a\xef\xbf\xbdz" }, /* beyond U+10FFFF */
  { "\xff\xef\xbf\xbd\xe2\x80\x8b\xff", "\xef\xbf\xbd" },
  { "\xff \xff", "\xef\xbf\xbd \xef\xbf\xbd" },

  /* spaces */
  { "  a   b  ", "a b" },
  { "a\xc2\xa0\xe3\x80\x80\xe2\x80\x83z", "a z" }, /* no-break, ideographic, em */
  { "a \xe2\x80\x8b z", "a z" },

  /* NFC, marks */
  { "e\xcc\x81", "\xc3\xa9" },
  { "e\xe2\x80\x8d\xcc\x81", "\xc3\xa9" }, /* a joiner between base and mark */
  { "x\xcc\x81\xcc\x82\xcc\x83\xcc\x84z", "x\xcc\x81\xcc\x82z" },
  { "a \xcc\x81z", "a z" },                                   /* a mark on a space */
  { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" }, /* Hangul jamo: 한 */
  { "\xe2\x84\xab", "\xc3\x85" },                             /* Angstrom sign */

  /* emoji lose their joiners and selectors, not themselves */
  { "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4" },
  { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac", "\xf0\x9f\x91\xa9\xf0\x9f\x94\xac" },
};

static void
hostile_names_become_readable (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (name_rows); i++)
    {
      const NameRow *row = &name_rows[i];
      g_autofree char *name = ble_name_sanitise (row->bytes, strlen (row->bytes));

      if (!g_str_equal (name, row->wanted))
        fail_msg ("row %u: '%s' instead of '%s'", i, name, row->wanted);
    }
}

static void
bytes_need_no_end (void **state)
{
  const char bytes[] = { 'a', '\0', 'b', 'c' };
  g_autofree char *first = ble_name_sanitise (bytes, sizeof bytes);
  g_autofree char *second = ble_name_sanitise (bytes, 3);
  g_autofree char *third = ble_name_sanitise (NULL, 0);

  assert_string_equal (first, "abc");
  assert_string_equal (second, "ab");
  assert_string_equal (third, "Unnamed");
}

/* @unit @n times. */
static char *
repeat (const char *unit, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, unit);
  return g_string_free (text, FALSE);
}

typedef struct
{
  const char *unit;
  guint n;
  guint n_kept; /* whole units before the ellipsis; n: nothing is cut */
} CutRow;

static const CutRow cut_rows[] = {
  { "a", 48, 48 },
  { "a", 49, 47 },
  { "a", 248, 47 },
  { "心", 24, 24 },
  { "心", 25, 23 }, /* 46 columns: half of the next would not do */
  { "x\xcc\x81\xcc\x82", 48, 48 },
  { "x\xcc\x81\xcc\x82", 60, 47 },
  { "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", 24, 24 }, /* flags, two columns each */
  { "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", 31, 23 },
  /* Hangul that NFC cannot join: a syllable with an old vowel */
  { "\xe1\x84\x92\xe1\x86\x9e", 30, 23 },
};

static void
long_names_are_cut_between_characters (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (cut_rows); i++)
    {
      const CutRow *row = &cut_rows[i];
      g_autofree char *long_name = repeat (row->unit, row->n);
      g_autofree char *kept = repeat (row->unit, row->n_kept);
      g_autofree char *wanted = g_strconcat (kept, row->n_kept < row->n ? "…" : "", NULL);
      g_autofree char *name = ble_name_sanitise (long_name, strlen (long_name));

      if (!g_str_equal (name, wanted))
        fail_msg ("row %u: '%s' instead of '%s'", i, name, wanted);
      assert_true (ble_text_columns (name) <= BLE_NAME_COLUMNS_MAX);
    }
}

static void
cut_leaves_no_space_before_the_ellipsis (void **state)
{
  g_autofree char *text = ble_text_sanitise ("one two three", 13, 9);

  assert_string_equal (text, "one two…");
}

static void
tower_of_marks_takes_no_time (void **state)
{
  g_autofree char *marks = repeat ("\xcc\x81\xcc\xa3", 30000);
  g_autofree char *tower = g_strconcat ("x", marks, "y", NULL);
  g_autofree char *name = ble_text_sanitise (tower, strlen (tower), 80);

  /* the lower mark comes first in canonical order */
  assert_string_equal (name, "x\xcc\xa3\xcc\xa3y");
}

static void
columns_are_those_of_a_terminal (void **state)
{
  assert_int_equal (ble_text_columns (""), 0);
  assert_int_equal (ble_text_columns ("abc"), 3);
  assert_int_equal (ble_text_columns ("e\xcc\x81"), 1);
  assert_int_equal (ble_text_columns ("心拍"), 4);
  assert_int_equal (ble_text_columns ("é…"), 2);
}

/* Bytes that hit every path: pieces of UTF-8, marks, controls, rubbish. */
static gsize
make_bytes (GRand *random, char *bytes)
{
  static const gunichar starts[] = { 0x20,    0x41,    0x80,   0x300,  0x600,   0x900,
                                     0x1100,  0x1160,  0x11a8, 0x2000, 0x2028,  0x3000,
                                     0xac00,  0xe000,  0xfe00, 0xfff0, 0x1f1e6, 0x1f3fb,
                                     0xe0000, 0x1d160, 0x0b40, 0x110b0 };
  gsize length = 0;
  gsize wanted = (gsize) g_rand_int_range (random, 0, FUZZED_LENGTH + 1);

  while (length < wanted)
    {
      char encoded[6];
      gsize size;

      if (g_rand_int_range (random, 0, 4) == 0)
        {
          bytes[length++] = (char) g_rand_int_range (random, 0, 256);
          continue;
        }
      size = (gsize) g_unichar_to_utf8 (
        starts[g_rand_int_range (random, 0, G_N_ELEMENTS (starts))] +
          (gunichar) g_rand_int_range (random, 0, 0x20),
        encoded);
      size = MIN (size, wanted - length);
      memcpy (bytes + length, encoded, size);
      length += size;
    }
  return length;
}

static void
assert_safe (const char *name)
{
  static const GUnicodeType forbidden[] = {
    G_UNICODE_CONTROL,
    G_UNICODE_FORMAT,
    G_UNICODE_UNASSIGNED,
    G_UNICODE_PRIVATE_USE,
    G_UNICODE_SURROGATE,
    G_UNICODE_LINE_SEPARATOR,
    G_UNICODE_PARAGRAPH_SEPARATOR,
  };

  assert_true (g_utf8_validate (name, -1, NULL));
  assert_true (*name != '\0' && *name != ' ');
  assert_true (ble_text_columns (name) <= BLE_NAME_COLUMNS_MAX);
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
      if (g_unichar_type (g_utf8_get_char (p)) == forbidden[i])
        fail_msg ("U+%04X in a name", g_utf8_get_char (p));
}

static void
fuzzed_names_are_always_safe (void **state)
{
  const char *chosen = g_getenv ("SEED");
  guint32 seed =
    chosen != NULL ? (guint32) g_ascii_strtoull (chosen, NULL, 10) : g_random_int ();
  GRand *random = g_rand_new_with_seed (seed);

  print_message ("# %u fuzzed names, SEED=%u\n", FUZZED_NAMES, seed);
  for (guint i = 0; i < FUZZED_NAMES; i++)
    {
      char bytes[FUZZED_LENGTH];
      gsize length = make_bytes (random, bytes);
      g_autofree char *name = ble_name_sanitise (bytes, length);
      g_autofree char *again = ble_name_sanitise (name, strlen (name));
      g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);

      assert_safe (name);
      assert_string_equal (again, name);
      assert_string_equal (composed, name);
    }
  g_rand_free (random);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (hostile_names_become_readable),
    cmocka_unit_test (bytes_need_no_end),
    cmocka_unit_test (long_names_are_cut_between_characters),
    cmocka_unit_test (cut_leaves_no_space_before_the_ellipsis),
    cmocka_unit_test (tower_of_marks_takes_no_time),
    cmocka_unit_test (columns_are_those_of_a_terminal),
    cmocka_unit_test (fuzzed_names_are_always_safe),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
