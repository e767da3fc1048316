/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/writers.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* As in fanout.c: bluetoothd sees that a socket was given back when its loop comes to it. */
#define RETRY_MS     100
#define RETURNING_US (2 * G_TIME_SPAN_SECOND)

/* ATT's opcode and handle (Core Specification 5.3, Vol 3, Part F, 3.4.5.3). */
#define HEADER 3

struct BrokerWriters
{
  BleRadio *radio;
  GHashTable *table; /* key → Channel */
};

/* bluetoothd's socket to one characteristic. */
typedef struct
{
  grefcount refs;         /* of the table, of calls under way, of tasks */
  BrokerWriters *writers; /* NULL: no more in the table */
  gint64 key;
  BleDeviceId device;
  BleAttributeId characteristic;
  GCancellable *starting;
  GPtrArray *waiting; /* GTask: until the socket is there; not owned by the array */
  GPtrArray *list;    /* BrokerWriter; not owned */
  int fd;             /* -1: none */
  guint16 mtu;
  guint n_promised; /* tasks that ended well and were not yet asked */
  guint hangup_source;
  guint writable_source; /* while a packet waits */
  GBytes *packet;        /* that waits, or NULL */
  BrokerWriter *owner;   /* of @packet */
  gint64 returned_us;    /* when we gave a socket back; 0: never had one */
  guint retry_source;
} Channel;

static Channel *
ref_channel (Channel *channel)
{
  g_ref_count_inc (&channel->refs);
  return channel;
}

static void
unref_channel (Channel *channel)
{
  if (!g_ref_count_dec (&channel->refs))
    return;
  g_clear_object (&channel->starting);
  g_ptr_array_unref (channel->waiting);
  g_ptr_array_unref (channel->list);
  g_free (channel);
}

static gint64
make_key (BleDeviceId device, BleAttributeId characteristic)
{
  return (gint64) ((guint64) device << 32 | characteristic);
}

/* ---- packets ---- */

static void
drop_packet (Channel *channel)
{
  g_clear_handle_id (&channel->writable_source, g_source_remove);
  g_clear_pointer (&channel->packet, g_bytes_unref);
  channel->owner = NULL;
}

static void
resume_all (Channel *channel)
{
  for (guint i = 0; i < channel->list->len; i++)
    broker_writer_read (g_ptr_array_index (channel->list, i), TRUE);
}

