/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/plan.h"

#include "perms/plan-private.h"

/* ---- shared ---- */

guint64
perms_plan_get_revision (const PermsCache *cache,
                         const char *app,
                         const char *device,
                         PermsAccessory accessory)
{
  const PermsInstall *install = perms_cache_lookup_install (cache, app, device);
  const PermsDevice *companion =
    perms_cache_lookup_device (cache, perms_app_key_uid (app), device);
  const PermsGrant *grant = NULL;
  guint64 revision = companion != NULL ? companion->floor : 0;

  if (install != NULL)
    revision = MAX (revision, install->decision.revision);
  if (accessory != 0)
    grant = perms_cache_lookup_grant (cache, app, device, accessory);
  if (grant != NULL)
    revision = MAX (revision, grant->decision.revision);
  return revision;
}

PermsCause
perms_plan_check_report (const PermsCache *cache,
                         const char *app,
                         const char *device,
                         PermsAccessory accessory,
                         const PermsBy *by)
{
  const PermsDevice *companion =
    perms_cache_lookup_device (cache, perms_app_key_uid (app), device);

  if (by->revision == 0)
    return PERMS_CAUSE_NONE;
  if (companion == NULL || companion->order == 0)
    return PERMS_CAUSE_NOT_LINKED;
  if (!g_str_equal (by->device, device) || by->revision > PERMS_REPORT_REVISION_MAX ||
      by->revision <= perms_plan_get_revision (cache, app, device, accessory))
    return PERMS_CAUSE_STALE;
  return PERMS_CAUSE_NONE;
}

void
perms_plan_sign (PermsDecision *decision,
                 PermsReason reason,
                 guint64 stored,
                 const PermsBy *by)
{
  perms_string_set (&decision->device, by->device);
  decision->reason = reason;
  decision->time_s = by->time_s;
  decision->revision = MAX (stored + 1, by->revision);
}

PermsInstall *
perms_plan_copy_install (const PermsCache *cache, const char *app, const char *device)
{
  const PermsInstall *stored = perms_cache_lookup_install (cache, app, device);
  PermsInstall *install = NULL;

  if (stored != NULL)
    return perms_install_copy (stored);
  install = g_new0 (PermsInstall, 1);
  install->app = g_ref_string_new (app);
  install->device = g_ref_string_new (device);
  install->fingerprint = g_ref_string_new ("");
  install->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  return install;
}

static gboolean
has_install (const PermsChanges *changes, const char *app, const char *device)
{
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);

      if (change->kind == PERMS_CHANGE_INSTALL &&
          g_str_equal (change->install->app, app) &&
          g_str_equal (change->install->device, device))
        return TRUE;
    }
  return FALSE;
}

/* A report that had no effect, or was refused, is as old from now on as one that had: else
 * it could be sent again when it has one, and what was said before it could come after it. */
static void
note_report (const PermsCache *cache,
             const char *app,
             const char *device,
             const PermsBy *by,
             PermsChanges *changes)
{
  PermsInstall *install = NULL;

  if (by->revision == 0 || has_install (changes, app, device))
    return;
  install = perms_plan_copy_install (cache, app, device);
  install->decision.revision = by->revision;
  if (install->decision.device == NULL)
    perms_plan_sign (&install->decision, PERMS_REASON_NONE, 0, by);
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "report", install);
}

/* ---- events: a family before and after, and the rows that differ ---- */

typedef struct
{
  const PermsCache *cache;
  const char *app;
  const PermsBy *by;
  const char *event;
  PermsChanges *changes;
} Plan;

static gboolean
differs (const PermsMember *before, const PermsMember *after)
{
  return before->installed != after->installed || before->bluetooth != after->bluetooth ||
         before->reason != after->reason || before->managed != after->managed ||
         before->waiting != after->waiting || before->snapshot != after->snapshot ||
         before->conflict != after->conflict;
}

static void
write_member (const Plan *plan, PermsInstall *install, const PermsMember *member)
{
  guint64 stored = perms_plan_get_revision (plan->cache, plan->app, member->name, 0);

  install->installed = member->installed;
  install->bluetooth = member->bluetooth;
  install->managed = member->managed;
  install->waiting = member->waiting;
  install->snapshot = member->snapshot;
  install->conflict = member->conflict;
  perms_plan_sign (&install->decision, member->reason, stored, plan->by);
  /* only the reporting device's own row takes its revision */
  if (!g_str_equal (plan->by->device, member->name))
    install->decision.revision = stored + 1;
  perms_changes_take (plan->changes, PERMS_CHANGE_INSTALL, plan->event, install);
}

