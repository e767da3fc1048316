/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/cache-private.h"

/* ---- decisions ---- */

static gboolean
is_granted_on (const PermsCache *cache,
               const CacheApp *app,
               const GRefString *device,
               PermsAccessory accessory,
               gint64 now_s)
{
  const PermsGrant *grant = perms_cache_find_grant (cache, app, device, accessory);

  return grant != NULL && perms_grant_is_in_force (grant, now_s);
}

static gboolean
is_granted_elsewhere (const PermsCache *cache,
                      const CacheApp *app,
                      const PermsRequest *request,
                      gint64 now_s)
{
  if (!g_str_equal (request->device, PERMS_DEVICE_LOCAL) &&
      is_granted_on (cache, app, cache->local, request->accessory, now_s))
    return TRUE;
  for (guint i = 0; i < app->user->names->len; i++)
    {
      const GRefString *name = g_ptr_array_index (app->user->names, i);
      if (!g_str_equal (name, request->device) &&
          is_granted_on (cache, app, name, request->accessory, now_s))
        return TRUE;
    }
  return FALSE;
}

PermsVerdict
perms_cache_decide (const PermsCache *cache,
                    const PermsRequest *request,
                    gint64 now_s,
                    PermsCause *ret_cause)
{
  guint32 app_hash = g_str_hash (request->app);
  guint32 hash = perms_cache_hash (app_hash, request->device, request->accessory);
  PermsFacts facts = { .install = NULL };

  /* with a million grants the memory is what takes the time: the grant is on its way
   * while the app is looked up */
  perms_cache_expect_slot (cache, hash);
  const CacheApp *app = perms_cache_find_hashed (cache, request->app, app_hash);
  perms_cache_expect_grant (cache, hash);
  const GRefString *device =
    app != NULL ? perms_cache_find_name (cache, app->user, request->device) : NULL;

  if (device != NULL)
    {
      facts.install = perms_cache_find_install (app, request->device);
      facts.grant =
        perms_cache_find_expected (cache, hash, app, device, request->accessory);
    }
  if (app != NULL &&
      (facts.grant == NULL || !perms_grant_state_is_live (facts.grant->state)))
    facts.granted_elsewhere = is_granted_elsewhere (cache, app, request, now_s);
  if (cache->managed != NULL)
    facts.managed = perms_managed_set_view (
      cache->managed, request->app, request->fingerprint, request->device,
      request->kind == PERMS_REQUEST_ATTRIBUTE ? &request->service : NULL);
  return perms_policy_decide (request, &facts, now_s, ret_cause);
}

/* ---- families ---- */

static void
add_accessories (const PermsCache *cache,
                 const CacheApp *app,
                 PermsMember *member,
                 gint64 now_s)
{
  char text[PERMS_ACCESSORY_TEXT_SIZE];

  for (guint32 number = app->first; number != NO_GRANT;
       number = *perms_cache_get_next (cache, number))
    {
      const PermsGrant *grant = perms_cache_get_grant (cache, number);
      if (!g_str_equal (grant->device, member->name) ||
          !perms_grant_is_in_force (grant, now_s))
        continue;
      perms_accessory_format (grant->accessory, text);
      perms_member_add_accessory (member, text);
    }
}

static void
fill_member (const PermsCache *cache, const char *app, PermsMember *member, gint64 now_s)
{
  const CacheApp *found = perms_cache_find_app (cache, app);
  const CacheUser *user = perms_cache_find_user (cache, perms_app_key_uid (app));
  const PermsInstall *install = perms_cache_lookup_install (cache, app, member->name);

  if (user != NULL)
    member->adapter_off = g_hash_table_contains (user->adapters_off, member->name);
  if (install == NULL)
    return;
  g_free (member->fingerprint);
  member->fingerprint = g_strdup (install->fingerprint);
  member->asks = install->asks;
  member->installed = install->installed;
  member->bluetooth = install->bluetooth;
  member->reason = install->decision.reason;
  member->managed = install->managed;
  member->waiting = install->waiting;
  member->snapshot = install->snapshot;
  member->conflict = install->conflict;

  PermsManagedView view =
    perms_managed_set_view (cache->managed, app, install->fingerprint, member->name,
                            NULL);
  /* A row that is to be restricted follows its policy a little later. */
  member->managed_picker =
    view.bluetooth == PERMS_MANAGED_DENY ? PERMS_MANAGED_DENY : view.picker;
  if (install->installed)
    add_accessories (cache, found, member, now_s);
}

