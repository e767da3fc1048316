/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "perms/store-private.h"

#define DIGEST_OCTETS 8 /* of SHA-256, as in the rows */

/* The file: a number and its digest, both with the lowest octet first. */
typedef struct
{
  guint64 count;
  guint8 digest[DIGEST_OCTETS];
} Mark;

static Mark
make_mark (guint64 count)
{
  static const char prefix[] = "blepick mark";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  Mark mark = { .count = GUINT64_TO_LE (count) };
  guint8 sum[32]; /* FIPS 180-4, 1 */
  gsize size = sizeof sum;

  g_checksum_update (checksum, (const guchar *) prefix, sizeof prefix);
  g_checksum_update (checksum, (const guchar *) &mark.count, sizeof mark.count);
  g_checksum_get_digest (checksum, sum, &size);
  memcpy (mark.digest, sum, sizeof mark.digest);
  return mark;
}

static char *
name_mark (const char *path)
{
  return g_strconcat (path, "-mark", NULL);
}

void
perms_mark_remove (const char *path)
{
  g_autofree char *name = name_mark (path);

  g_unlink (name);
}

void
perms_mark_open (PermsStore *store)
{
  g_autofree char *name = name_mark (store->path);
  Mark mark = { 0 };

  store->marked = 0;
  store->mark_fd = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (store->mark_fd < 0 || pread (store->mark_fd, &mark, sizeof mark, 0) != sizeof mark)
    return;
  guint64 count = GUINT64_FROM_LE (mark.count);
  Mark expected = make_mark (count);
  if (count <= G_MAXINT64 && memcmp (&mark, &expected, sizeof mark) == 0)
    store->marked = (gint64) count;
}

void
perms_mark_write (PermsStore *store)
{
  Mark mark = make_mark ((guint64) store->totals.n_changes);

  if (store->marked == store->totals.n_changes || store->mark_fd < 0)
    return;
  if (pwrite (store->mark_fd, &mark, sizeof mark, 0) == sizeof mark)
    store->marked = store->totals.n_changes;
}

void
perms_mark_sync (PermsStore *store)
{
  if (store->mark_fd >= 0)
    fdatasync (store->mark_fd);
}

void
perms_mark_close (PermsStore *store)
{
  if (store->mark_fd >= 0)
    close (store->mark_fd);
  store->mark_fd = -1;
}
