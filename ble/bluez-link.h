/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-link.h: making and cutting the link to a device, and forgetting it. Counts
 * no users: BlueZ's Disconnect() and RemoveDevice() hit everybody. */

#pragma once

#include "ble/bluez-parts.h"

/* Time that the services may take once there is a link. */
#define BLE_BLUEZ_RESOLVE_MS 10000

/* Each takes over @task, which returns a boolean. See ble/radio.h. */
void ble_bluez_link_connect (const BleBluezParts *parts, BleDeviceId device, GTask *task);
void
ble_bluez_link_disconnect (const BleBluezParts *parts, BleDeviceId device, GTask *task);
void ble_bluez_link_forget (const BleBluezParts *parts, BleDeviceId device, GTask *task);
