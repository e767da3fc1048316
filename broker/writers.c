/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/writers.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>

#include "broker/share.h"

/* ATT's opcode and handle (Core Specification 5.3, Vol 3, Part F, 3.4.5.3). */
#define HEADER 3

struct BrokerWriters
{
  BrokerShares *shares;
};

/* bluetoothd's socket to one characteristic; its users are BrokerWriter. */
typedef struct
{
  BrokerShare share;
  guint hangup_source;
  guint writable_source; /* while a packet waits */
  GBytes *packet;        /* that waits, or NULL */
  BrokerWriter *owner;   /* of @packet */
} Channel;

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
  for (guint i = 0; i < channel->share.users->len; i++)
    broker_writer_read (g_ptr_array_index (channel->share.users, i), TRUE);
}

/* FALSE: bluetoothd's buffer is full. Other failures are told by the end of the socket. */
static gboolean
try_send (const Channel *channel, const void *octets, gsize length)
{
  return send (channel->share.fd, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
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
  channel->writable_source =
    g_unix_fd_add (channel->share.fd, G_IO_OUT, on_writable, channel);
  for (guint i = 0; i < channel->share.users->len; i++)
    if (g_ptr_array_index (channel->share.users, i) != owner)
      broker_writer_read (g_ptr_array_index (channel->share.users, i), FALSE);
}

static gboolean
take_packet (BrokerWriter *writer, const guint8 *octets, gsize length, gpointer sink_data)
{
  Channel *channel = sink_data;

  if (length > BLE_GATT_VALUE_MAX || length + HEADER > channel->share.mtu)
    {
      broker_writer_end (writer);
      return FALSE;
    }
  if (try_send (channel, octets, length))
    return TRUE;
  hold_packet (channel, writer, octets, length);
  return FALSE;
}

/* ---- what a share of this kind does ---- */

static gboolean
on_hangup (int fd, GIOCondition condition, gpointer user_data)
{
  Channel *channel = user_data;

  channel->hangup_source = 0;
  broker_share_close (&channel->share);
  return G_SOURCE_REMOVE;
}

static void
watch_channel (BrokerShare *share)
{
  Channel *channel = (Channel *) share;

  channel->hangup_source =
    g_unix_fd_add (share->fd, G_IO_HUP | G_IO_ERR, on_hangup, channel);
}

static void
close_channel (BrokerShare *share)
{
  Channel *channel = (Channel *) share;

  drop_packet (channel);
  g_clear_handle_id (&channel->hangup_source, g_source_remove);
}

static void
end_writers (BrokerShare *share)
{
  for (guint i = 0; i < share->users->len; i++)
    {
      BrokerWriter *writer = g_ptr_array_index (share->users, i);

      broker_writer_set_sink (writer, NULL, NULL);
      broker_writer_end (writer);
    }
  g_ptr_array_set_size (share->users, 0);
}

static const BrokerShareKind kind = {
  .size = sizeof (Channel),
  .to_write = TRUE,
  .opened = watch_channel,
  .closing = close_channel,
  .end_users = end_writers,
};

/* ---- writers ---- */

static void
on_writer_freed (BrokerWriter *writer, gpointer sink_data)
{
  Channel *channel = sink_data;

  g_ptr_array_remove_fast (channel->share.users, writer);
  if (channel->owner == writer)
    {
      drop_packet (channel);
      resume_all (channel);
    }
  broker_share_leave (&channel->share, writer);
}

static const BrokerWriterSink sink = { take_packet, on_writer_freed };

void
broker_writers_acquire_async (BrokerWriters *writers,
                              BleDeviceId device,
                              BleAttributeId characteristic,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  broker_shares_join_async (writers->shares, device, characteristic, cancellable,
                            callback, user_data);
}

gboolean
broker_writers_acquire_finish (BrokerWriters *writers,
                               GAsyncResult *result,
                               BrokerWriter *writer,
                               guint16 *ret_mtu,
                               GError **error)
{
  BrokerShare *share = broker_shares_join_finish (result, writer, error);

  if (share == NULL)
    return FALSE;
  broker_writer_set_sink (writer, &sink, share);
  if (((const Channel *) share)->packet == NULL)
    broker_writer_read (writer, TRUE);
  *ret_mtu = share->mtu;
  return TRUE;
}

gboolean
broker_writers_send (BrokerWriters *writers,
                     BleDeviceId device,
                     BleAttributeId characteristic,
                     GBytes *value)
{
  const Channel *channel =
    (const Channel *) broker_shares_find (writers->shares, device, characteristic);
  gsize length;
  const void *octets = g_bytes_get_data (value, &length);

  return channel != NULL && channel->share.fd >= 0 && channel->packet == NULL &&
         length + HEADER <= channel->share.mtu && try_send (channel, octets, length);
}

/* ---- all of them ---- */

void
broker_writers_take_gone (BrokerWriters *writers, BleDeviceId device)
{
  broker_shares_take_gone (writers->shares, device);
}

BrokerWriters *
broker_writers_new (BleRadio *radio)
{
  BrokerWriters *writers = g_new0 (BrokerWriters, 1);

  writers->shares = broker_shares_new (radio, &kind);
  return writers;
}

void
broker_writers_free (BrokerWriters *writers)
{
  if (writers == NULL)
    return;
  broker_shares_free (writers->shares);
  g_free (writers);
}
