/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>
#include <sys/stat.h>

#include "perms/store.h"
#include "tests/store/place.h"

/* ---- files ---- */

static void
only_its_owner_can_read_a_store (void **state)
{
  const Place *place = *state;
  g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_FRESH);
  g_autofree char *wal = g_strconcat (place->path, "-wal", NULL);
  struct stat info;

  place_grant (store, 1, PERMS_GRANT_ACTIVE, 1);
  assert_int_equal (stat (place->path, &info), 0);
  assert_int_equal (info.st_mode & 0777, 0600);
  assert_int_equal (stat (wal, &info), 0);
  assert_int_equal (info.st_mode & 0777, 0600);
}

static void
a_backup_is_a_store_and_replaces_nothing (void **state)
{
  const Place *place = *state;
  Place copy = { place->folder, g_strconcat (place->path, ".copy", NULL) };
  PermsStore *store = place_open (place, PERMS_OPENED_FRESH);
  g_autoptr (GError) error = NULL;

  place_fill (store);
  assert_true (perms_store_backup (place->path, copy.path, NULL));
  place_grant (store, 3, PERMS_GRANT_ACTIVE, 1);
  assert_false (perms_store_backup (place->path, copy.path, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
  perms_store_close (store);

  store = place_open (&copy, PERMS_OPENED_EXISTING);
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->grants->len, 2);
  place_check (store);
  perms_store_close (store);
  g_free (copy.path);
}

static void
a_newer_store_is_refused_and_untouched (void **state)
{
  const Place *place = *state;
  PermsStore *store = place_open (place, PERMS_OPENED_FRESH);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize n_before = 0;
  gsize n_after = 0;

  place_fill (store);
  perms_store_close (store);
  place_run_sql (place, "CREATE TABLE future (x); PRAGMA user_version = 1000");
  assert_true (g_file_get_contents (place->path, &before, &n_before, NULL));
  assert_null (perms_store_open (place->path, NULL, NULL, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_NEWER));
  assert_true (g_file_get_contents (place->path, &after, &n_after, NULL));
  assert_int_equal (n_before, n_after);
  assert_memory_equal (before, after, n_before);
}

/* ---- damage that SQLite does not see ---- */

static const struct
{
  const char *sql;
  gboolean denies_user;
  guint n_refused;
  gboolean goes_aside; /* at once */
} damages[] = {
  { "UPDATE grants SET state = 6 WHERE state = 1", FALSE, 1, FALSE },
  { "UPDATE grants SET scope = '*=rwn'", FALSE, 2, FALSE },
  { "UPDATE grants SET until_s = until_s + 1", FALSE, 2, FALSE },
  { "UPDATE installs SET bluetooth = 4", FALSE, 1, FALSE },
  { "UPDATE installs SET changed_to = NULL", FALSE, 1, FALSE },
  { "UPDATE grants SET app = 'host:1000'", TRUE, 0, FALSE },
  { "UPDATE grants SET accessory = accessory + 16", TRUE, 0, FALSE },
  { "UPDATE grants SET owner = 1001", TRUE, 0, FALSE },
  { "UPDATE grants SET digest = x'00112233445566778899aabbccddeeff'", TRUE, 0, FALSE },
  { "UPDATE grants SET digest = x'00'", TRUE, 0, FALSE },
  { "UPDATE devices SET floor = 1", TRUE, 0, FALSE },
  { "DELETE FROM grants WHERE state = 1", TRUE, 0, FALSE },
  { "DELETE FROM seals", FALSE, 0, TRUE },
  { "DELETE FROM seals WHERE owner = 1000", FALSE, 0, TRUE },
  { "UPDATE seals SET sequence = sequence - 1", FALSE, 0, TRUE },
  { "UPDATE seals SET n_rows = n_rows + 1", TRUE, 0, FALSE },
};

static void
a_row_that_does_not_fit_its_digest_grants_nothing (void **state)
{
  Place *place = *state;

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s-%u", place->path, i);
      Place here = { place->folder, path };
      g_autoptr (GError) error = NULL;
      PermsStore *store = place_open (&here, PERMS_OPENED_FRESH);
      place_fill (store);
      perms_store_close (store);
      place_run_sql (&here, damages[i].sql);

      store = place_open (&here, damages[i].goes_aside ? PERMS_OPENED_ANEW
                                                       : PERMS_OPENED_EXISTING);
      PermsUserRows *rows = perms_store_load_user (store, ROWS_UID, &error);
      if (damages[i].denies_user != (rows == NULL))
        fail_msg ("%s: %s", damages[i].sql, error != NULL ? error->message : "loaded");
      if (rows == NULL)
        assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED));
      else
        assert_int_equal (rows->n_refused, damages[i].n_refused);
      for (guint j = 0; rows != NULL && j < rows->grants->len; j++)
        {
          const PermsGrant *grant = &g_array_index (rows->grants, PermsGrant, j);
          if (grant->accessory == rows_accessory (2))
            assert_false (perms_grant_state_is_live (grant->state));
        }
      g_clear_error (&error);
      assert_int_equal (perms_store_check (store, &error), damages[i].goes_aside);
      if (!damages[i].goes_aside)
        assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED));
      perms_user_rows_free (rows);
      perms_store_close (store);
    }
}

