/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/cache.h"

#include <string.h>

#include "perms/cache-private.h"

/* ---- sharing: a million rows have few different strings and scopes ---- */

static void
intern_string (PermsCache *cache, GRefString **field)
{
  GRefString *shared;

  if (*field == NULL)
    return;
  shared = g_hash_table_lookup (cache->strings, *field);
  if (shared == *field)
    return;
  if (shared == NULL)
    {
      g_hash_table_add (cache->strings, g_ref_string_acquire (*field));
      return;
    }
  g_ref_string_release (*field);
  *field = g_ref_string_acquire (shared);
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
intern_scope (PermsCache *cache, PermsScope **field)
{
  PermsScope *shared = g_hash_table_lookup (cache->scopes, *field);

  if (shared == NULL)
    {
      g_hash_table_add (cache->scopes, perms_scope_ref (*field));
      return;
    }
  if (shared == *field)
    return;
  perms_scope_unref (*field);
  *field = perms_scope_ref (shared);
}

/* ---- the set of grants: strings are interned, so pointers are compared ---- */

static guint
hash_grant (gconstpointer data)
{
  const PermsGrant *grant = &((const CachedGrant *) data)->row;
  guint64 mixed = grant->accessory ^
                  ((guint64) (gsize) grant->app * 0x9e3779b97f4a7c15u) ^
                  (guint64) (gsize) grant->device;

  return (guint) (mixed ^ (mixed >> 32));
}

static gboolean
equal_grants (gconstpointer a, gconstpointer b)
{
  const PermsGrant *one = &((const CachedGrant *) a)->row;
  const PermsGrant *other = &((const CachedGrant *) b)->row;

  return one->accessory == other->accessory && one->app == other->app &&
         one->device == other->device;
}

static void
free_grant (CachedGrant *grant)
{
  perms_grant_clear (&grant->row);
  g_free (grant);
}

static void
free_app (gpointer data)
{
  CachedApp *app = data;

  while (app->grants != NULL)
    {
      CachedGrant *next = app->grants->next;

      free_grant (app->grants);
      app->grants = next;
    }
  g_ptr_array_unref (app->installs);
  g_ref_string_release (app->key);
  g_free (app);
}

static void
free_user (gpointer data)
{
  CachedUser *user = data;

  g_ptr_array_unref (user->apps);
  g_ptr_array_unref (user->devices);
  g_hash_table_unref (user->off);
  g_free (user);
}

static void
release_string (gpointer string)
{
  g_ref_string_release (string);
}

static void
release_scope (gpointer scope)
{
  perms_scope_unref (scope);
}

PermsCache *
perms_cache_new (void)
{
  PermsCache *cache = g_new0 (PermsCache, 1);

  cache->users = g_hash_table_new_full (NULL, NULL, NULL, free_user);
  cache->apps = g_hash_table_new (g_str_hash, g_str_equal);
  cache->grants = g_hash_table_new (hash_grant, equal_grants);
  cache->timed = g_hash_table_new (NULL, NULL);
  cache->strings = g_hash_table_new_full (g_str_hash, g_str_equal, release_string, NULL);
  cache->scopes = g_hash_table_new_full (hash_scope, equal_scopes, release_scope, NULL);
  return cache;
}

void
perms_cache_free (PermsCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->timed);
  g_hash_table_unref (cache->grants);
  g_hash_table_unref (cache->apps);
  g_hash_table_unref (cache->users);
  g_hash_table_unref (cache->strings);
  g_hash_table_unref (cache->scopes);
  perms_managed_set_free (cache->managed);
  g_free (cache);
}

/* ---- finding ---- */

CachedUser *
perms_cache_find_user (const PermsCache *cache, guint32 uid)
{
  return g_hash_table_lookup (cache->users, GUINT_TO_POINTER (uid));
}

CachedApp *
perms_cache_find_app (const PermsCache *cache, const char *app)
{
  return g_hash_table_lookup (cache->apps, app);
}

