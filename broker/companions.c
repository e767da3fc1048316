/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/companions.h"

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"
#include "perms/key.h"

/* A change that waits for its turn or for the store; what the words point to is its own. */
typedef struct
{
  BrokerCompanionChange words;
  PermsOutcome outcome;
  PermsSynced *synced; /* of SYNC */
} Pending;

static void
free_pending (gpointer data)
{
  Pending *pending = data;

  g_free ((char *) pending->words.device);
  g_free ((char *) pending->words.kind);
  g_free ((char *) pending->words.app);
  g_free ((char *) pending->words.fingerprint);
  perms_synced_free (pending->synced);
  g_free (pending);
}

/* ---- what comes of it ---- */

/* Refusals of the model, for somebody who may see every row of the user. */
static GError *
make_refusal (const BrokerCompanionChange *words, PermsCause cause)
{
  const char *text = "The permissions do not allow this change";

  if (cause == PERMS_CAUSE_NOT_LINKED)
    text = "That device is not linked to this one";
  else if (cause == PERMS_CAUSE_STALE)
    text = "This report, or one that came after it, was taken before";
  else if (cause == PERMS_CAUSE_NOT_INSTALLED)
    text = "The app is not installed on that device";
  else if (cause == PERMS_CAUSE_NO_CONSENT)
    text = "You have not agreed to copy permissions to that device";
  else if (cause == PERMS_CAUSE_LOCKED && words->verb == BROKER_COMPANION_LINK)
    text = "One side of a link is the host: this machine is a companion already, or "
           "has companions of its own";
  else if (cause == PERMS_CAUSE_LOCKED)
    text = "It is decided by a policy, or by the device that this one follows";
  return blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, perms_cause_to_string (cause),
                            "%s", text);
}

static GVariant *
list_keys (const GPtrArray *keys)
{
  return g_variant_new_strv ((const char *const *) keys->pdata, keys->len);
}

static GVariant *
make_report_answer (const Pending *pending)
{
  g_autofree char *result = perms_outcome_format (&pending->outcome);
  GVariantBuilder notes;

  g_variant_builder_init (&notes, G_VARIANT_TYPE ("as"));
  if (pending->outcome.note != PERMS_NOTE_NONE)
    {
      g_autofree char *note =
        g_strdup_printf ("%s:%s", perms_note_to_string (pending->outcome.note),
                         pending->words.device);

      g_variant_builder_add (&notes, "s", note);
    }
  return g_variant_new ("(sas)", result, &notes);
}

static GVariant *
make_answer (const Pending *pending)
{
  if (pending->words.verb == BROKER_COMPANION_REPORT)
    return make_report_answer (pending);
  if (pending->words.verb == BROKER_COMPANION_SYNC)
    return g_variant_new ("(@as@as)", list_keys (pending->synced->copied),
                          list_keys (pending->synced->mismatched));
  return g_variant_new_tuple (NULL, 0);
}

static void
settle (GTask *task, BrokerChange *change)
{
  const Pending *pending = change->about;

  if (pending->outcome.result == PERMS_RESULT_REFUSED)
    {
      broker_change_return_error (task,
                                  make_refusal (&pending->words, pending->outcome.cause));
      return;
    }
  g_task_return_pointer (task, g_variant_ref_sink (make_answer (pending)),
                         (GDestroyNotify) g_variant_unref);
  broker_change_finish (task);
}

static void
on_stored (BrokerPermissions *permissions,
           PermsUserRows *rows,
           const GError *error,
           gpointer user_data)
{
  GTask *task = user_data;
  BrokerChange *change = g_task_get_task_data (task);

  if (!broker_change_is_stored (task, error))
    return;
  if (!change->takes)
    broker_permissions_put (permissions, change->changes);
  settle (task, change);
}

/* ---- planning ---- */

/* An app that moved to another publisher there has no access until that is confirmed. */
static gboolean
takes_install (const PermsCache *cache, const PermsInstall *install)
{
  const PermsInstall *held =
    perms_cache_lookup_install (cache, install->app, install->device);

  return held != NULL && held->installed &&
         (!install->installed ||
          (held->bluetooth == PERMS_BLUETOOTH_ALLOWED &&
           install->bluetooth != PERMS_BLUETOOTH_ALLOWED) ||
          (held->changed_to == NULL && install->changed_to != NULL));
}

