/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-gatt.h: reading, writing and following attributes. Remembers which sockets
 * it has handed out, so that leaving can wait for them; whose they are is the
 * broker's. */

#pragma once

#include "ble/bluez-parts.h"

/* A device that does not answer an ATT request within 30 s is cut off (Core
 * Specification 5.3, Vol 3, Part F, 3.3.3); bluetoothd then answers. */
#define BLE_BLUEZ_ATT_MS 31000

/* Characteristics followed by StartNotify at once. */
#define BLE_BLUEZ_FOLLOWED_MAX 64

typedef struct BleBluezGatt BleBluezGatt;

BleBluezGatt *ble_bluez_gatt_new (const BleBluezParts *parts);
/* After the calls are ended. */
void ble_bluez_gatt_free (BleBluezGatt *gatt);

/* Each takes over @task. See the functions of ble/radio.h. */
void ble_bluez_gatt_read (BleBluezGatt *gatt,
                          BleDeviceId device,
                          BleAttributeId attribute,
                          guint16 offset,
                          GTask *task);
void ble_bluez_gatt_write (BleBluezGatt *gatt,
                           BleDeviceId device,
                           BleAttributeId attribute,
                           guint16 offset,
                           GBytes *value,
                           gboolean with_response,
                           GTask *task);
void ble_bluez_gatt_acquire (BleBluezGatt *gatt,
                             BleDeviceId device,
                             BleAttributeId characteristic,
                             gboolean for_write,
                             GTask *task);

typedef struct
{
  gboolean on;
  BleValueFunc value;
  gpointer value_data;
} BleBluezFollow;

void ble_bluez_gatt_notify (BleBluezGatt *gatt,
                            BleDeviceId device,
                            BleAttributeId characteristic,
                            const BleBluezFollow *follow,
                            GTask *task);

/* Hands values (of BleBluezValue) to who follows them. */
void ble_bluez_gatt_deliver (BleBluezGatt *gatt, const GArray *values);

/* Forgets what is gone from the tree. */
void ble_bluez_gatt_prune (BleBluezGatt *gatt);

/* Stops following, and waits until no socket of ours is held any more. @func is called
 * once for each of the returned number of things that are to end. */
guint ble_bluez_gatt_leave (BleBluezGatt *gatt,
                            guint timeout_ms,
                            BleBluezWaitFunc func,
                            gpointer user_data);
