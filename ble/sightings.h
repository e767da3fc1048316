/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/sightings.h: what was heard lately, in bounded memory: an LRU of devices with
 * their merged adverts and a signal level that does not flicker. Pure: the time comes
 * in. */

#pragma once

#include "ble/advert.h"

/* Devices remembered; the least recently heard goes first. More than a picker has rows for: what finds no room there gets
 * it when something else is away. */
#define BLE_SIGHTINGS_MAX 1024

/* As long as BlueZ keeps what is neither bonded nor heard (main.conf, TemporaryTimeout). */
#define BLE_SIGHTING_FRESH_US G_GINT64_CONSTANT (30000000)

/* Five levels in words, so that nobody has to know what a dBm is. */
typedef enum
{
  BLE_SIGNAL_UNKNOWN = 0,
  BLE_SIGNAL_VERY_WEAK, /* below -83 dBm */
  BLE_SIGNAL_WEAK,      /* from -83 */
  BLE_SIGNAL_FAIR,      /* from -76 */
  BLE_SIGNAL_GOOD,      /* from -68 */
  BLE_SIGNAL_STRONG,    /* from -57 */
} BleSignal;

/* The level of @rssi_dbm, given the level before: a level is left only when its bound
 * is passed by 3 dB. %BLE_RSSI_UNKNOWN gives %BLE_SIGNAL_UNKNOWN. */
BleSignal ble_signal_from_rssi (gint rssi_dbm, BleSignal before);
/* "strong", ..., "unknown": never localised. */
const char *ble_signal_to_word (BleSignal signal);

typedef struct
{
  BleAdvert *advert; /* merged; owned by the sightings */
  BleSignal signal;
  gint64 first_seen_us;
  gint64 last_seen_us; /* 0: it is silent */
} BleSighting;

/* Whether it is on the air, as far as is known. What is not bonded BlueZ forgets when it is silent; what
 * is bonded was heard within BLE_SIGHTING_FRESH_US. Some controllers measure no RSSI, so that is no
 * condition. */
gboolean ble_sighting_is_fresh (const BleSighting *sighting, gint64 now_us);

typedef struct BleSightings BleSightings;

BleSightings *ble_sightings_new (guint limit);
void ble_sightings_free (BleSightings *sightings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleSightings, ble_sightings_free)

/* Merges @update. Returns the sighting, valid until the next change; @ret_changed gets
 * the fields that changed (a change of the signal level counts as
 * %BLE_ADVERT_HAS_RSSI, and so does being heard again; a flicker inside a level does not). */
const BleSighting *ble_sightings_update (BleSightings *sightings,
                                         const BleAdvert *update,
                                         gint64 now_us,
                                         guint *ret_changed);
const BleSighting *ble_sightings_lookup (BleSightings *sightings, BleDeviceId device);
void ble_sightings_remove (BleSightings *sightings, BleDeviceId device);
guint ble_sightings_count (const BleSightings *sightings);

/* In the order in which they were first seen. */
void
ble_sightings_foreach (BleSightings *sightings,
                       void (*func) (const BleSighting *sighting, gpointer user_data),
                       gpointer user_data);
