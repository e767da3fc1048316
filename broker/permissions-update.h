/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-update.h: changes of a grant that is there: more services, and the end of
 * its waiting for the app. Part of permissions.h; decides nothing itself. */

#pragma once

#include "broker/permissions.h"

/* What of @wanted the grant of @accessory_id does not cover. Returns: (transfer full): of BleWantedService
 * with g_array_unref(); their characteristics are borrowed. Empty: nothing. NULL with NotPermitted no-grant. */
GArray *broker_permissions_find_missing (BrokerPermissions *permissions,
                                         const BrokerCaller *caller,
                                         const char *accessory_id,
                                         const BleWantedService *wanted,
                                         guint n_wanted,
                                         GError **error);

/* Adds @services to a grant; name, lifetime and everything else stay. Durable, then in force. */
void broker_permissions_extend_async (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const char *accessory_id,
                                      const BleDescriptor *services,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean broker_permissions_extend_finish (BrokerPermissions *permissions,
                                           GAsyncResult *result,
                                           GError **error);

/* The app has finished its own set-up. Nothing happens when it had before. */
void broker_permissions_settle_async (BrokerPermissions *permissions,
                                      BrokerCaller *caller,
                                      const char *accessory_id,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean broker_permissions_settle_finish (BrokerPermissions *permissions,
                                           GAsyncResult *result,
                                           GError **error);
