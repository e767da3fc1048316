/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-tree.h"

#include <string.h>

typedef struct
{
  char *path;
  const BleBluezController *adapter;
  BleAdvert *advert;
  BleAdvert *update;              /* of this batch, in changes; or NULL */
  BleBluezAttributes *attributes; /* or NULL: none */
} Device;

struct BleBluezTree
{
  BleBluezControllers *adapters;
  GHashTable *paths;      /* path -> Device */
  GHashTable *devices;    /* BleDeviceId -> Device, owned */
  GHashTable *attributes; /* BleAttributeId -> BleBluezAttribute, of the devices */
  guint32 last_id;
  BleBluezChanges *changes;
};

static void
clear_value (gpointer value)
{
  g_bytes_unref (((BleBluezValue *) value)->value);
}

static BleBluezChanges *
new_changes (void)
{
  BleBluezChanges *changes = g_new0 (BleBluezChanges, 1);

  changes->updates = g_ptr_array_new_with_free_func ((GDestroyNotify) ble_advert_free);
  changes->gone = g_array_new (FALSE, FALSE, sizeof (BleDeviceId));
  changes->values = g_array_new (FALSE, FALSE, sizeof (BleBluezValue));
  g_array_set_clear_func (changes->values, clear_value);
  return changes;
}

void
ble_bluez_changes_free (BleBluezChanges *changes)
{
  g_ptr_array_unref (changes->updates);
  g_array_unref (changes->gone);
  g_array_unref (changes->values);
  g_free (changes);
}

static void
free_device (gpointer data)
{
  Device *device = data;

  g_free (device->path);
  ble_advert_free (device->advert);
  ble_bluez_attributes_free (device->attributes);
  g_free (device);
}

BleBluezTree *
ble_bluez_tree_new (void)
{
  BleBluezTree *tree = g_new0 (BleBluezTree, 1);

  tree->paths = g_hash_table_new (g_str_hash, g_str_equal);
  tree->devices = g_hash_table_new_full (NULL, NULL, NULL, free_device);
  tree->attributes = g_hash_table_new (NULL, NULL);
  tree->adapters = ble_bluez_controllers_new ();
  tree->changes = new_changes ();
  return tree;
}

void
ble_bluez_tree_free (BleBluezTree *tree)
{
  if (tree == NULL)
    return;
  g_hash_table_unref (tree->paths);
  g_hash_table_unref (tree->attributes);
  g_hash_table_unref (tree->devices);
  ble_bluez_controllers_free (tree->adapters);
  ble_bluez_changes_free (tree->changes);
  g_free (tree);
}

/* The device that the attribute at @path belongs to. */
static Device *
find_owner (BleBluezTree *tree, const char *path)
{
  g_autofree char *above = g_strdup (path);
  char *slash;

  while ((slash = strrchr (above, '/')) != NULL && slash != above)
    {
      Device *device;

      *slash = '\0';
      device = g_hash_table_lookup (tree->paths, above);
      if (device != NULL)
        return device;
    }
  return NULL;
}

static void
add_adapter (BleBluezTree *tree, const char *path, GVariant *properties)
{
  if (ble_bluez_controllers_add (tree->adapters, path, properties, tree->last_id + 1))
    tree->last_id++;
  tree->changes->adapters = TRUE;
}

/* Enters what a signal said of @device into this batch, and takes @update. */
static void
update_device (BleBluezTree *tree, Device *device, BleAdvert *update)
{
  update->device = device->advert->device;
  update->adapter = device->adapter->shown.id;
  ble_advert_merge (device->advert, update);
  if (device->update != NULL)
    {
      ble_advert_merge (device->update, update);
      ble_advert_free (update);
      return;
    }
  device->update = update;
  g_ptr_array_add (tree->changes->updates, update);
}

static void
add_device (BleBluezTree *tree, const char *path, BleAdvert *advert)
{
  Device *device = g_hash_table_lookup (tree->paths, path);
  const BleBluezController *adapter =
    ble_bluez_controllers_find_path (tree->adapters, path);

  if (adapter == NULL ||
      (device == NULL && g_hash_table_size (tree->devices) >= BLE_BLUEZ_DEVICES_MAX))
    {
      ble_advert_free (advert);
      return;
    }
  if (device == NULL)
    {
      device = g_new0 (Device, 1);
      device->path = g_strdup (path);
      device->adapter = adapter;
      device->advert = ble_advert_new (++tree->last_id, adapter->shown.id);
      g_hash_table_insert (tree->paths, device->path, device);
      g_hash_table_insert (tree->devices, GUINT_TO_POINTER (device->advert->device),
                           device);
    }
  update_device (tree, device, advert);
}

/* The database of @device is another than it was said to be. */
static void
note_database (BleBluezTree *tree, Device *device)
{
  BleAdvert *update;

  if (!device->advert->resolved)
    return;
  update = ble_advert_new (0, 0);
  update->database = device->advert->database + 1;
  update->fields = BLE_ADVERT_HAS_DATABASE;
  update_device (tree, device, update);
}

