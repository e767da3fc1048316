/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "perms/error.h"
#include "perms/scope.h"
#include "perms/types.h"

#define HEART_RATE  "0000180d-0000-1000-8000-00805f9b34fb"
#define BATTERY     "0000180f-0000-1000-8000-00805f9b34fb"
#define HID         "00001812-0000-1000-8000-00805f9b34fb"
#define HID_REPORT  "00002a4d-0000-1000-8000-00805f9b34fb"
#define MEASUREMENT "00002a37-0000-1000-8000-00805f9b34fb"

static PermsUuid
uuid (const char *text)
{
  PermsUuid parsed;

  assert_true (perms_uuid_parse (text, &parsed, NULL));
  return parsed;
}

static PermsScope *
scope (const char *text)
{
  PermsScope *parsed = perms_scope_parse (text, NULL);

  assert_non_null (parsed);
  return parsed;
}

static void
uuids_are_lower_case_and_whole (void **state)
{
  const char *bad[] = {
    "",
    "180d",
    "0000180D-0000-1000-8000-00805f9b34fb",
    "0000180d-0000-1000-8000-00805f9b34f",
    "0000180d-0000-1000-8000-00805f9b34fb0",
    "0000180d00000-1000-8000-00805f9b34fb",
    "0000180g-0000-1000-8000-00805f9b34fb",
  };
  PermsUuid parsed = uuid (HEART_RATE);
  char text[PERMS_UUID_TEXT_SIZE];

  perms_uuid_format (&parsed, text);
  assert_string_equal (text, HEART_RATE);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_false (perms_uuid_parse (bad[i], &parsed, NULL));
}

