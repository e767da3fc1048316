/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Companions: added, linked, told how permissions move, removed. */

#include "perms/plan.h"

#include <string.h>

#include "perms/error.h"
#include "perms/plan-private.h"

typedef struct
{
  guint n_devices;
  guint order_max;
  gboolean has_host;
  gboolean has_companion;
} DeviceSurvey;

static gboolean
survey_device (const PermsDevice *device, gpointer user_data)
{
  DeviceSurvey *survey = user_data;

  survey->n_devices++;
  survey->order_max = MAX (survey->order_max, device->order);
  if (device->order != 0 && device->is_host)
    survey->has_host = TRUE;
  if (device->order != 0 && !device->is_host)
    survey->has_companion = TRUE;
  return TRUE;
}

static DeviceSurvey
survey_devices (const PermsCache *cache, guint32 uid)
{
  DeviceSurvey survey = { 0 };

  perms_cache_foreach_device (cache, uid, survey_device, &survey);
  return survey;
}

static const PermsDevice *
find_present (const PermsCache *cache, guint32 uid, const char *device)
{
  const PermsDevice *known = perms_cache_lookup_device (cache, uid, device);

  return known != NULL && !known->removed ? known : NULL;
}

/* The same companion with another decision; the reports that it sent before stay old. */
static PermsDevice *
copy_for (const PermsDevice *known, const PermsBy *by)
{
  PermsDevice *row = perms_device_copy (known);

  g_ref_string_release (row->decision.device);
  row->decision = perms_plan_decide (by, known->decision.revision);
  return row;
}

static gboolean
is_kind (const char *kind)
{
  gsize length = strlen (kind);

  return length > 0 && length <= PERMS_KIND_MAX &&
         strspn (kind, "abcdefghijklmnopqrstuvwxyz-") == length;
}

gboolean
perms_plan_add_device (const PermsCache *cache,
                       guint32 uid,
                       const char *device,
                       const char *kind,
                       const PermsBy *by,
                       PermsChanges *changes,
                       PermsOutcome *ret_outcome,
                       GError **error)
{
  const PermsDevice *known = perms_cache_lookup_device (cache, uid, device);
  PermsDevice *row;

  if (!perms_device_is_valid (device) || strcmp (device, PERMS_DEVICE_LOCAL) == 0 ||
      !is_kind (kind))
    {
      g_set_error_literal (error, PERMS_ERROR, PERMS_ERROR_INVALID,
                           "a companion has a name of letters, digits, '.', '_' and '-', "
                           "other than \"local\", and a kind of small letters");
      return FALSE;
    }
  if (known != NULL && !known->removed)
    {
      *ret_outcome = perms_plan_no_effect ();
      return TRUE;
    }
  if (survey_devices (cache, uid).n_devices >= PERMS_USER_DEVICES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "a person has at most %d companions", PERMS_USER_DEVICES_MAX);
      return FALSE;
    }

  row = known != NULL ? copy_for (known, by) : g_new0 (PermsDevice, 1);
  if (known == NULL)
    {
      row->uid = uid;
      row->name = g_ref_string_new (device);
      row->decision = perms_plan_decide (by, 0);
    }
  perms_string_set (&row->kind, kind);
  row->removed = FALSE;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "add-device", row);
  *ret_outcome = perms_plan_ok ();
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
  const PermsDevice *known = find_present (cache, uid, device);
  DeviceSurvey survey = survey_devices (cache, uid);
  PermsDevice *row;

  if (known == NULL)
    return perms_plan_refused (PERMS_CAUSE_NOT_LINKED);
  if (known->order != 0)
    return known->is_host == is_host ? perms_plan_no_effect ()
                                     : perms_plan_refused (PERMS_CAUSE_LOCKED);
  if (survey.has_host || (is_host && survey.has_companion))
    return perms_plan_refused (PERMS_CAUSE_LOCKED);
  row = copy_for (known, by);
  row->order = survey.order_max + 1;
  row->is_host = is_host;
  row->sync = PERMS_SYNC_INDEPENDENT;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "link", row);
  return perms_plan_ok ();
}