/* FALSE: bluetoothd's buffer is full. Other failures are told by the end of the socket. */
static gboolean
try_send (Channel *channel, const void *octets, gsize length)
{
  return send (channel->fd, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
         (errno != EAGAIN && errno != ENOBUFS && errno != EINTR);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  Channel *channel = user_data;
  gsize length;
  const void *octets = g_bytes_get_data (channel->packet, &length);

  if (!try_send (channel, octets, length))
    return G_SOURCE_CONTINUE;
  channel->writable_source = 0;
  drop_packet (channel);
  resume_all (channel);
  return G_SOURCE_REMOVE;
}

/* Nobody is read until @octets are sent. */
static void
hold_packet (Channel *channel, BrokerWriter *owner, const void *octets, gsize length)
{
  channel->packet = g_bytes_new (octets, length);
  channel->owner = owner;
  channel->writable_source = g_unix_fd_add (channel->fd, G_IO_OUT, on_writable, channel);
  for (guint i = 0; i < channel->list->len; i++)
    if (g_ptr_array_index (channel->list, i) != owner)
      broker_writer_read (g_ptr_array_index (channel->list, i), FALSE);
}

static gboolean
take_packet (BrokerWriter *writer, const guint8 *octets, gsize length, gpointer sink_data)
{
  Channel *channel = sink_data;

  if (length > BLE_GATT_VALUE_MAX || length + HEADER > channel->mtu)
    {
      broker_writer_end (writer);
      return FALSE;
    }
  if (try_send (channel, octets, length))
    return TRUE;
  hold_packet (channel, writer, octets, length);
  return FALSE;
}

/* ---- stopping ---- */

static void
return_socket (Channel *channel)
{
  drop_packet (channel);
  g_clear_handle_id (&channel->hangup_source, g_source_remove);
  if (channel->fd < 0)
    return;
  shutdown (channel->fd, SHUT_RDWR);
  close (channel->fd);
  channel->fd = -1;
  channel->returned_us = g_get_monotonic_time ();
}

static void
end_all (Channel *channel)
{
  for (guint i = 0; i < channel->list->len; i++)
    {
      BrokerWriter *writer = g_ptr_array_index (channel->list, i);

      broker_writer_set_sink (writer, NULL, NULL);
      broker_writer_end (writer);
    }
  g_ptr_array_set_size (channel->list, 0);
}

static gboolean
on_hangup (int fd, GIOCondition condition, gpointer user_data)
{
  Channel *channel = user_data;

  channel->hangup_source = 0;
  end_all (channel);
  return_socket (channel);
  return G_SOURCE_REMOVE;
}

static void
check_unused (Channel *channel)
{
  if (channel->writers == NULL || channel->list->len > 0 || channel->waiting->len > 0 ||
      channel->n_promised > 0)
    return;
  g_clear_handle_id (&channel->retry_source, g_source_remove);
  if (channel->starting != NULL)
    g_cancellable_cancel (channel->starting);
  return_socket (channel);
}

static void
on_writer_freed (BrokerWriter *writer, gpointer sink_data)
{
  Channel *channel = sink_data;

  g_ptr_array_remove_fast (channel->list, writer);
  if (channel->owner == writer)
    {
      drop_packet (channel);
      resume_all (channel);
    }
  check_unused (channel);
}

static const BrokerWriterSink sink = { take_packet, on_writer_freed };

/* ---- starting ---- */

static void start (Channel *channel);

static void
settle (Channel *channel, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&channel->waiting);

  channel->waiting = g_ptr_array_new ();
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autoptr (GTask) task = g_ptr_array_index (tasks, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        {
          channel->n_promised++;
          g_task_return_boolean (task, TRUE);
        }
    }
  check_unused (channel);
}

static gboolean
on_retry (gpointer user_data)
{
  Channel *channel = user_data;

  channel->retry_source = 0;
  start (channel);
  return G_SOURCE_REMOVE;
}

/* Whether what is held is most likely our own socket of a moment ago. */
static gboolean
may_be_ours (const Channel *channel, const GError *error)
{
  return g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY) &&
         channel->returned_us != 0 &&
         g_get_monotonic_time () - channel->returned_us < RETURNING_US;
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Channel *channel = user_data;
  g_autoptr (GError) error = NULL;

  channel->fd = ble_radio_acquire_finish (NULL, result, &channel->mtu, &error);
  g_clear_object (&channel->starting);
  if (channel->writers == NULL)
    return_socket (channel);
  else if (channel->waiting->len == 0)
    check_unused (channel);
  else if (channel->fd >= 0)
    {
      channel->hangup_source =
        g_unix_fd_add (channel->fd, G_IO_HUP | G_IO_ERR, on_hangup, channel);
      settle (channel, NULL);
    }
  else if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    start (channel); /* given up by all, and wanted again since */
  else if (may_be_ours (channel, error))
    channel->retry_source = g_timeout_add (RETRY_MS, on_retry, channel);
  else
    settle (channel, error);
  unref_channel (channel);
}

static void
start (Channel *channel)
{
  channel->starting = g_cancellable_new ();
  ble_radio_acquire_async (channel->writers->radio, channel->device,
                           channel->characteristic, TRUE, channel->starting, on_acquired,
                           ref_channel (channel));
}