static void
scopes_have_one_text_form (void **state)
{
  const char *good[] = {
    "",
    "*=r",
    HEART_RATE "=rwn",
    HEART_RATE "=n;" BATTERY "=r",
    "!" HID "/" HID_REPORT,
    "*=rw;" HEART_RATE "=n;!" HID "/" HID_REPORT,
  };
  const char *bad[] = {
    ";",
    "*",
    "*=",
    "*=x",
    "*=rr",
    "*=wr",
    "*=r;*=r",
    HEART_RATE,
    HEART_RATE "=",
    HEART_RATE "=rwx",
    HEART_RATE "=r;",
    BATTERY "=r;" HEART_RATE "=r", /* not sorted */
    HEART_RATE "=r;" HEART_RATE "=w",
    "!" HID,
    "!" HID "=" HID_REPORT,
    "!" HID "/",
    "!" HID "/" HID_REPORT ";!" HID "/" HID_REPORT,
    "!" HID "/" HID_REPORT ";" HEART_RATE "=r",
    "180d=r",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (PermsScope) parsed = scope (good[i]);
      g_autofree char *text = perms_scope_format (parsed);
      assert_string_equal (text, good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_null (perms_scope_parse (bad[i], &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
    }
}

static void
parts_are_sorted_and_joined (void **state)
{
  const PermsScopeService services[] = {
    { uuid (BATTERY), PERMS_OPERATION_READ },
    { uuid (HEART_RATE), PERMS_OPERATION_NOTIFY },
    { uuid (BATTERY), PERMS_OPERATION_NOTIFY },
  };
  const PermsScopeAttribute attributes[] = {
    { uuid (HID), uuid (HID_REPORT) },
    { uuid (HID), uuid (HID_REPORT) },
  };
  g_autoptr (PermsScope) made =
    perms_scope_new (PERMS_OPERATION_NONE, services, 3, attributes, 2, NULL);
  g_autofree char *text = perms_scope_format (made);

  assert_string_equal (text, HEART_RATE "=n;" BATTERY "=rn;!" HID "/" HID_REPORT);
}

static void
too_many_or_empty_parts_are_refused (void **state)
{
  g_autofree PermsScopeService *services =
    g_new0 (PermsScopeService, PERMS_SCOPE_SERVICES_MAX + 1);
  g_autoptr (GError) limit = NULL;
  g_autoptr (GError) empty = NULL;
  g_autoptr (GError) strange = NULL;

  assert_null (perms_scope_new (PERMS_OPERATION_NONE, services,
                                PERMS_SCOPE_SERVICES_MAX + 1, NULL, 0, &limit));
  assert_true (g_error_matches (limit, PERMS_ERROR, PERMS_ERROR_LIMIT));
  assert_null (perms_scope_new (PERMS_OPERATION_NONE, services, 1, NULL, 0, &empty));
  assert_true (g_error_matches (empty, PERMS_ERROR, PERMS_ERROR_INVALID));
  assert_null (perms_scope_new (8, NULL, 0, NULL, 0, &strange));
  assert_true (g_error_matches (strange, PERMS_ERROR, PERMS_ERROR_INVALID));
}

static void
long_texts_are_refused (void **state)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i <= PERMS_SCOPE_SERVICES_MAX; i++)
    g_string_append_printf (text, "%s%08x-0000-1000-8000-00805f9b34fb=r",
                            i > 0 ? ";" : "", i);
  assert_null (perms_scope_parse (text->str, NULL));

  g_string_truncate (text, 0);
  for (guint i = 0; i <= PERMS_SCOPE_ATTRIBUTES_MAX; i++)
    g_string_append_printf (text, "%s!%08x-0000-1000-8000-00805f9b34fb/" HID_REPORT,
                            i > 0 ? ";" : "", i);
  assert_null (perms_scope_parse (text->str, NULL));
}

static void
a_scope_covers_what_it_says (void **state)
{
  g_autoptr (PermsScope) some =
    scope ("*=r;" HEART_RATE "=n;" BATTERY "=w;!" HID "/" HID_REPORT);
  const PermsUuid heart_rate = uuid (HEART_RATE);
  const PermsUuid battery = uuid (BATTERY);
  const PermsUuid hid = uuid (HID);
  const PermsUuid report = uuid (HID_REPORT);

  assert_true (perms_scope_covers (some, &heart_rate, PERMS_OPERATION_NOTIFY));
  assert_true (perms_scope_covers (some, &heart_rate, PERMS_OPERATION_READ));
  assert_false (perms_scope_covers (some, &heart_rate, PERMS_OPERATION_WRITE));
  assert_true (perms_scope_covers (some, &battery, PERMS_OPERATION_WRITE));
  assert_false (
    perms_scope_covers (some, &battery, PERMS_OPERATION_WRITE | PERMS_OPERATION_NOTIFY));
  assert_true (perms_scope_covers (some, &hid, PERMS_OPERATION_READ));
  assert_false (perms_scope_covers (some, &hid, PERMS_OPERATION_NONE));
  assert_true (perms_scope_names (some, &hid, &report));
  assert_false (perms_scope_names (some, &report, &hid));
  assert_false (perms_scope_names (some, &heart_rate, &report));
}

static const struct
{
  const char *outer;
  const char *inner;
  gboolean contains;
} contain_rows[] = {
  { "", "", TRUE },
  { "*=rwn", HEART_RATE "=rwn", TRUE },
  { HEART_RATE "=rn;" BATTERY "=r", HEART_RATE "=n", TRUE },
  { "!" HID "/" HID_REPORT, "!" HID "/" HID_REPORT, TRUE },
  { HEART_RATE "=rn", HEART_RATE "=w", FALSE },
  { HEART_RATE "=rn", BATTERY "=r", FALSE },
  { HEART_RATE "=rwn", "*=r", FALSE },
  { "*=rwn", "!" HID "/" HID_REPORT, FALSE },
};

static void
a_scope_contains_smaller_ones (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (contain_rows); i++)
    {
      g_autoptr (PermsScope) outer = scope (contain_rows[i].outer);
      g_autoptr (PermsScope) inner = scope (contain_rows[i].inner);
      assert_int_equal (perms_scope_contains (outer, inner), contain_rows[i].contains);
    }
}

static void
equal_scopes_have_equal_hashes (void **state)
{
  const char *texts[] = {
    "",
    "*=r",
    HEART_RATE "=r",
    HEART_RATE "=n",
    BATTERY "=r",
    HEART_RATE "=r;" BATTERY "=r",
    "!" HID "/" HID_REPORT,
    "!" HID "/" MEASUREMENT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        {
          g_autoptr (PermsScope) a = scope (texts[i]);
          g_autoptr (PermsScope) b = scope (texts[j]);
          assert_int_equal (perms_scope_equal (a, b), i == j);
          if (i == j)
            assert_int_equal (perms_scope_hash (a), perms_scope_hash (b));
        }
    }
}

/* ---- words, which belong to no file of their own ---- */

