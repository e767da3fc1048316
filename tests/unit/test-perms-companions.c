/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/plan.h"

#define UID   1000
#define APP   "flatpak:1000:org.example.Trainer"
#define LOCAL PERMS_DEVICE_LOCAL
#define WATCH "watch"

typedef struct
{
  PermsCache *cache;
  PermsOutcome outcome;
  guint n_rows;
} World;

static int
make_world (void **state)
{
  World *world = g_new0 (World, 1);

  world->cache = perms_cache_new ();
  *state = world;
  return 0;
}

static int
free_world (void **state)
{
  World *world = *state;

  perms_cache_free (world->cache);
  g_free (world);
  return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown (name, make_world, free_world)

static const PermsBy here = { .reason = PERMS_REASON_USER_SETTINGS,
                              .time_s = 100,
                              .device = LOCAL };

static void
put (World *world, PermsChanges *take_changes)
{
  world->n_rows = perms_changes_get_length (take_changes);
  perms_cache_put (world->cache, take_changes);
  perms_changes_unref (take_changes);
}

static void
expect (const World *world, PermsResult result, PermsCause cause)
{
  assert_int_equal (world->outcome.result, result);
  assert_int_equal (world->outcome.cause, cause);
}

#define EXPECT_OK(world)             expect ((world), PERMS_RESULT_OK, PERMS_CAUSE_NONE)
#define EXPECT_NO_EFFECT(world)      expect ((world), PERMS_RESULT_NO_EFFECT, PERMS_CAUSE_NONE)
#define EXPECT_REFUSED(world, cause) expect ((world), PERMS_RESULT_REFUSED, (cause))

static gboolean
add (World *world, const char *name, const char *kind, GError **error)
{
  PermsChanges *changes = perms_changes_new ();
  gboolean is_planned =
    perms_plan_add_device (world->cache, &(PermsNewDevice){ UID, name, kind }, &here,
                           changes, &world->outcome, error);

  put (world, changes);
  return is_planned;
}

static void
link_device (World *world, const char *name, gboolean is_host)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_link (world->cache, UID, name, is_host, &here, changes);
  put (world, changes);
}

static void
unlink_device (World *world, const char *name)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_unlink (world->cache, UID, name, &here, changes);
  put (world, changes);
}

static void
set_sync (World *world, const char *name, PermsSync sync)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_set_sync (world->cache, UID, name, sync, &here, changes);
  put (world, changes);
}

static void
consent (World *world, const char *name, gboolean allow)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_consent (world->cache, UID, name, allow, &here, changes);
  put (world, changes);
}

static void
remove_device (World *world, const char *name)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome = perms_plan_remove_device (world->cache, UID, name, &here, changes);
  put (world, changes);
}

static void
add_linked (World *world, const char *name, PermsSync sync)
{
  assert_true (add (world, name, "watch", NULL));
  link_device (world, name, FALSE);
  EXPECT_OK (world);
  set_sync (world, name, sync);
}

static void
install_as (World *world,
            const char *device,
            PermsAccess asks,
            const char *fingerprint,
            guint64 revision)
{
  PermsChanges *changes = perms_changes_new ();
  PermsAppFacts facts = {
    .app = APP, .device = device, .asks = asks, .fingerprint = fingerprint
  };
  PermsBy by = { .time_s = 100, .device = device, .revision = revision };

  world->outcome = perms_plan_register (world->cache, &facts, &by, changes);
  put (world, changes);
}

static void
install (World *world, const char *device, PermsAccess asks)
{
  install_as (world, device, asks, "F", 0);
}

/* Something that @by says of @device. */
static void
report (World *world,
        const char *device,
        PermsEventKind kind,
        PermsEventValue value,
        PermsBy by)
{
  PermsChanges *changes = perms_changes_new ();

  world->outcome =
    perms_plan_event (world->cache, APP, device, kind, value, &by, changes);
  put (world, changes);
}

static void
run (World *world, const char *device, PermsEventKind kind, PermsEventValue value)
{
  report (world, device, kind, value, here);
}

static PermsBluetooth
row (const World *world, const char *device)
{
  const PermsInstall *found = perms_cache_lookup_install (world->cache, APP, device);

  return found != NULL ? found->bluetooth : PERMS_BLUETOOTH_NONE;
}

