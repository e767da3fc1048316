/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/gatt.h: the GATT database of one accessory as a value: services,
 * characteristics, descriptors, by UUID and instance. No handles, no paths. */

#pragma once

#include "ble/uuid.h"

#define BLE_GATT_SERVICES_MAX        64
#define BLE_GATT_CHARACTERISTICS_MAX 64 /* a service */
#define BLE_GATT_DESCRIPTORS_MAX     16 /* a characteristic */

/* A value has at most 512 octets: Core Specification 5.3, Vol 3, Part F, 3.2.9. */
#define BLE_GATT_VALUE_MAX 512

/* Names one attribute of the radio while this process runs. Never 0. */
typedef guint32 BleAttributeId;

/* Whether the values of @service are indicated, not notified, as far as its own specification says: Health
 * Thermometer 1.0, Blood Pressure 1.1, Body Composition 1.0, Weight Scale 1.0 (each in 3.1 or 3.2, its measurement),
 * Pulse Oximeter 1.0 (3.1, the spot check). */
gboolean ble_gatt_is_indicated (const BleUuid *service);

/* Characteristic properties as words (Core Specification 5.3, Vol 3, Part G, 3.3.1.1). */
typedef enum
{
  BLE_GATT_READ = 1 << 0,
  BLE_GATT_WRITE = 1 << 1,
  BLE_GATT_WRITE_WITHOUT_RESPONSE = 1 << 2,
  BLE_GATT_NOTIFY = 1 << 3,
  BLE_GATT_INDICATE = 1 << 4,
} BleGattFlags;

typedef struct
{
  BleAttributeId id;
  BleUuid uuid;
} BleGattDescriptor;

typedef struct
{
  BleAttributeId id;
  BleUuid uuid;
  guint instance; /* 0 for the first of its UUID in the service, in order of handles */
  guint flags;    /* BleGattFlags */
  guint16 mtu;    /* of the link, in octets; 0: not known */
  GArray *descriptors; /* of BleGattDescriptor */
} BleGattCharacteristic;

typedef struct
{
  BleAttributeId id;
  BleUuid uuid;
  guint instance; /* 0 for the first of its UUID on the accessory, in order of handles */
  gboolean primary;
  GArray *characteristics; /* of BleGattCharacteristic */
} BleGattService;

typedef struct
{
  GArray *services; /* of BleGattService, in order of handles */
} BleGatt;

BleGatt *ble_gatt_new (void);
void ble_gatt_free (BleGatt *gatt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleGatt, ble_gatt_free)

/* Appends and returns the new element, valid until the next append; NULL when the
 * limit is reached. Instances are counted here, so append in order of handles. */
BleGattService *ble_gatt_add_service (BleGatt *gatt,
                                      BleAttributeId id,
                                      const BleUuid *uuid,
                                      gboolean primary);
BleGattCharacteristic *ble_gatt_add_characteristic (BleGattService *service,
                                                    BleAttributeId id,
                                                    const BleUuid *uuid,
                                                    guint flags);
BleGattDescriptor *ble_gatt_add_descriptor (BleGattCharacteristic *characteristic,
                                            BleAttributeId id,
                                            const BleUuid *uuid);

/* NULL when there is none. */
const BleGattService *
ble_gatt_find_service (const BleGatt *gatt, const BleUuid *service, guint instance);
const BleGattCharacteristic *ble_gatt_find_characteristic (const BleGattService *service,
                                                           const BleUuid *characteristic,
                                                           guint instance);
/* The first of that UUID. */
const BleGattDescriptor *
ble_gatt_find_descriptor (const BleGattCharacteristic *characteristic,
                          const BleUuid *descriptor);

/* Whether @descriptor configures the client or the server (2902, 2903: Core Specification 5.3, Vol 3, Part G,
 * 3.3.3.3 and 3.3.3.4): writing it changes what everybody gets. */
gboolean ble_gatt_is_configuration (const BleUuid *descriptor);
