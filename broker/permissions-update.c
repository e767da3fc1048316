/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions-update.h"

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* ---- what is missing ---- */

static guint
missing_access (const PermsScope *scope, const BleWantedService *wanted)
{
  static const BleAccess all[] = { BLE_ACCESS_READ, BLE_ACCESS_WRITE, BLE_ACCESS_NOTIFY };
  const PermsUuid service = broker_words_uuid (&wanted->service);
  guint missing = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    if ((wanted->access & (guint) all[i]) != 0 &&
        !perms_scope_covers (scope, &service, broker_words_operation ((guint) all[i])))
      missing |= (guint) all[i];
  return missing;
}

static gboolean
names_all (const PermsScope *scope, const BleWantedService *wanted)
{
  const PermsUuid service = broker_words_uuid (&wanted->service);

  for (guint i = 0; i < wanted->n_characteristics; i++)
    {
      const PermsUuid characteristic = broker_words_uuid (&wanted->characteristics[i]);

      if (!perms_scope_names (scope, &service, &characteristic))
        return FALSE;
    }
  return TRUE;
}

GArray *
broker_permissions_find_missing (BrokerPermissions *permissions,
                                 const BrokerCaller *caller,
                                 const char *accessory_id,
                                 const BleWantedService *wanted,
                                 guint n_wanted,
                                 GError **error)
{
  const PermsGrant *row = broker_permissions_find_row (permissions, caller, accessory_id);
  GArray *missing;

  if (row == NULL)
    {
      broker_words_set_refusal (error, PERMS_CAUSE_NO_GRANT);
      return NULL;
    }
  missing = g_array_new (FALSE, FALSE, sizeof (BleWantedService));
  for (guint i = 0; i < n_wanted; i++)
    {
      BleWantedService service = wanted[i];

      service.access = missing_access (row->scope, &wanted[i]);
      if (service.access != 0 || !names_all (row->scope, &wanted[i]))
        g_array_append_val (missing, service);
    }
  return missing;
}

/* ---- changes ---- */

static void
on_update_stored (BrokerPermissions *permissions,
                  PermsUserRows *rows,
                  const GError *error,
                  gpointer user_data)
{
  GTask *task = user_data;
  BrokerChange *change = g_task_get_task_data (task);

  if (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_STALE) &&
      ++change->attempts < BROKER_CHANGE_ATTEMPTS_MAX)
    {
      change->start (task, change);
      return;
    }
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
take_outcome (GTask *task, BrokerChange *change, const PermsOutcome *outcome)
{
  GError *error = NULL;

  if (outcome->result == PERMS_RESULT_OK)
    {
      broker_permissions_commit (change->permissions, change->changes, on_update_stored,
                                 task);
      return;
    }
  if (outcome->result == PERMS_RESULT_NO_EFFECT)
    {
      g_task_return_boolean (task, TRUE);
      broker_change_finish (task);
      return;
    }
  broker_words_set_refusal (&error, outcome->cause);
  broker_change_return_error (task, error);
}

/* The row of the change, planned anew; NULL, and @task ended, when it is not there any more. */
static const PermsGrant *
begin_plan (GTask *task, BrokerChange *change)
{
  const PermsGrant *row =
    perms_cache_lookup_grant (change->permissions->cache, change->caller->app,
                              PERMS_DEVICE_LOCAL, change->accessory);
  GError *error = NULL;

  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  if (row != NULL && perms_grant_is_in_force (row, broker_permissions_now_s ()) &&
      !broker_permissions_is_closing (change->permissions, row))
    return row;
  broker_words_set_refusal (&error, PERMS_CAUSE_NO_GRANT);
  broker_change_return_error (task, error);
  return NULL;
}

