/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-radio.h: the BleRadio that is BlueZ. The only header of ble/bluez-* for
 * anybody outside: nothing else in the house names org.bluez. */

#pragma once

#include "ble/radio.h"

typedef enum
{
  BLE_BLUEZ_PLAIN = 0,
  /* Be the agent of pairings that others start, too, and refuse them: the machine is
   * ours alone. */
  BLE_BLUEZ_DEFAULT_AGENT = 1 << 0,
} BleBluezFlags;

/* Connects, twice, to the bus at @bus_address; NULL: the system bus. Blocks until that
 * is done, so it is for the start of a program. Fails without a bus; without
 * bluetoothd it waits for one. */
BleRadio *ble_bluez_radio_new (const char *bus_address,
                               BleBluezFlags flags,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