typedef struct
{
  const Plan *plan;
  const char *device;
} GrantsOfDevice;

/* The grants of an app that goes away stay as tombstones: nothing but a new grant
 * revives them, and the ids stay what they were. */
static gboolean
end_with_install (const PermsGrant *grant, gpointer user_data)
{
  const GrantsOfDevice *of = user_data;

  if (!g_str_equal (grant->device, of->device) ||
      !perms_grant_state_is_live (grant->state))
    return TRUE;

  PermsGrant *ended = perms_grant_copy (grant);
  ended->state = PERMS_GRANT_UNINSTALLED;
  perms_plan_sign (&ended->decision, of->plan->by->reason, grant->decision.revision,
                   of->plan->by);
  perms_changes_take (of->plan->changes, PERMS_CHANGE_GRANT, of->plan->event, ended);
  return TRUE;
}

static gboolean
decides_row (PermsEventKind kind)
{
  return kind == PERMS_EVENT_PROMPT || kind == PERMS_EVENT_SET ||
         kind == PERMS_EVENT_RESET || kind == PERMS_EVENT_POLICY_ROW;
}

/* Applies @event to the family of @device and plans what changed; @install, if not NULL,
 * is the row of @device with what the family does not know (taken over). */
static PermsOutcome
plan_family (const Plan *plan,
             const char *device,
             const PermsEvent *event,
             PermsFamily *family,
             PermsInstall *install)
{
  g_autoptr (PermsFamily) before = perms_family_copy (family);
  g_autoptr (PermsInstall) own = install;
  PermsOutcome outcome = perms_event_apply (family, event);

  if (outcome.result != PERMS_RESULT_OK)
    return outcome;
  for (guint i = 0; i < family->members->len; i++)
    {
      PermsMember *member = perms_family_get (family, i);
      gboolean is_own = i == event->member;
      gboolean is_decided = is_own && (install != NULL || decides_row (event->kind));
      if (!is_decided && !differs (perms_family_get (before, i), member))
        continue;
      if (is_own && plan->by->reason == PERMS_REASON_CLI &&
          member->reason == PERMS_REASON_USER_SETTINGS)
        member->reason = PERMS_REASON_CLI;
      write_member (plan,
                    is_own && own != NULL
                      ? g_steal_pointer (&own)
                      : perms_plan_copy_install (plan->cache, plan->app, member->name),
                    member);
    }
  if (event->kind == PERMS_EVENT_UNINSTALL)
    perms_cache_foreach_grant (plan->cache, perms_app_key_uid (plan->app), plan->app,
                               end_with_install,
                               &(GrantsOfDevice){ .plan = plan, .device = device });
  return outcome;
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
  PermsEvent event = { .kind = kind, .value = value };
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_of (cache, app, device, by->time_s, &event.member);
  PermsCause cause = perms_plan_check_report (cache, app, device, 0, by);
  Plan plan = { cache, app, by, perms_event_kind_to_string (kind), changes };

  g_return_val_if_fail (kind != PERMS_EVENT_INSTALL && kind != PERMS_EVENT_PICK &&
                          kind != PERMS_EVENT_FORGET && kind != PERMS_EVENT_CONSENT &&
                          kind != PERMS_EVENT_ADAPTER,
                        OUTCOME_REFUSED (PERMS_CAUSE_NOT_DECLARED));
  if (cause != PERMS_CAUSE_NONE)
    return OUTCOME_REFUSED (cause);
  if (kind == PERMS_EVENT_SYNC && event.member == 0)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);

  PermsOutcome outcome = plan_family (&plan, device, &event, family, NULL);
  note_report (cache, app, device, by, changes);
  return outcome;
}

/* ---- apps ---- */

