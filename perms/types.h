/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The words of the permission model as enumerations, with their names as they are
 * stored, printed and sent. The zero of every enumeration is its safest value.
 * The numbers are written into databases: append, never reorder. */

#pragma once

#include <glib.h>

/* The broad Bluetooth permission of an app on a device. */
typedef enum
{
  PERMS_BLUETOOTH_NONE = 0, /* no row: the app is not installed there */
  PERMS_BLUETOOTH_NOT_DETERMINED,
  PERMS_BLUETOOTH_DENIED,
  PERMS_BLUETOOTH_ALLOWED,
  PERMS_BLUETOOTH_RESTRICTED,
} PermsBluetooth;

/* Who decided. */
typedef enum
{
  PERMS_REASON_NONE = 0,
  PERMS_REASON_USER_PROMPT,
  PERMS_REASON_USER_PICKER,
  PERMS_REASON_USER_SETTINGS,
  PERMS_REASON_MIRRORED,
  PERMS_REASON_COPIED,
  PERMS_REASON_POLICY,
  PERMS_REASON_MIGRATED,
  PERMS_REASON_CLI,
} PermsReason;

/* Why something was denied, refused or taken away. Never stored as a number. */
typedef enum
{
  PERMS_CAUSE_NONE = 0,
  PERMS_CAUSE_IDENTITY_CHANGED,
  PERMS_CAUSE_POLICY,
  PERMS_CAUSE_BLOCKLISTED,
  PERMS_CAUSE_REVOKED,
  PERMS_CAUSE_EXPIRED,
  PERMS_CAUSE_OUT_OF_SCOPE,
  PERMS_CAUSE_DENIED_BY_USER,
  PERMS_CAUSE_WRONG_DEVICE,
  PERMS_CAUSE_NOT_DECLARED,
  PERMS_CAUSE_NO_GRANT,
  PERMS_CAUSE_NOT_INSTALLED,
  PERMS_CAUSE_LOCKED,
  PERMS_CAUSE_NO_CONSENT,
  PERMS_CAUSE_BROAD_GRANT_HELD,
  PERMS_CAUSE_STALE,      /* a report that is not newer than what is stored */
  PERMS_CAUSE_NOT_LINKED, /* a report from, or a sync with, a device without a link */
  PERMS_CAUSE_DAMAGED,    /* the store is damaged, so nothing is allowed */
} PermsCause;

/* What a manifest says the app will ask for on a device; flags. */
typedef enum
{
  PERMS_ACCESS_NONE = 0,
  PERMS_ACCESS_ACCESSORY_SETUP = 1 << 0,
  PERMS_ACCESS_BLUETOOTH = 1 << 1,
} PermsAccess;

#define PERMS_ACCESS_ALL (PERMS_ACCESS_ACCESSORY_SETUP | PERMS_ACCESS_BLUETOOTH)

/* How permissions move over the link of a companion. */
typedef enum
{
  PERMS_SYNC_INDEPENDENT = 0,
  PERMS_SYNC_COPY_ONCE,
  PERMS_SYNC_MIRRORED,
} PermsSync;

/* What an app does with an attribute; flags in a scope, one flag in a request. */
typedef enum
{
  PERMS_OPERATION_NONE = 0,
  PERMS_OPERATION_READ = 1 << 0,
  PERMS_OPERATION_WRITE = 1 << 1,
  PERMS_OPERATION_NOTIFY = 1 << 2,
} PermsOperation;

#define PERMS_OPERATION_ALL \
  (PERMS_OPERATION_READ | PERMS_OPERATION_WRITE | PERMS_OPERATION_NOTIFY)

typedef enum
{
  PERMS_LIFETIME_ONCE = 0, /* until the session that picked ends */
  PERMS_LIFETIME_UNTIL,    /* until a time */
  PERMS_LIFETIME_ALWAYS,
} PermsLifetime;

/* Where an accessory grant stands. Everything but AWAITING and ACTIVE is a
 * tombstone: the row is kept so that nothing revives the grant but a new one. */
typedef enum
{
  PERMS_GRANT_REMOVED = 0, /* the app gave it up */
  PERMS_GRANT_REVOKED,     /* the person or an admin took it away */
  PERMS_GRANT_DENIED,      /* the person said no to this accessory */
  PERMS_GRANT_EXPIRED,     /* its time was seen to be over */
  PERMS_GRANT_UNINSTALLED, /* the app went away */
  PERMS_GRANT_AWAITING,    /* usable, until the app confirms or its session ends */
  PERMS_GRANT_ACTIVE,
} PermsGrantState;

/* How an accessory was paired, weakest first: a later pairing by a smaller value is a
 * downgrade (Bluetooth Core 5.3, Vol 3, Part H, 2.3.5.1: association models). */
typedef enum
{
  PERMS_PAIRING_NONE = 0, /* no bond */
  PERMS_PAIRING_JUST_WORKS,
  PERMS_PAIRING_PASSKEY,
  PERMS_PAIRING_COMPARISON,
} PermsPairing;

/* A managed setting of the broad permission. */
typedef enum
{
  PERMS_MANAGED_NONE = 0,
  PERMS_MANAGED_DENY,
  PERMS_MANAGED_ALLOW,
} PermsManaged;

/* A person's consent to copy permissions to a companion. */
typedef enum
{
  PERMS_CONSENT_NONE = 0,
  PERMS_CONSENT_DENY,
  PERMS_CONSENT_ALLOW,
} PermsConsent;

/* How well the identity of an app is proven. */
typedef enum
{
  PERMS_STRENGTH_NONE = 0,
  PERMS_STRENGTH_PATH,
  PERMS_STRENGTH_LAUNCHER_REPORTED,
  PERMS_STRENGTH_VERIFIED,
} PermsStrength;

/* The name of a value as the model writes it ("not-determined"); never NULL, "unknown"
 * for a number that is none of the values. Static strings. */
const char *perms_bluetooth_to_string (PermsBluetooth value);
const char *perms_reason_to_string (PermsReason value);
const char *perms_cause_to_string (PermsCause value);
const char *perms_sync_to_string (PermsSync value);
const char *perms_lifetime_to_string (PermsLifetime value);
const char *perms_grant_state_to_string (PermsGrantState value);
const char *perms_pairing_to_string (PermsPairing value);
const char *perms_managed_to_string (PermsManaged value);
const char *perms_consent_to_string (PermsConsent value);
const char *perms_strength_to_string (PermsStrength value);

/* The value of exactly this name. FALSE for any other text; the output is then untouched. */
gboolean perms_bluetooth_from_string (const char *text, PermsBluetooth *ret_value);
gboolean perms_reason_from_string (const char *text, PermsReason *ret_value);
gboolean perms_sync_from_string (const char *text, PermsSync *ret_value);
gboolean perms_lifetime_from_string (const char *text, PermsLifetime *ret_value);
gboolean perms_pairing_from_string (const char *text, PermsPairing *ret_value);
gboolean perms_strength_from_string (const char *text, PermsStrength *ret_value);

/* Declared access as "accessory-setup", "bluetooth", "accessory-setup+bluetooth" or, for
 * nothing at all, "none". Reading takes the two words joined by '+' in any order and
 * refuses everything else, "none" and "" included. */
const char *perms_access_to_string (PermsAccess access);
gboolean perms_access_from_string (const char *text, PermsAccess *ret_access);

/* TRUE for the two states in which a grant is in force (its lifetime aside). */
gboolean perms_grant_state_is_live (PermsGrantState state);
