/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Random events on random families, through plans, store and cache, next to the model in
 * memory. After each event both say the same, and the invariants of the permission model
 * hold; now and then the store is closed and everything is read from it again.
 *   PERMS_SEED=N   repeats a run;  PERMS_EVENTS=N  makes it longer */

#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "perms/plan.h"
#include "tests/store/place.h"

#define EVENTS      100000
#define RUN_EVENTS  250 /* with one family */
#define RESTARTS    100 /* one event in so many, on average */
#define MEMBERS_MAX 4
#define ACCESSORIES 4

static const char *const names[MEMBERS_MAX] = { "local", "watch", "gateway", "car" };

typedef struct
{
  GRand *rand;
  const Place *place;
  PermsStore *store;
  PermsCache *cache;
  guint32 uid;
  char *app;
  PermsSync sync;
  PermsFamily *model;
  PermsChanges *journal; /* every row that was written for this family */
  gint64 now_s;
  guint n_restarts;
  guint n_changes;
} World;

/* ---- one event, both ways ---- */

static void
commit (World *world, PermsChanges *changes)
{
  g_autoptr (GError) error = NULL;

  if (perms_changes_get_length (changes) == 0)
    return;
  if (!perms_store_apply (world->store, changes, &error))
    fail_msg ("%s", error->message);
  perms_cache_put (world->cache, changes);
  world->n_changes += perms_changes_get_length (changes);
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);
      if (change->kind == PERMS_CHANGE_INSTALL)
        perms_changes_take (world->journal, change->kind, change->event,
                            perms_install_copy (change->install));
      else if (change->kind == PERMS_CHANGE_GRANT)
        perms_changes_take (world->journal, change->kind, change->event,
                            perms_grant_copy (change->grant));
    }
}

static PermsAccessory
make_accessory (guint number)
{
  return rows_accessory (number);
}

static PermsOutcome
plan_pick (World *world,
           const char *device,
           guint number,
           const PermsBy *by,
           PermsChanges *changes)
{
  g_autoptr (PermsGrant) grant =
    rows_make_grant (world->app, make_accessory (number), PERMS_GRANT_ACTIVE, 1);
  PermsOutcome outcome = { .result = PERMS_RESULT_REFUSED };
  g_autoptr (GError) error = NULL;
  PermsId id;

  perms_string_set (&grant->device, device);
  grant->lifetime = PERMS_LIFETIME_ALWAYS;
  grant->until_s = 0;
  if (!perms_plan_grant (world->cache, grant, by, changes, &outcome, &id, &error))
    fail_msg ("%s", error->message);
  return outcome;
}

static PermsOutcome
plan (World *world, const PermsEvent *event, guint accessory, PermsChanges *changes)
{
  const char *device = names[event->member];
  PermsBy by = { .time_s = ++world->now_s, .device = device };
  PermsAppFacts facts = { .app = world->app,
                          .device = device,
                          .asks = perms_family_get (world->model, event->member)->asks,
                          .fingerprint = "F" };

  switch (event->kind)
    {
    case PERMS_EVENT_INSTALL:
      return perms_plan_register (world->cache, &facts, &by, changes);
    case PERMS_EVENT_PICK:
      by.reason = PERMS_REASON_USER_PICKER;
      return plan_pick (world, device, accessory, &by, changes);
    case PERMS_EVENT_FORGET:
      return perms_plan_end (
        world->cache, &(PermsGrantKey){ world->app, device, make_accessory (accessory) },
        PERMS_GRANT_REMOVED, NULL, &by, changes);
    case PERMS_EVENT_CONSENT:
      return perms_plan_consent (world->cache, world->uid, device,
                                 event->value == PERMS_EVENT_VALUE_ALLOW, &by, changes);
    case PERMS_EVENT_ADAPTER:
      perms_cache_set_adapter (world->cache, world->uid, device,
                               event->value == PERMS_EVENT_VALUE_ON);
      return (PermsOutcome){ .result = PERMS_RESULT_OK };
    case PERMS_EVENT_NONE:
    case PERMS_EVENT_UNINSTALL:
    case PERMS_EVENT_LAUNCH:
    case PERMS_EVENT_PROMPT:
    case PERMS_EVENT_SET:
    case PERMS_EVENT_RESET:
    case PERMS_EVENT_POLICY_ROW:
    case PERMS_EVENT_SYNC:
    default:
      return perms_plan_event (world->cache, world->app, device, event->kind,
                               event->value, &by, changes);
    }
}

