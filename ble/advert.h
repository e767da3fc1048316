/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/advert.h: what is known of one device from the air, as a value that
 * threads may hand on. Decodes the property dictionaries of the radio's
 * back-end; every field is checked for type, length and count here and nowhere else. */

#pragma once

#include "ble/address.h"
#include "ble/uuid.h"

#define BLE_ADVERT_SERVICES_MAX 32
#define BLE_ADVERT_DATA_MAX     16
/* Extended advertising carries at most 1,650 octets (Core Specification 5.3, Vol 4,
 * Part E, 7.8.54), one AD structure 254 of payload. */
#define BLE_ADVERT_PAYLOAD_MAX 254
/* GAP, Core Specification 5.3, Vol 3, Part C, 12.1: a device name has up to 248
 * octets. */
#define BLE_ADVERT_NAME_MAX 248

/* "Unknown signal" as controllers say it (Core Specification 5.3, Vol 4, Part E,
 * 7.7.65.2). */
#define BLE_RSSI_UNKNOWN 127

/* Names one device of the radio while this process runs. Never 0, never used twice,
 * the same although the device's address changes. */
typedef guint32 BleDeviceId;

/* The same for a controller. */
typedef guint32 BleAdapterId;

/* Which fields of an advert carry something. */
typedef enum
{
  BLE_ADVERT_HAS_ADDRESS = 1 << 0,
  BLE_ADVERT_HAS_NAME = 1 << 1,
  BLE_ADVERT_HAS_APPEARANCE = 1 << 2,
  BLE_ADVERT_HAS_RSSI = 1 << 3,
  BLE_ADVERT_HAS_SERVICES = 1 << 4,
  BLE_ADVERT_HAS_MANUFACTURER = 1 << 5,
  BLE_ADVERT_HAS_SERVICE_DATA = 1 << 6,
  BLE_ADVERT_HAS_CONNECTED = 1 << 7,
  BLE_ADVERT_HAS_BONDED = 1 << 8,
  BLE_ADVERT_HAS_RESOLVED = 1 << 9,
  BLE_ADVERT_HAS_BATTERY = 1 << 10,
  BLE_ADVERT_HAS_DATABASE = 1 << 11,
} BleAdvertFields;

/* The rest comes from bluetoothd's memory, or from the link. */
#define BLE_ADVERT_FROM_THE_AIR                                                      \
  (BLE_ADVERT_HAS_RSSI | BLE_ADVERT_HAS_MANUFACTURER | BLE_ADVERT_HAS_SERVICE_DATA | \
   BLE_ADVERT_HAS_NAME | BLE_ADVERT_HAS_SERVICES | BLE_ADVERT_HAS_ADDRESS)

/* One payload: manufacturer data (by company, Assigned Numbers 7) or service data (by
 * service). */
typedef struct
{
  union
  {
    BleUuid service; /* first, so that { 0 } clears all of the key */
    guint16 company;
  };
  guint8 length;
  const guint8 *octets; /* in the same block of memory as the list itself */
} BleAdvertData;

typedef struct
{
  BleDeviceId device;
  BleAdapterId adapter; /* that hears it */
  guint fields;         /* BleAdvertFields */
  BleAddress address;
  gint16 rssi; /* dBm, or BLE_RSSI_UNKNOWN */
  guint16 appearance;
  gboolean connected;
  gboolean bonded;   /* keys are stored (BlueZ: Bonded, Paired where it does not say) */
  gboolean resolved; /* the GATT database is known */
  guint8 battery;    /* percent, or BLE_BATTERY_UNKNOWN */
  guint database;    /* grows whenever the GATT database changed while it was known */
  char *name;        /* raw UTF-8, not to be shown unsanitised; or NULL */
  BleUuid *services; /* sorted, each once */
  guint n_services;
  BleAdvertData *manufacturer; /* sorted */
  guint n_manufacturer;
  BleAdvertData *service_data; /* sorted */
  guint n_service_data;
} BleAdvert;

/* Battery Service 1.0, 3.1: a level has 0 to 100. */
#define BLE_BATTERY_MAX     100
#define BLE_BATTERY_UNKNOWN 255

BleAdvert *ble_advert_new (BleDeviceId device, BleAdapterId adapter);
void ble_advert_free (BleAdvert *advert);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleAdvert, ble_advert_free)

/* Takes over every field that @properties (a{sv}, the properties of a BlueZ device or
 * a part of them: Address, AddressType, Name, Appearance, RSSI, UUIDs,
 * ManufacturerData, ServiceData, Connected, Paired, Bonded, ServicesResolved) carries
 * well-formed. Properties of a wrong type, too long, with too many elements or a bad
 * one among them are left out, one by one. BlueZ's Alias is not looked at: without a
 * name it holds the address, which nobody is to see. Returns the fields that were
 * taken. */
guint ble_advert_take_properties (BleAdvert *advert, GVariant *properties);

/* Forgets what BlueZ names as invalidated ("RSSI" when a device is gone from the air,
 * ...). Returns the field that is gone, or 0. */
guint ble_advert_drop_property (BleAdvert *advert, const char *property);

/* Forgets @fields (BleAdvertFields). */
void ble_advert_drop_fields (BleAdvert *advert, guint fields);

/* Puts the fields that @update carries, and its adapter, over those of @advert; the
 * rest of @advert stays. Returns the fields that are new or whose value really
 * changed. */
guint ble_advert_merge (BleAdvert *advert, const BleAdvert *update);

BleAdvert *ble_advert_copy (const BleAdvert *advert);

/* Whether @service is in the list of services or is the key of service data: what a
 * filter by service looks at. */
gboolean ble_advert_has_service (const BleAdvert *advert, const BleUuid *service);

/* The list of services alone. */
gboolean ble_advert_lists_service (const BleAdvert *advert, const BleUuid *service);
