/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who has to be in memory before anything is asked: a caller's user and app, and everybody. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"

/* ---- a caller's first call ---- */

typedef struct
{
  BrokerPermissions *permissions;
  BrokerCaller *caller;
  PermsAccess asks;
  PermsChanges *changes;
  guint attempts;
} Registration;

static void
free_registration (Registration *registration)
{
  broker_caller_unref (registration->caller);
  g_clear_pointer (&registration->changes, perms_changes_unref);
  broker_permissions_unref (registration->permissions);
  g_free (registration);
}

static void register_app (GTask *task);

static void
on_registered (BrokerPermissions *permissions,
               PermsUserRows *rows,
               const GError *error,
               gpointer user_data)
{
  GTask *task = user_data;
  Registration *registration = g_task_get_task_data (task);

  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) &&
      ++registration->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    {
      register_app (task);
      return;
    }
  if (error == NULL)
    {
      broker_permissions_put (permissions, registration->changes);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, broker_words_store_error (error));
  g_object_unref (task);
}

/* The app is known from its first call on: what it may do is asked of its row. */
static void
register_app (GTask *task)
{
  Registration *registration = g_task_get_task_data (task);
  BrokerPermissions *permissions = registration->permissions;
  const BrokerCaller *caller = registration->caller;
  PermsAppFacts facts = { caller->app, PERMS_DEVICE_LOCAL, registration->asks,
                          broker_words_strength (caller->strength), caller->fingerprint };
  PermsBy by = { PERMS_REASON_NONE, broker_permissions_now_s (), PERMS_DEVICE_LOCAL, 0 };

  g_clear_pointer (&registration->changes, perms_changes_unref);
  registration->changes = perms_changes_new ();
  (void) perms_plan_register (permissions->cache, &facts, &by, registration->changes);
  if (perms_changes_get_length (registration->changes) > 0)
    {
      broker_permissions_commit (permissions, registration->changes, on_registered, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_user_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      register_app (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
broker_permissions_load_async (BrokerPermissions *permissions,
                               BrokerCaller *caller,
                               PermsAccess asks,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Registration *registration = g_new0 (Registration, 1);

  g_task_set_source_tag (task, broker_permissions_load_async);
  registration->permissions = broker_permissions_ref (permissions);
  registration->caller = broker_caller_ref (caller);
  registration->asks = asks;
  g_task_set_task_data (task, registration, (GDestroyNotify) free_registration);
  broker_permissions_load_user (permissions, caller->uid,
                                g_task_new (NULL, NULL, on_user_loaded, task));
}

gboolean
broker_permissions_load_finish (BrokerPermissions *permissions,
                                GAsyncResult *result,
                                GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- everybody ---- */

/* One user after the other; the task data counts how many are left. */
static void
on_next_user (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GArray *uids = g_task_get_task_data (task);
  BrokerPermissions *permissions = g_object_get_data (G_OBJECT (task), "permissions");

  if (result != NULL)
    (void) g_task_propagate_boolean (G_TASK (result), NULL);
  if (uids->len == 0)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  guint32 uid = g_array_index (uids, guint32, uids->len - 1);
  g_array_set_size (uids, uids->len - 1);
  broker_permissions_load_user (permissions, uid,
                                g_task_new (NULL, NULL, on_next_user, task));
}

void
broker_permissions_load_all_async (BrokerPermissions *permissions,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, broker_permissions_load_all_async);
  g_task_set_task_data (task, g_array_copy (permissions->stored_uids),
                        (GDestroyNotify) g_array_unref);
  g_object_set_data_full (G_OBJECT (task), "permissions",
                          broker_permissions_ref (permissions),
                          (GDestroyNotify) broker_permissions_unref);
  on_next_user (NULL, NULL, task);
}

gboolean
broker_permissions_load_all_finish (BrokerPermissions *permissions,
                                    GAsyncResult *result,
                                    GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