#define ALLOW PERMS_EVENT_VALUE_ALLOW
#define DENY  PERMS_EVENT_VALUE_DENY
#define NONE  PERMS_EVENT_VALUE_NONE

/* ---- devices ---- */

static void
companions_are_added_and_linked (void **state)
{
  World *world = *state;

  link_device (world, WATCH, FALSE);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
  assert_true (add (world, WATCH, "watch", NULL));
  EXPECT_OK (world);
  assert_true (add (world, WATCH, "watch", NULL));
  EXPECT_NO_EFFECT (world);
  set_sync (world, WATCH, PERMS_SYNC_MIRRORED);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
  unlink_device (world, WATCH);
  EXPECT_NO_EFFECT (world);
  link_device (world, WATCH, FALSE);
  EXPECT_OK (world);
  link_device (world, WATCH, FALSE);
  EXPECT_NO_EFFECT (world);
  set_sync (world, WATCH, PERMS_SYNC_INDEPENDENT);
  EXPECT_NO_EFFECT (world);
  set_sync (world, WATCH, PERMS_SYNC_COPY_ONCE);
  EXPECT_OK (world);
  assert_int_equal (perms_cache_lookup_device (world->cache, UID, WATCH)->sync,
                    PERMS_SYNC_COPY_ONCE);
  unlink_device (world, WATCH);
  EXPECT_OK (world);
  link_device (world, WATCH, FALSE); /* begins independent again */
  assert_int_equal (perms_cache_lookup_device (world->cache, UID, WATCH)->sync,
                    PERMS_SYNC_INDEPENDENT);
  unlink_device (world, "phone");
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
  consent (world, "phone", TRUE);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
  remove_device (world, "phone");
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
}

static void
bad_companions_are_errors (void **state)
{
  World *world = *state;
  static const struct
  {
    const char *name;
    const char *kind;
  } bad[] = {
    { LOCAL, "watch" },      { "", "watch" },
    { "my watch", "watch" }, { WATCH, "" },
    { WATCH, "A watch" },    { WATCH, "a-very-long-kind-of-a-device-indeed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      assert_false (add (world, bad[i].name, bad[i].kind, &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
    }
}

static void
a_person_has_so_many_companions (void **state)
{
  World *world = *state;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < PERMS_USER_DEVICES_MAX; i++)
    {
      g_autofree char *name = g_strdup_printf ("d%u", i);
      assert_true (add (world, name, "watch", NULL));
    }
  assert_false (add (world, "more", "watch", &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT));
  remove_device (world, "d0");
  assert_true (add (world, "more", "watch", NULL));
}

static void
one_side_of_a_link_is_the_host (void **state)
{
  World *world = *state;
  guint index = 0;

  assert_true (add (world, "phone", "phone", NULL));
  assert_true (add (world, WATCH, "watch", NULL));
  link_device (world, "phone", TRUE);
  EXPECT_OK (world);
  link_device (world, WATCH, FALSE); /* a companion has no companions */
  EXPECT_REFUSED (world, PERMS_CAUSE_LOCKED);
  set_sync (world, "phone", PERMS_SYNC_MIRRORED);
  install (world, LOCAL, PERMS_ACCESS_BLUETOOTH);
  install (world, "phone", PERMS_ACCESS_BLUETOOTH);
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_of (world->cache, APP, LOCAL, 100, &index);
  assert_int_equal (index, 1);
  assert_string_equal (perms_family_get (family, 0)->name, "phone");
  run (world, LOCAL, PERMS_EVENT_SET, ALLOW);
  EXPECT_REFUSED (world, PERMS_CAUSE_LOCKED);
  run (world, "phone", PERMS_EVENT_SET, ALLOW);
  assert_int_equal (row (world, LOCAL), PERMS_BLUETOOTH_ALLOWED);

  unlink_device (world, "phone");
  link_device (world, WATCH, FALSE);
  EXPECT_OK (world);
  link_device (world, "phone", TRUE);
  EXPECT_REFUSED (world, PERMS_CAUSE_LOCKED);
}

/* ---- policies of links ---- */

