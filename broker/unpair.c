/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/unpair.h"

#include "broker/failure.h"
#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "broker/settings.h"
#include "dbus/errors.h"

typedef struct
{
  BrokerPermissions *permissions;
  BleRadio *radio;
  uid_t uid;
  char *id;
  PermsAccessory accessory;
  BleAddress address;
  GArray *bonded; /* BleDeviceId: one for each adapter that has a bond with it */
} Unpair;

static void
free_unpair (gpointer data)
{
  Unpair *unpair = data;

  g_free (unpair->id);
  g_array_unref (unpair->bonded);
  g_free (unpair);
}

/* ---- what there is ---- */

static gboolean
find_accessory (Unpair *unpair, GError **error)
{
  g_autoptr (PermsGrant) found =
    broker_settings_find_accessory (unpair->permissions, unpair->uid, PERMS_DEVICE_LOCAL,
                                    unpair->id, error);

  if (found == NULL)
    return FALSE;
  unpair->accessory = found->accessory;
  unpair->address = broker_words_address (found->accessory);
  return TRUE;
}

static void
collect_bonded (const BleAdvert *advert, gpointer user_data)
{
  const Unpair *unpair = user_data;

  if (advert->bonded && ble_address_equal (&advert->address, &unpair->address))
    g_array_append_val (unpair->bonded, advert->device);
}

static gboolean
find_bonds (Unpair *unpair, GError **error)
{
  if (!ble_radio_daemon_running (unpair->radio))
    {
      blepick_error_set (error, BLEPICK_ERROR_CONNECTION_FAILED, "no-daemon",
                         "The Bluetooth service does not run");
      return FALSE;
    }
  ble_radio_foreach_device (unpair->radio, collect_bonded, unpair);
  if (unpair->bonded->len > 0)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-paired",
                     "It is not paired with this computer");
  return FALSE;
}

/* ---- the grants ---- */

static gboolean
is_live (const Unpair *unpair, const PermsGrant *row)
{
  return row->accessory == unpair->accessory && perms_grant_state_is_live (row->state) &&
         g_str_equal (row->device, PERMS_DEVICE_LOCAL);
}

typedef struct
{
  const Unpair *unpair;
  PermsBy by;
  PermsChanges *changes;
} Ends;

static gboolean
end_one (const PermsGrant *row, gpointer user_data)
{
  const Ends *ends = user_data;

  if (is_live (ends->unpair, row))
    (void) perms_plan_end (ends->unpair->permissions->cache,
                           &(PermsGrantKey){ row->app, PERMS_DEVICE_LOCAL,
                                             row->accessory },
                           PERMS_GRANT_REVOKED, NULL, &ends->by, ends->changes);
  return TRUE;
}

typedef struct
{
  const Unpair *unpair;
  gboolean found;
} Others;

static gboolean
look_at_other (const PermsGrant *row, gpointer user_data)
{
  Others *others = user_data;

  others->found |= is_live (others->unpair, row);
  return !others->found;
}

/* What ends; FALSE where another user has it, too. */
static gboolean
plan_ends (const Unpair *unpair, PermsChanges *changes, GError **error)
{
  const BrokerPermissions *permissions = unpair->permissions;
  Ends ends = { unpair, broker_change_by (PERMS_REASON_USER_SETTINGS), changes };
  Others others = { unpair, FALSE };

  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    {
      guint32 uid = g_array_index (permissions->loaded_uids, guint32, i);

      if (uid != unpair->uid)
        perms_cache_foreach_grant (permissions->cache, uid, NULL, look_at_other, &others);
    }
  if (others.found)
    {
      blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "others",
                         "Somebody else on this computer uses it, too");
      return FALSE;
    }
  perms_cache_foreach_grant (permissions->cache, unpair->uid, NULL, end_one, &ends);
  return TRUE;
}

/* ---- the bonds ---- */

static void remove_next_bond (GTask *task);

static void
on_bond_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  const Unpair *unpair = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (ble_radio_forget_finish (unpair->radio, result, &error) ||
      g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE))
    {
      remove_next_bond (task);
      return;
    }
  g_task_return_error (task, broker_failure_from_radio (error));
  g_object_unref (task);
}

static void
remove_next_bond (GTask *task)
{
  Unpair *unpair = g_task_get_task_data (task);
  guint last = unpair->bonded->len;
  BleDeviceId device;

  if (last == 0)
    {
      broker_permissions_take_unbonded (unpair->permissions, &unpair->address);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  device = g_array_index (unpair->bonded, BleDeviceId, last - 1);
  g_array_set_size (unpair->bonded, last - 1);
  ble_radio_forget_async (unpair->radio, device, NULL, on_bond_removed, task);
}

static void
on_ends_stored (BrokerPermissions *permissions,
                PermsUserRows *rows,
                const GError *error,
                gpointer user_data)
{
  GTask *task = user_data;

  if (error == NULL)
    {
      remove_next_bond (task);
      return;
    }
  g_task_return_error (task, broker_words_store_error (error));
  g_object_unref (task);
}

static void
on_all_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Unpair *unpair = g_task_get_task_data (task);
  BrokerPermissions *permissions = unpair->permissions;
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  GError *error = NULL;

  (void) broker_permissions_load_all_finish (permissions, result, NULL);
  if (!find_accessory (unpair, &error) || !plan_ends (unpair, changes, &error) ||
      !find_bonds (unpair, &error))
    g_task_return_error (task, error);
  else if (perms_changes_get_length (changes) > 0)
    broker_permissions_take_away (permissions, changes, "user", on_ends_stored,
                                  g_steal_pointer (&task));
  else
    remove_next_bond (g_steal_pointer (&task));
}

void
broker_unpair_async (BrokerPermissions *permissions,
                     BleRadio *radio,
                     uid_t uid,
                     const char *accessory,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Unpair *unpair = g_new0 (Unpair, 1);

  unpair->permissions = permissions;
  unpair->radio = radio;
  unpair->uid = uid;
  unpair->id = g_strdup (accessory);
  unpair->bonded = g_array_new (FALSE, FALSE, sizeof (BleDeviceId));
  g_task_set_source_tag (task, broker_unpair_async);
  g_task_set_task_data (task, unpair, free_unpair);
  broker_permissions_load_all_async (permissions, NULL, on_all_loaded, task);
}

gboolean
broker_unpair_finish (BrokerPermissions *permissions,
                      GAsyncResult *result,
                      GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
