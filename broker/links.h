/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/links.h: links to accessories, counted: bluetoothd's Disconnect cuts everybody's,
 * so it is called when the last user has gone, after a short while, and only for links that
 * we made. Knows accessories by their identity address, and no client. */

#pragma once

#include <gio/gio.h>

#include "broker/devices.h"

typedef struct BrokerLinks BrokerLinks;

/* One use of a link. Ends by broker_hold_release(), or with the link: then @lost is called,
 * once, and the hold is only good for being released. */
typedef struct BrokerHold BrokerHold;
typedef void (*BrokerLostFunc) (BrokerHold *hold, gpointer user_data);

BrokerLinks *broker_links_new (BleRadio *radio, BrokerDevices *devices);
/* Every hold must have been released. Cuts nothing. */
void broker_links_free (BrokerLinks *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerLinks, broker_links_free)

/* Connects where there is no link yet; ends when the services are known. Cancelling gives the use back. */
void broker_links_hold_async (BrokerLinks *links,
                              const BleAddress *address,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Returns: (transfer full): or NULL with an error of the contract. */
BrokerHold *
broker_links_hold_finish (BrokerLinks *links, GAsyncResult *result, GError **error);

void broker_hold_set_lost (BrokerHold *hold, BrokerLostFunc lost, gpointer user_data);
BleDeviceId broker_hold_get_device (const BrokerHold *hold);
gboolean broker_hold_is_lost (const BrokerHold *hold);
void broker_hold_release (BrokerHold *hold);
/* The radio said that there is no link before it said that the link was lost: it is lost for everybody, now. */
void broker_hold_report_lost (BrokerHold *hold);

/* A link that a pairing of ours left behind: it is ours to cut when nobody uses it. */
void broker_links_adopt (BrokerLinks *links, const BleAddress *address);

/* How many hold the link or wait for it. */
guint broker_links_count_users (BrokerLinks *links, const BleAddress *address);
/* Whether there is a link that others than we made. */
gboolean broker_links_is_of_others (BrokerLinks *links, const BleAddress *address);

/* From the devices. */
void broker_links_take_connected (BrokerLinks *links,
                                  const BleAddress *address,
                                  BleDeviceId device,
                                  gboolean connected);
