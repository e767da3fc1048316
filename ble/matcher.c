/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/match.h"

/* The descriptors that an advert has to be compared with because it carries their
 * service, or their company. */
typedef struct
{
  BleUuid service; /* the key of `by_service` points here */
  GPtrArray *entries;
} Bucket;

typedef struct
{
  guint token;
  guint64 serial; /* grows: the order of ble_matcher_add() */
  const BleDescriptor *descriptor;
} Entry;

struct BleMatcher
{
  /* Every entry is in exactly one bucket: that of its service, else of its company,
   * else `others`. So no advert meets it twice. */
  GHashTable *by_service; /* BleUuid of the bucket → Bucket, owned */
  GHashTable *by_company; /* company in a pointer → Bucket, owned */
  Bucket *others;
  guint64 last_serial;
  GPtrArray *matched; /* Entry, borrowed: kept between runs for its memory */
};

static Bucket *
new_bucket (void)
{
  Bucket *bucket = g_new0 (Bucket, 1);

  bucket->entries = g_ptr_array_new_with_free_func (g_free);
  return bucket;
}

static void
free_bucket (gpointer data)
{
  Bucket *bucket = data;

  g_ptr_array_unref (bucket->entries);
  g_free (bucket);
}

static guint
hash_service (gconstpointer service)
{
  return ble_uuid_hash (service);
}

static gboolean
equal_services (gconstpointer a, gconstpointer b)
{
  return ble_uuid_equal (a, b);
}

BleMatcher *
ble_matcher_new (void)
{
  BleMatcher *matcher = g_new0 (BleMatcher, 1);

  matcher->by_service =
    g_hash_table_new_full (hash_service, equal_services, NULL, free_bucket);
  matcher->by_company = g_hash_table_new_full (NULL, NULL, NULL, free_bucket);
  matcher->others = new_bucket ();
  matcher->matched = g_ptr_array_new ();
  return matcher;
}

void
ble_matcher_free (BleMatcher *matcher)
{
  if (matcher == NULL)
    return;
  g_hash_table_unref (matcher->by_service);
  g_hash_table_unref (matcher->by_company);
  free_bucket (matcher->others);
  g_ptr_array_unref (matcher->matched);
  g_free (matcher);
}

/* The bucket that @descriptor belongs to, made if need be. */
static Bucket *
get_bucket (BleMatcher *matcher, const BleDescriptor *descriptor)
{
  gpointer company = GUINT_TO_POINTER (descriptor->company);
  Bucket *bucket;

  if (descriptor->has_service)
    {
      bucket = g_hash_table_lookup (matcher->by_service, &descriptor->service);
      if (bucket != NULL)
        return bucket;
      bucket = new_bucket ();
      bucket->service = descriptor->service;
      g_hash_table_insert (matcher->by_service, &bucket->service, bucket);
      return bucket;
    }
  if (!descriptor->has_company)
    return matcher->others;
  bucket = g_hash_table_lookup (matcher->by_company, company);
  if (bucket != NULL)
    return bucket;
  bucket = new_bucket ();
  g_hash_table_insert (matcher->by_company, company, bucket);
  return bucket;
}

void
ble_matcher_add (BleMatcher *matcher, guint token, const BleDescriptor *descriptor)
{
  Entry *entry;

  g_return_if_fail (matcher != NULL);
  g_return_if_fail (descriptor != NULL);

  entry = g_new0 (Entry, 1);
  entry->token = token;
  entry->serial = ++matcher->last_serial;
  entry->descriptor = descriptor;
  g_ptr_array_add (get_bucket (matcher, descriptor)->entries, entry);
}

/* Returns whether the bucket is empty afterwards: a GHRFunc. */
static gboolean
remove_token (gpointer key, gpointer value, gpointer user_data)
{
  GPtrArray *entries = ((Bucket *) value)->entries;
  guint token = GPOINTER_TO_UINT (user_data);

  for (guint i = entries->len; i-- > 0;)
    if (((Entry *) entries->pdata[i])->token == token)
      g_ptr_array_remove_index (entries, i);
  return entries->len == 0;
}

void
ble_matcher_remove (BleMatcher *matcher, guint token)
{
  gpointer data = GUINT_TO_POINTER (token);

  g_return_if_fail (matcher != NULL);

  g_hash_table_foreach_remove (matcher->by_service, remove_token, data);
  g_hash_table_foreach_remove (matcher->by_company, remove_token, data);
  remove_token (NULL, matcher->others, data);
}

/* Compares @advert with all of @bucket, which may be NULL. Returns how many that were. */
static guint
run_bucket (BleMatcher *matcher, const Bucket *bucket, const BleAdvert *advert)
{
  if (bucket == NULL)
    return 0;
  for (guint i = 0; i < bucket->entries->len; i++)
    {
      Entry *entry = bucket->entries->pdata[i];

      if (ble_match (entry->descriptor, advert))
        g_ptr_array_add (matcher->matched, entry);
    }
  return bucket->entries->len;
}

static guint
run_services (BleMatcher *matcher, const BleAdvert *advert)
{
  guint examined = 0;

  if (g_hash_table_size (matcher->by_service) == 0)
    return 0;
  for (guint i = 0; i < advert->n_services; i++)
    examined += run_bucket (
      matcher, g_hash_table_lookup (matcher->by_service, &advert->services[i]), advert);
  for (guint i = 0; i < advert->n_service_data; i++)
    {
      const BleUuid *service = &advert->service_data[i].service;

      /* The lists are sorted: what comes twice comes in a row. */
      if (i > 0 && ble_uuid_equal (service, &advert->service_data[i - 1].service))
        continue;
      if (ble_advert_lists_service (advert, service))
        continue;
      examined +=
        run_bucket (matcher, g_hash_table_lookup (matcher->by_service, service), advert);
    }
  return examined;
}

static guint
run_companies (BleMatcher *matcher, const BleAdvert *advert)
{
  guint examined = 0;

  if (g_hash_table_size (matcher->by_company) == 0)
    return 0;
  for (guint i = 0; i < advert->n_manufacturer; i++)
    {
      guint16 company = advert->manufacturer[i].company;

      if (i > 0 && company == advert->manufacturer[i - 1].company)
        continue;
      examined +=
        run_bucket (matcher,
                    g_hash_table_lookup (matcher->by_company, GUINT_TO_POINTER (company)),
                    advert);
    }
  return examined;
}

static gint
compare_serials (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(const Entry *const *) a;
  const Entry *y = *(const Entry *const *) b;

  return x->serial < y->serial ? -1 : x->serial > y->serial;
}

guint
ble_matcher_run (BleMatcher *matcher,
                 const BleAdvert *advert,
                 BleMatchedFunc matched,
                 gpointer user_data)
{
  guint examined;

  g_return_val_if_fail (matcher != NULL, 0);
  g_return_val_if_fail (advert != NULL, 0);
  g_return_val_if_fail (matched != NULL, 0);

  g_ptr_array_set_size (matcher->matched, 0);
  examined = run_services (matcher, advert);
  examined += run_companies (matcher, advert);
  examined += run_bucket (matcher, matcher->others, advert);
  g_ptr_array_sort (matcher->matched, compare_serials);
  for (guint i = 0; i < matcher->matched->len; i++)
    {
      const Entry *entry = matcher->matched->pdata[i];

      matched (entry->token, entry->descriptor, user_data);
    }
  return examined;
}
