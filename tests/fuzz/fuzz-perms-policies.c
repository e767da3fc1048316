/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Managed policy files. The promise: a file is taken whole or not at all, and a message
 * says what was expected. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "perms/managed.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (PermsManagedSet) set = perms_managed_set_new ();
  g_autoptr (GError) error = NULL;
  PermsUuid service = { { 0, 0, 0x18, 0x0d } };

  if (!perms_managed_set_add (set, "fuzz", (const char *) octets, length, &error))
    {
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      g_assert_true (perms_managed_set_get_length (set) == 0);
    }
  perms_managed_set_view (set, "flatpak:1000:org.example.Trainer", "F", "local",
                          &service);
  perms_managed_set_view (set, "host:1000", "", "watch", NULL);
  return 0;
}
