/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/devices.h"

struct BrokerDevices
{
  BleRadio *radio;
  BrokerConnectedFunc connected;
  gpointer user_data;
  GHashTable *links; /* BleDeviceId → BleAddress of those that are connected */
};

BrokerDevices *
broker_devices_new (BleRadio *radio, BrokerConnectedFunc connected, gpointer user_data)
{
  BrokerDevices *devices = g_new0 (BrokerDevices, 1);

  devices->radio = radio;
  devices->connected = connected;
  devices->user_data = user_data;
  devices->links = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return devices;
}

void
broker_devices_free (BrokerDevices *devices)
{
  if (devices == NULL)
    return;
  g_hash_table_unref (devices->links);
  g_free (devices);
}

typedef struct
{
  BrokerDevices *devices;
  const BleAddress *address;
  BleDeviceId best;
  guint best_rank;
} Search;

static void
on_device (const BleAdvert *advert, gpointer user_data)
{
  Search *search = user_data;
  const BleAdapter *adapter;
  guint rank = 1;

  if ((advert->fields & BLE_ADVERT_HAS_ADDRESS) == 0 ||
      !ble_address_equal (&advert->address, search->address))
    return;
  adapter = ble_radio_find_adapter (search->devices->radio, advert->adapter);
  rank += adapter != NULL && adapter->powered ? 1 : 0;
  rank += advert->bonded ? 2 : 0;
  rank += advert->connected ? 4 : 0;
  if (rank > search->best_rank)
    {
      search->best_rank = rank;
      search->best = advert->device;
    }
}

BleDeviceId
broker_devices_find (BrokerDevices *devices, const BleAddress *address)
{
  Search search = { devices, address, 0, 0 };

  ble_radio_foreach_device (devices->radio, on_device, &search);
  return search.best;
}

gboolean
broker_devices_is_connected (BrokerDevices *devices, const BleAddress *address)
{
  BleDeviceId device = broker_devices_find (devices, address);
  const BleAdvert *advert =
    device != 0 ? ble_radio_lookup_device (devices->radio, device) : NULL;

  return advert != NULL && advert->connected;
}

void
broker_devices_take_gone (BrokerDevices *devices, BleDeviceId device)
{
  g_autofree BleAddress *address = NULL;

  if (g_hash_table_steal_extended (devices->links, GUINT_TO_POINTER (device), NULL,
                                   (gpointer *) &address))
    devices->connected (address, device, FALSE, devices->user_data);
}

/* Also where the address of a link is another one now: a bond tells who hides behind one that changes. */
static void
take_link (BrokerDevices *devices, BleDeviceId device, const BleAddress *address)
{
  BleAddress *kept;

  kept = g_hash_table_lookup (devices->links, GUINT_TO_POINTER (device));
  if (kept != NULL && ble_address_equal (kept, address))
    return;
  if (kept != NULL)
    broker_devices_take_gone (devices, device);
  kept = g_memdup2 (address, sizeof *address);
  g_hash_table_insert (devices->links, GUINT_TO_POINTER (device), kept);
  devices->connected (kept, device, TRUE, devices->user_data);
}

void
broker_devices_take_adverts (BrokerDevices *devices,
                             const BleAdvert *const *updates,
                             guint n_updates)
{
  for (guint i = 0; i < n_updates; i++)
    {
      const BleAdvert *update = updates[i];
      const BleAdvert *known;

      if ((update->fields & (BLE_ADVERT_HAS_CONNECTED | BLE_ADVERT_HAS_ADDRESS)) == 0)
        continue;
      known = ble_radio_lookup_device (devices->radio, update->device);
      if (known == NULL)
        continue;
      if (known->connected)
        take_link (devices, update->device, &known->address);
      else
        broker_devices_take_gone (devices, update->device);
    }
}
