/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/presence.h"

#define TICK_MS 1000

/* What comes from the air alone; the rest may come from bluetoothd's memory. */
#define FIELDS_HEARD \
  (BLE_ADVERT_HAS_RSSI | BLE_ADVERT_HAS_MANUFACTURER | BLE_ADVERT_HAS_SERVICE_DATA)

typedef struct
{
  BrokerPresenceFunc changed;
  gpointer user_data;
} Listener;

struct BrokerPresence
{
  BleRadio *radio;
  BrokerScan *scan;
  BrokerDevices *devices;
  GArray *listeners; /* of Listener */
  GHashTable *table; /* BleAddress → Watched */
  GArray *scanning;  /* of BleAdapterId: where we hold the scan */
  guint tick_source;
};

typedef struct
{
  BrokerPresence *presence;
  BleAddress address;
  guint n_watchers;
  gboolean is_there;
  gboolean connected;
  gint64 heard_us;
  guint first_source; /* until the first watcher was told */
} Watched;

static void
free_watched (gpointer data)
{
  Watched *watched = data;

  g_clear_handle_id (&watched->first_source, g_source_remove);
  g_free (watched);
}

/* ---- the scan ---- */

static gboolean
is_missing_any (BrokerPresence *presence)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, presence->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!((const Watched *) value)->connected)
      return TRUE;
  return FALSE;
}

static gboolean
contains (const GArray *adapters, BleAdapterId adapter)
{
  for (guint i = 0; i < adapters->len; i++)
    if (g_array_index (adapters, BleAdapterId, i) == adapter)
      return TRUE;
  return FALSE;
}

/* Scans on every adapter that is on, or on none. */
static void
update_scan (BrokerPresence *presence)
{
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (BleAdapterId));
  const GArray *adapters = ble_radio_adapters (presence->radio);
  gboolean is_missing = is_missing_any (presence);

  for (guint i = 0; i < adapters->len && is_missing; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      if (adapter->powered)
        g_array_append_val (wanted, adapter->id);
    }
  for (guint i = 0; i < wanted->len; i++)
    if (!contains (presence->scanning, g_array_index (wanted, BleAdapterId, i)))
      broker_scan_hold (presence->scan, g_array_index (wanted, BleAdapterId, i));
  for (guint i = 0; i < presence->scanning->len; i++)
    if (!contains (wanted, g_array_index (presence->scanning, BleAdapterId, i)))
      broker_scan_release (presence->scan,
                           g_array_index (presence->scanning, BleAdapterId, i));
  g_array_unref (presence->scanning);
  presence->scanning = g_steal_pointer (&wanted);
}

void
broker_presence_take_adapters_changed (BrokerPresence *presence)
{
  update_scan (presence);
}

/* ---- who is there ---- */

static void
set_there (Watched *watched, gboolean is_there, gint16 rssi)
{
  BrokerPresence *presence = watched->presence;
  BleAddress address = watched->address; /* the callback may end the watch */

  if (watched->is_there == is_there)
    return;
  watched->is_there = is_there;
  for (guint i = 0; i < presence->listeners->len; i++)
    {
      const Listener *listener = &g_array_index (presence->listeners, Listener, i);

      listener->changed (&address, is_there, rssi, listener->user_data);
    }
}

static gint16
get_rssi (const BleAdvert *advert)
{
  if ((advert->fields & BLE_ADVERT_HAS_RSSI) == 0)
    return BLE_RSSI_UNKNOWN;
  return advert->rssi;
}

void
broker_presence_take_adverts (BrokerPresence *presence,
                              const BleAdvert *const *updates,
                              guint n_updates,
                              gint64 now_us)
{
  if (g_hash_table_size (presence->table) == 0)
    return;
  for (guint i = 0; i < n_updates; i++)
    {
      const BleAdvert *known =
        ble_radio_lookup_device (presence->radio, updates[i]->device);
      /* A new device is one that was heard. */
      gboolean is_heard = (updates[i]->fields & FIELDS_HEARD) != 0 ||
                          ((updates[i]->fields & BLE_ADVERT_HAS_ADDRESS) != 0 &&
                           known != NULL && !known->bonded);
      Watched *watched = known != NULL && is_heard
                           ? g_hash_table_lookup (presence->table, &known->address)
                           : NULL;

      if (watched == NULL)
        continue;
      watched->heard_us = now_us;
      set_there (watched, TRUE, get_rssi (updates[i]));
    }
}

