/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "perms/plan-private.h"

static const PermsDevice *
find_device (const PermsCache *cache, guint32 uid, const char *device)
{
  const PermsDevice *found = perms_cache_lookup_device (cache, uid, device);

  return found != NULL && !found->removed ? found : NULL;
}

static PermsDevice *
copy_device (const PermsDevice *stored, const PermsBy *by)
{
  PermsDevice *device = perms_device_copy (stored);

  perms_plan_sign (&device->decision, by->reason, stored->decision.revision, by);
  return device;
}

/* ---- what a link leaves in the rows of apps ---- */

typedef struct
{
  const char *device; /* the companion's side of the link */
  gboolean drop_conflict;
  const char *event;
  const PermsBy *by;
  PermsChanges *changes;
} DropPlan;

static gboolean
drop_link_state (const PermsInstall *install, gpointer user_data)
{
  const DropPlan *plan = user_data;
  gboolean has_conflict = install->conflict && plan->drop_conflict;

  if (!g_str_equal (install->device, plan->device) ||
      (!install->waiting && !has_conflict))
    return TRUE;

  PermsInstall *row = perms_install_copy (install);
  row->waiting = FALSE;
  row->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  if (plan->drop_conflict)
    row->conflict = FALSE;
  perms_plan_sign (&row->decision, install->decision.reason, install->decision.revision,
                   plan->by);
  perms_changes_take (plan->changes, PERMS_CHANGE_INSTALL, plan->event, row);
  return TRUE;
}

static void
plan_drop (const PermsCache *cache,
           const PermsDevice *link,
           gboolean drop_conflict,
           const char *event,
           const PermsBy *by,
           PermsChanges *changes)
{
  DropPlan plan = { link->is_host ? PERMS_DEVICE_LOCAL : link->name, drop_conflict, event,
                    by, changes };

  perms_cache_foreach_install (cache, link->uid, NULL, drop_link_state, &plan);
}

/* ---- adding ---- */

static gboolean
count_device (const PermsDevice *device, gpointer user_data)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static gboolean
is_word (const char *text)
{
  if (text[0] == '\0' || strlen (text) > PERMS_KIND_MAX)
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    {
      if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && *c != '-')
        return FALSE;
    }
  return TRUE;
}

gboolean
perms_plan_add_device (const PermsCache *cache,
                       const PermsNewDevice *device,
                       const PermsBy *by,
                       PermsChanges *changes,
                       PermsOutcome *ret_outcome,
                       GError **error)
{
  const PermsDevice *stored = NULL;
  guint n = 0;

  if (!perms_device_is_valid (device->name) ||
      g_str_equal (device->name, PERMS_DEVICE_LOCAL) || !is_word (device->kind))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "A companion has a name of letters, digits, '.', '_' and '-', "
                           "not \"local\", and a kind of one word");
      return FALSE;
    }
  perms_cache_foreach_device (cache, device->uid, count_device, &n);
  if (find_device (cache, device->uid, device->name) != NULL)
    {
      *ret_outcome = OUTCOME_NO_EFFECT;
      return TRUE;
    }
  if (n >= PERMS_USER_DEVICES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "A person has at most %d companions", PERMS_USER_DEVICES_MAX);
      return FALSE;
    }

  stored = perms_cache_lookup_device (cache, device->uid, device->name);
  PermsDevice *row = g_new0 (PermsDevice, 1);
  row->uid = device->uid;
  row->name = g_ref_string_new (device->name);
  row->kind = g_ref_string_new (device->kind);
  row->floor = stored != NULL ? stored->floor : 0;
  perms_plan_sign (&row->decision, by->reason,
                   stored != NULL ? stored->decision.revision : 0, by);
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "add", row);
  *ret_outcome = OUTCOME_OK;
  return TRUE;
}

/* ---- linking ---- */

typedef struct
{
  guint32 last_order;
  gboolean has_host;
  gboolean has_companions;
} Links;

static gboolean
look_at_link (const PermsDevice *device, gpointer user_data)
{
  Links *links = user_data;

  if (device->order == 0)
    return TRUE;
  links->last_order = MAX (links->last_order, device->order);
  links->has_host = links->has_host || device->is_host;
  links->has_companions = links->has_companions || !device->is_host;
  return TRUE;
}

