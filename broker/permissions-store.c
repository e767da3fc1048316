/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the facade speaks with the store: its worker's answers come back to the main loop
 * here, and users are loaded here. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* ---- from the worker to the loop ---- */

typedef struct
{
  BrokerPermissions *permissions; /* a reference */
  BrokerStoredFunc done;
  gpointer user_data;
  guint generation;
  PermsUserRows *rows;
  GError *error;
} Job;

static Job *
make_job (BrokerPermissions *permissions, BrokerStoredFunc done, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->permissions = broker_permissions_ref (permissions);
  job->done = done;
  job->user_data = user_data;
  job->generation = permissions->generation;
  return job;
}

/* What was done with a store that is put aside by now is not done. */
static void
outdate (Job *job)
{
  g_clear_error (&job->error);
  g_clear_pointer (&job->rows, perms_user_rows_free);
  g_set_error_literal (&job->error, PERMS_ERROR, PERMS_ERROR_STALE,
                       "the store was put aside meanwhile");
}

static gboolean
on_job_done (gpointer user_data)
{
  Job *job = user_data;

  if (job->generation != job->permissions->generation)
    outdate (job);
  job->done (job->permissions, job->rows, job->error, job->user_data);
  broker_permissions_unref (job->permissions);
  g_clear_error (&job->error);
  g_free (job);
  return G_SOURCE_REMOVE;
}

/* Runs on the worker. */
static void
send_home (Job *job, const GError *error)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  job->error = error != NULL ? g_error_copy (error) : NULL;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_job_done, job, NULL);
  g_source_attach (source, job->permissions->context);
}

static void
on_worker_committed (const GError *error, gpointer user_data)
{
  send_home (user_data, error);
}

static void
on_worker_loaded (PermsUserRows *rows, const GError *error, gpointer user_data)
{
  Job *job = user_data;

  job->rows = rows;
  send_home (job, error);
}

/* What is asked for after the store was closed. */
static void
refuse_closed (Job *job)
{
  g_autoptr (GError) error =
    g_error_new (PERMS_ERROR, PERMS_ERROR_CLOSED, "the store is closed");

  send_home (job, error);
}

typedef struct
{
  BrokerStoredFunc done;
  gpointer user_data;
} Watched;

/* The store cannot be written; any other error is of the rows. */
static gboolean
is_disk_fault (const GError *error)
{
  if (error == NULL || error->domain != PERMS_ERROR)
    return FALSE;
  return error->code == PERMS_ERROR_FAILED || error->code == PERMS_ERROR_FULL ||
         error->code == PERMS_ERROR_IO || error->code == PERMS_ERROR_READ_ONLY ||
         error->code == PERMS_ERROR_BUSY;
}

/* Every commit passes here first: its result says whether the store can be written. */
static void
on_committed (BrokerPermissions *permissions,
              PermsUserRows *rows,
              const GError *error,
              gpointer user_data)
{
  Watched *watched = user_data;

  gboolean is_written = !is_disk_fault (error);

  broker_permissions_arm_tidy (permissions);
  if (error != NULL && !g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "A permission could not be stored: %s", error->message);
  if (permissions->unwritable != !is_written)
    {
      permissions->unwritable = !is_written;
      broker_permissions_note_store (permissions);
    }
  watched->done (permissions, NULL, error, watched->user_data);
  g_free (watched);
  if (is_written)
    broker_permissions_catch_up (permissions);
}

void
broker_permissions_commit (BrokerPermissions *permissions,
                           PermsChanges *changes,
                           BrokerStoredFunc done,
                           gpointer user_data)
{
  Watched *watched = g_new0 (Watched, 1);
  Job *job = make_job (permissions, on_committed, watched);

  watched->done = done;
  watched->user_data = user_data;
  if (permissions->queue != NULL)
    perms_commit_queue_commit (permissions->queue, changes, on_worker_committed, job);
  else
    refuse_closed (job);
}

static void
read_user (BrokerPermissions *permissions,
           guint32 uid,
           BrokerStoredFunc done,
           gpointer user_data)
{
  Job *job = make_job (permissions, done, user_data);

  if (permissions->queue != NULL)
    perms_commit_queue_load (permissions->queue, uid, on_worker_loaded, job);
  else
    refuse_closed (job);
}

void
broker_permissions_flush (BrokerPermissions *permissions)
{
  g_clear_pointer (&permissions->queue, perms_commit_queue_free);
}

/* ---- damage ---- */

static gboolean
on_grant_of_anybody (const PermsGrant *row, gpointer user_data)
{
  g_ptr_array_add (user_data, perms_grant_copy (row));
  return TRUE;
}

/* Everything that anybody holds ends, in memory. */
static void
drop_everything (BrokerPermissions *permissions)
{
  g_autoptr (GPtrArray) rows =
    g_ptr_array_new_with_free_func ((GDestroyNotify) perms_grant_free);

  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    {
      guint32 uid = g_array_index (permissions->loaded_uids, guint32, i);

      perms_cache_foreach_grant (permissions->cache, uid, NULL, on_grant_of_anybody,
                                 rows);
      perms_cache_drop_user (permissions->cache, uid);
      broker_permissions_note_changed (permissions, uid);
    }
  g_array_set_size (permissions->loaded_uids, 0);
  g_array_set_size (permissions->stored_uids, 0);
  g_hash_table_remove_all (permissions->bonds);
  g_ptr_array_set_size (permissions->behind, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      const PermsGrant *row = g_ptr_array_index (rows, i);

      if (perms_grant_is_in_force (row, broker_permissions_now_s ()) &&
          permissions->revoked != NULL)
        permissions->revoked (broker_permissions_lend (permissions, row), "policy",
                              permissions->observer_data);
    }
}

