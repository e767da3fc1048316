/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/found.h: what was heard, as Scanner1.Found tells it. Nothing in it is an address. */

#pragma once

#include "ble/advert.h"

/* Adds name, kind, signal, rssi where it is known, connected, set-up, and the payloads. */
void broker_found_describe (GVariantDict *dict, const BleAdvert *advert);

/* Whether one of @filters (BleDescriptor) is satisfied, or there is none. */
gboolean broker_found_fits (const BleAdvert *advert, const GPtrArray *filters);

/* Returns: (transfer full): the sanitised name, "" where there is none. */
char *broker_found_dup_name (const BleAdvert *advert);
