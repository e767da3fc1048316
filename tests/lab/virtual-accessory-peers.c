/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-peers.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "tests/lab/virtual-accessory-management.h"
#include "tests/lab/virtual-accessory-report.h"

#define MESSAGE_MAX 1024 /* octets; the longest that matters here is Device Connected */

/* doc/mgmt-api.txt of BlueZ 5.66. Events of a peer start with its address, least
 * significant octet first. */
#define HEADER_LENGTH    ACCESSORY_MANAGEMENT_HEADER
#define PEER_LENGTH      ACCESSORY_MANAGEMENT_PEER
#define SETTINGS_POWERED (1U << 0)

typedef enum
{
  EVENT_NEW_SETTINGS = 0x0006,
  EVENT_NEW_LONG_TERM_KEY = 0x000a,
  EVENT_DEVICE_CONNECTED = 0x000b,
  EVENT_DEVICE_DISCONNECTED = 0x000c,
  EVENT_AUTHENTICATION_FAILED = 0x0011,
  EVENT_DEVICE_UNPAIRED = 0x0016,
} ManagementEvent;

struct _AccessoryPeers
{
  guint index;
  AccessoryPeersFunc func;
  gpointer user_data;
  int fd;
  guint source;
  GHashTable *connected; /* GBytes: address and kind -> gboolean: paired on this link */
};

static void
emit (AccessoryPeers *peers, AccessoryPeerEvent event)
{
  peers->func (event, peers->user_data);
}

/* A pairing without LE Secure Connections makes two keys: only the first one is news. */
static void
note_key (AccessoryPeers *peers, GBytes *peer)
{
  gpointer paired = NULL;

  if (g_hash_table_lookup_extended (peers->connected, peer, NULL, &paired) &&
      GPOINTER_TO_INT (paired))
    return;
  g_hash_table_insert (peers->connected, g_bytes_ref (peer), GINT_TO_POINTER (TRUE));
  emit (peers, ACCESSORY_PEER_PAIRED);
}

static void
note_power (AccessoryPeers *peers, const guint8 *settings)
{
  if (settings[0] & SETTINGS_POWERED)
    return;
  for (guint n = g_hash_table_size (peers->connected); n > 0; n--)
    emit (peers, ACCESSORY_PEER_DISCONNECTED);
  g_hash_table_remove_all (peers->connected);
}

static void
note_event (AccessoryPeers *peers, guint event, GBytes *peer)
{
  switch (event)
    {
    case EVENT_DEVICE_CONNECTED:
      if (g_hash_table_insert (peers->connected, g_bytes_ref (peer), NULL))
        emit (peers, ACCESSORY_PEER_CONNECTED);
      break;
    case EVENT_DEVICE_DISCONNECTED:
      if (g_hash_table_remove (peers->connected, peer))
        emit (peers, ACCESSORY_PEER_DISCONNECTED);
      break;
    case EVENT_AUTHENTICATION_FAILED:
      emit (peers, ACCESSORY_PEER_PAIRING_FAILED);
      break;
    case EVENT_DEVICE_UNPAIRED:
      emit (peers, ACCESSORY_PEER_UNPAIRED);
      break;
    default: /* of no interest */
      break;
    }
}

static void
note_message (AccessoryPeers *peers, const guint8 *message, gsize length)
{
  const guint8 *body = message + HEADER_LENGTH;
  guint event = accessory_management_get_uint16 (message);
  g_autoptr (GBytes) peer = NULL;

  /* Every event of interest names a peer, but for the settings' four octets. */
  if (accessory_management_get_uint16 (message + 2) != peers->index)
    return;
  if (event == EVENT_NEW_SETTINGS && length >= HEADER_LENGTH + sizeof (guint32))
    note_power (peers, body);
  else if (event == EVENT_NEW_LONG_TERM_KEY &&
           length >= HEADER_LENGTH + 1 + PEER_LENGTH) /* after the store hint */
    {
      peer = g_bytes_new (body + 1, PEER_LENGTH);
      note_key (peers, peer);
    }
  else if (length >= HEADER_LENGTH + PEER_LENGTH)
    {
      peer = g_bytes_new (body, PEER_LENGTH);
      note_event (peers, event, peer);
    }
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  AccessoryPeers *peers = user_data;
  guint8 message[MESSAGE_MAX];
  gssize length = read (fd, message, sizeof message);

  if (length >= HEADER_LENGTH)
    note_message (peers, message, (gsize) length);
  else if (length == 0 || (errno != EAGAIN && errno != EINTR))
    {
      peers->source = 0;
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

AccessoryPeers *
accessory_peers_new (guint index,
                     AccessoryPeersFunc func,
                     gpointer user_data,
                     GError **error)
{
  AccessoryPeers *peers = NULL;
  int fd = accessory_management_open (error);

  if (fd < 0)
    return NULL;
  peers = g_new0 (AccessoryPeers, 1);
  peers->index = index;
  peers->func = func;
  peers->user_data = user_data;
  peers->fd = fd;
  peers->connected = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                            (GDestroyNotify) g_bytes_unref, NULL);
  /* First, so that `connected` comes before what bluetoothd asks the agent. */
  peers->source =
    g_unix_fd_add_full (G_PRIORITY_HIGH, fd, G_IO_IN, on_readable, peers, NULL);
  return peers;
}

void
accessory_peers_free (AccessoryPeers *peers)
{
  if (peers == NULL)
    return;
  g_clear_handle_id (&peers->source, g_source_remove);
  close (peers->fd);
  g_hash_table_unref (peers->connected);
  g_free (peers);
}

gboolean
accessory_peers_disconnect (AccessoryPeers *peers)
{
  GHashTableIter iter;
  gpointer peer;

  g_hash_table_iter_init (&iter, peers->connected);
  while (g_hash_table_iter_next (&iter, &peer, NULL))
    {
      g_autoptr (GError) error = NULL;

      if (!accessory_management_disconnect (peers->index, g_bytes_get_data (peer, NULL),
                                            &error))
        accessory_report_error ("disconnect", error->message);
    }
  return g_hash_table_size (peers->connected) > 0;
}
