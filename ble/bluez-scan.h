/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-scan.h: the scan of each adapter: begun, ended, and begun again after
 * bluetoothd or the adapter was away. One user an adapter; counting is the broker's. */

#pragma once

#include "ble/bluez-parts.h"

typedef struct BleBluezScans BleBluezScans;

BleBluezScans *ble_bluez_scans_new (const BleBluezParts *parts);
/* After the calls are ended. */
void ble_bluez_scans_free (BleBluezScans *scans);

/* Takes over @task, which returns a boolean. */
void ble_bluez_scans_set (BleBluezScans *scans,
                          BleAdapterId adapter,
                          gboolean on,
                          GTask *task);

/* To be called when adapters have changed: begins again what has ended unasked. */
void ble_bluez_scans_check (BleBluezScans *scans);

/* Ends all of them for good. Calls @func once for each that runs, when it has ended;
 * returns how many. */
guint
ble_bluez_scans_leave (BleBluezScans *scans, BleBluezReplyFunc func, gpointer user_data);