static PermsScope *
join_scopes (const PermsScope *a, const PermsScope *b, GError **error)
{
  g_autoptr (GArray) services = g_array_new (FALSE, FALSE, sizeof (PermsScopeService));
  g_autoptr (GArray) named = g_array_new (FALSE, FALSE, sizeof (PermsScopeAttribute));

  g_array_append_vals (services, a->services, a->n_services);
  g_array_append_vals (services, b->services, b->n_services);
  g_array_append_vals (named, a->attributes, a->n_attributes);
  for (guint i = 0; i < b->n_attributes; i++)
    if (!perms_scope_names (a, &b->attributes[i].service,
                            &b->attributes[i].characteristic))
      g_array_append_val (named, b->attributes[i]);
  return perms_scope_new (a->any | b->any,
                          (const PermsScopeService *) (gconstpointer) services->data,
                          services->len,
                          (const PermsScopeAttribute *) (gconstpointer) named->data,
                          named->len, error);
}

/* Not a pick: the picker's outcome has no say in it. */
static void
start_extend (GTask *task, BrokerChange *change)
{
  const PermsGrant *row = begin_plan (task, change);
  g_autoptr (PermsGrant) joined = NULL;
  g_autoptr (GError) error = NULL;
  PermsBy by = broker_change_by (PERMS_REASON_USER_PROMPT);
  PermsOutcome outcome = { 0 };

  if (row == NULL)
    return;
  joined = perms_grant_copy (row);
  g_clear_pointer (&joined->scope, perms_scope_unref);
  joined->scope = join_scopes (row->scope, change->scope, &error);
  if (joined->scope == NULL ||
      !perms_plan_grant (change->permissions->cache, joined, &by, change->changes,
                         &outcome, &change->id, &error))
    broker_change_return_error (task, broker_words_store_error (error));
  else
    take_outcome (task, change, &outcome);
}

static void
start_settle (GTask *task, BrokerChange *change)
{
  PermsBy by = broker_change_by (PERMS_REASON_NONE);
  PermsOutcome outcome;

  if (begin_plan (task, change) == NULL)
    return;
  outcome = perms_plan_finish (change->permissions->cache,
                               &(PermsGrantKey){ change->caller->app, PERMS_DEVICE_LOCAL,
                                                 change->accessory },
                               &by, change->changes);
  take_outcome (task, change, &outcome);
}

static void
start_update (BrokerPermissions *permissions,
              const char *accessory_id,
              BrokerChangeFunc start,
              GTask *task)
{
  BrokerChange *change = g_task_get_task_data (task);
  const PermsGrant *row =
    broker_permissions_find_row (permissions, change->caller, accessory_id);
  GError *error = NULL;

  if (row == NULL)
    {
      broker_words_set_refusal (&error, PERMS_CAUSE_NO_GRANT);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  change->accessory = row->accessory;
  change->key = broker_permissions_make_key (change->caller->app, row->accessory);
  change->start = start;
  broker_change_start (task);
}

void
broker_permissions_extend_async (BrokerPermissions *permissions,
                                 BrokerCaller *caller,
                                 const char *accessory_id,
                                 const BleDescriptor *services,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, NULL, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  GError *error = NULL;

  g_task_set_source_tag (task, broker_permissions_extend_async);
  change->scope = broker_words_scope (services->services, services->n_services, &error);
  if (change->scope == NULL)
    {
      g_task_return_error (task, broker_words_store_error (error));
      g_error_free (error);
      g_object_unref (task);
      return;
    }
  start_update (permissions, accessory_id, start_extend, task);
}

gboolean
broker_permissions_extend_finish (BrokerPermissions *permissions,
                                  GAsyncResult *result,
                                  GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
broker_permissions_settle_async (BrokerPermissions *permissions,
                                 BrokerCaller *caller,
                                 const char *accessory_id,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, NULL, callback, user_data);

  g_task_set_source_tag (task, broker_permissions_settle_async);
  start_update (permissions, accessory_id, start_settle, task);
}

gboolean
broker_permissions_settle_finish (BrokerPermissions *permissions,
                                  GAsyncResult *result,
                                  GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
