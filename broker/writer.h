/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/writer.h: one app's socket to write a characteristic by. Its owner is asked before each packet whether the
 * app still may. An app that writes faster than the packets go waits: nothing is dropped while the socket is
 * open, and nothing that is left unsent goes out after its end. Knows not where packets go. */

#pragma once

#include <glib.h>

typedef struct BrokerWriter BrokerWriter;

typedef struct
{
  /* Asked before each packet. FALSE: it is dropped, and the socket ends. */
  gboolean (*may_write) (BrokerWriter *writer, gpointer user_data);
  /* The app closed its end, or did what it may not, or packets go nowhere any more: free the writer. Called once
   * at most, and never from inside a call of the owner's. */
  void (*ended) (BrokerWriter *writer, gpointer user_data);
} BrokerWriterClient;

/* Where packets go (writers.h). */
typedef struct
{
  /* FALSE: it cannot go now; reading stops until broker_writer_read(). A packet that can never go ends the writer. */
  gboolean (*take) (BrokerWriter *writer,
                    const guint8 *octets,
                    gsize length,
                    gpointer sink_data);
  void (*freed) (BrokerWriter *writer, gpointer sink_data);
} BrokerWriterSink;

/* @client: static. @ret_app_fd: the app's end, the caller's to close. NULL when there are no more descriptors. Nothing is
 * read before it has a sink. */
BrokerWriter *
broker_writer_new (const BrokerWriterClient *client, gpointer user_data, int *ret_app_fd);
/* Shuts the socket. Takes NULL. */
void broker_writer_free (BrokerWriter *writer);

/* Shuts the socket and calls ended() at the next turn of the loop. */
void broker_writer_end (BrokerWriter *writer);

/* @sink: static, or NULL. */
void broker_writer_set_sink (BrokerWriter *writer,
                             const BrokerWriterSink *sink,
                             gpointer sink_data);
/* Whether packets are read. */
void broker_writer_read (BrokerWriter *writer, gboolean on);
