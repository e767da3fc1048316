/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-waits.h: operations that are over only when bluetoothd has told so: a
 * reply comes on one connection and the signal on another, and some signals come after
 * the reply. Waits for states, starts nothing. */

#pragma once

#include "ble/bluez-adverts.h"
#include "ble/bluez-tree.h"

typedef enum
{
  BLE_BLUEZ_WAITING = 0,
  BLE_BLUEZ_MET,
  BLE_BLUEZ_LOST, /* it cannot be met any more */
} BleBluezOutcome;

/* Looks at the tree for adapter, device or attribute @id. LOST sets @ret_error. */
typedef BleBluezOutcome (*BleBluezCondition) (BleBluezTree *tree,
                                              guint32 id,
                                              GError **ret_error);

/* Conditions. All but the last two are LOST ("gone") without their device. */
BleBluezOutcome ble_bluez_is_current (BleBluezTree *tree,
                                      guint32 device,
                                      GError **ret_error); /* is there */
BleBluezOutcome
ble_bluez_is_connected (BleBluezTree *tree, guint32 device, GError **ret_error);
BleBluezOutcome
ble_bluez_is_resolved (BleBluezTree *tree, guint32 device, GError **ret_error);
BleBluezOutcome
ble_bluez_is_resolved_or_idle (BleBluezTree *tree, guint32 device, GError **ret_error);
BleBluezOutcome
ble_bluez_is_disconnected (BleBluezTree *tree, guint32 device, GError **ret_error);
BleBluezOutcome
ble_bluez_is_gone (BleBluezTree *tree, guint32 device, GError **ret_error);
BleBluezOutcome
ble_bluez_is_released (BleBluezTree *tree, guint32 attribute, GError **ret_error);
BleBluezOutcome
ble_bluez_is_powered (BleBluezTree *tree, guint32 adapter, GError **ret_error);
BleBluezOutcome
ble_bluez_is_unpowered (BleBluezTree *tree, guint32 adapter, GError **ret_error);

typedef struct BleBluezWaits BleBluezWaits;

BleBluezWaits *ble_bluez_waits_new (BleBluezAdverts *adverts, BleBluezTree *tree);
/* Ends what waits with %BLE_RADIO_ERROR_CANCELLED. */
void ble_bluez_waits_free (BleBluezWaits *waits);

/* Exactly once, from the loop. @error: NULL when the condition is met; else TIMED_OUT,
 * CANCELLED, NO_DAEMON, or the condition's own. */
typedef void (*BleBluezWaitFunc) (const GError *error, gpointer user_data);

/* Waits until everything that bluetoothd sent up to now has been seen, and then for
 * @condition, at most @timeout_ms. @cancellable may be NULL. */
void ble_bluez_waits_add (BleBluezWaits *waits,
                          BleBluezCondition condition,
                          guint32 id,
                          guint timeout_ms,
                          GCancellable *cancellable,
                          BleBluezWaitFunc func,
                          gpointer user_data);

/* To be called when the tree has changed. */
void ble_bluez_waits_check (BleBluezWaits *waits);

/* Ends what waits with %BLE_RADIO_ERROR_NO_DAEMON. */
void ble_bluez_waits_end_all (BleBluezWaits *waits);
