/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/scan.h: the one scan that everybody shares, and what it hears. Counts its
 * users by adapter, keeps the sightings, runs each advert once through the matcher of all pickers. Knows no picker: it calls
 * back by token. */

#pragma once

#include "ble/match.h"
#include "ble/radio.h"
#include "ble/sightings.h"

typedef struct BrokerScan BrokerScan;

/* @descriptor was satisfied by @sighting, whose @changed fields (BleAdvertFields) are new. */
typedef void (*BrokerScanMatchFunc) (guint token,
                                     const BleDescriptor *descriptor,
                                     const BleSighting *sighting,
                                     guint changed,
                                     gpointer user_data);

BrokerScan *
broker_scan_new (BleRadio *radio, BrokerScanMatchFunc matched, gpointer user_data);
void broker_scan_free (BrokerScan *scan);

/* Starts to match @descriptors (kept by pointer) under @token, hearing with @adapter; what is known already is matched at the next turn of the loop. */
void broker_scan_add (BrokerScan *scan,
                      guint token,
                      BleAdapterId adapter,
                      const BleDescriptor *const *descriptors,
                      guint n_descriptors);
void broker_scan_remove (BrokerScan *scan, guint token);

/* From the radio's listener. */
void broker_scan_take_adverts (BrokerScan *scan,
                               const BleAdvert *const *updates,
                               guint n_updates,
                               gint64 now_us);
void broker_scan_take_gone (BrokerScan *scan, BleDeviceId device);
