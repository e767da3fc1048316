/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The permission database against its named peers, in one run: a decision against a
 * GHashTable look-up of the same key, durable grants of 64 writers against one SQLite
 * commit a grant. Prints figures; judges nothing. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "perms/cache.h"
#include "perms/commit-queue.h"

#define USERS       1000
#define APPS_A_USER 10
#define GRANTS      1000000
#define SLICE       50000 /* decisions, then as many look-ups: the machine's moods hit both */
#define SLICES      40 /* of each, a round */
#define ROUNDS      5
#define WRITERS     64
#define WRITES_EACH 16
#define NOW_S       1700000000
/* A disk that syncs faster does not wait for the disk, and grouping saves little there. */
#define FSYNC_MIN_US 100

static char *apps[USERS * APPS_A_USER];
static PermsScope *scope;
static const PermsUuid heart_rate = {
  /* 0000180d-0000-1000-8000-00805f9b34fb */
  { 0x00, 0x00, 0x18, 0x0d, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b,
    0x34, 0xfb }
};

static PermsAccessory
make_accessory (guint64 number)
{
  return (G_GUINT64_CONSTANT (2) << 48) | G_GUINT64_CONSTANT (0xc00000000000) | number;
}

static PermsGrant *
make_grant (const char *app, guint64 number)
{
  PermsGrant *grant = g_new0 (PermsGrant, 1);
  g_autofree char *name = g_strdup_printf ("Strap %" G_GUINT64_FORMAT, number % 1000);

  grant->app = g_ref_string_new (app);
  grant->device = g_ref_string_new (PERMS_DEVICE_LOCAL);
  grant->name = g_ref_string_new (name);
  grant->accessory = make_accessory (number);
  grant->scope = perms_scope_ref (scope);
  for (guint i = 0; i < sizeof grant->id.bytes; i++)
    grant->id.bytes[i] = (guint8) (number >> (8 * (i % 8)) ^ i);
  grant->lifetime = PERMS_LIFETIME_ALWAYS;
  grant->state = PERMS_GRANT_ACTIVE;
  grant->decision = (PermsDecision){ PERMS_REASON_USER_PICKER, NOW_S,
                                     g_ref_string_new (PERMS_DEVICE_LOCAL), 1 };
  return grant;
}

static PermsInstall *
make_install (const char *app)
{
  PermsInstall *install = g_new0 (PermsInstall, 1);

  install->app = g_ref_string_new (app);
  install->device = g_ref_string_new (PERMS_DEVICE_LOCAL);
  install->fingerprint = g_ref_string_new ("");
  install->installed = TRUE;
  install->asks = PERMS_ACCESS_ACCESSORY_SETUP;
  install->bluetooth = PERMS_BLUETOOTH_NOT_DETERMINED;
  install->snapshot = PERMS_BLUETOOTH_NOT_DETERMINED;
  install->decision =
    (PermsDecision){ PERMS_REASON_NONE, NOW_S, g_ref_string_new (PERMS_DEVICE_LOCAL), 1 };
  return install;
}

/* Resident memory of this process in bytes: proc(5), statm, second field in pages of 4 KiB. */
static gsize
measure_memory (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0;
  fields = g_strsplit (text, " ", 3);
  return (gsize) g_ascii_strtoull (fields[1], NULL, 10) * 4096;
}

static const char *
app_of (guint64 number)
{
  return apps[number % G_N_ELEMENTS (apps)];
}

static PermsCache *
fill_cache (void)
{
  PermsCache *cache = perms_cache_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (apps); i++)
    {
      g_autoptr (PermsChanges) changes = perms_changes_new ();

      perms_changes_take (changes, PERMS_CHANGE_INSTALL, "install",
                          make_install (apps[i]));
      perms_cache_put (cache, changes);
    }
  for (guint64 i = 0; i < GRANTS; i++)
    {
      g_autoptr (PermsChanges) changes = perms_changes_new ();

      perms_changes_take (changes, PERMS_CHANGE_GRANT, "grant",
                          make_grant (app_of (i), i));
      perms_cache_put (cache, changes);
    }
  return cache;
}

/* ---- the peer: a table keyed by app and accessory ---- */

typedef struct
{
  const char *app;
  PermsAccessory accessory;
} PeerKey;

static guint
hash_key (gconstpointer data)
{
  const PeerKey *key = data;

  return g_str_hash (key->app) ^ g_int64_hash (&key->accessory);
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  const PeerKey *one = a, *other = b;

  return one->accessory == other->accessory && g_str_equal (one->app, other->app);
}

