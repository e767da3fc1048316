/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include <glib/gstdio.h>

#include "perms/store.h"
#include "tests/store/place.h"
#include "tests/store/vfs.h"

#define N_GRANTS  60
#define N_FLIPS   1000
#define PAGE_SIZE 4096

#define MARK_SIZE 16

/* The mark beside the store: it is whole while the file is not. */
static char mark[MARK_SIZE];

static void
read_mark (const Place *place)
{
  g_autofree char *path = g_strconcat (place->path, "-mark", NULL);
  g_autofree char *content = NULL;
  gsize size = 0;

  assert_true (g_file_get_contents (path, &content, &size, NULL));
  assert_int_equal (size, MARK_SIZE);
  memcpy (mark, content, MARK_SIZE);
}

static void
write_mark (const Place *place)
{
  g_autofree char *path = g_strconcat (place->path, "-mark", NULL);

  assert_true (g_file_set_contents_full (path, mark, MARK_SIZE, G_FILE_SET_CONTENTS_NONE,
                                         0600, NULL));
}

/* A store of two users: every third grant is revoked. */
static void
write_store (const Place *place)
{
  PermsStore *store = place_open (place, PERMS_OPENED_FRESH);
  PermsChanges *changes = perms_changes_new ();

  place_fill (store);
  for (guint i = 10; i < 10 + N_GRANTS; i++)
    perms_changes_take (
      changes, PERMS_CHANGE_GRANT, "pick",
      rows_make_grant (i % 2 ? ROWS_APP : "host:1001", rows_accessory (i),
                       i % 3 ? PERMS_GRANT_ACTIVE : PERMS_GRANT_REVOKED, 1));
  place_apply (store, changes);
  perms_store_close (store);
  read_mark (place);
}

/* What a damaged store came to. */
typedef enum
{
  CAME_TO_NOTHING = 0, /* empty, or taken for a newer one: everything is denied */
  CAME_ASIDE,          /* moved aside at once */
  CAME_REFUSED,        /* one user is denied everything, the caller moves it aside */
  CAME_DENIED,         /* single rows are denied */
  CAME_FOUND, /* only the check of the whole file finds it, and then it goes aside */
  CAME_WHOLE, /* nothing was lost: the damage hit no content */
  N_CAME
} CameTo;

/* TRUE if @grant was in the store as it is now, or says no. */
static gboolean
was_granted (const PermsGrant *grant)
{
  if (!perms_grant_state_is_live (grant->state))
    return TRUE;
  guint number = (guint) (grant->accessory - rows_accessory (0));
  gboolean is_filled = number == 1;
  gboolean is_listed = number >= 10 && number < 10 + N_GRANTS && number % 3 != 0;
  const char *app = number % 2 ? ROWS_APP : "host:1001";
  g_autoptr (PermsGrant) same =
    rows_make_grant (app, grant->accessory, PERMS_GRANT_ACTIVE, 1);

  return (is_filled || is_listed) && g_str_equal (grant->app, app) &&
         g_str_equal (grant->device, same->device) &&
         perms_scope_equal (grant->scope, same->scope) &&
         grant->lifetime == same->lifetime && grant->until_s == same->until_s &&
         grant->state == PERMS_GRANT_ACTIVE;
}

/* A revocation that is not there any more would let the broad row decide. */
static gboolean
keeps_revocations (const PermsUserRows *rows)
{
  for (guint i = 10; i < 10 + N_GRANTS; i++)
    {
      gboolean is_here = (i % 2 ? ROWS_UID : 1001) == rows->uid;
      const PermsGrant *grant = rows_find_grant (rows, rows_accessory (i));
      if (is_here && i % 3 == 0 &&
          (grant == NULL || perms_grant_state_is_live (grant->state)))
        return FALSE;
    }
  return TRUE;
}

static CameTo
look_at_user (PermsStore *store, guint32 uid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PermsUserRows) rows = perms_store_load_user (store, uid, &error);

  if (rows == NULL)
    {
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED));
      return CAME_REFUSED;
    }
  assert_true (keeps_revocations (rows));
  for (guint i = 0; i < rows->grants->len; i++)
    assert_true (was_granted (&g_array_index (rows->grants, PermsGrant, i)));
  for (guint i = 0; i < rows->installs->len; i++)
    {
      const PermsInstall *install = g_ptr_array_index (rows->installs, i);
      assert_true (install->bluetooth != PERMS_BLUETOOTH_ALLOWED ||
                   (g_str_equal (install->app, ROWS_APP) &&
                    g_str_equal (install->fingerprint, "flathub:0123") &&
                    install->changed_to != NULL));
    }
  return rows->n_refused > 0 ? CAME_DENIED : CAME_WHOLE;
}

