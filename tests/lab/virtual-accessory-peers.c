/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-peers.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 1024 /* octets; the longest that matters here is Device Connected */

/* The management channel of the kernel: its <net/bluetooth/hci_sock.h>, which is not
 * among the headers for user space. */
#define PROTOCOL_HCI    1
#define CHANNEL_CONTROL 3
#define NO_DEVICE       0xffff

typedef struct
{
  sa_family_t family;
  guint16 device;
  guint16 channel;
} HciAddress;

/* doc/mgmt-api.txt of BlueZ 5.66: header of 6 octets (event, controller, length), then
 * the address as 6 octets, least significant first. */
#define HEADER_LENGTH    6
#define ADDRESS_LENGTH   6
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
  GHashTable *connected; /* last part of a path -> GINT_TO_POINTER: paired on this link */
};

static char *
name_peer (const guint8 *address)
{
  return g_strdup_printf ("dev_%02X_%02X_%02X_%02X_%02X_%02X", address[5], address[4],
                          address[3], address[2], address[1], address[0]);
}

static void
emit (AccessoryPeers *peers, AccessoryPeerEvent event)
{
  peers->func (event, peers->user_data);
}

/* A pairing without LE Secure Connections makes two keys: only the first one is news. */
static void
note_key (AccessoryPeers *peers, const char *peer)
{
  gpointer paired = NULL;

  if (g_hash_table_lookup_extended (peers->connected, peer, NULL, &paired) &&
      GPOINTER_TO_INT (paired))
    return;
  g_hash_table_insert (peers->connected, g_strdup (peer), GINT_TO_POINTER (TRUE));
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
note_event (AccessoryPeers *peers, guint event, const char *peer)
{
  switch (event)
    {
    case EVENT_DEVICE_CONNECTED:
      if (g_hash_table_insert (peers->connected, g_strdup (peer), NULL))
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

static guint16
read_uint16 (const guint8 *octets)
{
  return (guint16) (octets[0] | octets[1] << 8);
}

static void
note_message (AccessoryPeers *peers, const guint8 *message, gsize length)
{
  const guint8 *body = message + HEADER_LENGTH;
  guint event = read_uint16 (message);
  g_autofree char *peer = NULL;

  /* Every event of interest has at least six octets, but for the settings' four. */
  if (read_uint16 (message + 2) != peers->index)
    return;
  if (event == EVENT_NEW_SETTINGS && length >= HEADER_LENGTH + sizeof (guint32))
    note_power (peers, body);
  else if (event == EVENT_NEW_LONG_TERM_KEY &&
           length >= HEADER_LENGTH + 1 + ADDRESS_LENGTH) /* after the store hint */
    {
      peer = name_peer (body + 1);
      note_key (peers, peer);
    }
  else if (length >= HEADER_LENGTH + ADDRESS_LENGTH)
    {
      peer = name_peer (body);
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

static int
open_socket (GError **error)
{
  const HciAddress address = { AF_BLUETOOTH, NO_DEVICE, CHANNEL_CONTROL };
  int fd = socket (AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_HCI);

  if (fd >= 0 && bind (fd, (const struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (errno),
               "the kernel's Bluetooth management socket: %s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

AccessoryPeers *
accessory_peers_new (guint index,
                     AccessoryPeersFunc func,
                     gpointer user_data,
                     GError **error)
{
  AccessoryPeers *peers = NULL;
  int fd = open_socket (error);

  if (fd < 0)
    return NULL;
  peers = g_new0 (AccessoryPeers, 1);
  peers->index = index;
  peers->func = func;
  peers->user_data = user_data;
  peers->fd = fd;
  peers->connected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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

char **
accessory_peers_connected (AccessoryPeers *peers)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer peer;

  g_hash_table_iter_init (&iter, peers->connected);
  while (g_hash_table_iter_next (&iter, &peer, NULL))
    g_strv_builder_add (builder, peer);
  return g_strv_builder_end (builder);
}
