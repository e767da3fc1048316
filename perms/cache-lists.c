/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Look-ups and lists of the cache. */

#include <string.h>

#include "perms/cache-private.h"

const PermsDevice *
perms_cache_lookup_device (const PermsCache *cache, guint32 uid, const char *device)
{
  const CacheUser *user = perms_cache_find_user (cache, uid);

  for (guint i = 0; user != NULL && i < user->devices->len; i++)
    {
      const PermsDevice *held = g_ptr_array_index (user->devices, i);
      if (g_str_equal (held->name, device))
        return held;
    }
  return NULL;
}

gboolean
perms_cache_is_removed (const PermsCache *cache, const char *app, const char *device)
{
  const PermsDevice *companion = NULL;

  if (!g_str_equal (device, PERMS_DEVICE_LOCAL))
    companion = perms_cache_lookup_device (cache, perms_app_key_uid (app), device);
  return companion != NULL && companion->removed;
}

const PermsInstall *
perms_cache_find_install (const CacheApp *app, const char *device)
{
  if (g_str_equal (device, PERMS_DEVICE_LOCAL))
    return app->local;
  for (guint i = 0; i < app->installs->len; i++)
    {
      const PermsInstall *install = g_ptr_array_index (app->installs, i);
      if (g_str_equal (install->device, device))
        return install;
    }
  return NULL;
}

const PermsInstall *
perms_cache_lookup_install (const PermsCache *cache, const char *app, const char *device)
{
  const CacheApp *found = perms_cache_find_app (cache, app);

  return found != NULL ? perms_cache_find_install (found, device) : NULL;
}

const PermsGrant *
perms_cache_lookup_grant (const PermsCache *cache,
                          const char *app,
                          const char *device,
                          PermsAccessory accessory)
{
  const CacheApp *found = perms_cache_find_app (cache, app);
  const GRefString *name =
    found != NULL ? perms_cache_find_name (cache, found->user, device) : NULL;

  return name != NULL ? perms_cache_find_grant (cache, found, name, accessory) : NULL;
}

void
perms_cache_foreach_device (const PermsCache *cache,
                            guint32 uid,
                            PermsDeviceFunc func,
                            gpointer user_data)
{
  const CacheUser *user = perms_cache_find_user (cache, uid);

  for (guint i = 0; user != NULL && i < user->devices->len; i++)
    {
      const PermsDevice *device = g_ptr_array_index (user->devices, i);
      if (!device->removed && !func (device, user_data))
        return;
    }
}

/* The apps of a user, or the one app asked for: index by index, NULL at the end. */
static const CacheApp *
get_app (const PermsCache *cache, guint32 uid, const char *app, guint index)
{
  const CacheUser *user = perms_cache_find_user (cache, uid);

  if (user == NULL)
    return NULL;
  if (app == NULL)
    return index < user->apps->len ? g_ptr_array_index (user->apps, index) : NULL;

  const CacheApp *found = perms_cache_find_app (cache, app);
  return index == 0 && found != NULL && found->user == user ? found : NULL;
}

void
perms_cache_foreach_install (const PermsCache *cache,
                             guint32 uid,
                             const char *app,
                             PermsInstallFunc func,
                             gpointer user_data)
{
  const CacheApp *found = NULL;

  for (guint i = 0; (found = get_app (cache, uid, app, i)) != NULL; i++)
    {
      for (guint j = 0; j < found->installs->len; j++)
        {
          if (!func (g_ptr_array_index (found->installs, j), user_data))
            return;
        }
    }
}

void
perms_cache_foreach_grant (const PermsCache *cache,
                           guint32 uid,
                           const char *app,
                           PermsGrantFunc func,
                           gpointer user_data)
{
  const CacheApp *found = NULL;

  for (guint i = 0; (found = get_app (cache, uid, app, i)) != NULL; i++)
    {
      for (guint32 number = found->first; number != NO_GRANT;
           number = *perms_cache_get_next (cache, number))
        {
          if (!func (perms_cache_get_grant (cache, number), user_data))
            return;
        }
    }
}

guint
perms_cache_count_grants (const PermsCache *cache, const char *app)
{
  const CacheApp *found = perms_cache_find_app (cache, app);

  return found != NULL ? found->n_grants : 0;
}