CachedGrant *
perms_cache_find_grant (const PermsCache *cache,
                        const CachedApp *app,
                        const char *device,
                        PermsAccessory accessory)
{
  CachedGrant key = { .row = { .accessory = accessory, .app = app->key } };

  key.row.device = g_hash_table_lookup (cache->strings, device);
  return key.row.device != NULL ? g_hash_table_lookup (cache->grants, &key) : NULL;
}

const PermsInstall *
perms_cache_find_install (const CachedApp *app, const char *device)
{
  for (guint i = 0; i < app->installs->len; i++)
    {
      const PermsInstall *install = g_ptr_array_index (app->installs, i);

      if (strcmp (install->device, device) == 0)
        return install;
    }
  return NULL;
}

static void
free_device (gpointer data)
{
  perms_device_free (data);
}

static void
free_install (gpointer data)
{
  perms_install_free (data);
}

static CachedUser *
ensure_user (PermsCache *cache, guint32 uid)
{
  CachedUser *user = perms_cache_find_user (cache, uid);

  if (user != NULL)
    return user;
  user = g_new0 (CachedUser, 1);
  user->uid = uid;
  user->devices = g_ptr_array_new_with_free_func (free_device);
  user->apps = g_ptr_array_new_with_free_func (free_app);
  user->off = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (cache->users, GUINT_TO_POINTER (uid), user);
  return user;
}

static CachedApp *
ensure_app (PermsCache *cache, GRefString *key)
{
  CachedApp *app = perms_cache_find_app (cache, key);

  if (app != NULL)
    return app;
  app = g_new0 (CachedApp, 1);
  app->key = g_ref_string_acquire (key);
  intern_string (cache, &app->key);
  app->installs = g_ptr_array_new_with_free_func (free_install);
  g_ptr_array_add (ensure_user (cache, perms_app_key_uid (key))->apps, app);
  g_hash_table_insert (cache->apps, app->key, app);
  return app;
}

/* ---- taking rows ---- */

static void
note_end (PermsCache *cache, CachedGrant *grant)
{
  if (grant->row.lifetime == PERMS_LIFETIME_UNTIL &&
      perms_grant_state_is_live (grant->row.state))
    g_hash_table_add (cache->timed, grant);
  else
    g_hash_table_remove (cache->timed, grant);
}

/* Takes over what @row holds; @row is cleared. */
static void
take_grant (PermsCache *cache, PermsGrant *row)
{
  CachedApp *app = ensure_app (cache, row->app);
  CachedGrant *grant = perms_cache_find_grant (cache, app, row->device, row->accessory);

  if (grant != NULL && grant->row.decision.revision >= row->decision.revision)
    {
      perms_grant_clear (row);
      return;
    }
  intern_string (cache, &row->app);
  intern_string (cache, &row->device);
  intern_string (cache, &row->name);
  intern_string (cache, &row->decision.device);
  intern_scope (cache, &row->scope);
  if (grant != NULL)
    {
      perms_grant_clear (&grant->row);
      grant->row = *row;
    }
  else
    {
      grant = g_new (CachedGrant, 1);
      *grant = (CachedGrant){ *row, app->grants };
      app->grants = grant;
      app->n_grants++;
      g_hash_table_add (cache->grants, grant);
    }
  *row = (PermsGrant){ 0 };
  note_end (cache, grant);
}

static void
take_install (PermsCache *cache, PermsInstall *row)
{
  CachedApp *app = ensure_app (cache, row->app);

  for (guint i = 0; i < app->installs->len; i++)
    {
      PermsInstall *old = g_ptr_array_index (app->installs, i);

      if (strcmp (old->device, row->device) != 0)
        continue;
      if (old->decision.revision >= row->decision.revision)
        {
          perms_install_free (row);
        }
      else
        {
          perms_install_free (old);
          g_ptr_array_index (app->installs, i) = row;
        }
      return;
    }
  g_ptr_array_add (app->installs, row);
}

static void
remove_grants_on (PermsCache *cache, CachedApp *app, const char *device)
{
  CachedGrant **link = &app->grants;

  while (*link != NULL)
    {
      CachedGrant *grant = *link;

      if (strcmp (grant->row.device, device) != 0)
        {
          link = &grant->next;
          continue;
        }
      *link = grant->next;
      app->n_grants--;
      g_hash_table_remove (cache->grants, grant);
      g_hash_table_remove (cache->timed, grant);
      free_grant (grant);
    }
}

