/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-radio.h"

#include "ble/bluez-agent.h"
#include "ble/bluez-gatt.h"
#include "ble/bluez-leave.h"
#include "ble/bluez-link.h"
#include "ble/bluez-pairing.h"
#include "ble/bluez-parts.h"
#include "ble/bluez-power.h"
#include "ble/bluez-scan.h"

/* A bluetoothd that comes again within a minute of the last is left alone for a while,
 * longer each time. */
#define STABLE_US      ((gint64) 60 * G_USEC_PER_SEC)
#define BACKOFF_MS     500
#define BACKOFF_MAX_MS 30000

typedef struct
{
  BleRadio radio;
  BleBluezFlags flags;
  GMainContext *context;
  GDBusConnection *connection; /* of our calls and of the agent */
  BleBluezParts parts;
  BleBluezAgent *agent;
  BleBluezPairing *pairing;
  BleBluezScans *scans;
  BleBluezGatt *gatt;
  char *coming;       /* bluetoothd's name while we do not talk to it yet */
  GSource *attaching; /* when we shall */
  guint backoff_ms;
  gint64 attached_us;
  gboolean ready; /* its objects are known */
} Radio;

static Radio *
to_radio (BleRadio *radio)
{
  return (Radio *) radio;
}

static void
drop_attaching (Radio *self)
{
  if (self->attaching == NULL)
    return;
  g_source_destroy (self->attaching);
  g_clear_pointer (&self->attaching, g_source_unref);
}

static void schedule_attach (Radio *self);

static void
on_objects_failed (gpointer user_data)
{
  Radio *self = user_data;

  if (self->parts.owner == NULL || self->ready)
    return;
  g_warning ("bluetoothd does not tell its objects; asking again");
  schedule_attach (self);
}

/* Begins to talk to the bluetoothd that has come. */
static gboolean
on_attach (gpointer user_data)
{
  Radio *self = user_data;

  drop_attaching (self);
  self->attached_us = g_get_monotonic_time ();
  g_free (self->parts.owner);
  self->parts.owner = g_strdup (self->coming);
  ble_bluez_calls_set_owner (self->parts.calls, self->parts.owner);
  ble_bluez_adverts_read_objects (self->parts.adverts, self->parts.owner,
                                  on_objects_failed, self);
  return G_SOURCE_REMOVE;
}

static void
schedule_attach (Radio *self)
{
  gint64 since_us = g_get_monotonic_time () - self->attached_us;

  if (self->attached_us == 0 || since_us > STABLE_US)
    self->backoff_ms = 0;
  else
    self->backoff_ms =
      CLAMP (self->backoff_ms * 2, (guint) BACKOFF_MS, (guint) BACKOFF_MAX_MS);
  drop_attaching (self);
  self->attaching = g_timeout_source_new (self->backoff_ms);
  g_source_set_callback (self->attaching, on_attach, self, NULL);
  g_source_attach (self->attaching, self->context);
}

/* Another bluetoothd, or none: whatever we asked the one before is over. */
static void
take_owner (Radio *self, const char *owner)
{
  self->ready = FALSE;
  drop_attaching (self);
  g_clear_pointer (&self->parts.owner, g_free);
  g_free (self->coming);
  self->coming = g_strdup (owner);
  ble_bluez_agent_set_owner (self->agent, NULL, FALSE);
  ble_bluez_waits_end_all (self->parts.waits);
  ble_bluez_calls_set_owner (self->parts.calls, NULL);
  if (owner != NULL)
    schedule_attach (self);
}

static void
take_ready (Radio *self)
{
  if (self->parts.owner == NULL || self->ready)
    return;
  self->ready = TRUE;
  ble_bluez_agent_set_owner (self->agent, self->parts.owner,
                             (self->flags & BLE_BLUEZ_DEFAULT_AGENT) != 0);
}

/* The listener first: whoever waits for an operation finds everything told. */
static void
tell_changes (Radio *self, const BleBluezChanges *changes)
{
  const BleRadioListener *listener = self->radio.listener;
  gpointer data = self->radio.listener_data;

  if (listener != NULL && changes->adapters && listener->adapters_changed != NULL)
    listener->adapters_changed (data);
  if (listener != NULL && changes->updates->len > 0 && listener->adverts != NULL)
    listener->adverts ((const BleAdvert *const *) changes->updates->pdata,
                       changes->updates->len, data);
  ble_bluez_gatt_deliver (self->gatt, changes->values);
  for (guint i = 0; i < changes->gone->len; i++)
    {
      BleDeviceId device = g_array_index (changes->gone, BleDeviceId, i);

      if (listener != NULL && listener->device_gone != NULL)
        listener->device_gone (device, data);
      ble_bluez_calls_end_device (self->parts.calls, device);
    }
}

