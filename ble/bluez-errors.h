/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-errors.h: what bluetoothd answers, as a radio's error and its cause word.
 * One table; nobody else compares names or texts of bluetoothd's errors. */

#pragma once

#include "ble/radio.h"

/* Translates the error of a call to org.bluez: its own errors, the le-connection-* and
 * br-connection-* texts of BlueZ 5.66 (and one of 5.80), the bus's and GDBus's own.
 * Unknown ones give %BLE_RADIO_ERROR_FAILED, "failed". Returns: (transfer full): an
 * error of %BLE_RADIO_ERROR whose message is the cause word. */
GError *ble_bluez_error_translate (const GError *error);

/* The same from the two strings on the wire. @text may be NULL. */
GError *ble_bluez_error_from_wire (const char *name, const char *text);
