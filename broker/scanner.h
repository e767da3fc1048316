/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/scanner.h: Scanner1: what is around, for clients whose app may use all of Bluetooth. The row is asked at
 * every step; addresses are polkit's to give. */

#pragma once

#include <gio/gio.h>

#include "broker/permissions.h"
#include "broker/pickers.h"
#include "broker/sessions.h"

typedef struct BrokerScanners BrokerScanners;

/* What scanners work with. All must outlive them. */
typedef struct
{
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerPickers *pickers; /* whose scan is shared */
  BrokerSessions *sessions;
} BrokerScannersRooms;

BrokerScanners *broker_scanners_new (const BrokerScannersRooms *rooms, GError **error);
void broker_scanners_free (BrokerScanners *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerScanners, broker_scanners_free)

/* The device is forgotten: its candidate is no more. */
void broker_scanners_take_gone (BrokerScanners *self, BleDeviceId device);

/* Rows have changed: whoever may not any more hears that, and nothing from here on. */
void broker_scanners_take_rows_changed (BrokerScanners *self);
/* An adapter came, went or was switched, or bluetoothd did: scans that it carried end. */
void broker_scanners_take_adapters_changed (BrokerScanners *self);
/* The last session of @unique_name has ended. */
void broker_scanners_take_client_gone (BrokerScanners *self, const char *unique_name);

/* From the radio's listener. */
void broker_scanners_take_adverts (BrokerScanners *self,
                                   const BleAdvert *const *updates,
                                   guint n_updates);
