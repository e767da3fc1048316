/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/cache.h"

#define LOCAL      PERMS_DEVICE_LOCAL
#define HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"
#define TRAINER    "flatpak:1000:org.example.Trainer"
#define STRAP      G_GUINT64_CONSTANT (0x2c464e3010203)

static PermsGrant *
make_grant (const char *app,
            const char *device,
            PermsAccessory accessory,
            guint64 revision)
{
  PermsGrant *grant = g_new0 (PermsGrant, 1);

  grant->app = g_ref_string_new (app);
  grant->device = g_ref_string_new (device);
  grant->accessory = accessory;
  grant->name = g_ref_string_new ("Strap");
  grant->scope = perms_scope_parse (HEART_RATE "=rn", NULL);
  grant->lifetime = PERMS_LIFETIME_ALWAYS;
  grant->state = PERMS_GRANT_ACTIVE;
  grant->id.bytes[0] = (guint8) accessory;
  grant->id.bytes[1] = (guint8) (accessory >> 8);
  grant->id.bytes[2] = 1;
  grant->decision.device = g_ref_string_new (LOCAL);
  grant->decision.revision = revision;
  return grant;
}

static void
put_grant (PermsCache *cache, PermsGrant *take_grant)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();

  perms_changes_take (changes, PERMS_CHANGE_GRANT, "test", take_grant);
  perms_cache_put (cache, changes);
}

static void
put_install (PermsCache *cache, const char *app, const char *device)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  PermsInstall *install = g_new0 (PermsInstall, 1);

  install->app = g_ref_string_new (app);
  install->device = g_ref_string_new (device);
  install->installed = TRUE;
  install->asks = PERMS_ACCESS_ACCESSORY_SETUP;
  install->bluetooth = PERMS_BLUETOOTH_NOT_DETERMINED;
  install->fingerprint = g_ref_string_new ("F");
  install->decision.device = g_ref_string_new (LOCAL);
  install->decision.revision = 1;
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "test", install);
  perms_cache_put (cache, changes);
}

static PermsRequest
make_request (const char *app, const char *device)
{
  PermsRequest request = { .kind = PERMS_REQUEST_ATTRIBUTE,
                           .app = app,
                           .fingerprint = "F",
                           .device = device,
                           .accessory = STRAP,
                           .operation = PERMS_OPERATION_READ,
                           .blocklist = PERMS_BLOCKLIST_CLEAR };

  assert_true (perms_uuid_parse (HEART_RATE, &request.service, NULL));
  return request;
}

static PermsCause
ask (const PermsCache *cache, const char *app, const char *device)
{
  PermsRequest request = make_request (app, device);
  PermsCause cause = PERMS_CAUSE_NONE;

  perms_cache_decide (cache, &request, 1, &cause);
  return cause;
}

static void
what_is_not_there_is_denied (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  PermsId id = { { 1 } };

  assert_int_equal (ask (cache, TRAINER, LOCAL), PERMS_CAUSE_NO_GRANT);
  assert_null (perms_cache_lookup_device (cache, 1000, "watch"));
  assert_null (perms_cache_lookup_install (cache, TRAINER, LOCAL));
  assert_null (perms_cache_lookup_grant (cache, TRAINER, LOCAL, STRAP));
  assert_null (perms_cache_lookup_id (cache, TRAINER, LOCAL, &id));
  assert_int_equal (perms_cache_count_grants (cache, TRAINER), 0);
  assert_false (perms_cache_has_user (cache, 1000));
  perms_cache_drop_user (cache, 1000);
  assert_null (perms_cache_get_managed (cache));
}

