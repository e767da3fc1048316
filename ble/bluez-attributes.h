/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-attributes.h: the GATT attributes of one device as bluetoothd lists them,
 * and the database that they make. Knows no device and no bus. */

#pragma once

#include "ble/bluez-events.h"
#include "ble/gatt.h"

/* Attribute handles have 16 bits; real accessories have below 200. */
#define BLE_BLUEZ_ATTRIBUTES_MAX 2048

typedef struct
{
  BleAttributeId id;
  BleDeviceId device;
  BleBluezInterface interface;
  char *path;
  BleUuid uuid;
  guint flags; /* BleGattFlags, of a characteristic */
  gboolean primary;
  guint16 mtu;              /* of a characteristic; 0: not known */
  gboolean notify_acquired; /* somebody holds its socket */
  gboolean write_acquired;
} BleBluezAttribute;

typedef struct BleBluezAttributes BleBluezAttributes;

BleBluezAttributes *ble_bluez_attributes_new (void);
void ble_bluez_attributes_free (BleBluezAttributes *attributes);

/* Adds an attribute with the fields id, device, interface and path of @like (copied)
 * and what @properties (a{sv}) say. Returns: (transfer none): NULL when there are too
 * many, it is there already, or its UUID is bad. */
const BleBluezAttribute *ble_bluez_attributes_add (BleBluezAttributes *attributes,
                                                   const BleBluezAttribute *like,
                                                   GVariant *properties);
/* Takes over changed properties. */
void ble_bluez_attributes_change (BleBluezAttributes *attributes,
                                  const char *path,
                                  GVariant *properties);
void ble_bluez_attributes_remove (BleBluezAttributes *attributes, const char *path);

const BleBluezAttribute *
ble_bluez_attributes_find (BleBluezAttributes *attributes, const char *path);
/* In order of handles. */
guint ble_bluez_attributes_count (const BleBluezAttributes *attributes);
const BleBluezAttribute *
ble_bluez_attributes_get (const BleBluezAttributes *attributes, guint index);

/* The database, built when it is asked for. Valid until attributes come or go. */
const BleGatt *ble_bluez_attributes_gatt (BleBluezAttributes *attributes);
