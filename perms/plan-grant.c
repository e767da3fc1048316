/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Accessory grants: given, ended, renamed, expired. They never move between devices. */

#include "perms/plan.h"

#include <string.h>

#include "perms/error.h"
#include "perms/plan-private.h"

static gboolean
is_good_name (const char *name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  return length > 0 && length <= PERMS_NAME_MAX && g_utf8_validate (name, -1, NULL);
}

static gboolean
refuse_invalid (GError **error, const char *text)
{
  g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID, text);
  return FALSE;
}

static gboolean
check_grant (const PermsGrant *grant, GError **error)
{
  if (!perms_accessory_is_valid (grant->accessory))
    return refuse_invalid (error, "the accessory has no identity address");
  if (!perms_device_is_valid (grant->device))
    return refuse_invalid (error, "the device has no valid name");
  if (!is_good_name (grant->name))
    return refuse_invalid (error, "a name has 1 to 248 bytes of UTF-8");
  if (grant->scope == NULL || perms_id_is_null (&grant->id))
    return refuse_invalid (error, "a grant needs a scope and an id");
  if (!perms_grant_state_is_live (grant->state))
    return refuse_invalid (error, "a new grant is active or awaits its app");
  return TRUE;
}

static PermsOutcome
ask_picker (const PermsCache *cache, const PermsGrant *grant, const PermsBy *by)
{
  PermsDerived derived =
    perms_cache_derive (cache, grant->app, grant->device, by->time_s);

  switch (derived.picker)
    {
    case PERMS_PICKER_OK:
      return perms_plan_ok ();
    case PERMS_PICKER_EMPTY:
      return (PermsOutcome){ .result = PERMS_RESULT_NOTHING_FOUND };
    case PERMS_PICKER_RESTRICTED_POLICY:
      return perms_plan_refused (PERMS_CAUSE_POLICY);
    case PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD:
      return perms_plan_refused (PERMS_CAUSE_BROAD_GRANT_HELD);
    case PERMS_PICKER_NONE:
    default:
      return perms_plan_refused (derived.installed ? PERMS_CAUSE_NOT_DECLARED
                                                   : PERMS_CAUSE_NOT_INSTALLED);
    }
}

static gboolean
adds_nothing (const PermsGrant *known, const PermsGrant *grant, const PermsBy *by)
{
  return by->reason == PERMS_REASON_USER_PICKER &&
         perms_grant_is_in_force (known, by->time_s) && known->state == grant->state &&
         known->lifetime == grant->lifetime && known->until_s == grant->until_s &&
         known->pairing == grant->pairing &&
         perms_scope_equal (known->scope, grant->scope);
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
  const PermsGrant *known =
    perms_cache_lookup_grant (cache, grant->app, grant->device, grant->accessory);
  PermsGrant *row;

  if (!check_grant (grant, error))
    return FALSE;
  if (known == NULL &&
      perms_cache_count_grants (cache, grant->app) >= PERMS_APP_GRANTS_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "an app has at most %d accessories", PERMS_APP_GRANTS_MAX);
      return FALSE;
    }

  *ret_id = known != NULL ? known->id : grant->id;
  *ret_outcome = by->reason == PERMS_REASON_USER_PICKER ? ask_picker (cache, grant, by)
                                                        : perms_plan_ok ();
  if (ret_outcome->result != PERMS_RESULT_OK)
    return TRUE;
  if (known != NULL && adds_nothing (known, grant, by))
    {
      *ret_outcome = perms_plan_no_effect ();
      return TRUE;
    }

  row = perms_grant_copy (grant);
  g_clear_pointer (&row->decision.device, g_ref_string_release);
  row->decision = perms_plan_decide (by, known != NULL ? known->decision.revision : 0);
  row->id = *ret_id;
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "grant", row);
  return TRUE;
}

static const char *
end_word (PermsGrantState state)
{
  switch (state)
    {
    case PERMS_GRANT_REMOVED:
      return "forget";
    case PERMS_GRANT_REVOKED:
      return "revoke";
    case PERMS_GRANT_DENIED:
      return "deny";
    case PERMS_GRANT_EXPIRED:
      return "expire";
    case PERMS_GRANT_UNINSTALLED:
      return "uninstall";
    case PERMS_GRANT_AWAITING:
    case PERMS_GRANT_ACTIVE:
    default:
      return "end"; /* perms_plan_end () lets none of these in */
    }
}

/* The same grant with another decision. */
static PermsGrant *
copy_for (const PermsGrant *known, const PermsBy *by)
{
  PermsGrant *row = perms_grant_copy (known);

  g_ref_string_release (row->decision.device);
  row->decision = perms_plan_decide (by, known->decision.revision);
  return row;
}

