/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>

#include "enforce/bus-policy.h"
#include "enforce/change.h"
#include "enforce/level.h"

#define U ENFORCE_DOOR_UNKNOWN
#define O ENFORCE_DOOR_OPEN
#define C ENFORCE_DOOR_CLOSED

#define POLICY "/usr/share/blepick/blepick-bus.conf"

static void
level_is_the_highest_whose_doors_are_all_closed (void **state)
{
  static const struct
  {
    EnforceDoors doors;
    EnforceLevel level;
  } rows[] = {
    { { U, U, U, U }, ENFORCE_ADVISORY }, /* what nobody tried is open */
    { { O, O, O, O }, ENFORCE_ADVISORY },
    { { C, O, C, C }, ENFORCE_ADVISORY },
    { { C, C, O, C }, ENFORCE_ADVISORY },
    { { C, C, U, C }, ENFORCE_ADVISORY },
    { { U, C, C, C }, ENFORCE_ADVISORY },
    { { O, O, O, C }, ENFORCE_ADVISORY }, /* sockets alone are no level */
    { { C, C, C, O }, ENFORCE_BUS },
    { { C, C, C, U }, ENFORCE_BUS },
    { { C, C, C, C }, ENFORCE_STRICT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_int_equal (enforce_level_measured (&rows[i].doors), rows[i].level);
}

static void
words_and_levels_are_the_same_thing (void **state)
{
  static const char *const bad[] = { "", "Bus", "strict ", "none", "advisory\n" };
  EnforceLevel level = ENFORCE_STRICT;

  for (guint i = ENFORCE_ADVISORY; i <= ENFORCE_STRICT; i++)
    {
      assert_true (enforce_level_from_word (enforce_level_to_word (i), &level));
      assert_int_equal (level, i);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_false (enforce_level_from_word (bad[i], &level));
  assert_int_equal (level, ENFORCE_STRICT);
  assert_string_equal (enforce_level_to_word ((EnforceLevel) 7), "advisory");
}

static void
policy_comes_and_goes_without_a_trace (void **state)
{
  static const char *const files[] = {
    "<busconfig>\n</busconfig>\n",
    "<busconfig>\n  <limit name=\"max_names_per_connection\">9</limit>\n</busconfig>\n\n",
    "<!-- the administrator's -->\n<busconfig>\n</busconfig>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *with = enforce_bus_policy_add (files[i], "/p.conf", NULL);
      g_autofree char *twice = enforce_bus_policy_add (with, "/p.conf", NULL);
      g_autofree char *without = enforce_bus_policy_remove (with);

      assert_non_null (strstr (with, ">/p.conf</include>"));
      assert_true (strstr (with, "/p.conf") < strstr (with, "</busconfig>"));
      assert_string_equal (with, twice);
      assert_string_equal (without, files[i]);
    }
}

static void
file_that_was_ours_alone_goes (void **state)
{
  g_autofree char *with = enforce_bus_policy_add (NULL, "/p.conf", NULL);

  assert_non_null (strstr (with, "/p.conf"));
  assert_null (enforce_bus_policy_remove (with));
}

static void
file_that_is_not_understood_is_left_alone (void **state)
{
  static const char *const bad[] = { "", "nonsense", "<busconfig>",
                                     "<busconfig></busconfig>" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (enforce_bus_policy_add (bad[i], "/p.conf", &error));
      assert_non_null (error);
    }
}

static void
files_are_replaced_and_removed (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("blepick-policy-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "system-local.conf", NULL);
  g_autoptr (GError) error = NULL;

  assert_true (enforce_bus_policy_uninstall (path, &error));
  assert_true (enforce_bus_policy_install (path, "/p.conf", &error));
  assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  assert_true (enforce_bus_policy_uninstall (path, &error));
  assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  assert_true (g_file_set_contents (path, "nonsense", -1, NULL));
  assert_false (enforce_bus_policy_install (path, "/p.conf", &error));
  assert_non_null (strstr (error->message, path));
  g_clear_error (&error);
  assert_true (g_file_set_contents (path, "a\0b", 3, NULL));
  assert_false (enforce_bus_policy_install (path, "/p.conf", &error));
  g_unlink (path);
  g_rmdir (folder);
}

static void
change_that_cannot_be_written_down_leaves_the_bus_as_it_was (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("blepick-XXXXXX", NULL);
  g_autofree char *bus_file = g_build_filename (folder, "system-local.conf", NULL);
  g_autofree char *blocked = g_build_filename (bus_file, "enforcement", NULL);
  g_autofree char *level_file = g_build_filename (folder, "enforcement", NULL);
  const EnforcePlaces bad = { bus_file, POLICY, blocked };
  const EnforcePlaces good = { bus_file, POLICY, level_file };
  g_autoptr (GError) error = NULL;

  assert_false (enforce_change_set (&bad, ENFORCE_BUS, &error));
  assert_non_null (error);
  assert_false (g_file_test (bus_file, G_FILE_TEST_EXISTS));

  assert_true (enforce_change_set (&good, ENFORCE_BUS, NULL));
  assert_int_equal (enforce_change_wanted (&good), ENFORCE_BUS);
  assert_true (g_file_test (bus_file, G_FILE_TEST_EXISTS));
  assert_int_equal (g_unlink (bus_file), 0);
  assert_int_equal (g_unlink (level_file), 0);
  assert_int_equal (g_rmdir (folder), 0);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (change_that_cannot_be_written_down_leaves_the_bus_as_it_was),
    cmocka_unit_test (level_is_the_highest_whose_doors_are_all_closed),
    cmocka_unit_test (words_and_levels_are_the_same_thing),
    cmocka_unit_test (policy_comes_and_goes_without_a_trace),
    cmocka_unit_test (file_that_was_ours_alone_goes),
    cmocka_unit_test (file_that_is_not_understood_is_left_alone),
    cmocka_unit_test (files_are_replaced_and_removed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