void
broker_presence_take_connected (BrokerPresence *presence,
                                const BleAddress *address,
                                gboolean connected,
                                gint64 now_us)
{
  Watched *watched = g_hash_table_lookup (presence->table, address);

  if (watched == NULL || watched->connected == connected)
    return;
  watched->connected = connected;
  watched->heard_us = now_us;
  update_scan (presence);
  if (connected)
    set_there (watched, TRUE, BLE_RSSI_UNKNOWN);
}

void
broker_presence_tick (BrokerPresence *presence, gint64 now_us)
{
  g_autoptr (GPtrArray) lost = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, presence->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Watched *watched = value;

      if (watched->is_there && !watched->connected &&
          now_us - watched->heard_us > BROKER_PRESENCE_LOST_US)
        g_ptr_array_add (lost, &((Watched *) value)->address);
    }
  for (guint i = 0; i < lost->len; i++)
    {
      Watched *watched = g_hash_table_lookup (presence->table, lost->pdata[i]);

      if (watched != NULL)
        set_there (watched, FALSE, BLE_RSSI_UNKNOWN);
    }
}

static gboolean
on_tick (gpointer user_data)
{
  broker_presence_tick (user_data, g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

gboolean
broker_presence_is_there (BrokerPresence *presence, const BleAddress *address)
{
  const Watched *watched = g_hash_table_lookup (presence->table, address);

  return watched != NULL && watched->is_there;
}

/* ---- watching ---- */

static gboolean
on_first (gpointer user_data)
{
  Watched *watched = user_data;

  watched->first_source = 0;
  if (watched->connected)
    set_there (watched, TRUE, BLE_RSSI_UNKNOWN);
  return G_SOURCE_REMOVE;
}

void
broker_presence_watch (BrokerPresence *presence, const BleAddress *address)
{
  Watched *watched = g_hash_table_lookup (presence->table, address);

  if (watched != NULL)
    {
      watched->n_watchers++;
      return;
    }
  watched = g_new0 (Watched, 1);
  watched->presence = presence;
  watched->address = *address;
  watched->n_watchers = 1;
  watched->connected = broker_devices_is_connected (presence->devices, address);
  watched->first_source = g_idle_add (on_first, watched);
  g_hash_table_insert (presence->table, &watched->address, watched);
  if (presence->tick_source == 0)
    presence->tick_source = g_timeout_add (TICK_MS, on_tick, presence);
  update_scan (presence);
}

void
broker_presence_unwatch (BrokerPresence *presence, const BleAddress *address)
{
  Watched *watched = g_hash_table_lookup (presence->table, address);

  g_return_if_fail (watched != NULL);

  if (--watched->n_watchers > 0)
    return;
  g_hash_table_remove (presence->table, &watched->address);
  if (g_hash_table_size (presence->table) == 0)
    g_clear_handle_id (&presence->tick_source, g_source_remove);
  update_scan (presence);
}

/* ---- all of them ---- */

BrokerPresence *
broker_presence_new (BleRadio *radio, BrokerScan *scan, BrokerDevices *devices)
{
  BrokerPresence *presence = g_new0 (BrokerPresence, 1);

  presence->radio = radio;
  presence->scan = scan;
  presence->devices = devices;
  presence->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  presence->scanning = g_array_new (FALSE, FALSE, sizeof (BleAdapterId));
  presence->table =
    g_hash_table_new_full ((GHashFunc) ble_address_hash, (GEqualFunc) ble_address_equal,
                           NULL, free_watched);
  return presence;
}

void
broker_presence_add_listener (BrokerPresence *presence,
                              BrokerPresenceFunc changed,
                              gpointer user_data)
{
  Listener listener = { changed, user_data };

  g_array_append_val (presence->listeners, listener);
}

void
broker_presence_remove_listener (BrokerPresence *presence, gpointer user_data)
{
  for (guint i = presence->listeners->len; i > 0; i--)
    if (g_array_index (presence->listeners, Listener, i - 1).user_data == user_data)
      g_array_remove_index (presence->listeners, i - 1);
}

void
broker_presence_free (BrokerPresence *presence)
{
  if (presence == NULL)
    return;
  g_array_unref (presence->listeners);
  g_clear_handle_id (&presence->tick_source, g_source_remove);
  g_hash_table_remove_all (presence->table);
  update_scan (presence);
  g_hash_table_unref (presence->table);
  g_array_unref (presence->scanning);
  g_free (presence);
}
