/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/devices.h: which device of the radio an identity address is, and whether it is
 * connected. Follows the radio; starts nothing. */

#pragma once

#include "ble/radio.h"

typedef struct BrokerDevices BrokerDevices;

/* Called when an accessory's link came up or went down, whoever made or cut it. */
typedef void (*BrokerConnectedFunc) (const BleAddress *address,
                                     BleDeviceId device,
                                     gboolean connected,
                                     gpointer user_data);

BrokerDevices *
broker_devices_new (BleRadio *radio, BrokerConnectedFunc connected, gpointer user_data);
void broker_devices_free (BrokerDevices *devices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerDevices, broker_devices_free)

/* 0 where the radio does not know the address. Where several adapters know it: the device that is connected,
 * else a bonded one, else one whose adapter is on. */
BleDeviceId broker_devices_find (BrokerDevices *devices, const BleAddress *address);
gboolean broker_devices_is_connected (BrokerDevices *devices, const BleAddress *address);

/* From the radio's listener. */
void broker_devices_take_adverts (BrokerDevices *devices,
                                  const BleAdvert *const *updates,
                                  guint n_updates);
void broker_devices_take_gone (BrokerDevices *devices, BleDeviceId device);
