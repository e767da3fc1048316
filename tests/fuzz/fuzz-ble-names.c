/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names from the air. The promise: readable, short, and the same when done again. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "ble/names.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autofree char *name = ble_name_sanitise ((const char *) octets, length);
  g_autofree char *again = ble_name_sanitise (name, strlen (name));

  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpuint (ble_text_columns (name), <=, BLE_NAME_COLUMNS_MAX);
  g_assert_cmpstr (name, ==, again);
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      GUnicodeType category = g_unichar_type (g_utf8_get_char (p));

      g_assert_true (category != G_UNICODE_CONTROL && category != G_UNICODE_FORMAT &&
                     category != G_UNICODE_UNASSIGNED);
    }
  return 0;
}
