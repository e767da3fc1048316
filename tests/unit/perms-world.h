/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A cache, what happened last, and a clock: for the tests of plans. Include after
 * tests/unit/unit.h. */

#pragma once

#include "perms/plan.h"

#define WORLD_UID        1000
#define WORLD_APP        "flatpak:1000:org.example.Trainer"
#define WORLD_HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"
#define WORLD_STRAP      G_GUINT64_CONSTANT (0x2c464e3010203)

typedef struct
{
  PermsCache *cache;
  PermsBy by;
  PermsOutcome outcome;
  PermsId id;
  guint n_rows; /* of the last plan */
} World;

/* cmocka's set-up and tear-down. */
int world_make (void **state);
int world_free (void **state);

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown (name, world_make, world_free)

/* Puts a change set, which is taken over, into the cache. */
void world_put (World *world, PermsChanges *take_changes);

void world_expect (const World *world, PermsResult result, PermsCause cause);

#define EXPECT_OK(world) world_expect ((world), PERMS_RESULT_OK, PERMS_CAUSE_NONE)
#define EXPECT_NO_EFFECT(world) \
  world_expect ((world), PERMS_RESULT_NO_EFFECT, PERMS_CAUSE_NONE)
#define EXPECT_REFUSED(world, cause) world_expect ((world), PERMS_RESULT_REFUSED, (cause))

/* The app is seen on this machine. */
void world_see_app (World *world, PermsAccess asks, const char *fingerprint);

/* A grant of static strings, to be changed and given to world_grant (). */
PermsGrant world_make_grant (PermsAccessory accessory, PermsScope *scope);
gboolean world_grant (World *world, const PermsGrant *grant, GError **error);
void world_pick (World *world, PermsAccessory accessory, const char *scope);
void world_end (World *world, PermsGrantState how);
void world_run (World *world, PermsEventKind kind, PermsEventValue value);

/* May the app be notified of heart rates by the strap, and if not, why? */
PermsCause world_ask (const World *world, gint64 now_s);
