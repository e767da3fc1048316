/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-tree.h: what bluetoothd has told: adapters, devices and their GATT
 * attributes, by path for it and by id for everyone else. Applies events and gathers
 * what they change; talks to no bus and calls nobody. */

#pragma once

#include "ble/bluez-attributes.h"
#include "ble/bluez-controllers.h"
#include "ble/radio.h"

/* bluetoothd forgets what it does not hear for 30 s; more than this at once are an
 * attack. */
#define BLE_BLUEZ_DEVICES_MAX 16384

typedef struct BleBluezTree BleBluezTree;

/* All borrowed, valid until the next event. */
typedef struct
{
  const char *path;
  const char *adapter_path;
  const BleAdapter *adapter;
  const BleAdvert *advert;
} BleBluezDevice;

/* One value that a characteristic sent to everybody. */
typedef struct
{
  BleDeviceId device;
  BleAttributeId characteristic;
  GBytes *value;
} BleBluezValue;

/* What a batch of events changed, in this order. */
typedef struct
{
  gboolean adapters;
  GPtrArray *updates; /* of BleAdvert, one a device */
  GArray *gone;       /* of BleDeviceId */
  GArray *values;     /* of BleBluezValue */
} BleBluezChanges;

void ble_bluez_changes_free (BleBluezChanges *changes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleBluezChanges, ble_bluez_changes_free)

BleBluezTree *ble_bluez_tree_new (void);
void ble_bluez_tree_free (BleBluezTree *tree);

/* Applies one event and may take what it holds: OWNER forgets everything; READY means
 * nothing here. Objects whose parent is not known, or above the limits, are passed
 * over. */
void ble_bluez_tree_apply (BleBluezTree *tree, BleBluezEvent *event);

/* Returns: (transfer full): what the events since the last call changed. */
BleBluezChanges *ble_bluez_tree_take_changes (BleBluezTree *tree);

/* Elements: BleAdapter, by name. Valid until the next event. */
const GArray *ble_bluez_tree_adapters (BleBluezTree *tree);
/* NULL while it is away. */
const BleBluezController *
ble_bluez_tree_find_adapter (BleBluezTree *tree, BleAdapterId id);

gboolean ble_bluez_tree_find_device (BleBluezTree *tree,
                                     BleDeviceId id,
                                     BleBluezDevice *ret_device);
/* 0 when there is none. */
BleDeviceId ble_bluez_tree_find_path (BleBluezTree *tree, const char *path);
void ble_bluez_tree_foreach_device (BleBluezTree *tree,
                                    void (*func) (const BleAdvert *, gpointer),
                                    gpointer user_data);

const BleBluezAttribute *
ble_bluez_tree_find_attribute (BleBluezTree *tree, BleAttributeId id);
/* NULL while the device's services are not resolved. Valid until the next event. */
const BleGatt *ble_bluez_tree_gatt (BleBluezTree *tree, BleDeviceId id);
