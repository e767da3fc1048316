/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The apps of a person on this machine: listed, reviewed when something was installed or
 * removed, and confirmed when they moved to another publisher. */

#include "broker/permissions-apps.h"

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

void
broker_permissions_set_loaded (BrokerPermissions *permissions,
                               BrokerSeenUserFunc loaded,
                               gpointer user_data)
{
  permissions->loaded = loaded;
  permissions->loaded_data = user_data;
}

void
broker_permissions_load_user_async (BrokerPermissions *permissions,
                                    guint32 uid,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, broker_permissions_load_user_async);
  broker_permissions_load_user (permissions, uid, task);
}

void
broker_permissions_foreach_user (BrokerPermissions *permissions,
                                 BrokerSeenUserFunc func,
                                 gpointer user_data)
{
  g_autoptr (GArray) uids = g_array_copy (permissions->loaded_uids);

  for (guint i = 0; i < uids->len; i++)
    func (g_array_index (uids, guint32, i), user_data);
}

static gboolean
is_local (const PermsInstall *install)
{
  return install->installed && g_str_equal (install->device, PERMS_DEVICE_LOCAL);
}

static BrokerAppRow
describe (const PermsInstall *install)
{
  return (BrokerAppRow){
    .app = install->app,
    .fingerprint = install->fingerprint,
    .changed_to = install->changed_to,
    .asks = install->asks,
    .strength = install->strength,
    .bluetooth = install->bluetooth,
    .managed = install->managed != PERMS_MANAGED_NONE,
    .known_s = install->decision.time_s,
  };
}

/* ---- listing ---- */

typedef struct
{
  BrokerPermissions *permissions;
  BrokerAppFunc func;
  gpointer user_data;
} Listing;

static gboolean
count_in_force (const PermsGrant *grant, gpointer user_data)
{
  BrokerAppRow *row = user_data;

  if (g_str_equal (grant->device, PERMS_DEVICE_LOCAL) &&
      perms_grant_is_in_force (grant, broker_permissions_now_s ()))
    row->n_accessories++;
  return TRUE;
}

static gboolean
list_install (const PermsInstall *install, gpointer user_data)
{
  const Listing *listing = user_data;
  BrokerAppRow row = describe (install);

  if (!is_local (install))
    return TRUE;
  perms_cache_foreach_grant (listing->permissions->cache,
                             perms_app_key_uid (install->app), install->app,
                             count_in_force, &row);
  row.picker = perms_cache_derive (listing->permissions->cache, install->app,
                                   install->device, broker_permissions_now_s ())
                 .picker;
  listing->func (&row, listing->user_data);
  return TRUE;
}

void
broker_permissions_foreach_app (BrokerPermissions *permissions,
                                guint32 uid,
                                BrokerAppFunc func,
                                gpointer user_data)
{
  Listing listing = { permissions, func, user_data };

  perms_cache_foreach_install (permissions->cache, uid, NULL, list_install, &listing);
}

/* ---- reviewing ---- */

typedef struct
{
  BrokerPermissions *permissions;
  BrokerAppGoneFunc is_gone;
  BrokerAppAsksFunc find_asks;
  gpointer user_data;
  PermsBy by;
  PermsChanges *gone;
  PermsChanges *changed;
} Review;

static gboolean
review_install (const PermsInstall *install, gpointer user_data)
{
  const Review *review = user_data;
  const PermsCache *cache = review->permissions->cache;
  const BrokerAppRow row = describe (install);
  PermsAppFacts facts = { install->app, install->device, PERMS_ACCESS_NONE,
                          install->strength,
                          install->changed_to != NULL ? install->changed_to
                                                      : install->fingerprint };

  if (!is_local (install))
    return TRUE;
  if (review->is_gone (&row, review->user_data))
    {
      (void) perms_plan_event (cache, install->app, install->device,
                               PERMS_EVENT_UNINSTALL, PERMS_EVENT_VALUE_NONE, &review->by,
                               review->gone);
      return TRUE;
    }
  facts.asks = review->find_asks (&row, review->user_data);
  (void) perms_plan_register (cache, &facts, &review->by, review->changed);
  return TRUE;
}

