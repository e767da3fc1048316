/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The turns of changes: one at a time on one row. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"

static void
free_change (BrokerChange *change)
{
  g_clear_pointer (&change->caller, broker_caller_unref);
  g_clear_pointer (&change->changes, perms_changes_unref);
  g_clear_pointer (&change->wanted, perms_grant_free);
  g_clear_pointer (&change->scope, perms_scope_unref);
  g_free (change->key);
  g_free (change->session_path);
  g_free (change->name);
  g_free (change->app);
  g_free (change->device);
  if (change->free_about != NULL)
    change->free_about (change->about);
  broker_permissions_unref (change->permissions);
  g_free (change);
}

GTask *
broker_change_new (BrokerPermissions *permissions,
                   BrokerCaller *caller,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  BrokerChange *change = g_new0 (BrokerChange, 1);

  change->permissions = broker_permissions_ref (permissions);
  change->caller = caller != NULL ? broker_caller_ref (caller) : NULL;
  g_task_set_task_data (task, change, (GDestroyNotify) free_change);
  /* What is stored is stored: a caller that left changes nothing of the result. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

char *
broker_permissions_make_rows_key (uid_t uid)
{
  return g_strdup_printf ("rows %u", uid);
}

PermsBy
broker_change_by (PermsReason reason)
{
  return (PermsBy){ reason, broker_permissions_now_s (), PERMS_DEVICE_LOCAL, 0 };
}

/* Changes of one row come one after the other: two plans on the same row would carry the same
 * revision, and memory and store could end with different ones of them. */
void
broker_change_start (GTask *task)
{
  BrokerChange *change = g_task_get_task_data (task);
  GQueue *waiting = g_hash_table_lookup (change->permissions->busy, change->key);

  if (waiting != NULL)
    {
      g_queue_push_tail (waiting, task);
      return;
    }
  g_hash_table_insert (change->permissions->busy, g_strdup (change->key), g_queue_new ());
  change->start (task, change);
}

/* Ends the turn of @task, which is dropped, and lets the next one begin. */
void
broker_change_finish (GTask *task)
{
  BrokerChange *change = g_task_get_task_data (task);
  GHashTable *busy = change->permissions->busy;
  GQueue *waiting = g_hash_table_lookup (busy, change->key);
  GTask *next = g_queue_pop_head (waiting);

  if (next == NULL)
    g_hash_table_remove (busy, change->key);
  else
    {
      BrokerChange *after = g_task_get_task_data (next);

      after->start (next, after);
    }
  g_object_unref (task);
}

void
broker_change_return_error (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  broker_change_finish (task);
}

gboolean
broker_change_is_stored (GTask *task, const GError *error)
{
  BrokerChange *change = g_task_get_task_data (task);

  if (error == NULL)
    return TRUE;
  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) && !change->takes &&
      ++change->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    change->start (task, change);
  else
    broker_change_return_error (task, broker_words_store_error (error));
  return FALSE;
}
