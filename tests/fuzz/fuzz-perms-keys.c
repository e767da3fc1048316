/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The texts of the permission database. The promise: what is read is written back as it
 * was, so that two texts are one key exactly when they are the same bytes. */

#include "tests/fuzz/fuzz.h"

#include "perms/key.h"
#include "perms/scope.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autofree char *text = g_strndup ((const char *) octets, length);
  g_autoptr (PermsScope) scope = perms_scope_parse (text, NULL);
  PermsAppKey key;
  PermsAccessory accessory = 0;
  PermsId id;

  if (scope != NULL)
    {
      g_autofree char *again = perms_scope_format (scope);
      g_assert_cmpstr (again, ==, text);
    }
  if (perms_app_key_parse (text, &key, NULL))
    {
      g_autofree char *again = perms_app_key_format (&key, NULL);
      g_assert_cmpstr (again, ==, text);
    }
  if (perms_accessory_parse (text, &accessory, NULL))
    {
      char again[PERMS_ACCESSORY_TEXT_SIZE];
      perms_accessory_format (accessory, again);
      g_assert_cmpstr (again, ==, text);
    }
  if (perms_id_parse (text, &id, NULL))
    {
      char again[PERMS_ID_TEXT_SIZE];
      perms_id_format (&id, again);
      g_assert_cmpstr (again, ==, text);
    }
  perms_device_is_valid (text);
  return 0;
}
