/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256 of what is in memory, by the processor's own instructions where it has them: a
 * user's first call waits for the digests of all of their rows. Must not know what is
 * hashed. */

#pragma once

#include <glib.h>

#define PERMS_SHA256_SIZE 32 /* FIPS 180-4, 1 */

/* @checksum: of G_CHECKSUM_SHA256, whatever it holds; used where the processor cannot. */
void perms_sha256 (GChecksum *checksum,
                   const guint8 *octets,
                   gsize size,
                   guint8 ret_sum[PERMS_SHA256_SIZE]);

/* Whether the processor can, for the tests' figures. */
gboolean perms_sha256_is_fast (void);