static PermsEvent
draw_event (World *world)
{
  static const PermsEventKind kinds[] = {
    PERMS_EVENT_INSTALL, PERMS_EVENT_INSTALL,    PERMS_EVENT_UNINSTALL,
    PERMS_EVENT_LAUNCH,  PERMS_EVENT_PROMPT,     PERMS_EVENT_PROMPT,
    PERMS_EVENT_PROMPT,  PERMS_EVENT_SET,        PERMS_EVENT_RESET,
    PERMS_EVENT_RESET,   PERMS_EVENT_PICK,       PERMS_EVENT_PICK,
    PERMS_EVENT_FORGET,  PERMS_EVENT_POLICY_ROW, PERMS_EVENT_CONSENT,
    PERMS_EVENT_SYNC,    PERMS_EVENT_SYNC,       PERMS_EVENT_ADAPTER,
  };
  gint n = (gint) world->model->members->len;
  PermsEvent event = { .kind =
                         kinds[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (kinds))],
                       .member = (guint) g_rand_int_range (world->rand, 0, n) };
  gboolean is_linked =
    event.kind == PERMS_EVENT_CONSENT || event.kind == PERMS_EVENT_SYNC;

  if (is_linked && n == 1)
    event.kind = PERMS_EVENT_LAUNCH;
  else if (is_linked)
    event.member = (guint) g_rand_int_range (world->rand, 1, n);
  if (event.kind == PERMS_EVENT_ADAPTER)
    event.value =
      g_rand_boolean (world->rand) ? PERMS_EVENT_VALUE_ON : PERMS_EVENT_VALUE_OFF;
  else
    event.value =
      g_rand_boolean (world->rand) ? PERMS_EVENT_VALUE_ALLOW : PERMS_EVENT_VALUE_DENY;
  if (event.kind == PERMS_EVENT_POLICY_ROW && g_rand_boolean (world->rand))
    event.value = PERMS_EVENT_VALUE_CLEAR;
  return event;
}

/* ---- what is seen ---- */

