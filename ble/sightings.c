/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/sightings.h"

/* The lowest RSSI of each level above the weakest, in dBm. */
static const gint level_bounds_dbm[] = { -83, -76, -68, -57 };

/* How far a bound must be passed before a level is left. */
#define HYSTERESIS_DB 3

static BleSignal
find_level (gint rssi_dbm)
{
  BleSignal level = BLE_SIGNAL_VERY_WEAK;

  for (guint i = 0; i < G_N_ELEMENTS (level_bounds_dbm); i++)
    if (rssi_dbm >= level_bounds_dbm[i])
      level++;
  return level;
}

BleSignal
ble_signal_from_rssi (gint rssi_dbm, BleSignal before)
{
  BleSignal lowest;
  BleSignal highest;

  if (rssi_dbm == BLE_RSSI_UNKNOWN)
    return BLE_SIGNAL_UNKNOWN;
  if (before == BLE_SIGNAL_UNKNOWN)
    return find_level (rssi_dbm);
  /* Upwards a level starts at its bound plus 3 dB; downwards the one below starts at 3
   * dB less than the bound. */
  lowest = find_level (rssi_dbm - HYSTERESIS_DB);
  highest = find_level (rssi_dbm + HYSTERESIS_DB - 1);
  return CLAMP (before, lowest, highest);
}

const char *
ble_signal_to_word (BleSignal signal)
{
  switch (signal)
    {
    case BLE_SIGNAL_VERY_WEAK:
      return "very-weak";
    case BLE_SIGNAL_WEAK:
      return "weak";
    case BLE_SIGNAL_FAIR:
      return "fair";
    case BLE_SIGNAL_GOOD:
      return "good";
    case BLE_SIGNAL_STRONG:
      return "strong";
    case BLE_SIGNAL_UNKNOWN:
      break;
    }
  return "unknown";
}

gboolean
ble_sighting_is_fresh (const BleSighting *sighting, gint64 now_us)
{
  return sighting->last_seen_us != 0 &&
         (!sighting->advert->bonded ||
          now_us - sighting->last_seen_us <= BLE_SIGHTING_FRESH_US);
}

/* A sighting with its places in the two orders. The sighting comes first: a pointer to
 * it is a pointer to the entry. */
typedef struct
{
  BleSighting sighting;
  GList heard;
  GList seen;
} Entry;

struct BleSightings
{
  guint limit;
  GHashTable *by_device; /* BleDeviceId in a pointer → Entry, owned */
  GQueue heard;          /* Entry.heard, least recently heard first */
  GQueue seen;           /* Entry.seen, in order of first_seen_us */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  ble_advert_free (entry->sighting.advert);
  g_free (entry);
}

BleSightings *
ble_sightings_new (guint limit)
{
  BleSightings *sightings;

  g_return_val_if_fail (limit > 0, NULL);

  sightings = g_new0 (BleSightings, 1);
  sightings->limit = limit;
  sightings->by_device = g_hash_table_new_full (NULL, NULL, NULL, free_entry);
  return sightings;
}

void
ble_sightings_free (BleSightings *sightings)
{
  if (sightings == NULL)
    return;
  g_hash_table_unref (sightings->by_device);
  g_free (sightings);
}

static Entry *
lookup_entry (BleSightings *sightings, BleDeviceId device)
{
  return g_hash_table_lookup (sightings->by_device, GUINT_TO_POINTER (device));
}

static void
remove_entry (BleSightings *sightings, Entry *entry)
{
  g_queue_unlink (&sightings->heard, &entry->heard);
  g_queue_unlink (&sightings->seen, &entry->seen);
  g_hash_table_remove (sightings->by_device,
                       GUINT_TO_POINTER (entry->sighting.advert->device));
}

/* Makes room by forgetting who has been silent longest. */
static Entry *
add_entry (BleSightings *sightings, const BleAdvert *advert, gint64 now_us)
{
  Entry *entry;

  if (g_hash_table_size (sightings->by_device) >= sightings->limit)
    remove_entry (sightings, sightings->heard.head->data);
  entry = g_new0 (Entry, 1);
  entry->sighting.advert = ble_advert_new (advert->device, advert->adapter);
  entry->sighting.first_seen_us = now_us;
  entry->heard.data = entry;
  entry->seen.data = entry;
  g_queue_push_tail_link (&sightings->heard, &entry->heard);
  g_queue_push_tail_link (&sightings->seen, &entry->seen);
  g_hash_table_insert (sightings->by_device, GUINT_TO_POINTER (advert->device), entry);
  return entry;
}

const BleSighting *
ble_sightings_update (BleSightings *sightings,
                      const BleAdvert *update,
                      gint64 now_us,
                      guint *ret_changed)
{
  BleSighting *sighting;
  gboolean is_new = FALSE;
  gboolean was_measured, was_fresh;
  BleSignal before;
  Entry *entry;
  guint changed;

  g_return_val_if_fail (sightings != NULL, NULL);
  g_return_val_if_fail (update != NULL, NULL);
  g_return_val_if_fail (ret_changed != NULL, NULL);

  entry = lookup_entry (sightings, update->device);
  if (entry == NULL)
    {
      entry = add_entry (sightings, update, now_us);
      is_new = TRUE;
    }
  sighting = &entry->sighting;
  before = sighting->signal;
  was_fresh = ble_sighting_is_fresh (sighting, now_us);
  was_measured = sighting->advert->rssi != BLE_RSSI_UNKNOWN;
  changed = ble_advert_merge (sighting->advert, update);
  sighting->signal = ble_signal_from_rssi (sighting->advert->rssi, before);
  /* BlueZ takes the RSSI back from what it does not hear any more. */
  if (was_measured && sighting->advert->rssi == BLE_RSSI_UNKNOWN)
    sighting->last_seen_us = 0;
  else if ((update->fields & BLE_ADVERT_FROM_THE_AIR) != 0)
    sighting->last_seen_us = now_us;
  if (!is_new && sighting->signal == before)
    changed &= ~(guint) BLE_ADVERT_HAS_RSSI;
  if (!is_new && !was_fresh && sighting->last_seen_us == now_us)
    changed |= BLE_ADVERT_HAS_RSSI;
  g_queue_unlink (&sightings->heard, &entry->heard);
  g_queue_push_tail_link (&sightings->heard, &entry->heard);
  *ret_changed = changed;
  return sighting;
}

const BleSighting *
ble_sightings_lookup (BleSightings *sightings, BleDeviceId device)
{
  Entry *entry;

  g_return_val_if_fail (sightings != NULL, NULL);

  entry = lookup_entry (sightings, device);
  return entry != NULL ? &entry->sighting : NULL;
}

void
ble_sightings_remove (BleSightings *sightings, BleDeviceId device)
{
  Entry *entry;

  g_return_if_fail (sightings != NULL);

  entry = lookup_entry (sightings, device);
  if (entry != NULL)
    remove_entry (sightings, entry);
}

guint
ble_sightings_count (const BleSightings *sightings)
{
  g_return_val_if_fail (sightings != NULL, 0);

  return g_hash_table_size (sightings->by_device);
}

void
ble_sightings_foreach (BleSightings *sightings,
                       void (*func) (const BleSighting *sighting, gpointer user_data),
                       gpointer user_data)
{
  g_return_if_fail (sightings != NULL);
  g_return_if_fail (func != NULL);

  for (GList *link = sightings->seen.head; link != NULL; link = link->next)
    {
      const Entry *entry = link->data;

      func (&entry->sighting, user_data);
    }
}
