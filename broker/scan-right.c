/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/scan-right.h"

#include "broker/permissions-broad.h"
#include "dbus/errors.h"

void
broker_scan_right_set_missing (GError **error)
{
  blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "no-grant",
                     "Open a session and call RequestBluetooth first.");
}

gboolean
broker_scan_right_is_open_to_authority (BrokerPermissions *permissions,
                                        const BrokerCaller *caller)
{
  g_autoptr (GError) error = NULL;
  BrokerBroad broad = broker_permissions_get_broad (permissions, caller, &error);
  gboolean undeclared =
    g_error_matches (error, BLEPICK_ERROR, BLEPICK_ERROR_INVALID_REQUEST);

  return !caller->sandboxed && (broad == BROKER_BROAD_UNDECIDED || undeclared);
}

gboolean
broker_scan_right_check (BrokerPermissions *permissions,
                         const BrokerCaller *caller,
                         gboolean by_authority,
                         GError **error)
{
  BrokerBroad broad;

  if (by_authority && broker_scan_right_is_open_to_authority (permissions, caller))
    return TRUE;
  broad = broker_permissions_get_broad (permissions, caller, error);
  if (broad == BROKER_BROAD_UNDECIDED)
    broker_scan_right_set_missing (error);
  return broad == BROKER_BROAD_ALLOWED;
}
