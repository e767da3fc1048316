/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "perms/store.h"
#include "tests/store/place.h"

#define HOST_APP "host:1000"

static void
what_was_applied_is_read_back_after_a_restart (void **state)
{
  PermsStore *store = place_open (*state, PERMS_OPENED_FRESH);

  place_fill (store);
  perms_store_close (store);
  store = place_open (*state, PERMS_OPENED_EXISTING);

  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->n_refused, 0);
  assert_int_equal (rows->devices->len, 1);
  const PermsDevice *device = g_ptr_array_index (rows->devices, 0);
  assert_string_equal (device->name, ROWS_WATCH);
  assert_string_equal (device->kind, "watch");
  assert_int_equal (device->order, 1);
  assert_int_equal (device->sync, PERMS_SYNC_COPY_ONCE);
  assert_int_equal (device->consent, PERMS_CONSENT_ALLOW);
  assert_int_equal (device->floor, 7);
  assert_int_equal (device->decision.revision, 3);

  assert_int_equal (rows->installs->len, 1);
  const PermsInstall *install = g_ptr_array_index (rows->installs, 0);
  assert_string_equal (install->app, ROWS_APP);
  assert_string_equal (install->fingerprint, "flathub:0123");
  assert_string_equal (install->changed_to, "elsewhere:4567");
  assert_true (install->installed && install->waiting && install->conflict);
  assert_int_equal (install->asks, PERMS_ACCESS_ALL);
  assert_int_equal (install->strength, PERMS_STRENGTH_VERIFIED);
  assert_int_equal (install->bluetooth, PERMS_BLUETOOTH_ALLOWED);
  assert_int_equal (install->managed, PERMS_MANAGED_ALLOW);
  assert_int_equal (install->snapshot, PERMS_BLUETOOTH_ALLOWED);
  assert_int_equal (install->decision.reason, PERMS_REASON_USER_PROMPT);

  assert_int_equal (rows->grants->len, 2);
  const PermsGrant *grant = rows_find_grant (rows, rows_accessory (1));
  g_autoptr (PermsGrant) same =
    rows_make_grant (ROWS_APP, rows_accessory (1), PERMS_GRANT_ACTIVE, 1);
  assert_string_equal (grant->name, same->name);
  assert_true (perms_id_equal (&grant->id, &same->id));
  assert_true (perms_scope_equal (grant->scope, same->scope));
  assert_int_equal (grant->kind, same->kind);
  assert_int_equal (grant->until_s, same->until_s);
  assert_int_equal (grant->lifetime, same->lifetime);
  assert_int_equal (grant->state, PERMS_GRANT_ACTIVE);
  assert_int_equal (grant->pairing, same->pairing);
  assert_int_equal (grant->decision.time_s, same->decision.time_s);
  assert_string_equal (grant->decision.device, PERMS_DEVICE_LOCAL);
  grant = rows_find_grant (rows, rows_accessory (2));
  assert_int_equal (grant->state, PERMS_GRANT_REVOKED);
  place_check (store);
  perms_store_close (store);
}

static void
a_stale_revision_is_refused (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);

  place_grant (store, 1, PERMS_GRANT_REVOKED, 5);
  for (guint64 revision = 1; revision <= 5; revision++)
    place_apply_refused (store,
                         rows_change_grant (ROWS_APP, rows_accessory (1),
                                            PERMS_GRANT_ACTIVE, revision),
                         PERMS_ERROR_STALE);
  place_grant (store, 1, PERMS_GRANT_ACTIVE, 6);
}

static void
a_malformed_row_is_refused (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  static const struct
  {
    const char *app;
    guint64 accessory;
    guint64 revision;
  } rows[] = {
    { "flatpak:1000:nodots", 1, 1 }, { "", 1, 1 },       { ROWS_APP, 0, 1 },
    { ROWS_APP, G_MAXUINT64, 1 },    { ROWS_APP, 1, 0 }, { ROWS_APP, 1, G_MAXUINT64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PermsAccessory accessory =
        rows[i].accessory == 1 ? rows_accessory (1) : rows[i].accessory;
      place_apply_refused (store,
                           rows_change_grant (rows[i].app, accessory, PERMS_GRANT_ACTIVE,
                                              rows[i].revision),
                           PERMS_ERROR_INVALID);
    }
  g_autoptr (PermsUserRows) none = place_load (store, ROWS_UID);
  assert_int_equal (none->grants->len, 0);
}

static void
a_bad_change_set_does_not_spoil_its_neighbours (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  PermsChanges *changes[4];
  GError *errors[4] = { NULL };

  place_grant (store, 9, PERMS_GRANT_ACTIVE, 9);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    changes[i] = rows_change_grant (ROWS_APP, rows_accessory (i), PERMS_GRANT_ACTIVE, 1);
  perms_changes_take (changes[1], PERMS_CHANGE_GRANT, "pick",
                      rows_make_grant (ROWS_APP, rows_accessory (9), PERMS_GRANT_ACTIVE,
                                       9));
  perms_changes_take (changes[2], PERMS_CHANGE_GRANT, "pick",
                      rows_make_grant ("bad", rows_accessory (8), PERMS_GRANT_ACTIVE, 1));

  perms_store_apply_many (store, (const PermsChanges *const *) changes,
                          G_N_ELEMENTS (changes), errors);
  assert_null (errors[0]);
  assert_true (g_error_matches (errors[1], PERMS_ERROR, PERMS_ERROR_STALE));
  assert_true (g_error_matches (errors[2], PERMS_ERROR, PERMS_ERROR_INVALID));
  assert_null (errors[3]);

  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->grants->len, 3);
  assert_non_null (rows_find_grant (rows, rows_accessory (0)));
  assert_null (rows_find_grant (rows, rows_accessory (1)));
  assert_null (rows_find_grant (rows, rows_accessory (2)));
  assert_non_null (rows_find_grant (rows, rows_accessory (3)));
  place_check (store);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      perms_changes_unref (changes[i]);
      g_clear_error (&errors[i]);
    }
}

