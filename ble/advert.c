/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/advert.h"

#include <stdlib.h>
#include <string.h>

BleAdvert *
ble_advert_new (BleDeviceId device, BleAdapterId adapter)
{
  BleAdvert *advert = g_new0 (BleAdvert, 1);

  advert->device = device;
  advert->adapter = adapter;
  advert->rssi = BLE_RSSI_UNKNOWN;
  advert->battery = BLE_BATTERY_UNKNOWN;
  return advert;
}

void
ble_advert_free (BleAdvert *advert)
{
  if (advert == NULL)
    return;
  g_free (advert->name);
  g_free (advert->services);
  g_free (advert->manufacturer);
  g_free (advert->service_data);
  g_free (advert);
}

/* A list of payloads is one block of memory: the elements first, their octets behind
 * them. */
static BleAdvertData *
dup_data (const BleAdvertData *list, guint n)
{
  gsize size = n * sizeof *list;
  BleAdvertData *copy;
  guint8 *octets;

  if (n == 0)
    return NULL;
  for (guint i = 0; i < n; i++)
    size += list[i].length;
  copy = g_malloc (size);
  octets = (guint8 *) (copy + n);
  for (guint i = 0; i < n; i++)
    {
      copy[i] = list[i];
      copy[i].octets = octets;
      if (list[i].length > 0)
        memcpy (octets, list[i].octets, list[i].length);
      octets += list[i].length;
    }
  return copy;
}

static gboolean
equal_data (const BleAdvertData *a, guint n_a, const BleAdvertData *b, guint n_b)
{
  if (n_a != n_b)
    return FALSE;
  for (guint i = 0; i < n_a; i++)
    if (!ble_uuid_equal (&a[i].service, &b[i].service) || a[i].length != b[i].length ||
        (a[i].length > 0 && memcmp (a[i].octets, b[i].octets, a[i].length) != 0))
      return FALSE;
  return TRUE;
}

static gboolean
equal_services (const BleAdvert *a, const BleAdvert *b)
{
  return a->n_services == b->n_services &&
         (a->n_services == 0 ||
          memcmp (a->services, b->services, a->n_services * sizeof *a->services) == 0);
}

static void
set_services (BleAdvert *advert, const BleUuid *services, guint n)
{
  g_free (advert->services);
  advert->services = g_memdup2 (services, n * sizeof *services);
  advert->n_services = n;
}

static void
set_manufacturer (BleAdvert *advert, const BleAdvertData *list, guint n)
{
  g_free (advert->manufacturer);
  advert->manufacturer = dup_data (list, n);
  advert->n_manufacturer = n;
}

static void
set_service_data (BleAdvert *advert, const BleAdvertData *list, guint n)
{
  g_free (advert->service_data);
  advert->service_data = dup_data (list, n);
  advert->n_service_data = n;
}

/* Whether both say the same in @field, which both carry. */
static gboolean
equal_field (const BleAdvert *a, const BleAdvert *b, BleAdvertFields field)
{
  switch (field)
    {
    case BLE_ADVERT_HAS_ADDRESS:
      return ble_address_equal (&a->address, &b->address);
    case BLE_ADVERT_HAS_NAME:
      return g_str_equal (a->name, b->name);
    case BLE_ADVERT_HAS_APPEARANCE:
      return a->appearance == b->appearance;
    case BLE_ADVERT_HAS_RSSI:
      return a->rssi == b->rssi;
    case BLE_ADVERT_HAS_SERVICES:
      return equal_services (a, b);
    case BLE_ADVERT_HAS_MANUFACTURER:
      return equal_data (a->manufacturer, a->n_manufacturer, b->manufacturer,
                         b->n_manufacturer);
    case BLE_ADVERT_HAS_SERVICE_DATA:
      return equal_data (a->service_data, a->n_service_data, b->service_data,
                         b->n_service_data);
    case BLE_ADVERT_HAS_CONNECTED:
      return a->connected == b->connected;
    case BLE_ADVERT_HAS_BONDED:
      return a->bonded == b->bonded;
    case BLE_ADVERT_HAS_RESOLVED:
      return a->resolved == b->resolved;
    case BLE_ADVERT_HAS_BATTERY:
      return a->battery == b->battery;
    case BLE_ADVERT_HAS_DATABASE:
      return a->database == b->database;
    }
  return FALSE;
}

