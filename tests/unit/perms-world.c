/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "tests/unit/perms-world.h"

int
world_make (void **state)
{
  World *world = g_new0 (World, 1);

  world->cache = perms_cache_new ();
  world->by = (PermsBy){ .reason = PERMS_REASON_USER_PICKER,
                         .time_s = 100,
                         .device = PERMS_DEVICE_LOCAL };
  *state = world;
  return 0;
}

int
world_free (void **state)
{
  World *world = *state;

  perms_cache_free (world->cache);
  g_free (world);
  return 0;
}

void
world_put (World *world, PermsChanges *take_changes)
{
  world->n_rows = perms_changes_get_length (take_changes);
  perms_cache_put (world->cache, take_changes);
  perms_changes_unref (take_changes);
}

void
world_expect (const World *world, PermsResult result, PermsCause cause)
{
  assert_int_equal (world->outcome.result, result);
  assert_int_equal (world->outcome.cause, cause);
}

void
world_see_app (World *world, PermsAccess asks, const char *fingerprint)
{
  PermsChanges *changes = perms_changes_new ();
  PermsAppFacts facts = { .app = WORLD_APP,
                          .device = PERMS_DEVICE_LOCAL,
                          .asks = asks,
                          .strength = PERMS_STRENGTH_VERIFIED,
                          .fingerprint = fingerprint };

  world->outcome = perms_plan_register (world->cache, &facts, &world->by, changes);
  world_put (world, changes);
}

PermsGrant
world_make_grant (PermsAccessory accessory, PermsScope *scope)
{
  PermsGrant grant = { .app = (char *) WORLD_APP,
                       .device = (char *) PERMS_DEVICE_LOCAL,
                       .accessory = accessory,
                       .name = (char *) "Strap",
                       .scope = scope,
                       .lifetime = PERMS_LIFETIME_ALWAYS,
                       .state = PERMS_GRANT_ACTIVE };

  grant.id.bytes[0] = (guint8) (accessory + 1);
  grant.id.bytes[15] = 1;
  return grant;
}

/* The plan copies what it is given, so the strings have to be shared ones. */
gboolean
world_grant (World *world, const PermsGrant *grant, GError **error)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  PermsGrant shared = *grant;

  shared.app = g_ref_string_new (grant->app);
  shared.device = g_ref_string_new (grant->device);
  shared.name = g_ref_string_new (grant->name);
  gboolean is_planned = perms_plan_grant (world->cache, &shared, &world->by, changes,
                                          &world->outcome, &world->id, error);
  g_ref_string_release (shared.app);
  g_ref_string_release (shared.device);
  g_ref_string_release (shared.name);
  world_put (world, g_steal_pointer (&changes));
  return is_planned;
}

void
world_pick (World *world, PermsAccessory accessory, const char *scope_text)
{
  g_autoptr (PermsScope) scope = perms_scope_parse (scope_text, NULL);
  PermsGrant grant = world_make_grant (accessory, scope);

  assert_true (world_grant (world, &grant, NULL));
}

void
world_end (World *world, PermsGrantState how)
{
  PermsChanges *changes = perms_changes_new ();
  PermsId id = { { 9 } };

  world->outcome =
    perms_plan_end (world->cache,
                    &(PermsGrantKey){ WORLD_APP, PERMS_DEVICE_LOCAL, WORLD_STRAP }, how,
                    &id, &world->by, changes);
  world_put (world, changes);
}

void
world_run (World *world, PermsEventKind kind, PermsEventValue value)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_event (world->cache, WORLD_APP, PERMS_DEVICE_LOCAL, kind,
                                     value, &world->by, changes);
  world_put (world, changes);
}

PermsCause
world_ask (const World *world, gint64 now_s)
{
  PermsRequest request = { .kind = PERMS_REQUEST_ATTRIBUTE,
                           .app = WORLD_APP,
                           .fingerprint = "F",
                           .device = PERMS_DEVICE_LOCAL,
                           .accessory = WORLD_STRAP,
                           .operation = PERMS_OPERATION_NOTIFY,
                           .blocklist = PERMS_BLOCKLIST_CLEAR };
  PermsCause cause = PERMS_CAUSE_NONE;

  assert_true (perms_uuid_parse (WORLD_HEART_RATE, &request.service, NULL));
  perms_cache_decide (world->cache, &request, now_s, &cause);
  return cause;
}