static void
on_started_anew (BrokerPermissions *permissions,
                 PermsUserRows *rows,
                 const GError *error,
                 gpointer user_data)
{
  if (error != NULL)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "MESSAGE",
                      "The permissions cannot be stored any more: %s", error->message);
}

void
broker_permissions_start_anew (BrokerPermissions *permissions, const GError *error)
{
  if (permissions->queue == NULL)
    return;
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "MESSAGE",
                    "The permission store is damaged and put aside; everything is denied "
                    "until it is granted again: %s",
                    error->message);
  permissions->moved_aside = TRUE;
  permissions->generation++;
  drop_everything (permissions);
  perms_commit_queue_start_anew (permissions->queue, on_worker_committed,
                                 make_job (permissions, on_started_anew, NULL));
}

static void
on_verified (BrokerPermissions *permissions,
             PermsUserRows *rows,
             const GError *error,
             gpointer user_data)
{
  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED))
    broker_permissions_start_anew (permissions, error);
  else if (error != NULL && !g_error_matches (error, PERMS_ERROR, PERMS_ERROR_CLOSED) &&
           !g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "The permission store could not be checked: %s", error->message);
}

void
broker_permissions_verify (BrokerPermissions *permissions)
{
  perms_commit_queue_check (permissions->queue, on_worker_committed,
                            make_job (permissions, on_verified, NULL));
}

/* ---- loading a user ---- */

static void
on_once_ended (BrokerPermissions *permissions,
               PermsUserRows *rows,
               const GError *error,
               gpointer user_data)
{
  /* Logged where it failed; they are tried again at the next start. */
}

/* Grants that ended while nobody looked, and those of sessions that are no more. */
static void
end_old_grants (BrokerPermissions *permissions, guint32 uid)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  PermsBy by = { PERMS_REASON_NONE, broker_permissions_now_s (), PERMS_DEVICE_LOCAL, 0 };

  if (perms_plan_expire (permissions->cache, uid, TRUE, &by, changes) == 0)
    return;
  broker_permissions_put (permissions, changes);
  broker_permissions_commit (permissions, changes, on_once_ended, NULL);
}

static void
settle_loading (BrokerPermissions *permissions, guint32 uid, const GError *error)
{
  g_autoptr (GPtrArray) tasks = NULL;
  gpointer key = GUINT_TO_POINTER (uid);

  if (!g_hash_table_steal_extended (permissions->loading, key, NULL, (gpointer *) &tasks))
    return;
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = g_ptr_array_index (tasks, i);

      if (error != NULL)
        g_task_return_error (task, broker_words_store_error (error));
      else
        g_task_return_boolean (task, TRUE);
    }
}

static void
on_policies_followed (BrokerPermissions *permissions, guint32 uid)
{
  settle_loading (permissions, uid, NULL);
}

static void
on_user_read (BrokerPermissions *permissions,
              PermsUserRows *rows,
              const GError *error,
              gpointer user_data)
{
  guint32 uid = GPOINTER_TO_UINT (user_data);

  gboolean is_damaged = g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED);

  if (is_damaged)
    broker_permissions_start_anew (permissions, error);
  if (is_damaged || g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE))
    {
      /* Begun anew there is nothing of the user: read that. */
      read_user (permissions, uid, on_user_read, user_data);
      return;
    }
  if (error == NULL)
    {
      if (rows->n_refused > 0)
        g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                          "%u damaged permissions of user %u count as denied",
                          rows->n_refused, uid);
      perms_cache_take_user (permissions->cache, rows);
      g_array_append_val (permissions->loaded_uids, uid);
      end_old_grants (permissions, uid);
      broker_permissions_arm_expiry (permissions);
      if (permissions->loaded != NULL)
        permissions->loaded (uid, permissions->loaded_data);
      broker_permissions_follow_policies (permissions, uid, on_policies_followed);
      return;
    }
  settle_loading (permissions, uid, error);
}

/* The cache may know a user, of whom nothing was read. */
static gboolean
is_loaded (const BrokerPermissions *permissions, guint32 uid)
{
  gboolean found = FALSE;

  for (guint i = 0; i < permissions->loaded_uids->len && !found; i++)
    found = g_array_index (permissions->loaded_uids, guint32, i) == uid;
  return found;
}

void
broker_permissions_load_user (BrokerPermissions *permissions, guint32 uid, GTask *task)
{
  gpointer key = GUINT_TO_POINTER (uid);
  GPtrArray *tasks = g_hash_table_lookup (permissions->loading, key);

  if (tasks != NULL)
    {
      g_ptr_array_add (tasks, task);
      return;
    }
  if (is_loaded (permissions, uid))
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (tasks, task);
  g_hash_table_insert (permissions->loading, key, tasks);
  read_user (permissions, uid, on_user_read, key);
}
