/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-link.h"

#include <string.h>

/* The kernel gives up a connection attempt after 20 s (HCI_LE_CONN_TIMEOUT). */
#define CONNECT_MS 30000
/* For somebody else's attempt that is under way. */
#define OTHERS_MS 30000
/* An attempt that the controller ended sooner than this is worth another. */
#define RETRY_WITHIN_US ((gint64) 5 * G_USEC_PER_SEC)
/* Time between bluetoothd's reply and its word that the link, or the device, is gone. */
#define SETTLE_MS 5000

typedef struct
{
  const BleBluezParts *parts;
  BleDeviceId device;
  char *path;
  GTask *task;
  gboolean others; /* there was a link, or an attempt, that is not ours */
  gboolean bonded;
  gboolean retried;
  gint64 begun_us;
} Connect;

/* Frees @connect; its task goes with one of the functions below. */
static GTask *
end_connect (Connect *connect)
{
  GTask *task = connect->task;

  g_free (connect->path);
  g_free (connect);
  return task;
}

/* Takes back an attempt that nobody waits for any more, and a link that is good for nothing: it would be
 * taken for somebody else's the next time, and never be made anew. */
static void
fail_connect (Connect *connect, const GError *error)
{
  if (!connect->others &&
      (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED) ||
       strcmp (error->message, "services-not-resolved") == 0))
    {
      const BleBluezRequest request = { .path = connect->path,
                                        .interface = ble_bluez_device1,
                                        .method = "Disconnect",
                                        .timeout_ms = BLE_BLUEZ_QUICK_MS,
                                        .urgent = TRUE };

      ble_bluez_calls_send (connect->parts->calls, &request, NULL, NULL, NULL);
    }
  ble_bluez_task_fail (end_connect (connect), error);
}

/* bluetoothd may say "resolved" before it has shown the last attribute; now it has. */
static void
on_attributes_shown (gpointer user_data)
{
  Connect *connect = user_data;
  g_autoptr (GError) error = NULL;
  BleBluezOutcome outcome =
    ble_bluez_is_resolved (connect->parts->tree, connect->device, &error);

  if (outcome == BLE_BLUEZ_MET)
    ble_bluez_task_succeed (end_connect (connect));
  else if (outcome == BLE_BLUEZ_LOST)
    ble_bluez_task_fail (end_connect (connect), error);
  else
    ble_bluez_task_refuse (end_connect (connect), BLE_RADIO_ERROR_CONNECTION,
                           "services-not-resolved");
}

static void
on_resolved (const GError *error, gpointer user_data)
{
  Connect *connect = user_data;
  g_autoptr (GError) unresolved = NULL;

  if (error == NULL)
    ble_bluez_adverts_sync_device (connect->parts->adverts, connect->parts->owner,
                                   connect->path, on_attributes_shown, connect);
  else if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT))
    {
      unresolved = g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION,
                                        "services-not-resolved");
      fail_connect (connect, unresolved);
    }
  else
    fail_connect (connect, error);
}

static void
on_others_resolved (const GError *error, gpointer user_data)
{
  Connect *connect = user_data;

  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT))
    ble_bluez_task_refuse (end_connect (connect), BLE_RADIO_ERROR_BUSY, "in-progress");
  else
    on_resolved (error, connect);
}

/* bluetoothd may answer before it says that the link is there, or say that with the services only. */
static void
on_link_seen (const GError *error, gpointer user_data)
{
  Connect *connect = user_data;

  if (error == NULL)
    ble_bluez_waits_add (connect->parts->waits, ble_bluez_is_resolved, connect->device,
                         BLE_BLUEZ_RESOLVE_MS, g_task_get_cancellable (connect->task),
                         on_resolved, connect);
  else if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT))
    ble_bluez_task_refuse (end_connect (connect), BLE_RADIO_ERROR_CONNECTION,
                           "not-connected");
  else
    fail_connect (connect, error);
}

static void begin_connect (Connect *connect);

static gboolean
is_cut_at_once (const Connect *connect, const GError *error)
{
  return strcmp (error->message, "le-connection-abort-by-local") == 0 &&
         g_get_monotonic_time () - connect->begun_us < RETRY_WITHIN_US;
}

/* An accessory without its half of the bond refuses to encrypt, and the kernel cuts the link. bluetoothd 5.66 has
 * no word of its own for that; later ones say this. */
static void
fail_cut (Connect *connect)
{
  const char *cause =
    connect->bonded ? "le-connection-key-missing" : "le-connection-abort-by-local";

  ble_bluez_task_refuse (end_connect (connect), BLE_RADIO_ERROR_CONNECTION, cause);
}

static void
on_connected (GVariant *reply,
              GUnixFDList *descriptors,
              const GError *error,
              gpointer user_data)
{
  Connect *connect = user_data;
  BleBluezWaits *waits = connect->parts->waits;
  GCancellable *cancellable = g_task_get_cancellable (connect->task);

  if (error == NULL || g_str_has_suffix (error->message, "already-connected"))
    ble_bluez_waits_add (waits, ble_bluez_is_connected, connect->device,
                         BLE_BLUEZ_RESOLVE_MS, cancellable, on_link_seen, connect);
  else if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY))
    {
      connect->others = TRUE;
      ble_bluez_waits_add (waits, ble_bluez_is_resolved_or_idle, connect->device,
                           OTHERS_MS, cancellable, on_others_resolved, connect);
    }
  else if (is_cut_at_once (connect, error) && !connect->retried)
    {
      connect->retried = TRUE;
      begin_connect (connect);
    }
  else if (is_cut_at_once (connect, error))
    fail_cut (connect);
  else
    fail_connect (connect, error);
}

