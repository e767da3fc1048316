/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/writers.h: one socket of bluetoothd's to write a characteristic by, many of apps to
 * us. BlueZ gives one a characteristic: it is taken once, and what apps write is merged packet by packet, each app's in
 * its order. Knows devices and attributes of the radio, and no client. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/writer.h"

typedef struct BrokerWriters BrokerWriters;

BrokerWriters *broker_writers_new (BleRadio *radio);
/* Gives every socket of bluetoothd's back; apps see the end of file. To be done before ble_radio_leave_async(). */
void broker_writers_free (BrokerWriters *writers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerWriters, broker_writers_free)

/* Ends when there is a socket to the characteristic, by AcquireWrite. Errors are of BLE_RADIO_ERROR. */
void broker_writers_acquire_async (BrokerWriters *writers,
                                   BleDeviceId device,
                                   BleAttributeId characteristic,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* Returns TRUE when @writer, which the caller made, is read from here on until it is freed. @ret_mtu: largest packet
 * plus 3. */
gboolean broker_writers_acquire_finish (BrokerWriters *writers,
                                        GAsyncResult *result,
                                        BrokerWriter *writer,
                                        guint16 *ret_mtu,
                                        GError **error);

/* Writes @value without response by the socket that is open there. FALSE: there is none, or it is full, or the value
 * is too long for it. */
gboolean broker_writers_send (BrokerWriters *writers,
                              BleDeviceId device,
                              BleAttributeId characteristic,
                              GBytes *value);

/* From the radio's listener: the device and its attributes are no more. */
void broker_writers_take_gone (BrokerWriters *writers, BleDeviceId device);