typedef struct
{
  const char *device;
  PermsChanges *changes;
} LeftoverWalk;

/* What waited for the companion, and what it quarrelled about, goes with the link's rules. */
static gboolean
drop_leftovers (const PermsInstall *install, gpointer user_data)
{
  const LeftoverWalk *walk = user_data;
  PermsInstall *row;

  if (strcmp (install->device, walk->device) != 0 ||
      (!install->waiting && !install->conflict))
    return TRUE;
  row = perms_install_copy (install);
  row->decision.revision++;
  row->waiting = FALSE;
  row->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  row->conflict = FALSE;
  perms_changes_take (walk->changes, PERMS_CHANGE_INSTALL, "drop-snapshot", row);
  return TRUE;
}

static void
drop_all_leftovers (const PermsCache *cache,
                    guint32 uid,
                    const char *device,
                    PermsChanges *changes)
{
  LeftoverWalk walk = { device, changes };

  perms_cache_foreach_install (cache, uid, NULL, drop_leftovers, &walk);
}

PermsOutcome
perms_plan_unlink (const PermsCache *cache,
                   guint32 uid,
                   const char *device,
                   const PermsBy *by,
                   PermsChanges *changes)
{
  const PermsDevice *known = find_present (cache, uid, device);
  PermsDevice *row;

  if (known == NULL || known->order == 0)
    return perms_plan_refused (PERMS_CAUSE_NOT_LINKED);
  row = copy_for (known, by);
  row->order = 0;
  row->is_host = FALSE;
  row->sync = PERMS_SYNC_INDEPENDENT;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "unlink", row);
  drop_all_leftovers (cache, uid, device, changes);
  return perms_plan_ok ();
}

PermsOutcome
perms_plan_set_sync (const PermsCache *cache,
                     guint32 uid,
                     const char *device,
                     PermsSync sync,
                     const PermsBy *by,
                     PermsChanges *changes)
{
  const PermsDevice *known = find_present (cache, uid, device);
  PermsDevice *row;

  if (known == NULL || known->order == 0)
    return perms_plan_refused (PERMS_CAUSE_NOT_LINKED);
  if (known->sync == sync)
    return perms_plan_no_effect ();
  row = copy_for (known, by);
  row->sync = sync;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "set-sync", row);
  drop_all_leftovers (cache, uid, device, changes);
  return perms_plan_ok ();
}

/* "No" drops the snapshot that waits. */
PermsOutcome
perms_plan_consent (const PermsCache *cache,
                    guint32 uid,
                    const char *device,
                    gboolean allow,
                    const PermsBy *by,
                    PermsChanges *changes)
{
  const PermsDevice *known = find_present (cache, uid, device);
  LeftoverWalk walk = { device, changes };
  PermsDevice *row;

  if (known == NULL || known->order == 0)
    return perms_plan_refused (PERMS_CAUSE_NOT_LINKED);
  row = copy_for (known, by);
  row->consent = allow ? PERMS_CONSENT_ALLOW : PERMS_CONSENT_DENY;
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "consent", row);
  if (!allow)
    perms_cache_foreach_install (cache, uid, NULL, drop_leftovers, &walk);
  return perms_plan_ok ();
}

PermsOutcome
perms_plan_remove_device (const PermsCache *cache,
                          guint32 uid,
                          const char *device,
                          const PermsBy *by,
                          PermsChanges *changes)
{
  const PermsDevice *known = find_present (cache, uid, device);
  PermsDevice *row;

  if (known == NULL)
    return perms_plan_refused (PERMS_CAUSE_NOT_LINKED);
  row = copy_for (known, by);
  row->order = 0;
  row->is_host = FALSE;
  row->sync = PERMS_SYNC_INDEPENDENT;
  row->consent = PERMS_CONSENT_NONE;
  row->removed = TRUE;
  row->floor = MAX (row->floor, row->decision.revision);
  perms_changes_take (changes, PERMS_CHANGE_DEVICE, "remove-device", row);
  return perms_plan_ok ();
}