static GHashTable *
fill_peer (PeerKey *keys)
{
  GHashTable *table = g_hash_table_new (hash_key, equal_keys);

  for (guint64 i = 0; i < GRANTS; i++)
    {
      keys[i] = (PeerKey){ app_of (i), make_accessory (i) };
      g_hash_table_add (table, &keys[i]);
    }
  return table;
}

/* Pseudo-random, so that neither side lives in the processor's cache: Knuth's multiplier. */
static guint64
next_number (guint64 *state)
{
  *state = *state * G_GUINT64_CONSTANT (6364136223846793005) + 1;
  return (*state >> 33) % GRANTS;
}

/* Microseconds. */
static gint64
time_decisions (const PermsCache *cache, guint64 seed)
{
  gint64 start_us = g_get_monotonic_time ();
  guint n_allowed = 0;

  for (guint i = 0; i < SLICE; i++)
    {
      guint64 number = next_number (&seed);
      PermsRequest request = {
        .kind = PERMS_REQUEST_ATTRIBUTE,
        .app = app_of (number),
        .fingerprint = "",
        .device = PERMS_DEVICE_LOCAL,
        .accessory = make_accessory (number),
        .service = heart_rate,
        .operation = PERMS_OPERATION_NOTIFY,
        .blocklist = PERMS_BLOCKLIST_CLEAR,
      };

      n_allowed +=
        perms_cache_decide (cache, &request, NOW_S, NULL) == PERMS_VERDICT_ALLOW;
    }
  if (n_allowed != SLICE)
    g_error ("%u of %d decisions were allowed", n_allowed, SLICE);
  return g_get_monotonic_time () - start_us;
}

static gint64
time_look_ups (GHashTable *table, guint64 seed)
{
  gint64 start_us = g_get_monotonic_time ();
  guint n_found = 0;

  for (guint i = 0; i < SLICE; i++)
    {
      guint64 number = next_number (&seed);
      PeerKey key = { app_of (number), make_accessory (number) };

      n_found += g_hash_table_contains (table, &key) ? 1 : 0;
    }
  if (n_found != SLICE)
    g_error ("%u of %d keys were found", n_found, SLICE);
  return g_get_monotonic_time () - start_us;
}

/* Nanoseconds of a decision and of a look-up of the same keys, turn about. */
static void
time_both (const PermsCache *cache,
           GHashTable *table,
           guint64 seed,
           double *ret_ours,
           double *ret_theirs)
{
  gint64 ours_us = 0;
  gint64 theirs_us = 0;

  for (guint i = 0; i < SLICES; i++)
    {
      ours_us += time_decisions (cache, seed + i);
      theirs_us += time_look_ups (table, seed + i);
    }
  *ret_ours = 1000.0 * (double) ours_us / SLICES / SLICE;
  *ret_theirs = 1000.0 * (double) theirs_us / SLICES / SLICE;
}

static int
compare_doubles (const void *a, const void *b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return one < other ? -1 : one > other;
}

static double
median (double *values)
{
  qsort (values, ROUNDS, sizeof values[0], compare_doubles);
  return values[ROUNDS / 2];
}

static void
bench_decisions (void)
{
  gsize before = measure_memory ();
  g_autoptr (PermsCache) cache = fill_cache ();
  gsize after = measure_memory ();
  g_autofree PeerKey *keys = g_new (PeerKey, GRANTS);
  g_autoptr (GHashTable) table = fill_peer (keys);
  double ours[ROUNDS], theirs[ROUNDS], ratios[ROUNDS];

  for (guint i = 0; i < ROUNDS; i++)
    {
      time_both (cache, table, (guint64) SLICES * i, &ours[i], &theirs[i]);
      ratios[i] = ours[i] / theirs[i];
    }
  printf ("decision, %d grants: %.0f ns; GHashTable look-up of the same key: %.0f ns; "
          "ratio %.2f (median of %d; goal: at most 1.5)\n",
          GRANTS, median (ours), median (theirs), median (ratios), ROUNDS);
  printf (
    "memory: %.0f bytes a grant (resident, each with a name of its own; goal: at most "
    "200)\n",
    (double) (after - before) / GRANTS);
}

/* ---- durable grants ---- */

typedef struct
{
  GMutex mutex;
  GCond cond;
  guint n_done;
  guint n_failed;
} Barrier;

static void
on_committed (const GError *error, gpointer user_data)
{
  Barrier *barrier = user_data;

  g_mutex_lock (&barrier->mutex);
  barrier->n_done++;
  if (error != NULL)
    barrier->n_failed++;
  g_cond_signal (&barrier->cond);
  g_mutex_unlock (&barrier->mutex);
}

