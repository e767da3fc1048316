/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-controllers.h: the adapters of bluetoothd. One keeps its id when it goes and
 * comes, or bluetoothd does, as long as its address stays. Knows no device and no bus. */

#pragma once

#include "ble/bluez-events.h"
#include "ble/radio.h"

/* A machine has a few; a stream of made-up ones must not grow us. */
#define BLE_BLUEZ_CONTROLLERS_MAX 16

typedef struct
{
  BleAdapter shown;
  char *path;
  gboolean present; /* FALSE: remembered for its id */
  guint downs;      /* how often it was switched off or went: what ran on it has ended */
} BleBluezController;

typedef struct BleBluezControllers BleBluezControllers;

BleBluezControllers *ble_bluez_controllers_new (void);
void ble_bluez_controllers_free (BleBluezControllers *controllers);

/* Adds or changes the adapter at @path. @fresh_id: for one that was never seen. Above
 * the limit nothing happens. Returns whether @fresh_id was used. */
gboolean ble_bluez_controllers_add (BleBluezControllers *controllers,
                                    const char *path,
                                    GVariant *properties,
                                    BleAdapterId fresh_id);
/* Takes over changed properties. Returns FALSE when there is no such adapter. */
gboolean ble_bluez_controllers_change (BleBluezControllers *controllers,
                                       const char *path,
                                       GVariant *properties);
void ble_bluez_controllers_remove (BleBluezControllers *controllers, const char *path);
void ble_bluez_controllers_remove_all (BleBluezControllers *controllers);

/* Present ones only; NULL when there is none. Valid until it is no longer remembered. */
const BleBluezController *
ble_bluez_controllers_find (BleBluezControllers *controllers, BleAdapterId id);
/* The adapter at @path, or the one that the object at @path belongs to. */
const BleBluezController *
ble_bluez_controllers_find_path (BleBluezControllers *controllers, const char *path);

/* Elements: BleAdapter, by name. Valid until the next change. */
const GArray *ble_bluez_controllers_list (BleBluezControllers *controllers);
