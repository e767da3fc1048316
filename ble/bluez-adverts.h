/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-adverts.h: listens to bluetoothd on a connection of its own. Adverts come
 * as thousands of small signals, so they are decoded in GDBus's worker thread, put
 * together by device, and handed to the loop ten times a second; everything else comes
 * at once, in the order of the bus. Only signals of the process that owns org.bluez
 * count. Keeps no objects and calls no method that changes anything. */

#pragma once

#include "ble/bluez-events.h"

/* Time between two batches of what comes from the air. */
#define BLE_BLUEZ_BATCH_MS 100
/* Events that wait for the loop. When it falls behind further, everything is read
 * anew. */
#define BLE_BLUEZ_EVENTS_MAX 65536

typedef struct BleBluezAdverts BleBluezAdverts;

/* Elements: BleBluezEvent, in order. Called from the loop. */
typedef void (*BleBluezEventsFunc) (const GPtrArray *events, gpointer user_data);

/* Blocks: to be called at start only. The first event is the OWNER, if there is one.
 * @address: of the bus. */
BleBluezAdverts *ble_bluez_adverts_new (const char *address,
                                        BleBluezEventsFunc func,
                                        gpointer user_data,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Calls what waits for ble_bluez_adverts_sync() and ble_bluez_adverts_sync_device()
 * first, nothing afterwards. */
void ble_bluez_adverts_free (BleBluezAdverts *adverts);

/* While @eager, nothing waits for the next batch: somebody waits for it. */
void ble_bluez_adverts_set_eager (BleBluezAdverts *adverts, gboolean eager);

typedef void (*BleBluezSyncFunc) (gpointer user_data);

/* Calls @func after every event that bluetoothd had sent when this function was
 * called, or when the reply came that the caller has in his hands: the bus keeps the
 * order of what one process sends. */
void ble_bluez_adverts_sync (BleBluezAdverts *adverts,
                             BleBluezSyncFunc func,
                             gpointer user_data);

/* Also after every event that bluetoothd @owner has yet to send of what it has done:
 * it sends signals late, but before any reply. @path: a device. Calls @func after 5 s
 * at the latest. */
void ble_bluez_adverts_sync_device (BleBluezAdverts *adverts,
                                    const char *owner,
                                    const char *path,
                                    BleBluezSyncFunc func,
                                    gpointer user_data);

/* Asks bluetoothd @owner for all of its objects: ADDED events and READY. No answer:
 * @failed is called. */
void ble_bluez_adverts_read_objects (BleBluezAdverts *adverts,
                                     const char *owner,
                                     BleBluezSyncFunc failed,
                                     gpointer user_data);