static void
users_are_listed_in_order_and_do_not_see_each_other (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  static const char *const apps[] = { "host:2000", "host:0", "host:4294967294",
                                      "host:1000" };

  for (guint i = 0; i < G_N_ELEMENTS (apps); i++)
    place_apply (store,
                 rows_change_grant (apps[i], rows_accessory (i), PERMS_GRANT_ACTIVE, 1));
  place_apply (store, place_change (PERMS_CHANGE_BOND, "pick",
                                    rows_make_bond (rows_accessory (1), 1)));

  g_autoptr (GArray) uids = perms_store_list_users (store, NULL);
  static const guint32 expected[] = { 0, 1000, 2000, 4294967294 };
  assert_int_equal (uids->len, G_N_ELEMENTS (expected));
  assert_memory_equal (uids->data, expected, sizeof expected);

  g_autoptr (PermsUserRows) rows = place_load (store, 1000);
  assert_int_equal (rows->grants->len, 1);
  assert_string_equal (g_array_index (rows->grants, PermsGrant, 0).app, HOST_APP);
}

static void
a_removed_device_takes_its_rows_along (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  PermsGrant *there =
    rows_make_grant (ROWS_APP, rows_accessory (1), PERMS_GRANT_ACTIVE, 1);
  PermsInstall *app = rows_make_install (ROWS_APP, PERMS_BLUETOOTH_ALLOWED, 1);
  PermsDevice *device = rows_make_device (ROWS_UID, ROWS_WATCH, 4);

  place_fill (store);
  perms_string_set (&there->device, ROWS_WATCH);
  perms_string_set (&app->device, ROWS_WATCH);
  place_apply (store, place_change (PERMS_CHANGE_GRANT, "pick", there));
  place_apply (store, place_change (PERMS_CHANGE_INSTALL, "install", app));
  device->removed = TRUE;
  place_apply (store, place_change (PERMS_CHANGE_DEVICE, "remove", device));

  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->grants->len, 2);
  assert_int_equal (rows->installs->len, 1);
  assert_int_equal (rows->devices->len, 1);
  assert_true (((PermsDevice *) g_ptr_array_index (rows->devices, 0))->removed);
  place_check (store);
}

static void
a_removed_device_takes_nothing_any_more (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  PermsDevice *device = rows_make_device (ROWS_UID, ROWS_WATCH, 1);
  PermsInstall *install = rows_make_install (ROWS_APP, PERMS_BLUETOOTH_ALLOWED, 9);

  device->removed = TRUE;
  perms_string_set (&install->device, ROWS_WATCH);
  place_apply (store, place_change (PERMS_CHANGE_DEVICE, "remove", device));
  place_apply_refused (
    store, place_change (PERMS_CHANGE_INSTALL, "set", perms_install_copy (install)),
    PERMS_ERROR_STALE);
  place_apply (store, place_change (PERMS_CHANGE_DEVICE, "add",
                                    rows_make_device (ROWS_UID, ROWS_WATCH, 2)));
  place_apply (store, place_change (PERMS_CHANGE_INSTALL, "set", install));
}

