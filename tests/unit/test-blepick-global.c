/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "blepick/global.h"
#include "blepick/verbs.h"

/* One command line taken apart. */
typedef struct
{
  BlepickContext context;
  char *rest; /* the words that are left, joined by blanks */
  gboolean good;
  gboolean version;
  gboolean help;
} Line;

static void
clear_line (Line *line)
{
  blepick_context_clear (&line->context);
  g_free (line->rest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, clear_line)

static Line
parse (const char *text)
{
  g_autofree char *whole = g_strdup_printf ("blepick %s", text);
  g_auto (GStrv) owned = g_strsplit (g_strchomp (whole), " ", -1);
  int argc = (int) g_strv_length (owned);
  g_autofree char **argv = g_new0 (char *, (gsize) argc + 1);
  Line line = { 0 };

  memcpy (argv, owned, (gsize) argc * sizeof *argv);
  line.good =
    blepick_global_parse (&line.context, &argc, argv, &line.version, &line.help);
  line.rest = line.good ? g_strjoinv (" ", argv + 1) : NULL;
  return line;
}

typedef struct
{
  const char *text;
  const char *rest; /* NULL: refused */
} RestRow;

static void
global_options_are_taken_out_wherever_they_stand (void **state)
{
  static const RestRow table[] = {
    { "", "" },
    { "list", "list" },
    { "--json list", "list" },
    { "list --json", "list" },
    { "list --json=lines --connected", "list --connected" },
    { "-q --plain --no-input pick --kind any", "pick --kind any" },
    { "--timeout 5s pick", "pick" },
    { "--timeout=5s pick", "pick" },
    { "pick --adapter hci1 --name X", "pick --name X" },
    { "--color=never --color always --color auto list", "list" },
    { "--session-bus status", "status" },
    { "-v list --verbose", "list" },
    { "--ids full list --ids=short", "list" },
    { "list --ids", NULL },
    { "list --ids=all", NULL },
    { "pair -- --json --timeout", "pair -- --json --timeout" },
    { "pair -- --", "pair -- --" },
    { "list --jsonx", "list --jsonx" }, /* the verb will refuse it */
    { "list -h", "list -h" },
    { "--timeout", NULL },
    { "pick --adapter", NULL },
    { "--adapter= pick", NULL },
    { "--timeout=0 pick", NULL },
    { "--timeout soon pick", NULL },
    { "--timeout= pick", NULL },
    { "--color=blue list", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (Line) line = parse (table[i].text);

      if (g_strcmp0 (line.rest, table[i].rest) != 0)
        fail_msg ("\"%s\" left \"%s\"", table[i].text,
                  line.good ? line.rest : "(refused)");
    }
}

static void
options_are_heeded (void **state)
{
  g_auto (Line) line = parse ("--json=lines --plain --no-input -q --timeout=2m "
                              "--adapter hci0 --adapter=hci1 --color=always list");

  assert_true (line.good);
  assert_int_equal (line.context.format, BLEPICK_FORMAT_JSON_LINES);
  assert_true (line.context.plain && line.context.no_input && line.context.quiet);
  assert_true (line.context.color);
  assert_int_equal (line.context.timeout_ms, 120000);
  assert_string_equal (line.context.adapter, "hci1");
  assert_string_equal (line.context.bus, "unix:path=/test");
}

static void
the_session_bus_stands_above_the_environment (void **state)
{
  g_auto (Line) line = parse ("--session-bus --json list");

  assert_string_equal (line.context.bus, "session");
  assert_int_equal (line.context.format, BLEPICK_FORMAT_JSON);
  assert_true (blepick_context_is_json (&line.context));
}

static void
the_last_of_quiet_and_verbose_counts (void **state)
{
  static const struct
  {
    const char *text;
    gboolean quiet, verbose;
  } table[] = { { "list", FALSE, FALSE },
                { "-q list", TRUE, FALSE },
                { "-v list", FALSE, TRUE },
                { "-v list -q", TRUE, FALSE },
                { "--quiet list --verbose", FALSE, TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (Line) line = parse (table[i].text);

      if (line.context.quiet != table[i].quiet ||
          line.context.verbose != table[i].verbose)
        fail_msg ("\"%s\"", table[i].text);
    }
}

static void
ids_are_short_unless_they_are_wanted_whole (void **state)
{
  static const char *const table[][2] = { { "list", "01234567" },
                                          { "--ids short list", "01234567" },
                                          { "--ids=full list", "0123456789abcdef" } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (Line) line = parse (table[i][0]);
      g_autofree char *shown =
        blepick_context_show_id (&line.context, "0123456789abcdef");

      assert_string_equal (shown, table[i][1]);
    }
}

typedef struct
{
  const char *text;
  gboolean version;
  gboolean help;
} HelpRow;

static void
help_before_the_verb_is_ours_and_behind_it_the_verbs (void **state)
{
  static const HelpRow table[] = {
    { "--help", FALSE, TRUE },     { "-h", FALSE, TRUE },
    { "-q --help", FALSE, TRUE },  { "list --help", FALSE, FALSE },
    { "--version", TRUE, FALSE },  { "list --version", TRUE, FALSE },
    { "-- --help", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_auto (Line) line = parse (table[i].text);

      if (line.version != table[i].version || line.help != table[i].help)
        fail_msg ("\"%s\"", table[i].text);
    }
}

typedef struct
{
  const char *word;
  const char *verb; /* NULL: nothing like it */
} SuggestRow;

static void
a_mistyped_verb_is_known_by_its_likeness (void **state)
{
  static const SuggestRow table[] = {
    { "pikc", "pick" },
    { "lst", "list" },
    { "statu", "status" },
    { "monitro", "monitor" },
    { "forgit", "forget" },
    { "pear", "pair" },
    { "frobnicate", NULL },
    { "", NULL },
    { "a-word-longer-than-any-verb", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *verb = blepick_verbs_suggest (table[i].word);

      if (g_strcmp0 (verb, table[i].verb) != 0)
        fail_msg ("\"%s\" suggests %s", table[i].word, verb != NULL ? verb : "nothing");
    }
}

static void
a_verb_is_found_by_its_whole_name_only (void **state)
{
  assert_string_equal (blepick_verbs_find ("pick")->name, "pick");
  assert_null (blepick_verbs_find ("pic"));
  assert_null (blepick_verbs_find ("Pick"));
  assert_null (blepick_verbs_find (""));
  for (const BlepickVerb *verb = blepick_verbs; verb->name != NULL; verb++)
    {
      assert_ptr_equal (blepick_verbs_find (verb->name), verb);
      assert_string_equal (blepick_verbs_suggest (verb->name), verb->name);
      assert_non_null (verb->run);
    }
}

static void
a_wrong_number_of_words_is_misuse (void **state)
{
  const BlepickContext context = { .quiet = TRUE };

  assert_true (blepick_verb_expect (&context, "pair", 2, 1, 1));
  assert_false (blepick_verb_expect (&context, "pair", 1, 1, 1));
  assert_false (blepick_verb_expect (&context, "pair", 3, 1, 1));
}

static int
set_up (void **state)
{
  g_setenv ("BLEPICK_BUS", "unix:path=/test", TRUE);
  g_setenv ("TERM", "dumb", TRUE);
  return 0;
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (global_options_are_taken_out_wherever_they_stand),
    cmocka_unit_test (options_are_heeded),
    cmocka_unit_test (the_last_of_quiet_and_verbose_counts),
    cmocka_unit_test (ids_are_short_unless_they_are_wanted_whole),
    cmocka_unit_test (the_session_bus_stands_above_the_environment),
    cmocka_unit_test (help_before_the_verb_is_ours_and_behind_it_the_verbs),
    cmocka_unit_test (a_mistyped_verb_is_known_by_its_likeness),
    cmocka_unit_test (a_verb_is_found_by_its_whole_name_only),
    cmocka_unit_test (a_wrong_number_of_words_is_misuse),
  };

  return cmocka_run_group_tests_name ("blepick-global", tests, set_up, NULL);
}
