/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Taking away: memory and the observer, then the store. A failure of the store leaves the
 * access closed, and is tried again. And the change of a name, which gives and takes nothing. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* The clock of expiry looks at least this often, for a person may set the time. */
#define EXPIRY_CHECK_MAX_MS 60000

void
broker_permissions_begin_closing (BrokerPermissions *permissions,
                                  const PermsGrant *row,
                                  const char *cause)
{
  g_autofree char *key = broker_permissions_make_key (row->app, row->accessory);

  if (permissions->revoked != NULL && g_hash_table_contains (permissions->busy, key) &&
      g_hash_table_add (permissions->told, g_strdup (key)))
    permissions->revoked (broker_permissions_lend (permissions, row), cause,
                          permissions->observer_data);
  (void) g_hash_table_add (permissions->closing, g_steal_pointer (&key));
}

void
broker_permissions_end_closing (BrokerPermissions *permissions, const char *key)
{
  g_hash_table_remove (permissions->closing, key);
}

static gboolean
was_told (BrokerPermissions *permissions, const PermsGrant *row)
{
  g_autofree char *key = NULL;

  if (g_hash_table_size (permissions->told) == 0)
    return FALSE;
  key = broker_permissions_make_key (row->app, row->accessory);
  return g_hash_table_remove (permissions->told, key);
}

/* Tells the observer of every grant that @changes end. */
static void
tell_ends (BrokerPermissions *permissions, const PermsChanges *changes, const char *cause)
{
  if (permissions->revoked == NULL)
    return;
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);

      /* what a companion has is none of this machine's business */
      if (change->kind == PERMS_CHANGE_GRANT &&
          g_str_equal (change->grant->device, PERMS_DEVICE_LOCAL) &&
          !perms_grant_state_is_live (change->grant->state) &&
          !was_told (permissions, change->grant))
        permissions->revoked (broker_permissions_lend (permissions, change->grant), cause,
                              permissions->observer_data);
    }
}

/* What is being taken away until it is on disk. */
typedef struct
{
  PermsChanges *changes;
  BrokerStoredFunc done;
  gpointer user_data;
  guint attempts;
} Taking;

/* Another change of the same row was on its way before: what is taken away goes after it, in memory as well. */
static void
on_taken (BrokerPermissions *permissions,
          PermsUserRows *rows,
          const GError *error,
          gpointer user_data)
{
  Taking *taking = user_data;

  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) &&
      ++taking->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    {
      g_autoptr (PermsChanges) overtaken = taking->changes;

      taking->changes = perms_changes_dup_raised (overtaken);
      broker_permissions_put (permissions, taking->changes);
      broker_permissions_commit (permissions, taking->changes, on_taken, taking);
      return;
    }
  if (error != NULL)
    broker_permissions_note_behind (permissions, taking->changes);
  taking->done (permissions, rows, error, taking->user_data);
  perms_changes_unref (taking->changes);
  g_free (taking);
}

void
broker_permissions_take_away (BrokerPermissions *permissions,
                              PermsChanges *changes,
                              const char *cause,
                              BrokerStoredFunc done,
                              gpointer user_data)
{
  Taking *taking = g_new0 (Taking, 1);

  taking->changes = perms_changes_ref (changes);
  taking->done = done;
  taking->user_data = user_data;
  broker_permissions_put (permissions, changes);
  tell_ends (permissions, changes, cause);
  broker_permissions_commit (permissions, changes, on_taken, taking);
}

/* Nobody waits for it: what failed was logged, and the memory denies. */
static void
on_end_stored (BrokerPermissions *permissions,
               PermsUserRows *rows,
               const GError *error,
               gpointer user_data)
{
}

/* ---- revoking ---- */

static void
on_revoke_stored (BrokerPermissions *permissions,
                  PermsUserRows *rows,
                  const GError *error,
                  gpointer user_data)
{
  GTask *task = user_data;

  if (error != NULL)
    {
      broker_change_return_error (task, broker_words_store_error (error));
      return;
    }
  g_task_return_boolean (task, TRUE);
  broker_change_finish (task);
}

