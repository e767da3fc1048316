/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fuzz/variant.h: a GVariant out of hostile octets, for the targets that take
 * one. */

#pragma once

#include <glib.h>

/* The first octet chooses: 't' takes the rest for the text form (a fuzzer finds its
 * way through it quickly, and people can read the corpus), anything else for the
 * serialised form. Values are of @type, but trusted in nothing else. Returns:
 * (transfer full): NULL when there is no value in it. */
GVariant *fuzz_variant_new (const GVariantType *type, const guint8 *octets, gsize length);
