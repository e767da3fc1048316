/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions.h"

#include "broker/permissions-private.h"
#include "broker/permissions-words.h"
#include "dbus/errors.h"
#include "perms/store.h"

BrokerPermissions *
broker_permissions_ref (BrokerPermissions *permissions)
{
  g_ref_count_inc (&permissions->refs);
  return permissions;
}

void
broker_permissions_unref (BrokerPermissions *permissions)
{
  if (!g_ref_count_dec (&permissions->refs))
    return;
  perms_cache_free (permissions->cache);
  ble_blocklist_free (permissions->blocklist);
  g_array_unref (permissions->stored_uids);
  g_array_unref (permissions->loaded_uids);
  g_ptr_array_unref (permissions->behind);
  g_hash_table_unref (permissions->loading);
  g_hash_table_unref (permissions->bonds);
  g_hash_table_unref (permissions->pending);
  g_hash_table_unref (permissions->busy);
  g_hash_table_unref (permissions->closing);
  g_hash_table_unref (permissions->told);
  g_hash_table_unref (permissions->once);
  g_ptr_array_unref (permissions->lent);
  g_ptr_array_unref (permissions->opened);
  g_hash_table_unref (permissions->changed_uids);
  g_main_context_unref (permissions->context);
  g_free (permissions);
}

gint64
broker_permissions_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* ---- opening ---- */

static void
take_bonds (BrokerPermissions *permissions, GPtrArray *bonds)
{
  for (guint i = 0; i < bonds->len; i++)
    {
      PermsBond *bond = perms_bond_copy (g_ptr_array_index (bonds, i));

      g_hash_table_replace (permissions->bonds, &bond->accessory, bond);
    }
}

/* Only bonds that were not there before are ours to undo. */
static void
take_pending (BrokerPermissions *permissions, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const PermsPending *row = g_ptr_array_index (rows, i);

      if (!row->was_bonded)
        broker_pending_remember (permissions, row);
    }
}

/* What has to be known before anybody calls: whose rows there are, bonds, pairings that a
 * crash cut off. */
static gboolean
read_start (BrokerPermissions *permissions, PermsStore *store, GError **error)
{
  g_autoptr (GPtrArray) bonds = perms_store_list_bonds (store, error);
  g_autoptr (GPtrArray) pending =
    bonds != NULL ? perms_store_list_pending (store, error) : NULL;
  GArray *uids = pending != NULL ? perms_store_list_users (store, error) : NULL;

  if (uids == NULL)
    return FALSE;
  take_bonds (permissions, bonds);
  take_pending (permissions, pending);
  permissions->stored_uids = uids;
  return TRUE;
}

/* As read_start(), but a store that is damaged there is put aside, as anywhere else. */
static gboolean
read_start_or_anew (BrokerPermissions *permissions,
                    PermsStore *store,
                    PermsOpened *opened,
                    GError **error)
{
  g_autoptr (GError) fault = NULL;

  if (read_start (permissions, store, &fault))
    return TRUE;
  if (!g_error_matches (fault, PERMS_ERROR, PERMS_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, "MESSAGE",
                    "The permission store is damaged and put aside; everything is denied "
                    "until it is granted again: %s",
                    fault->message);
  *opened = PERMS_OPENED_ANEW;
  return perms_store_start_anew (store, error) && read_start (permissions, store, error);
}

static BrokerPermissions *
make_permissions (void)
{
  BrokerPermissions *permissions = g_new0 (BrokerPermissions, 1);

  g_ref_count_init (&permissions->refs);
  permissions->context = g_main_context_ref_thread_default ();
  permissions->cache = perms_cache_new ();
  permissions->loaded_uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  permissions->behind =
    g_ptr_array_new_with_free_func ((GDestroyNotify) perms_changes_unref);
  permissions->loading =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  permissions->bonds = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                              (GDestroyNotify) perms_bond_free);
  permissions->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                (GDestroyNotify) g_ptr_array_unref);
  permissions->busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) g_queue_free);
  permissions->closing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  permissions->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  permissions->once = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) g_ptr_array_unref);
  permissions->lent =
    g_ptr_array_new_with_free_func ((GDestroyNotify) broker_words_free_grant);
  permissions->opened = broker_permissions_make_opened ();
  permissions->changed_uids = g_hash_table_new (NULL, NULL);
  return permissions;
}

