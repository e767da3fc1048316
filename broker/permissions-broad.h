/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-broad.h: the Bluetooth row of an app on this device: what it says, the person's
 * answer to the one question about it, what an app's central manager says, and accessories that are
 * reached by the row alone. Part of permissions.h; decides nothing itself. */

#pragma once

#include "broker/permissions.h"

typedef enum
{
  BROKER_BROAD_REFUSED = 0, /* with an error */
  BROKER_BROAD_UNDECIDED,   /* the person may be asked */
  BROKER_BROAD_ALLOWED,
} BrokerBroad;

/* What @caller's row says now. Errors: InvalidRequest not-declared, UserRestricted (denied-by-user, denied-by-policy),
 * NotPermitted (identity-changed, no-grant). */
BrokerBroad broker_permissions_get_broad (BrokerPermissions *permissions,
                                          const BrokerCaller *caller,
                                          GError **error);

/* The person's answer, stored and then in force. Finish returns FALSE also where the row says no afterwards,
 * whoever decided it: with UserRestricted. */
void broker_permissions_answer_broad_async (BrokerPermissions *permissions,
                                            BrokerCaller *caller,
                                            gboolean allow,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean broker_permissions_answer_broad_finish (BrokerPermissions *permissions,
                                                 GAsyncResult *result,
                                                 GError **error);

/* The word of Event 102: unknown, powered-off, unauthorized, powered-on, none. Static. */
const char *broker_permissions_get_central (BrokerPermissions *permissions,
                                            const BrokerCaller *caller);
/* Whether Bluetooth is on here, for everybody. */
void broker_permissions_take_power (BrokerPermissions *permissions, gboolean on);

/* ---- accessories that the row alone opens ---- */

/* Returns the id under which @caller reaches the accessory: of its grant, where it ever had one, else a new
 * one that lasts until broker_permissions_close_opened(). NULL with ConnectionFailed no-identity-address. @name: sanitised. */
const char *broker_permissions_open (BrokerPermissions *permissions,
                                     const BrokerCaller *caller,
                                     const BleAddress *address,
                                     const char *name,
                                     GError **error);
/* Those of @unique_name end; NULL: those of everybody whose row is not allowed any more. The observer is told. */
void broker_permissions_close_opened (BrokerPermissions *permissions,
                                      const char *unique_name,
                                      const char *cause);
