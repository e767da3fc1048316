/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fuzz/variant.h"

GVariant *
fuzz_variant_new (const GVariantType *type, const guint8 *octets, gsize length)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *text;

  if (length == 0)
    return NULL;
  text = (const char *) octets + 1;
  /* A bus lets nothing else pass. */
  if (octets[0] == 't')
    return g_utf8_validate (text, (gssize) length - 1, NULL)
             ? g_variant_parse (type, text, text + length - 1, NULL, NULL)
             : NULL;
  bytes = g_bytes_new (octets + 1, length - 1);
  return g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
}
