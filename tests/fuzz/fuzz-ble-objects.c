/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a bluetoothd tells of its objects: all of them, then what changed. The promise: whatever
 * it tells, devices have an adapter that is known and no more of a name than the air carries, and
 * an id is found again by its path. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "ble/bluez-tree.h"
#include "tests/fuzz/variant.h"

#define TOLD "(a{oa{sa{sv}}}a(osa{sv}))"

static void
apply (BleBluezEvent *event, gpointer tree)
{
  ble_bluez_tree_apply (tree, event);
  ble_bluez_event_free (event);
}

static void
tell_objects (BleBluezTree *tree, GVariant *objects)
{
  g_autoptr (GVariant) reply = g_variant_ref_sink (g_variant_new_tuple (&objects, 1));
  BleBluezDecoder decoder = { 0 };

  ble_bluez_decode_objects (&decoder, reply, apply, tree);
}

static void
tell_changes (BleBluezTree *tree, GVariant *changes)
{
  BleBluezDecoder decoder = { .says_bonded = TRUE };
  GVariantIter iter;
  const char *path;
  const char *interface;
  GVariant *properties;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_loop (&iter, "(&o&s@a{sv})", &path, &interface, &properties))
    {
      g_autoptr (GDBusMessage) message =
        g_dbus_message_new_signal (path, "org.freedesktop.DBus.Properties",
                                   "PropertiesChanged");

      g_dbus_message_set_body (message,
                               g_variant_new ("(s@a{sv}@as)", interface, properties,
                                              g_variant_new_strv (NULL, 0)));
      ble_bluez_decode_signal (&decoder, message, apply, tree);
    }
}

static void
check_device (const BleAdvert *advert, gpointer user_data)
{
  BleBluezTree *tree = user_data;
  BleBluezDevice device;

  g_assert_true (ble_bluez_tree_find_device (tree, advert->device, &device));
  g_assert_true (ble_bluez_tree_find_path (tree, device.path) == advert->device);
  g_assert_nonnull (ble_bluez_tree_find_adapter (tree, device.adapter->id));
  g_assert_true (advert->name == NULL || strlen (advert->name) <= BLE_ADVERT_NAME_MAX);
}

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GVariant) told = fuzz_variant_new (G_VARIANT_TYPE (TOLD), octets, length);
  BleBluezTree *tree;

  if (told == NULL)
    return 0;
  tree = ble_bluez_tree_new ();
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (told, i);
      g_autoptr (BleBluezChanges) changes = NULL;

      if (i == 0)
        tell_objects (tree, part);
      else
        tell_changes (tree, part);
      changes = ble_bluez_tree_take_changes (tree);
      ble_bluez_tree_foreach_device (tree, check_device, tree);
    }
  ble_bluez_tree_free (tree);
  return 0;
}
