/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-attributes.h"

#include <string.h>

struct BleBluezAttributes
{
  GPtrArray
    *rows; /* of BleBluezAttribute, by path: bluetoothd's paths are in order of handles */
  BleGatt *gatt; /* or NULL: not built since the last change */
};

static const struct
{
  const char *word; /* Flags of org.bluez.GattCharacteristic1 */
  BleGattFlags flag;
} flag_words[] = {
  { "read", BLE_GATT_READ },
  { "write", BLE_GATT_WRITE },
  { "write-without-response", BLE_GATT_WRITE_WITHOUT_RESPONSE },
  { "notify", BLE_GATT_NOTIFY },
  { "indicate", BLE_GATT_INDICATE },
};

static void
free_row (gpointer data)
{
  BleBluezAttribute *row = data;

  g_free (row->path);
  g_free (row);
}

BleBluezAttributes *
ble_bluez_attributes_new (void)
{
  BleBluezAttributes *attributes = g_new0 (BleBluezAttributes, 1);

  attributes->rows = g_ptr_array_new_with_free_func (free_row);
  return attributes;
}

void
ble_bluez_attributes_free (BleBluezAttributes *attributes)
{
  if (attributes == NULL)
    return;
  g_ptr_array_unref (attributes->rows);
  ble_gatt_free (attributes->gatt);
  g_free (attributes);
}

/* Where @path is, or would be; @ret_found tells which. */
static guint
search (const BleBluezAttributes *attributes, const char *path, gboolean *ret_found)
{
  guint low = 0, high = attributes->rows->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const BleBluezAttribute *row = attributes->rows->pdata[middle];

      if (strcmp (row->path, path) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  *ret_found =
    low < attributes->rows->len &&
    strcmp (((BleBluezAttribute *) attributes->rows->pdata[low])->path, path) == 0;
  return low;
}

static void
take_flags (BleBluezAttribute *row, GVariant *properties)
{
  g_autofree const char **words = NULL;

  if (!g_variant_lookup (properties, "Flags", "^a&s", &words))
    return;
  row->flags = 0;
  for (guint i = 0; words[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (flag_words); j++)
      if (strcmp (words[i], flag_words[j].word) == 0)
        row->flags |= flag_words[j].flag;
}

static void
take_properties (BleBluezAttribute *row, GVariant *properties)
{
  take_flags (row, properties);
  g_variant_lookup (properties, "Primary", "b", &row->primary);
  g_variant_lookup (properties, "NotifyAcquired", "b", &row->notify_acquired);
  g_variant_lookup (properties, "WriteAcquired", "b", &row->write_acquired);
  g_variant_lookup (properties, "MTU", "q", &row->mtu);
}

const BleBluezAttribute *
ble_bluez_attributes_add (BleBluezAttributes *attributes,
                          const BleBluezAttribute *like,
                          GVariant *properties)
{
  const char *uuid;
  BleBluezAttribute *row;
  gboolean found;
  guint at = search (attributes, like->path, &found);
  BleUuid parsed;

  if (found || attributes->rows->len >= BLE_BLUEZ_ATTRIBUTES_MAX ||
      !g_variant_lookup (properties, "UUID", "&s", &uuid) ||
      !ble_uuid_parse (uuid, &parsed))
    return NULL;

  row = g_new0 (BleBluezAttribute, 1);
  row->id = like->id;
  row->device = like->device;
  row->interface = like->interface;
  row->path = g_strdup (like->path);
  row->uuid = parsed;
  take_properties (row, properties);
  g_ptr_array_insert (attributes->rows, (gint) at, row);
  g_clear_pointer (&attributes->gatt, ble_gatt_free);
  return row;
}

void
ble_bluez_attributes_change (BleBluezAttributes *attributes,
                             const char *path,
                             GVariant *properties)
{
  gboolean found;
  guint at = search (attributes, path, &found);

  if (!found)
    return;
  take_properties (attributes->rows->pdata[at], properties);
  if (g_variant_lookup (properties, "MTU", "q", NULL))
    g_clear_pointer (&attributes->gatt, ble_gatt_free);
}

void
ble_bluez_attributes_remove (BleBluezAttributes *attributes, const char *path)
{
  gboolean found;
  guint at = search (attributes, path, &found);

  if (!found)
    return;
  g_ptr_array_remove_index (attributes->rows, at);
  g_clear_pointer (&attributes->gatt, ble_gatt_free);
}

const BleBluezAttribute *
ble_bluez_attributes_find (BleBluezAttributes *attributes, const char *path)
{
  gboolean found;
  guint at = search (attributes, path, &found);

  return found ? attributes->rows->pdata[at] : NULL;
}

guint
ble_bluez_attributes_count (const BleBluezAttributes *attributes)
{
  return attributes->rows->len;
}

const BleBluezAttribute *
ble_bluez_attributes_get (const BleBluezAttributes *attributes, guint index)
{
  return attributes->rows->pdata[index];
}

/* Whether @row is a child of the object at @parent. */
static gboolean
is_below (const BleBluezAttribute *row, const char *parent)
{
  gsize length = parent != NULL ? strlen (parent) : 0;

  return parent != NULL && strncmp (row->path, parent, length) == 0 &&
         row->path[length] == '/';
}

const BleGatt *
ble_bluez_attributes_gatt (BleBluezAttributes *attributes)
{
  BleGattService *service = NULL;
  BleGattCharacteristic *characteristic = NULL;
  const char *service_path = NULL, *characteristic_path = NULL;

  if (attributes->gatt != NULL)
    return attributes->gatt;

  attributes->gatt = ble_gatt_new ();
  for (guint i = 0; i < attributes->rows->len; i++)
    {
      const BleBluezAttribute *row = attributes->rows->pdata[i];

      if (row->interface == BLE_BLUEZ_SERVICE)
        {
          service =
            ble_gatt_add_service (attributes->gatt, row->id, &row->uuid, row->primary);
          service_path = service != NULL ? row->path : NULL;
        }
      else if (row->interface == BLE_BLUEZ_CHARACTERISTIC && is_below (row, service_path))
        {
          characteristic =
            ble_gatt_add_characteristic (service, row->id, &row->uuid, row->flags);
          if (characteristic != NULL)
            characteristic->mtu = row->mtu;
          characteristic_path = characteristic != NULL ? row->path : NULL;
        }
      else if (row->interface == BLE_BLUEZ_DESCRIPTOR &&
               is_below (row, characteristic_path))
        ble_gatt_add_descriptor (characteristic, row->id, &row->uuid);
    }
  return attributes->gatt;
}
