/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/radio.h"

#include <glib/gstdio.h>

G_DEFINE_QUARK (ble_radio_error_quark, ble_radio_error)

static const char *const method_words[] = {
  [BLE_PAIR_METHOD_NONE] = "none",       [BLE_PAIR_METHOD_JUST_WORKS] = "just-works",
  [BLE_PAIR_METHOD_WE_SHOW] = "we-show", [BLE_PAIR_METHOD_THEY_SHOW] = "they-show",
  [BLE_PAIR_METHOD_COMPARE] = "compare",
};

const char *
ble_pair_method_to_word (BlePairMethod method)
{
  g_return_val_if_fail ((guint) method < G_N_ELEMENTS (method_words), "none");
  return method_words[method];
}

gboolean
ble_pair_method_from_word (const char *word, BlePairMethod *ret_method)
{
  for (guint i = 0; i < G_N_ELEMENTS (method_words); i++)
    if (g_strcmp0 (word, method_words[i]) == 0)
      {
        *ret_method = (BlePairMethod) i;
        return TRUE;
      }
  return FALSE;
}

/* The task of one operation. A cancelled operation says so in our own error domain,
 * and only when the radio has tidied up: GTask must not answer in its place. */
static GTask *
begin_task (gpointer tag,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static gboolean
finish_boolean (gpointer tag, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ble_radio_free (BleRadio *radio)
{
  if (radio != NULL)
    radio->klass->free (radio);
}

void
ble_radio_set_listener (BleRadio *radio,
                        const BleRadioListener *listener,
                        gpointer user_data)
{
  radio->listener = listener;
  radio->listener_data = user_data;
}

gboolean
ble_radio_daemon_running (BleRadio *radio)
{
  return radio->klass->daemon_running (radio);
}

const GArray *
ble_radio_adapters (BleRadio *radio)
{
  return radio->klass->adapters (radio);
}

gboolean
ble_radio_is_on (BleRadio *radio)
{
  const GArray *adapters = ble_radio_adapters (radio);

  for (guint i = 0; i < adapters->len; i++)
    if (g_array_index (adapters, BleAdapter, i).powered)
      return ble_radio_daemon_running (radio);
  return FALSE;
}

const BleAdapter *
ble_radio_find_adapter (BleRadio *radio, BleAdapterId id)
{
  const GArray *adapters = radio->klass->adapters (radio);

  for (guint i = 0; i < adapters->len; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      if (adapter->id == id)
        return adapter;
    }
  return NULL;
}

void
ble_radio_power_async (BleRadio *radio,
                       BleAdapterId adapter,
                       gboolean on,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  radio->klass->power_async (radio, adapter, on,
                             begin_task (ble_radio_power_async, cancellable, callback,
                                         user_data));
}

gboolean
ble_radio_power_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_power_async, result, error);
}

void
ble_radio_scan_async (BleRadio *radio,
                      BleAdapterId adapter,
                      gboolean on,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  radio->klass->scan_async (radio, adapter, on,
                            begin_task (ble_radio_scan_async, cancellable, callback,
                                        user_data));
}

gboolean
ble_radio_scan_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_scan_async, result, error);
}

void
ble_radio_foreach_device (BleRadio *radio,
                          void (*func) (const BleAdvert *advert, gpointer user_data),
                          gpointer user_data)
{
  radio->klass->foreach_device (radio, func, user_data);
}

const BleAdvert *
ble_radio_lookup_device (BleRadio *radio, BleDeviceId device)
{
  return radio->klass->lookup_device (radio, device);
}

void
ble_radio_pair_async (BleRadio *radio,
                      BleDeviceId device,
                      BlePairPromptFunc prompt,
                      gpointer prompt_data,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  radio->klass->pair_async (radio, device, prompt, prompt_data,
                            begin_task (ble_radio_pair_async, cancellable, callback,
                                        user_data));
}

gboolean
ble_radio_pair_finish (BleRadio *radio,
                       GAsyncResult *result,
                       BlePairMethod *ret_method,
                       GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, ble_radio_pair_async), FALSE);

  gssize method = g_task_propagate_int (G_TASK (result), error);
  if (method < 0)
    return FALSE;
  if (ret_method != NULL)
    *ret_method = (BlePairMethod) method;
  return TRUE;
}

