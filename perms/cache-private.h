/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the cache holds its rows. Only cache*.c and plan*.c may look. */

#pragma once

#include "perms/cache.h"

typedef struct _CachedGrant CachedGrant;

struct _CachedGrant
{
  PermsGrant row;    /* its strings and scope are interned */
  CachedGrant *next; /* of the same app */
};

/* One app of one person, on all devices. */
typedef struct
{
  GRefString *key;
  GPtrArray *installs; /* PermsInstall * */
  CachedGrant *grants;
  guint n_grants;
} CachedApp;

typedef struct
{
  guint32 uid;
  GPtrArray *devices; /* PermsDevice * */
  GPtrArray *apps;    /* CachedApp * */
  GHashTable *off;    /* names of devices whose adapter is off */
} CachedUser;

struct _PermsCache
{
  GHashTable *users;   /* uid -> CachedUser */
  GHashTable *apps;    /* app key -> CachedApp */
  GHashTable *grants;  /* set of CachedGrant by app, device and accessory */
  GHashTable *timed;   /* set of CachedGrant in force that have an end */
  GHashTable *strings; /* set of GRefString: equal texts are one pointer */
  GHashTable *scopes;  /* set of PermsScope, likewise */
  PermsManagedSet *managed;
};

CachedUser *perms_cache_find_user (const PermsCache *cache, guint32 uid);
CachedApp *perms_cache_find_app (const PermsCache *cache, const char *app);
CachedGrant *perms_cache_find_grant (const PermsCache *cache,
                                     const CachedApp *app,
                                     const char *device,
                                     PermsAccessory accessory);
const PermsInstall *perms_cache_find_install (const CachedApp *app, const char *device);

/* The family of @app that has @device in it, and where: a device without a link is a
 * family of its own. */
PermsFamily *perms_cache_build_family_with (const PermsCache *cache,
                                            const char *app,
                                            const char *device,
                                            gint64 now_s,
                                            guint *ret_index);
