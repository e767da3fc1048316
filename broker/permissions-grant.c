/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Giving a grant: store, then memory, then the observer. */

#include <sys/random.h>

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"

/* A PermsBond with what the pairing added to it. */
static gpointer
make_bond (BrokerPermissions *permissions, const BrokerChange *change)
{
  const PermsBond *known = g_hash_table_lookup (permissions->bonds, &change->accessory);
  PermsBond *bond = known != NULL ? perms_bond_copy (known) : g_new0 (PermsBond, 1);

  bond->accessory = change->accessory;
  bond->pairing = MAX (bond->pairing, change->wanted->pairing);
  bond->bonded_by_us = bond->bonded_by_us || change->bonded_by_us;
  bond->decision.reason =
    change->migrated ? PERMS_REASON_MIGRATED : PERMS_REASON_USER_PICKER;
  bond->decision.time_s = broker_permissions_now_s ();
  perms_string_set (&bond->decision.device, PERMS_DEVICE_LOCAL);
  bond->decision.revision++;
  return bond;
}

/* What the observer and the caller of a stored grant get. */
static void
put_in_force (GTask *task, BrokerChange *change)
{
  BrokerPermissions *permissions = change->permissions;
  const PermsGrant *row;
  char *id = (char *) g_malloc (PERMS_ID_TEXT_SIZE);

  broker_permissions_put (permissions, change->changes);
  for (guint i = 0; i < perms_changes_get_length (change->changes); i++)
    {
      const PermsChange *done = perms_changes_get (change->changes, i);

      if (done->kind == PERMS_CHANGE_BOND)
        {
          PermsBond *bond = perms_bond_copy (done->bond);
          g_hash_table_replace (permissions->bonds, &bond->accessory, bond);
        }
    }
  g_hash_table_remove (permissions->pending, &change->accessory);
  broker_permissions_arm_expiry (permissions);
  if ((change->wanted->lifetime == PERMS_LIFETIME_ONCE ||
       change->wanted->state == PERMS_GRANT_AWAITING) &&
      change->session_path != NULL)
    {
      GPtrArray *rows = g_hash_table_lookup (permissions->once, change->session_path);

      if (rows == NULL)
        {
          rows = g_ptr_array_new_with_free_func ((GDestroyNotify) perms_grant_free);
          g_hash_table_insert (permissions->once, g_strdup (change->session_path), rows);
        }
      g_ptr_array_add (rows, perms_grant_copy (change->wanted));
    }
  row = perms_cache_lookup_grant (permissions->cache, change->wanted->app,
                                  PERMS_DEVICE_LOCAL, change->accessory);
  if (row != NULL && permissions->granted != NULL)
    permissions->granted (broker_permissions_lend (permissions, row),
                          change->bonded_by_us, permissions->observer_data);
  perms_id_format (&change->id, id);
  g_task_return_pointer (task, id, g_free);
  broker_change_finish (task);
}

static void
on_grant_stored (BrokerPermissions *permissions,
                 PermsUserRows *rows,
                 const GError *error,
                 gpointer user_data)
{
  GTask *task = user_data;

  if (broker_change_is_stored (task, error))
    put_in_force (task, g_task_get_task_data (task));
}

static void
start_grant (GTask *task, BrokerChange *change)
{
  BrokerPermissions *permissions = change->permissions;
  PermsBy by = broker_change_by (change->migrated ? PERMS_REASON_MIGRATED
                                                  : PERMS_REASON_USER_PICKER);
  PermsOutcome outcome = { 0 };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&change->changes, perms_changes_unref);
  change->changes = perms_changes_new ();
  if (!perms_plan_grant (permissions->cache, change->wanted, &by, change->changes,
                         &outcome, &change->id, &error))
    {
      broker_change_return_error (task, broker_words_store_error (error));
      return;
    }
  if (outcome.result != PERMS_RESULT_OK && outcome.result != PERMS_RESULT_NO_EFFECT)
    {
      broker_words_set_refusal (&error, outcome.cause);
      broker_change_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (change->wanted->pairing != PERMS_PAIRING_NONE || change->bonded_by_us)
    perms_changes_take (change->changes, PERMS_CHANGE_BOND, "pick",
                        make_bond (permissions, change));
  broker_change_end_pairings (change, "pick");
  broker_permissions_commit (permissions, change->changes, on_grant_stored, task);
}

static PermsLifetime
convert_lifetime (BrokerLifetime lifetime)
{
  switch (lifetime)
    {
    case BROKER_LIFETIME_ALWAYS:
      return PERMS_LIFETIME_ALWAYS;
    case BROKER_LIFETIME_UNTIL:
      return PERMS_LIFETIME_UNTIL;
    case BROKER_LIFETIME_ONCE:
    default:
      return PERMS_LIFETIME_ONCE;
    }
}

/* Fills in the row that is wanted. FALSE: it cannot be one. */
static gboolean
make_wanted (BrokerChange *change, const BrokerGrantRequest *request, GError **error)
{
  PermsGrant *row = change->wanted = g_new0 (PermsGrant, 1);

  change->accessory = broker_words_accessory (&request->address);
  if (change->accessory == 0)
    {
      blepick_error_set (error, BLEPICK_ERROR_CONNECTION_FAILED, "no-identity-address",
                         "The accessory hides its address: it has to be paired");
      return FALSE;
    }
  perms_string_set (&row->app, change->caller->app);
  perms_string_set (&row->device, PERMS_DEVICE_LOCAL);
  perms_string_set (&row->name, request->name);
  row->accessory = change->accessory;
  if (getrandom (row->id.bytes, sizeof row->id.bytes, 0) != sizeof row->id.bytes)
    {
      blepick_error_set (error, BLEPICK_ERROR_UNKNOWN, "internal", "No random numbers");
      return FALSE;
    }
  row->lifetime = convert_lifetime (request->lifetime);
  row->until_s = row->lifetime == PERMS_LIFETIME_UNTIL ? request->until_s : 0;
  row->pairing = broker_words_pairing (request->method);
  row->state = request->awaiting ? PERMS_GRANT_AWAITING : PERMS_GRANT_ACTIVE;
  row->scope = broker_words_scope (request->services, request->n_services, error);
  return row->scope != NULL;
}

void
broker_permissions_grant_async (BrokerPermissions *permissions,
                                BrokerCaller *caller,
                                const BrokerGrantRequest *request,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);
  GError *error = NULL;

  g_task_set_source_tag (task, broker_permissions_grant_async);
  if (!make_wanted (change, request, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  change->session_path = g_strdup (request->session_path);
  change->bonded_by_us = request->bonded_by_us;
  change->migrated = request->migrated;
  change->key = broker_permissions_make_key (caller->app, change->accessory);
  change->start = start_grant;
  broker_change_start (task);
}

char *
broker_permissions_grant_finish (BrokerPermissions *permissions,
                                 GAsyncResult *result,
                                 GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