/* Opens the damaged @content and asks for everything in it. */
static CameTo
look_at (const Place *place, const char *content, gsize size)
{
  g_autofree char *aside = g_strconcat (place->path, ".damaged-1", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;
  gsize kept_size = 0;

  g_unlink (aside);
  g_unlink (place->path);
  write_mark (place);
  assert_true (g_file_set_contents_full (place->path, content, (gssize) size,
                                         G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_autoptr (PermsStore) store =
    perms_store_open (place->path, VFS_NAME, &opened, &error);
  if (store == NULL)
    {
      if (!g_error_matches (error, PERMS_ERROR, PERMS_ERROR_NEWER))
        fail_msg ("%s (%d)", error->message, error->code);
      return CAME_TO_NOTHING;
    }
  if (opened == PERMS_OPENED_ANEW)
    {
      assert_true (g_file_get_contents (aside, &kept, &kept_size, NULL));
      assert_int_equal (kept_size, size);
      assert_memory_equal (kept, content, size);
      return CAME_ASIDE;
    }
  if (opened == PERMS_OPENED_FRESH)
    return CAME_TO_NOTHING;
  CameTo one = look_at_user (store, ROWS_UID);
  CameTo other = look_at_user (store, 1001);
  if (perms_store_check (store, &error))
    {
      assert_int_equal (MIN (one, other), CAME_WHOLE);
      return CAME_WHOLE;
    }
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_DAMAGED));
  return MIN (MIN (one, other), CAME_FOUND);
}

static void
print_figures (const char *what, const guint *n)
{
  print_message (
    "# %s: %u aside at once, %u at the user's first call, %u rows denied, %u "
    "aside after the whole check, %u taken for newer, %u hit nothing; 0 granted "
    "by damage\n",
    what, n[CAME_ASIDE], n[CAME_REFUSED], n[CAME_DENIED], n[CAME_FOUND],
    n[CAME_TO_NOTHING], n[CAME_WHOLE]);
}

static void
flip (char *content, gsize bit)
{
  content[bit / 8] = (char) ((guint8) content[bit / 8] ^ (guint8) (1U << bit % 8));
}

static void
a_flipped_bit_grants_nothing (void **state)
{
  const Place *place = *state;
  g_autofree char *content = NULL;
  guint figures[N_CAME] = { 0 };
  gsize size = 0;

  write_store (place);
  assert_true (g_file_get_contents (place->path, &content, &size, NULL));
  /* a stride that is prime to eight reaches every bit of an octet in turn */
  gsize stride = (size * 8 / place_number ("STORE_FLIPS", N_FLIPS)) | 1;
  for (gsize bit = 0; bit < size * 8; bit += stride)
    {
      flip (content, bit);
      figures[look_at (place, content, size)]++;
      flip (content, bit);
    }
  print_figures ("bits flipped", figures);
}

/* The header decides what the rest means. */
static void
a_flipped_bit_of_the_header_grants_nothing (void **state)
{
  const Place *place = *state;
  g_autofree char *content = NULL;
  guint figures[N_CAME] = { 0 };
  gsize size = 0;

  write_store (place);
  assert_true (g_file_get_contents (place->path, &content, &size, NULL));
  for (gsize bit = 0; bit < (gsize) 112 * 8; bit++)
    {
      flip (content, bit);
      figures[look_at (place, content, size)]++;
      flip (content, bit);
    }
  print_figures ("bits of the header flipped", figures);
}

static void
a_file_that_ends_early_grants_nothing (void **state)
{
  const Place *place = *state;
  g_autofree char *content = NULL;
  guint figures[N_CAME] = { 0 };
  gsize size = 0;

  write_store (place);
  assert_true (g_file_get_contents (place->path, &content, &size, NULL));
  for (gsize end = 0; end < size; end += PAGE_SIZE / 2)
    {
      CameTo came = look_at (place, content, end);
      if (end % PAGE_SIZE == 0)
        assert_int_equal (came, CAME_ASIDE);
      figures[came]++;
    }
  print_figures ("truncations", figures);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (a_flipped_bit_grants_nothing),
    PLACE_TEST (a_flipped_bit_of_the_header_grants_nothing),
    PLACE_TEST (a_file_that_ends_early_grants_nothing),
  };

  return cmocka_run_group_tests_name ("perms-store-damage", tests, NULL, NULL);
}
