/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-gatt.h"

#include <string.h>

struct BleBluezGatt
{
  const BleBluezParts *parts;
  GHashTable *followed; /* BleAttributeId -> BleBluezFollow */
  GHashTable *acquired; /* set of BleAttributeId: asked for, and perhaps still held */
};

BleBluezGatt *
ble_bluez_gatt_new (const BleBluezParts *parts)
{
  BleBluezGatt *gatt = g_new0 (BleBluezGatt, 1);

  gatt->parts = parts;
  gatt->followed = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gatt->acquired = g_hash_table_new (NULL, NULL);
  return gatt;
}

void
ble_bluez_gatt_free (BleBluezGatt *gatt)
{
  if (gatt == NULL)
    return;
  g_hash_table_unref (gatt->followed);
  g_hash_table_unref (gatt->acquired);
  g_free (gatt);
}

/* Finds the attribute of @device. When it is not there, @task is ended and NULL
 * returned. */
static const BleBluezAttribute *
need_attribute (BleBluezGatt *gatt, BleDeviceId device, BleAttributeId id, GTask *task)
{
  const BleBluezAttribute *attribute =
    ble_bluez_tree_find_attribute (gatt->parts->tree, id);

  if (gatt->parts->owner == NULL)
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
  else if (attribute == NULL || attribute->device != device ||
           attribute->interface == BLE_BLUEZ_SERVICE)
    ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  else
    return attribute;
  return NULL;
}

static void
send_attribute_call (BleBluezGatt *gatt,
                     const BleBluezAttribute *attribute,
                     BleBluezRequest *request,
                     GCancellable *cancellable,
                     BleBluezReplyFunc func,
                     gpointer user_data)
{
  request->path = attribute->path;
  request->interface = attribute->interface == BLE_BLUEZ_DESCRIPTOR
                         ? ble_bluez_descriptor1
                         : ble_bluez_characteristic1;
  request->timeout_ms = BLE_BLUEZ_ATT_MS;
  request->device = attribute->device;
  ble_bluez_calls_send (gatt->parts->calls, request, cancellable, func, user_data);
}

static void
on_read (GVariant *reply,
         GUnixFDList *descriptors,
         const GError *error,
         gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GVariant) value = NULL;

  if (error != NULL)
    {
      ble_bluez_task_fail (task, error);
      return;
    }
  value = g_variant_get_child_value (reply, 0);
  if (g_variant_get_size (value) > BLE_GATT_VALUE_MAX)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_FAILED, "bad-reply");
      return;
    }
  g_task_return_pointer (task, g_variant_get_data_as_bytes (value),
                         (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static GVariant *
make_options (guint16 offset, const char *type)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (offset > 0)
    g_variant_builder_add (&options, "{sv}", "offset", g_variant_new_uint16 (offset));
  if (type != NULL)
    g_variant_builder_add (&options, "{sv}", "type", g_variant_new_string (type));
  return g_variant_builder_end (&options);
}

void
ble_bluez_gatt_read (BleBluezGatt *gatt,
                     BleDeviceId device,
                     BleAttributeId attribute,
                     guint16 offset,
                     GTask *task)
{
  const BleBluezAttribute *found = need_attribute (gatt, device, attribute, task);
  BleBluezRequest request = { .method = "ReadValue",
                              .reply_type = G_VARIANT_TYPE ("(ay)") };

  if (found == NULL)
    return;
  request.parameters = g_variant_new ("(@a{sv})", make_options (offset, NULL));
  send_attribute_call (gatt, found, &request, g_task_get_cancellable (task), on_read,
                       task);
}

static void
on_done (GVariant *reply,
         GUnixFDList *descriptors,
         const GError *error,
         gpointer user_data)
{
  if (error != NULL)
    ble_bluez_task_fail (user_data, error);
  else
    ble_bluez_task_succeed (user_data);
}

void
ble_bluez_gatt_write (BleBluezGatt *gatt,
                      BleDeviceId device,
                      BleAttributeId attribute,
                      guint16 offset,
                      GBytes *value,
                      gboolean with_response,
                      GTask *task)
{
  const BleBluezAttribute *found = need_attribute (gatt, device, attribute, task);
  BleBluezRequest request = { .method = "WriteValue" };
  const char *type = with_response ? "request" : "command";
  gsize size;
  const guint8 *octets = g_bytes_get_data (value, &size);

  if (found == NULL)
    return;
  if (offset + size > BLE_GATT_VALUE_MAX)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_INVALID, "invalid-length");
      return;
    }
  request.parameters = g_variant_new (
    "(@ay@a{sv})", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets, size, 1),
    make_options (offset, found->interface == BLE_BLUEZ_DESCRIPTOR ? NULL : type));
  send_attribute_call (gatt, found, &request, g_task_get_cancellable (task), on_done,
                       task);
}

