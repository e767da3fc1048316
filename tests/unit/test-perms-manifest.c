/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/key-file.h"
#include "perms/manifest.h"

#define GROUP "[Accessory Setup]\n"
#define KEYS                                                                           \
  "x.accessory:2: expected one of supports, services, companies, names, blocklisted, " \
  "accept-all, hid, verified, discovery, background"

static PermsManifest *
must_read (const char *text)
{
  g_autoptr (GError) error = NULL;
  PermsManifest *manifest =
    perms_manifest_read ("x.accessory", text, strlen (text), &error);

  if (manifest == NULL)
    fail_msg ("%s", error->message);
  return manifest;
}

static PermsUuid
uuid (const char *text)
{
  PermsUuid parsed;

  assert_true (perms_key_file_parse_uuid (text, &parsed));
  return parsed;
}

static const struct
{
  const char *text;
  const char *expected;
} bad_rows[] = {
  { "", "x.accessory:1: expected the group [Accessory Setup]" },
  { "# nothing\n", "x.accessory:1: expected the group [Accessory Setup]" },
  { "services=180d\n", "x.accessory:1: expected the group [Accessory Setup] first" },
  { "[Desktop Entry]\n", "x.accessory:1: expected the group [Accessory Setup]" },
  { GROUP GROUP, "x.accessory:2: expected no further group" },
  { GROUP "services\n", "x.accessory:2: expected KEY=VALUE" },
  { GROUP "Services=180d\n", KEYS },
  { GROUP "services[de]=180d\n", KEYS },
  { GROUP "hid=true\nhid=true\n", "x.accessory:3: expected hid= once" },
  { GROUP "hid=yes\n", "x.accessory:2: expected true or false" },
  { GROUP "hid=\n", "x.accessory:2: expected true or false" },
  { GROUP "supports=\n",
    "x.accessory:2: expected supports= with accessory-setup, bluetooth or both" },
  { GROUP "supports=everything\n",
    "x.accessory:2: expected supports= with accessory-setup, bluetooth or both" },
  { GROUP "supports=bluetooth;bluetooth\n",
    "x.accessory:2: expected supports= with accessory-setup, bluetooth or both" },
  { GROUP "\n\nservices=\n",
    "x.accessory:4: expected services= with 1 to 64 UUIDs, as 180d;180f" },
  { GROUP "services=180d;;180f\n",
    "x.accessory:2: expected services= with 1 to 64 UUIDs, as 180d;180f" },
  { GROUP "services=18d\n",
    "x.accessory:2: expected services= with 1 to 64 UUIDs, as 180d;180f" },
  { GROUP "blocklisted=serial\n",
    "x.accessory:2: expected blocklisted= with 1 to 64 UUIDs of characteristics, as 2a25" },
  { GROUP "companies=\n", "x.accessory:2: expected companies= with 1 to 64 items" },
  { GROUP "companies=65536\n",
    "x.accessory:2: expected companies= with numbers from 0 to 65535, as 0x006b;107" },
  { GROUP "companies=0x\n",
    "x.accessory:2: expected companies= with numbers from 0 to 65535, as 0x006b;107" },
  { GROUP "companies=-1\n",
    "x.accessory:2: expected companies= with numbers from 0 to 65535, as 0x006b;107" },
  { GROUP "names=\n", "x.accessory:2: expected names= with 1 to 64 items" },
  { GROUP "names=Polar;;\n",
    "x.accessory:2: expected names= with items of 1 to 248 bytes" },
  { GROUP "names=\xff\n", "x.accessory: expected UTF-8 text" },
};