/* Logged where it failed; memory denies until a restart, which looks again. */
static void
on_gone_stored (BrokerPermissions *permissions,
                PermsUserRows *rows,
                const GError *error,
                gpointer user_data)
{
}

/* One that failed is found again by the next review. */
static void
on_changed_stored (BrokerPermissions *permissions,
                   PermsUserRows *rows,
                   const GError *error,
                   gpointer user_data)
{
  g_autoptr (PermsChanges) changes = user_data;

  if (error == NULL)
    broker_permissions_put (permissions, changes);
}

void
broker_permissions_review_apps (BrokerPermissions *permissions,
                                guint32 uid,
                                BrokerAppGoneFunc is_gone,
                                BrokerAppAsksFunc find_asks,
                                gpointer user_data)
{
  g_autoptr (PermsChanges) gone = perms_changes_new ();
  g_autoptr (PermsChanges) changed = perms_changes_new ();
  Review review = {
    permissions, is_gone, find_asks, user_data, broker_change_by (PERMS_REASON_NONE),
    gone,        changed
  };

  perms_cache_foreach_install (permissions->cache, uid, NULL, review_install, &review);
  if (perms_changes_get_length (gone) > 0)
    broker_permissions_take_away (permissions, gone, "uninstalled", on_gone_stored, NULL);
  if (perms_changes_get_length (changed) > 0)
    broker_permissions_commit (permissions, changed, on_changed_stored,
                               perms_changes_ref (changed));
}

/* ---- confirming ---- */

/* Data of its task. */
typedef struct
{
  BrokerPermissions *permissions;
  char *app;
  PermsChanges *changes;
  guint attempts;
} Confirmation;

static void
free_confirmation (Confirmation *confirmation)
{
  broker_permissions_unref (confirmation->permissions);
  g_clear_pointer (&confirmation->changes, perms_changes_unref);
  g_free (confirmation->app);
  g_free (confirmation);
}

static void confirm (GTask *task);

static void
on_confirmed (BrokerPermissions *permissions,
              PermsUserRows *rows,
              const GError *error,
              gpointer user_data)
{
  GTask *task = user_data;
  Confirmation *confirmation = g_task_get_task_data (task);

  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) &&
      ++confirmation->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    {
      confirm (task);
      return;
    }
  if (error == NULL)
    {
      broker_permissions_put (permissions, confirmation->changes);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, broker_words_store_error (error));
  g_object_unref (task);
}

static void
confirm (GTask *task)
{
  Confirmation *confirmation = g_task_get_task_data (task);
  BrokerPermissions *permissions = confirmation->permissions;
  PermsBy by = broker_change_by (PERMS_REASON_USER_SETTINGS);
  PermsOutcome outcome;

  g_clear_pointer (&confirmation->changes, perms_changes_unref);
  confirmation->changes = perms_changes_new ();
  outcome = perms_plan_confirm (permissions->cache, confirmation->app, PERMS_DEVICE_LOCAL,
                                &by, confirmation->changes);
  if (outcome.result == PERMS_RESULT_OK)
    {
      broker_permissions_commit (permissions, confirmation->changes, on_confirmed, task);
      return;
    }
  if (outcome.result == PERMS_RESULT_NO_EFFECT)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task,
                         blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "no-app",
                                            "There is no such app on this computer."));
  g_object_unref (task);
}

void
broker_permissions_confirm_async (BrokerPermissions *permissions,
                                  const char *app,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Confirmation *confirmation = g_new0 (Confirmation, 1);

  g_task_set_source_tag (task, broker_permissions_confirm_async);
  /* What is stored is stored, whether or not somebody still waits. */
  g_task_set_check_cancellable (task, FALSE);
  confirmation->permissions = broker_permissions_ref (permissions);
  confirmation->app = g_strdup (app);
  g_task_set_task_data (task, confirmation, (GDestroyNotify) free_confirmation);
  confirm (task);
}

gboolean
broker_permissions_confirm_finish (BrokerPermissions *permissions,
                                   GAsyncResult *result,
                                   GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