static PermsGrant *
make_denial (const char *app,
             const char *device,
             PermsAccessory accessory,
             const PermsId *id)
{
  PermsGrant *row = g_new0 (PermsGrant, 1);

  row->app = g_ref_string_new (app);
  row->device = g_ref_string_new (device);
  row->name = g_ref_string_new ("");
  row->accessory = accessory;
  row->id = *id;
  row->scope = perms_scope_new (PERMS_OPERATION_NONE, NULL, 0, NULL, 0, NULL);
  return row;
}

PermsOutcome
perms_plan_end (const PermsCache *cache,
                const char *app,
                const char *device,
                PermsAccessory accessory,
                PermsGrantState state,
                const PermsId *id,
                const PermsBy *by,
                PermsChanges *changes)
{
  const PermsGrant *known = perms_cache_lookup_grant (cache, app, device, accessory);
  gboolean is_live = known != NULL && perms_grant_state_is_live (known->state);
  gboolean hardens = known != NULL && known->state == PERMS_GRANT_REMOVED &&
                     (state == PERMS_GRANT_REVOKED || state == PERMS_GRANT_DENIED);
  PermsGrant *row;

  g_return_val_if_fail (!perms_grant_state_is_live (state),
                        perms_plan_refused (PERMS_CAUSE_NO_GRANT));
  if (is_live || hardens)
    {
      row = copy_for (known, by);
    }
  else if (known == NULL && state == PERMS_GRANT_DENIED && id != NULL)
    {
      row = make_denial (app, device, accessory, id);
      row->decision = perms_plan_decide (by, 0);
    }
  else
    {
      return perms_plan_refused (PERMS_CAUSE_NO_GRANT);
    }
  row->state = state;
  perms_changes_take (changes, PERMS_CHANGE_GRANT, end_word (state), row);
  return perms_plan_ok ();
}

PermsOutcome
perms_plan_finish (const PermsCache *cache,
                   const char *app,
                   const char *device,
                   PermsAccessory accessory,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  const PermsGrant *known = perms_cache_lookup_grant (cache, app, device, accessory);
  PermsGrant *row;

  if (known == NULL || !perms_grant_is_in_force (known, by->time_s))
    return perms_plan_refused (PERMS_CAUSE_NO_GRANT);
  if (known->state == PERMS_GRANT_ACTIVE)
    return perms_plan_no_effect ();
  row = copy_for (known, by);
  row->state = PERMS_GRANT_ACTIVE;
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "finish", row);
  return perms_plan_ok ();
}

gboolean
perms_plan_rename (const PermsCache *cache,
                   const char *app,
                   const char *device,
                   PermsAccessory accessory,
                   const char *name,
                   const PermsBy *by,
                   PermsChanges *changes,
                   PermsOutcome *ret_outcome,
                   GError **error)
{
  const PermsGrant *known = perms_cache_lookup_grant (cache, app, device, accessory);
  PermsGrant *row;

  if (!is_good_name (name))
    return refuse_invalid (error, "a name has 1 to 248 bytes of UTF-8");
  if (known == NULL || !perms_grant_is_in_force (known, by->time_s))
    {
      *ret_outcome = perms_plan_refused (PERMS_CAUSE_NO_GRANT);
      return TRUE;
    }
  if (strcmp (known->name, name) == 0)
    {
      *ret_outcome = perms_plan_no_effect ();
      return TRUE;
    }
  /* Who gave the grant, and when, stays: only its name changes. */
  row = perms_grant_copy (known);
  row->decision.revision = known->decision.revision + 1;
  perms_string_set (&row->name, name);
  perms_changes_take (changes, PERMS_CHANGE_GRANT, "rename", row);
  *ret_outcome = perms_plan_ok ();
  return TRUE;
}

typedef struct
{
  gboolean once;
  const PermsBy *by;
  PermsChanges *changes;
  guint n_expired;
} Expiry;

static gboolean
expire_grant (const PermsGrant *grant, gpointer user_data)
{
  Expiry *expiry = user_data;
  gboolean is_over =
    grant->lifetime == PERMS_LIFETIME_UNTIL && grant->until_s <= expiry->by->time_s;
  gboolean is_left =
    grant->lifetime == PERMS_LIFETIME_ONCE || grant->state == PERMS_GRANT_AWAITING;
  PermsGrant *row;

  if (!perms_grant_state_is_live (grant->state) ||
      !(is_over || (expiry->once && is_left)))
    return TRUE;
  row = copy_for (grant, expiry->by);
  row->state = PERMS_GRANT_EXPIRED;
  perms_changes_take (expiry->changes, PERMS_CHANGE_GRANT, "expire", row);
  expiry->n_expired++;
  return TRUE;
}

guint
perms_plan_expire (const PermsCache *cache,
                   guint32 uid,
                   gboolean once,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  Expiry expiry = { .once = once, .by = by, .changes = changes };

  perms_cache_foreach_grant (cache, uid, NULL, expire_grant, &expiry);
  return expiry.n_expired;
}
