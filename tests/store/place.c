/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "tests/store/place.h"

#include <sqlite3.h>

#include "tests/store/vfs.h"

int
place_make (void **state)
{
  Place *place = g_new0 (Place, 1);

  vfs_register ();
  place->folder = rows_make_folder ();
  place->path = g_build_filename (place->folder, "permissions", NULL);
  *state = place;
  return 0;
}

int
place_remove (void **state)
{
  Place *place = *state;

  rows_remove_folder (place->folder);
  g_free (place->path);
  g_free (place);
  return 0;
}

PermsStore *
place_open (const Place *place, PermsOpened expected)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  PermsStore *store = perms_store_open (place->path, VFS_NAME, &opened, &error);

  if (store == NULL)
    fail_msg ("open: %s", error->message);
  assert_int_equal (opened, expected);
  return store;
}

void
place_apply (PermsStore *store, PermsChanges *take_changes)
{
  g_autoptr (PermsChanges) changes = take_changes;
  g_autoptr (GError) error = NULL;

  if (!perms_store_apply (store, changes, &error))
    fail_msg ("apply: %s", error->message);
}

void
place_apply_refused (PermsStore *store, PermsChanges *take_changes, PermsError code)
{
  g_autoptr (PermsChanges) changes = take_changes;
  g_autoptr (GError) error = NULL;

  assert_false (perms_store_apply (store, changes, &error));
  assert_true (error->domain == PERMS_ERROR);
  assert_int_equal (error->code, code);
}

void
place_grant (PermsStore *store, guint number, PermsGrantState state, guint64 revision)
{
  place_apply (store,
               rows_change_grant (ROWS_APP, rows_accessory (number), state, revision));
}

PermsUserRows *
place_load (PermsStore *store, guint32 uid)
{
  g_autoptr (GError) error = NULL;
  PermsUserRows *rows = perms_store_load_user (store, uid, &error);

  if (rows == NULL)
    fail_msg ("load: %s", error->message);
  return rows;
}

void
place_check (PermsStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!perms_store_check (store, &error))
    fail_msg ("check: %s", error->message);
}

PermsChanges *
place_change (PermsChangeKind kind, const char *event, gpointer row)
{
  PermsChanges *changes = perms_changes_new ();

  perms_changes_take (changes, kind, event, row);
  return changes;
}

void
place_fill (PermsStore *store)
{
  place_apply (store, place_change (PERMS_CHANGE_DEVICE, "link",
                                    rows_make_device (ROWS_UID, ROWS_WATCH, 3)));
  place_apply (store,
               place_change (PERMS_CHANGE_INSTALL, "prompt",
                             rows_make_install (ROWS_APP, PERMS_BLUETOOTH_ALLOWED, 5)));
  place_grant (store, 1, PERMS_GRANT_ACTIVE, 1);
  place_grant (store, 2, PERMS_GRANT_REVOKED, 2);
}

guint
place_number (const char *variable, guint fallback)
{
  const char *text = g_getenv (variable);
  guint64 number = 0;

  if (text == NULL || text[0] == '\0')
    return fallback;
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &number, NULL))
    fail_msg ("%s is no number: %s", variable, text);
  return (guint) number;
}

void
place_run_sql (const Place *place, const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  assert_int_equal (sqlite3_open (place->path, &db), SQLITE_OK);
  if (sqlite3_exec (db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg ("%s: %s", sql, message);
  assert_int_equal (sqlite3_close (db), SQLITE_OK);
}
