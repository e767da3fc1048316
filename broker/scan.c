/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/scan.h"

struct BrokerScan
{
  BleRadio *radio;
  BleMatcher *matcher;
  BleSightings *sightings;
  GHashTable *holds; /* BleAdapterId -> count */
  BrokerScanMatchFunc matched;
  gpointer user_data;
};

BrokerScan *
broker_scan_new (BleRadio *radio, BrokerScanMatchFunc matched, gpointer user_data)
{
  BrokerScan *scan = g_new0 (BrokerScan, 1);

  scan->radio = radio;
  scan->matcher = ble_matcher_new ();
  scan->sightings = ble_sightings_new (BLE_SIGHTINGS_MAX);
  scan->holds = g_hash_table_new (NULL, NULL);
  scan->matched = matched;
  scan->user_data = user_data;
  return scan;
}

void
broker_scan_free (BrokerScan *scan)
{
  if (scan == NULL)
    return;
  g_hash_table_unref (scan->holds);
  ble_sightings_free (scan->sightings);
  ble_matcher_free (scan->matcher);
  g_free (scan);
}

void
broker_scan_add (BrokerScan *scan, guint token, const BleDescriptor *descriptor)
{
  ble_matcher_add (scan->matcher, token, descriptor);
}

void
broker_scan_remove (BrokerScan *scan, guint token)
{
  ble_matcher_remove (scan->matcher, token);
}

typedef struct
{
  BrokerScan *scan;
  const BleSighting *sighting;
  guint only_token; /* 0: everybody's */
  gint64 now_us;
} MatchContext;

static void
on_matched (guint token, const BleDescriptor *descriptor, gpointer user_data)
{
  const MatchContext *context = user_data;
  BrokerScan *scan = context->scan;

  if (context->only_token == 0 || context->only_token == token)
    scan->matched (token, descriptor, context->sighting, scan->user_data);
}

static void
run_matcher (BrokerScan *scan, const BleSighting *sighting, guint only_token)
{
  MatchContext context = { scan, sighting, only_token, 0 };

  ble_matcher_run (scan->matcher, sighting->advert, on_matched, &context);
}

/* What was heard a while ago is there, and how strong it is now nobody knows. */
static void
replay_sighting (const BleSighting *sighting, gpointer user_data)
{
  const MatchContext *context = user_data;
  BleSighting stale = { sighting->advert, BLE_SIGNAL_UNKNOWN, sighting->first_seen_us,
                        0 };

  run_matcher (context->scan,
               ble_sighting_is_fresh (sighting, context->now_us) ? sighting : &stale,
               context->only_token);
}

static void
replay_device (const BleAdvert *advert, gpointer user_data)
{
  const MatchContext *context = user_data;
  BleSighting sighting = { (BleAdvert *) advert, BLE_SIGNAL_UNKNOWN, 0, 0 };

  if (!advert->bonded && !advert->connected)
    return;
  if (ble_sightings_lookup (context->scan->sightings, advert->device) == NULL)
    run_matcher (context->scan, &sighting, context->only_token);
}

void
broker_scan_replay (BrokerScan *scan, guint token, gint64 now_us)
{
  MatchContext context = { scan, NULL, token, now_us };

  ble_radio_foreach_device (scan->radio, replay_device, &context);
  ble_sightings_foreach (scan->sightings, replay_sighting, &context);
}

/* A scan that does not start is told by the adapter's state: off, gone, bluetoothd gone. The radio starts it again when that
 * passes. */
static void
on_scan_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BleRadio *radio = user_data;
  g_autoptr (GError) error = NULL;

  if (!ble_radio_scan_finish (radio, result, &error))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "MESSAGE", "scan not changed: %s",
                      error->message);
}

void
broker_scan_hold (BrokerScan *scan, BleAdapterId adapter)
{
  guint count =
    GPOINTER_TO_UINT (g_hash_table_lookup (scan->holds, GUINT_TO_POINTER (adapter)));

  g_hash_table_insert (scan->holds, GUINT_TO_POINTER (adapter),
                       GUINT_TO_POINTER (count + 1));
  if (count == 0)
    ble_radio_scan_async (scan->radio, adapter, TRUE, NULL, on_scan_set, scan->radio);
}

void
broker_scan_release (BrokerScan *scan, BleAdapterId adapter)
{
  guint count =
    GPOINTER_TO_UINT (g_hash_table_lookup (scan->holds, GUINT_TO_POINTER (adapter)));

  g_return_if_fail (count > 0);

  if (count > 1)
    {
      g_hash_table_insert (scan->holds, GUINT_TO_POINTER (adapter),
                           GUINT_TO_POINTER (count - 1));
      return;
    }
  g_hash_table_remove (scan->holds, GUINT_TO_POINTER (adapter));
  ble_radio_scan_async (scan->radio, adapter, FALSE, NULL, on_scan_set, scan->radio);
}

/* An update carries what is new; what was known before it is with the radio. */
static const BleSighting *
take_first_advert (BrokerScan *scan,
                   const BleAdvert *update,
                   gint64 now_us,
                   guint *ret_changed)
{
  const BleAdvert *known = ble_radio_lookup_device (scan->radio, update->device);

  if (known != NULL)
    ble_sightings_update (scan->sightings, known, now_us, ret_changed);
  return ble_sightings_update (scan->sightings, update, now_us, ret_changed);
}

static void
take_advert (BrokerScan *scan, const BleAdvert *update, gint64 now_us)
{
  gboolean is_new = ble_sightings_lookup (scan->sightings, update->device) == NULL;
  MatchContext everybody = { scan, NULL, 0, now_us };
  const BleSighting *sighting;
  guint changed = 0;

  if (is_new && (update->fields & BLE_ADVERT_FROM_THE_AIR) == 0)
    {
      const BleAdvert *known = ble_radio_lookup_device (scan->radio, update->device);

      if (known != NULL)
        replay_device (known, &everybody);
      return;
    }

  sighting = is_new ? take_first_advert (scan, update, now_us, &changed)
                    : ble_sightings_update (scan->sightings, update, now_us, &changed);
  if (is_new || changed != 0)
    run_matcher (scan, sighting, 0);
}

void
broker_scan_take_adverts (BrokerScan *scan,
                          const BleAdvert *const *updates,
                          guint n_updates,
                          gint64 now_us)
{
  for (guint i = 0; i < n_updates; i++)
    take_advert (scan, updates[i], now_us);
}

void
broker_scan_take_gone (BrokerScan *scan, BleDeviceId device)
{
  ble_sightings_remove (scan->sightings, device);
}