static void
add_member (const PermsCache *cache,
            PermsFamily *family,
            const char *app,
            const char *device,
            gint64 now_s)
{
  fill_member (cache, app, perms_family_add (family, device), now_s);
}

/* The link says how permissions move to the companion's side of it. */
static void
set_link (PermsMember *member, const PermsDevice *link)
{
  member->sync = link->sync;
  member->consent = link->consent;
}

static gboolean
is_unknown (const PermsMember *member)
{
  return !member->installed && member->fingerprint[0] == '\0';
}

/* What a companion's place in the family says. An app that was never seen on one of the
 * two counts as the same on both: whether it is gets known, and is checked, at its
 * install. */
static void
finish_companion (PermsMember *host, PermsMember *companion)
{
  if (companion->sync == PERMS_SYNC_MIRRORED)
    host->sync = PERMS_SYNC_MIRRORED;
  if (is_unknown (companion) || is_unknown (host))
    {
      g_free (companion->fingerprint);
      companion->fingerprint = g_strdup (host->fingerprint);
    }
}

PermsFamily *
perms_cache_build_family (const PermsCache *cache, const char *app, gint64 now_s)
{
  const CacheUser *user = perms_cache_find_user (cache, perms_app_key_uid (app));
  PermsFamily *family = perms_family_new ();
  guint n = user != NULL ? user->devices->len : 0;
  const PermsDevice *host = NULL;

  for (guint i = 0; i < n; i++)
    {
      const PermsDevice *device = g_ptr_array_index (user->devices, i);
      if (device->order > 0 && device->is_host)
        host = device;
    }
  if (host != NULL)
    add_member (cache, family, app, host->name, now_s);
  add_member (cache, family, app, PERMS_DEVICE_LOCAL, now_s);
  if (host != NULL)
    set_link (perms_family_get (family, 1), host);

  for (guint i = 0; i < n && family->members->len < PERMS_FAMILY_DEVICES_MAX; i++)
    {
      const PermsDevice *device = g_ptr_array_index (user->devices, i);
      if (device->order == 0 || device->is_host || device->removed)
        continue;
      add_member (cache, family, app, device->name, now_s);
      set_link (perms_family_get (family, family->members->len - 1), device);
    }
  for (guint i = 1; i < family->members->len; i++)
    finish_companion (perms_family_get (family, 0), perms_family_get (family, i));
  return family;
}

PermsFamily *
perms_cache_build_family_of (const PermsCache *cache,
                             const char *app,
                             const char *device,
                             gint64 now_s,
                             guint *ret_index)
{
  g_autoptr (PermsFamily) family = perms_cache_build_family (cache, app, now_s);

  if (perms_family_find (family, device, ret_index) != NULL)
    return g_steal_pointer (&family);

  PermsFamily *alone = perms_family_new ();
  add_member (cache, alone, app, device, now_s);
  *ret_index = 0;
  return alone;
}

PermsDerived
perms_cache_derive (const PermsCache *cache,
                    const char *app,
                    const char *device,
                    gint64 now_s)
{
  guint index = 0;
  g_autoptr (PermsFamily) family =
    perms_cache_build_family_of (cache, app, device, now_s, &index);
  PermsDerived derived = perms_family_derive (family, index);

  derived.accessories = NULL;
  return derived;
}