static void
decisions_find_their_rows (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();

  put_install (cache, TRAINER, LOCAL);
  put_install (cache, TRAINER, "watch");
  put_install (cache, "flatpak:1000:org.example.Other", LOCAL);
  put_install (cache, "flatpak:1001:org.example.Trainer", LOCAL);
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 1));
  assert_int_equal (ask (cache, TRAINER, LOCAL), PERMS_CAUSE_NONE);
  assert_int_equal (ask (cache, TRAINER, "watch"), PERMS_CAUSE_WRONG_DEVICE);
  assert_int_equal (ask (cache, "flatpak:1000:org.example.Other", LOCAL),
                    PERMS_CAUSE_NO_GRANT);
  assert_int_equal (ask (cache, "flatpak:1001:org.example.Trainer", LOCAL),
                    PERMS_CAUSE_NO_GRANT);
}

static void
an_older_row_is_skipped (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  PermsGrant *revoked = make_grant (TRAINER, LOCAL, STRAP, 5);

  put_install (cache, TRAINER, LOCAL);
  revoked->state = PERMS_GRANT_REVOKED;
  put_grant (cache, revoked);
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 4));
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 5));
  assert_int_equal (ask (cache, TRAINER, LOCAL), PERMS_CAUSE_REVOKED);
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 6));
  assert_int_equal (ask (cache, TRAINER, LOCAL), PERMS_CAUSE_NONE);
}

static void
other_rows_are_none_of_its_business (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  PermsBond *bond = g_new0 (PermsBond, 1);
  PermsPending *pending = g_new0 (PermsPending, 1);

  pending->app = g_ref_string_new (TRAINER);
  perms_changes_take (changes, PERMS_CHANGE_BOND, "test", bond);
  perms_changes_take (changes, PERMS_CHANGE_PENDING, "test", pending);
  perms_changes_take (changes, PERMS_CHANGE_PENDING_END, "test",
                      perms_pending_copy (pending));
  perms_cache_put (cache, changes);
  assert_false (perms_cache_has_user (cache, 1000));
}

static gboolean
count_grant (const PermsGrant *grant, gpointer user_data)
{
  (*(guint *) user_data)++;
  return TRUE;
}

static gboolean
count_one_grant (const PermsGrant *grant, gpointer user_data)
{
  (*(guint *) user_data)++;
  return FALSE;
}

static gboolean
count_one_install (const PermsInstall *install, gpointer user_data)
{
  (*(guint *) user_data)++;
  return FALSE;
}

static guint
count (const PermsCache *cache, guint32 uid, const char *app, PermsGrantFunc func)
{
  guint n = 0;

  perms_cache_foreach_grant (cache, uid, app, func, &n);
  return n;
}

static void
lists_are_of_one_person (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  const char *other = "flatpak:1001:org.example.Trainer";
  guint n = 0;

  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 1));
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP + 1, 1));
  put_grant (cache, make_grant ("host:1000", LOCAL, STRAP, 1));
  put_grant (cache, make_grant (other, LOCAL, STRAP, 1));
  assert_int_equal (count (cache, 1000, NULL, count_grant), 3);
  assert_int_equal (count (cache, 1000, TRAINER, count_grant), 2);
  assert_int_equal (count (cache, 1000, TRAINER, count_one_grant), 1);
  assert_int_equal (count (cache, 1000, other, count_grant), 0); /* not that person's */
  assert_int_equal (count (cache, 1001, NULL, count_grant), 1);
  assert_int_equal (count (cache, 1002, NULL, count_grant), 0);

  put_install (cache, TRAINER, LOCAL);
  put_install (cache, TRAINER, "watch");
  perms_cache_foreach_install (cache, 1000, NULL, count_one_install, &n);
  assert_int_equal (n, 1);

  perms_cache_drop_user (cache, 1000);
  assert_int_equal (count (cache, 1000, NULL, count_grant), 0);
  assert_null (perms_cache_lookup_install (cache, TRAINER, LOCAL));
  assert_int_equal (count (cache, 1001, NULL, count_grant), 1);
}

