/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "perms/plan-private.h"

/* ---- giving ---- */

static gboolean
check_grant (const PermsGrant *grant, const PermsBy *by, GError **error)
{
  const char *expected = NULL;
  PermsAppKey key;

  if (!perms_app_key_parse (grant->app, &key, error))
    return FALSE;
  if (!perms_device_is_valid (grant->device))
    expected = "a device";
  else if (!perms_accessory_is_valid (grant->accessory))
    expected = "an identity address";
  else if (perms_id_is_null (&grant->id))
    expected = "an id";
  else if (strlen (grant->name) > PERMS_NAME_MAX ||
           !g_utf8_validate (grant->name, -1, NULL))
    expected = "a name of at most 248 bytes";
  else if (grant->scope == NULL)
    expected = "a scope";
  else if (grant->lifetime == PERMS_LIFETIME_UNTIL && grant->until_s <= by->time_s)
    expected = "an end in the future";
  else if (!perms_grant_state_is_live (grant->state))
    expected = "a state in force";
  if (expected == NULL)
    return TRUE;
  g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "A grant needs %s", expected);
  return FALSE;
}

static gboolean
is_installed (const PermsCache *cache, const char *app, const char *device)
{
  const PermsInstall *install = perms_cache_lookup_install (cache, app, device);

  return install != NULL && install->installed;
}

/* What the model says to it: a pick goes by the picker's outcome, everything else only
 * needs the app to be there. */
static PermsOutcome
ask_model (const PermsCache *cache, const PermsGrant *grant, const PermsBy *by)
{
  char accessory[PERMS_ACCESSORY_TEXT_SIZE];
  PermsEvent event = { .kind = PERMS_EVENT_PICK, .accessory = accessory };

  if (!is_installed (cache, grant->app, grant->device))
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_INSTALLED);
  if (by->reason != PERMS_REASON_USER_PICKER)
    return OUTCOME_OK;
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_of (cache, grant->app, grant->device, by->time_s,
                                 &event.member);
  perms_accessory_format (grant->accessory, accessory);
  return perms_event_apply (family, &event);
}

static gboolean
adds_nothing (const PermsGrant *stored, const PermsGrant *grant)
{
  return stored->state == grant->state && stored->lifetime == grant->lifetime &&
         stored->until_s == grant->until_s && stored->pairing == grant->pairing &&
         g_str_equal (stored->name, grant->name) &&
         perms_scope_contains (stored->scope, grant->scope);
}

gboolean
perms_plan_grant (const PermsCache *cache,
                  const PermsGrant *grant,
                  const PermsBy *by,
                  PermsChanges *changes,
                  PermsOutcome *ret_outcome,
                  PermsId *ret_id,
                  GError **error)
{
  const PermsGrant *stored = NULL;

  if (!check_grant (grant, by, error))
    return FALSE;
  stored = perms_cache_lookup_grant (cache, grant->app, grant->device, grant->accessory);
  if (stored == NULL &&
      perms_cache_count_grants (cache, grant->app) >= PERMS_APP_GRANTS_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "An app has at most %d accessories", PERMS_APP_GRANTS_MAX);
      return FALSE;
    }

  gboolean has_id = stored != NULL && !perms_id_is_null (&stored->id);
  *ret_id = has_id ? stored->id : grant->id;
  PermsCause cause =
    perms_plan_check_report (cache, grant->app, grant->device, grant->accessory, by);
  *ret_outcome =
    cause == PERMS_CAUSE_NONE ? ask_model (cache, grant, by) : OUTCOME_REFUSED (cause);
  gboolean is_held = stored != NULL && perms_grant_is_in_force (stored, by->time_s);
  if (ret_outcome->result != PERMS_RESULT_OK &&
      ret_outcome->result != PERMS_RESULT_NO_EFFECT)
    return TRUE;
  if (is_held && adds_nothing (stored, grant))
    {
      *ret_outcome = OUTCOME_NO_EFFECT;
      return TRUE;
    }

  PermsGrant *row = perms_grant_copy (grant);
  row->id = *ret_id;
  row->until_s = grant->lifetime == PERMS_LIFETIME_UNTIL ? grant->until_s : 0;
  perms_plan_sign (&row->decision, by->reason,
                   stored != NULL
                     ? stored->decision.revision
                     : perms_plan_get_revision (cache, grant->app, grant->device,
                                                grant->accessory),
                   by);
  perms_changes_take (changes, PERMS_CHANGE_GRANT,
                      by->reason == PERMS_REASON_USER_PICKER ? "pick" : "allow", row);
  *ret_outcome = OUTCOME_OK;
  return TRUE;
}

/* ---- changing what is there ---- */

static void
plan_row (const PermsGrant *stored,
          PermsGrantState state,
          PermsReason reason,
          const char *event,
          const PermsBy *by,
          PermsChanges *changes)
{
  PermsGrant *row = perms_grant_copy (stored);

  row->state = state;
  perms_plan_sign (&row->decision, reason, stored->decision.revision, by);
  perms_changes_take (changes, PERMS_CHANGE_GRANT, event, row);
}

static const PermsGrant *
find_grant (const PermsCache *cache, const PermsGrantKey *key)
{
  return perms_cache_lookup_grant (cache, key->app, key->device, key->accessory);
}

PermsOutcome
perms_plan_finish (const PermsCache *cache,
                   const PermsGrantKey *key,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  const PermsGrant *stored = find_grant (cache, key);

  if (stored == NULL || !perms_grant_is_in_force (stored, by->time_s))
    return OUTCOME_REFUSED (PERMS_CAUSE_NO_GRANT);
  if (stored->state == PERMS_GRANT_ACTIVE)
    return OUTCOME_NO_EFFECT;
  plan_row (stored, PERMS_GRANT_ACTIVE, stored->decision.reason, "finish", by, changes);
  return OUTCOME_OK;
}

