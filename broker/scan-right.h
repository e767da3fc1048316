/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/scan-right.h: who may hear of everything that is around: apps whose Bluetooth row is allowed, and, where
 * nobody decided about a program outside of any sandbox, those whom polkit lets. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "broker/permissions.h"

/* Whether polkit may open a scan to @caller: nobody decided against it, and no sandbox keeps it from asking. */
gboolean broker_scan_right_is_open_to_authority (BrokerPermissions *permissions,
                                                 const BrokerCaller *caller);

/* Whether @caller may scan now. @by_authority: polkit let it.
 * Errors: NotPermitted (no-grant), UserRestricted (denied-by-user, denied-by-policy), InvalidRequest (not-declared). */
gboolean broker_scan_right_check (BrokerPermissions *permissions,
                                  const BrokerCaller *caller,
                                  gboolean by_authority,
                                  GError **error);

/* NotPermitted (no-grant): nobody allowed it yet. */
void broker_scan_right_set_missing (GError **error);
