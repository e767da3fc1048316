/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/heart-rate.h: what a heart-rate strap says in one notification of 2A37
 * (Heart Rate Measurement). Decodes octets from the air; keeps nothing, shows nothing. */

#pragma once

#include <glib.h>

/* Heart Rate Service 1.0, 3.1.1.4: as many as fit into a notification: nine with the default ATT_MTU
 * of 23; an attribute has at most 512 octets (Core Specification 5.3, Vol 3, Part F, 3.2.9). */
#define BLE_HEART_RATE_RR_MAX 255

#define BLE_HEART_RATE_ERROR (ble_heart_rate_error_quark ())
GQuark ble_heart_rate_error_quark (void);

typedef enum
{
  BLE_HEART_RATE_ERROR_TRUNCATED = 0, /* the flags promise more than there is */
  BLE_HEART_RATE_ERROR_OVERLONG,      /* there is more than the flags promise */
} BleHeartRateError;

/* Heart Rate Service 1.0, 3.1.1.1.2. */
typedef enum
{
  BLE_HEART_RATE_CONTACT_UNKNOWN = 0, /* the strap cannot tell */
  BLE_HEART_RATE_CONTACT_NONE,
  BLE_HEART_RATE_CONTACT_GOOD,
} BleHeartRateContact;

typedef struct
{
  guint16 bpm; /* beats per minute */
  BleHeartRateContact contact;
  gboolean has_energy;
  guint16 energy_kj; /* expended since the last reset; stops at 65535 */
  guint n_rr;
  guint16 rr[BLE_HEART_RATE_RR_MAX]; /* between beats, oldest first, in 1/1024 s */
} BleHeartRate;

/* Decodes the value of a Heart Rate Measurement (Heart Rate Service 1.0, 3.1).
 * Reserved flags are ignored, as the specification asks. @ret_heart_rate is untouched
 * on failure. */
gboolean ble_heart_rate_decode (const guint8 *octets,
                                gsize length,
                                BleHeartRate *ret_heart_rate,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Milliseconds, rounded, of an interval in 1/1024 s. */
guint ble_heart_rate_rr_to_ms (guint16 rr);
