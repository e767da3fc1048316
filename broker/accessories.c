/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/accessories.h"

#include <string.h>

#include "dbus/names.h"

struct BrokerAccessories
{
  BrokerAccessoryRooms rooms;
  BrokerSessions *sessions;
  BrokerExport *export;
  GHashTable *table; /* "UNIQUE-NAME ID" → BrokerAccessory */
};

static gpointer
find_accessory (const char *sender, const char *node, gpointer user_data)
{
  BrokerAccessories *accessories = user_data;
  BrokerCaller *caller = broker_sessions_find_caller (accessories->sessions, sender);
  g_autofree char *key = NULL;
  BrokerAccessory *accessory;

  if (caller == NULL ||
      !broker_permissions_knows (accessories->rooms.permissions, caller, node))
    return NULL;
  key = g_strdup_printf ("%s %s", sender, node);
  accessory = g_hash_table_lookup (accessories->table, key);
  if (accessory == NULL)
    {
      accessory = broker_accessory_new (&accessories->rooms, caller, node);
      g_hash_table_insert (accessories->table, g_steal_pointer (&key), accessory);
    }
  return accessory;
}

static gboolean
is_of_client (gpointer key, gpointer value, gpointer user_data)
{
  return strcmp (broker_accessory_get_caller (value)->unique_name, user_data) == 0;
}

void
broker_accessories_take_client_gone (BrokerAccessories *accessories,
                                     const char *unique_name)
{
  g_hash_table_foreach_remove (accessories->table, is_of_client, (gpointer) unique_name);
}

static gboolean
is_of_grant (gpointer key, gpointer value, gpointer user_data)
{
  const BrokerGrant *grant = user_data;

  return strcmp (broker_accessory_get_id (value), grant->id) == 0 &&
         strcmp (broker_accessory_get_caller (value)->app, grant->app) == 0;
}

void
broker_accessories_take_revoked (BrokerAccessories *accessories, const BrokerGrant *grant)
{
  g_hash_table_foreach_remove (accessories->table, is_of_grant, (gpointer) grant);
}

static void
shut_refused (gpointer key, gpointer value, gpointer user_data)
{
  broker_accessory_shut_refused (value);
}

void
broker_accessories_take_rows_changed (BrokerAccessories *accessories)
{
  g_hash_table_foreach (accessories->table, shut_refused, NULL);
}

typedef struct
{
  BrokerAccessories *accessories;
  const BleAddress *address;
  gboolean connected;
} News;

static void
tell_connected (BrokerCaller *caller, gpointer user_data)
{
  const News *news = user_data;
  const BrokerAccessoryRooms *rooms = &news->accessories->rooms;
  const BrokerGrant *grant =
    broker_permissions_find_address (rooms->permissions, caller, news->address);
  g_autofree char *path = NULL;

  if (grant == NULL)
    return;
  path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, grant->id);
  broker_export_emit_changed (rooms->connection, caller->unique_name, path,
                              BLEPICK_ACCESSORY_INTERFACE, "Connected",
                              g_variant_new_boolean (news->connected));
}

void
broker_accessories_take_connected (BrokerAccessories *accessories,
                                   const BleAddress *address,
                                   gboolean connected)
{
  News news = { accessories, address, connected };

  broker_sessions_foreach_caller (accessories->sessions, tell_connected, &news);
  broker_presence_take_connected (accessories->rooms.presence, address, connected,
                                  g_get_monotonic_time ());
}

static void
emit_presence (BrokerAccessories *accessories,
               const BrokerAccessory *accessory,
               gboolean is_there,
               gint16 rssi)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "accessory", "s", broker_accessory_get_id (accessory));
  if (rssi != BLE_RSSI_UNKNOWN)
    g_variant_dict_insert (&details, "signal", "n", rssi);
  broker_sessions_emit_app (accessories->sessions,
                            broker_accessory_get_caller (accessory)->app,
                            is_there ? BLEPICK_EVENT_ACCESSORY_APPEARED
                                     : BLEPICK_EVENT_ACCESSORY_LOST,
                            g_variant_dict_end (&details));
}

BrokerPresence *
broker_accessories_get_presence (BrokerAccessories *accessories)
{
  return accessories->rooms.presence;
}

/* Tells the apps that watch it, and tries again what waited for it. */
static void
on_presence (const BleAddress *address,
             gboolean is_there,
             gint16 rssi,
             gpointer user_data)
{
  BrokerAccessories *accessories = user_data;
  g_autoptr (GHashTable) told = g_hash_table_new (g_str_hash, g_str_equal); /* apps */
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, accessories->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      BrokerAccessory *accessory = value;
      const char *app = broker_accessory_get_caller (accessory)->app;

      if (broker_accessory_is_watching (accessory, address) &&
          g_hash_table_add (told, (gpointer) app))
        emit_presence (accessories, accessory, is_there, rssi);
      if (is_there)
        broker_accessory_take_appeared (accessory, address);
    }
}