static void
on_events (const GPtrArray *events, gpointer user_data)
{
  Radio *self = user_data;
  g_autoptr (BleBluezChanges) changes = NULL;

  for (guint i = 0; i < events->len; i++)
    {
      BleBluezEvent *event = events->pdata[i];

      ble_bluez_tree_apply (self->parts.tree, event);
      if (event->kind == BLE_BLUEZ_EVENT_OWNER)
        take_owner (self, event->path);
      else if (event->kind == BLE_BLUEZ_EVENT_READY)
        take_ready (self);
    }
  changes = ble_bluez_tree_take_changes (self->parts.tree);
  tell_changes (self, changes);
  if (changes->gone->len > 0)
    ble_bluez_gatt_prune (self->gatt);
  if (changes->adapters)
    ble_bluez_scans_check (self->scans);
  ble_bluez_waits_check (self->parts.waits);
}

static gboolean
on_asked (const char *path,
          BleBluezAsk ask,
          guint32 passkey,
          guint entered,
          GDBusMethodInvocation *invocation,
          gpointer user_data)
{
  return ble_bluez_pairing_asked (((Radio *) user_data)->pairing, path, ask, passkey,
                                  entered, invocation);
}

static void
on_cancelled (gpointer user_data)
{
  ble_bluez_pairing_cancelled (((Radio *) user_data)->pairing);
}

static void
on_refused (const char *path, gpointer user_data)
{
  Radio *self = user_data;
  const BleRadioListener *listener = self->radio.listener;
  BleDeviceId device = ble_bluez_tree_find_path (self->parts.tree, path);

  if (listener != NULL && listener->pairing_refused != NULL && device != 0)
    listener->pairing_refused (device, self->radio.listener_data);
}

static const BleBluezAgentFuncs agent_funcs = {
  .asked = on_asked,
  .cancelled = on_cancelled,
  .refused = on_refused,
};

static void
radio_free (BleRadio *radio)
{
  Radio *self = to_radio (radio);

  /* First everything that still runs, while all of it is there to end in. */
  radio->listener = NULL;
  drop_attaching (self);
  ble_bluez_waits_free (self->parts.waits);
  ble_bluez_calls_free (self->parts.calls);
  ble_bluez_adverts_free (self->parts.adverts);
  ble_bluez_pairing_free (self->pairing);
  ble_bluez_scans_free (self->scans);
  ble_bluez_gatt_free (self->gatt);
  ble_bluez_agent_free (self->agent);
  ble_bluez_tree_free (self->parts.tree);
  if (self->connection != NULL)
    {
      g_dbus_connection_close (self->connection, NULL, NULL, NULL);
      g_object_unref (self->connection);
    }
  g_main_context_unref (self->context);
  g_free (self->parts.owner);
  g_free (self->coming);
  g_free (self);
}

static gboolean
radio_daemon_running (BleRadio *radio)
{
  return to_radio (radio)->ready;
}

static const GArray *
radio_adapters (BleRadio *radio)
{
  return ble_bluez_tree_adapters (to_radio (radio)->parts.tree);
}

static void
radio_power_async (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task)
{
  ble_bluez_power_set (&to_radio (radio)->parts, adapter, on, task);
}

static void
radio_scan_async (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task)
{
  ble_bluez_scans_set (to_radio (radio)->scans, adapter, on, task);
}

static void
radio_foreach_device (BleRadio *radio,
                      void (*func) (const BleAdvert *, gpointer),
                      gpointer user_data)
{
  ble_bluez_tree_foreach_device (to_radio (radio)->parts.tree, func, user_data);
}

static const BleAdvert *
radio_lookup_device (BleRadio *radio, BleDeviceId device)
{
  BleBluezDevice found;

  return ble_bluez_tree_find_device (to_radio (radio)->parts.tree, device, &found)
           ? found.advert
           : NULL;
}

static void
radio_pair_async (BleRadio *radio,
                  BleDeviceId device,
                  BlePairPromptFunc prompt,
                  gpointer prompt_data,
                  GTask *task)
{
  Radio *self = to_radio (radio);

  if (self->ready && !ble_bluez_agent_is_registered (self->agent))
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_FAILED, "agent-not-available");
  else
    ble_bluez_pairing_begin (self->pairing, device, prompt, prompt_data, task);
}

static void
radio_pair_answer (BleRadio *radio, BleDeviceId device, gboolean accept, guint32 passkey)
{
  ble_bluez_pairing_answer (to_radio (radio)->pairing, device, accept, passkey);
}

