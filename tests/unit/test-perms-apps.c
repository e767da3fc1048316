/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/plan.h"
#include "tests/unit/perms-world.h"

static void
confirm (World *world)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome =
    perms_plan_confirm (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, &world->by, changes);
  world_put (world, changes);
}

static void
another_publisher_needs_a_word_from_the_person (void **state)
{
  World *world = *state;

  confirm (world);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_INSTALLED);
  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "E");
  EXPECT_OK (world);
  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "E");
  EXPECT_NO_EFFECT (world);
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  confirm (world);
  EXPECT_NO_EFFECT (world);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_IDENTITY_CHANGED);

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  EXPECT_OK (world);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_IDENTITY_CHANGED);
  confirm (world);
  EXPECT_OK (world);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE); /* grants follow the app */
}

static void
a_change_of_identity_that_was_none_is_forgotten (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "G");
  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  EXPECT_OK (world);
  confirm (world);
  EXPECT_NO_EFFECT (world);
}

static void
a_manifest_may_change (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  world_run (world, PERMS_EVENT_PROMPT, PERMS_EVENT_VALUE_ALLOW);
  world_expect (world, PERMS_RESULT_NO_PROMPT, PERMS_CAUSE_NONE);
  world_see_app (world, PERMS_ACCESS_ALL, "F");
  EXPECT_OK (world);
  world_run (world, PERMS_EVENT_PROMPT, PERMS_EVENT_VALUE_ALLOW);
  EXPECT_OK (world);
  PermsDerived derived =
    perms_cache_derive (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, 100);
  assert_int_equal (derived.bluetooth, PERMS_BLUETOOTH_ALLOWED);
  assert_null (derived.accessories);
}

static void
the_command_line_is_a_reason (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_BLUETOOTH, "F");
  world->by.reason = PERMS_REASON_CLI;
  world_run (world, PERMS_EVENT_SET, PERMS_EVENT_VALUE_ALLOW);
  assert_int_equal (perms_cache_lookup_install (world->cache, WORLD_APP,
                                                PERMS_DEVICE_LOCAL)
                      ->decision.reason,
                    PERMS_REASON_CLI);
  world->by.reason = PERMS_REASON_USER_SETTINGS;
  world_run (world, PERMS_EVENT_SET, PERMS_EVENT_VALUE_ALLOW); /* the same value */
  EXPECT_OK (world);
  assert_int_equal (world->n_rows, 1);
  assert_int_equal (perms_cache_lookup_install (world->cache, WORLD_APP,
                                                PERMS_DEVICE_LOCAL)
                      ->decision.reason,
                    PERMS_REASON_USER_SETTINGS);
}

/* ---- managed policies ---- */

static guint
reload_policy (World *world, const char *text)
{
  PermsManagedSet *set = perms_managed_set_new ();
  PermsChanges *changes = perms_changes_new ();

  assert_true (perms_managed_set_add (set, "test", text, strlen (text), NULL));
  perms_cache_take_managed (world->cache, set);
  guint n = perms_plan_policy (world->cache, WORLD_UID, &world->by, changes);
  world_put (world, changes);
  return n;
}

static void
managed_rows_follow_the_policy_files (void **state)
{
  World *world = *state;

  assert_int_equal (reload_policy (world, "[Policy]\napp=*\nbluetooth=deny\n"), 0);
  world_see_app (world, PERMS_ACCESS_ALL, "F");
  assert_int_equal (
    perms_cache_derive (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, 100).bluetooth,
    PERMS_BLUETOOTH_RESTRICTED);
  assert_int_equal (reload_policy (world, "[Policy]\napp=*\nbluetooth=allow\n"), 1);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE);
  assert_int_equal (reload_policy (world, "[Policy]\napp=*\nbluetooth=allow\n"), 0);
  assert_int_equal (reload_policy (world, "[Policy]\napp=*\nbluetooth=deny\n"), 1);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_POLICY);
  assert_int_equal (reload_policy (world, ""), 1);
  assert_int_equal (
    perms_cache_derive (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, 100).bluetooth,
    PERMS_BLUETOOTH_NOT_DETERMINED);

  reload_policy (world, "[Policy]\napp=*\npicker=deny\n");
  assert_int_equal (
    perms_cache_derive (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, 100).picker,
    PERMS_PICKER_RESTRICTED_POLICY);
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_REFUSED (world, PERMS_CAUSE_POLICY);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WORLD_TEST (another_publisher_needs_a_word_from_the_person),
    WORLD_TEST (a_change_of_identity_that_was_none_is_forgotten),
    WORLD_TEST (a_manifest_may_change),
    WORLD_TEST (the_command_line_is_a_reason),
    WORLD_TEST (managed_rows_follow_the_policy_files),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
