/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/presence.h: which accessories are around: connected, or heard by the shared scan a short while ago. Looks only for
 * those that somebody asks for, and scans only while it looks for one that is not connected. Knows addresses, and
 * no client. */

#pragma once

#include "broker/devices.h"
#include "broker/scan.h"

/* An accessory that is not heard for so long is lost. Straps that nobody uses advertise once a second or
 * two. */
#define BROKER_PRESENCE_LOST_US G_GINT64_CONSTANT (30000000)

typedef struct BrokerPresence BrokerPresence;

/* Called when a watched accessory appears or is lost. @rssi: dBm, or BLE_RSSI_UNKNOWN. */
typedef void (*BrokerPresenceFunc) (const BleAddress *address,
                                    gboolean is_there,
                                    gint16 rssi,
                                    gpointer user_data);

/* All must outlive the presence. */
BrokerPresence *
broker_presence_new (BleRadio *radio, BrokerScan *scan, BrokerDevices *devices);
void broker_presence_free (BrokerPresence *presence);

/* Not from inside a listener. */
void broker_presence_add_listener (BrokerPresence *presence,
                                   BrokerPresenceFunc changed,
                                   gpointer user_data);
/* Those of that @user_data. */
void broker_presence_remove_listener (BrokerPresence *presence, gpointer user_data);

/* One more, one fewer who looks for @address. The first hears of it at once, in the next turn of the loop, if it is
 * there. */
void broker_presence_watch (BrokerPresence *presence, const BleAddress *address);
void broker_presence_unwatch (BrokerPresence *presence, const BleAddress *address);

gboolean broker_presence_is_there (BrokerPresence *presence, const BleAddress *address);

/* From the radio's listener, and from a clock. */
void broker_presence_take_adverts (BrokerPresence *presence,
                                   const BleAdvert *const *updates,
                                   guint n_updates,
                                   gint64 now_us);
void broker_presence_take_adapters_changed (BrokerPresence *presence);
/* @address's link came or went. */
void broker_presence_take_connected (BrokerPresence *presence,
                                     const BleAddress *address,
                                     gboolean connected,
                                     gint64 now_us);
/* To be called now and then: what was not heard for long is lost. */
void broker_presence_tick (BrokerPresence *presence, gint64 now_us);
