/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Look-ups, lists and decisions of the cache. */

#include "perms/cache.h"

#include <string.h>

#include "perms/cache-private.h"

const PermsDevice *
perms_cache_lookup_device (const PermsCache *cache, guint32 uid, const char *device)
{
  const CachedUser *user = perms_cache_find_user (cache, uid);

  for (guint i = 0; user != NULL && i < user->devices->len; i++)
    {
      const PermsDevice *row = g_ptr_array_index (user->devices, i);

      if (strcmp (row->name, device) == 0)
        return row;
    }
  return NULL;
}

const PermsInstall *
perms_cache_lookup_install (const PermsCache *cache, const char *app, const char *device)
{
  const CachedApp *found = perms_cache_find_app (cache, app);

  return found != NULL ? perms_cache_find_install (found, device) : NULL;
}

const PermsGrant *
perms_cache_lookup_grant (const PermsCache *cache,
                          const char *app,
                          const char *device,
                          PermsAccessory accessory)
{
  const CachedApp *found = perms_cache_find_app (cache, app);
  const CachedGrant *grant =
    found != NULL ? perms_cache_find_grant (cache, found, device, accessory) : NULL;

  return grant != NULL ? &grant->row : NULL;
}

const PermsGrant *
perms_cache_lookup_id (const PermsCache *cache,
                       const char *app,
                       const char *device,
                       const PermsId *id)
{
  const CachedApp *found = perms_cache_find_app (cache, app);

  if (found == NULL)
    return NULL;
  for (const CachedGrant *grant = found->grants; grant != NULL; grant = grant->next)
    if (perms_id_equal (&grant->row.id, id) && strcmp (grant->row.device, device) == 0)
      return &grant->row;
  return NULL;
}

static gint
compare_order (gconstpointer a, gconstpointer b)
{
  const PermsDevice *one = *(const PermsDevice *const *) a;
  const PermsDevice *other = *(const PermsDevice *const *) b;

  if ((one->order == 0) != (other->order == 0))
    return one->order == 0 ? 1 : -1;
  if (one->order != other->order)
    return one->order < other->order ? -1 : 1;
  return strcmp (one->name, other->name);
}

void
perms_cache_foreach_device (const PermsCache *cache,
                            guint32 uid,
                            PermsDeviceFunc func,
                            gpointer user_data)
{
  const CachedUser *user = perms_cache_find_user (cache, uid);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  for (guint i = 0; user != NULL && i < user->devices->len; i++)
    {
      PermsDevice *device = g_ptr_array_index (user->devices, i);

      if (!device->removed)
        g_ptr_array_add (sorted, device);
    }
  g_ptr_array_sort (sorted, compare_order);
  for (guint i = 0; i < sorted->len; i++)
    if (!func (g_ptr_array_index (sorted, i), user_data))
      return;
}

static gboolean
list_installs (const CachedApp *app, PermsInstallFunc func, gpointer user_data)
{
  for (guint i = 0; i < app->installs->len; i++)
    if (!func (g_ptr_array_index (app->installs, i), user_data))
      return FALSE;
  return TRUE;
}

static gboolean
list_grants (const CachedApp *app, PermsGrantFunc func, gpointer user_data)
{
  for (const CachedGrant *grant = app->grants; grant != NULL; grant = grant->next)
    if (!func (&grant->row, user_data))
      return FALSE;
  return TRUE;
}

/* The apps of @uid, or only the one called @app. */
static gboolean
is_wanted (const CachedApp *app, const char *wanted)
{
  return wanted == NULL || strcmp (app->key, wanted) == 0;
}

void
perms_cache_foreach_install (const PermsCache *cache,
                             guint32 uid,
                             const char *app,
                             PermsInstallFunc func,
                             gpointer user_data)
{
  const CachedUser *user = perms_cache_find_user (cache, uid);

  for (guint i = 0; user != NULL && i < user->apps->len; i++)
    {
      const CachedApp *each = g_ptr_array_index (user->apps, i);

      if (is_wanted (each, app) && !list_installs (each, func, user_data))
        return;
    }
}