BrokerPermissions *
broker_permissions_new (const char *directory, BleBlocklist *blocklist, GError **error)
{
  g_autofree char *path = g_build_filename (directory, BROKER_PERMISSIONS_FILE, NULL);
  BrokerPermissions *permissions = make_permissions ();
  PermsOpened opened = PERMS_OPENED_NOT;
  PermsStore *store = perms_store_open (path, NULL, &opened, error);

  permissions->blocklist = blocklist;
  if (store == NULL || !read_start_or_anew (permissions, store, &opened, error))
    {
      perms_store_close (store);
      permissions->stored_uids = g_array_new (FALSE, FALSE, sizeof (guint32));
      broker_permissions_unref (permissions);
      return NULL;
    }
  permissions->moved_aside = opened == PERMS_OPENED_ANEW;
  permissions->queue = perms_commit_queue_new (store);
  return permissions;
}

void
broker_permissions_free (BrokerPermissions *permissions)
{
  if (permissions == NULL)
    return;
  permissions->granted = NULL;
  permissions->revoked = NULL;
  permissions->changed = NULL;
  g_clear_handle_id (&permissions->changed_source, g_source_remove);
  permissions->loaded = NULL;
  g_clear_handle_id (&permissions->expiry_source, g_source_remove);
  g_clear_handle_id (&permissions->tidy_source, g_source_remove);
  g_clear_handle_id (&permissions->behind_source, g_source_remove);
  g_clear_handle_id (&permissions->return_source, g_source_remove);
  broker_permissions_flush (permissions);
  broker_permissions_unref (permissions);
}

const char *
broker_permissions_store_state (BrokerPermissions *permissions)
{
  if (permissions->behind->len > 0)
    return "behind";
  if (permissions->unwritable)
    return "read-only";
  return permissions->moved_aside ? "moved-aside" : "ok";
}

guint
broker_permissions_store_generation (BrokerPermissions *permissions)
{
  return permissions->generation;
}

void
broker_permissions_set_observer (BrokerPermissions *permissions,
                                 BrokerGrantedFunc granted,
                                 BrokerRevokedFunc revoked,
                                 gpointer user_data)
{
  permissions->granted = granted;
  permissions->revoked = revoked;
  permissions->observer_data = user_data;
}

/* ---- rows for the rest of the broker ---- */

static gboolean
on_return_lent (gpointer user_data)
{
  BrokerPermissions *permissions = user_data;

  permissions->return_source = 0;
  g_ptr_array_set_size (permissions->lent, 0);
  return G_SOURCE_REMOVE;
}

const BrokerGrant *
broker_permissions_lend (BrokerPermissions *permissions, const PermsGrant *row)
{
  const PermsBond *bond = g_hash_table_lookup (permissions->bonds, &row->accessory);
  BrokerGrant *grant = broker_words_grant (row, bond != NULL && bond->bonded_by_us);

  g_ptr_array_add (permissions->lent, grant);
  if (permissions->return_source == 0)
    permissions->return_source = g_idle_add (on_return_lent, permissions);
  return grant;
}

char *
broker_permissions_make_key (const char *app, PermsAccessory accessory)
{
  return g_strdup_printf ("%" G_GINT64_MODIFIER "x %s", accessory, app);
}

gboolean
broker_permissions_is_closing (BrokerPermissions *permissions, const PermsGrant *row)
{
  if (g_hash_table_size (permissions->closing) == 0)
    return FALSE;
  g_autofree char *key = broker_permissions_make_key (row->app, row->accessory);
  return g_hash_table_contains (permissions->closing, key);
}

