/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reports of companions, replayed, reordered, doubled, and about others: nothing of it may change a row.
 * PERMS_SEED=N repeats a run. */

#include "tests/unit/unit.h"

#include <stdlib.h>

#include "perms/plan.h"

#define UID      1000
#define LOCAL    PERMS_DEVICE_LOCAL
#define WATCH    "watch"
#define CAR      "car"
#define N_APPS   3
#define N_ROUNDS 300
#define N_STEPS  80

static const char *const apps[N_APPS] = { "flatpak:1000:org.example.A",
                                          "flatpak:1000:org.example.B",
                                          "scope:1000:org.example.C" };

/* What a companion said. */
typedef struct
{
  const char *app;
  guint64 revision;
  PermsEventKind kind;
  PermsEventValue value;
} Report;

typedef struct
{
  GRand *dice;
  PermsCache *cache;
  GArray *said;            /* Report, in the order of their revisions */
  guint n_delivered;       /* of said, those that are not new any more */
  guint64 highest[N_APPS]; /* of what was delivered over the link */
  guint64 revision;
} World;

/* ---- figures ---- */

static struct
{
  guint n_applied;
  guint n_replayed;
  guint n_overtaken;
  guint n_about_others;
  guint n_through;
} figures;

/* Every row, in words. */
static gboolean
add_install (const PermsInstall *install, gpointer user_data)
{
  g_string_append_printf (
    user_data, "%s %s %d %d %d %d %d %d %d %s %" G_GUINT64_FORMAT "\n", install->app,
    install->device, install->installed, (int) install->asks, (int) install->bluetooth,
    (int) install->decision.reason, install->waiting, (int) install->snapshot,
    install->conflict, install->fingerprint, install->decision.revision);
  return TRUE;
}

static gboolean
add_device (const PermsDevice *device, gpointer user_data)
{
  g_string_append_printf (user_data, "%s %u %d %d %" G_GUINT64_FORMAT "\n", device->name,
                          device->order, (int) device->sync, (int) device->consent,
                          device->decision.revision);
  return TRUE;
}

static char *
describe (const PermsCache *cache)
{
  GString *text = g_string_new (NULL);

  perms_cache_foreach_device (cache, UID, add_device, text);
  perms_cache_foreach_install (cache, UID, NULL, add_install, text);
  return g_string_free (text, FALSE);
}

/* ---- the world ---- */

static const PermsBy here = { .reason = PERMS_REASON_USER_SETTINGS,
                              .time_s = 100,
                              .device = LOCAL };

static void
put (World *world, PermsChanges *take_changes)
{
  perms_cache_put (world->cache, take_changes);
  perms_changes_unref (take_changes);
}

static void
add_linked (World *world, const char *name, PermsSync sync)
{
  PermsChanges *changes = perms_changes_new ();
  PermsOutcome outcome;

  assert_true (perms_plan_add_device (world->cache,
                                      &(PermsNewDevice){ UID, name, "watch" }, &here,
                                      changes, &outcome, NULL));
  put (world, changes);
  changes = perms_changes_new ();
  (void) perms_plan_link (world->cache, UID, name, FALSE, &here, changes);
  put (world, changes);
  changes = perms_changes_new ();
  (void) perms_plan_set_sync (world->cache, UID, name, sync, &here, changes);
  put (world, changes);
}

static PermsOutcome
install (World *world, const char *app, const char *device, const PermsBy *by)
{
  PermsChanges *changes = perms_changes_new ();
  PermsAppFacts facts = {
    .app = app, .device = device, .asks = PERMS_ACCESS_ALL, .fingerprint = "F"
  };
  PermsOutcome outcome = perms_plan_register (world->cache, &facts, by, changes);

  put (world, changes);
  return outcome;
}

static PermsOutcome
deliver_as (World *world, const Report *report, const char *about, const char *from)
{
  PermsBy by = { .time_s = 100, .device = from, .revision = report->revision };
  PermsChanges *changes = NULL;
  PermsOutcome outcome;

  if (report->kind == PERMS_EVENT_INSTALL)
    return install (world, report->app, about, &by);
  changes = perms_changes_new ();
  outcome = perms_plan_event (world->cache, report->app, about, report->kind,
                              report->value, &by, changes);
  put (world, changes);
  return outcome;
}

