/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/enforcement.h: how far the broker's word holds on this machine, as blepick-probe
 * finds it: at the start, whenever the bus has read its configuration again, and when what could not
 * be tried before can be. Puts no level in place. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"
#include "broker/scan.h"
#include "enforce/level.h"

typedef struct BrokerEnforcement BrokerEnforcement;

/* Another level, or other doors. */
typedef void (*BrokerEnforcementFunc) (gpointer user_data);

/* @connection: whose bus tells when it has read its configuration. @scan: has bluetoothd broadcast that it scans, for
 * a moment, and only where org.bluez does not take the probe's calls. */
BrokerEnforcement *broker_enforcement_new (GDBusConnection *connection,
                                           BleRadio *radio,
                                           BrokerScan *scan,
                                           const char *socket_path,
                                           BrokerEnforcementFunc changed,
                                           gpointer user_data);
void broker_enforcement_free (BrokerEnforcement *self);

/* Measures now, or once more after the measurement that is under way. */
void broker_enforcement_measure (BrokerEnforcement *self);

/* "advisory", "bus", "strict"; "unknown" while nothing has measured it. */
const char *broker_enforcement_level (const BrokerEnforcement *self);

/* Whether nobody else hears what bluetoothd broadcasts, as far as anybody knows. */
gboolean broker_enforcement_are_broadcasts_closed (const BrokerEnforcement *self);

/* (a{ss}), floating: calls, unique-calls, broadcasts, sockets: open, closed or unknown. */
GVariant *broker_enforcement_doors (const BrokerEnforcement *self);

/* From the radio's listener. */
void broker_enforcement_take_adapters_changed (BrokerEnforcement *self);
void broker_enforcement_take_adverts (BrokerEnforcement *self);
