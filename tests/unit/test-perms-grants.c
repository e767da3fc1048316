/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/plan.h"
#include "tests/unit/perms-world.h"

static void
an_id_stays_what_it_was (void **state)
{
  World *world = *state;
  PermsId first;

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_OK (world);
  first = world->id;
  assert_ptr_equal (
    perms_cache_lookup_id (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, &first),
    perms_cache_lookup_grant (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, WORLD_STRAP));
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_NO_EFFECT (world);
  assert_true (perms_id_equal (&world->id, &first));

  world_end (world, PERMS_GRANT_REMOVED);
  EXPECT_OK (world);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NO_GRANT);
  g_autoptr (PermsScope) scope = perms_scope_parse ("*=n", NULL);
  PermsGrant again = world_make_grant (WORLD_STRAP, scope);
  again.id.bytes[0] = 99;
  assert_true (world_grant (world, &again, NULL));
  EXPECT_OK (world);
  assert_true (perms_id_equal (&world->id, &first));
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE);
}

static void
a_grant_needs_an_app_that_is_there (void **state)
{
  World *world = *state;

  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_INSTALLED);
  world->by.reason = PERMS_REASON_CLI;
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_INSTALLED);
  world_end (world, PERMS_GRANT_REMOVED);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_INSTALLED);

  world->by.reason = PERMS_REASON_USER_PICKER;
  world_see_app (world, PERMS_ACCESS_BLUETOOTH, "F");
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_DECLARED);
  world->by.reason = PERMS_REASON_CLI; /* `allow` does not ask the picker */
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  EXPECT_OK (world);
  assert_int_equal (perms_cache_lookup_grant (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL,
                                              WORLD_STRAP)
                      ->decision.reason,
                    PERMS_REASON_CLI);
}

static void
bad_grants_are_errors (void **state)
{
  World *world = *state;
  g_autoptr (PermsScope) scope = perms_scope_parse ("*=n", NULL);
  g_autofree char *long_name = g_strnfill (PERMS_NAME_MAX + 1, 'x');
  PermsGrant bad[] = {
    world_make_grant (WORLD_STRAP, scope), world_make_grant (WORLD_STRAP, scope),
    world_make_grant (WORLD_STRAP, scope), world_make_grant (WORLD_STRAP, scope),
    world_make_grant (WORLD_STRAP, scope), world_make_grant (WORLD_STRAP, scope),
    world_make_grant (WORLD_STRAP, scope), world_make_grant (WORLD_STRAP, scope),
  };

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  bad[0].app = (char[]){ "trainer" };
  bad[1].device = (char[]){ "my watch" };
  bad[2].accessory = 1;
  bad[3].id = (PermsId){ { 0 } };
  bad[4].name = long_name;
  bad[5].scope = NULL;
  bad[6].lifetime = PERMS_LIFETIME_UNTIL;
  bad[6].until_s = world->by.time_s;
  bad[7].state = PERMS_GRANT_REVOKED;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_false (world_grant (world, &bad[i], &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
      assert_int_equal (world->n_rows, 0);
    }
}

static void
an_app_has_a_thousand_accessories (void **state)
{
  World *world = *state;
  g_autoptr (PermsScope) scope = perms_scope_parse ("*=n", NULL);
  g_autoptr (GError) error = NULL;

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  for (guint i = 0; i < PERMS_APP_GRANTS_MAX; i++)
    world_pick (world, WORLD_STRAP + i, "*=n");
  assert_int_equal (perms_cache_count_grants (world->cache, WORLD_APP),
                    PERMS_APP_GRANTS_MAX);
  PermsGrant more = world_make_grant (WORLD_STRAP + PERMS_APP_GRANTS_MAX, scope);
  assert_false (world_grant (world, &more, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT));
  world_pick (world, WORLD_STRAP, "*=rn"); /* one that it has can still change */
  EXPECT_OK (world);
}

static void
a_no_stays_until_a_new_grant (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_ALL, "F");
  world_run (world, PERMS_EVENT_PROMPT, PERMS_EVENT_VALUE_ALLOW);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE);

  world_end (world, PERMS_GRANT_DENIED); /* without any grant */
  EXPECT_OK (world);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_DENIED_BY_USER);
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE);
  world_end (world, PERMS_GRANT_REVOKED);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_REVOKED);
  world_end (world, PERMS_GRANT_REVOKED);
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_GRANT);
  world_end (world, PERMS_GRANT_REMOVED); /* an app cannot soften it */
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_GRANT);

  world_run (world, PERMS_EVENT_UNINSTALL, PERMS_EVENT_VALUE_NONE);
  world_see_app (world, PERMS_ACCESS_ALL, "F");
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_REVOKED);
}

static void
what_was_given_up_can_still_be_revoked (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_ALL, "F");
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  world_end (world, PERMS_GRANT_REMOVED);
  world_end (world, PERMS_GRANT_REMOVED);
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_GRANT);
  world_end (world, PERMS_GRANT_REVOKED);
  EXPECT_OK (world);
}

static void
an_uninstall_ends_what_was_granted (void **state)
{
  World *world = *state;

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  world_pick (world, WORLD_STRAP + 1, "*=n");
  world_run (world, PERMS_EVENT_UNINSTALL, PERMS_EVENT_VALUE_NONE);
  EXPECT_OK (world);
  assert_int_equal (world->n_rows, 3);
  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NO_GRANT);
  assert_int_equal (perms_cache_lookup_grant (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL,
                                              WORLD_STRAP)
                      ->state,
                    PERMS_GRANT_UNINSTALLED);
}