static World *
make_world (guint32 seed)
{
  World *world = g_new0 (World, 1);

  world->dice = g_rand_new_with_seed (seed);
  world->cache = perms_cache_new ();
  world->said = g_array_new (FALSE, FALSE, sizeof (Report));
  add_linked (world, WATCH, (PermsSync) g_rand_int_range (world->dice, 0, 3));
  add_linked (world, CAR, PERMS_SYNC_INDEPENDENT);
  for (guint i = 0; i < N_APPS; i++)
    {
      (void) install (world, apps[i], LOCAL, &here);
      (void) install (world, apps[i], CAR, &here);
    }
  return world;
}

static void
free_world (World *world)
{
  g_rand_free (world->dice);
  perms_cache_free (world->cache);
  g_array_unref (world->said);
  g_free (world);
}

/* ---- what happens ---- */

static guint
find_app (const char *app)
{
  for (guint i = 0; i < N_APPS; i++)
    if (g_str_equal (apps[i], app))
      return i;
  return 0;
}

static void
say (World *world)
{
  static const PermsEventKind kinds[] = { PERMS_EVENT_INSTALL, PERMS_EVENT_UNINSTALL,
                                          PERMS_EVENT_PROMPT, PERMS_EVENT_SET,
                                          PERMS_EVENT_RESET };
  Report report = {
    .app = apps[g_rand_int_range (world->dice, 0, N_APPS)],
    .kind = kinds[g_rand_int_range (world->dice, 0, G_N_ELEMENTS (kinds))],
    .value =
      g_rand_boolean (world->dice) ? PERMS_EVENT_VALUE_ALLOW : PERMS_EVENT_VALUE_DENY,
  };

  world->revision += (guint64) g_rand_int_range (world->dice, 1, 4);
  report.revision = world->revision;
  g_array_append_val (world->said, report);
}

/* Delivers something that is old: it must change nothing. */
static void
attack (World *world, const Report *report, const char *about, guint *figure)
{
  g_autofree char *before = describe (world->cache);
  PermsOutcome outcome = deliver_as (world, report, about, WATCH);
  g_autofree char *after = describe (world->cache);

  (*figure)++;
  if (outcome.result == PERMS_RESULT_REFUSED && g_str_equal (before, after))
    return;
  figures.n_through++;
  print_message ("revision %" G_GUINT64_FORMAT " of %s about %s got through\n",
                 report->revision, report->app, about);
}

/* The next one; or one after it, and those between are overtaken. */
static void
deliver_next (World *world)
{
  guint index = world->n_delivered;

  if (index >= world->said->len)
    return;
  const Report *report = &g_array_index (world->said, Report, index);
  guint app = find_app (report->app);
  world->n_delivered++;
  if (report->revision <= world->highest[app])
    {
      attack (world, report, WATCH, &figures.n_overtaken);
      return;
    }
  (void) deliver_as (world, report, WATCH, WATCH);
  world->highest[app] = report->revision;
  figures.n_applied++;
}

/* A later one comes first. */
static void
overtake (World *world)
{
  guint n_waiting = world->said->len - world->n_delivered;

  if (n_waiting < 2)
    return;
  guint index = world->n_delivered + 1 +
                (guint) g_rand_int_range (world->dice, 0, (gint32) n_waiting - 1);
  Report late = g_array_index (world->said, Report, world->n_delivered);
  Report *early = &g_array_index (world->said, Report, index);
  g_array_index (world->said, Report, world->n_delivered) = *early;
  *early = late;
  deliver_next (world);
}

static const Report *
pick_delivered (World *world)
{
  return world->n_delivered == 0
           ? NULL
           : &g_array_index (world->said, Report,
                             g_rand_int_range (world->dice, 0,
                                               (gint32) world->n_delivered));
}

static void
replay (World *world)
{
  const Report *report = pick_delivered (world);

  if (report != NULL)
    attack (world, report, WATCH, &figures.n_replayed);
}

/* As itself, of another device: with a revision that is new. */
static void
speak_for_others (World *world)
{
  const Report *report = pick_delivered (world);
  Report forged;

  if (report == NULL)
    return;
  forged = *report;
  forged.revision = world->revision + 1000;
  attack (world, &forged, g_rand_boolean (world->dice) ? LOCAL : CAR,
          &figures.n_about_others);
}

