/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/leftovers.h: bonds that a crash between pairing and grant left half-made: removed when their adapter
 * is there. */

#pragma once

#include "ble/radio.h"
#include "broker/permissions.h"

typedef struct BrokerLeftovers BrokerLeftovers;

/* Both must outlive it. */
BrokerLeftovers *broker_leftovers_new (BleRadio *radio, BrokerPermissions *permissions);
void broker_leftovers_free (BrokerLeftovers *self);

/* Whether somebody is pairing @address right now. */
typedef gboolean (*BrokerLeftoversBusyFunc) (const BleAddress *address,
                                             gpointer user_data);

/* Removes those whose adapter is there. */
void broker_leftovers_undo (BrokerLeftovers *self,
                            BrokerLeftoversBusyFunc is_busy,
                            gpointer user_data);
