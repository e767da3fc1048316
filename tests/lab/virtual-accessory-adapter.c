/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-adapter.h"

#include "tests/lab/virtual-accessory-agent.h"
#include "tests/lab/virtual-accessory-gatt.h"
#include "tests/lab/virtual-accessory-management.h"
#include "tests/lab/virtual-accessory-report.h"

#define SERVICE             "org.bluez"
#define ADAPTER_INTERFACE   "org.bluez.Adapter1"
#define ADVERTISING_MANAGER "org.bluez.LEAdvertisingManager1"
#define BUSY_RETRY_MS       100
#define BUSY_RETRIES_MAX    50
#define CALL_TIMEOUT_MS     20000

typedef struct _Sequence Sequence;

struct _AccessoryAdapter
{
  GDBusConnection *bus;
  const AccessoryWords *words;
  char *path;
  AccessoryAdapterFunc func;
  gpointer user_data;
  GCancellable *presence; /* of bluetoothd */
  guint watch;
  guint added_subscription;
  gboolean started;
  guint retry;       /* timer */
  Sequence *waiting; /* for it */
};

/* One call of a sequence. */
typedef struct
{
  const char *object; /* NULL: the adapter */
  const char *interface;
  const char *method;
  GVariant *(*parameters) (const AccessoryAdapter *adapter);
  gboolean (*prepare) (const AccessoryAdapter *adapter, GError **error); /* or NULL */
} Step;

struct _Sequence
{
  AccessoryAdapter *adapter;
  const Step *steps; /* ends with a NULL method */
  guint n_retries;   /* of the step it has come to */
  gboolean stubborn; /* goes on after a step that failed, without a word */
  AccessoryAdapterState end;
  gboolean tells_end;
};

static GVariant *
set_property (const char *name, GVariant *value)
{
  return g_variant_new ("(ssv)", ADAPTER_INTERFACE, name, value);
}

static GVariant *
power_on (const AccessoryAdapter *adapter)
{
  return set_property ("Powered", g_variant_new_boolean (TRUE));
}

static GVariant *
power_off (const AccessoryAdapter *adapter)
{
  return set_property ("Powered", g_variant_new_boolean (FALSE));
}

static gboolean
leave_bredr (const AccessoryAdapter *adapter, GError **error)
{
  return accessory_management_set_le_only (adapter->words->adapters[0], error);
}

/* The alias is what the GAP service gives as the device's name. */
static GVariant *
name_adapter (const AccessoryAdapter *adapter)
{
  return set_property ("Alias", g_variant_new_take_string (
                                  g_utf8_make_valid (adapter->words->name, -1)));
}

static GVariant *
allow_pairing (const AccessoryAdapter *adapter)
{
  return set_property ("Pairable", g_variant_new_boolean (TRUE));
}

static GVariant *
agent_with_capability (const AccessoryAdapter *adapter)
{
  return g_variant_new ("(os)", ACCESSORY_AGENT_PATH,
                        accessory_agent_capability (adapter->words->pairing));
}

static GVariant *
agent_path (const AccessoryAdapter *adapter)
{
  return g_variant_new ("(o)", ACCESSORY_AGENT_PATH);
}

static GVariant *
application_with_options (const AccessoryAdapter *adapter)
{
  return g_variant_new ("(oa{sv})", ACCESSORY_GATT_PATH, NULL);
}

static GVariant *
application_path (const AccessoryAdapter *adapter)
{
  return g_variant_new ("(o)", ACCESSORY_GATT_PATH);
}

#define SET           "org.freedesktop.DBus.Properties", "Set"
#define AGENT_MANAGER "/org/bluez", "org.bluez.AgentManager1"
#define GATT_MANAGER  "org.bluez.GattManager1"

static const Step start_steps[] = {
  { NULL, SET, power_off, NULL },
  { NULL, SET, power_on, leave_bredr },
  { NULL, SET, name_adapter, NULL },
  { NULL, SET, allow_pairing, NULL },
  { AGENT_MANAGER, "RegisterAgent", agent_with_capability, NULL },
  { AGENT_MANAGER, "RequestDefaultAgent", agent_path, NULL },
  { NULL, GATT_MANAGER, "RegisterApplication", application_with_options, NULL },
  { .method = NULL },
};

