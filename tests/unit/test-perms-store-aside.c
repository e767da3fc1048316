/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Moving a damaged store aside, while renaming and syncing fail: rename () and fsync () of
 * this program are the ones below. */

#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/store.h"
#include "tests/store/place.h"

#define CALLS_MOST 100

typedef enum
{
  CALL_NONE = 0,
  CALL_RENAME,
  CALL_FSYNC,
} Call;

static struct
{
  Call call;
  guint nth; /* of the calls from now on, counting from 1 */
  int code;
  gboolean for_ever;
  gboolean has_failed;
} fault;

static gboolean
fails (Call call)
{
  if (call != fault.call || (fault.nth == 0 && !fault.for_ever))
    return FALSE;
  if (fault.nth > 0)
    fault.nth--;
  if (fault.nth > 0)
    return FALSE;
  fault.has_failed = TRUE;
  errno = fault.code;
  return TRUE;
}

int
rename (const char *old, const char *new)
{
  static int (*real) (const char *, const char *);

  if (real == NULL)
    real = (int (*) (const char *, const char *)) dlsym (RTLD_NEXT, "rename");
  return fails (CALL_RENAME) ? -1 : real (old, new);
}

int
fsync (int fd)
{
  static int (*real) (int);

  if (real == NULL)
    real = (int (*) (int)) dlsym (RTLD_NEXT, "fsync");
  return fails (CALL_FSYNC) ? -1 : real (fd);
}

static void
lay_out (const Place *place)
{
  static const char *const ends[] = { "", ".damaged-1", ".damaged-2", ".damaged-3" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (place->path, ends[i], NULL);
      g_autofree char *text = g_strdup_printf ("damaged number %u, and enough of it", i);
      assert_true (g_file_set_contents (path, text, -1, NULL));
    }
}

/* The content that was damaged at last is somewhere: in its place or in the first one aside. */
static gboolean
is_kept (const Place *place)
{
  for (guint i = 0; i <= PERMS_STORE_ASIDE_MAX; i++)
    {
      g_autofree char *path = i == 0 ? g_strdup (place->path)
                                     : g_strdup_printf ("%s.damaged-%u", place->path, i);
      g_autofree char *text = NULL;
      if (g_file_get_contents (path, &text, NULL, NULL) &&
          g_str_has_prefix (text, "damaged number 0"))
        return TRUE;
    }
  return FALSE;
}

static void
check_works (const Place *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PermsStore) store = perms_store_open (place->path, NULL, NULL, &error);

  if (store == NULL)
    fail_msg ("does not open afterwards: %s", error->message);
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  assert_int_equal (rows->grants->len, 0);
  place_fill (store);
  place_check (store);
}

static guint
fail_every (const Place *place,
            Call call,
            int code,
            PermsError expected,
            gboolean for_ever)
{
  guint n_told = 0;

  for (guint n = 1; n < CALLS_MOST; n++)
    {
      g_autoptr (GError) error = NULL;
      PermsOpened opened = PERMS_OPENED_NOT;

      lay_out (place);
      fault.call = call;
      fault.nth = n;
      fault.code = code;
      fault.for_ever = for_ever;
      fault.has_failed = FALSE;
      PermsStore *store = perms_store_open (place->path, NULL, &opened, &error);
      fault.call = CALL_NONE;
      gboolean was_reached = fault.has_failed;
      if (store == NULL)
        {
          assert_int_equal (error->code, (int) expected);
          n_told++;
        }
      else
        assert_int_equal (opened, PERMS_OPENED_ANEW);
      perms_store_close (store);
      assert_true (is_kept (place));
      check_works (place);
      assert_true (is_kept (place));
      if (!was_reached)
        return n_told;
    }
  fail_msg ("the calls never end");
  return 0;
}

static void
a_rename_that_fails_is_told_and_loses_no_file (void **state)
{
  guint n_once = fail_every (*state, CALL_RENAME, EIO, PERMS_ERROR_IO, FALSE);
  guint n_full = fail_every (*state, CALL_RENAME, ENOSPC, PERMS_ERROR_FULL, TRUE);
  guint n_read_only =
    fail_every (*state, CALL_RENAME, EROFS, PERMS_ERROR_READ_ONLY, TRUE);

  assert_true (n_once > 0 && n_full > 0 && n_read_only > 0);
  print_message ("# %u renames failed in turn, each told; 0 damaged files lost\n",
                 n_once + n_full + n_read_only);
}

static void
a_folder_that_cannot_be_synced_is_told_and_loses_no_file (void **state)
{
  guint n_told = fail_every (*state, CALL_FSYNC, EIO, PERMS_ERROR_IO, FALSE);

  assert_true (n_told > 0);
  print_message (
    "# %u syncs of the folder failed in turn, each told; 0 damaged files lost\n", n_told);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (a_rename_that_fails_is_told_and_loses_no_file),
    PLACE_TEST (a_folder_that_cannot_be_synced_is_told_and_loses_no_file),
  };

  return cmocka_run_group_tests_name ("perms-store-aside", tests, NULL, NULL);
}
