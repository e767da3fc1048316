/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/sha256.h"

/* GLib's, which the stores in the field were written with. */
static void
hash_by_glib (const guint8 *octets, gsize size, guint8 *sum)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize sum_size = PERMS_SHA256_SIZE;

  g_checksum_update (checksum, octets, (gssize) size);
  g_checksum_get_digest (checksum, sum, &sum_size);
  g_checksum_free (checksum);
}

static void
sums_are_those_of_glib_for_every_length (void **state)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 octets[700], ours[PERMS_SHA256_SIZE], glibs[PERMS_SHA256_SIZE];

  for (gsize i = 0; i < sizeof octets; i++)
    octets[i] = (guint8) (i * 167 + i / 3);
  for (gsize size = 0; size <= sizeof octets; size++)
    {
      perms_sha256 (checksum, octets, size, ours);
      hash_by_glib (octets, size, glibs);
      assert_memory_equal (ours, glibs, sizeof ours);
    }
  print_message ("# the processor %s SHA-256 itself\n",
                 perms_sha256_is_fast () ? "does" : "does not do");
  g_checksum_free (checksum);
}

static void
sums_are_those_of_the_standard (void **state)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 sum[PERMS_SHA256_SIZE];
  /* FIPS 180-4's own example, "abc" */
  static const guint8 expected[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea };

  perms_sha256 (checksum, (const guint8 *) "abc", 3, sum);
  assert_memory_equal (sum, expected, sizeof expected);
  g_checksum_free (checksum);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (sums_are_those_of_glib_for_every_length),
    cmocka_unit_test (sums_are_those_of_the_standard),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
