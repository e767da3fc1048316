/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/scan-address.h: a scan that tells addresses, which an administrator has to agree to. */

#pragma once

#include "blepick/bus.h"
#include "blepick/scan-output.h"

/* Shows what fits one of @items (of blepick_filters_build()), until the time is over (0: none) or somebody interrupts it: @error
 * always says what ended it, as that of blepick_picking_run() does. */
void blepick_scan_addresses (BlepickScan *scan,
                             BlepickBus *bus,
                             GVariant *items,
                             guint for_ms,
                             GError **error);