static void
each_link_has_its_own_policy (void **state)
{
  World *world = *state;

  add_linked (world, "mirror", PERMS_SYNC_MIRRORED);
  add_linked (world, "free", PERMS_SYNC_INDEPENDENT);
  install (world, LOCAL, PERMS_ACCESS_BLUETOOTH);
  install (world, "mirror", PERMS_ACCESS_BLUETOOTH);
  install (world, "free", PERMS_ACCESS_BLUETOOTH);
  run (world, LOCAL, PERMS_EVENT_PROMPT, ALLOW);
  assert_int_equal (row (world, "mirror"), PERMS_BLUETOOTH_ALLOWED);
  assert_int_equal (row (world, "free"), PERMS_BLUETOOTH_NOT_DETERMINED);
  run (world, "free", PERMS_EVENT_SET, DENY);
  EXPECT_OK (world);
  run (world, "mirror", PERMS_EVENT_SET, DENY);
  EXPECT_REFUSED (world, PERMS_CAUSE_LOCKED);
}

static void
a_change_of_policy_drops_the_conflict (void **state)
{
  World *world = *state;

  add_linked (world, WATCH, PERMS_SYNC_MIRRORED);
  install (world, LOCAL, PERMS_ACCESS_ACCESSORY_SETUP);
  install (world, WATCH, PERMS_ACCESS_BLUETOOTH);
  run (world, WATCH, PERMS_EVENT_PROMPT, ALLOW);
  assert_int_equal (world->outcome.note, PERMS_NOTE_APP_KILLED);
  assert_int_equal (perms_cache_derive (world->cache, APP, LOCAL, 100).picker,
                    PERMS_PICKER_EMPTY);
  set_sync (world, WATCH, PERMS_SYNC_INDEPENDENT);
  assert_int_equal (perms_cache_derive (world->cache, APP, LOCAL, 100).picker,
                    PERMS_PICKER_OK);
  assert_int_equal (row (world, WATCH), PERMS_BLUETOOTH_DENIED); /* no row changes */
}

static void
prepare_snapshot (World *world)
{
  add_linked (world, WATCH, PERMS_SYNC_COPY_ONCE);
  install (world, LOCAL, PERMS_ACCESS_BLUETOOTH);
  run (world, LOCAL, PERMS_EVENT_PROMPT, ALLOW);
  run (world, WATCH, PERMS_EVENT_SYNC, NONE);
  EXPECT_REFUSED (world, PERMS_CAUSE_NO_CONSENT);
  consent (world, WATCH, TRUE);
  run (world, WATCH, PERMS_EVENT_SYNC, NONE);
  EXPECT_OK (world);
  assert_true (perms_cache_lookup_install (world->cache, APP, WATCH)->waiting);
}

static void
a_snapshot_waits_for_the_install (void **state)
{
  World *world = *state;

  prepare_snapshot (world);
  install (world, WATCH, PERMS_ACCESS_BLUETOOTH);
  assert_int_equal (row (world, WATCH), PERMS_BLUETOOTH_ALLOWED);
  assert_false (perms_cache_lookup_install (world->cache, APP, WATCH)->waiting);
}

static void
a_snapshot_is_for_the_same_publisher (void **state)
{
  World *world = *state;

  prepare_snapshot (world);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "G", 0);
  assert_int_equal (row (world, WATCH), PERMS_BLUETOOTH_NOT_DETERMINED);
  run (world, WATCH, PERMS_EVENT_SYNC, NONE);
  assert_int_equal (world->outcome.note, PERMS_NOTE_IDENTITY_MISMATCH);
}

static void
a_snapshot_goes_with_consent_and_link (void **state)
{
  World *world = *state;

  prepare_snapshot (world);
  consent (world, WATCH, FALSE);
  assert_false (perms_cache_lookup_install (world->cache, APP, WATCH)->waiting);
  consent (world, WATCH, TRUE);
  run (world, WATCH, PERMS_EVENT_SYNC, NONE);
  unlink_device (world, WATCH);
  assert_false (perms_cache_lookup_install (world->cache, APP, WATCH)->waiting);
  run (world, WATCH, PERMS_EVENT_SYNC, NONE);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
}

/* ---- reports ---- */

static PermsBy
watch_says (guint64 revision)
{
  return (PermsBy){ .time_s = 100, .device = WATCH, .revision = revision };
}