static void
radio_connect_async (BleRadio *radio, BleDeviceId device, GTask *task)
{
  ble_bluez_link_connect (&to_radio (radio)->parts, device, task);
}

static void
radio_disconnect_async (BleRadio *radio, BleDeviceId device, GTask *task)
{
  ble_bluez_link_disconnect (&to_radio (radio)->parts, device, task);
}

static void
radio_forget_async (BleRadio *radio, BleDeviceId device, GTask *task)
{
  ble_bluez_link_forget (&to_radio (radio)->parts, device, task);
}

static const BleGatt *
radio_gatt (BleRadio *radio, BleDeviceId device)
{
  return ble_bluez_tree_gatt (to_radio (radio)->parts.tree, device);
}

static void
radio_read_async (BleRadio *radio,
                  BleDeviceId device,
                  BleAttributeId attribute,
                  guint16 offset,
                  GTask *task)
{
  ble_bluez_gatt_read (to_radio (radio)->gatt, device, attribute, offset, task);
}

static void
radio_write_async (BleRadio *radio,
                   BleDeviceId device,
                   BleAttributeId attribute,
                   guint16 offset,
                   GBytes *value,
                   gboolean with_response,
                   GTask *task)
{
  ble_bluez_gatt_write (to_radio (radio)->gatt, device, attribute, offset, value,
                        with_response, task);
}

static void
radio_acquire_async (BleRadio *radio,
                     BleDeviceId device,
                     BleAttributeId characteristic,
                     gboolean for_write,
                     GTask *task)
{
  ble_bluez_gatt_acquire (to_radio (radio)->gatt, device, characteristic, for_write,
                          task);
}

static void
radio_notify_async (BleRadio *radio,
                    BleDeviceId device,
                    BleAttributeId characteristic,
                    gboolean on,
                    BleValueFunc value,
                    gpointer value_data,
                    GTask *task)
{
  const BleBluezFollow follow = { .on = on, .value = value, .value_data = value_data };

  ble_bluez_gatt_notify (to_radio (radio)->gatt, device, characteristic, &follow, task);
}

static void
radio_leave_async (BleRadio *radio, GTask *task)
{
  Radio *self = to_radio (radio);
  const BleBluezLeavers leavers = { .agent = self->agent,
                                    .gatt = self->gatt,
                                    .pairing = self->pairing,
                                    .scans = self->scans };

  ble_bluez_leave (&leavers, task);
}

static const BleRadioClass radio_class = {
  .free = radio_free,
  .daemon_running = radio_daemon_running,
  .adapters = radio_adapters,
  .power_async = radio_power_async,
  .scan_async = radio_scan_async,
  .foreach_device = radio_foreach_device,
  .lookup_device = radio_lookup_device,
  .pair_async = radio_pair_async,
  .pair_answer = radio_pair_answer,
  .connect_async = radio_connect_async,
  .disconnect_async = radio_disconnect_async,
  .forget_async = radio_forget_async,
  .gatt = radio_gatt,
  .read_async = radio_read_async,
  .write_async = radio_write_async,
  .acquire_async = radio_acquire_async,
  .notify_async = radio_notify_async,
  .leave_async = radio_leave_async,
};

static gboolean
open_bus (Radio *self, const char *bus_address, GError **error)
{
  g_autofree char *address =
    bus_address != NULL
      ? g_strdup (bus_address)
      : g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);

  if (address == NULL)
    return FALSE;
  self->connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
  if (self->connection == NULL)
    return FALSE;
  self->parts.calls = ble_bluez_calls_new (self->connection);
  self->agent =
    ble_bluez_agent_new (self->connection, self->parts.calls, &agent_funcs, self, error);
  if (self->agent == NULL)
    return FALSE;
  self->parts.adverts = ble_bluez_adverts_new (address, on_events, self, error);
  return self->parts.adverts != NULL;
}

BleRadio *
ble_bluez_radio_new (const char *bus_address, BleBluezFlags flags, GError **error)
{
  Radio *self = g_new0 (Radio, 1);

  self->radio.klass = &radio_class;
  self->flags = flags;
  self->context = g_main_context_ref_thread_default ();
  self->parts.tree = ble_bluez_tree_new ();
  self->pairing = ble_bluez_pairing_new (&self->parts);
  self->scans = ble_bluez_scans_new (&self->parts);
  self->gatt = ble_bluez_gatt_new (&self->parts);
  if (!open_bus (self, bus_address, error))
    {
      radio_free (&self->radio);
      return NULL;
    }
  self->parts.waits = ble_bluez_waits_new (self->parts.adverts, self->parts.tree);
  return &self->radio;
}
