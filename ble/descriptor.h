/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/descriptor.h: what an app is looking for: the filters of one picker item.
 * Parsing and rules only; whether the app may ask for it is decided elsewhere. */

#pragma once

#include "ble/uuid.h"

#define BLE_DESCRIPTOR_EXCLUDE_MAX         16
#define BLE_DESCRIPTOR_SERVICES_MAX        16
#define BLE_DESCRIPTOR_CHARACTERISTICS_MAX 16
#define BLE_DESCRIPTOR_NAME_MAX            248
#define BLE_DESCRIPTOR_PAYLOAD_MAX         254

#define BLE_DESCRIPTOR_ERROR (ble_descriptor_error_quark ())
GQuark ble_descriptor_error_quark (void);

typedef enum
{
  BLE_DESCRIPTOR_ERROR_BAD =
    0, /* a value breaks a rule; the message begins with the field's name */
  BLE_DESCRIPTOR_ERROR_UNKNOWN_OPTION, /* a key that nobody knows */
} BleDescriptorError;

typedef enum
{
  BLE_RANGE_ANY = 0,
  BLE_RANGE_IMMEDIATE, /* only the strongest signal */
} BleRange;

typedef enum
{
  BLE_SUPPORT_PAIRING_LE = 2,
  BLE_SUPPORT_BRIDGING = 4,
  BLE_SUPPORT_HID = 8,
} BleSupport;

/* How a name is compared. */
typedef enum
{
  BLE_NAME_COMPARE_CASE_INSENSITIVE = 1 << 0,
  BLE_NAME_COMPARE_ANCHORED = 1 << 1, /* at the start */
  BLE_NAME_COMPARE_WHOLE = 1 << 2,    /* start and end */
  BLE_NAME_COMPARE_DIACRITIC_INSENSITIVE = 1 << 3,
} BleNameCompare;

typedef enum
{
  BLE_ACCESS_READ = 1 << 0,
  BLE_ACCESS_WRITE = 1 << 1,
  BLE_ACCESS_NOTIFY = 1 << 2,
} BleAccess;

/* One service that the grant is to cover. */
typedef struct
{
  BleUuid service;
  guint access;             /* BleAccess */
  BleUuid *characteristics; /* blocklisted ones that are wanted by name; owned */
  guint n_characteristics;
} BleWantedService;

typedef struct _BleDescriptor BleDescriptor;

struct _BleDescriptor
{
  gboolean has_service;
  BleUuid service;
  gboolean has_company;
  guint16 company;
  char *name_substring; /* or NULL */
  guint name_compare;   /* BleNameCompare */
  GBytes *manufacturer_data;
  GBytes *manufacturer_mask;
  GBytes *service_data;
  GBytes *service_mask;
  gboolean require_verified;
  gboolean accept_all;
  BleRange range;
  guint support; /* BleSupport */
  BleWantedService *services;
  guint n_services;
  BleDescriptor **exclude;
  guint n_exclude;
};

/* Parses a{sv} with the keys of the picker contract: service-uuid (s), company-id (q),
 * name-substring (s), name-compare (as: case-insensitive, anchored, whole,
 * diacritic-insensitive), manufacturer-data (ay), manufacturer-mask (ay), service-data
 * (ay), service-mask (ay), require-verified (b), range (s: any, immediate), exclude
 * (aa{sv}, not nested), support (as: pairing-le, bridging, hid), services (a(sas) or
 * a(sasas): service, of read write notify, blocklisted characteristics), accept-all
 * (b). Every rule is checked: a name needs a service or company as well; data and mask
 * come together, equally long; bits set where the mask is 0 are an error; bridging is
 * refused; nothing to match by is an error unless accept-all, which stands without
 * service-uuid and company-id; an exclusion has only the keys from service-uuid to
 * service-mask; no key comes twice. Messages begin with the field's name ("exclude:
 * name-substring: ..."). Without `services` the grant covers the service of
 * service-uuid, Battery (180F) and Device Information (180A).
 * Returns: (transfer full): the descriptor, or NULL with @error set. */
BleDescriptor *
ble_descriptor_parse (GVariant *dict, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void ble_descriptor_free (BleDescriptor *descriptor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleDescriptor, ble_descriptor_free)
