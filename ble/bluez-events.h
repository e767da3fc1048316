/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-events.h: what bluetoothd says of its objects, decoded once, as values
 * that one thread makes and another applies. Neither knows which objects exist nor
 * what they are for. */

#pragma once

#include <gio/gio.h>

#include "ble/advert.h"

/* The interfaces that we look at. An object of bluetoothd has at most one of them. */
typedef enum
{
  BLE_BLUEZ_INTERFACE_NONE = 0,
  BLE_BLUEZ_ADAPTER,
  BLE_BLUEZ_DEVICE,
  BLE_BLUEZ_SERVICE,
  BLE_BLUEZ_CHARACTERISTIC,
  BLE_BLUEZ_DESCRIPTOR,
} BleBluezInterface;

/* The names on the wire. */
extern const char ble_bluez_adapter1[];
extern const char ble_bluez_device1[];
extern const char ble_bluez_characteristic1[];
extern const char ble_bluez_descriptor1[];

typedef enum
{
  BLE_BLUEZ_EVENT_OWNER = 0, /* another bluetoothd, or none: every object is gone */
  BLE_BLUEZ_EVENT_ADDED,
  BLE_BLUEZ_EVENT_CHANGED,
  BLE_BLUEZ_EVENT_REMOVED,
  BLE_BLUEZ_EVENT_READY, /* what was there when we asked has been told */
} BleBluezEventKind;

typedef struct
{
  BleBluezEventKind kind;
  BleBluezInterface interface;
  char *path;           /* of the object; OWNER: the unique name or NULL; READY: NULL */
  BleAdvert *advert;    /* ADDED and CHANGED of a device: its fields, without ids */
  GVariant *properties; /* a{sv}: ADDED and CHANGED of anything else */
} BleBluezEvent;

void ble_bluez_event_free (BleBluezEvent *event);

/* OWNER and READY. */
BleBluezEvent *ble_bluez_event_new (BleBluezEventKind kind, const char *path);

/* Decodes signals one after another. Remembers only whether this bluetoothd tells bonds
 * from pairings (Bonded came with BlueZ 5.65). */
typedef struct
{
  gboolean says_bonded;
} BleBluezDecoder;

typedef void (*BleBluezEventFunc) (BleBluezEvent *event /* taken */, gpointer user_data);

/* Calls @func for each event in a signal of bluetoothd: InterfacesAdded,
 * InterfacesRemoved, PropertiesChanged. Other signals, other types and other
 * interfaces are passed over. */
void ble_bluez_decode_signal (BleBluezDecoder *decoder,
                              GDBusMessage *message,
                              BleBluezEventFunc func,
                              gpointer user_data);

/* Calls @func for each object of a reply (a{oa{sa{sv}}}) of GetManagedObjects, parents
 * first, and at the end with READY. A reply of another type gives READY alone. */
void ble_bluez_decode_objects (BleBluezDecoder *decoder,
                               GVariant *reply,
                               BleBluezEventFunc func,
                               gpointer user_data);