void
perms_cache_foreach_grant (const PermsCache *cache,
                           guint32 uid,
                           const char *app,
                           PermsGrantFunc func,
                           gpointer user_data)
{
  const CachedUser *user = perms_cache_find_user (cache, uid);

  for (guint i = 0; user != NULL && i < user->apps->len; i++)
    {
      const CachedApp *each = g_ptr_array_index (user->apps, i);

      if (is_wanted (each, app) && !list_grants (each, func, user_data))
        return;
    }
}

guint
perms_cache_count_grants (const PermsCache *cache, const char *app)
{
  const CachedApp *found = perms_cache_find_app (cache, app);

  return found != NULL ? found->n_grants : 0;
}

gint64
perms_cache_next_expiry (const PermsCache *cache)
{
  gint64 next_s = G_MAXINT64;
  GHashTableIter iter;
  gpointer grant;

  g_hash_table_iter_init (&iter, cache->timed);
  while (g_hash_table_iter_next (&iter, &grant, NULL))
    next_s = MIN (next_s, ((const CachedGrant *) grant)->row.until_s);
  return next_s;
}

/* ---- decisions ---- */

static gboolean
is_granted_elsewhere (const CachedApp *app, const PermsRequest *request, gint64 now_s)
{
  for (const CachedGrant *grant = app->grants; grant != NULL; grant = grant->next)
    if (grant->row.accessory == request->accessory &&
        strcmp (grant->row.device, request->device) != 0 &&
        perms_grant_is_in_force (&grant->row, now_s))
      return TRUE;
  return FALSE;
}

PermsVerdict
perms_cache_decide (const PermsCache *cache,
                    const PermsRequest *request,
                    gint64 now_s,
                    PermsCause *ret_cause)
{
  const CachedApp *app = perms_cache_find_app (cache, request->app);
  gboolean is_attribute = request->kind == PERMS_REQUEST_ATTRIBUTE;
  PermsFacts facts = { 0 };

  if (app != NULL)
    {
      const CachedGrant *grant =
        perms_cache_find_grant (cache, app, request->device, request->accessory);

      facts.install = perms_cache_find_install (app, request->device);
      facts.grant = grant != NULL ? &grant->row : NULL;
      /* It only chooses the cause of a refusal. */
      if (grant == NULL)
        facts.granted_elsewhere = is_granted_elsewhere (app, request, now_s);
    }
  if (cache->managed != NULL)
    facts.managed =
      perms_managed_set_view (cache->managed, request->app, request->fingerprint,
                              request->device, is_attribute ? &request->service : NULL);
  return perms_policy_decide (request, &facts, now_s, ret_cause);
}

typedef struct
{
  const PermsCache *cache;
  const CachedApp *app; /* NULL: nothing is known of it */
  const CachedUser *user;
  const char *key;
  gint64 now_s;
  PermsFamily *family;
} FamilyBuilder;

static void
add_accessories (const FamilyBuilder *builder, PermsMember *member)
{
  const CachedGrant *grant = builder->app != NULL ? builder->app->grants : NULL;

  for (; grant != NULL; grant = grant->next)
    {
      char text[PERMS_ACCESSORY_TEXT_SIZE];

      if (strcmp (grant->row.device, member->name) != 0 ||
          !perms_grant_is_in_force (&grant->row, builder->now_s))
        continue;
      perms_accessory_format (grant->row.accessory, text);
      perms_member_add_accessory (member, text);
    }
}

static void
add_member (const FamilyBuilder *builder, const char *name, const PermsDevice *device)
{
  PermsMember *member = perms_family_add (builder->family, name);
  const PermsInstall *install =
    builder->app != NULL ? perms_cache_find_install (builder->app, name) : NULL;

  if (device != NULL && !device->is_host)
    {
      member->sync = device->sync;
      member->consent = device->consent;
    }
  if (builder->user != NULL)
    member->adapter_off = g_hash_table_contains (builder->user->off, name);
  if (install != NULL)
    {
      g_free (member->fingerprint);
      member->fingerprint = g_strdup (install->fingerprint);
      member->asks = install->asks;
      member->installed = install->installed;
      member->bluetooth = install->installed ? install->bluetooth : PERMS_BLUETOOTH_NONE;
      member->reason = install->installed ? install->decision.reason : PERMS_REASON_NONE;
      member->managed = install->managed;
      member->waiting = install->waiting;
      member->snapshot = install->snapshot;
      member->conflict = install->conflict;
    }
  member->managed_picker = perms_managed_set_view (builder->cache->managed, builder->key,
                                                   member->fingerprint, name, NULL)
                             .picker;
  add_accessories (builder, member);
}

