/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/key.h"

static char *
repeat (const char *prefix, gsize n)
{
  g_autofree char *letters = g_strnfill (n, 'a');

  return g_strconcat (prefix, letters, NULL);
}

static const struct
{
  const char *text;
  PermsAppKind kind; /* NONE: refused */
  guint32 uid;
  const char *id;
} app_rows[] = {
  { "flatpak:1000:org.example.Trainer", PERMS_APP_KIND_FLATPAK, 1000,
    "org.example.Trainer" },
  { "flatpak:0:org._x.Y-1", PERMS_APP_KIND_FLATPAK, 0, "org._x.Y-1" },
  { "snap:1000:trainer", PERMS_APP_KIND_SNAP, 1000, "trainer" },
  { "snap:1000:trainer_2", PERMS_APP_KIND_SNAP, 1000, "trainer_2" },
  { "unit:0:trainer.service", PERMS_APP_KIND_UNIT, 0, "trainer.service" },
  { "unit:0:trainer@7.service", PERMS_APP_KIND_UNIT, 0, "trainer@7.service" },
  { "path:1000:/usr/bin/blepick", PERMS_APP_KIND_PATH, 1000, "/usr/bin/blepick" },
  { "path:1000:/opt/a b:c/é", PERMS_APP_KIND_PATH, 1000, "/opt/a b:c/é" },
  { "scope:1000:org.example.Trainer", PERMS_APP_KIND_SCOPE, 1000, "org.example.Trainer" },
  { "host:1000", PERMS_APP_KIND_HOST, 1000, "" },
  { "host:4294967294", PERMS_APP_KIND_HOST, 4294967294, "" },

  { "", PERMS_APP_KIND_NONE, 0, NULL },
  { "host", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:1000:", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:1000:x", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:4294967295", PERMS_APP_KIND_NONE, 0, NULL }, /* (uid_t) -1 is nobody */
  { "host:99999999999", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:01000", PERMS_APP_KIND_NONE, 0, NULL },
  { "host:-1", PERMS_APP_KIND_NONE, 0, NULL },
  { "host: 1", PERMS_APP_KIND_NONE, 0, NULL },
  { "none:1000:x.y", PERMS_APP_KIND_NONE, 0, NULL },
  { "Flatpak:1000:org.example.X", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak::org.example.X", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:plain", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:.org.x", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:org..x", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:org.x.", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:org.9x", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:org.x/y", PERMS_APP_KIND_NONE, 0, NULL },
  { "flatpak:1000:org.x y", PERMS_APP_KIND_NONE, 0, NULL },
  { "snap:1000:-x", PERMS_APP_KIND_NONE, 0, NULL },
  { "snap:1000:a.b", PERMS_APP_KIND_NONE, 0, NULL },
  { "unit:0:trainer", PERMS_APP_KIND_NONE, 0, NULL },
  { "unit:0:.service", PERMS_APP_KIND_NONE, 0, NULL },
  { "unit:0:a/b.service", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:usr/bin/x", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr//bin", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr/../bin", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr/./bin", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr/bin/", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr/\xff", PERMS_APP_KIND_NONE, 0, NULL },
  { "path:1000:/usr/a\nb", PERMS_APP_KIND_NONE, 0, NULL },
  { "scope:1000:-x", PERMS_APP_KIND_NONE, 0, NULL },
  { "scope:1000:a/b", PERMS_APP_KIND_NONE, 0, NULL },
};

static void
app_keys_have_one_text_form (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (app_rows); i++)
    {
      PermsAppKey key = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean is_good = perms_app_key_parse (app_rows[i].text, &key, &error);

      assert_int_equal (is_good, app_rows[i].kind != PERMS_APP_KIND_NONE);
      assert_int_equal (key.kind, app_rows[i].kind);
      if (!is_good)
        {
          assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
          continue;
        }
      assert_int_equal (key.uid, app_rows[i].uid);
      assert_string_equal (key.id, app_rows[i].id);
      assert_int_equal (perms_app_key_uid (app_rows[i].text), key.uid);
      g_autofree char *text = perms_app_key_format (&key, NULL);
      assert_string_equal (text, app_rows[i].text);
    }
}

static void
app_ids_have_a_limit (void **state)
{
  PermsAppKey key;
  g_autofree char *longest = repeat ("snap:1000:", PERMS_APP_ID_MAX);
  g_autofree char *longer = repeat ("snap:1000:", PERMS_APP_ID_MAX + 1);

  assert_true (perms_app_key_parse (longest, &key, NULL));
  assert_false (perms_app_key_parse (longer, &key, NULL));
}

static void
bad_app_keys_are_not_written (void **state)
{
  PermsAppKey rows[] = {
    { PERMS_APP_KIND_NONE, 1, "x" },
    { PERMS_APP_KIND_HOST, 1, "x" },
    { PERMS_APP_KIND_FLATPAK, 1, "" },
    { PERMS_APP_KIND_HOST, G_MAXUINT32, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_null (perms_app_key_format (&rows[i], &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
    }
}

static void
kinds_have_names (void **state)
{
  for (guint kind = PERMS_APP_KIND_FLATPAK; kind <= PERMS_APP_KIND_HOST; kind++)
    {
      PermsAppKind back = PERMS_APP_KIND_NONE;
      assert_true (perms_app_kind_from_string (perms_app_kind_to_string (kind), &back));
      assert_int_equal (back, kind);
    }
  assert_string_equal (perms_app_kind_to_string (99), "unknown");
}

static void
device_names_are_plain (void **state)
{
  g_autofree char *longest = repeat ("", PERMS_DEVICE_NAME_MAX);
  g_autofree char *longer = repeat ("", PERMS_DEVICE_NAME_MAX + 1);
  const char *good[] = { "local", "watch", "My-Watch_2.0", "7", longest };
  const char *bad[] = { "", "-watch", ".", "my watch", "wätch", "a/b", "a:b", longer };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    assert_true (perms_device_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_false (perms_device_is_valid (bad[i]));
}

static const struct
{
  const char *text;
  PermsAccessory accessory; /* 0: refused */
} accessory_rows[] = {
  { "public:00:11:22:33:44:55", G_GUINT64_CONSTANT (0x1001122334455) },
  { "random:C4:64:E3:01:02:03", G_GUINT64_CONSTANT (0x2c464e3010203) },
  { "random:FF:FF:FF:FF:FF:FF", G_GUINT64_CONSTANT (0x2ffffffffffff) },

  { "", 0 },
  { "public", 0 },
  { "C4:64:E3:01:02:03", 0 },
  { "public:00:00:00:00:00:00", 0 },
  { "random:44:64:E3:01:02:03", 0 }, /* resolvable: nobody's identity */
  { "random:04:64:E3:01:02:03", 0 }, /* non-resolvable */
  { "random:84:64:E3:01:02:03", 0 }, /* reserved */
  { "random:c4:64:e3:01:02:03", 0 },
  { "random:C4:64:E3:01:02", 0 },
  { "random:C4:64:E3:01:02:03:", 0 },
  { "random:C4-64-E3-01-02-03", 0 },
  { "random:C4:64:E3:01:02:0G", 0 },
  { "Random:C4:64:E3:01:02:03", 0 },
};

static void
accessories_have_one_text_form (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (accessory_rows); i++)
    {
      PermsAccessory accessory = 0;
      char text[PERMS_ACCESSORY_TEXT_SIZE];
      gboolean is_good = perms_accessory_parse (accessory_rows[i].text, &accessory, NULL);

      assert_int_equal (is_good, accessory_rows[i].accessory != 0);
      assert_true (accessory == accessory_rows[i].accessory);
      assert_int_equal (perms_accessory_is_valid (accessory), is_good);
      if (!is_good)
        continue;
      perms_accessory_format (accessory, text);
      assert_string_equal (text, accessory_rows[i].text);
    }
  assert_false (perms_accessory_is_valid (G_GUINT64_CONSTANT (0x3c464e3010203)));
}

static void
ids_are_thirty_two_digits (void **state)
{
  const char *good = "00112233445566778899aabbccddeeff";
  const char *bad[] = {
    "",
    "00112233445566778899aabbccddeef",
    "00112233445566778899aabbccddeeff0",
    "00112233445566778899AABBCCDDEEFF",
    "00112233445566778899aabbccddeefg",
    "00000000000000000000000000000000",
  };
  PermsId id = { { 0 } };
  char text[PERMS_ID_TEXT_SIZE];

  assert_true (perms_id_is_null (&id));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_false (perms_id_parse (bad[i], &id, &error));
      assert_true (perms_id_is_null (&id));
    }
  assert_true (perms_id_parse (good, &id, NULL));
  perms_id_format (&id, text);
  assert_string_equal (text, good);
  assert_true (perms_id_equal (&id, &id));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (app_keys_have_one_text_form),
    cmocka_unit_test (app_ids_have_a_limit),
    cmocka_unit_test (bad_app_keys_are_not_written),
    cmocka_unit_test (kinds_have_names),
    cmocka_unit_test (device_names_are_plain),
    cmocka_unit_test (accessories_have_one_text_form),
    cmocka_unit_test (ids_are_thirty_two_digits),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
