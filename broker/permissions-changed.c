/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whoever watches rows is told once for many changes, and whose they were. */

#include "broker/permissions-private.h"

void
broker_permissions_set_changed (BrokerPermissions *permissions,
                                BrokerChangedFunc changed,
                                gpointer user_data)
{
  permissions->changed = changed;
  permissions->changed_data = user_data;
}

static gboolean
on_changed (gpointer user_data)
{
  BrokerPermissions *permissions = user_data;

  permissions->changed_source = 0;
  permissions->changed (permissions->changed_data);
  g_hash_table_remove_all (permissions->changed_uids);
  return G_SOURCE_REMOVE;
}

gboolean
broker_permissions_has_changed (BrokerPermissions *permissions, uid_t uid)
{
  return g_hash_table_contains (permissions->changed_uids, GUINT_TO_POINTER (uid));
}

static void
note_owner (BrokerPermissions *permissions, const PermsChange *change)
{
  guint32 uid;

  if (change->kind == PERMS_CHANGE_DEVICE)
    uid = change->device->uid;
  else if (change->kind == PERMS_CHANGE_INSTALL)
    uid = perms_app_key_uid (change->install->app);
  else if (change->kind == PERMS_CHANGE_GRANT)
    uid = perms_app_key_uid (change->grant->app);
  else
    return;
  (void) g_hash_table_add (permissions->changed_uids, GUINT_TO_POINTER (uid));
}

static void
arm_changed (BrokerPermissions *permissions)
{
  if (permissions->changed != NULL && permissions->changed_source == 0)
    permissions->changed_source =
      g_idle_add_full (G_PRIORITY_DEFAULT, on_changed, permissions, NULL);
}

void
broker_permissions_note_changed (BrokerPermissions *permissions, guint32 uid)
{
  (void) g_hash_table_add (permissions->changed_uids, GUINT_TO_POINTER (uid));
  arm_changed (permissions);
}

void
broker_permissions_note_store (BrokerPermissions *permissions)
{
  arm_changed (permissions);
}

void
broker_permissions_put (BrokerPermissions *permissions, PermsChanges *changes)
{
  perms_cache_put (permissions->cache, changes);
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    note_owner (permissions, perms_changes_get (changes, i));
  arm_changed (permissions);
}
