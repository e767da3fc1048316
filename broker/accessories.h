/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/accessories.h: every Accessory1 that some client uses, made when it is first
 * called. Which accessories a client has is asked of the permissions each time. */

#pragma once

#include "broker/accessory.h"
#include "broker/sessions.h"

typedef struct BrokerAccessories BrokerAccessories;

/* Serves Accessory1. @rooms is copied, its counts are made here. All must outlive the accessories. */
BrokerAccessories *broker_accessories_new (const BrokerAccessoryRooms *rooms,
                                           BrokerSessions *sessions,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Shuts every socket. */
void broker_accessories_free (BrokerAccessories *accessories);
/* Which accessories are around. */
BrokerPresence *broker_accessories_get_presence (BrokerAccessories *accessories);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerAccessories, broker_accessories_free)

/* The connection has no session any more. */
void broker_accessories_take_client_gone (BrokerAccessories *accessories,
                                          const char *unique_name);
/* The grant is over: every socket of its app for it is shut when this returns. */
void broker_accessories_take_revoked (BrokerAccessories *accessories,
                                      const BrokerGrant *grant);
/* Rows or policies changed: every socket that its app may not have any more is shut when this returns. */
void broker_accessories_take_rows_changed (BrokerAccessories *accessories);
/* From the radio's listener: who is around, and who is no more known. */
void broker_accessories_take_adverts (BrokerAccessories *accessories,
                                      const BleAdvert *const *updates,
                                      guint n_updates);
void broker_accessories_take_gone (BrokerAccessories *accessories, BleDeviceId device);
void broker_accessories_take_adapters_changed (BrokerAccessories *accessories);
/* Tells those who may know that an accessory's link came or went. */
void broker_accessories_take_connected (BrokerAccessories *accessories,
                                        const BleAddress *address,
                                        gboolean connected);