static void
bad_manifests_are_refused_with_their_line (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *text = bad_rows[i].text;

      assert_null (perms_manifest_read ("x.accessory", text, strlen (text), &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
      assert_string_equal (error->message, bad_rows[i].expected);
    }
}

static void
manifests_have_limits (void **state)
{
  g_autoptr (GString) many = g_string_new (GROUP "services=");
  g_autoptr (GError) too_many = NULL;
  g_autoptr (GError) too_long = NULL;
  g_autoptr (GError) long_name = NULL;
  g_autofree char *spaces = g_strnfill (PERMS_KEY_FILE_TEXT_MAX + 1, ' ');
  g_autofree char *name = g_strnfill (PERMS_MANIFEST_NAME_MAX + 1, 'n');
  g_autofree char *named = g_strconcat (GROUP "names=", name, NULL);

  for (guint i = 0; i < PERMS_MANIFEST_ITEMS_MAX; i++)
    g_string_append_printf (many, "%04x;", i);
  g_autoptr (PermsManifest) full = must_read (many->str);
  assert_non_null (full);

  g_string_append (many, "180d");
  assert_null (perms_manifest_read ("x", many->str, many->len, &too_many));
  assert_true (g_error_matches (too_many, PERMS_ERROR, PERMS_ERROR_INVALID));
  assert_null (perms_manifest_read ("x", spaces, strlen (spaces), &too_long));
  assert_true (g_error_matches (too_long, PERMS_ERROR, PERMS_ERROR_LIMIT));
  assert_null (perms_manifest_read ("x", named, strlen (named), &long_name));
}

static void
empty_group_declares_the_picker_and_nothing_to_pick (void **state)
{
  g_autoptr (PermsManifest) manifest = must_read (GROUP);
  PermsUuid heart_rate = uuid ("180d");

  assert_int_equal (perms_manifest_get_supports (manifest), PERMS_ACCESS_ACCESSORY_SETUP);
  assert_int_equal (perms_manifest_get_flags (manifest), PERMS_MANIFEST_NOTHING);
  assert_false (perms_manifest_has_service (manifest, &heart_rate));
  assert_false (perms_manifest_has_blocklisted (manifest, &heart_rate));
  assert_false (perms_manifest_has_company (manifest, 0));
  assert_false (perms_manifest_has_name (manifest, ""));
  assert_false (perms_manifest_has_name (manifest, "Polar"));
}

static void
what_is_declared_is_declared_in_any_form_and_nothing_else (void **state)
{
  g_autoptr (PermsManifest) manifest =
    must_read ("# of a trainer\n" GROUP " supports = accessory-setup ; bluetooth;\n"
               "services=180D;0000180F-0000-1000-8000-00805F9B34FB;\n"
               "companies=0x006B;107;9\nnames=Polar;TICKR X\nblocklisted=2a25\n"
               "accept-all=false\nhid=false\nverified=true\ndiscovery=true\n"
               "background=true\n");
  PermsUuid heart_rate = uuid ("0000180d");
  PermsUuid battery = uuid ("180f");
  PermsUuid serial = uuid ("2A25");
  guint n = 0;

  assert_int_equal (perms_manifest_get_supports (manifest), PERMS_ACCESS_ALL);
  assert_int_equal (perms_manifest_get_flags (manifest), PERMS_MANIFEST_VERIFIED |
                                                           PERMS_MANIFEST_DISCOVERY |
                                                           PERMS_MANIFEST_BACKGROUND);
  assert_true (perms_manifest_has_service (manifest, &heart_rate));
  assert_true (perms_manifest_has_service (manifest, &battery));
  assert_false (perms_manifest_has_service (manifest, &serial));
  assert_true (perms_manifest_has_blocklisted (manifest, &serial));
  assert_false (perms_manifest_has_blocklisted (manifest, &heart_rate));
  assert_true (perms_manifest_has_company (manifest, 0x6b));
  assert_true (perms_manifest_has_company (manifest, 9));
  assert_false (perms_manifest_has_company (manifest, 0x4c));
  perms_manifest_get_services (manifest, &n);
  assert_int_equal (n, 2);
  assert_int_equal (perms_manifest_get_companies (manifest, &n)[1], 107);
  assert_int_equal (n, 3);
  perms_manifest_get_blocklisted (manifest, &n);
  assert_int_equal (n, 1);
  assert_string_equal (perms_manifest_get_names (manifest)[1], "TICKR X");
  assert_null (perms_manifest_get_names (manifest)[2]);
}

static void
narrower_part_of_a_name_is_declared_and_a_wider_one_is_not (void **state)
{
  g_autoptr (PermsManifest) manifest = must_read (GROUP "names=Polar H");

  assert_true (perms_manifest_has_name (manifest, "Polar H"));
  assert_true (perms_manifest_has_name (manifest, "polar h10"));
  assert_false (perms_manifest_has_name (manifest, "Polar"));
  assert_false (perms_manifest_has_name (manifest, "P"));
  assert_false (perms_manifest_has_name (manifest, ""));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (bad_manifests_are_refused_with_their_line),
    cmocka_unit_test (manifests_have_limits),
    cmocka_unit_test (empty_group_declares_the_picker_and_nothing_to_pick),
    cmocka_unit_test (what_is_declared_is_declared_in_any_form_and_nothing_else),
    cmocka_unit_test (narrower_part_of_a_name_is_declared_and_a_wider_one_is_not),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
