/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/cache.h"

#include <string.h>

#include "perms/cache-private.h"

/* ---- making and freeing ---- */

static void
release_string (gpointer string)
{
  g_ref_string_release (string);
}

static void
free_device (gpointer device)
{
  perms_device_free (device);
}

static void
free_install (gpointer install)
{
  perms_install_free (install);
}

static void
release_scope (gpointer scope)
{
  perms_scope_unref (scope);
}

static guint
hash_scope (gconstpointer scope)
{
  return perms_scope_hash (scope);
}

static gboolean
equal_scopes (gconstpointer a, gconstpointer b)
{
  return perms_scope_equal (a, b);
}

static void
free_user (gpointer data)
{
  CacheUser *user = data;

  g_ptr_array_unref (user->names);
  g_ptr_array_unref (user->devices);
  g_ptr_array_unref (user->apps);
  g_hash_table_unref (user->adapters_off);
  g_free (user);
}

static void
free_app (gpointer data)
{
  CacheApp *app = data;

  g_ref_string_release ((GRefString *) app->key);
  g_ptr_array_unref (app->installs);
  g_free (app);
}

static guint
hash_app (gconstpointer app)
{
  return ((const CacheApp *) app)->hash;
}

static gboolean
equal_apps (gconstpointer a, gconstpointer b)
{
  const CacheApp *left = a;
  const CacheApp *right = b;

  return left->hash == right->hash && g_str_equal (left->key, right->key);
}

PermsCache *
perms_cache_new (void)
{
  PermsCache *cache = g_new0 (PermsCache, 1);

  cache->users = g_hash_table_new_full (NULL, NULL, NULL, free_user);
  cache->apps = g_hash_table_new_full (hash_app, equal_apps, free_app, NULL);
  cache->local = g_ref_string_new (PERMS_DEVICE_LOCAL);
  cache->scopes = g_hash_table_new_full (hash_scope, equal_scopes, release_scope, NULL);
  cache->chunks = g_ptr_array_new_with_free_func (g_free);
  cache->timed = g_array_new (FALSE, FALSE, sizeof (guint32));
  return cache;
}

void
perms_cache_free (PermsCache *cache)
{
  if (cache == NULL)
    return;
  for (guint32 i = 1; i <= cache->n_numbers; i++)
    perms_grant_clear (perms_cache_get_grant (cache, i));
  g_hash_table_unref (cache->apps);
  g_hash_table_unref (cache->users);
  g_hash_table_unref (cache->scopes);
  g_ptr_array_unref (cache->chunks);
  g_array_unref (cache->timed);
  g_free (cache->by_key.slots);
  g_ref_string_release (cache->local);
  perms_managed_set_free (cache->managed);
  g_free (cache);
}

/* ---- users, apps, names ---- */

CacheUser *
perms_cache_find_user (const PermsCache *cache, guint32 uid)
{
  return g_hash_table_lookup (cache->users, GUINT_TO_POINTER (uid));
}

CacheUser *
perms_cache_ensure_user (PermsCache *cache, guint32 uid)
{
  CacheUser *user = perms_cache_find_user (cache, uid);

  if (user == NULL)
    {
      user = g_new0 (CacheUser, 1);
      user->uid = uid;
      user->names = g_ptr_array_new_with_free_func (release_string);
      user->devices = g_ptr_array_new_with_free_func (free_device);
      user->apps = g_ptr_array_new ();
      user->adapters_off = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (cache->users, GUINT_TO_POINTER (uid), user);
    }
  return user;
}

CacheApp *
perms_cache_find_hashed (const PermsCache *cache, const char *app, guint32 app_hash)
{
  const CacheApp wanted = { .key = app, .hash = app_hash };

  return g_hash_table_lookup (cache->apps, &wanted);
}

CacheApp *
perms_cache_find_app (const PermsCache *cache, const char *app)
{
  return perms_cache_find_hashed (cache, app, g_str_hash (app));
}

CacheApp *
perms_cache_ensure_app (PermsCache *cache, const char *app)
{
  CacheApp *found = perms_cache_find_app (cache, app);

  if (found == NULL)
    {
      found = g_new0 (CacheApp, 1);
      found->key = g_ref_string_new (app);
      found->hash = g_str_hash (app);
      found->user = perms_cache_ensure_user (cache, perms_app_key_uid (app));
      found->installs = g_ptr_array_new_with_free_func (free_install);
      g_hash_table_add (cache->apps, found);
      g_ptr_array_add (found->user->apps, found);
    }
  return found;
}

GRefString *
perms_cache_find_name (const PermsCache *cache, const CacheUser *user, const char *device)
{
  if (g_str_equal (device, PERMS_DEVICE_LOCAL))
    return cache->local;
  for (guint i = 0; i < user->names->len; i++)
    {
      GRefString *name = g_ptr_array_index (user->names, i);
      if (g_str_equal (name, device))
        return name;
    }
  return NULL;
}

GRefString *
perms_cache_ensure_name (PermsCache *cache, CacheUser *user, const char *device)
{
  GRefString *name = perms_cache_find_name (cache, user, device);

  if (name == NULL)
    {
      name = g_ref_string_new (device);
      g_ptr_array_add (user->names, name);
    }
  return name;
}

/* ---- putting ---- */