static PermsStore *
open_store (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  PermsOpened opened;
  PermsStore *store = perms_store_open (path, NULL, &opened, &error);

  if (store == NULL)
    g_error ("%s", error->message);
  return store;
}

static PermsChanges *
make_changes (guint64 number)
{
  PermsChanges *changes = perms_changes_new ();

  perms_changes_take (changes, PERMS_CHANGE_GRANT, "grant",
                      make_grant (app_of (number), number));
  return changes;
}

/* @at_once writers each wait for their own answer before they write again. */
static double
time_writers (const char *folder, const char *name, guint at_once)
{
  PermsCommitQueue *queue = perms_commit_queue_new (open_store (folder, name));
  Barrier barrier = { 0 };
  guint n_all = WRITERS * WRITES_EACH;
  gint64 start_us = g_get_monotonic_time ();

  for (guint sent = 0; sent < n_all; sent += at_once)
    {
      for (guint i = 0; i < at_once; i++)
        {
          g_autoptr (PermsChanges) changes = make_changes (sent + i);

          perms_commit_queue_commit (queue, changes, on_committed, &barrier);
        }
      g_mutex_lock (&barrier.mutex);
      while (barrier.n_done < sent + at_once)
        g_cond_wait (&barrier.cond, &barrier.mutex);
      g_mutex_unlock (&barrier.mutex);
    }
  perms_commit_queue_free (queue);
  if (barrier.n_failed > 0)
    g_error ("%u grants were not stored", barrier.n_failed);
  return (double) (g_get_monotonic_time () - start_us) / n_all;
}

/* What a store that is opened again has of the grants that were answered to. */
static guint
count_lost (const char *folder, const char *name)
{
  g_autoptr (PermsStore) store = open_store (folder, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) uids = perms_store_list_users (store, &error);
  guint n_stored = 0;

  for (guint i = 0; uids != NULL && i < uids->len; i++)
    {
      g_autoptr (PermsUserRows) rows =
        perms_store_load_user (store, g_array_index (uids, guint32, i), &error);

      if (rows == NULL)
        break;
      n_stored += rows->grants->len;
    }
  if (error != NULL)
    g_error ("%s", error->message);
  return WRITERS * WRITES_EACH - n_stored;
}

/* The disk itself: one octet, one fsync. */
static double
time_fsync (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "fsync", NULL);
  FILE *file = fopen (path, "w");
  gint64 start_us = g_get_monotonic_time ();

  if (file == NULL)
    g_error ("%s cannot be written", path);
  for (guint i = 0; i < 100; i++)
    if (fputc ('x', file) == EOF || fflush (file) != 0 || g_fsync (fileno (file)) != 0)
      g_error ("%s cannot be synced", path);
  fclose (file);
  g_unlink (path);
  return (double) (g_get_monotonic_time () - start_us) / 100;
}

static void
bench_commits (void)
{
  g_autofree char *folder = g_dir_make_tmp ("blepick-bench-XXXXXX", NULL);
  double grouped_us, single_us;

  double fsync_us = time_fsync (folder);
  printf ("fsync of this disk: %.0f us%s\n", fsync_us,
          fsync_us < FSYNC_MIN_US ? ": too quick to say anything about durable grants"
                                  : "");
  grouped_us = time_writers (folder, "grouped.db", WRITERS);
  single_us = time_writers (folder, "single.db", 1);
  printf (
    "durable grants: %d writers %.0f us a grant; one commit a grant %.0f us; ratio %.1f "
    "(goal: at least 8); of %d each, opened again: %u and %u lost\n",
    WRITERS, grouped_us, single_us, single_us / grouped_us, WRITERS * WRITES_EACH,
    count_lost (folder, "grouped.db"), count_lost (folder, "single.db"));
  for (const char *const *name = (const char *const[]){ "grouped.db", "single.db", NULL };
       *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (folder, *name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

int
main (void)
{
  const PermsScopeService service = { heart_rate, PERMS_OPERATION_ALL };

  scope = perms_scope_new (PERMS_OPERATION_NONE, &service, 1, NULL, 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    apps[i] = g_strdup_printf ("flatpak:%u:org.example.App%u", 1000 + i / APPS_A_USER,
                               i % APPS_A_USER);
  bench_decisions ();
  bench_commits ();
  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    g_free (apps[i]);
  perms_scope_unref (scope);
  return 0;
}
