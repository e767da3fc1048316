/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store whose file was damaged: the octets say where. The promise: it opens or says why not,
 * and damage gives nobody what they did not have. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include <glib/gstdio.h>

#include "perms/store.h"
#include "tests/store/rows.h"

#define N_GRANTS 8
#define APP      "path:1000:/usr/bin/run"

/* One change of the file: two octets for the place, in parts of the whole, and a mask. */
#define PATCH_SIZE 3
#define PLACES     65536

static struct
{
  char *path;
  char *content;
  gsize size;
  char *mark;
  gsize mark_size;
} good;

static void
remove_all (void)
{
  rows_remove_folder (g_path_get_dirname (good.path));
}

/* Every second one is revoked. */
static PermsGrantState
state_of (guint number)
{
  return number % 2 == 0 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED;
}

static char *
mark_path (void)
{
  return g_strconcat (good.path, "-mark", NULL);
}

static void
make_good (void)
{
  g_autoptr (PermsChanges) changes = perms_changes_new ();
  g_autofree char *folder = rows_make_folder ();
  g_autofree char *mark = NULL;
  PermsOpened opened;
  PermsStore *store;

  good.path = g_build_filename (folder, "permissions", NULL);
  mark = mark_path ();
  store = perms_store_open (good.path, NULL, &opened, NULL);
  g_assert_nonnull (store);
  perms_changes_take (changes, PERMS_CHANGE_INSTALL, "install",
                      rows_make_install (APP, PERMS_BLUETOOTH_DENIED, 1));
  for (guint i = 0; i < N_GRANTS; i++)
    perms_changes_take (changes, PERMS_CHANGE_GRANT, "pick",
                        rows_make_grant (APP, rows_accessory (i), state_of (i), 1));
  g_assert_true (perms_store_apply (store, changes, NULL));
  perms_store_close (store);
  g_assert_true (g_file_get_contents (good.path, &good.content, &good.size, NULL));
  g_assert_true (g_file_get_contents (mark, &good.mark, &good.mark_size, NULL));
  atexit (remove_all);
}

static void
write_damaged (const uint8_t *octets, size_t length)
{
  g_autofree char *content = g_memdup2 (good.content, good.size);
  g_autofree char *mark = mark_path ();
  gsize size = good.size;

  for (; length >= PATCH_SIZE; octets += PATCH_SIZE, length -= PATCH_SIZE)
    {
      gsize place = ((gsize) octets[0] << 8 | octets[1]) * good.size / PLACES;

      content[place] = (char) (content[place] ^ octets[2]);
    }
  /* What is left over cuts the file. */
  if (length > 0)
    size = size * octets[0] / (G_MAXUINT8 + 1);
  g_assert_true (g_file_set_contents_full (good.path, content, (gssize) size,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (g_file_set_contents_full (mark, good.mark, (gssize) good.mark_size,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
check_rows (const PermsUserRows *rows)
{
  for (guint i = 0; i < rows->installs->len; i++)
    {
      const PermsInstall *install = g_ptr_array_index (rows->installs, i);

      g_assert_true (install->bluetooth != PERMS_BLUETOOTH_ALLOWED);
    }
  for (guint i = 0; i < rows->grants->len; i++)
    {
      const PermsGrant *grant = &g_array_index (rows->grants, PermsGrant, i);
      PermsAccessory number = grant->accessory - rows_accessory (0);

      if (!perms_grant_state_is_live (grant->state))
        continue;
      g_assert_true (number < N_GRANTS);
      g_assert_true (state_of ((guint) number) == PERMS_GRANT_ACTIVE);
      g_assert_cmpstr (grant->app, ==, APP);
    }
}

static void
check_store (void)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  PermsStore *store = perms_store_open (good.path, NULL, &opened, &error);

  g_assert_true ((store == NULL) == (error != NULL));
  if (store == NULL)
    return;
  g_autoptr (GArray) users = perms_store_list_users (store, NULL);

  for (guint i = 0; users != NULL && i < users->len; i++)
    {
      g_autoptr (PermsUserRows) rows =
        perms_store_load_user (store, g_array_index (users, guint32, i), NULL);

      if (rows != NULL)
        check_rows (rows);
    }
  perms_store_close (store);
}

static void
remove_others (void)
{
  static const char *const endings[] = { "-wal", "-shm", ".damaged-1", ".damaged-2",
                                         ".damaged-3" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat (good.path, endings[i], NULL);

      (void) g_unlink (path);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  if (good.path == NULL)
    make_good ();
  write_damaged (octets, length);
  check_store ();
  remove_others ();
  return 0;
}
