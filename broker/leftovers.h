/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/leftovers.h: bonds that a crash between pairing and grant left half-made: removed when their adapter
 * is there. */

#pragma once

#include "ble/radio.h"
#include "broker/permissions.h"

typedef struct BrokerLeftovers BrokerLeftovers;

/* Whether somebody is pairing @address right now. */
typedef gboolean (*BrokerLeftoversBusyFunc) (const BleAddress *address,
                                             gpointer user_data);

/* @radio, @permissions and @user_data must outlive it. */
BrokerLeftovers *broker_leftovers_new (BleRadio *radio,
                                       BrokerPermissions *permissions,
                                       BrokerLeftoversBusyFunc is_busy,
                                       gpointer user_data);
void broker_leftovers_free (BrokerLeftovers *self);

/* Removes those whose adapter is there. What bluetoothd refuses is tried again by itself. */
void broker_leftovers_undo (BrokerLeftovers *self);