static void
note_local (CacheApp *app)
{
  app->local = NULL;
  for (guint i = 0; i < app->installs->len && app->local == NULL; i++)
    {
      const PermsInstall *install = g_ptr_array_index (app->installs, i);
      if (g_str_equal (install->device, PERMS_DEVICE_LOCAL))
        app->local = install;
    }
}

static void
put_install_row (CacheApp *app, const PermsInstall *install)
{
  for (guint i = 0; i < app->installs->len; i++)
    {
      PermsInstall *held = g_ptr_array_index (app->installs, i);
      if (!g_str_equal (held->device, install->device))
        continue;
      if (held->decision.revision >= install->decision.revision)
        return;
      g_ptr_array_index (app->installs, i) = perms_install_copy (install);
      perms_install_free (held);
      return;
    }
  g_ptr_array_add (app->installs, perms_install_copy (install));
}

static void
put_install (PermsCache *cache, const PermsInstall *install)
{
  CacheApp *app = NULL;

  if (perms_cache_is_removed (cache, install->app, install->device))
    return;
  app = perms_cache_ensure_app (cache, install->app);
  perms_cache_ensure_name (cache, app->user, install->device);
  put_install_row (app, install);
  note_local (app);
}

static void
drop_rows_of_device (PermsCache *cache, CacheUser *user, const char *device)
{
  const GRefString *name = perms_cache_find_name (cache, user, device);

  for (guint i = 0; i < user->apps->len && name != NULL; i++)
    {
      CacheApp *app = g_ptr_array_index (user->apps, i);
      perms_cache_drop_grants (cache, app, name);
      for (guint j = app->installs->len; j > 0; j--)
        {
          const PermsInstall *install = g_ptr_array_index (app->installs, j - 1);
          if (g_str_equal (install->device, name))
            g_ptr_array_remove_index (app->installs, j - 1);
        }
      note_local (app);
    }
}

/* Linked ones in the order of linking, then the others. */
static int
compare_devices (gconstpointer a, gconstpointer b)
{
  const PermsDevice *left = *(const PermsDevice *const *) a;
  const PermsDevice *right = *(const PermsDevice *const *) b;
  guint32 left_order = left->order - 1; /* 0 becomes the greatest */
  guint32 right_order = right->order - 1;

  if (left_order != right_order)
    return left_order < right_order ? -1 : 1;
  return strcmp (left->name, right->name);
}

static void
put_device (PermsCache *cache, const PermsDevice *device)
{
  CacheUser *user = perms_cache_ensure_user (cache, device->uid);

  for (guint i = 0; i < user->devices->len; i++)
    {
      const PermsDevice *held = g_ptr_array_index (user->devices, i);
      if (!g_str_equal (held->name, device->name))
        continue;
      if (held->decision.revision >= device->decision.revision)
        return;
      g_ptr_array_remove_index (user->devices, i);
      break;
    }
  g_ptr_array_add (user->devices, perms_device_copy (device));
  g_ptr_array_sort (user->devices, compare_devices);
  if (device->removed)
    drop_rows_of_device (cache, user, device->name);
}

void
perms_cache_put (PermsCache *cache, const PermsChanges *changes)
{
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);
      if (change->kind == PERMS_CHANGE_DEVICE)
        put_device (cache, change->device);
      else if (change->kind == PERMS_CHANGE_INSTALL)
        put_install (cache, change->install);
      else if (change->kind == PERMS_CHANGE_GRANT)
        perms_cache_put_grant (cache, change->grant);
    }
}

void
perms_cache_take_user (PermsCache *cache, PermsUserRows *rows)
{
  perms_cache_ensure_user (cache, rows->uid);
  for (guint i = 0; i < rows->devices->len; i++)
    put_device (cache, g_ptr_array_index (rows->devices, i));
  for (guint i = 0; i < rows->installs->len; i++)
    put_install (cache, g_ptr_array_index (rows->installs, i));
  perms_cache_reserve (cache, rows->grants->len);
  for (guint i = 0; i < rows->grants->len; i++)
    perms_cache_put_grant (cache, &g_array_index (rows->grants, PermsGrant, i));
  perms_user_rows_free (rows);
}

gboolean
perms_cache_has_user (const PermsCache *cache, guint32 uid)
{
  return perms_cache_find_user (cache, uid) != NULL;
}

void
perms_cache_drop_user (PermsCache *cache, guint32 uid)
{
  CacheUser *user = perms_cache_find_user (cache, uid);

  if (user == NULL)
    return;
  for (guint i = 0; i < user->apps->len; i++)
    {
      CacheApp *app = g_ptr_array_index (user->apps, i);
      perms_cache_drop_grants (cache, app, NULL);
      g_hash_table_remove (cache->apps, app);
    }
  g_hash_table_remove (cache->users, GUINT_TO_POINTER (uid));
}

void
perms_cache_take_managed (PermsCache *cache, PermsManagedSet *set)
{
  perms_managed_set_free (cache->managed);
  cache->managed = set;
}

const PermsManagedSet *
perms_cache_get_managed (const PermsCache *cache)
{
  return cache->managed;
}

void
perms_cache_set_adapter (PermsCache *cache, guint32 uid, const char *device, gboolean on)
{
  CacheUser *user = perms_cache_ensure_user (cache, uid);

  if (on)
    g_hash_table_remove (user->adapters_off, device);
  else
    g_hash_table_add (user->adapters_off, g_strdup (device));
}