static void
decide_here (World *world)
{
  PermsChanges *changes = perms_changes_new ();
  const char *app = apps[g_rand_int_range (world->dice, 0, N_APPS)];
  const char *device = g_rand_boolean (world->dice) ? LOCAL : WATCH;

  (void) perms_plan_event (world->cache, app, device, PERMS_EVENT_SET,
                           g_rand_boolean (world->dice) ? PERMS_EVENT_VALUE_ALLOW
                                                        : PERMS_EVENT_VALUE_DENY,
                           &here, changes);
  put (world, changes);
}

/* The link changes its policy, or is made anew, or the device is: none of it makes the old new. */
static void
change_link (World *world)
{
  PermsChanges *changes = perms_changes_new ();
  PermsSync sync = (PermsSync) g_rand_int_range (world->dice, 0, 3);

  switch (g_rand_int_range (world->dice, 0, 3))
    {
    case 0:
      (void) perms_plan_set_sync (world->cache, UID, WATCH, sync, &here, changes);
      put (world, changes);
      return;
    case 1:
      (void) perms_plan_unlink (world->cache, UID, WATCH, &here, changes);
      break;
    default:
      (void) perms_plan_remove_device (world->cache, UID, WATCH, &here, changes);
    }
  put (world, changes);
  replay (world);
  add_linked (world, WATCH, sync);
  /* What a removed device would say next has to be greater than all of it. */
  world->revision =
    MAX (world->revision, perms_plan_find_revision (world->cache, UID, WATCH));
}

static void
run_round (guint32 seed)
{
  World *world = make_world (seed);

  for (guint i = 0; i < N_STEPS; i++)
    {
      static void (*const steps[]) (World *) = {
        say,    say,    say,    deliver_next,     deliver_next, overtake,
        replay, replay, replay, speak_for_others, decide_here,
      };

      steps[g_rand_int_range (world->dice, 0, G_N_ELEMENTS (steps))](world);
      if (g_rand_int_range (world->dice, 0, 20) == 0)
        change_link (world);
    }
  free_world (world);
}

static void
nothing_that_is_old_or_about_others_gets_through (void **state)
{
  const char *word = g_getenv ("PERMS_SEED");
  guint32 seed = word != NULL ? (guint32) strtoul (word, NULL, 10) : g_random_int ();

  for (guint i = 0; i < N_ROUNDS; i++)
    run_round (seed + i);
  print_message (
    "# %u reports applied; %u replayed, %u overtaken, %u about others: %u got "
    "through (PERMS_SEED=%u)\n",
    figures.n_applied, figures.n_replayed, figures.n_overtaken, figures.n_about_others,
    figures.n_through, seed);
  assert_int_equal (figures.n_through, 0);
  assert_true (figures.n_applied > 1000);
  assert_true (figures.n_replayed > 1000);
  assert_true (figures.n_overtaken > 100);
}

/* ---- one by one ---- */

static void
refused_report_is_old_when_it_could_be_taken (void **state)
{
  World *world = make_world (1);
  const Report set = { apps[0], 10, PERMS_EVENT_SET, PERMS_EVENT_VALUE_ALLOW };
  const Report early = { apps[0], 9, PERMS_EVENT_INSTALL, PERMS_EVENT_VALUE_NONE };
  PermsOutcome outcome = deliver_as (world, &set, WATCH, WATCH);

  assert_int_equal (outcome.cause, PERMS_CAUSE_NOT_INSTALLED);
  outcome = deliver_as (world, &early, WATCH, WATCH); /* from before it */
  assert_int_equal (outcome.cause, PERMS_CAUSE_STALE);
  (void) install (world, apps[0], WATCH, &here);
  outcome = deliver_as (world, &set, WATCH, WATCH);
  assert_int_equal (outcome.cause, PERMS_CAUSE_STALE);
  assert_int_equal (perms_cache_lookup_install (world->cache, apps[0], WATCH)->bluetooth,
                    PERMS_BLUETOOTH_NOT_DETERMINED);
  free_world (world);
}