static const Step leave_steps[] = {
  { NULL, GATT_MANAGER, "UnregisterApplication", application_path, NULL },
  { AGENT_MANAGER, "UnregisterAgent", agent_path, NULL },
  { .method = NULL },
};

static const Step power_on_steps[] = {
  { NULL, SET, power_on, NULL },
  { .method = NULL },
};

static void on_step_done (GObject *source, GAsyncResult *result, gpointer user_data);

/* Reports that the step it has come to did not work. */
static void
fail_sequence (Sequence *sequence, const GError *error)
{
  AccessoryAdapter *adapter = sequence->adapter;

  accessory_report_error (sequence->steps->method, error->message);
  if (sequence->tells_end)
    adapter->func (ACCESSORY_ADAPTER_FAILED, adapter->user_data);
  g_free (sequence);
}

static void
run_step (Sequence *sequence)
{
  AccessoryAdapter *adapter = sequence->adapter;
  const Step *step = sequence->steps;
  g_autoptr (GError) error = NULL;

  if (step->prepare != NULL && !step->prepare (adapter, &error))
    {
      fail_sequence (sequence, error);
      return;
    }
  g_dbus_connection_call (adapter->bus, SERVICE,
                          step->object != NULL ? step->object : adapter->path,
                          step->interface, step->method, step->parameters (adapter), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS,
                          adapter->presence, on_step_done, sequence);
}

static gboolean
on_retry (gpointer user_data)
{
  AccessoryAdapter *adapter = user_data;

  adapter->retry = 0;
  run_step (g_steal_pointer (&adapter->waiting));
  return G_SOURCE_REMOVE;
}

/* bluetoothd is busy with an adapter's power when it has just found the adapter. */
static gboolean
retry_step (Sequence *sequence, const GError *error)
{
  AccessoryAdapter *adapter = sequence->adapter;
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (g_strcmp0 (name, "org.bluez.Error.Busy") != 0 || adapter->retry != 0 ||
      sequence->n_retries++ == BUSY_RETRIES_MAX)
    return FALSE;
  adapter->waiting = sequence;
  adapter->retry = g_timeout_add (BUSY_RETRY_MS, on_retry, adapter);
  return TRUE;
}

static void
end_sequence (Sequence *sequence)
{
  AccessoryAdapter *adapter = sequence->adapter;

  if (sequence->tells_end)
    adapter->func (sequence->end, adapter->user_data);
  g_free (sequence);
}

static void
on_step_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sequence *sequence = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_free (sequence); /* the adapter may be no more */
  else if (reply == NULL && !sequence->stubborn)
    {
      if (!retry_step (sequence, error))
        fail_sequence (sequence, error);
    }
  else if ((++sequence->steps)->method != NULL)
    {
      sequence->n_retries = 0;
      run_step (sequence);
    }
  else
    end_sequence (sequence);
}

static Sequence *
new_sequence (AccessoryAdapter *adapter, const Step *steps, gboolean stubborn)
{
  Sequence *sequence = g_new0 (Sequence, 1);

  sequence->adapter = adapter;
  sequence->steps = steps;
  sequence->stubborn = stubborn;
  return sequence;
}

static void
run_sequence_to (AccessoryAdapter *adapter,
                 const Step *steps,
                 gboolean stubborn,
                 AccessoryAdapterState end)
{
  Sequence *sequence = new_sequence (adapter, steps, stubborn);

  sequence->tells_end = TRUE;
  sequence->end = end;
  run_step (sequence);
}

/* bluetoothd puts the advertising manager on an adapter last: with it, all is there,
 * although we advertise without it. */
static void
start_if_complete (AccessoryAdapter *adapter, GVariant *interfaces)
{
  g_autoptr (GVariant) manager =
    g_variant_lookup_value (interfaces, ADVERTISING_MANAGER, NULL);

  if (manager == NULL || adapter->started)
    return;
  adapter->started = TRUE;
  run_sequence_to (adapter, start_steps, FALSE, ACCESSORY_ADAPTER_READY);
}