static void
an_adapter_that_is_off_shows (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();

  put_install (cache, TRAINER, LOCAL);
  put_grant (cache, make_grant (TRAINER, LOCAL, STRAP, 1));
  assert_int_equal (perms_cache_derive (cache, TRAINER, LOCAL, 1).central,
                    PERMS_CENTRAL_POWERED_ON);
  perms_cache_set_adapter (cache, 1000, LOCAL, FALSE);
  assert_int_equal (perms_cache_derive (cache, TRAINER, LOCAL, 1).central,
                    PERMS_CENTRAL_POWERED_OFF);
  perms_cache_set_adapter (cache, 1000, LOCAL, TRUE);
  assert_int_equal (perms_cache_derive (cache, TRAINER, LOCAL, 1).central,
                    PERMS_CENTRAL_POWERED_ON);
}

/* ---- against a plain table of the same grants ---- */

#define APPS        20
#define ACCESSORIES 200
#define ROUNDS      20000

static char *
make_app (guint number)
{
  return g_strdup_printf ("flatpak:%u:org.example.App%u", 1000 + number % 4, number);
}

static void
check_table (const PermsCache *cache, guint64 table[APPS][ACCESSORIES])
{
  for (guint i = 0; i < APPS; i++)
    {
      g_autofree char *app = make_app (i);
      guint n = 0;
      for (guint j = 0; j < ACCESSORIES; j++)
        {
          const PermsGrant *grant =
            perms_cache_lookup_grant (cache, app, LOCAL, STRAP + j);
          assert_int_equal (grant != NULL, table[i][j] > 0);
          if (grant == NULL)
            continue;
          n++;
          assert_true (grant->accessory == STRAP + j);
          assert_string_equal (grant->app, app);
          assert_true (grant->decision.revision == table[i][j]);
          assert_ptr_equal (perms_cache_lookup_id (cache, app, LOCAL, &grant->id), grant);
        }
      assert_int_equal (perms_cache_count_grants (cache, app), n);
    }
}

static void
drop_person (PermsCache *cache, guint64 table[APPS][ACCESSORIES], guint person)
{
  perms_cache_drop_user (cache, 1000 + person);
  for (guint i = person; i < APPS; i += 4)
    memset (table[i], 0, sizeof table[i]);
}

static void
many_grants_are_found_again (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  guint64 (*table)[ACCESSORIES] = g_malloc0 (sizeof (guint64[APPS][ACCESSORIES]));
  guint32 seed = g_random_int ();
  GRand *rand = g_rand_new_with_seed (seed);

  print_message ("# seed %u\n", seed);
  for (guint i = 0; i < ROUNDS; i++)
    {
      guint number = (guint) g_rand_int_range (rand, 0, APPS);
      guint accessory = (guint) g_rand_int_range (rand, 0, ACCESSORIES);
      g_autofree char *app = make_app (number);

      put_grant (cache,
                 make_grant (app, LOCAL, STRAP + accessory, ++table[number][accessory]));
      if (g_rand_int_range (rand, 0, ROUNDS / 10) == 0)
        drop_person (cache, table, (guint) g_rand_int_range (rand, 0, 4));
    }
  check_table (cache, table);
  for (guint person = 0; person < 4; person++)
    drop_person (cache, table, person);
  check_table (cache, table);
  g_rand_free (rand);
  g_free (table);
}

/* The promise is 200 bytes; a table that has just grown is the worst case. */
static void
a_grant_takes_less_than_200_bytes (void **state)
{
  g_autoptr (PermsCache) cache = perms_cache_new ();
  const guint n = 20000;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *app = make_app (i % 1000);
      put_grant (cache, make_grant (app, LOCAL, STRAP + i, 1));
    }
  print_message ("# %.1f bytes a grant\n", (double) perms_cache_measure (cache) / n);
  assert_true (perms_cache_measure (cache) <= (gsize) 200 * n);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (what_is_not_there_is_denied),
    cmocka_unit_test (decisions_find_their_rows),
    cmocka_unit_test (an_older_row_is_skipped),
    cmocka_unit_test (other_rows_are_none_of_its_business),
    cmocka_unit_test (lists_are_of_one_person),
    cmocka_unit_test (an_adapter_that_is_off_shows),
    cmocka_unit_test (many_grants_are_found_again),
    cmocka_unit_test (a_grant_takes_less_than_200_bytes),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