static PermsOutcome
plan_install (const Plan *plan, const PermsAppFacts *facts)
{
  PermsEvent event = { .kind = PERMS_EVENT_INSTALL };
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_of (plan->cache, facts->app, facts->device, plan->by->time_s,
                                 &event.member);
  PermsMember *member = perms_family_get (family, event.member);
  PermsInstall *install =
    perms_plan_copy_install (plan->cache, facts->app, facts->device);
  const PermsManagedSet *set = perms_cache_get_managed (plan->cache);

  install->asks = facts->asks;
  install->strength = facts->strength;
  perms_string_set (&install->fingerprint, facts->fingerprint);
  perms_string_set (&install->changed_to, NULL);
  member->asks = facts->asks;
  g_free (member->fingerprint);
  member->fingerprint = g_strdup (facts->fingerprint);
  /* the snapshot was meant for the app of the host's publisher */
  if (!g_str_equal (member->fingerprint, perms_family_get (family, 0)->fingerprint))
    member->waiting = FALSE;
  if (set != NULL)
    member->managed =
      perms_managed_set_view (set, facts->app, facts->fingerprint, facts->device, NULL)
        .bluetooth;
  return plan_family (plan, facts->device, &event, family, install);
}

/* An app that is installed was seen again: is it what it was? */
static PermsOutcome
plan_refresh (const Plan *plan, const PermsAppFacts *facts, const PermsInstall *stored)
{
  gboolean is_same = g_str_equal (stored->fingerprint, facts->fingerprint);
  const char *changed_to = is_same ? NULL : facts->fingerprint;

  if (stored->asks == facts->asks && stored->strength == facts->strength &&
      g_strcmp0 (stored->changed_to, changed_to) == 0)
    return OUTCOME_NO_EFFECT;

  PermsInstall *install = perms_install_copy (stored);
  install->asks = facts->asks;
  install->strength = facts->strength;
  perms_string_set (&install->changed_to, changed_to);
  perms_plan_sign (&install->decision, stored->decision.reason, stored->decision.revision,
                   plan->by);
  perms_changes_take (plan->changes, PERMS_CHANGE_INSTALL, "manifest", install);
  return OUTCOME_OK;
}

PermsOutcome
perms_plan_register (const PermsCache *cache,
                     const PermsAppFacts *facts,
                     const PermsBy *by,
                     PermsChanges *changes)
{
  const PermsInstall *stored =
    perms_cache_lookup_install (cache, facts->app, facts->device);
  PermsCause cause = perms_plan_check_report (cache, facts->app, facts->device, 0, by);
  Plan plan = { cache, facts->app, by, "install", changes };

  if (cause != PERMS_CAUSE_NONE)
    return OUTCOME_REFUSED (cause);

  PermsOutcome outcome = stored == NULL || !stored->installed
                           ? plan_install (&plan, facts)
                           : plan_refresh (&plan, facts, stored);
  note_report (cache, facts->app, facts->device, by, changes);
  return outcome;
}

PermsOutcome
perms_plan_confirm (const PermsCache *cache,
                    const char *app,
                    const char *device,
                    const PermsBy *by,
                    PermsChanges *changes)
{
  const PermsInstall *stored = perms_cache_lookup_install (cache, app, device);

  if (stored == NULL || !stored->installed)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_INSTALLED);
  if (stored->changed_to == NULL)
    return OUTCOME_NO_EFFECT;

  PermsInstall *install = perms_install_copy (stored);
  perms_string_set (&install->fingerprint, stored->changed_to);
  perms_string_set (&install->changed_to, NULL);
  perms_plan_sign (&install->decision, stored->decision.reason, stored->decision.revision,
                   by);
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "confirm", install);
  return OUTCOME_OK;
}

/* ---- managed policy ---- */

typedef struct
{
  const PermsCache *cache;
  const PermsBy *by;
  PermsChanges *changes;
  guint n;
} PolicyPlan;

static gboolean
follow_policy (const PermsInstall *install, gpointer user_data)
{
  PolicyPlan *plan = user_data;
  PermsManaged managed =
    perms_managed_set_view (perms_cache_get_managed (plan->cache), install->app,
                            install->fingerprint, install->device, NULL)
      .bluetooth;
  PermsEventValue value = PERMS_EVENT_VALUE_CLEAR;

  if (managed == install->managed)
    return TRUE;
  if (managed == PERMS_MANAGED_ALLOW)
    value = PERMS_EVENT_VALUE_ALLOW;
  else if (managed == PERMS_MANAGED_DENY)
    value = PERMS_EVENT_VALUE_DENY;
  perms_plan_event (plan->cache, install->app, install->device, PERMS_EVENT_POLICY_ROW,
                    value, plan->by, plan->changes);
  plan->n++;
  return TRUE;
}

guint
perms_plan_policy (const PermsCache *cache,
                   guint32 uid,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  PolicyPlan plan = { cache, by, changes, 0 };

  perms_cache_foreach_install (cache, uid, NULL, follow_policy, &plan);
  return plan.n;
}