static void
start_revoke (GTask *task, BrokerChange *change)
{
  BrokerPermissions *permissions = change->permissions;
  gboolean by_app = change->end == PERMS_GRANT_REMOVED;
  PermsBy by =
    broker_change_by (by_app ? PERMS_REASON_USER_PICKER : PERMS_REASON_USER_SETTINGS);
  PermsOutcome outcome;

  change->changes = perms_changes_new ();
  outcome = perms_plan_end (permissions->cache,
                            &(PermsGrantKey){ change->caller->app, PERMS_DEVICE_LOCAL,
                                              change->accessory },
                            change->end, NULL, &by, change->changes);
  broker_permissions_end_closing (permissions, change->key);
  if (outcome.result != PERMS_RESULT_OK)
    {
      GError *error = NULL;

      g_hash_table_remove (permissions->told, change->key);
      broker_words_set_refusal (&error, outcome.cause);
      broker_change_return_error (task, error);
      return;
    }
  broker_permissions_take_away (permissions, change->changes, by_app ? "app" : "user",
                                on_revoke_stored, task);
}

void
broker_permissions_revoke_async (BrokerPermissions *permissions,
                                 BrokerCaller *caller,
                                 const char *accessory_id,
                                 const char *cause,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  const PermsGrant *row = broker_permissions_find_row (permissions, caller, accessory_id);

  g_task_set_source_tag (task, broker_permissions_revoke_async);
  if (row == NULL)
    {
      GError *error = NULL;

      broker_words_set_refusal (&error, PERMS_CAUSE_NO_GRANT);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  change->accessory = row->accessory;
  change->key = broker_permissions_make_key (caller->app, row->accessory);
  change->end = g_str_equal (cause, "app") ? PERMS_GRANT_REMOVED : PERMS_GRANT_REVOKED;
  change->start = start_revoke;
  broker_permissions_begin_closing (permissions, row,
                                    change->end == PERMS_GRANT_REMOVED ? "app" : "user");
  broker_change_start (task);
}

gboolean
broker_permissions_revoke_finish (BrokerPermissions *permissions,
                                  GAsyncResult *result,
                                  GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  BrokerPermissions *permissions;
  PermsAccessory accessory;
  PermsBy by;
  PermsChanges *changes;
} EndOfAll;

static gboolean
end_one (const PermsGrant *row, gpointer user_data)
{
  EndOfAll *end = user_data;

  if (row->accessory == end->accessory && g_str_equal (row->device, PERMS_DEVICE_LOCAL))
    (void) perms_plan_end (end->permissions->cache,
                           &(PermsGrantKey){ row->app, PERMS_DEVICE_LOCAL,
                                             row->accessory },
                           PERMS_GRANT_REVOKED, NULL, &end->by, end->changes);
  return TRUE;
}

void
broker_permissions_end_address (BrokerPermissions *permissions, const BleAddress *address)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  EndOfAll end = { permissions, broker_words_accessory (address),
                   broker_change_by (PERMS_REASON_POLICY), changes };

  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    perms_cache_foreach_grant (permissions->cache,
                               g_array_index (permissions->loaded_uids, guint32, i), NULL,
                               end_one, &end);
  if (perms_changes_get_length (changes) > 0)
    broker_permissions_take_away (permissions, changes, "policy", on_end_stored, NULL);
}

guint64
broker_permissions_get_denial (BrokerPermissions *permissions,
                               const BrokerCaller *caller,
                               const BleAddress *address)
{
  PermsAccessory accessory = broker_words_accessory (address);
  const PermsGrant *row = NULL;

  if (accessory != 0)
    row = perms_cache_lookup_grant (permissions->cache, caller->app, PERMS_DEVICE_LOCAL,
                                    accessory);
  if (row == NULL ||
      (row->state != PERMS_GRANT_REVOKED && row->state != PERMS_GRANT_DENIED))
    return 0;
  return row->decision.revision;
}

/* ---- renaming ---- */

static void
on_rename_stored (BrokerPermissions *permissions,
                  PermsUserRows *rows,
                  const GError *error,
                  gpointer user_data)
{
  GTask *task = user_data;
  BrokerChange *change = g_task_get_task_data (task);

  if (error != NULL)
    {
      broker_change_return_error (task, broker_words_store_error (error));
      return;
    }
  broker_permissions_put (permissions, change->changes);
  g_task_return_boolean (task, TRUE);
  broker_change_finish (task);
}

static void
start_rename (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_USER_SETTINGS);
  PermsOutcome outcome = { 0 };
  g_autoptr (GError) error = NULL;

  change->changes = perms_changes_new ();
  if (!perms_plan_rename (change->permissions->cache,
                          &(PermsGrantKey){ change->caller->app, PERMS_DEVICE_LOCAL,
                                            change->accessory },
                          change->name, &by, change->changes, &outcome, &error))
    {
      broker_change_return_error (task, broker_words_store_error (error));
      return;
    }
  if (outcome.result == PERMS_RESULT_NO_EFFECT)
    {
      g_task_return_boolean (task, TRUE);
      broker_change_finish (task);
      return;
    }
  if (outcome.result != PERMS_RESULT_OK)
    {
      broker_words_set_refusal (&error, outcome.cause);
      broker_change_return_error (task, g_steal_pointer (&error));
      return;
    }
  broker_permissions_commit (change->permissions, change->changes, on_rename_stored,
                             task);
}