static void
on_wait_cancelled (GCancellable *cancellable, GTask *task)
{
  Channel *channel = g_task_get_task_data (task);

  /* Not in the list: it is being settled. */
  if (!g_ptr_array_remove_fast (channel->waiting, task))
    return;
  g_task_return_new_error (task, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  g_object_unref (task);
  check_unused (channel);
}

static Channel *
get_channel (BrokerWriters *writers, BleDeviceId device, BleAttributeId characteristic)
{
  gint64 key = make_key (device, characteristic);
  Channel *channel = g_hash_table_lookup (writers->table, &key);

  if (channel != NULL)
    return channel;
  channel = g_new0 (Channel, 1);
  g_ref_count_init (&channel->refs);
  channel->writers = writers;
  channel->key = key;
  channel->device = device;
  channel->characteristic = characteristic;
  channel->waiting = g_ptr_array_new ();
  channel->list = g_ptr_array_new ();
  channel->fd = -1;
  g_hash_table_insert (writers->table, &channel->key, channel);
  return channel;
}

void
broker_writers_acquire_async (BrokerWriters *writers,
                              BleDeviceId device,
                              BleAttributeId characteristic,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Channel *channel = get_channel (writers, device, characteristic);

  g_task_set_source_tag (task, broker_writers_acquire_async);
  g_task_set_task_data (task, ref_channel (channel), (GDestroyNotify) unref_channel);
  g_task_set_check_cancellable (task, FALSE);
  if (channel->fd >= 0)
    {
      channel->n_promised++;
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (channel->waiting, task);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled),
                             task, 0);
  if (channel->starting == NULL && channel->retry_source == 0)
    start (channel);
}

gboolean
broker_writers_acquire_finish (BrokerWriters *writers,
                               GAsyncResult *result,
                               BrokerWriter *writer,
                               guint16 *ret_mtu,
                               GError **error)
{
  Channel *channel = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  channel->n_promised--;
  if (writer == NULL || channel->fd < 0)
    {
      check_unused (channel);
      g_set_error_literal (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION,
                           "not-connected");
      return FALSE;
    }
  g_ptr_array_add (channel->list, writer);
  broker_writer_set_sink (writer, &sink, channel);
  if (channel->packet == NULL)
    broker_writer_read (writer, TRUE);
  *ret_mtu = channel->mtu;
  return TRUE;
}

gboolean
broker_writers_send (BrokerWriters *writers,
                     BleDeviceId device,
                     BleAttributeId characteristic,
                     GBytes *value)
{
  gint64 key = make_key (device, characteristic);
  Channel *channel = g_hash_table_lookup (writers->table, &key);
  gsize length;
  const void *octets = g_bytes_get_data (value, &length);

  return channel != NULL && channel->fd >= 0 && channel->packet == NULL &&
         length + HEADER <= channel->mtu && try_send (channel, octets, length);
}

/* ---- all of them ---- */

static void
drop_channel (gpointer value)
{
  Channel *channel = value;
  g_autoptr (GError) error =
    g_error_new (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION, "not-connected");

  end_all (channel);
  settle (channel, error);
  g_clear_handle_id (&channel->retry_source, g_source_remove);
  if (channel->starting != NULL)
    g_cancellable_cancel (channel->starting);
  return_socket (channel);
  channel->writers = NULL;
  unref_channel (channel);
}

static gboolean
is_of_device (gpointer key, gpointer value, gpointer user_data)
{
  return ((const Channel *) value)->device == GPOINTER_TO_UINT (user_data);
}

void
broker_writers_take_gone (BrokerWriters *writers, BleDeviceId device)
{
  g_hash_table_foreach_remove (writers->table, is_of_device, GUINT_TO_POINTER (device));
}

BrokerWriters *
broker_writers_new (BleRadio *radio)
{
  BrokerWriters *writers = g_new0 (BrokerWriters, 1);

  writers->radio = radio;
  writers->table =
    g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, drop_channel);
  return writers;
}

void
broker_writers_free (BrokerWriters *writers)
{
  if (writers == NULL)
    return;
  g_hash_table_unref (writers->table);
  g_free (writers);
}
