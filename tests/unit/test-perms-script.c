/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/script.h"

#define HEAD "devices phone watch\napp org.x phone=accessory-setup watch=bluetooth\n"

static const struct
{
  const char *text;
  guint line;
  const char *expected;
} bad_rows[] = {
  { HEAD "jump phone\n", 3, "policy, devices" },
  { HEAD "Install phone\n", 3, "policy, devices" },
  { HEAD "install tablet\n", 3, "a device of the devices statement" },
  { HEAD "install\n", 3, "install DEVICE" },
  { HEAD "install phone now\n", 3, "install DEVICE" },
  { HEAD "prompt watch\n", 3, "prompt DEVICE allow|deny" },
  { HEAD "prompt watch maybe\n", 3, "prompt DEVICE allow|deny" },
  { HEAD "prompt watch clear\n", 3, "prompt DEVICE allow|deny" },
  { HEAD "set watch on\n", 3, "set DEVICE allow|deny" },
  { HEAD "reset watch deny\n", 3, "reset DEVICE" },
  { HEAD "pick phone\n", 3, "pick DEVICE ACCESSORY" },
  { HEAD "forget phone a b\n", 3, "forget DEVICE ACCESSORY" },
  { HEAD "policy-row watch off\n", 3, "policy-row DEVICE allow|deny|clear" },
  { HEAD "adapter phone allow\n", 3, "adapter DEVICE off|on" },
  { HEAD "consent phone allow\n", 3, "consent COMPANION allow|deny" },
  { HEAD "consent watch clear\n", 3, "consent COMPANION allow|deny" },
  { HEAD "sync phone\n", 3, "sync COMPANION" },
  { HEAD "sync\n", 3, "sync COMPANION" },
  { HEAD "install phone\n\n# fine\nlaunch moon\n", 6, "a device of the devices" },

  { HEAD "policy odd\n", 3, "policy independent|copy-once|mirrored" },
  { HEAD "policy\n", 3, "policy independent|copy-once|mirrored" },
  { "policy mirrored\n" HEAD "policy mirrored\n", 4, "one policy statement" },
  { HEAD "install phone\npolicy mirrored\n", 4, "header statements before the first" },
  { HEAD "install phone\nidentity phone x\n", 4, "header statements before the first" },
  { "devices\n", 1, "devices HOST" },
  { "devices a b a\n", 1, "a different name for each device" },
  { "devices a\ndevices b\n", 2, "one devices statement" },
  { "app\n", 1, "app ID DEVICE=ACCESS" },
  { HEAD "app org.y phone=bluetooth\n", 3, "one app statement" },
  { "devices a\napp x b=bluetooth\n", 2, "a device of the devices statement" },
  { "app x b=bluetooth\ndevices a\n", 1, "a device of the devices statement" },
  { "app x b=bluetooth\n", 1, "a device of the devices statement" },
  { "devices a\napp x a\n", 2, "DEVICE=ACCESS" },
  { "devices a\napp x a=\n", 2, "accessory-setup, bluetooth or" },
  { "devices a\napp x a=wifi\n", 2, "accessory-setup, bluetooth or" },
  { "devices a\napp x a=bluetooth+bluetooth\n", 2, "accessory-setup, bluetooth or" },
  { "devices a\napp x a=bluetooth+accessory-setup+bluetooth\n", 2,
    "accessory-setup, bluetooth or" },
  { "devices a\napp x a=bluetooth a=bluetooth\n", 2, "each device once" },
  { "devices a\nidentity a\n", 2, "identity DEVICE FINGERPRINT" },
  { "devices a\nidentity b x\n", 2, "a device of the devices statement" },
  { "devices a\nidentity a x\nidentity a y\n", 3, "one identity statement a device" },
  { "identity a x\nidentity a y\ndevices a\n", 2, "one identity statement a device" },
  { "install phone\n", 1, "devices and app before the first step" },
  { "devices phone\ninstall phone\n", 2, "devices and app before the first step" },
  { "app x\ninstall phone\n", 2, "devices and app before the first step" },
  { HEAD "install phone\xff\n", 3, "UTF-8 text" },
};

static void
malformed_scripts_are_refused_with_their_line (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *text = bad_rows[i].text;
      g_autofree char *expected =
        g_strdup_printf ("line %u: expected %s", bad_rows[i].line, bad_rows[i].expected);

      if (perms_script_parse (text, strlen (text), &error) != NULL)
        fail_msg ("accepted: %s", text);
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
      if (!g_str_has_prefix (error->message, expected))
        fail_msg ("\"%s\" instead of \"%s\"", error->message, expected);
    }
}

