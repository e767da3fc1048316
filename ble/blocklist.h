/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/blocklist.h: what no app may touch by default: rules by UUID, and by what
 * adverts carry. Parses a text that the caller has read; opens no file. Whether an
 * exception was granted is not known here. */

#pragma once

#include "ble/descriptor.h"

#define BLE_BLOCKLIST_RULES_MAX 1024
#define BLE_BLOCKLIST_TEXT_MAX  65536

typedef struct BleBlocklist BleBlocklist;

/* Parses the rules, one a line: "UUID [exclude|no-read|no-write]" (exclude when it
 * does not say) or "advert COMPANY PREFIX"; "#" begins a comment. Never fails: a @text
 * that is missing (NULL), too long, without any rule, without a newline at its end
 * (cut off), or with a line that does not parse, gives a list that blocks everything.
 * Returns: (transfer full): the list. */
BleBlocklist *ble_blocklist_new (const char *text, gsize length);
void ble_blocklist_free (BleBlocklist *blocklist);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleBlocklist, ble_blocklist_free)

/* Why everything is blocked ("line 7: ..."), or NULL when the text was good. */
const char *ble_blocklist_get_fault (const BleBlocklist *blocklist);

/* Whether any of @access (BleAccess) is blocked for an attribute: a characteristic or
 * a descriptor of it. @characteristic and @descriptor may be NULL. What is in an
 * excluded service, or under an excluded characteristic, is blocked with it. A
 * "no-read" blocks being notified as well. No @access at all is blocked. */
gboolean ble_blocklist_blocks (const BleBlocklist *blocklist,
                               const BleUuid *service,
                               const BleUuid *characteristic,
                               const BleUuid *descriptor,
                               guint access);

/* Whether no app may see this manufacturer data, nor look for it. */
gboolean ble_blocklist_blocks_manufacturer (const BleBlocklist *blocklist,
                                            guint16 company,
                                            const guint8 *octets,
                                            gsize length);
