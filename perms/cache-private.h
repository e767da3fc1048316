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
  const char *key; /* a GRefString, but for a look-up */
  guint32 hash;    /* of the key */
  CacheUser *user;
  GPtrArray *installs;       /* PermsInstall */
  const PermsInstall *local; /* the one on this machine, which nearly all ask for */
  guint32 first;             /* grant */
  guint n_grants;
} CacheApp;

struct _PermsCache
{
  GHashTable *users;  /* uid to CacheUser */
  GHashTable *apps;   /* set of CacheApp */
  GRefString *local;  /* the name of this machine, shared by all rows */
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
/* The same with the hash at hand. */
CacheApp *
perms_cache_find_hashed (const PermsCache *cache, const char *app, guint32 app_hash);
CacheApp *perms_cache_ensure_app (PermsCache *cache, const char *app);

/* The shared string for a device's name; NULL if no row of the user has it (this machine's
 * name is always there). */
GRefString *perms_cache_find_name (const PermsCache *cache,
                                   const CacheUser *user,
                                   const char *device);
GRefString *
perms_cache_ensure_name (PermsCache *cache, CacheUser *user, const char *device);

/* Keys are hashed by their words and compared by the shared strings' addresses. */
guint32 perms_cache_hash (guint32 app_hash, const char *device, PermsAccessory accessory);
const PermsGrant *perms_cache_find_grant (const PermsCache *cache,
                                          const CacheApp *app,
                                          const GRefString *device,
                                          PermsAccessory accessory);
/* In two steps, with something else to do while the memory answers: first the place in
 * the table is asked for, then the grant that seems to be there, then it is found. */
void perms_cache_expect_slot (const PermsCache *cache, guint32 hash);
void perms_cache_expect_grant (const PermsCache *cache, guint32 hash);
const PermsGrant *perms_cache_find_expected (const PermsCache *cache,
                                             guint32 hash,
                                             const CacheApp *app,
                                             const GRefString *device,
                                             PermsAccessory accessory);

/* Whether @device is a companion that @app's user has removed: what comes of it now comes too
 * late, and is not kept. */
gboolean
perms_cache_is_removed (const PermsCache *cache, const char *app, const char *device);

/* The install of @app on @device; NULL for none. */
const PermsInstall *perms_cache_find_install (const CacheApp *app, const char *device);

void perms_cache_put_grant (PermsCache *cache, const PermsGrant *grant);
/* Makes room for so many more. */
void perms_cache_reserve (PermsCache *cache, guint n_grants);
/* All grants of @app on @device, or everywhere (NULL). */
void perms_cache_drop_grants (PermsCache *cache, CacheApp *app, const GRefString *device);
