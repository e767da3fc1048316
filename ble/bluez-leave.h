/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-leave.h: leaving bluetoothd in order. BlueZ 5.66 can crash when a client
 * leaves the bus while it holds a notify socket. Shuts no socket: they are the
 * broker's. */

#pragma once

#include "ble/bluez-agent.h"
#include "ble/bluez-gatt.h"
#include "ble/bluez-pairing.h"
#include "ble/bluez-scan.h"

typedef struct
{
  BleBluezAgent *agent;
  BleBluezGatt *gatt;
  BleBluezPairing *pairing;
  BleBluezScans *scans;
} BleBluezLeavers;

/* Takes over @task, which returns TRUE when everything has ended, after 2 s at the
 * latest. */
void ble_bluez_leave (const BleBluezLeavers *leavers, GTask *task);
