/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/blocklist-file.h"

#include <gio/gio.h>

#include "broker/broker-resources.h"

static BleBlocklist *
read_blocklist (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  (void) g_file_get_contents (path, &text, &length, error);
  return ble_blocklist_new (text, length);
}

static BleBlocklist *
unpack_blocklist (GError **error)
{
  g_autoptr (GBytes) built_in =
    g_resource_lookup_data (broker_get_resource (),
                            "/org/blepick/broker/gatt-blocklist.txt",
                            G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (built_in == NULL)
    return ble_blocklist_new (NULL, 0);
  return ble_blocklist_new (g_bytes_get_data (built_in, NULL),
                            g_bytes_get_size (built_in));
}

BleBlocklist *
broker_blocklist_load (const char *path)
{
  g_autoptr (GError) error = NULL;
  BleBlocklist *blocklist =
    path != NULL ? read_blocklist (path, &error) : unpack_blocklist (&error);

  if (ble_blocklist_get_fault (blocklist) != NULL)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "The GATT blocklist cannot be used, so everything is blocked: %s",
                      error != NULL ? error->message
                                    : ble_blocklist_get_fault (blocklist));
  return blocklist;
}