void
ble_radio_pair_answer (BleRadio *radio,
                       BleDeviceId device,
                       gboolean accept,
                       guint32 passkey)
{
  g_return_if_fail (!accept || passkey <= BLE_PASSKEY_MAX);
  radio->klass->pair_answer (radio, device, accept, passkey);
}

void
ble_radio_connect_async (BleRadio *radio,
                         BleDeviceId device,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  radio->klass->connect_async (radio, device,
                               begin_task (ble_radio_connect_async, cancellable, callback,
                                           user_data));
}

gboolean
ble_radio_connect_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_connect_async, result, error);
}

void
ble_radio_disconnect_async (BleRadio *radio,
                            BleDeviceId device,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  radio->klass->disconnect_async (radio, device,
                                  begin_task (ble_radio_disconnect_async, cancellable,
                                              callback, user_data));
}

gboolean
ble_radio_disconnect_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_disconnect_async, result, error);
}

void
ble_radio_forget_async (BleRadio *radio,
                        BleDeviceId device,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  radio->klass->forget_async (
    radio, device, begin_task (ble_radio_forget_async, cancellable, callback, user_data));
}

gboolean
ble_radio_forget_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_forget_async, result, error);
}

const BleGatt *
ble_radio_gatt (BleRadio *radio, BleDeviceId device)
{
  return radio->klass->gatt (radio, device);
}

void
ble_radio_read_async (BleRadio *radio,
                      BleDeviceId device,
                      BleAttributeId attribute,
                      guint16 offset,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  radio->klass->read_async (radio, device, attribute, offset,
                            begin_task (ble_radio_read_async, cancellable, callback,
                                        user_data));
}

GBytes *
ble_radio_read_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, ble_radio_read_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ble_radio_write_async (BleRadio *radio,
                       BleDeviceId device,
                       const BleWrite *write,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  radio->klass->write_async (
    radio, device, write->attribute, write->offset, write->value, write->with_response,
    begin_task (ble_radio_write_async, cancellable, callback, user_data));
}

gboolean
ble_radio_write_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_write_async, result, error);
}

void
ble_radio_acquire_async (BleRadio *radio,
                         BleDeviceId device,
                         BleAttributeId characteristic,
                         gboolean for_write,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  radio->klass->acquire_async (radio, device, characteristic, for_write,
                               begin_task (ble_radio_acquire_async, cancellable, callback,
                                           user_data));
}

int
ble_radio_acquire_finish (BleRadio *radio,
                          GAsyncResult *result,
                          guint16 *ret_mtu,
                          GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, ble_radio_acquire_async), -1);

  g_autofree BleRadioSocket *socket = g_task_propagate_pointer (G_TASK (result), error);
  if (socket == NULL)
    return -1;
  if (ret_mtu != NULL)
    *ret_mtu = socket->mtu;
  return socket->descriptor;
}

void
ble_radio_socket_free (gpointer socket)
{
  (void) g_close (((BleRadioSocket *) socket)->descriptor, NULL);
  g_free (socket);
}

void
ble_radio_notify_async (BleRadio *radio,
                        BleDeviceId device,
                        BleAttributeId characteristic,
                        const BleValueSink *sink,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  static const BleValueSink nowhere = { NULL, NULL };
  const BleValueSink *to = sink != NULL ? sink : &nowhere;

  radio->klass->notify_async (
    radio, device, characteristic, sink != NULL, to->func, to->user_data,
    begin_task (ble_radio_notify_async, cancellable, callback, user_data));
}

gboolean
ble_radio_notify_finish (BleRadio *radio, GAsyncResult *result, GError **error)
{
  return finish_boolean (ble_radio_notify_async, result, error);
}

void
ble_radio_leave_async (BleRadio *radio, GAsyncReadyCallback callback, gpointer user_data)
{
  radio->klass->leave_async (radio, begin_task (ble_radio_leave_async, NULL, callback,
                                                user_data));
}

void
ble_radio_leave_finish (BleRadio *radio, GAsyncResult *result)
{
  (void) finish_boolean (ble_radio_leave_async, result, NULL);
}