static void
copy_field (BleAdvert *advert, const BleAdvert *from, BleAdvertFields field)
{
  switch (field)
    {
    case BLE_ADVERT_HAS_ADDRESS:
      advert->address = from->address;
      break;
    case BLE_ADVERT_HAS_NAME:
      g_free (advert->name);
      advert->name = g_strdup (from->name);
      break;
    case BLE_ADVERT_HAS_APPEARANCE:
      advert->appearance = from->appearance;
      break;
    case BLE_ADVERT_HAS_RSSI:
      advert->rssi = from->rssi;
      break;
    case BLE_ADVERT_HAS_SERVICES:
      set_services (advert, from->services, from->n_services);
      break;
    case BLE_ADVERT_HAS_MANUFACTURER:
      set_manufacturer (advert, from->manufacturer, from->n_manufacturer);
      break;
    case BLE_ADVERT_HAS_SERVICE_DATA:
      set_service_data (advert, from->service_data, from->n_service_data);
      break;
    case BLE_ADVERT_HAS_CONNECTED:
      advert->connected = from->connected;
      break;
    case BLE_ADVERT_HAS_BONDED:
      advert->bonded = from->bonded;
      break;
    case BLE_ADVERT_HAS_RESOLVED:
      advert->resolved = from->resolved;
      break;
    case BLE_ADVERT_HAS_BATTERY:
      advert->battery = from->battery;
      break;
    case BLE_ADVERT_HAS_DATABASE:
      advert->database = from->database;
      break;
    }
}

guint
ble_advert_merge (BleAdvert *advert, const BleAdvert *update)
{
  guint changed = 0;

  g_return_val_if_fail (advert != NULL, 0);
  g_return_val_if_fail (update != NULL, 0);

  advert->adapter = update->adapter;
  for (guint field = 1; field <= update->fields; field <<= 1)
    {
      if ((update->fields & field) == 0)
        continue;
      if ((advert->fields & field) != 0 &&
          equal_field (advert, update, (BleAdvertFields) field))
        continue;
      copy_field (advert, update, (BleAdvertFields) field);
      changed |= field;
    }
  advert->fields |= update->fields;
  return changed;
}

void
ble_advert_drop_fields (BleAdvert *advert, guint fields)
{
  static const BleAdvert nothing = { .rssi = BLE_RSSI_UNKNOWN,
                                     .battery = BLE_BATTERY_UNKNOWN };

  g_return_if_fail (advert != NULL);

  for (guint field = 1; field <= fields; field <<= 1)
    if ((fields & field) != 0)
      copy_field (advert, &nothing, (BleAdvertFields) field);
  advert->fields &= ~fields;
}

BleAdvert *
ble_advert_copy (const BleAdvert *advert)
{
  BleAdvert *copy;

  g_return_val_if_fail (advert != NULL, NULL);

  copy = ble_advert_new (advert->device, advert->adapter);
  ble_advert_merge (copy, advert);
  return copy;
}

static gint
compare_services (gconstpointer a, gconstpointer b)
{
  return ble_uuid_compare (a, b);
}

gboolean
ble_advert_lists_service (const BleAdvert *advert, const BleUuid *service)
{
  return advert->n_services > 0 && bsearch (service, advert->services, advert->n_services,
                                            sizeof *service, compare_services) != NULL;
}

gboolean
ble_advert_has_service (const BleAdvert *advert, const BleUuid *service)
{
  if (ble_advert_lists_service (advert, service))
    return TRUE;
  for (guint i = 0; i < advert->n_service_data; i++)
    if (ble_uuid_equal (&advert->service_data[i].service, service))
      return TRUE;
  return FALSE;
}
