/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/failure.h: what went wrong in the radio, as an error of the contract. */

#pragma once

#include <glib.h>

/* Returns: (transfer full): an error of BLEPICK_ERROR with the cause word of @error, which is of
 * BLE_RADIO_ERROR: ConnectionFailed, but NotPermitted busy for what somebody else holds and InvalidRequest
 * bad-value for what the accessory cannot take. An error of the contract is copied. */
GError *broker_failure_from_radio (const GError *error);

/* An error of BLEPICK_ERROR as Request1.Response and Scanner1.Stopped tell it: error (s: its name), code (u), cause (s),
 * retryable (b), message (s).
 * Returns: (transfer floating): a{sv}. */
GVariant *broker_failure_describe (const GError *error);
