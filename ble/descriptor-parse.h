/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/descriptor-parse.h: what the two files that parse descriptors share. Nobody
 * else includes it. */

#pragma once

#include "ble/descriptor.h"

/* One word of a list of words; a table ends with a NULL word. */
typedef struct
{
  const char *word;
  guint flag;
} BleDescriptorWord;

/* Sets "FIELD: RULE". Always FALSE, so that a parser can end with it. */
gboolean ble_descriptor_set_bad (GError **error, const char *field, const char *rule);

/* Reads @value (as) into flags. An unknown word or one that comes twice is refused,
 * which bounds the list as well. */
gboolean ble_descriptor_read_words (GVariant *value,
                                    const BleDescriptorWord *words,
                                    guint *ret_flags);

/* Reads @value, a(sas) or a(sasas). */
gboolean ble_descriptor_parse_services (BleDescriptor *descriptor,
                                        const char *field,
                                        GVariant *value,
                                        GError **error);

/* What the grant covers when the app names no services. */
void ble_descriptor_add_default_services (BleDescriptor *descriptor);