gboolean
perms_plan_rename (const PermsCache *cache,
                   const PermsGrantKey *key,
                   const char *name,
                   const PermsBy *by,
                   PermsChanges *changes,
                   PermsOutcome *ret_outcome,
                   GError **error)
{
  const PermsGrant *stored = find_grant (cache, key);

  if (name[0] == '\0' || strlen (name) > PERMS_NAME_MAX ||
      !g_utf8_validate (name, -1, NULL))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "A name has 1 to 248 bytes");
      return FALSE;
    }
  if (stored == NULL || !perms_grant_is_in_force (stored, by->time_s))
    *ret_outcome = OUTCOME_REFUSED (PERMS_CAUSE_NO_GRANT);
  else if (g_str_equal (stored->name, name))
    *ret_outcome = OUTCOME_NO_EFFECT;
  else
    {
      /* who gave the grant, and when, stays: only its name changes */
      PermsGrant *row = perms_grant_copy (stored);
      perms_string_set (&row->name, name);
      row->decision.revision++;
      perms_changes_take (changes, PERMS_CHANGE_GRANT, "rename", row);
      *ret_outcome = OUTCOME_OK;
    }
  return TRUE;
}

/* ---- taking away ---- */

static const char *
name_end (PermsGrantState state)
{
  switch (state)
    {
    case PERMS_GRANT_REVOKED:
      return "revoke";
    case PERMS_GRANT_DENIED:
      return "deny";
    case PERMS_GRANT_EXPIRED:
      return "expire";
    case PERMS_GRANT_REMOVED:
    case PERMS_GRANT_UNINSTALLED:
    case PERMS_GRANT_AWAITING:
    case PERMS_GRANT_ACTIVE:
    default:
      return "forget";
    }
}

/* A person's or an admin's no stands above the other ways in which a grant ended. */
static gboolean
may_end (const PermsGrant *stored, PermsGrantState state)
{
  if (perms_grant_state_is_live (stored->state))
    return TRUE;
  return stored->state != state &&
         (state == PERMS_GRANT_REVOKED || state == PERMS_GRANT_DENIED);
}

static void
plan_denial (const PermsCache *cache,
             const PermsGrantKey *key,
             const PermsId *id,
             const PermsBy *by,
             PermsChanges *changes)
{
  PermsGrant *row = g_new0 (PermsGrant, 1);

  row->app = g_ref_string_new (key->app);
  row->device = g_ref_string_new (key->device);
  row->accessory = key->accessory;
  row->id = *id;
  row->name = g_ref_string_new ("");
  row->scope = perms_scope_new (PERMS_OPERATION_NONE, NULL, 0, NULL, 0, NULL);
  row->lifetime = PERMS_LIFETIME_ALWAYS;
  row->state = PERMS_GRANT_DENIED;
  perms_plan_sign (&row->decision, by->reason,
                   perms_plan_get_revision (cache, key->app, key->device, key->accessory),
                   by);
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "deny", row);
}

PermsOutcome
perms_plan_end (const PermsCache *cache,
                const PermsGrantKey *key,
                PermsGrantState state,
                const PermsId *id,
                const PermsBy *by,
                PermsChanges *changes)
{
  const PermsGrant *stored = find_grant (cache, key);
  PermsCause cause =
    perms_plan_check_report (cache, key->app, key->device, key->accessory, by);

  g_return_val_if_fail (!perms_grant_state_is_live (state),
                        OUTCOME_REFUSED (PERMS_CAUSE_NO_GRANT));
  if (cause != PERMS_CAUSE_NONE)
    return OUTCOME_REFUSED (cause);
  if (stored == NULL && state == PERMS_GRANT_DENIED && id != NULL &&
      perms_cache_count_grants (cache, key->app) < PERMS_APP_GRANTS_MAX)
    {
      plan_denial (cache, key, id, by, changes);
      return OUTCOME_OK;
    }
  if (state == PERMS_GRANT_REMOVED && !is_installed (cache, key->app, key->device))
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_INSTALLED);
  if (stored == NULL || !may_end (stored, state))
    return OUTCOME_REFUSED (PERMS_CAUSE_NO_GRANT);
  plan_row (stored, state, by->reason, name_end (state), by, changes);
  return OUTCOME_OK;
}

/* ---- expiry ---- */

typedef struct
{
  gboolean once;
  const PermsBy *by;
  PermsChanges *changes;
  guint n;
} ExpiryPlan;

static gboolean
expire_grant (const PermsGrant *grant, gpointer user_data)
{
  ExpiryPlan *plan = user_data;
  gboolean is_of_session =
    grant->lifetime == PERMS_LIFETIME_ONCE || grant->state == PERMS_GRANT_AWAITING;

  if (!perms_grant_state_is_live (grant->state) ||
      (perms_grant_is_in_force (grant, plan->by->time_s) &&
       !(plan->once && is_of_session)))
    return TRUE;
  plan_row (grant, PERMS_GRANT_EXPIRED, grant->decision.reason, "expire", plan->by,
            plan->changes);
  plan->n++;
  return plan->n < PERMS_CHANGES_MAX;
}

guint
perms_plan_expire (const PermsCache *cache,
                   guint32 uid,
                   gboolean once,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  ExpiryPlan plan = { once, by, changes, 0 };

  perms_cache_foreach_grant (cache, uid, NULL, expire_grant, &plan);
  return plan.n;
}