/* bluetoothd cannot be told to forget an AcquireNotify(): when nobody waits for the
 * socket any more, it is closed when it comes. */
typedef struct
{
  BleBluezGatt *gatt;
  BleAttributeId characteristic;
  GTask *task; /* NULL: cancelled, and told so */
  GSource *cancel;
} Acquire;

static void
drop_cancel (Acquire *acquire)
{
  if (acquire->cancel == NULL)
    return;
  g_source_destroy (acquire->cancel);
  g_clear_pointer (&acquire->cancel, g_source_unref);
}

static gboolean
on_acquire_cancel (GCancellable *cancellable, gpointer user_data)
{
  Acquire *acquire = user_data;
  GTask *task = g_steal_pointer (&acquire->task);

  drop_cancel (acquire);
  ble_bluez_task_refuse (task, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  return G_SOURCE_REMOVE;
}

/* The socket in a reply of AcquireNotify or AcquireWrite, or NULL. */
static BleRadioSocket *
take_socket (GVariant *reply, GUnixFDList *descriptors)
{
  BleRadioSocket *found;
  gint32 index;
  guint16 mtu;
  int descriptor;

  g_variant_get (reply, "(hq)", &index, &mtu);
  if (descriptors == NULL || index < 0 ||
      index >= g_unix_fd_list_get_length (descriptors))
    return NULL;
  descriptor = g_unix_fd_list_get (descriptors, index, NULL);
  if (descriptor < 0)
    return NULL;
  found = g_new0 (BleRadioSocket, 1);
  found->descriptor = descriptor;
  found->mtu = mtu;
  return found;
}

static void
on_acquired (GVariant *reply,
             GUnixFDList *descriptors,
             const GError *error,
             gpointer user_data)
{
  g_autofree Acquire *acquire = user_data;
  GTask *task = acquire->task;
  BleRadioSocket *socket;

  drop_cancel (acquire);
  if (error != NULL)
    g_hash_table_remove (acquire->gatt->acquired,
                         GUINT_TO_POINTER (acquire->characteristic));
  if (task == NULL)
    return; /* whatever came is closed with the reply */
  if (error != NULL)
    {
      ble_bluez_task_fail (task, error);
      return;
    }
  socket = take_socket (reply, descriptors);
  if (socket == NULL)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_FAILED, "bad-reply");
      return;
    }
  g_task_return_pointer (task, socket, ble_radio_socket_free);
  g_object_unref (task);
}

void
ble_bluez_gatt_acquire (BleBluezGatt *gatt,
                        BleDeviceId device,
                        BleAttributeId characteristic,
                        gboolean for_write,
                        GTask *task)
{
  const BleBluezAttribute *found = need_attribute (gatt, device, characteristic, task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  BleBluezRequest request = { .method = for_write ? "AcquireWrite" : "AcquireNotify",
                              .reply_type = G_VARIANT_TYPE ("(hq)") };
  Acquire *acquire;

  if (found == NULL)
    return;
  if (found->interface != BLE_BLUEZ_CHARACTERISTIC)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NOT_SUPPORTED, "not-supported");
      return;
    }
  acquire = g_new0 (Acquire, 1);
  acquire->gatt = gatt;
  acquire->characteristic = characteristic;
  acquire->task = task;
  if (cancellable != NULL)
    {
      acquire->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (acquire->cancel, G_SOURCE_FUNC (on_acquire_cancel), acquire,
                             NULL);
      g_source_attach (acquire->cancel, g_task_get_context (task));
    }
  g_hash_table_add (gatt->acquired, GUINT_TO_POINTER (characteristic));
  request.parameters = g_variant_new ("(@a{sv})", make_options (0, NULL));
  send_attribute_call (gatt, found, &request, NULL, on_acquired, acquire);
}

/* StartNotify: the values may come before the reply. */
typedef struct
{
  BleBluezGatt *gatt;
  BleAttributeId characteristic;
  GTask *task;
} Start;

static void
on_taken_back (GVariant *reply,
               GUnixFDList *descriptors,
               const GError *error,
               gpointer user_data)
{
  /* It was not begun, or is at its end with the link. */
}

/* A StartNotify() that was given up is carried out all the same. */
static void
take_back (BleBluezGatt *gatt, BleAttributeId characteristic)
{
  const BleBluezAttribute *attribute =
    ble_bluez_tree_find_attribute (gatt->parts->tree, characteristic);
  BleBluezRequest request = { .method = "StopNotify" };

  if (attribute != NULL && gatt->parts->owner != NULL)
    send_attribute_call (gatt, attribute, &request, NULL, on_taken_back, NULL);
}