static void
declared_access_is_read_strictly (void **state)
{
  static const struct
  {
    const char *text;
    gboolean is_good;
    PermsAccess access;
  } rows[] = {
    { "accessory-setup", TRUE, PERMS_ACCESS_ACCESSORY_SETUP },
    { "bluetooth", TRUE, PERMS_ACCESS_BLUETOOTH },
    { "accessory-setup+bluetooth", TRUE, PERMS_ACCESS_ALL },
    { "bluetooth+accessory-setup", TRUE, PERMS_ACCESS_ALL },
    { "", FALSE, 0 },
    { "none", FALSE, 0 },
    { "+", FALSE, 0 },
    { "bluetooth+", FALSE, 0 },
    { "Bluetooth", FALSE, 0 },
    { "accessory-setup bluetooth", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PermsAccess access = PERMS_ACCESS_NONE;
      assert_int_equal (perms_access_from_string (rows[i].text, &access),
                        rows[i].is_good);
      assert_int_equal (access, rows[i].access);
    }
  assert_string_equal (perms_access_to_string (PERMS_ACCESS_ALL),
                       "accessory-setup+bluetooth");
  assert_string_equal (perms_access_to_string (PERMS_ACCESS_NONE), "none");
}

static void
words_are_read_back (void **state)
{
  PermsBluetooth bluetooth = PERMS_BLUETOOTH_NONE;
  PermsReason reason = PERMS_REASON_NONE;
  PermsSync sync = PERMS_SYNC_INDEPENDENT;
  PermsLifetime lifetime = PERMS_LIFETIME_ONCE;
  PermsPairing pairing = PERMS_PAIRING_NONE;
  PermsStrength strength = PERMS_STRENGTH_NONE;

  assert_true (perms_bluetooth_from_string ("restricted", &bluetooth));
  assert_int_equal (bluetooth, PERMS_BLUETOOTH_RESTRICTED);
  assert_true (perms_reason_from_string ("cli", &reason));
  assert_int_equal (reason, PERMS_REASON_CLI);
  assert_true (perms_sync_from_string ("copy-once", &sync));
  assert_int_equal (sync, PERMS_SYNC_COPY_ONCE);
  assert_true (perms_lifetime_from_string ("always", &lifetime));
  assert_int_equal (lifetime, PERMS_LIFETIME_ALWAYS);
  assert_true (perms_pairing_from_string ("comparison", &pairing));
  assert_int_equal (pairing, PERMS_PAIRING_COMPARISON);
  assert_true (perms_strength_from_string ("verified", &strength));
  assert_int_equal (strength, PERMS_STRENGTH_VERIFIED);
  assert_false (perms_sync_from_string ("Mirrored", &sync));
  assert_int_equal (sync, PERMS_SYNC_COPY_ONCE);

  assert_string_equal (perms_bluetooth_to_string (99), "unknown");
  assert_string_equal (perms_cause_to_string (PERMS_CAUSE_DAMAGED), "damaged");
  assert_string_equal (perms_grant_state_to_string (PERMS_GRANT_AWAITING), "awaiting");
  assert_string_equal (perms_managed_to_string (PERMS_MANAGED_DENY), "deny");
  assert_string_equal (perms_consent_to_string (PERMS_CONSENT_ALLOW), "allow");
  assert_string_equal (perms_lifetime_to_string (PERMS_LIFETIME_UNTIL), "until");
  assert_string_equal (perms_pairing_to_string (PERMS_PAIRING_PASSKEY), "passkey");
  assert_string_equal (perms_strength_to_string (PERMS_STRENGTH_PATH), "path");
  assert_string_equal (perms_reason_to_string (PERMS_REASON_MIGRATED), "migrated");
  assert_string_equal (perms_sync_to_string (PERMS_SYNC_MIRRORED), "mirrored");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (uuids_are_lower_case_and_whole),
    cmocka_unit_test (scopes_have_one_text_form),
    cmocka_unit_test (parts_are_sorted_and_joined),
    cmocka_unit_test (too_many_or_empty_parts_are_refused),
    cmocka_unit_test (long_texts_are_refused),
    cmocka_unit_test (a_scope_covers_what_it_says),
    cmocka_unit_test (a_scope_contains_smaller_ones),
    cmocka_unit_test (equal_scopes_have_equal_hashes),
    cmocka_unit_test (declared_access_is_read_strictly),
    cmocka_unit_test (words_are_read_back),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