void
broker_permissions_rename_async (BrokerPermissions *permissions,
                                 BrokerCaller *caller,
                                 const char *accessory_id,
                                 const char *name,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  const PermsGrant *row = broker_permissions_find_row (permissions, caller, accessory_id);

  g_task_set_source_tag (task, broker_permissions_rename_async);
  if (row == NULL)
    {
      GError *error = NULL;

      broker_words_set_refusal (&error, PERMS_CAUSE_NO_GRANT);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  change->accessory = row->accessory;
  change->key = broker_permissions_make_key (caller->app, row->accessory);
  change->name = g_strdup (name);
  change->start = start_rename;
  broker_change_start (task);
}

gboolean
broker_permissions_rename_finish (BrokerPermissions *permissions,
                                  GAsyncResult *result,
                                  GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- what ends by itself ---- */

typedef struct
{
  const BrokerPermissions *permissions;
  PermsBy by;
  PermsChanges *changes;
} Lifted;

/* What a person allowed for once from outside: with the app's next session it is over. */
static gboolean
end_allowed_once (const PermsGrant *row, gpointer user_data)
{
  const Lifted *lifted = user_data;

  if (row->lifetime == PERMS_LIFETIME_ONCE && row->decision.reason == PERMS_REASON_CLI &&
      perms_grant_state_is_live (row->state) &&
      g_str_equal (row->device, PERMS_DEVICE_LOCAL))
    (void) perms_plan_end (lifted->permissions->cache,
                           &(PermsGrantKey){ row->app, row->device, row->accessory },
                           PERMS_GRANT_EXPIRED, NULL, &lifted->by, lifted->changes);
  return TRUE;
}

void
broker_permissions_end_session (BrokerPermissions *permissions,
                                const BrokerCaller *caller,
                                const char *session_path)
{
  GPtrArray *rows = g_hash_table_lookup (permissions->once, session_path);
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  PermsBy by = broker_change_by (PERMS_REASON_NONE);

  perms_cache_foreach_grant (permissions->cache, caller->uid, caller->app,
                             end_allowed_once, &(Lifted){ permissions, by, changes });
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const PermsGrant *once = g_ptr_array_index (rows, i);
      const PermsGrant *row =
        perms_cache_lookup_grant (permissions->cache, once->app, PERMS_DEVICE_LOCAL,
                                  once->accessory);

      /* Picked again since, for longer: then it stays. */
      if (row != NULL &&
          (row->lifetime == PERMS_LIFETIME_ONCE || row->state == PERMS_GRANT_AWAITING))
        (void) perms_plan_end (permissions->cache,
                               &(PermsGrantKey){ once->app, PERMS_DEVICE_LOCAL,
                                                 once->accessory },
                               PERMS_GRANT_EXPIRED, NULL, &by, changes);
    }
  g_hash_table_remove (permissions->once, session_path);
  if (perms_changes_get_length (changes) > 0)
    broker_permissions_take_away (permissions, changes, "expired", on_end_stored, NULL);
}

static gboolean
on_expiry (gpointer user_data)
{
  BrokerPermissions *permissions = user_data;
  PermsBy by = broker_change_by (PERMS_REASON_NONE);

  permissions->expiry_source = 0;
  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    {
      g_autoptr (PermsChanges) changes = perms_changes_new ();
      guint32 uid = g_array_index (permissions->loaded_uids, guint32, i);

      if (perms_plan_expire (permissions->cache, uid, FALSE, &by, changes) > 0)
        broker_permissions_take_away (permissions, changes, "expired", on_end_stored,
                                      NULL);
    }
  broker_permissions_arm_expiry (permissions);
  return G_SOURCE_REMOVE;
}

void
broker_permissions_arm_expiry (BrokerPermissions *permissions)
{
  gint64 next_s = perms_cache_next_expiry (permissions->cache);
  gint64 wait_ms;

  g_clear_handle_id (&permissions->expiry_source, g_source_remove);
  if (next_s == G_MAXINT64)
    return;
  wait_ms = CLAMP (next_s * 1000 - g_get_real_time () / 1000 + 1, 1, EXPIRY_CHECK_MAX_MS);
  permissions->expiry_source = g_timeout_add ((guint) wait_ms, on_expiry, permissions);
}
