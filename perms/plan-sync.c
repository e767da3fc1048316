/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/plan-private.h"

PermsSynced *
perms_synced_new (void)
{
  PermsSynced *synced = g_new (PermsSynced, 1);

  synced->copied = g_ptr_array_new_with_free_func (g_free);
  synced->mismatched = g_ptr_array_new_with_free_func (g_free);
  return synced;
}

void
perms_synced_free (PermsSynced *synced)
{
  if (synced == NULL)
    return;
  g_ptr_array_unref (synced->copied);
  g_ptr_array_unref (synced->mismatched);
  g_free (synced);
}

/* ---- room ---- */

typedef struct
{
  const char *device;
  guint n;
} Count;

static gboolean
count_on_device (const PermsInstall *install, gpointer user_data)
{
  Count *count = user_data;

  count->n += g_str_equal (install->device, count->device) ? 1 : 0;
  return TRUE;
}

gboolean
perms_plan_has_room (const PermsCache *cache, const char *app, const char *device)
{
  Count count = { device, 0 };

  if (perms_cache_lookup_install (cache, app, device) != NULL)
    return TRUE;
  perms_cache_foreach_install (cache, perms_app_key_uid (app), NULL, count_on_device,
                               &count);
  return count.n < PERMS_DEVICE_APPS_MAX;
}

/* ---- sync ---- */

static gboolean
collect_app (const PermsInstall *install, gpointer user_data)
{
  (void) g_hash_table_add (user_data, install->app);
  return TRUE;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* Returns: keys of apps, sorted, which belong to the cache. */
static GPtrArray *
list_apps (const PermsCache *cache, guint32 uid)
{
  g_autoptr (GHashTable) apps = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer app;

  perms_cache_foreach_install (cache, uid, NULL, collect_app, apps);
  g_hash_table_iter_init (&iter, apps);
  while (g_hash_table_iter_next (&iter, &app, NULL))
    g_ptr_array_add (list, app);
  g_ptr_array_sort (list, compare_texts);
  return list;
}

PermsOutcome
perms_plan_sync (const PermsCache *cache,
                 guint32 uid,
                 const char *device,
                 const PermsBy *by,
                 PermsChanges *changes,
                 PermsSynced *synced)
{
  const PermsDevice *link = perms_cache_lookup_device (cache, uid, device);
  g_autoptr (GPtrArray) apps = NULL;

  if (link == NULL || link->removed || link->order == 0)
    return OUTCOME_REFUSED (PERMS_CAUSE_NOT_LINKED);
  if (link->sync != PERMS_SYNC_COPY_ONCE)
    return OUTCOME_NO_EFFECT;
  if (link->consent != PERMS_CONSENT_ALLOW)
    return OUTCOME_REFUSED (PERMS_CAUSE_NO_CONSENT);

  apps = list_apps (cache, uid);
  for (guint i = 0; i < apps->len; i++)
    {
      const char *app = g_ptr_array_index (apps, i);
      guint n_before = perms_changes_get_length (changes);
      PermsOutcome outcome =
        perms_plan_event (cache, app, link->is_host ? PERMS_DEVICE_LOCAL : device,
                          PERMS_EVENT_SYNC, PERMS_EVENT_VALUE_NONE, by, changes);

      if (outcome.note == PERMS_NOTE_IDENTITY_MISMATCH)
        g_ptr_array_add (synced->mismatched, g_strdup (app));
      else if (perms_changes_get_length (changes) > n_before)
        g_ptr_array_add (synced->copied, g_strdup (app));
    }
  return OUTCOME_OK;
}