static void
an_observed_expiry_is_for_ever (void **state)
{
  World *world = *state;
  g_autoptr (PermsScope) scope = perms_scope_parse (WORLD_HEART_RATE "=n", NULL);
  PermsGrant grant = world_make_grant (WORLD_STRAP, scope);
  PermsChanges *changes = perms_changes_new ();

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  assert_true (perms_cache_next_expiry (world->cache) == G_MAXINT64);
  grant.lifetime = PERMS_LIFETIME_UNTIL;
  grant.until_s = 200;
  assert_true (world_grant (world, &grant, NULL));
  assert_true (perms_cache_next_expiry (world->cache) == 200);
  assert_int_equal (world_ask (world, 199), PERMS_CAUSE_NONE);
  assert_int_equal (world_ask (world, 200), PERMS_CAUSE_EXPIRED);

  world->by.time_s = 200;
  assert_int_equal (
    perms_plan_expire (world->cache, WORLD_UID, FALSE, &world->by, changes), 1);
  world_put (world, changes);
  assert_int_equal (world_ask (world, 199),
                    PERMS_CAUSE_EXPIRED); /* the clock went back */
  assert_true (perms_cache_next_expiry (world->cache) == G_MAXINT64);
}

static void
what_belongs_to_a_session_ends_with_it (void **state)
{
  World *world = *state;
  g_autoptr (PermsScope) scope = perms_scope_parse (WORLD_HEART_RATE "=n", NULL);
  PermsGrant once = world_make_grant (WORLD_STRAP, scope);
  PermsGrant awaiting = world_make_grant (WORLD_STRAP + 1, scope);
  PermsGrant always = world_make_grant (WORLD_STRAP + 2, scope);
  g_autoptr (PermsChanges) nothing = perms_changes_new ();
  PermsChanges *changes = perms_changes_new ();

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  once.lifetime = PERMS_LIFETIME_ONCE;
  awaiting.state = PERMS_GRANT_AWAITING;
  assert_true (world_grant (world, &once, NULL));
  assert_true (world_grant (world, &awaiting, NULL));
  assert_true (world_grant (world, &always, NULL));
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_NONE);
  assert_int_equal (
    perms_plan_expire (world->cache, WORLD_UID, FALSE, &world->by, nothing), 0);
  assert_int_equal (
    perms_plan_expire (world->cache, WORLD_UID, TRUE, &world->by, changes), 2);
  world_put (world, changes);
  assert_int_equal (world_ask (world, 100), PERMS_CAUSE_EXPIRED);
}

static void
finish (World *world)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome =
    perms_plan_finish (world->cache,
                       &(PermsGrantKey){ WORLD_APP, PERMS_DEVICE_LOCAL, WORLD_STRAP },
                       &world->by, changes);
  world_put (world, changes);
}

static void
an_app_finishes_its_own_set_up (void **state)
{
  World *world = *state;
  g_autoptr (PermsScope) scope = perms_scope_parse ("*=n", NULL);
  PermsGrant grant = world_make_grant (WORLD_STRAP, scope);

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  finish (world);
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_GRANT);
  grant.state = PERMS_GRANT_AWAITING;
  assert_true (world_grant (world, &grant, NULL));
  finish (world);
  EXPECT_OK (world);
  finish (world);
  EXPECT_NO_EFFECT (world);
}

static gboolean
rename_strap (World *world, const char *name, GError **error)
{
  PermsChanges *changes = perms_changes_new ();
  gboolean is_planned =
    perms_plan_rename (world->cache,
                       &(PermsGrantKey){ WORLD_APP, PERMS_DEVICE_LOCAL, WORLD_STRAP },
                       name, &world->by, changes, &world->outcome, error);

  world_put (world, changes);
  return is_planned;
}

static void
a_name_is_the_persons (void **state)
{
  World *world = *state;
  g_autofree char *long_name = g_strnfill (PERMS_NAME_MAX + 1, 'x');
  const char *bad[] = { "", "\xff", long_name };

  world_see_app (world, PERMS_ACCESS_ACCESSORY_SETUP, "F");
  assert_true (rename_strap (world, "Mine", NULL));
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_GRANT);
  world_pick (world, WORLD_STRAP, WORLD_HEART_RATE "=rn");
  world->by.time_s = 500;
  assert_true (rename_strap (world, "Mine", NULL));
  EXPECT_OK (world);
  const PermsGrant *grant =
    perms_cache_lookup_grant (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, WORLD_STRAP);
  assert_string_equal (grant->name, "Mine");
  assert_int_equal (grant->decision.time_s, 100); /* when it was given */
  assert_true (rename_strap (world, "Mine", NULL));
  EXPECT_NO_EFFECT (world);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_false (rename_strap (world, bad[i], &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WORLD_TEST (an_id_stays_what_it_was),
    WORLD_TEST (a_grant_needs_an_app_that_is_there),
    WORLD_TEST (bad_grants_are_errors),
    WORLD_TEST (an_app_has_a_thousand_accessories),
    WORLD_TEST (a_no_stays_until_a_new_grant),
    WORLD_TEST (what_was_given_up_can_still_be_revoked),
    WORLD_TEST (an_uninstall_ends_what_was_granted),
    WORLD_TEST (an_observed_expiry_is_for_ever),
    WORLD_TEST (what_belongs_to_a_session_ends_with_it),
    WORLD_TEST (an_app_finishes_its_own_set_up),
    WORLD_TEST (a_name_is_the_persons),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