static void
on_follow_started (GVariant *reply,
                   GUnixFDList *descriptors,
                   const GError *error,
                   gpointer user_data)
{
  g_autofree Start *start = user_data;

  if (error != NULL)
    g_hash_table_remove (start->gatt->followed, GUINT_TO_POINTER (start->characteristic));
  if (error != NULL && g_cancellable_is_cancelled (g_task_get_cancellable (start->task)))
    take_back (start->gatt, start->characteristic);
  on_done (reply, descriptors, error, start->task);
}

static void
on_follow_stopped (GVariant *reply,
                   GUnixFDList *descriptors,
                   const GError *error,
                   gpointer user_data)
{
  if (error != NULL && strcmp (error->message, "not-notifying") == 0)
    error = NULL;
  on_done (reply, descriptors, error, user_data);
}

static void
begin_follow (BleBluezGatt *gatt,
              const BleBluezAttribute *attribute,
              const BleBluezFollow *follow,
              GTask *task)
{
  BleBluezRequest request = { .method = "StartNotify" };
  Start *start;

  if (g_hash_table_contains (gatt->followed, GUINT_TO_POINTER (attribute->id)))
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_BUSY, "in-progress");
      return;
    }
  if (g_hash_table_size (gatt->followed) >= BLE_BLUEZ_FOLLOWED_MAX)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_BUSY, "limits");
      return;
    }
  g_hash_table_insert (gatt->followed, GUINT_TO_POINTER (attribute->id),
                       g_memdup2 (follow, sizeof *follow));
  start = g_new0 (Start, 1);
  start->gatt = gatt;
  start->characteristic = attribute->id;
  start->task = task;
  send_attribute_call (gatt, attribute, &request, g_task_get_cancellable (task),
                       on_follow_started, start);
}

void
ble_bluez_gatt_notify (BleBluezGatt *gatt,
                       BleDeviceId device,
                       BleAttributeId characteristic,
                       const BleBluezFollow *follow,
                       GTask *task)
{
  const BleBluezAttribute *found = need_attribute (gatt, device, characteristic, task);
  BleBluezRequest request = { .method = "StopNotify" };

  if (found == NULL)
    return;
  if (found->interface != BLE_BLUEZ_CHARACTERISTIC)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NOT_SUPPORTED, "not-supported");
      return;
    }
  if (follow->on)
    {
      begin_follow (gatt, found, follow, task);
      return;
    }
  /* StopNotify() would shut somebody's socket if we do not follow ourselves. */
  if (!g_hash_table_remove (gatt->followed, GUINT_TO_POINTER (characteristic)))
    ble_bluez_task_succeed (task);
  else
    send_attribute_call (gatt, found, &request, NULL, on_follow_stopped, task);
}

void
ble_bluez_gatt_deliver (BleBluezGatt *gatt, const GArray *values)
{
  for (guint i = 0; i < values->len; i++)
    {
      const BleBluezValue *value = &g_array_index (values, BleBluezValue, i);
      const BleBluezFollow *follow =
        g_hash_table_lookup (gatt->followed, GUINT_TO_POINTER (value->characteristic));

      if (follow != NULL)
        follow->value (value->device, value->characteristic, value->value,
                       follow->value_data);
    }
}

void
ble_bluez_gatt_prune (BleBluezGatt *gatt)
{
  GHashTable *tables[] = { gatt->followed, gatt->acquired };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      GHashTableIter iter;
      gpointer id;

      g_hash_table_iter_init (&iter, tables[i]);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        if (ble_bluez_tree_find_attribute (gatt->parts->tree, GPOINTER_TO_UINT (id)) ==
            NULL)
          g_hash_table_iter_remove (&iter);
    }
}

guint
ble_bluez_gatt_leave (BleBluezGatt *gatt,
                      guint timeout_ms,
                      BleBluezWaitFunc func,
                      gpointer user_data)
{
  GHashTableIter iter;
  gpointer id;
  guint n = 0;

  /* bluetoothd drops StartNotify() of whoever leaves; asking keeps the order. */
  g_hash_table_iter_init (&iter, gatt->followed);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      const BleBluezAttribute *attribute =
        ble_bluez_tree_find_attribute (gatt->parts->tree, GPOINTER_TO_UINT (id));
      BleBluezRequest request = { .method = "StopNotify", .urgent = TRUE };

      if (attribute != NULL)
        send_attribute_call (gatt, attribute, &request, NULL, NULL, NULL);
    }
  g_hash_table_remove_all (gatt->followed);

  g_hash_table_iter_init (&iter, gatt->acquired);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      ble_bluez_waits_add (gatt->parts->waits, ble_bluez_is_released,
                           GPOINTER_TO_UINT (id), timeout_ms, NULL, func, user_data);
      n++;
    }
  return n;
}