typedef struct
{
  BrokerAccessories *accessories;
  const BleAdvert *known;
  guint fields; /* that are news */
} Change;

static void
tell_change (BrokerCaller *caller, gpointer user_data)
{
  const Change *change = user_data;
  const BrokerAccessoryRooms *rooms = &change->accessories->rooms;
  const BrokerGrant *grant =
    broker_permissions_find_address (rooms->permissions, caller, &change->known->address);
  guint8 battery = change->known->battery;
  g_autofree char *path = NULL;

  if (grant == NULL)
    return;
  path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, grant->id);
  if ((change->fields & BLE_ADVERT_HAS_DATABASE) != 0)
    broker_export_emit (rooms->connection, caller->unique_name, path,
                        BLEPICK_ACCESSORY_INTERFACE, "ServicesChanged", NULL);
  if ((change->fields & BLE_ADVERT_HAS_BATTERY) != 0 &&
      broker_battery_is_covered (rooms->permissions, caller, grant->id))
    broker_export_emit_changed (
      rooms->connection, caller->unique_name, path, BLEPICK_ACCESSORY_INTERFACE,
      "Battery",
      g_variant_new_int16 (
        (gint16) (battery == BLE_BATTERY_UNKNOWN ? BROKER_BATTERY_UNKNOWN : battery)));
}

/* Of the device that the accessory is to its apps, where several adapters know it. */
static void
take_change (BrokerAccessories *accessories, const BleAdvert *update)
{
  const BleAdvert *known =
    ble_radio_lookup_device (accessories->rooms.radio, update->device);
  Change change = { accessories, known, update->fields };

  if (known != NULL &&
      broker_devices_find (accessories->rooms.devices, &known->address) == update->device)
    broker_sessions_foreach_caller (accessories->sessions, tell_change, &change);
}

void
broker_accessories_take_adverts (BrokerAccessories *accessories,
                                 const BleAdvert *const *updates,
                                 guint n_updates)
{
  for (guint i = 0; i < n_updates; i++)
    if ((updates[i]->fields & (BLE_ADVERT_HAS_BATTERY | BLE_ADVERT_HAS_DATABASE)) != 0)
      take_change (accessories, updates[i]);
  broker_presence_take_adverts (accessories->rooms.presence, updates, n_updates,
                                g_get_monotonic_time ());
}

void
broker_accessories_take_gone (BrokerAccessories *accessories, BleDeviceId device)
{
  broker_fanouts_take_gone (accessories->rooms.fanouts, device);
  broker_writers_take_gone (accessories->rooms.writers, device);
}

void
broker_accessories_take_adapters_changed (BrokerAccessories *accessories)
{
  broker_presence_take_adapters_changed (accessories->rooms.presence);
}

BrokerAccessories *
broker_accessories_new (const BrokerAccessoryRooms *rooms,
                        BrokerSessions *sessions,
                        GError **error)
{
  BrokerAccessories *accessories = g_new0 (BrokerAccessories, 1);

  accessories->rooms = *rooms;
  accessories->rooms.operations =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  accessories->rooms.sockets = g_hash_table_new (NULL, NULL);
  accessories->rooms.fanouts = broker_fanouts_new (rooms->radio);
  accessories->rooms.writers = broker_writers_new (rooms->radio);
  accessories->rooms.presence =
    broker_presence_new (rooms->radio, rooms->scan, rooms->devices);
  broker_presence_add_listener (accessories->rooms.presence, on_presence, accessories);
  accessories->sessions = sessions;
  accessories->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify) broker_accessory_close);
  accessories->export =
    broker_export_new (rooms->connection, BLEPICK_ACCESSORY_PATH, FALSE,
                       &broker_accessory_interface, find_accessory, accessories, error);
  if (accessories->export == NULL)
    {
      broker_accessories_free (accessories);
      return NULL;
    }
  return accessories;
}

void
broker_accessories_free (BrokerAccessories *accessories)
{
  if (accessories == NULL)
    return;
  broker_export_free (accessories->export);
  g_hash_table_unref (accessories->table);
  broker_presence_free (accessories->rooms.presence);
  broker_fanouts_free (accessories->rooms.fanouts);
  broker_writers_free (accessories->rooms.writers);
  g_hash_table_unref (accessories->rooms.operations);
  g_hash_table_unref (accessories->rooms.sockets);
  g_free (accessories);
}
