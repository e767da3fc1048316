/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/fanout.h: one subscription of ours to a characteristic, many of apps to us. BlueZ
 * gives one socket a characteristic: it is taken once, read here, and every value is written to
 * each subscriber's own socket. Knows devices and attributes of the radio, and no client. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/subscription.h"

typedef struct BrokerFanouts BrokerFanouts;

BrokerFanouts *broker_fanouts_new (BleRadio *radio);
/* Gives every socket of bluetoothd's back; subscribers see the end of file. To be done before
 * ble_radio_leave_async(). */
void broker_fanouts_free (BrokerFanouts *fanouts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerFanouts, broker_fanouts_free)

/* Ends when values flow: by AcquireNotify, or by StartNotify where the characteristic only indicates or
 * somebody else follows it. Errors are of BLE_RADIO_ERROR. */
void broker_fanout_follow_async (BrokerFanouts *fanouts,
                                 BleDeviceId device,
                                 BleAttributeId characteristic,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns TRUE when @subscription, which the caller made, is fed from here on until it is freed.
 * @ret_mtu: largest value plus 3. */
gboolean broker_fanout_follow_finish (BrokerFanouts *fanouts,
                                      GAsyncResult *result,
                                      BrokerSubscription *subscription,
                                      guint16 *ret_mtu,
                                      GError **error);

/* Whether values of @device come by StartNotify, where everybody on the bus can hear them. */
gboolean broker_fanouts_are_on_bus (BrokerFanouts *fanouts, BleDeviceId device);

/* From the radio's listener: the device and its attributes are no more. */
void broker_fanouts_take_gone (BrokerFanouts *fanouts, BleDeviceId device);
