/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events of the model on apps: the family is built from the rows, the event changes it,
 * and what is different then becomes rows again. */

#include "perms/plan.h"

#include <string.h>

#include "perms/cache-private.h"
#include "perms/plan-private.h"

PermsDecision
perms_plan_decide (const PermsBy *by, guint64 old_revision)
{
  return (PermsDecision){
    .reason = by->reason,
    .time_s = by->time_s,
    .device = g_ref_string_new (by->device),
    .revision = by->revision != 0 ? by->revision : old_revision + 1,
  };
}

PermsInstall *
perms_plan_copy_install (const PermsCache *cache, const char *app, const char *device)
{
  const PermsInstall *known = perms_cache_lookup_install (cache, app, device);
  PermsInstall *install;

  if (known != NULL)
    return perms_install_copy (known);
  install = g_new0 (PermsInstall, 1);
  install->app = g_ref_string_new (app);
  install->device = g_ref_string_new (device);
  install->fingerprint = g_ref_string_new ("");
  install->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  install->decision.device = g_ref_string_new (device);
  return install;
}

/* ---- a family before and after an event ---- */

typedef struct
{
  const PermsCache *cache;
  const char *app;
  const char *device;
  const PermsBy *by;
  const PermsAppFacts *facts; /* of an install, else NULL */
  PermsFamily *before;
  PermsFamily *after;
  guint member; /* of @device */
} Plan;

static void
clear_plan (Plan *plan)
{
  perms_family_free (plan->before);
  perms_family_free (plan->after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, clear_plan)

static void
begin_plan (Plan *plan)
{
  plan->before = perms_cache_build_family_with (plan->cache, plan->app, plan->device,
                                                plan->by->time_s, &plan->member);
  plan->after = perms_family_copy (plan->before);
}

static gboolean
is_changed (const PermsMember *before, const PermsMember *after)
{
  return before->installed != after->installed || before->bluetooth != after->bluetooth ||
         before->reason != after->reason || before->managed != after->managed ||
         before->waiting != after->waiting || before->snapshot != after->snapshot ||
         before->conflict != after->conflict;
}

static void
write_install (Plan *plan,
               const PermsMember *after,
               const char *event,
               PermsChanges *changes)
{
  PermsInstall *install = perms_plan_copy_install (plan->cache, plan->app, after->name);
  guint64 revision = install->decision.revision;

  g_clear_pointer (&install->decision.device, g_ref_string_release);
  install->decision = perms_plan_decide (plan->by, revision);
  install->decision.reason = after->reason;
  if (after->reason == PERMS_REASON_USER_SETTINGS && plan->by->reason == PERMS_REASON_CLI)
    install->decision.reason = PERMS_REASON_CLI;
  /* A companion's revision is about its own rows alone. */
  if (plan->by->revision != 0 && strcmp (after->name, plan->by->device) != 0)
    install->decision.revision = revision + 1;
  install->installed = after->installed;
  install->bluetooth = after->bluetooth;
  install->managed = after->managed;
  install->waiting = after->waiting;
  install->snapshot = after->snapshot;
  install->conflict = after->conflict;
  if (plan->facts != NULL && strcmp (after->name, plan->device) == 0)
    {
      install->asks = plan->facts->asks;
      install->strength = plan->facts->strength;
      perms_string_set (&install->fingerprint, plan->facts->fingerprint);
      perms_string_set (&install->changed_to, NULL);
    }
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, event, install);
}

typedef struct
{
  const char *device;
  const PermsBy *by;
  PermsChanges *changes;
} Uninstall;

static gboolean
bury_grant (const PermsGrant *grant, gpointer user_data)
{
  const Uninstall *uninstall = user_data;
  PermsGrant *tombstone;

  if (strcmp (grant->device, uninstall->device) != 0 ||
      !perms_grant_state_is_live (grant->state))
    return TRUE;
  tombstone = perms_grant_copy (grant);
  g_ref_string_release (tombstone->decision.device);
  tombstone->decision = perms_plan_decide (uninstall->by, grant->decision.revision);
  tombstone->state = PERMS_GRANT_UNINSTALLED;
  perms_changes_take (uninstall->changes, PERMS_CHANGE_GRANT, "uninstall", tombstone);
  return TRUE;
}

/* @always_own: the row of the event's own device is written although it says the same: the decision is a new one. */
static void
write_plan (Plan *plan, const char *event, gboolean always_own, PermsChanges *changes)
{
  for (guint i = 0; i < plan->after->members->len; i++)
    {
      const PermsMember *before = perms_family_get (plan->before, i);
      const PermsMember *after = perms_family_get (plan->after, i);

      if (is_changed (before, after) || (always_own && i == plan->member))
        write_install (plan, after, event, changes);
      if (before->installed && !after->installed)
        {
          Uninstall uninstall = { after->name, plan->by, changes };

          perms_cache_foreach_grant (plan->cache, perms_app_key_uid (plan->app),
                                     plan->app, bury_grant, &uninstall);
        }
    }
}

static gboolean
is_stale (const PermsCache *cache, const char *app, const char *device, const PermsBy *by)
{
  const PermsInstall *install = perms_cache_lookup_install (cache, app, device);

  if (by->revision == 0)
    return FALSE;
  return strcmp (device, by->device) != 0 ||
         (install != NULL && by->revision <= install->decision.revision);
}

static gboolean
is_new_decision (PermsEventKind kind)
{
  return kind == PERMS_EVENT_PROMPT || kind == PERMS_EVENT_SET ||
         kind == PERMS_EVENT_RESET;
}

