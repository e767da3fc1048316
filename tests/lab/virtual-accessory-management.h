/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-management.h: the kernel's management channel, for what
 * bluetoothd does not offer, or not in time: it sends one command after another, for all
 * controllers, and while a central of its own pairs, that one is under way. Needs
 * CAP_NET_ADMIN. Whoever opens the channel reads it. */

#pragma once

#include <gio/gio.h>

/* doc/mgmt-api.txt of BlueZ 5.66: a header (event or command, controller, length of the
 * rest), all in little endian. */
#define ACCESSORY_MANAGEMENT_HEADER 6 /* octets */

/* A socket that does not block; each read gives one event of any controller. Returns -1 when it fails. */
int accessory_management_open (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Switches BR/EDR off on controller @index, which must be powered off: a strap has none.
 * With it the pairing makes a key for BR/EDR as well, and bluetoothd then looks for
 * services there, for half a minute. */
gboolean
accessory_management_set_le_only (guint index, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the power from controller @index, and with it all links. Only begins it. */
gboolean
accessory_management_power_off (guint index, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define ACCESSORY_MANAGEMENT_PEER 7 /* octets: address, kind of address */

/* Drops the link to @peer. Only begins it. */
gboolean accessory_management_disconnect (guint index,
                                          const guint8 peer[ACCESSORY_MANAGEMENT_PEER],
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes controller @index advertise @data, connectable, and answer scans with @response,
 * from now on, or from when it has power. Only begins it. */
gboolean accessory_management_advertise (guint index,
                                         const GByteArray *data,
                                         const GByteArray *response,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends that. Only begins it. */
gboolean
accessory_management_hide (guint index, GError **error) G_GNUC_WARN_UNUSED_RESULT;

guint16 accessory_management_get_uint16 (const guint8 *octets);