static void
add_attribute (BleBluezTree *tree, const BleBluezEvent *event)
{
  Device *device = find_owner (tree, event->path);
  BleBluezAttribute like = { .interface = event->interface, .path = event->path };
  const BleBluezAttribute *added;

  if (device == NULL)
    return;
  if (device->attributes == NULL)
    device->attributes = ble_bluez_attributes_new ();
  like.id = tree->last_id + 1;
  like.device = device->advert->device;
  added = ble_bluez_attributes_add (device->attributes, &like, event->properties);
  if (added == NULL)
    {
      ble_bluez_attributes_change (device->attributes, event->path, event->properties);
      return;
    }
  tree->last_id++;
  g_hash_table_insert (tree->attributes, GUINT_TO_POINTER (added->id), (gpointer) added);
  note_database (tree, device);
}

static void
apply_added (BleBluezTree *tree, BleBluezEvent *event)
{
  switch (event->interface)
    {
    case BLE_BLUEZ_ADAPTER:
      add_adapter (tree, event->path, event->properties);
      break;
    case BLE_BLUEZ_DEVICE:
      add_device (tree, event->path, g_steal_pointer (&event->advert));
      break;
    case BLE_BLUEZ_SERVICE:
    case BLE_BLUEZ_CHARACTERISTIC:
    case BLE_BLUEZ_DESCRIPTOR:
      add_attribute (tree, event);
      break;
    case BLE_BLUEZ_INTERFACE_NONE:
      break;
    }
}

static void
take_value (BleBluezTree *tree, const BleBluezAttribute *attribute, GVariant *properties)
{
  g_autoptr (GVariant) value =
    g_variant_lookup_value (properties, "Value", G_VARIANT_TYPE_BYTESTRING);
  BleBluezValue entry;

  if (value == NULL || g_variant_get_size (value) > BLE_GATT_VALUE_MAX)
    return;
  entry.device = attribute->device;
  entry.characteristic = attribute->id;
  entry.value = g_variant_get_data_as_bytes (value);
  g_array_append_val (tree->changes->values, entry);
}

static void
change_attribute (BleBluezTree *tree, const BleBluezEvent *event)
{
  Device *device = find_owner (tree, event->path);
  const BleBluezAttribute *attribute;

  if (device == NULL || device->attributes == NULL)
    return;
  ble_bluez_attributes_change (device->attributes, event->path, event->properties);
  attribute = ble_bluez_attributes_find (device->attributes, event->path);
  if (attribute != NULL && attribute->interface == BLE_BLUEZ_CHARACTERISTIC)
    take_value (tree, attribute, event->properties);
}

static void
apply_changed (BleBluezTree *tree, BleBluezEvent *event)
{
  Device *device;

  switch (event->interface)
    {
    case BLE_BLUEZ_ADAPTER:
      if (ble_bluez_controllers_change (tree->adapters, event->path, event->properties))
        tree->changes->adapters = TRUE;
      break;
    case BLE_BLUEZ_DEVICE:
      device = g_hash_table_lookup (tree->paths, event->path);
      if (device != NULL)
        update_device (tree, device, g_steal_pointer (&event->advert));
      break;
    case BLE_BLUEZ_SERVICE:
    case BLE_BLUEZ_CHARACTERISTIC:
    case BLE_BLUEZ_DESCRIPTOR:
      change_attribute (tree, event);
      break;
    case BLE_BLUEZ_INTERFACE_NONE:
      break;
    }
}

static void
remove_device (BleBluezTree *tree, Device *device)
{
  BleDeviceId id = device->advert->device;

  for (guint i = 0;
       device->attributes != NULL && i < ble_bluez_attributes_count (device->attributes);
       i++)
    g_hash_table_remove (tree->attributes,
                         GUINT_TO_POINTER (
                           ble_bluez_attributes_get (device->attributes, i)->id));
  if (device->update != NULL)
    g_ptr_array_remove (tree->changes->updates, device->update);
  g_array_append_val (tree->changes->gone, id);
  g_hash_table_remove (tree->paths, device->path);
  g_hash_table_remove (tree->devices, GUINT_TO_POINTER (id));
}

/* Removes the devices of @adapter, or all: bluetoothd does not always say so itself. */
static void
remove_devices (BleBluezTree *tree, const BleBluezController *adapter)
{
  g_autoptr (GList) devices = g_hash_table_get_values (tree->devices);

  for (GList *link = devices; link != NULL; link = link->next)
    {
      Device *device = link->data;

      if (adapter == NULL || device->adapter == adapter)
        remove_device (tree, device);
    }
}

static void
remove_adapter (BleBluezTree *tree, const char *path)
{
  const BleBluezController *adapter =
    ble_bluez_controllers_find_path (tree->adapters, path);

  if (adapter == NULL || strcmp (adapter->path, path) != 0)
    return;
  remove_devices (tree, adapter);
  ble_bluez_controllers_remove (tree->adapters, path);
  tree->changes->adapters = TRUE;
}