static gboolean
find_host (const PermsDevice *device, gpointer user_data)
{
  const PermsDevice **host = user_data;

  if (device->order != 0 && device->is_host)
    *host = device;
  return *host == NULL;
}

static gboolean
add_companion (const PermsDevice *device, gpointer user_data)
{
  const FamilyBuilder *builder = user_data;

  if (device->order != 0 && !device->is_host)
    add_member (builder, device->name, device);
  return TRUE;
}

static void
note_mirrored_host (PermsFamily *family)
{
  for (guint i = 1; i < family->members->len; i++)
    if (perms_family_get (family, i)->sync == PERMS_SYNC_MIRRORED)
      perms_family_get (family, 0)->sync = PERMS_SYNC_MIRRORED;
}

PermsFamily *
perms_cache_build_family (const PermsCache *cache, const char *app, gint64 now_s)
{
  guint32 uid = perms_app_key_uid (app);
  const PermsDevice *host = NULL;
  FamilyBuilder builder = {
    .cache = cache,
    .app = perms_cache_find_app (cache, app),
    .user = perms_cache_find_user (cache, uid),
    .key = app,
    .now_s = now_s,
    .family = perms_family_new (),
  };

  perms_cache_foreach_device (cache, uid, find_host, &host);
  if (host != NULL)
    {
      /* This machine is the other's companion: the link and its policy are on that row. */
      add_member (&builder, host->name, host);
      add_member (&builder, PERMS_DEVICE_LOCAL, NULL);
      perms_family_get (builder.family, 1)->sync = host->sync;
      perms_family_get (builder.family, 1)->consent = host->consent;
    }
  else
    {
      add_member (&builder, PERMS_DEVICE_LOCAL, NULL);
      perms_cache_foreach_device (cache, uid, add_companion, &builder);
    }
  note_mirrored_host (builder.family);
  return builder.family;
}

PermsFamily *
perms_cache_build_family_with (const PermsCache *cache,
                               const char *app,
                               const char *device,
                               gint64 now_s,
                               guint *ret_index)
{
  g_autoptr (PermsFamily) family = perms_cache_build_family (cache, app, now_s);
  FamilyBuilder builder = {
    .cache = cache,
    .app = perms_cache_find_app (cache, app),
    .user = perms_cache_find_user (cache, perms_app_key_uid (app)),
    .key = app,
    .now_s = now_s,
  };

  if (perms_family_find (family, device, ret_index) != NULL)
    return g_steal_pointer (&family);
  builder.family = perms_family_new ();
  add_member (&builder, device, NULL);
  *ret_index = 0;
  return builder.family;
}

PermsDerived
perms_cache_derive (const PermsCache *cache,
                    const char *app,
                    const char *device,
                    gint64 now_s)
{
  guint index = 0;
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_with (cache, app, device, now_s, &index);
  PermsDerived derived = perms_family_derive (family, index);

  derived.accessories = NULL;
  return derived;
}

gsize
perms_cache_measure (const PermsCache *cache)
{
  /* A set of GHashTable keeps a pointer and a hash for each of its slots, at least one
   * slot in two filled. */
  gsize slots =
    2 * (gsize) g_hash_table_size (cache->grants) * (sizeof (gpointer) + sizeof (guint));
  gsize bytes = slots + (gsize) g_hash_table_size (cache->grants) * sizeof (CachedGrant);
  GHashTableIter iter;
  gpointer string;

  g_hash_table_iter_init (&iter, cache->strings);
  while (g_hash_table_iter_next (&iter, &string, NULL))
    bytes += g_ref_string_length (string) + 1 + 2 * sizeof (gsize);
  return bytes;
}