static void
on_interfaces_added (GDBusConnection *bus,
                     const char *sender,
                     const char *path,
                     const char *interface,
                     const char *signal,
                     GVariant *parameters,
                     gpointer user_data)
{
  AccessoryAdapter *adapter = user_data;
  g_autoptr (GVariant) interfaces = NULL;
  const char *object = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    return;
  g_variant_get (parameters, "(&o@a{sa{sv}})", &object, &interfaces);
  if (g_str_equal (object, adapter->path))
    start_if_complete (adapter, interfaces);
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AccessoryAdapter *adapter = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) interfaces = NULL;
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  adapter = user_data;
  if (reply == NULL)
    {
      accessory_report_error ("GetManagedObjects", error->message);
      adapter->func (ACCESSORY_ADAPTER_FAILED, adapter->user_data);
      return;
    }
  objects = g_variant_get_child_value (reply, 0);
  interfaces = g_variant_lookup_value (objects, adapter->path, NULL);
  if (interfaces != NULL)
    start_if_complete (adapter, interfaces);
  else
    accessory_report_error ("no such adapter yet", adapter->path);
}

static void
on_bluetoothd_appeared (GDBusConnection *bus,
                        const char *name,
                        const char *owner,
                        gpointer user_data)
{
  AccessoryAdapter *adapter = user_data;

  adapter->presence = g_cancellable_new ();
  g_dbus_connection_call (bus, owner, "/", "org.freedesktop.DBus.ObjectManager",
                          "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS,
                          adapter->presence, on_objects, adapter);
}

static void
end_presence (AccessoryAdapter *adapter)
{
  g_cancellable_cancel (adapter->presence);
  g_clear_object (&adapter->presence);
  g_clear_handle_id (&adapter->retry, g_source_remove);
  g_clear_pointer (&adapter->waiting, g_free);
  adapter->started = FALSE;
}

static void
on_bluetoothd_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  AccessoryAdapter *adapter = user_data;

  end_presence (adapter);
  accessory_report_error ("not on the bus", SERVICE);
  adapter->func (ACCESSORY_ADAPTER_GONE, adapter->user_data);
}

char *
accessory_adapter_path (const AccessoryWords *words)
{
  return g_strdup_printf ("/org/bluez/hci%u", words->adapters[0]);
}

AccessoryAdapter *
accessory_adapter_new (GDBusConnection *bus,
                       const AccessoryWords *words,
                       AccessoryAdapterFunc func,
                       gpointer user_data)
{
  AccessoryAdapter *adapter = g_new0 (AccessoryAdapter, 1);

  adapter->bus = g_object_ref (bus);
  adapter->words = words;
  adapter->path = accessory_adapter_path (words);
  adapter->func = func;
  adapter->user_data = user_data;
  adapter->added_subscription = g_dbus_connection_signal_subscribe (
    bus, SERVICE, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "/", NULL,
    G_DBUS_SIGNAL_FLAGS_NONE, on_interfaces_added, adapter, NULL);
  adapter->watch =
    g_bus_watch_name_on_connection (bus, SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                    on_bluetoothd_appeared, on_bluetoothd_vanished,
                                    adapter, NULL);
  return adapter;
}

void
accessory_adapter_free (AccessoryAdapter *adapter)
{
  if (adapter == NULL)
    return;
  end_presence (adapter);
  g_bus_unwatch_name (adapter->watch);
  g_dbus_connection_signal_unsubscribe (adapter->bus, adapter->added_subscription);
  g_free (adapter->path);
  g_object_unref (adapter->bus);
  g_free (adapter);
}

void
accessory_adapter_vanish (AccessoryAdapter *adapter)
{
  g_autoptr (GError) error = NULL;

  if (!accessory_management_power_off (adapter->words->adapters[0], &error))
    accessory_report_error ("vanish", error->message);
}

void
accessory_adapter_power_on (AccessoryAdapter *adapter)
{
  run_step (new_sequence (adapter, power_on_steps, FALSE));
}

void
accessory_adapter_leave (AccessoryAdapter *adapter)
{
  run_sequence_to (adapter, leave_steps, TRUE, ACCESSORY_ADAPTER_LEFT);
}
