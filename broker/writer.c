/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/writer.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ble/gatt.h"

/* Packets of one app in one turn of the loop: the others come next. */
#define PACKETS_A_TURN 4

/* What an app may write ahead of us. The kernel doubles it. */
#define APP_BUFFER 2304

struct BrokerWriter
{
  const BrokerWriterClient *client;
  gpointer user_data;
  const BrokerWriterSink *sink;
  gpointer sink_data;
  int fd;       /* our end; -1: shut */
  guint source; /* while we read */
  guint end_source;
};

static void
shut_socket (BrokerWriter *writer)
{
  g_clear_handle_id (&writer->source, g_source_remove);
  if (writer->fd < 0)
    return;
  shutdown (writer->fd, SHUT_RDWR);
  close (writer->fd);
  writer->fd = -1;
}

static gboolean
on_end (gpointer user_data)
{
  BrokerWriter *writer = user_data;

  writer->end_source = 0;
  writer->client->ended (writer, writer->user_data);
  return G_SOURCE_REMOVE;
}

void
broker_writer_end (BrokerWriter *writer)
{
  shut_socket (writer);
  if (writer->end_source == 0)
    writer->end_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_end, writer, NULL);
}

/* Whether to read on. */
static gboolean
take_packet (BrokerWriter *writer, const guint8 *octets, gsize length)
{
  if (writer->client->may_write (writer, writer->user_data))
    return writer->sink->take (writer, octets, length, writer->sink_data);
  broker_writer_end (writer);
  return FALSE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  BrokerWriter *writer = user_data;
  guint8 packet[BLE_GATT_VALUE_MAX + 1]; /* one that is too long is seen to be */

  for (guint i = 0; i < PACKETS_A_TURN; i++)
    {
      gssize length = recv (fd, packet, sizeof packet, MSG_DONTWAIT);

      if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
      /* A packet of no octets looks like the end; the end alone hangs up. */
      if (length < 0 || (length == 0 && (condition & G_IO_HUP) != 0))
        {
          writer->source = 0;
          broker_writer_end (writer);
          return G_SOURCE_REMOVE;
        }
      if (!take_packet (writer, packet, (gsize) length))
        {
          writer->source = 0;
          return G_SOURCE_REMOVE;
        }
    }
  return G_SOURCE_CONTINUE;
}

void
broker_writer_read (BrokerWriter *writer, gboolean on)
{
  if (!on)
    g_clear_handle_id (&writer->source, g_source_remove);
  else if (writer->fd >= 0 && writer->source == 0)
    writer->source =
      g_unix_fd_add (writer->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, writer);
}

void
broker_writer_set_sink (BrokerWriter *writer,
                        const BrokerWriterSink *sink,
                        gpointer sink_data)
{
  writer->sink = sink;
  writer->sink_data = sink_data;
  if (sink == NULL)
    broker_writer_read (writer, FALSE);
}

BrokerWriter *
broker_writer_new (const BrokerWriterClient *client, gpointer user_data, int *ret_app_fd)
{
  BrokerWriter *writer;
  int buffer = APP_BUFFER;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return NULL;
  writer = g_new0 (BrokerWriter, 1);
  writer->client = client;
  writer->user_data = user_data;
  writer->fd = ends[0];
  setsockopt (ends[1], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  *ret_app_fd = ends[1];
  return writer;
}

void
broker_writer_free (BrokerWriter *writer)
{
  if (writer == NULL)
    return;
  shut_socket (writer);
  if (writer->sink != NULL)
    writer->sink->freed (writer, writer->sink_data);
  g_clear_handle_id (&writer->end_source, g_source_remove);
  g_free (writer);
}