static PermsScript *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PermsScript *script = perms_script_parse (text, strlen (text), &error);

  if (script == NULL)
    fail_msg ("%s", error->message);
  return script;
}

static void
a_script_is_read_whole (void **state)
{
  g_autoptr (PermsScript) script =
    parse ("# a family\r\n"
           "app org.x watch=bluetooth phone=accessory-setup+bluetooth # not the tablet\n"
           "identity watch other\n"
           "policy copy-once\n"
           "\tdevices   phone watch tablet\n"
           "\n"
           "  install\tphone   # now\r\n"
           "pick phone HRM#1\n"
           "consent watch allow\n"
           "adapter tablet off");
  const PermsScriptStep *steps =
    (const PermsScriptStep *) (gconstpointer) script->steps->data;

  assert_int_equal (script->sync, PERMS_SYNC_COPY_ONCE);
  assert_string_equal (script->app, "org.x");
  assert_int_equal (script->family->members->len, 3);
  assert_int_equal (perms_family_get (script->family, 0)->asks, PERMS_ACCESS_ALL);
  assert_int_equal (perms_family_get (script->family, 1)->asks, PERMS_ACCESS_BLUETOOTH);
  assert_int_equal (perms_family_get (script->family, 2)->asks, PERMS_ACCESS_NONE);
  assert_int_equal (perms_family_get (script->family, 2)->sync, PERMS_SYNC_COPY_ONCE);
  assert_string_equal (perms_family_get (script->family, 0)->fingerprint, "");
  assert_string_equal (perms_family_get (script->family, 1)->fingerprint, "other");

  assert_int_equal (script->steps->len, 4);
  assert_string_equal (steps[0].text, "install phone");
  assert_int_equal (steps[1].event.kind, PERMS_EVENT_PICK);
  assert_string_equal (steps[1].event.accessory, "HRM#1");
  assert_int_equal (steps[2].event.member, 1);
  assert_int_equal (steps[2].event.value, PERMS_EVENT_VALUE_ALLOW);
  assert_int_equal (steps[3].event.value, PERMS_EVENT_VALUE_OFF);
}

static void
an_empty_script_has_no_steps (void **state)
{
  g_autoptr (PermsScript) nothing = parse ("");
  g_autoptr (PermsScript) comment = parse ("# nothing\n\n");
  g_autoptr (PermsScript) header = parse (HEAD);

  assert_int_equal (nothing->steps->len, 0);
  assert_int_equal (comment->steps->len, 0);
  assert_int_equal (header->steps->len, 0);
  assert_int_equal (nothing->sync, PERMS_SYNC_INDEPENDENT);
}

static void
only_the_size_of_a_script_has_a_limit (void **state)
{
  g_autofree char *long_word = g_strnfill (100000, 'a');
  g_autoptr (GError) size = NULL;
  g_autoptr (GString) text = g_string_new ("devices phone");
  g_autoptr (PermsScript) script = NULL;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text, " d%u", i);
  g_string_append_printf (text, "\napp a d4999=bluetooth\npick d4999 %s\n", long_word);
  script = parse (text->str);
  assert_int_equal (script->family->members->len, 5001);
  assert_int_equal (g_array_index (script->steps, PermsScriptStep, 0).event.member, 5000);
  assert_int_equal (perms_family_get (script->family, 5000)->asks,
                    PERMS_ACCESS_BLUETOOTH);

  assert_null (perms_script_parse ("", (gsize) PERMS_SCRIPT_TEXT_MAX + 1, &size));
  assert_true (g_error_matches (size, PERMS_ERROR, PERMS_ERROR_LIMIT));
}

static void
a_script_runs_under_another_policy (void **state)
{
  g_autoptr (PermsScript) script = parse (HEAD "install phone\n");

  perms_script_set_sync (script, PERMS_SYNC_MIRRORED);
  assert_int_equal (script->sync, PERMS_SYNC_MIRRORED);
  for (guint i = 0; i < script->family->members->len; i++)
    assert_int_equal (perms_family_get (script->family, i)->sync, PERMS_SYNC_MIRRORED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (malformed_scripts_are_refused_with_their_line),
    cmocka_unit_test (a_script_is_read_whole),
    cmocka_unit_test (an_empty_script_has_no_steps),
    cmocka_unit_test (only_the_size_of_a_script_has_a_limit),
    cmocka_unit_test (a_script_runs_under_another_policy),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