static void
remove_rows_on (PermsCache *cache, CachedUser *user, const char *device)
{
  for (guint i = 0; i < user->apps->len; i++)
    {
      CachedApp *app = g_ptr_array_index (user->apps, i);

      remove_grants_on (cache, app, device);
      for (guint j = app->installs->len; j > 0; j--)
        {
          const PermsInstall *install = g_ptr_array_index (app->installs, j - 1);

          if (strcmp (install->device, device) == 0)
            g_ptr_array_remove_index (app->installs, j - 1);
        }
    }
}

static void
take_device (PermsCache *cache, PermsDevice *row)
{
  CachedUser *user = ensure_user (cache, row->uid);

  if (row->removed)
    remove_rows_on (cache, user, row->name);
  for (guint i = 0; i < user->devices->len; i++)
    {
      PermsDevice *old = g_ptr_array_index (user->devices, i);

      if (strcmp (old->name, row->name) != 0)
        continue;
      if (old->decision.revision >= row->decision.revision)
        {
          perms_device_free (row);
        }
      else
        {
          perms_device_free (old);
          g_ptr_array_index (user->devices, i) = row;
        }
      return;
    }
  g_ptr_array_add (user->devices, row);
}

/* Moves every element out of @rows. */
static void
take_all (PermsCache *cache, GPtrArray *rows, void (*take) (PermsCache *, gpointer))
{
  g_ptr_array_set_free_func (rows, NULL);
  for (guint i = 0; i < rows->len; i++)
    take (cache, g_ptr_array_index (rows, i));
  g_ptr_array_set_size (rows, 0);
}

static void
take_any_device (PermsCache *cache, gpointer row)
{
  take_device (cache, row);
}

static void
take_any_install (PermsCache *cache, gpointer row)
{
  take_install (cache, row);
}

void
perms_cache_take_user (PermsCache *cache, PermsUserRows *rows)
{
  ensure_user (cache, rows->uid);
  take_all (cache, rows->devices, take_any_device);
  take_all (cache, rows->installs, take_any_install);
  for (guint i = 0; i < rows->grants->len; i++)
    take_grant (cache, &g_array_index (rows->grants, PermsGrant, i));
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
  CachedUser *user = perms_cache_find_user (cache, uid);

  if (user == NULL)
    return;
  for (guint i = 0; i < user->apps->len; i++)
    {
      CachedApp *app = g_ptr_array_index (user->apps, i);

      for (CachedGrant *grant = app->grants; grant != NULL; grant = grant->next)
        {
          g_hash_table_remove (cache->grants, grant);
          g_hash_table_remove (cache->timed, grant);
        }
      g_hash_table_remove (cache->apps, app->key);
    }
  g_hash_table_remove (cache->users, GUINT_TO_POINTER (uid));
}

void
perms_cache_put (PermsCache *cache, const PermsChanges *changes)
{
  for (guint i = 0; i < perms_changes_get_length (changes); i++)
    {
      const PermsChange *change = perms_changes_get (changes, i);

      switch (change->kind)
        {
        case PERMS_CHANGE_DEVICE:
          take_device (cache, perms_device_copy (change->device));
          break;
        case PERMS_CHANGE_INSTALL:
          take_install (cache, perms_install_copy (change->install));
          break;
        case PERMS_CHANGE_GRANT:
          {
            g_autofree PermsGrant *copy = perms_grant_copy (change->grant);

            take_grant (cache, copy);
            break;
          }
        case PERMS_CHANGE_BOND:
        case PERMS_CHANGE_PENDING:
        case PERMS_CHANGE_PENDING_END:
        case PERMS_CHANGE_NONE:
        default:
          break;
        }
    }
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
  CachedUser *user = ensure_user (cache, uid);

  if (on)
    g_hash_table_remove (user->off, device);
  else
    g_hash_table_add (user->off, g_strdup (device));
}