static void
an_older_copy_of_a_row_is_noticed (void **state)
{
  const Place *place = *state;
  PermsStore *store = place_open (place, PERMS_OPENED_FRESH);
  g_autoptr (GError) error = NULL;

  g_autofree char *keep = g_strdup_printf (
    "ATTACH '%s.kept' AS old; CREATE TABLE old.grants AS SELECT * FROM main.grants",
    place->path);
  g_autofree char *put_back = g_strdup_printf (
    "ATTACH '%s.kept' AS old; REPLACE INTO main.grants SELECT * FROM old.grants",
    place->path);

  place_grant (store, 1, PERMS_GRANT_ACTIVE, 1);
  perms_store_close (store);
  place_run_sql (place, keep);
  store = place_open (place, PERMS_OPENED_EXISTING);
  place_grant (store, 1, PERMS_GRANT_REVOKED, 2);
  perms_store_close (store);
  place_run_sql (place, put_back);

  store = place_open (place, PERMS_OPENED_EXISTING);
  assert_null (perms_store_load_user (store, ROWS_UID, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED));
  perms_store_close (store);
}

static void
a_damaged_file_is_kept_aside_and_three_at_most (void **state)
{
  const Place *place = *state;
  g_autofree char *content = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *garbage = g_strdup_printf ("garbage %u, and enough of it", i);
      assert_true (g_file_set_contents (place->path, garbage, -1, NULL));
      PermsStore *store = place_open (place, PERMS_OPENED_ANEW);
      g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
      assert_int_equal (rows->grants->len, 0);
      place_fill (store);
      perms_store_close (store);
    }
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *aside = g_strdup_printf ("%s.damaged-%u", place->path, i);
      g_autofree char *expected = g_strdup_printf ("garbage %u, and enough of it", 5 - i);
      g_clear_pointer (&content, g_free);
      assert_int_equal (g_file_get_contents (aside, &content, NULL, NULL), i <= 3);
      if (i <= 3)
        assert_string_equal (content, expected);
    }
}

static void
a_store_that_starts_anew_is_empty_and_works (void **state)
{
  const Place *place = *state;
  g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_FRESH);
  g_autofree char *aside = g_strconcat (place->path, ".damaged-1", NULL);

  place_fill (store);
  assert_true (perms_store_start_anew (store, NULL));
  g_autoptr (PermsUserRows) none = place_load (store, ROWS_UID);
  assert_int_equal (none->grants->len, 0);
  place_fill (store);
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->grants->len, 2);

  Place old = { place->folder, aside };
  g_autoptr (PermsStore) kept = place_open (&old, PERMS_OPENED_EXISTING);
  g_autoptr (PermsUserRows) kept_rows = place_load (kept, ROWS_UID);
  assert_int_equal (kept_rows->grants->len, 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (only_its_owner_can_read_a_store),
    PLACE_TEST (a_backup_is_a_store_and_replaces_nothing),
    PLACE_TEST (a_newer_store_is_refused_and_untouched),
    PLACE_TEST (a_row_that_does_not_fit_its_digest_grants_nothing),
    PLACE_TEST (an_older_copy_of_a_row_is_noticed),
    PLACE_TEST (a_damaged_file_is_kept_aside_and_three_at_most),
    PLACE_TEST (a_store_that_starts_anew_is_empty_and_works),
  };

  return cmocka_run_group_tests_name ("perms-store-files", tests, NULL, NULL);
}