/* The row of that id, tombstones included. */
static const PermsGrant *
look_up_id (BrokerPermissions *permissions,
            const BrokerCaller *caller,
            const char *accessory_id)
{
  const PermsGrant *row;
  PermsId id;

  if (!perms_id_parse (accessory_id, &id, NULL))
    return NULL;
  row = perms_cache_lookup_id (permissions->cache, caller->app, PERMS_DEVICE_LOCAL, &id);
  return row != NULL ? row : broker_permissions_find_opened (permissions, caller, &id);
}

/* Whether @caller is who its app was when it was accepted: what another publisher's app of that
 * name was granted is none of its business until the person says so. */
static gboolean
is_accepted (BrokerPermissions *permissions, const BrokerCaller *caller)
{
  const PermsInstall *install =
    perms_cache_lookup_install (permissions->cache, caller->app, PERMS_DEVICE_LOCAL);

  return install == NULL || g_str_equal (install->fingerprint, caller->fingerprint);
}

static gboolean
is_in_force (BrokerPermissions *permissions, const PermsGrant *row)
{
  return row != NULL && perms_grant_is_in_force (row, broker_permissions_now_s ()) &&
         !broker_permissions_is_closing (permissions, row);
}

const PermsGrant *
broker_permissions_find_row (BrokerPermissions *permissions,
                             const BrokerCaller *caller,
                             const char *accessory_id)
{
  const PermsGrant *row = look_up_id (permissions, caller, accessory_id);

  return is_accepted (permissions, caller) && is_in_force (permissions, row) ? row : NULL;
}

gboolean
broker_permissions_knows (BrokerPermissions *permissions,
                          const BrokerCaller *caller,
                          const char *accessory_id)
{
  return look_up_id (permissions, caller, accessory_id) != NULL;
}

const BrokerGrant *
broker_permissions_find (BrokerPermissions *permissions,
                         const BrokerCaller *caller,
                         const char *accessory_id)
{
  const PermsGrant *row = broker_permissions_find_row (permissions, caller, accessory_id);

  return row != NULL ? broker_permissions_lend (permissions, row) : NULL;
}

const BrokerGrant *
broker_permissions_find_address (BrokerPermissions *permissions,
                                 const BrokerCaller *caller,
                                 const BleAddress *address)
{
  PermsAccessory accessory = broker_words_accessory (address);
  const PermsGrant *row = NULL;

  if (accessory != 0)
    row = perms_cache_lookup_grant (permissions->cache, caller->app, PERMS_DEVICE_LOCAL,
                                    accessory);
  return is_accepted (permissions, caller) && is_in_force (permissions, row)
           ? broker_permissions_lend (permissions, row)
           : NULL;
}

typedef struct
{
  BrokerPermissions *permissions;
  void (*func) (const BrokerGrant *grant, gpointer user_data);
  gpointer user_data;
} Visit;

static gboolean
on_visit (const PermsGrant *row, gpointer user_data)
{
  const Visit *visit = user_data;

  if (g_str_equal (row->device, PERMS_DEVICE_LOCAL) &&
      is_in_force (visit->permissions, row))
    visit->func (broker_permissions_lend (visit->permissions, row), visit->user_data);
  return TRUE;
}

void
broker_permissions_foreach (BrokerPermissions *permissions,
                            const BrokerCaller *caller,
                            void (*func) (const BrokerGrant *grant, gpointer user_data),
                            gpointer user_data)
{
  Visit visit = { permissions, func, user_data };

  if (!is_accepted (permissions, caller))
    return;
  perms_cache_foreach_grant (permissions->cache, caller->uid, caller->app, on_visit,
                             &visit);
}

typedef struct
{
  BrokerPermissions *permissions;
  PermsAccessory accessory;
  guint count;
} Count;

static gboolean
on_count (const PermsGrant *row, gpointer user_data)
{
  Count *count = user_data;

  if (row->accessory == count->accessory &&
      g_str_equal (row->device, PERMS_DEVICE_LOCAL) &&
      is_in_force (count->permissions, row))
    count->count++;
  return TRUE;
}

guint
broker_permissions_count_address (BrokerPermissions *permissions,
                                  const BleAddress *address)
{
  Count count = { permissions, broker_words_accessory (address), 0 };

  for (guint i = 0; i < permissions->loaded_uids->len; i++)
    perms_cache_foreach_grant (permissions->cache,
                               g_array_index (permissions->loaded_uids, guint32, i), NULL,
                               on_count, &count);
  return count.count;
}