PermsOutcome
perms_plan_event (const PermsCache *cache,
                  const char *app,
                  const char *device,
                  PermsEventKind kind,
                  PermsEventValue value,
                  const PermsBy *by,
                  PermsChanges *changes)
{
  g_auto (Plan) plan = { .cache = cache, .app = app, .device = device, .by = by };
  PermsEvent event = { .kind = kind, .value = value };
  PermsOutcome outcome;

  if (is_stale (cache, app, device, by))
    return perms_plan_refused (PERMS_CAUSE_STALE);
  begin_plan (&plan);
  event.member = plan.member;
  outcome = perms_event_apply (plan.after, &event);
  if (outcome.result == PERMS_RESULT_OK)
    write_plan (&plan, perms_event_kind_to_string (kind), is_new_decision (kind),
                changes);
  return outcome;
}

static PermsEventValue
managed_to_value (PermsManaged managed)
{
  switch (managed)
    {
    case PERMS_MANAGED_ALLOW:
      return PERMS_EVENT_VALUE_ALLOW;
    case PERMS_MANAGED_DENY:
      return PERMS_EVENT_VALUE_DENY;
    case PERMS_MANAGED_NONE:
    default:
      return PERMS_EVENT_VALUE_CLEAR;
    }
}

/* ---- what is seen of apps ---- */

/* The managed value is there before the app is. */
static void
apply_managed (Plan *plan)
{
  PermsManaged managed =
    perms_managed_set_view (perms_cache_get_managed (plan->cache), plan->app,
                            plan->facts->fingerprint, plan->device, NULL)
      .bluetooth;
  PermsEvent event = { .kind = PERMS_EVENT_POLICY_ROW, .member = plan->member };

  if (managed == perms_family_get (plan->after, plan->member)->managed)
    return;
  event.value = managed_to_value (managed);
  perms_event_apply (plan->after, &event);
}

static PermsOutcome
plan_install (const PermsCache *cache,
              const PermsAppFacts *facts,
              const PermsBy *by,
              PermsChanges *changes)
{
  g_auto (Plan) plan = {
    .cache = cache, .app = facts->app, .device = facts->device, .by = by, .facts = facts
  };
  PermsEvent event = { .kind = PERMS_EVENT_INSTALL };
  PermsOutcome outcome;
  PermsMember *member;

  begin_plan (&plan);
  member = perms_family_get (plan.after, plan.member);
  member->asks = facts->asks;
  g_free (member->fingerprint);
  member->fingerprint = g_strdup (facts->fingerprint);
  apply_managed (&plan);
  event.member = plan.member;
  outcome = perms_event_apply (plan.after, &event);
  if (outcome.result == PERMS_RESULT_OK)
    write_plan (&plan, "install", TRUE, changes);
  return outcome;
}

PermsOutcome
perms_plan_register (const PermsCache *cache,
                     const PermsAppFacts *facts,
                     const PermsBy *by,
                     PermsChanges *changes)
{
  const PermsInstall *known =
    perms_cache_lookup_install (cache, facts->app, facts->device);
  const char *changed_to = NULL;
  PermsInstall *install;

  if (is_stale (cache, facts->app, facts->device, by))
    return perms_plan_refused (PERMS_CAUSE_STALE);
  if (known == NULL || !known->installed)
    return plan_install (cache, facts, by, changes);

  if (strcmp (known->fingerprint, facts->fingerprint) != 0)
    changed_to = facts->fingerprint;
  if (known->asks == facts->asks && known->strength == facts->strength &&
      g_strcmp0 (known->changed_to, changed_to) == 0)
    return perms_plan_no_effect ();

  /* The Bluetooth row stays as it was decided: only what is known of the app changes. */
  install = perms_install_copy (known);
  install->decision.revision =
    by->revision != 0 ? by->revision : known->decision.revision + 1;
  install->asks = facts->asks;
  install->strength = facts->strength;
  perms_string_set (&install->changed_to, changed_to);
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "register", install);
  return perms_plan_ok ();
}

PermsOutcome
perms_plan_confirm (const PermsCache *cache,
                    const char *app,
                    const char *device,
                    const PermsBy *by,
                    PermsChanges *changes)
{
  const PermsInstall *known = perms_cache_lookup_install (cache, app, device);
  PermsInstall *install;

  if (known == NULL || !known->installed)
    return perms_plan_refused (PERMS_CAUSE_NOT_INSTALLED);
  if (known->changed_to == NULL)
    return perms_plan_no_effect ();
  install = perms_install_copy (known);
  install->decision.revision =
    by->revision != 0 ? by->revision : known->decision.revision + 1;
  perms_string_set (&install->fingerprint, known->changed_to);
  perms_string_set (&install->changed_to, NULL);
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "confirm", install);
  return perms_plan_ok ();
}

typedef struct
{
  const PermsCache *cache;
  const PermsBy *by;
  PermsChanges *changes;
  guint n_changed;
} PolicyWalk;

static gboolean
follow_policy (const PermsInstall *install, gpointer user_data)
{
  PolicyWalk *walk = user_data;
  PermsManaged managed =
    perms_managed_set_view (perms_cache_get_managed (walk->cache), install->app,
                            install->fingerprint, install->device, NULL)
      .bluetooth;

  if (managed == install->managed)
    return TRUE;
  perms_plan_event (walk->cache, install->app, install->device, PERMS_EVENT_POLICY_ROW,
                    managed_to_value (managed), walk->by, walk->changes);
  walk->n_changed++;
  return TRUE;
}

guint
perms_plan_policy (const PermsCache *cache,
                   guint32 uid,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  PolicyWalk walk = { .cache = cache, .by = by, .changes = changes };

  perms_cache_foreach_install (cache, uid, NULL, follow_policy, &walk);
  return walk.n_changed;
}
