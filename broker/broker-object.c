/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/broker-object.h"

#include <string.h>

#include "broker/enforcement.h"
#include "broker/export.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

struct BrokerObject
{
  BrokerObjectRooms rooms;
  BrokerExport *export;
  BrokerEnforcement *enforcement;
  GHashTable *told; /* name of a property → GVariant that was told last */
  gboolean stopping;
};

/* ---- properties ---- */

static const char *
describe_state (BleRadio *radio)
{
  if (!ble_radio_daemon_running (radio))
    return "no-daemon";
  if (ble_radio_is_on (radio))
    return "powered-on";
  return ble_radio_adapters (radio)->len > 0 ? "powered-off" : "no-adapter";
}

static GVariant *
list_adapters (BleRadio *radio)
{
  const GArray *adapters = ble_radio_adapters (radio);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(sbb)"));
  for (guint i = 0; i < adapters->len; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      g_variant_builder_add (&list, "(sbb)", adapter->name, adapter->powered,
                             adapter->discovering);
    }
  return g_variant_builder_end (&list);
}

static GVariant *
get_property (gpointer self, const char *name)
{
  const BrokerObject *object = self;

  if (strcmp (name, "InterfaceVersion") == 0)
    return g_variant_new_uint32 (BLEPICK_INTERFACE_VERSION);
  if (strcmp (name, "Version") == 0)
    return g_variant_new_string (BLEPICK_VERSION);
  if (strcmp (name, "BluetoothState") == 0)
    return g_variant_new_string (describe_state (object->rooms.radio));
  if (strcmp (name, "Adapters") == 0)
    return list_adapters (object->rooms.radio);
  if (strcmp (name, "StoreState") == 0)
    return g_variant_new_string (
      broker_permissions_store_state (object->rooms.permissions));
  if (strcmp (name, "EnforcementDoors") == 0)
    return broker_enforcement_doors (object->enforcement);
  return g_variant_new_string (broker_enforcement_level (object->enforcement));
}

void
broker_object_update (BrokerObject *object)
{
  static const char *const changing[] = { "BluetoothState", "Adapters", "StoreState",
                                          "EnforcementLevel", "EnforcementDoors" };

  for (gsize i = 0; i < G_N_ELEMENTS (changing); i++)
    {
      GVariant *value = g_variant_ref_sink (get_property (object, changing[i]));
      GVariant *told = g_hash_table_lookup (object->told, changing[i]);

      if (told != NULL && g_variant_equal (told, value))
        {
          g_variant_unref (value);
          continue;
        }
      g_hash_table_insert (object->told, (gpointer) changing[i], value);
      if (told != NULL)
        broker_export_emit_changed (object->rooms.connection, NULL, BLEPICK_BROKER_PATH,
                                    BLEPICK_BROKER_INTERFACE, changing[i], value);
    }
}

static void
on_enforcement_changed (gpointer user_data)
{
  BrokerObject *object = user_data;

  broker_pickers_take_broadcasts_closed (object->rooms.pickers,
                                         broker_enforcement_are_broadcasts_closed (
                                           object->enforcement));
  broker_object_update (object);
}

/* ---- OpenSession ---- */

/* A client that waits for its session. */
typedef struct
{
  BrokerObject *object;
  GDBusMethodInvocation *invocation;
  BrokerCaller *caller;
} Opening;

static void
fail_opening (Opening *opening, const GError *error)
{
  broker_export_return_error (opening->invocation, error);
  g_clear_pointer (&opening->caller, broker_caller_unref);
  g_free (opening);
}

/* A client that left while it was looked for must not get what nobody would take away. */
static gboolean
check_still_there (const Opening *opening, GError **error)
{
  const BrokerObject *object = opening->object;

  if (object->stopping)
    blepick_error_set (error, BLEPICK_ERROR_INVALIDATED, "broker-stopping",
                       "The Bluetooth broker is stopping");
  else if (broker_identity_peek (object->rooms.identity, opening->caller->unique_name) !=
           opening->caller)
    blepick_error_set (error, BLEPICK_ERROR_INVALIDATED, "client-gone",
                       "The client has left the bus");
  else
    return TRUE;
  return FALSE;
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  const BrokerObjectRooms *rooms = &opening->object->rooms;
  g_autoptr (GError) error = NULL;
  const char *path = NULL;

  if (broker_permissions_load_finish (rooms->permissions, result, &error) &&
      check_still_there (opening, &error))
    path = broker_sessions_open (rooms->sessions, opening->caller, &error);
  broker_object_update (opening->object);
  if (path == NULL)
    {
      fail_opening (opening, error);
      return;
    }
  g_dbus_method_invocation_return_value (opening->invocation,
                                         g_variant_new ("(o)", path));
  broker_sessions_activate (rooms->sessions, path);
  broker_caller_unref (opening->caller);
  g_free (opening);
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  const BrokerObjectRooms *rooms = &opening->object->rooms;
  g_autoptr (PermsManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;

  opening->caller = broker_identity_lookup_finish (rooms->identity, result, &error);
  if (opening->caller == NULL ||
      !broker_manifests_find (rooms->manifests, opening->caller->app, &manifest, &error))
    {
      fail_opening (opening, error);
      return;
    }
  broker_permissions_load_async (rooms->permissions, opening->caller,
                                 broker_manifests_get_asks (manifest), NULL, on_loaded,
                                 opening);
}

static void
handle_open_session (gpointer self,
                     GDBusMethodInvocation *invocation,
                     GVariant *parameters,
                     GVariant *options)
{
  BrokerObject *object = self;
  Opening *opening = g_new0 (Opening, 1);

  opening->object = object;
  opening->invocation = invocation;
  broker_identity_lookup_async (object->rooms.identity,
                                g_dbus_method_invocation_get_sender (invocation), NULL,
                                on_identified, opening);
}

static const BrokerMethod methods[] = {
  { "OpenSession", BROKER_CALLER_ANYBODY, handle_open_session, broker_no_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_broker1_interface,
  methods,
  get_property,
};

BrokerObject *
broker_object_new (const BrokerObjectRooms *rooms, GError **error)
{
  BrokerObject *object = g_new0 (BrokerObject, 1);

  object->rooms = *rooms;
  object->enforcement =
    broker_enforcement_new (rooms->connection, rooms->radio,
                            broker_pickers_get_scan (rooms->pickers), rooms->probe_socket,
                            on_enforcement_changed, object);
  object->told = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                        (GDestroyNotify) g_variant_unref);
  object->export = broker_export_new_public (rooms->connection, BLEPICK_BROKER_PATH,
                                             &interface, object, error);
  if (object->export == NULL)
    {
      broker_object_free (object);
      return NULL;
    }
  broker_object_update (object);
  return object;
}

void
broker_object_take_adapters_changed (BrokerObject *object)
{
  broker_enforcement_take_adapters_changed (object->enforcement);
  broker_object_update (object);
}

void
broker_object_take_adverts (BrokerObject *object)
{
  broker_enforcement_take_adverts (object->enforcement);
}

void
broker_object_measure (BrokerObject *object)
{
  broker_enforcement_measure (object->enforcement);
}

void
broker_object_stop (BrokerObject *object)
{
  object->stopping = TRUE;
}

void
broker_object_free (BrokerObject *object)
{
  if (object == NULL)
    return;
  broker_enforcement_free (object->enforcement);
  broker_export_free (object->export);
  g_hash_table_unref (object->told);
  g_free (object);
}