static void
begin_connect (Connect *connect)
{
  const BleBluezRequest request = { .path = connect->path,
                                    .interface = ble_bluez_device1,
                                    .method = "Connect",
                                    .timeout_ms = CONNECT_MS,
                                    .device = connect->device };

  connect->begun_us = g_get_monotonic_time ();
  ble_bluez_calls_send (connect->parts->calls, &request,
                        g_task_get_cancellable (connect->task), on_connected, connect);
}

void
ble_bluez_link_connect (const BleBluezParts *parts, BleDeviceId device, GTask *task)
{
  BleBluezDevice found;
  Connect *connect;

  if (!ble_bluez_need_device (parts, device, TRUE, task, &found))
    return;
  connect = g_new0 (Connect, 1);
  connect->parts = parts;
  connect->device = device;
  connect->path = g_strdup (found.path);
  connect->task = task;
  connect->others = found.advert->connected;
  connect->bonded = found.advert->bonded;
  begin_connect (connect);
}

/* Disconnect and forget: one call, then its effect. */
typedef struct
{
  const BleBluezParts *parts;
  BleDeviceId device;
  BleBluezCondition effect;
  GTask *task;
} Cut;

static void
on_cut_seen (const GError *error, gpointer user_data)
{
  g_autofree Cut *cut = user_data;

  if (error == NULL)
    ble_bluez_task_succeed (cut->task);
  else
    ble_bluez_task_fail (cut->task, error);
}

static void
on_cut (GVariant *reply,
        GUnixFDList *descriptors,
        const GError *error,
        gpointer user_data)
{
  Cut *cut = user_data;

  /* No link and no device are what was wanted; and bluetoothd may remove a device without
   * answering the RemoveDevice() that it was asked for. */
  if (error == NULL || strcmp (error->message, "not-connected") == 0 ||
      g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE))
    ble_bluez_waits_add (cut->parts->waits, cut->effect, cut->device, SETTLE_MS,
                         g_task_get_cancellable (cut->task), on_cut_seen, cut);
  else
    on_cut_seen (error, cut);
}

static void
begin_cut (const BleBluezParts *parts,
           BleDeviceId device,
           const BleBluezRequest *request,
           BleBluezCondition effect,
           GTask *task)
{
  Cut *cut = g_new0 (Cut, 1);

  cut->parts = parts;
  cut->device = device;
  cut->effect = effect;
  cut->task = task;
  ble_bluez_calls_send (parts->calls, request, g_task_get_cancellable (task), on_cut,
                        cut);
}

void
ble_bluez_link_disconnect (const BleBluezParts *parts, BleDeviceId device, GTask *task)
{
  BleBluezDevice found;
  BleBluezRequest request = { .interface = ble_bluez_device1,
                              .method = "Disconnect",
                              .timeout_ms = BLE_BLUEZ_QUICK_MS,
                              .urgent = TRUE };

  if (!ble_bluez_need_device (parts, device, FALSE, task, &found))
    return;
  request.path = found.path;
  request.device = device;
  begin_cut (parts, device, &request, ble_bluez_is_disconnected, task);
}

static void
remove_device (const BleBluezParts *parts, BleDeviceId device, GTask *task)
{
  BleBluezDevice found;
  BleBluezRequest request = { .interface = ble_bluez_adapter1,
                              .method = "RemoveDevice",
                              .timeout_ms = BLE_BLUEZ_QUICK_MS,
                              .device = device,
                              .urgent = TRUE };

  if (!ble_bluez_tree_find_device (parts->tree, device, &found))
    {
      ble_bluez_task_succeed (
        task); /* without link and bond bluetoothd forgot it itself */
      return;
    }
  request.path = found.adapter_path;
  request.parameters = g_variant_new ("(o)", found.path);
  begin_cut (parts, device, &request, ble_bluez_is_gone, task);
}

typedef struct
{
  const BleBluezParts *parts;
  BleDeviceId device;
  GTask *task;
} Forget;

static void
on_forget_disconnected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Forget *forget = user_data;
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    remove_device (forget->parts, forget->device, forget->task);
  else
    ble_bluez_task_fail (forget->task, error);
}

/* First the link, then the device: BlueZ 5.66 now and then does not answer a
 * RemoveDevice() of a connected one, or crashes of it when the link is just breaking. */
void
ble_bluez_link_forget (const BleBluezParts *parts, BleDeviceId device, GTask *task)
{
  BleBluezDevice found;
  Forget *forget;
  GTask *disconnected;

  if (!ble_bluez_need_device (parts, device, TRUE, task, &found))
    return;
  if (!found.advert->connected)
    {
      remove_device (parts, device, task);
      return;
    }
  forget = g_new0 (Forget, 1);
  forget->parts = parts;
  forget->device = device;
  forget->task = task;
  disconnected =
    g_task_new (NULL, g_task_get_cancellable (task), on_forget_disconnected, forget);
  g_task_set_check_cancellable (disconnected, FALSE);
  ble_bluez_link_disconnect (parts, device, disconnected);
}
