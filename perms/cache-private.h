/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The inside of the cache, for perms/cache*.c and nobody else. */

#pragma once

#include <glib.h>

#include "perms/cache.h"

/* Grants live in chunks that never move, known by their number; a table of numbers finds
 * them by key. A GHashTable of structs would need half as much room again. By id they are
 * looked for among the app's own, of which there are few (PERMS_APP_GRANTS_MAX). */
#define CHUNK_GRANTS 1024
#define NO_GRANT     0 /* numbers begin with 1 */

typedef struct
{
  PermsGrant grants[CHUNK_GRANTS];
  guint32 next[CHUNK_GRANTS]; /* of the same app, or in the list of free places */
} CacheChunk;

typedef struct
{
  guint32 *slots;  /* numbers, NO_GRANT or gone */
  guint32 n_slots; /* a power of two, or 0 */
  guint32 n_used;  /* those gone included */
} CacheIndex;

typedef struct
{
  guint32 uid;
  GPtrArray *names;         /* GRefString: device names, shared by all rows */
  GPtrArray *devices;       /* PermsDevice */
  GPtrArray *apps;          /* CacheApp, borrowed */
  GHashTable *adapters_off; /* device names */
} CacheUser;

typedef struct
{
  GRefString *key;
  CacheUser *user;
  GPtrArray *installs; /* PermsInstall */
  guint32 first;       /* grant */
  guint n_grants;
} CacheApp;

struct _PermsCache
{
  GHashTable *users;  /* uid to CacheUser */
  GHashTable *apps;   /* key to CacheApp */
  GHashTable *scopes; /* set of PermsScope */
  GPtrArray *chunks;  /* CacheChunk */
  guint32 n_numbers;
  guint32 free;
  guint32 n_live;
  CacheIndex by_key;
  GArray *timed; /* guint32: grants that had an end when they were put */
  PermsManagedSet *managed;
};

PermsGrant *perms_cache_get_grant (const PermsCache *cache, guint32 number);
/* The number after it in its list. */
guint32 *perms_cache_get_next (const PermsCache *cache, guint32 number);

CacheUser *perms_cache_find_user (const PermsCache *cache, guint32 uid);
CacheUser *perms_cache_ensure_user (PermsCache *cache, guint32 uid);
CacheApp *perms_cache_find_app (const PermsCache *cache, const char *app);
CacheApp *perms_cache_ensure_app (PermsCache *cache, const char *app);

/* The shared string for a device's name; NULL if no row has it. */
GRefString *perms_cache_find_name (const CacheUser *user, const char *device);
GRefString *perms_cache_ensure_name (CacheUser *user, const char *device);

/* Keys are compared by the shared strings' addresses. */
const PermsGrant *perms_cache_find_grant (const PermsCache *cache,
                                          const CacheApp *app,
                                          const GRefString *device,
                                          PermsAccessory accessory);

/* The install of @app on @device; NULL for none. */
const PermsInstall *perms_cache_find_install (const CacheApp *app, const char *device);

void perms_cache_put_grant (PermsCache *cache, const PermsGrant *grant);
/* All grants of @app on @device, or everywhere (NULL). */
void perms_cache_drop_grants (PermsCache *cache, CacheApp *app, const GRefString *device);