static char *
describe (const PermsFamily *family, guint index)
{
  const PermsMember *member = perms_family_get (family, index);
  PermsDerived derived = perms_family_derive (family, index);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, "%d %s %s %s %d %d %s %s managed %d waiting %d %d conflict %d",
                   derived.installed, perms_bluetooth_to_string (derived.bluetooth),
                   perms_reason_to_string (derived.reason),
                   perms_toggle_to_string (derived.toggle), derived.toggle_enabled,
                   derived.editable, perms_central_to_string (derived.central),
                   perms_picker_to_string (derived.picker), member->managed,
                   member->waiting, member->waiting ? member->snapshot : 0,
                   member->conflict);
  for (guint i = 0; i < derived.accessories->len; i++)
    g_string_append_printf (text, " %s",
                            (const char *) g_ptr_array_index (derived.accessories, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
check_same (const PermsFamily *family, const PermsFamily *model, const char *when)
{
  assert_int_equal (family->members->len, model->members->len);
  for (guint i = 0; i < model->members->len; i++)
    {
      g_autofree char *got = describe (family, i);
      g_autofree char *expected = describe (model, i);
      if (!g_str_equal (got, expected))
        fail_msg ("%s, %s: \"%s\" instead of \"%s\"", when, names[i], got, expected);
    }
}

/* ---- the invariants ---- */

static gboolean
same_accessories (const PermsMember *a, const PermsMember *b)
{
  if (a->accessories->len != b->accessories->len)
    return FALSE;
  for (guint i = 0; i < a->accessories->len; i++)
    {
      if (!perms_member_has_accessory (b, g_ptr_array_index (a->accessories, i)))
        return FALSE;
    }
  return TRUE;
}

/* 1 to 4: nothing of one device depends on another, and whoever decided did so here. */
static void
check_independent (const PermsFamily *before,
                   const PermsFamily *after,
                   const PermsEvent *event,
                   guint index)
{
  const PermsMember *old = perms_family_get (before, index);
  const PermsMember *member = perms_family_get (after, index);
  PermsDerived derived = perms_family_derive (after, index);

  if (index != event->member)
    {
      g_autofree char *was = describe (before, index);
      g_autofree char *is = describe (after, index);
      assert_string_equal (was, is);
    }
  if (member->bluetooth == PERMS_BLUETOOTH_ALLOWED &&
      old->bluetooth != PERMS_BLUETOOTH_ALLOWED)
    assert_true (member->reason == PERMS_REASON_USER_PROMPT ||
                 member->reason == PERMS_REASON_USER_SETTINGS ||
                 member->reason == PERMS_REASON_POLICY);
  if (member->installed && member->managed == PERMS_MANAGED_NONE)
    {
      assert_true (derived.editable);
      assert_true ((member->asks & PERMS_ACCESS_ACCESSORY_SETUP) == 0 ||
                   derived.picker == PERMS_PICKER_OK);
    }
}

static void
check_invariants (const World *world,
                  const PermsFamily *before,
                  const PermsFamily *after,
                  const PermsEvent *event,
                  const PermsOutcome *outcome)
{
  gboolean is_about_managed = event->kind == PERMS_EVENT_POLICY_ROW ||
                              event->kind == PERMS_EVENT_INSTALL ||
                              event->kind == PERMS_EVENT_UNINSTALL;

  /* 5: every refusal names its cause, and nothing else has one */
  assert_int_equal (outcome->result == PERMS_RESULT_REFUSED,
                    outcome->cause != PERMS_CAUSE_NONE);
  for (guint i = 0; i < after->members->len; i++)
    {
      const PermsMember *old = perms_family_get (before, i);
      const PermsMember *member = perms_family_get (after, i);

      if (world->sync == PERMS_SYNC_INDEPENDENT)
        check_independent (before, after, event, i);
      /* 6: accessory grants never change on another device */
      if (i != event->member)
        assert_true (same_accessories (old, member));
      /* 10: a managed row is changed only by policy-row, install and uninstall */
      if (old->managed != PERMS_MANAGED_NONE && !(is_about_managed && i == event->member))
        {
          assert_int_equal (member->managed, old->managed);
          assert_int_equal (member->bluetooth, old->bluetooth);
          assert_int_equal (member->reason, old->reason);
        }
    }
}

/* 7 and 9: after a restart everything is as it was. */
static void
restart (World *world)
{
  perms_store_close (world->store);
  perms_cache_free (world->cache);
  world->store = place_open (world->place, PERMS_OPENED_EXISTING);
  world->cache = perms_cache_new ();
  PermsUserRows *rows = place_load (world->store, world->uid);
  assert_int_equal (rows->n_refused, 0);
  perms_cache_take_user (world->cache, rows);
  for (guint i = 0; i < world->model->members->len; i++)
    perms_cache_set_adapter (world->cache, world->uid, names[i],
                             !perms_family_get (world->model, i)->adapter_off);
  world->n_restarts++;
}

static void
step (World *world)
{
  PermsEvent event = draw_event (world);
  guint accessory = (guint) g_rand_int_range (world->rand, 0, ACCESSORIES);
  char text[PERMS_ACCESSORY_TEXT_SIZE];
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  g_autoptr (PermsFamily) before = perms_family_copy (world->model);
  g_autofree char *when = NULL;

  perms_accessory_format (make_accessory (accessory), text);
  event.accessory = text;
  PermsOutcome expected = perms_event_apply (world->model, &event);
  PermsOutcome outcome = plan (world, &event, accessory, changes);
  when = g_strdup_printf ("%s %s", perms_event_kind_to_string (event.kind),
                          names[event.member]);
  if (outcome.result != expected.result || outcome.cause != expected.cause ||
      outcome.note != expected.note)
    fail_msg ("%s: result %d cause %s instead of %d %s", when, outcome.result,
              perms_cause_to_string (outcome.cause), expected.result,
              perms_cause_to_string (expected.cause));
  commit (world, changes);
  if (g_rand_int_range (world->rand, 0, RESTARTS) == 0)
    restart (world);

  g_autoptr (PermsFamily) after =
    perms_cache_build_family (world->cache, world->app, world->now_s);
  check_same (after, world->model, when);
  check_invariants (world, before, after, &event, &outcome);
}

/* ---- 8: a journal replayed ---- */

static const char *
get_device (const PermsChange *change)
{
  return change->kind == PERMS_CHANGE_INSTALL ? change->install->device
                                              : change->grant->device;
}

/* The entries of the journal that are about @device (NULL: all). */
static PermsChanges *
select_entries (const World *world, const char *device)
{
  PermsChanges *entries = perms_changes_new ();

  for (guint i = 0; i < perms_changes_get_length (world->journal); i++)
    {
      const PermsChange *change = perms_changes_get (world->journal, i);
      if (device != NULL && !g_str_equal (get_device (change), device))
        continue;
      perms_changes_take (entries, change->kind, change->event,
                          change->kind == PERMS_CHANGE_INSTALL
                            ? (gpointer) perms_install_copy (change->install)
                            : (gpointer) perms_grant_copy (change->grant));
    }
  return entries;
}

static void
put_devices (World *world, PermsCache *cache)
{
  PermsUserRows *rows = place_load (world->store, world->uid);

  g_ptr_array_set_size (rows->installs, 0);
  g_array_set_size (rows->grants, 0);
  perms_cache_take_user (cache, rows);
  for (guint i = 0; i < world->model->members->len; i++)
    perms_cache_set_adapter (cache, world->uid, names[i],
                             !perms_family_get (world->model, i)->adapter_off);
}

static void
replay (World *world)
{
  g_autoptr (PermsCache) twice = perms_cache_new ();
  g_autoptr (PermsCache) by_device = perms_cache_new ();
  g_autoptr (PermsChanges) all = select_entries (world, NULL);

  put_devices (world, twice);
  perms_cache_put (twice, all);
  perms_cache_put (twice, all);
  g_autoptr (PermsFamily) once_more =
    perms_cache_build_family (twice, world->app, world->now_s);
  check_same (once_more, world->model, "replayed twice");

  put_devices (world, by_device);
  for (guint i = MEMBERS_MAX; i > 0; i--)
    {
      g_autoptr (PermsChanges) entries = select_entries (world, names[i - 1]);
      perms_cache_put (by_device, entries);
    }
  g_autoptr (PermsFamily) commuted =
    perms_cache_build_family (by_device, world->app, world->now_s);
  check_same (commuted, world->model, "replayed device by device");
}

/* ---- families ---- */

static void
link_companion (World *world, const char *device)
{
  PermsBy by = { .time_s = world->now_s, .device = "local" };
  PermsOutcome outcome = { .result = PERMS_RESULT_REFUSED };
  g_autoptr (PermsChanges) added = perms_changes_new ();
  g_autoptr (PermsChanges) linked = perms_changes_new ();
  g_autoptr (PermsChanges) synced = perms_changes_new ();

  assert_true (perms_plan_add_device (world->cache,
                                      &(PermsNewDevice){ world->uid, device, "watch" },
                                      &by, added, &outcome, NULL));
  assert_int_equal (outcome.result, PERMS_RESULT_OK);
  commit (world, added);
  outcome = perms_plan_link (world->cache, world->uid, device, FALSE, &by, linked);
  assert_int_equal (outcome.result, PERMS_RESULT_OK);
  commit (world, linked);
  perms_plan_set_sync (world->cache, world->uid, device, world->sync, &by, synced);
  commit (world, synced);
}

static void
begin_family (World *world, guint run)
{
  guint n = (guint) g_rand_int_range (world->rand, 1, MEMBERS_MAX + 1);

  world->uid = 1000 + run;
  world->app = g_strdup_printf ("flatpak:%u:org.example.Trainer", world->uid);
  world->sync = (PermsSync) (run % (PERMS_SYNC_MIRRORED + 1));
  world->model = perms_family_new ();
  world->journal = perms_changes_new ();
  for (guint i = 0; i < n; i++)
    {
      PermsMember *member = perms_family_add (world->model, names[i]);
      member->asks =
        (PermsAccess) g_rand_int_range (world->rand, 0, PERMS_ACCESS_ALL + 1);
      if (i > 0)
        link_companion (world, names[i]);
      /* the host is under mirrored as soon as a companion is */
      member->sync = n > 1 || world->sync != PERMS_SYNC_MIRRORED ? world->sync
                                                                 : PERMS_SYNC_INDEPENDENT;
    }
}

static void
end_family (World *world)
{
  replay (world);
  perms_cache_drop_user (world->cache, world->uid);
  g_clear_pointer (&world->journal, perms_changes_unref);
  g_clear_pointer (&world->model, perms_family_free);
  g_clear_pointer (&world->app, g_free);
}

static guint
get_number (const char *variable, guint fallback)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint) strtoul (text, NULL, 10) : fallback;
}

static void
the_ten_invariants_hold (void **state)
{
  guint seed = get_number ("PERMS_SEED", g_random_int ());
  guint n_events = get_number ("PERMS_EVENTS", EVENTS);
  World world = { .rand = g_rand_new_with_seed (seed), .place = *state, .now_s = 1 };

  print_message ("# seed %u\n", seed);
  world.store = place_open (world.place, PERMS_OPENED_FRESH);
  world.cache = perms_cache_new ();
  for (guint i = 0; i < n_events; i++)
    {
      if (i % RUN_EVENTS == 0)
        begin_family (&world, i / RUN_EVENTS);
      step (&world);
      if (i % RUN_EVENTS == RUN_EVENTS - 1 || i == n_events - 1)
        end_family (&world);
    }
  place_check (world.store);
  print_message ("# %u events, %u rows written, %u restarts\n", n_events, world.n_changes,
                 world.n_restarts);
  perms_cache_free (world.cache);
  perms_store_close (world.store);
  g_rand_free (world.rand);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (the_ten_invariants_hold),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
