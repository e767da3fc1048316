/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "perms/cache-private.h"

#define SLOT_GONE      G_MAXUINT32
#define NUMBER_MASK    0xffffffU /* more than PERMS_STORE_ROWS_MAX; all ones: gone */
#define SLOTS_MIN      1024
#define FILL_NUMERATOR 3 /* at most 3/4 full */
#define FILL_DIVISOR   4

static CacheChunk *
get_chunk (const PermsCache *cache, guint32 number)
{
  return g_ptr_array_index (cache->chunks, (number - 1) / CHUNK_GRANTS);
}

PermsGrant *
perms_cache_get_grant (const PermsCache *cache, guint32 number)
{
  return &get_chunk (cache, number)->grants[(number - 1) % CHUNK_GRANTS];
}

guint32 *
perms_cache_get_next (const PermsCache *cache, guint32 number)
{
  return &get_chunk (cache, number)->next[(number - 1) % CHUNK_GRANTS];
}

/* ---- hashes ---- */

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): spreads every bit. */
static guint64
mix (guint64 value)
{
  value = (value ^ value >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return value ^ value >> 31;
}

guint32
perms_cache_hash (guint32 app_hash, const char *device, PermsAccessory accessory)
{
  return (guint32) mix (mix (app_hash + accessory) + g_str_hash (device));
}

static guint32
hash_grant (const PermsGrant *grant)
{
  return perms_cache_hash (g_str_hash (grant->app), grant->device, grant->accessory);
}

/* ---- the table ---- */

/* A slot holds the number and eight bits of the hash: a grant that only shares the place
 * is passed by without a look at it. */
static guint32
make_slot (guint32 hash, guint32 number)
{
  return (hash & ~NUMBER_MASK) | number;
}

static void
place_number (CacheIndex *index, guint32 hash, guint32 number)
{
  guint32 slot = hash & (index->n_slots - 1);

  while (index->slots[slot] != NO_GRANT && index->slots[slot] != SLOT_GONE)
    slot = (slot + 1) & (index->n_slots - 1);
  if (index->slots[slot] == NO_GRANT)
    index->n_used++;
  index->slots[slot] = make_slot (hash, number);
}

static gboolean
has_room (const CacheIndex *index, guint64 n)
{
  return n * FILL_DIVISOR <= (guint64) index->n_slots * FILL_NUMERATOR;
}

static void
grow_index (PermsCache *cache, guint n_more)
{
  CacheIndex old = cache->by_key;
  CacheIndex *index = &cache->by_key;

  *index = (CacheIndex){ .n_slots = SLOTS_MIN };
  while (!has_room (index, (guint64) cache->n_live + n_more + 1))
    index->n_slots *= 2;
  index->slots = g_new0 (guint32, index->n_slots);
  for (guint32 i = 0; i < old.n_slots; i++)
    {
      guint32 number = old.slots[i] & NUMBER_MASK;
      if (old.slots[i] != NO_GRANT && old.slots[i] != SLOT_GONE)
        place_number (index, hash_grant (perms_cache_get_grant (cache, number)), number);
    }
  g_free (old.slots);
}

static void
add_to_index (PermsCache *cache, guint32 number)
{
  CacheIndex *index = &cache->by_key;

  if (!has_room (index, (guint64) index->n_used + 1))
    grow_index (cache, 1);
  place_number (index, hash_grant (perms_cache_get_grant (cache, number)), number);
}

void
perms_cache_reserve (PermsCache *cache, guint n_grants)
{
  if (!has_room (&cache->by_key, (guint64) cache->by_key.n_used + n_grants))
    grow_index (cache, n_grants);
}

static void
remove_from_index (PermsCache *cache, guint32 number)
{
  CacheIndex *index = &cache->by_key;
  guint32 hash = hash_grant (perms_cache_get_grant (cache, number));
  guint32 slot = hash & (index->n_slots - 1);

  while (index->slots[slot] != make_slot (hash, number))
    slot = (slot + 1) & (index->n_slots - 1);
  index->slots[slot] = SLOT_GONE;
}

static guint32
find_by_key (const PermsCache *cache,
             guint32 hash,
             const char *app,
             const char *device,
             PermsAccessory accessory)
{
  const CacheIndex *index = &cache->by_key;
  guint32 mask = index->n_slots - 1;

  if (index->n_slots == 0)
    return NO_GRANT;
  for (guint32 slot = hash & mask; index->slots[slot] != NO_GRANT;
       slot = (slot + 1) & mask)
    {
      guint32 number = index->slots[slot] & NUMBER_MASK;
      if (index->slots[slot] != make_slot (hash, number) || number == NUMBER_MASK)
        continue;
      const PermsGrant *grant = perms_cache_get_grant (cache, number);
      if (grant->accessory == accessory && grant->app == app && grant->device == device)
        return number;
    }
  return NO_GRANT;
}

const PermsGrant *
perms_cache_find_grant (const PermsCache *cache,
                        const CacheApp *app,
                        const GRefString *device,
                        PermsAccessory accessory)
{
  return perms_cache_find_expected (cache,
                                    perms_cache_hash (app->hash, device, accessory), app,
                                    device, accessory);
}

void
perms_cache_expect_slot (const PermsCache *cache, guint32 hash)
{
  if (cache->by_key.n_slots > 0)
    __builtin_prefetch (&cache->by_key.slots[hash & (cache->by_key.n_slots - 1)]);
}

/* A guess at the first slot, which is nearly always right: nothing depends on it. */
void
perms_cache_expect_grant (const PermsCache *cache, guint32 hash)
{
  guint32 slot = hash & (cache->by_key.n_slots - 1);
  guint32 number =
    cache->by_key.n_slots > 0 ? cache->by_key.slots[slot] & NUMBER_MASK : NO_GRANT;

  if (number != NO_GRANT && number <= cache->n_numbers)
    __builtin_prefetch (perms_cache_get_grant (cache, number));
}

const PermsGrant *
perms_cache_find_expected (const PermsCache *cache,
                           guint32 hash,
                           const CacheApp *app,
                           const GRefString *device,
                           PermsAccessory accessory)
{
  guint32 number = find_by_key (cache, hash, app->key, device, accessory);

  return number != NO_GRANT ? perms_cache_get_grant (cache, number) : NULL;
}

const PermsGrant *
perms_cache_lookup_id (const PermsCache *cache,
                       const char *app,
                       const char *device,
                       const PermsId *id)
{
  const CacheApp *holder = perms_cache_find_app (cache, app);

  if (holder == NULL || perms_id_is_null (id))
    return NULL;
  for (guint32 number = holder->first; number != NO_GRANT;
       number = *perms_cache_get_next (cache, number))
    {
      const PermsGrant *grant = perms_cache_get_grant (cache, number);
      if (perms_id_equal (&grant->id, id) && g_str_equal (grant->device, device))
        return grant;
    }
  return NULL;
}

/* ---- putting and dropping ---- */

static PermsScope *
share_scope (PermsCache *cache, PermsScope *scope)
{
  PermsScope *shared = g_hash_table_lookup (cache->scopes, scope);

  if (shared == NULL)
    {
      shared = perms_scope_ref (scope);
      g_hash_table_add (cache->scopes, shared);
    }
  return perms_scope_ref (shared);
}

static void
fill_place (PermsCache *cache, CacheApp *app, PermsGrant *place, const PermsGrant *grant)
{
  PermsGrant old = *place;

  *place = *grant;
  place->app = g_ref_string_acquire ((GRefString *) app->key);
  place->device =
    g_ref_string_acquire (perms_cache_ensure_name (cache, app->user, grant->device));
  place->decision.device = g_ref_string_acquire (
    perms_cache_ensure_name (cache, app->user, grant->decision.device));
  place->name = g_ref_string_acquire (grant->name);
  place->scope = share_scope (cache, grant->scope);
  perms_grant_clear (&old);
}

static guint32
take_number (PermsCache *cache)
{
  guint32 number = cache->free;

  if (number != NO_GRANT)
    {
      cache->free = *perms_cache_get_next (cache, number);
      return number;
    }
  if (cache->n_numbers % CHUNK_GRANTS == 0)
    g_ptr_array_add (cache->chunks, g_new0 (CacheChunk, 1));
  return ++cache->n_numbers;
}

static gboolean
has_end (const PermsGrant *grant)
{
  return perms_grant_state_is_live (grant->state) &&
         grant->lifetime == PERMS_LIFETIME_UNTIL;
}

void
perms_cache_put_grant (PermsCache *cache, const PermsGrant *grant)
{
  if (perms_cache_is_removed (cache, grant->app, grant->device))
    return;

  CacheApp *app = perms_cache_ensure_app (cache, grant->app);
  GRefString *device = perms_cache_ensure_name (cache, app->user, grant->device);
  guint32 number =
    find_by_key (cache, perms_cache_hash (app->hash, device, grant->accessory), app->key,
                 device, grant->accessory);
  gboolean is_new = number == NO_GRANT;
  gboolean was_timed = FALSE;

  if (is_new)
    number = take_number (cache);
  PermsGrant *place = perms_cache_get_grant (cache, number);
  if (!is_new && place->decision.revision >= grant->decision.revision)
    return;
  was_timed = !is_new && has_end (place);
  fill_place (cache, app, place, grant);
  if (is_new)
    {
      *perms_cache_get_next (cache, number) = app->first;
      app->first = number;
      app->n_grants++;
      add_to_index (cache, number);
      cache->n_live++;
    }
  if (has_end (place) && !was_timed)
    g_array_append_val (cache->timed, number);
}

void
perms_cache_drop_grants (PermsCache *cache, CacheApp *app, const GRefString *device)
{
  guint32 *link = &app->first;

  while (*link != NO_GRANT)
    {
      guint32 number = *link;
      PermsGrant *grant = perms_cache_get_grant (cache, number);
      guint32 *next = perms_cache_get_next (cache, number);
      if (device != NULL && grant->device != device)
        {
          link = next;
          continue;
        }
      *link = *next;
      remove_from_index (cache, number);
      perms_grant_clear (grant);
      *grant = (PermsGrant){ .app = NULL };
      *next = cache->free;
      cache->free = number;
      cache->n_live--;
      app->n_grants--;
    }
}

gint64
perms_cache_next_expiry (const PermsCache *cache)
{
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < cache->timed->len; i++)
    {
      guint32 number = g_array_index (cache->timed, guint32, i);
      const PermsGrant *grant = perms_cache_get_grant (cache, number);
      if (has_end (grant))
        next = MIN (next, grant->until_s);
      else /* nothing of meaning changes: the list only loses what is over */
        g_array_remove_index_fast (cache->timed, i--);
    }
  return next;
}

gsize
perms_cache_measure (const PermsCache *cache)
{
  /* a GRefString is a counter, a size and an offset before its text, rounded up to 16
   * bytes, and the allocator's own head */
  const gsize string_head = 32;
  const gsize round = 16;
  gsize bytes = cache->chunks->len * sizeof (CacheChunk);

  bytes +=
    cache->by_key.n_slots * sizeof (guint32) + cache->timed->len * sizeof (guint32);
  for (guint32 i = 1; i <= cache->n_numbers; i++)
    {
      const PermsGrant *grant = perms_cache_get_grant (cache, i);
      if (grant->name != NULL)
        bytes +=
          (string_head + strlen (grant->name) + 1 + round - 1) / round * round + round;
    }
  return bytes;
}