static void
a_pairing_is_pending_until_it_ends (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);

  place_apply (store, place_change (PERMS_CHANGE_PENDING, "pair",
                                    rows_make_pending (rows_accessory (1))));
  place_apply (store, place_change (PERMS_CHANGE_PENDING, "pair",
                                    rows_make_pending (rows_accessory (1))));
  place_apply (store, place_change (PERMS_CHANGE_PENDING_END, "unpair",
                                    rows_make_pending (rows_accessory (2))));
  g_autoptr (GPtrArray) pending = perms_store_list_pending (store, NULL);
  assert_int_equal (pending->len, 1);
  const PermsPending *row = g_ptr_array_index (pending, 0);
  assert_int_equal (row->accessory, rows_accessory (1));
  assert_string_equal (row->app, ROWS_APP);
  assert_true (row->was_bonded);

  place_apply (store, place_change (PERMS_CHANGE_PENDING_END, "unpair",
                                    rows_make_pending (rows_accessory (1))));
  g_autoptr (GPtrArray) none = perms_store_list_pending (store, NULL);
  assert_int_equal (none->len, 0);
  place_check (store);
}

static void
bonds_are_listed (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);

  place_apply (store, place_change (PERMS_CHANGE_BOND, "pick",
                                    rows_make_bond (rows_accessory (1), 1)));
  place_apply_refused (store,
                       place_change (PERMS_CHANGE_BOND, "pick",
                                     rows_make_bond (rows_accessory (1), 1)),
                       PERMS_ERROR_STALE);
  g_autoptr (GPtrArray) bonds = perms_store_list_bonds (store, NULL);
  assert_int_equal (bonds->len, 1);
  const PermsBond *bond = g_ptr_array_index (bonds, 0);
  assert_int_equal (bond->accessory, rows_accessory (1));
  assert_int_equal (bond->pairing, PERMS_PAIRING_COMPARISON);
  assert_true (bond->bonded_by_us);
}

static void
count_pause (gpointer data)
{
  (*(guint *) data)++;
}

static void
a_check_pauses_now_and_again (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  PermsChanges *changes =
    rows_change_grant (ROWS_APP, rows_accessory (0), PERMS_GRANT_ACTIVE, 1);
  guint n_pauses = 0;

  for (guint i = 1; i < 1000; i++)
    perms_changes_take (changes, PERMS_CHANGE_GRANT, "pick",
                        rows_make_grant (ROWS_APP, rows_accessory (i), PERMS_GRANT_ACTIVE,
                                         1));
  place_apply (store, changes);
  perms_store_set_pause (store, count_pause, &n_pauses);
  place_check (store);
  assert_true (n_pauses > 3);
}

static void
history_is_newest_first_and_pages (void **state)
{
  g_autoptr (PermsStore) store = place_open (*state, PERMS_OPENED_FRESH);
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= 5; i++)
    place_grant (store, 1, i % 2 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED, i);
  place_apply (store,
               rows_change_grant (HOST_APP, rows_accessory (2), PERMS_GRANT_ACTIVE, 1));

  g_autoptr (GPtrArray) all =
    perms_store_load_history (store, ROWS_UID, NULL, 0, 3, NULL);
  assert_int_equal (all->len, 3);
  const PermsHistoryEntry *entry = g_ptr_array_index (all, 0);
  assert_string_equal (entry->app, HOST_APP);
  entry = g_ptr_array_index (all, 2);
  assert_string_equal (entry->event, "revoke");
  assert_string_equal (entry->value, "revoked");
  assert_string_equal (entry->decided_by, PERMS_DEVICE_LOCAL);
  assert_int_equal (entry->accessory, rows_accessory (1));
  assert_int_equal (entry->reason, PERMS_REASON_USER_PICKER);
  assert_int_equal (entry->revision, 4);

  g_autoptr (GPtrArray) rest =
    perms_store_load_history (store, ROWS_UID, NULL, entry->sequence, 100, NULL);
  assert_int_equal (rest->len, 3);
  g_autoptr (GPtrArray) of_app =
    perms_store_load_history (store, ROWS_UID, ROWS_APP, 0, 100, NULL);
  assert_int_equal (of_app->len, 5);
  g_autoptr (GPtrArray) of_nobody =
    perms_store_load_history (store, 1001, NULL, 0, 100, NULL);
  assert_int_equal (of_nobody->len, 0);
  assert_null (perms_store_load_history (store, ROWS_UID, NULL, 0, 0, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (what_was_applied_is_read_back_after_a_restart),
    PLACE_TEST (a_stale_revision_is_refused),
    PLACE_TEST (a_malformed_row_is_refused),
    PLACE_TEST (a_bad_change_set_does_not_spoil_its_neighbours),
    PLACE_TEST (users_are_listed_in_order_and_do_not_see_each_other),
    PLACE_TEST (a_removed_device_takes_its_rows_along),
    PLACE_TEST (a_removed_device_takes_nothing_any_more),
    PLACE_TEST (a_pairing_is_pending_until_it_ends),
    PLACE_TEST (bonds_are_listed),
    PLACE_TEST (a_check_pauses_now_and_again),
    PLACE_TEST (history_is_newest_first_and_pages),
  };

  return cmocka_run_group_tests_name ("perms-store", tests, NULL, NULL);
}