static void
no_report_has_the_last_word (void **state)
{
  World *world = make_world (1);
  Report report = { apps[0], PERMS_REPORT_REVISION_MAX + 1, PERMS_EVENT_INSTALL,
                    PERMS_EVENT_VALUE_NONE };

  assert_int_equal (deliver_as (world, &report, WATCH, WATCH).cause, PERMS_CAUSE_STALE);
  report.revision = PERMS_REPORT_REVISION_MAX;
  assert_int_equal (deliver_as (world, &report, WATCH, WATCH).result, PERMS_RESULT_OK);
  for (guint i = 0; i < 3; i++)
    {
      PermsChanges *changes = perms_changes_new ();

      (void) perms_plan_event (world->cache, apps[0], WATCH, PERMS_EVENT_LAUNCH,
                               PERMS_EVENT_VALUE_NONE, &here, changes);
      put (world, changes);
    }
  PermsChanges *changes = perms_changes_new ();
  assert_int_equal (perms_plan_event (world->cache, apps[0], WATCH, PERMS_EVENT_UNINSTALL,
                                      PERMS_EVENT_VALUE_NONE, &here, changes)
                      .result,
                    PERMS_RESULT_OK);
  put (world, changes);
  assert_false (perms_cache_lookup_install (world->cache, apps[0], WATCH)->installed);
  free_world (world);
}

static void
companion_that_unlinks_itself_says_so_once (void **state)
{
  World *world = make_world (1);
  PermsBy by = { .time_s = 100, .device = WATCH, .revision = 50 };
  PermsChanges *changes = perms_changes_new ();

  assert_int_equal (perms_plan_report_unlink (world->cache, UID, CAR, &by, changes).cause,
                    PERMS_CAUSE_STALE);
  assert_int_equal (
    perms_plan_report_unlink (world->cache, UID, WATCH, &by, changes).result,
    PERMS_RESULT_OK);
  put (world, changes);
  assert_int_equal (perms_plan_find_revision (world->cache, UID, WATCH), 50);
  add_linked (world, WATCH, PERMS_SYNC_INDEPENDENT);
  changes = perms_changes_new ();
  assert_int_equal (
    perms_plan_report_unlink (world->cache, UID, WATCH, &by, changes).cause,
    PERMS_CAUSE_STALE);
  assert_int_equal (perms_changes_get_length (changes), 0);
  put (world, changes);
  free_world (world);
}

static void
companion_has_so_many_apps (void **state)
{
  World *world = make_world (1);

  for (guint i = 0; i < PERMS_DEVICE_APPS_MAX; i++)
    {
      g_autofree char *app = g_strdup_printf ("flatpak:1000:org.example.N%u", i);

      assert_true (perms_plan_has_room (world->cache, app, WATCH));
      (void) install (world, app, WATCH, &here);
    }
  assert_false (perms_plan_has_room (world->cache, apps[0], WATCH));
  assert_true (perms_plan_has_room (world->cache, "flatpak:1000:org.example.N7", WATCH));
  assert_true (perms_plan_has_room (world->cache, apps[0], CAR));
  free_world (world);
}

/* A change that was planned before the removal and is stored after it. */
static void
what_was_on_its_way_to_a_removed_companion_is_dropped (void **state)
{
  World *world = make_world (1);
  g_autoptr (PermsChanges) late = perms_changes_new ();
  PermsChanges *changes = perms_changes_new ();
  PermsAppFacts facts = { .app = apps[0], .device = WATCH, .fingerprint = "F" };

  (void) perms_plan_register (world->cache, &facts, &here, late);
  (void) perms_plan_remove_device (world->cache, UID, WATCH, &here, changes);
  put (world, changes);
  perms_cache_put (world->cache, late);
  assert_null (perms_cache_lookup_install (world->cache, apps[0], WATCH));
  free_world (world);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (nothing_that_is_old_or_about_others_gets_through),
    cmocka_unit_test (refused_report_is_old_when_it_could_be_taken),
    cmocka_unit_test (no_report_has_the_last_word),
    cmocka_unit_test (companion_that_unlinks_itself_says_so_once),
    cmocka_unit_test (companion_has_so_many_apps),
    cmocka_unit_test (what_was_on_its_way_to_a_removed_companion_is_dropped),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
