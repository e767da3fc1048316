/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-words.h: the values of ble/ and of the contract in the words of
 * perms/ and back. Values in, values out: no store, no cache. */

#pragma once

#include "broker/permissions.h"
#include "perms/rows.h"

PermsUuid broker_words_uuid (const BleUuid *uuid);
/* 0 for an address that is nobody's identity. */
PermsAccessory broker_words_accessory (const BleAddress *address);
BleAddress broker_words_address (PermsAccessory accessory);

PermsPairing broker_words_pairing (BlePairMethod method);
BlePairMethod broker_words_method (PermsPairing pairing);

PermsStrength broker_words_strength (const char *strength);

/* NONE unless @access is exactly one BleAccess. */
PermsOperation broker_words_operation (guint access);

/* Returns: (transfer full): NULL with an error of perms/. */
PermsScope *broker_words_scope (const BleWantedService *services,
                                guint n_services,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): a copy of @row for the rest of the broker. */
BrokerGrant *broker_words_grant (const PermsGrant *row, gboolean bonded_by_us);
void broker_words_free_grant (BrokerGrant *grant);

/* The error of the contract for a decision that was a refusal. */
void broker_words_set_refusal (GError **error, PermsCause cause);
/* The same for a failure of the store: Unknown store-failed, NotPermitted limits. */
GError *broker_words_store_error (const GError *error);
