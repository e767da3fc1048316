/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sync of a whole companion: every app, by its own row. */

#include "tests/unit/unit.h"

#include "perms/plan.h"

#define UID   1000
#define LOCAL PERMS_DEVICE_LOCAL
#define WATCH "watch"
#define APP_A "flatpak:1000:org.example.A"
#define APP_B "flatpak:1000:org.example.B"
#define APP_C "flatpak:1000:org.example.C"

static const PermsBy here = { .reason = PERMS_REASON_USER_SETTINGS,
                              .time_s = 100,
                              .device = LOCAL };

static void
put (PermsCache *cache, PermsChanges *take_changes)
{
  perms_cache_put (cache, take_changes);
  perms_changes_unref (take_changes);
}

static void
install (PermsCache *cache, const char *app, const char *device, const char *fingerprint)
{
  PermsChanges *changes = perms_changes_new ();
  PermsAppFacts facts = { .app = app,
                          .device = device,
                          .asks = PERMS_ACCESS_BLUETOOTH,
                          .fingerprint = fingerprint };

  (void) perms_plan_register (cache, &facts, &here, changes);
  put (cache, changes);
}

static void
allow (PermsCache *cache, const char *app)
{
  PermsChanges *changes = perms_changes_new ();

  (void) perms_plan_event (cache, app, LOCAL, PERMS_EVENT_SET, PERMS_EVENT_VALUE_ALLOW,
                           &here, changes);
  put (cache, changes);
}

static PermsCache *
make_cache (PermsSync sync, gboolean consents)
{
  PermsCache *cache = perms_cache_new ();
  PermsChanges *changes = perms_changes_new ();
  PermsOutcome outcome;

  assert_true (perms_plan_add_device (cache, &(PermsNewDevice){ UID, WATCH, "watch" },
                                      &here, changes, &outcome, NULL));
  put (cache, changes);
  changes = perms_changes_new ();
  (void) perms_plan_link (cache, UID, WATCH, FALSE, &here, changes);
  put (cache, changes);
  changes = perms_changes_new ();
  (void) perms_plan_set_sync (cache, UID, WATCH, sync, &here, changes);
  put (cache, changes);
  changes = perms_changes_new ();
  (void) perms_plan_consent (cache, UID, WATCH, consents, &here, changes);
  put (cache, changes);
  for (guint i = 0; i < 3; i++)
    {
      const char *app = (const char *[]){ APP_A, APP_B, APP_C }[i];

      install (cache, app, LOCAL, "F");
      allow (cache, app);
    }
  return cache;
}

static PermsOutcome
sync_all (PermsCache *cache, const char *device, PermsSynced *synced)
{
  PermsChanges *changes = perms_changes_new ();
  PermsOutcome outcome = perms_plan_sync (cache, UID, device, &here, changes, synced);

  put (cache, changes);
  return outcome;
}

static void
every_app_is_copied_and_those_of_others_are_named (void **state)
{
  PermsCache *cache = make_cache (PERMS_SYNC_COPY_ONCE, TRUE);
  g_autoptr (PermsSynced) synced = perms_synced_new ();

  install (cache, APP_A, WATCH, "F");
  install (cache, APP_B, WATCH, "another");
  assert_int_equal (sync_all (cache, WATCH, synced).result, PERMS_RESULT_OK);
  assert_int_equal (synced->copied->len, 2);
  assert_string_equal (g_ptr_array_index (synced->copied, 0), APP_A);
  assert_string_equal (g_ptr_array_index (synced->copied, 1), APP_C);
  assert_int_equal (synced->mismatched->len, 1);
  assert_string_equal (g_ptr_array_index (synced->mismatched, 0), APP_B);
  assert_int_equal (perms_cache_lookup_install (cache, APP_A, WATCH)->bluetooth,
                    PERMS_BLUETOOTH_ALLOWED);
  assert_int_equal (perms_cache_lookup_install (cache, APP_B, WATCH)->bluetooth,
                    PERMS_BLUETOOTH_NOT_DETERMINED);
  assert_true (perms_cache_lookup_install (cache, APP_C, WATCH)->waiting);
  perms_cache_free (cache);
}

static void
without_consent_link_or_policy_nothing_is_copied (void **state)
{
  static const struct
  {
    PermsSync sync;
    gboolean consents;
    const char *device;
    PermsResult result;
    PermsCause cause;
  } rows[] = {
    { PERMS_SYNC_COPY_ONCE, FALSE, WATCH, PERMS_RESULT_REFUSED, PERMS_CAUSE_NO_CONSENT },
    { PERMS_SYNC_COPY_ONCE, TRUE, "car", PERMS_RESULT_REFUSED, PERMS_CAUSE_NOT_LINKED },
    { PERMS_SYNC_INDEPENDENT, TRUE, WATCH, PERMS_RESULT_NO_EFFECT, PERMS_CAUSE_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PermsCache *cache = make_cache (rows[i].sync, rows[i].consents);
      g_autoptr (PermsSynced) synced = perms_synced_new ();
      PermsOutcome outcome;

      install (cache, APP_A, WATCH, "F");
      outcome = sync_all (cache, rows[i].device, synced);
      assert_int_equal (outcome.result, rows[i].result);
      assert_int_equal (outcome.cause, rows[i].cause);
      assert_int_equal (synced->copied->len, 0);
      assert_int_equal (perms_cache_lookup_install (cache, APP_A, WATCH)->bluetooth,
                        PERMS_BLUETOOTH_NOT_DETERMINED);
      perms_cache_free (cache);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_app_is_copied_and_those_of_others_are_named),
    cmocka_unit_test (without_consent_link_or_policy_nothing_is_copied),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