/* ---- decisions ---- */

gboolean
broker_permissions_check_picker (BrokerPermissions *permissions,
                                 const BrokerCaller *caller,
                                 GError **error)
{
  PermsDerived derived =
    perms_cache_derive (permissions->cache, caller->app, PERMS_DEVICE_LOCAL,
                        broker_permissions_now_s ());

  if (!is_accepted (permissions, caller))
    {
      broker_words_set_refusal (error, PERMS_CAUSE_IDENTITY_CHANGED);
      return FALSE;
    }
  switch (derived.picker)
    {
    case PERMS_PICKER_OK:
      return TRUE;
    case PERMS_PICKER_EMPTY:
      blepick_error_set (error, BLEPICK_ERROR_DISCOVERY_TIMEOUT, "nothing-found",
                         "The companion's app is waiting for an answer of its own");
      return FALSE;
    case PERMS_PICKER_RESTRICTED_POLICY:
      blepick_error_set (error, BLEPICK_ERROR_PICKER_RESTRICTED, "policy",
                         "This computer's policy does not let the app pick accessories");
      return FALSE;
    case PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD:
      blepick_error_set (error, BLEPICK_ERROR_PICKER_RESTRICTED, "broad-grant-held",
                         "The app may use all of Bluetooth already");
      return FALSE;
    case PERMS_PICKER_NONE:
    default:
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-declared",
                         "The app does not declare that it picks accessories");
      return FALSE;
    }
}

/* Asks the policy about @row; NULL: the app never had it. */
static gboolean
decide (BrokerPermissions *permissions,
        const PermsGrant *row,
        PermsRequest *request,
        GError **error)
{
  PermsCause cause = PERMS_CAUSE_NO_GRANT;

  if (row != NULL)
    {
      request->device = PERMS_DEVICE_LOCAL;
      request->accessory = row->accessory;
      if (broker_permissions_is_closing (permissions, row))
        cause = PERMS_CAUSE_REVOKED;
      else if (perms_cache_decide (permissions->cache, request,
                                   broker_permissions_now_s (),
                                   &cause) == PERMS_VERDICT_ALLOW)
        return TRUE;
    }
  broker_words_set_refusal (error, cause);
  return FALSE;
}

gboolean
broker_permissions_check (BrokerPermissions *permissions,
                          const BrokerCaller *caller,
                          const char *accessory_id,
                          const BrokerAttribute *attribute,
                          BleAccess access,
                          GError **error)
{
  PermsRequest request = {
    .kind = PERMS_REQUEST_ATTRIBUTE,
    .app = caller->app,
    .fingerprint = caller->fingerprint,
    .service = broker_words_uuid (&attribute->service),
    .characteristic = broker_words_uuid (&attribute->characteristic),
    .operation = broker_words_operation (access),
  };
  const BleUuid *descriptor = attribute->has_descriptor ? &attribute->descriptor : NULL;

  /* A grant may name a blocklisted characteristic, and with it its descriptors, but never these. */
  if (descriptor != NULL && access != BLE_ACCESS_READ &&
      ble_gatt_is_configuration (descriptor))
    request.operation = PERMS_OPERATION_NONE;
  else if (!ble_blocklist_blocks (permissions->blocklist, &attribute->service,
                                  &attribute->characteristic, descriptor, access))
    request.blocklist = PERMS_BLOCKLIST_CLEAR;
  return decide (permissions, look_up_id (permissions, caller, accessory_id), &request,
                 error);
}

gboolean
broker_permissions_check_accessory (BrokerPermissions *permissions,
                                    const BrokerCaller *caller,
                                    const char *accessory_id,
                                    GError **error)
{
  PermsRequest request = {
    .kind = PERMS_REQUEST_ACCESSORY,
    .app = caller->app,
    .fingerprint = caller->fingerprint,
  };

  return decide (permissions, look_up_id (permissions, caller, accessory_id), &request,
                 error);
}