static void
an_old_report_changes_nothing (void **state)
{
  World *world = *state;

  add_linked (world, WATCH, PERMS_SYNC_INDEPENDENT);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 5);
  EXPECT_OK (world);
  report (world, WATCH, PERMS_EVENT_PROMPT, ALLOW, watch_says (5));
  EXPECT_REFUSED (world, PERMS_CAUSE_STALE);
  assert_int_equal (world->n_rows, 0);
  report (world, WATCH, PERMS_EVENT_PROMPT, ALLOW, watch_says (6));
  EXPECT_OK (world);
  report (world, WATCH, PERMS_EVENT_SET, DENY, watch_says (9));
  EXPECT_OK (world);
  report (world, WATCH, PERMS_EVENT_PROMPT, ALLOW, watch_says (6)); /* replayed */
  EXPECT_REFUSED (world, PERMS_CAUSE_STALE);
  assert_int_equal (row (world, WATCH), PERMS_BLUETOOTH_DENIED);
  report (world, WATCH, PERMS_EVENT_UNINSTALL, NONE, watch_says (10));
  EXPECT_OK (world);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 5);
  EXPECT_REFUSED (world, PERMS_CAUSE_STALE);
}

static void
a_companion_speaks_for_itself_only (void **state)
{
  World *world = *state;

  add_linked (world, WATCH, PERMS_SYNC_INDEPENDENT);
  add_linked (world, "car", PERMS_SYNC_INDEPENDENT);
  install (world, LOCAL, PERMS_ACCESS_BLUETOOTH);
  install (world, "car", PERMS_ACCESS_BLUETOOTH);
  report (world, "car", PERMS_EVENT_PROMPT, ALLOW, watch_says (99));
  EXPECT_REFUSED (world, PERMS_CAUSE_STALE);
  report (world, LOCAL, PERMS_EVENT_PROMPT, ALLOW, watch_says (99));
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
  unlink_device (world, WATCH);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 100);
  EXPECT_REFUSED (world, PERMS_CAUSE_NOT_LINKED);
}

static void
a_report_that_is_mirrored_keeps_its_revision_to_itself (void **state)
{
  World *world = *state;

  add_linked (world, WATCH, PERMS_SYNC_MIRRORED);
  install (world, LOCAL, PERMS_ACCESS_BLUETOOTH);
  install (world, WATCH, PERMS_ACCESS_BLUETOOTH);
  report (world, WATCH, PERMS_EVENT_PROMPT, ALLOW, watch_says (1000));
  EXPECT_OK (world);
  const PermsInstall *watch = perms_cache_lookup_install (world->cache, APP, WATCH);
  const PermsInstall *host = perms_cache_lookup_install (world->cache, APP, LOCAL);
  assert_int_equal (watch->decision.revision, 1000);
  assert_int_equal (host->bluetooth, PERMS_BLUETOOTH_ALLOWED);
  assert_int_equal (host->decision.revision, 2);
  assert_string_equal (host->decision.device, WATCH); /* who decided */
}

static void
a_removed_companion_brings_nothing_back (void **state)
{
  World *world = *state;

  add_linked (world, WATCH, PERMS_SYNC_INDEPENDENT);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 7);
  report (world, WATCH, PERMS_EVENT_PROMPT, ALLOW, watch_says (8));
  remove_device (world, WATCH);
  EXPECT_OK (world);
  assert_null (perms_cache_lookup_install (world->cache, APP, WATCH));
  add_linked (world, WATCH, PERMS_SYNC_INDEPENDENT);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 8); /* from before the removal */
  EXPECT_REFUSED (world, PERMS_CAUSE_STALE);
  install_as (world, WATCH, PERMS_ACCESS_BLUETOOTH, "F", 9);
  EXPECT_OK (world);
  assert_int_equal (row (world, WATCH), PERMS_BLUETOOTH_NOT_DETERMINED);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    WORLD_TEST (companions_are_added_and_linked),
    WORLD_TEST (bad_companions_are_errors),
    WORLD_TEST (a_person_has_so_many_companions),
    WORLD_TEST (one_side_of_a_link_is_the_host),
    WORLD_TEST (each_link_has_its_own_policy),
    WORLD_TEST (a_change_of_policy_drops_the_conflict),
    WORLD_TEST (a_snapshot_waits_for_the_install),
    WORLD_TEST (a_snapshot_is_for_the_same_publisher),
    WORLD_TEST (a_snapshot_goes_with_consent_and_link),
    WORLD_TEST (an_old_report_changes_nothing),
    WORLD_TEST (a_companion_speaks_for_itself_only),
    WORLD_TEST (a_report_that_is_mirrored_keeps_its_revision_to_itself),
    WORLD_TEST (a_removed_companion_brings_nothing_back),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
