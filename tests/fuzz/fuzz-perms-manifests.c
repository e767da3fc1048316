/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Manifests. The promise: whatever is accepted declares something, within the limits, and a
 * message says what was expected. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "perms/manifest.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PermsManifest) manifest =
    perms_manifest_read ("fuzz", (const char *) octets, length, &error);
  guint n = 0;

  if (manifest == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "fuzz:"));
      return 0;
    }
  g_assert_true (perms_manifest_get_supports (manifest) != PERMS_ACCESS_NONE);
  const PermsUuid *services = perms_manifest_get_services (manifest, &n);
  g_assert_true (n <= PERMS_MANIFEST_ITEMS_MAX);
  for (guint i = 0; i < n; i++)
    g_assert_true (perms_manifest_has_service (manifest, &services[i]));
  for (const char *const *name = perms_manifest_get_names (manifest); *name != NULL;
       name++)
    g_assert_true (perms_manifest_has_name (manifest, *name));
  return 0;
}