/* Whether @changes take access away. No event does both: what it moves has one value. */
static gboolean
takes_access (const PermsCache *cache, const PermsChanges *changes)
{
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);

      if ((change->kind == PERMS_CHANGE_DEVICE && change->device->removed) ||
          (change->kind == PERMS_CHANGE_GRANT &&
           !perms_grant_state_is_live (change->grant->state)) ||
          (change->kind == PERMS_CHANGE_INSTALL &&
           takes_install (cache, change->install)))
        return TRUE;
    }
  return FALSE;
}

static PermsOutcome
plan_install (const PermsCache *cache,
              const BrokerCompanionChange *words,
              const PermsBy *by,
              PermsChanges *changes)
{
  const PermsInstall *here =
    perms_cache_lookup_install (cache, words->app, PERMS_DEVICE_LOCAL);
  const PermsInstall *there =
    perms_cache_lookup_install (cache, words->app, words->device);
  g_autofree char *fingerprint = g_strdup (words->fingerprint);
  gboolean is_known = there != NULL && there->installed;
  PermsAppFacts facts = {
    .app = words->app,
    .device = words->device,
    .asks = words->asks,
    .strength = PERMS_STRENGTH_NONE,
  };

  /* What is not said is as it was. */
  if (is_known && facts.asks == PERMS_ACCESS_NONE)
    facts.asks = there->asks;
  if (fingerprint == NULL && is_known)
    fingerprint =
      g_strdup (there->changed_to != NULL ? there->changed_to : there->fingerprint);
  if (fingerprint == NULL)
    fingerprint = g_strdup (here != NULL && here->installed ? here->fingerprint : "");
  facts.fingerprint = fingerprint;
  return perms_plan_register (cache, &facts, by, changes);
}

/* What a companion says of itself: signed by it, with its revision. */
static PermsOutcome
plan_report (const PermsCache *cache,
             const BrokerCompanionChange *words,
             PermsChanges *changes)
{
  PermsBy by = broker_change_by (PERMS_REASON_NONE);

  by.device = words->device;
  by.revision = words->revision;
  if (words->event == PERMS_EVENT_NONE)
    return perms_plan_report_unlink (cache, words->uid, words->device, &by, changes);
  if (words->event == PERMS_EVENT_INSTALL)
    return plan_install (cache, words, &by, changes);
  return perms_plan_event (cache, words->app, words->device, words->event, words->value,
                           &by, changes);
}

static PermsOutcome
plan_add (const PermsCache *cache,
          const BrokerCompanionChange *words,
          const PermsBy *by,
          PermsChanges *changes,
          GError **error)
{
  PermsOutcome outcome = { .result = PERMS_RESULT_REFUSED };
  PermsNewDevice device = { words->uid, words->device, words->kind };
  g_autoptr (GError) problem = NULL;

  if (perms_plan_add_device (cache, &device, by, changes, &outcome, &problem))
    return outcome;
  if (g_error_matches (problem, PERMS_ERROR, PERMS_ERROR_INVALID))
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-device", "%s",
                       problem->message);
  else
    g_propagate_error (error, broker_words_store_error (problem));
  return outcome;
}