PermsOutcome
perms_plan_link (const PermsCache *cache,
                 guint32 uid,
                 const char *device,
                 gboolean is_host,
                 const PermsBy *by,
                 PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);
  Links links = { 0 };

  if (stored == NULL)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);
  if (stored->order > 0)
    return OUTCOME_NO_EFFECT;
  perms_cache_foreach_device (cache, uid, look_at_link, &links);
  if (links.has_host || (is_host && links.has_companions))
    return OUTCOME_REFUSED (PERMS_CAUSE_LOCKED);

  PermsDevice *row = copy_device (stored, by);
  row->is_host = is_host;
  row->order = links.last_order + 1;
  row->sync = PERMS_SYNC_INDEPENDENT;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "link", row);
  return OUTCOME_OK;
}

PermsOutcome
perms_plan_unlink (const PermsCache *cache,
                   guint32 uid,
                   const char *device,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);

  if (stored == NULL)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);
  if (stored->order == 0)
    return OUTCOME_NO_EFFECT;

  PermsDevice *row = copy_device (stored, by);
  row->order = 0;
  row->sync = PERMS_SYNC_INDEPENDENT;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "unlink", row);
  plan_drop (cache, stored, TRUE, "unlink", by, changes);
  return OUTCOME_OK;
}

PermsOutcome
perms_plan_set_sync (const PermsCache *cache,
                     guint32 uid,
                     const char *device,
                     PermsSync sync,
                     const PermsBy *by,
                     PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);

  if (stored == NULL || stored->order == 0)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);
  if (stored->sync == sync)
    return OUTCOME_NO_EFFECT;

  PermsDevice *row = copy_device (stored, by);
  row->sync = sync;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "policy", row);
  plan_drop (cache, stored, TRUE, "policy", by, changes);
  return OUTCOME_OK;
}

PermsOutcome
perms_plan_consent (const PermsCache *cache,
                    guint32 uid,
                    const char *device,
                    gboolean allow,
                    const PermsBy *by,
                    PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);

  if (stored == NULL)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);

  PermsDevice *row = copy_device (stored, by);
  row->consent = allow ? PERMS_CONSENT_ALLOW : PERMS_CONSENT_DENY;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "consent", row);
  if (!allow)
    plan_drop (cache, stored, FALSE, "consent", by, changes);
  return OUTCOME_OK;
}

/* ---- removing ---- */

typedef struct
{
  const char *device;
  guint64 floor;
} Floor;

static gboolean
raise_by_install (const PermsInstall *install, gpointer user_data)
{
  Floor *floor = user_data;

  if (g_str_equal (install->device, floor->device))
    floor->floor = MAX (floor->floor, install->decision.revision);
  return TRUE;
}

static gboolean
raise_by_grant (const PermsGrant *grant, gpointer user_data)
{
  Floor *floor = user_data;

  if (g_str_equal (grant->device, floor->device))
    floor->floor = MAX (floor->floor, grant->decision.revision);
  return TRUE;
}

static guint64
find_floor (const PermsCache *cache, const PermsDevice *stored)
{
  Floor floor = { stored->name, stored->floor };

  perms_cache_foreach_install (cache, stored->uid, NULL, raise_by_install, &floor);
  perms_cache_foreach_grant (cache, stored->uid, NULL, raise_by_grant, &floor);
  return floor.floor;
}

guint64
perms_plan_find_revision (const PermsCache *cache, guint32 uid, const char *device)
{
  const PermsDevice *stored = perms_cache_lookup_device (cache, uid, device);

  return stored != NULL ? MAX (stored->decision.revision, find_floor (cache, stored)) : 0;
}

PermsOutcome
perms_plan_report_unlink (const PermsCache *cache,
                          guint32 uid,
                          const char *device,
                          const PermsBy *by,
                          PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);

  if (stored == NULL || stored->order == 0)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);
  if (!g_str_equal (by->device, device) || by->revision > PERMS_REPORT_REVISION_MAX ||
      by->revision <= MAX (stored->floor, stored->decision.revision))
    return OUTCOME_REFUSED (PERMS_CAUSE_STALE);
  return perms_plan_unlink (cache, uid, device, by, changes);
}

PermsOutcome
perms_plan_remove_device (const PermsCache *cache,
                          guint32 uid,
                          const char *device,
                          const PermsBy *by,
                          PermsChanges *changes)
{
  const PermsDevice *stored = find_device (cache, uid, device);

  if (stored == NULL)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);

  /* what this device ever reported stays old, also when it is added again */
  guint64 floor = find_floor (cache, stored);

  /* rows on this machine first: the removal takes the device's own rows along */
  if (stored->is_host)
    plan_drop (cache, stored, TRUE, "remove", by, changes);
  PermsDevice *row = copy_device (stored, by);
  row->order = 0;
  row->sync = PERMS_SYNC_INDEPENDENT;
  row->consent = PERMS_CONSENT_NONE;
  row->removed = TRUE;
  row->floor = floor;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "remove", row);
  return OUTCOME_OK;
}
