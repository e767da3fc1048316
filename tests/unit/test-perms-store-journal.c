/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a crash leaves behind is a file, SQLite's journal beside it, and the mark. SQLite
 * takes a journal that is damaged for one that ends there: without the mark the revocations
 * that came last would be gone, and nobody would know. */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "perms/store.h"
#include "tests/store/place.h"

#define N_GRANTS    20
#define N_FLIPS     300
#define WAL_HEADER  32          /* sqlite.org/fileformat2.html, 4.1 */
#define FRAME       (24 + 4096) /* header and page, ibid. */
#define FRAMES_MOST 10000

typedef enum
{
  PART_FILE = 0,
  PART_JOURNAL,
  PART_MARK,
  N_PARTS
} Part;

/* The files as they lay there when the power went. */
typedef struct
{
  char *content[N_PARTS];
  gsize size[N_PARTS];
} Leavings;

static const char *const part_ends[N_PARTS] = { "", "-wal", "-mark" };

static void
clear_leavings (Leavings *leavings)
{
  for (guint i = 0; i < N_PARTS; i++)
    g_free (leavings->content[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Leavings, clear_leavings)

static void
read_leavings (const Place *place, Leavings *leavings)
{
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *path = g_strconcat (place->path, part_ends[i], NULL);
      assert_true (
        g_file_get_contents (path, &leavings->content[i], &leavings->size[i], NULL));
    }
}

static void
lay_out (const Place *place, const Leavings *leavings)
{
  static const char *const others[] = { "-shm", ".damaged-1", ".damaged-1-wal" };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = g_strconcat (place->path, others[i], NULL);
      g_unlink (path);
    }
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_autofree char *path = g_strconcat (place->path, part_ends[i], NULL);
      g_unlink (path);
      if (leavings->content[i] != NULL)
        assert_true (g_file_set_contents_full (path, leavings->content[i],
                                               (gssize) leavings->size[i],
                                               G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

/* Grants, then the revocation of every second one, each acknowledged for itself; and the
 * process is gone before the journal is brought in. */
static void
crash (const Place *place, Leavings *leavings)
{
  PermsStore *store = place_open (place, PERMS_OPENED_FRESH);

  for (guint i = 0; i < N_GRANTS; i++)
    place_grant (store, i, PERMS_GRANT_ACTIVE, 1);
  for (guint i = 0; i < N_GRANTS; i += 2)
    place_grant (store, i, PERMS_GRANT_REVOKED, 2);
  read_leavings (place, leavings);
  perms_store_close (store);
}

static gboolean
is_whole (PermsStore *store)
{
  g_autoptr (PermsUserRows) rows = place_load (store, ROWS_UID);
  gboolean is_whole = rows->grants->len == N_GRANTS && rows->n_refused == 0;

  for (guint i = 0; i < N_GRANTS && is_whole; i++)
    {
      const PermsGrant *grant = rows_find_grant (rows, rows_accessory (i));
      is_whole =
        grant != NULL && perms_grant_state_is_live (grant->state) == (i % 2 == 1);
    }
  return is_whole;
}

typedef struct
{
  guint n_aside;
  guint n_whole;
  guint n_lost;
} Figures;

static void
look_at (const Place *place, const Leavings *leavings, Figures *figures)
{
  g_autoptr (GError) error = NULL;
  PermsOpened opened = PERMS_OPENED_NOT;

  lay_out (place, leavings);
  g_autoptr (PermsStore) store = perms_store_open (place->path, NULL, &opened, &error);
  if (store == NULL)
    fail_msg ("does not open: %s", error->message);
  if (opened == PERMS_OPENED_ANEW)
    {
      g_autofree char *aside = g_strconcat (place->path, ".damaged-1-wal", NULL);
      g_autofree char *kept = NULL;
      gsize size = 0;
      assert_true (g_file_get_contents (aside, &kept, &size, NULL));
      assert_int_equal (size, leavings->size[PART_JOURNAL]);
      assert_memory_equal (kept, leavings->content[PART_JOURNAL], size);
      figures->n_aside++;
    }
  else if (is_whole (store))
    figures->n_whole++;
  else
    figures->n_lost++;
}

static void
a_crash_by_itself_loses_nothing (void **state)
{
  const Place *place = *state;
  g_auto (Leavings) leavings = { 0 };
  Figures figures = { 0 };

  crash (place, &leavings);
  assert_in_range (leavings.size[PART_JOURNAL], WAL_HEADER + FRAME, FRAMES_MOST * FRAME);
  look_at (place, &leavings, &figures);
  assert_int_equal (figures.n_whole, 1);
}

static void
a_bit_of_the_journal_that_flips_is_noticed (void **state)
{
  const Place *place = *state;
  g_auto (Leavings) leavings = { 0 };
  Figures figures = { 0 };

  crash (place, &leavings);
  char *journal = leavings.content[PART_JOURNAL];
  gsize n_bits = leavings.size[PART_JOURNAL] * 8;
  gsize stride = (n_bits / place_number ("STORE_FLIPS", N_FLIPS)) | 1;
  for (gsize bit = 0; bit < n_bits; bit += stride)
    {
      char before = journal[bit / 8];
      journal[bit / 8] = (char) ((guint8) before ^ (guint8) (1U << bit % 8));
      look_at (place, &leavings, &figures);
      journal[bit / 8] = before;
    }
  print_message ("# bits of the journal flipped: %u aside, %u hit nothing; %u revoked "
                 "grants back unnoticed\n",
                 figures.n_aside, figures.n_whole, figures.n_lost);
  assert_int_equal (figures.n_lost, 0);
  assert_true (figures.n_aside > 0);
}

static void
a_journal_that_ends_early_is_noticed (void **state)
{
  const Place *place = *state;
  g_auto (Leavings) leavings = { 0 };
  Figures figures = { 0 };

  crash (place, &leavings);
  gsize whole = leavings.size[PART_JOURNAL];
  for (gsize end = 0; end < whole; end += end == 0 ? WAL_HEADER : FRAME / 2)
    {
      leavings.size[PART_JOURNAL] = end;
      look_at (place, &leavings, &figures);
    }
  print_message ("# truncations of the journal: %u aside; %u revoked grants back "
                 "unnoticed\n",
                 figures.n_aside, figures.n_lost);
  assert_int_equal (figures.n_lost, 0);
  assert_int_equal (figures.n_whole, 0);
}

/* What a power cut may do to the mark, which is not synced. */
static void
a_mark_that_is_old_damaged_or_gone_says_nothing (void **state)
{
  const Place *place = *state;
  g_auto (Leavings) leavings = { 0 };
  Figures figures = { 0 };
  guint n = 0;

  crash (place, &leavings);
  for (gsize end = 0; end < leavings.size[PART_MARK]; end++, n += 2)
    {
      gsize whole = leavings.size[PART_MARK];
      leavings.size[PART_MARK] = end;
      look_at (place, &leavings, &figures);
      leavings.size[PART_MARK] = whole;
      leavings.content[PART_MARK][end] ^= 1;
      look_at (place, &leavings, &figures);
      leavings.content[PART_MARK][end] ^= 1;
    }
  assert_int_equal (figures.n_whole, n);
}

static void
a_store_that_is_tidied_has_no_journal (void **state)
{
  const Place *place = *state;
  g_autofree char *path = g_strconcat (place->path, "-wal", NULL);
  g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_FRESH);
  GStatBuf info;

  place_fill (store);
  assert_int_equal (g_stat (path, &info), 0);
  assert_true (info.st_size > 0);
  assert_true (perms_store_tidy (store, NULL));
  assert_int_equal (g_stat (path, &info), 0);
  assert_int_equal (info.st_size, 0);
  place_check (store);
  place_grant (store, 7, PERMS_GRANT_ACTIVE, 1);
}

static void
a_store_that_is_opened_after_a_crash_is_tidied (void **state)
{
  const Place *place = *state;
  g_autofree char *path = g_strconcat (place->path, "-wal", NULL);
  g_auto (Leavings) leavings = { 0 };
  GStatBuf info;

  crash (place, &leavings);
  lay_out (place, &leavings);
  g_autoptr (PermsStore) store = place_open (place, PERMS_OPENED_EXISTING);
  assert_true (g_stat (path, &info) != 0 || info.st_size == 0);
  assert_true (is_whole (store));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    PLACE_TEST (a_crash_by_itself_loses_nothing),
    PLACE_TEST (a_bit_of_the_journal_that_flips_is_noticed),
    PLACE_TEST (a_journal_that_ends_early_is_noticed),
    PLACE_TEST (a_mark_that_is_old_damaged_or_gone_says_nothing),
    PLACE_TEST (a_store_that_is_tidied_has_no_journal),
    PLACE_TEST (a_store_that_is_opened_after_a_crash_is_tidied),
  };

  return cmocka_run_group_tests_name ("perms-store-journal", tests, NULL, NULL);
}
