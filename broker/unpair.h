/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/unpair.h: a person takes an accessory off this computer: every app of theirs loses it,
 * then the radio its bond, whoever made it. Part of permissions.h. */

#pragma once

#include "broker/permissions.h"

/* Takes @accessory (an id that any app of @uid knows it by) off this computer. @radio has to outlive
 * it. Memory and observers first, then the store, then the bond. Errors: InvalidRequest (no-accessory: unknown, or
 * another user's; not-paired), NotPermitted (others: apps of another user have it too), ConnectionFailed, where
 * bluetoothd cannot remove the bond: the grants have ended then, and it can be asked again; and
 * those of the store. */
void broker_unpair_async (BrokerPermissions *permissions,
                          BleRadio *radio,
                          uid_t uid,
                          const char *accessory,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean broker_unpair_finish (BrokerPermissions *permissions,
                               GAsyncResult *result,
                               GError **error);
