/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "blepick/bus.h"

#define ONE   "{'id': <'0123abcd'>, 'name': <'Polar H10'>}"
#define TWO   "{'id': <'0123ef00'>, 'name': <'Strap'>, 'granted-at': <int64 5>}"
#define THREE "{'id': <'fedc0000'>, 'name': <'strap'>}"
#define FOUR  "{'id': <'Strap'>, 'name': <'Straße'>}"
#define ALL   "[" ONE ", " TWO ", " THREE ", " FOUR "]"

typedef struct
{
  const char *accessories;
  const char *selector;
  const char *id;      /* NULL: refused */
  const char *message; /* how it begins */
} SelectRow;

static void
an_accessory_is_chosen_by_id_prefix_or_only_name (void **state)
{
  static const SelectRow table[] = {
    { ALL, "0123abcd", "0123abcd", NULL },
    { ALL, "0123a", "0123abcd", NULL },
    { ALL, "fedc", "fedc0000", NULL },
    { ALL, "polar h10", "0123abcd", NULL },
    { ALL, "STRASSE", "Strap", NULL },
    { ALL, "Strap", "Strap", NULL }, /* an exact id stands above names */
    { "[" ONE "]", NULL, "0123abcd", NULL },
    { ALL, "fed", NULL, "no-such: " }, /* a prefix has four digits or more */
    { ALL, "0123", NULL, "ambiguous: Which one? Several fit: Polar H10 (0123abcd), " },
    { ALL, "strap", NULL, "ambiguous: Which one? Several fit: Strap (0123ef00), strap" },
    { ALL, "", NULL, "no-such: " },
    { ALL, "Polar", NULL, "no-such: " },
    { ALL, "0123abcd0", NULL, "no-such: " },
    { ALL, NULL, NULL, "ambiguous: " },
    { ALL, "@last", "0123ef00", NULL },
    { "[" ONE "]", "@last", "0123abcd", NULL },
    { "@aa{sv} []", "@last", NULL, "no-such: You have no accessory yet" },
    { "@aa{sv} []", NULL, NULL, "no-such: You have no accessory yet" },
    { "@aa{sv} []", "Strap", NULL, "no-such: No accessory of yours" },
    { "[@a{sv} {}]", "Strap", NULL, "no-such: " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GVariant) all = g_variant_parse (G_VARIANT_TYPE ("aa{sv}"),
                                                  table[i].accessories, NULL, NULL, NULL);
      g_autoptr (GVariant) found = NULL;
      g_autoptr (GError) error = NULL;

      assert_non_null (all);
      found = blepick_select (all, table[i].selector, &error);
      if (table[i].id != NULL)
        {
          assert_null (error);
          assert_string_equal (blepick_member (found, "id"), table[i].id);
          continue;
        }
      assert_null (found);
      assert_int_equal (blepick_failure_exit (error, FALSE), BLEPICK_EXIT_NO_SUCH);
      if (!g_str_has_prefix (error->message, table[i].message))
        fail_msg ("row %zu says \"%s\"", i, error->message);
    }
}

static void
a_member_that_is_missing_or_no_text_is_empty (void **state)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, "{'name': <7>}", NULL, NULL, NULL);

  assert_string_equal (blepick_member (dict, "name"), "");
  assert_string_equal (blepick_member (dict, "id"), "");
}

static void
an_accessory_has_an_object (void **state)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, ONE, NULL, NULL, NULL);
  g_autofree char *path = blepick_accessory_path (dict);

  assert_true (g_variant_is_object_path (path));
  assert_true (g_str_has_suffix (path, "/0123abcd"));
}

static void
a_bus_that_is_not_there_means_no_broker (void **state)
{
  char bus[] = "unix:path=/nowhere/at/all";
  const BlepickContext context = { .bus = bus };
  g_autoptr (GError) error = NULL;

  assert_null (blepick_bus_new_session (&context, &error));
  assert_int_equal (blepick_failure_exit (error, FALSE), BLEPICK_EXIT_NO_BROKER);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (an_accessory_is_chosen_by_id_prefix_or_only_name),
    cmocka_unit_test (a_member_that_is_missing_or_no_text_is_empty),
    cmocka_unit_test (an_accessory_has_an_object),
    cmocka_unit_test (a_bus_that_is_not_there_means_no_broker),
  };

  return cmocka_run_group_tests_name ("blepick-select", tests, NULL, NULL);
}
