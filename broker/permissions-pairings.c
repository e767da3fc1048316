/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the store keeps of a pairing while it runs, for the case of a crash. */

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"

static PermsPending *
make_pending (const BrokerCaller *caller, PermsAccessory accessory, gboolean was_bonded)
{
  PermsPending *pending = g_new0 (PermsPending, 1);

  perms_string_set (&pending->app, caller->app);
  perms_string_set (&pending->device, PERMS_DEVICE_LOCAL);
  pending->accessory = accessory;
  pending->was_bonded = was_bonded;
  pending->time_s = broker_permissions_now_s ();
  return pending;
}

void
broker_change_end_pairings (BrokerChange *change, const char *event)
{
  const GPtrArray *cut_off =
    g_hash_table_lookup (change->permissions->pending, &change->accessory);

  if (change->caller != NULL)
    perms_changes_take (change->changes, PERMS_CHANGE_PENDING_END, event,
                        make_pending (change->caller, change->accessory, FALSE));
  for (guint i = 0; cut_off != NULL && i < cut_off->len; i++)
    perms_changes_take (change->changes, PERMS_CHANGE_PENDING_END, event,
                        perms_pending_copy (g_ptr_array_index (cut_off, i)));
}

void
broker_pending_remember (BrokerPermissions *permissions, const PermsPending *row)
{
  GPtrArray *known = g_hash_table_lookup (permissions->pending, &row->accessory);

  if (known == NULL)
    {
      known = g_ptr_array_new_with_free_func ((GDestroyNotify) perms_pending_free);
      g_hash_table_insert (permissions->pending,
                           g_memdup2 (&row->accessory, sizeof row->accessory), known);
    }
  g_ptr_array_add (known, perms_pending_copy (row));
}

static void
on_pending_stored (BrokerPermissions *permissions,
                   PermsUserRows *rows,
                   const GError *error,
                   gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (error != NULL)
    g_task_return_error (task, broker_words_store_error (error));
  else
    g_task_return_boolean (task, TRUE);
}

void
broker_permissions_begin_pairing_async (BrokerPermissions *permissions,
                                        BrokerCaller *caller,
                                        const BleAddress *address,
                                        gboolean was_bonded,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);

  g_task_set_source_tag (task, broker_permissions_begin_pairing_async);
  change->accessory = broker_words_accessory (address);
  if (change->accessory == 0)
    {
      /* A private address: what the bond will be known by is not known yet, and a row for
       * nobody undoes nothing. */
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  change->changes = perms_changes_new ();
  perms_changes_take (change->changes, PERMS_CHANGE_PENDING, "pair",
                      make_pending (change->caller, change->accessory, was_bonded));
  broker_permissions_commit (permissions, change->changes, on_pending_stored, task);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!broker_permissions_begin_pairing_finish (user_data, result, &error))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "a bond that is to be removed is noted in memory only: %s",
                      error->message);
}

void
broker_permissions_keep_pairing (BrokerPermissions *permissions,
                                 BrokerCaller *caller,
                                 const BleAddress *address)
{
  g_autoptr (PermsPending) row =
    make_pending (caller, broker_words_accessory (address), FALSE);

  if (row->accessory != 0)
    broker_pending_remember (permissions, row);
  broker_permissions_begin_pairing_async (permissions, caller, address, FALSE, NULL,
                                          on_kept, permissions);
}

gboolean
broker_permissions_begin_pairing_finish (BrokerPermissions *permissions,
                                         GAsyncResult *result,
                                         GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
broker_permissions_end_pairing_async (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const BleAddress *address,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task = broker_change_new (permissions, caller, cancellable, callback, user_data);
  BrokerChange *change = g_task_get_task_data (task);

  g_task_set_source_tag (task, broker_permissions_end_pairing_async);
  change->accessory = broker_words_accessory (address);
  if (change->accessory == 0)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  change->changes = perms_changes_new ();
  broker_change_end_pairings (change, "unpair");
  g_hash_table_remove (permissions->pending, &change->accessory);
  broker_permissions_commit (permissions, change->changes, on_pending_stored, task);
}

gboolean
broker_permissions_end_pairing_finish (BrokerPermissions *permissions,
                                       GAsyncResult *result,
                                       GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

GArray *
broker_permissions_dup_pending (BrokerPermissions *permissions)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (BleAddress));
  GHashTableIter iter;
  gpointer accessory;

  g_hash_table_iter_init (&iter, permissions->pending);
  while (g_hash_table_iter_next (&iter, &accessory, NULL))
    {
      BleAddress address = broker_words_address (*(PermsAccessory *) accessory);

      g_array_append_val (addresses, address);
    }
  return addresses;
}

/* Logged where it failed. */
static void
on_unbonded_stored (BrokerPermissions *permissions,
                    PermsUserRows *rows,
                    const GError *error,
                    gpointer user_data)
{
}

void
broker_permissions_take_unbonded (BrokerPermissions *permissions,
                                  const BleAddress *address)
{
  PermsAccessory accessory = broker_words_accessory (address);
  PermsBond *bond = g_hash_table_lookup (permissions->bonds, &accessory);
  g_autoptr (PermsChanges) changes = NULL;

  if (bond == NULL || !bond->bonded_by_us)
    return;
  bond->bonded_by_us = FALSE;
  bond->decision.revision++;
  bond->decision.time_s = broker_permissions_now_s ();
  changes = perms_changes_new ();
  perms_changes_take (changes, PERMS_CHANGE_BOND, "unpair", perms_bond_copy (bond));
  broker_permissions_commit (permissions, changes, on_unbonded_stored, NULL);
}

gboolean
broker_permissions_is_downgrade (BrokerPermissions *permissions,
                                 const BleAddress *address,
                                 BlePairMethod method)
{
  PermsAccessory accessory = broker_words_accessory (address);
  const PermsBond *bond = g_hash_table_lookup (permissions->bonds, &accessory);

  return bond != NULL && broker_words_pairing (method) < bond->pairing;
}

gboolean
broker_permissions_is_verified (BrokerPermissions *permissions, const BleAddress *address)
{
  PermsAccessory accessory = broker_words_accessory (address);
  const PermsBond *bond = g_hash_table_lookup (permissions->bonds, &accessory);

  return bond != NULL &&
         bond->pairing > broker_words_pairing (BLE_PAIR_METHOD_JUST_WORKS);
}
