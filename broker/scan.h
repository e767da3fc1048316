/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/scan.h: the one scan that everybody shares, and what it hears. Counts its
 * users by adapter, keeps the sightings, runs each advert once through the matcher
 * of all pickers. Knows no picker: it calls back by token. */

#pragma once

#include "ble/match.h"
#include "ble/radio.h"
#include "ble/sightings.h"

typedef struct BrokerScan BrokerScan;

/* @descriptor was satisfied by @sighting. What bluetoothd knows without hearing it (bonded or connected) comes with
 * last_seen_us 0. */
typedef void (*BrokerScanMatchFunc) (guint token,
                                     const BleDescriptor *descriptor,
                                     const BleSighting *sighting,
                                     gpointer user_data);

BrokerScan *
broker_scan_new (BleRadio *radio, BrokerScanMatchFunc matched, gpointer user_data);
void broker_scan_free (BrokerScan *scan);

/* Matches @descriptor (kept by pointer until broker_scan_remove()) under @token. */
void broker_scan_add (BrokerScan *scan, guint token, const BleDescriptor *descriptor);
void broker_scan_remove (BrokerScan *scan, guint token);

/* Calls back for everything that is known already and satisfies a descriptor of @token: what was heard while a scan ran, and what
 * is bonded or connected; what was not heard lately, as silent. @now_us: of the same clock as the adverts'. */
void broker_scan_replay (BrokerScan *scan, guint token, gint64 now_us);

/* One more, one fewer who wants @adapter to scan. */
void broker_scan_hold (BrokerScan *scan, BleAdapterId adapter);
void broker_scan_release (BrokerScan *scan, BleAdapterId adapter);

/* From the radio's listener. */
void broker_scan_take_adverts (BrokerScan *scan,
                               const BleAdvert *const *updates,
                               guint n_updates,
                               gint64 now_us);
void broker_scan_take_gone (BrokerScan *scan, BleDeviceId device);
