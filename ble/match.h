/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/match.h: which descriptors an advert satisfies. Pure. An index by service
 * and by company makes the cost of an advert grow with what it matches, not with
 * how many pickers are open. */

#pragma once

#include "ble/advert.h"
#include "ble/descriptor.h"

/* Fields inside a descriptor AND; `exclude` subtracts. How near `immediate` is
 * depends on what was heard before, so it is the picker's business, as support is; but an
 * unknown signal never matches it. */
gboolean ble_match (const BleDescriptor *descriptor, const BleAdvert *advert);

typedef struct BleMatcher BleMatcher;

BleMatcher *ble_matcher_new (void);
void ble_matcher_free (BleMatcher *matcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BleMatcher, ble_matcher_free)

/* Adds @descriptor under the number @token (any number, also used by several
 * descriptors). The matcher keeps the pointer: it must live until
 * ble_matcher_remove(). */
void ble_matcher_add (BleMatcher *matcher, guint token, const BleDescriptor *descriptor);

/* Removes every descriptor of @token. */
void ble_matcher_remove (BleMatcher *matcher, guint token);

/* Calls @matched for each descriptor that @advert satisfies, in the order in which
 * they were added. @matched may not change the matcher. Returns how many descriptors
 * @advert had to be compared with: its cost. */
typedef void (*BleMatchedFunc) (guint token,
                                const BleDescriptor *descriptor,
                                gpointer user_data);
guint ble_matcher_run (BleMatcher *matcher,
                       const BleAdvert *advert,
                       BleMatchedFunc matched,
                       gpointer user_data);
