/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-peers.h: the centrals that connect to the accessory's
 * controller and pair with it, as the kernel reports them. The kernel, because
 * bluetoothd tells its clients neither that a pairing failed nor that a bonded central
 * has paired again. Needs CAP_NET_ADMIN. */

#pragma once

#include <gio/gio.h>

typedef struct _AccessoryPeers AccessoryPeers;

typedef enum
{
  ACCESSORY_PEER_CONNECTED,
  ACCESSORY_PEER_DISCONNECTED,
  ACCESSORY_PEER_PAIRED,
  ACCESSORY_PEER_PAIRING_FAILED,
  ACCESSORY_PEER_UNPAIRED,
} AccessoryPeerEvent;

typedef void (*AccessoryPeersFunc) (AccessoryPeerEvent event, gpointer user_data);

/* Listens to controller @index (1: hci1). @func is called from the main loop, once for
 * each event. */
AccessoryPeers *accessory_peers_new (guint index,
                                     AccessoryPeersFunc func,
                                     gpointer user_data,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_peers_free (AccessoryPeers *peers);

/* Drops all links. FALSE: there is none. */
gboolean accessory_peers_disconnect (AccessoryPeers *peers);