static void
remove_attribute (BleBluezTree *tree, const char *path)
{
  Device *device = find_owner (tree, path);
  const BleBluezAttribute *attribute =
    device != NULL && device->attributes != NULL
      ? ble_bluez_attributes_find (device->attributes, path)
      : NULL;

  if (attribute == NULL)
    return;
  g_hash_table_remove (tree->attributes, GUINT_TO_POINTER (attribute->id));
  ble_bluez_attributes_remove (device->attributes, path);
  note_database (tree, device);
}

static void
apply_removed (BleBluezTree *tree, const BleBluezEvent *event)
{
  Device *device;

  switch (event->interface)
    {
    case BLE_BLUEZ_ADAPTER:
      remove_adapter (tree, event->path);
      break;
    case BLE_BLUEZ_DEVICE:
      device = g_hash_table_lookup (tree->paths, event->path);
      if (device != NULL)
        remove_device (tree, device);
      break;
    case BLE_BLUEZ_SERVICE:
    case BLE_BLUEZ_CHARACTERISTIC:
    case BLE_BLUEZ_DESCRIPTOR:
      remove_attribute (tree, event->path);
      break;
    case BLE_BLUEZ_INTERFACE_NONE:
      break;
    }
}

static void
apply_owner (BleBluezTree *tree)
{
  GHashTableIter iter;
  gpointer device;

  /* No update of this batch is news any more; and removing them one by one takes long. */
  g_hash_table_iter_init (&iter, tree->devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    ((Device *) device)->update = NULL;
  g_ptr_array_set_size (tree->changes->updates, 0);

  remove_devices (tree, NULL);
  ble_bluez_controllers_remove_all (tree->adapters);
  tree->changes->adapters = TRUE;
}

void
ble_bluez_tree_apply (BleBluezTree *tree, BleBluezEvent *event)
{
  switch (event->kind)
    {
    case BLE_BLUEZ_EVENT_OWNER:
      apply_owner (tree);
      break;
    case BLE_BLUEZ_EVENT_ADDED:
      apply_added (tree, event);
      break;
    case BLE_BLUEZ_EVENT_CHANGED:
      apply_changed (tree, event);
      break;
    case BLE_BLUEZ_EVENT_REMOVED:
      apply_removed (tree, event);
      break;
    case BLE_BLUEZ_EVENT_READY:
      tree->changes->adapters = TRUE;
      break;
    }
}

BleBluezChanges *
ble_bluez_tree_take_changes (BleBluezTree *tree)
{
  BleBluezChanges *changes = tree->changes;

  for (guint i = 0; i < changes->updates->len; i++)
    {
      const BleAdvert *update = changes->updates->pdata[i];
      Device *device =
        g_hash_table_lookup (tree->devices, GUINT_TO_POINTER (update->device));

      device->update = NULL;
    }
  tree->changes = new_changes ();
  return changes;
}

const GArray *
ble_bluez_tree_adapters (BleBluezTree *tree)
{
  return ble_bluez_controllers_list (tree->adapters);
}

const BleBluezController *
ble_bluez_tree_find_adapter (BleBluezTree *tree, BleAdapterId id)
{
  return ble_bluez_controllers_find (tree->adapters, id);
}

gboolean
ble_bluez_tree_find_device (BleBluezTree *tree,
                            BleDeviceId id,
                            BleBluezDevice *ret_device)
{
  const Device *device = g_hash_table_lookup (tree->devices, GUINT_TO_POINTER (id));

  if (device == NULL)
    return FALSE;
  ret_device->path = device->path;
  ret_device->adapter_path = device->adapter->path;
  ret_device->adapter = &device->adapter->shown;
  ret_device->advert = device->advert;
  return TRUE;
}

BleDeviceId
ble_bluez_tree_find_path (BleBluezTree *tree, const char *path)
{
  const Device *device = g_hash_table_lookup (tree->paths, path);

  return device != NULL ? device->advert->device : 0;
}

void
ble_bluez_tree_foreach_device (BleBluezTree *tree,
                               void (*func) (const BleAdvert *, gpointer),
                               gpointer user_data)
{
  GHashTableIter iter;
  gpointer device;

  g_hash_table_iter_init (&iter, tree->devices);
  while (g_hash_table_iter_next (&iter, NULL, &device))
    func (((Device *) device)->advert, user_data);
}

const BleBluezAttribute *
ble_bluez_tree_find_attribute (BleBluezTree *tree, BleAttributeId id)
{
  return g_hash_table_lookup (tree->attributes, GUINT_TO_POINTER (id));
}

const BleGatt *
ble_bluez_tree_gatt (BleBluezTree *tree, BleDeviceId id)
{
  const Device *device = g_hash_table_lookup (tree->devices, GUINT_TO_POINTER (id));

  if (device == NULL || !device->advert->resolved || device->attributes == NULL)
    return NULL;
  return ble_bluez_attributes_gatt (device->attributes);
}