/* FALSE with @error: what is wrong is not the model's to say. */
static gboolean
plan (const PermsCache *cache, Pending *pending, PermsChanges *changes, GError **error)
{
  const BrokerCompanionChange *words = &pending->words;
  const char *device = words->device;
  PermsBy by = broker_change_by (PERMS_REASON_USER_SETTINGS);
  GError *problem = NULL;

  switch (words->verb)
    {
    case BROKER_COMPANION_ADD:
      pending->outcome = plan_add (cache, words, &by, changes, &problem);
      break;
    case BROKER_COMPANION_REMOVE:
      pending->outcome =
        perms_plan_remove_device (cache, words->uid, device, &by, changes);
      break;
    case BROKER_COMPANION_LINK:
      pending->outcome =
        perms_plan_link (cache, words->uid, device, words->flag, &by, changes);
      break;
    case BROKER_COMPANION_UNLINK:
      pending->outcome = perms_plan_unlink (cache, words->uid, device, &by, changes);
      break;
    case BROKER_COMPANION_SET_POLICY:
      pending->outcome =
        perms_plan_set_sync (cache, words->uid, device, words->policy, &by, changes);
      break;
    case BROKER_COMPANION_SET_CONSENT:
      pending->outcome =
        perms_plan_consent (cache, words->uid, device, words->flag, &by, changes);
      break;
    case BROKER_COMPANION_SYNC:
      g_clear_pointer (&pending->synced, perms_synced_free);
      pending->synced = perms_synced_new ();
      pending->outcome =
        perms_plan_sync (cache, words->uid, device, &by, changes, pending->synced);
      break;
    case BROKER_COMPANION_INSTALL:
      pending->outcome = plan_install (cache, words, &by, changes);
      break;
    case BROKER_COMPANION_UNINSTALL:
      pending->outcome =
        perms_plan_event (cache, words->app, device, PERMS_EVENT_UNINSTALL,
                          PERMS_EVENT_VALUE_NONE, &by, changes);
      break;
    case BROKER_COMPANION_CONFIRM:
      pending->outcome = perms_plan_confirm (cache, words->app, device, &by, changes);
      break;
    case BROKER_COMPANION_REPORT:
      pending->outcome = plan_report (cache, words, changes);
      break;
    case BROKER_COMPANION_NONE:
    default:
      pending->outcome = (PermsOutcome){ .result = PERMS_RESULT_REFUSED };
    }
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}

/* ---- one change ---- */

static gboolean
has_device (BrokerPermissions *permissions, const BrokerCompanionChange *words)
{
  const PermsDevice *device =
    perms_device_is_valid (words->device)
      ? perms_cache_lookup_device (permissions->cache, words->uid, words->device)
      : NULL;

  return device != NULL && !device->removed;
}

static gboolean
has_app (const BrokerCompanionChange *words)
{
  PermsAppKey key;

  return perms_app_key_parse (words->app, &key, NULL) && key.uid == words->uid;
}

/* In its turn: what it is about may have gone meanwhile. What a refused report leaves behind, its
 * revision, is stored as well. */
static void
start (GTask *task, BrokerChange *change)
{
  BrokerPermissions *permissions = change->permissions;
  Pending *pending = change->about;
  GError *error = NULL;

  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  if (pending->words.verb != BROKER_COMPANION_ADD &&
      !has_device (permissions, &pending->words))
    error = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "no-device",
                               "There is no such companion");
  else if (pending->words.app != NULL && !has_app (&pending->words))
    error = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "no-app",
                               "There is no such app on that device");
  else if (pending->words.app != NULL &&
           !perms_plan_has_room (permissions->cache, pending->words.app,
                                 pending->words.device))
    error = blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "limits",
                               "A companion has at most %d apps", PERMS_DEVICE_APPS_MAX);
  if (error != NULL || !plan (permissions->cache, pending, change->changes, &error))
    {
      broker_change_return_error (task, error);
      return;
    }
  if (perms_changes_get_length (change->changes) == 0)
    {
      settle (task, change);
      return;
    }
  change->takes = takes_access (permissions->cache, change->changes);
  if (change->takes)
    broker_permissions_take_away (permissions, change->changes, "user", on_stored, task);
  else
    broker_permissions_commit (permissions, change->changes, on_stored, task);
}

void
broker_companions_change_async (BrokerPermissions *permissions,
                                const BrokerCompanionChange *words,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = broker_change_new (permissions, NULL, NULL, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  Pending *pending = g_new0 (Pending, 1);

  g_task_set_source_tag (task, broker_companions_change_async);
  pending->words = *words;
  pending->words.device = g_strdup (words->device);
  pending->words.kind = g_strdup (words->kind);
  pending->words.app = g_strdup (words->app);
  pending->words.fingerprint = g_strdup (words->fingerprint);
  change->about = pending;
  change->free_about = free_pending;
  change->key = broker_permissions_make_rows_key (words->uid);
  change->start = start;
  broker_change_start (task);
}

GVariant *
broker_companions_change_finish (BrokerPermissions *permissions,
                                 GAsyncResult *result,
                                 GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
