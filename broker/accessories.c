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
broker_accessories_take_policies (BrokerAccessories *accessories)
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
  g_hash_table_unref (accessories->rooms.operations);
  g_hash_table_unref (accessories->rooms.sockets);
  g_free (accessories);
}
