/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-parts.h: what every operation on bluetoothd works with, and the ways in
 * which its task ends. No operation itself. */

#pragma once

#include "ble/bluez-adverts.h"
#include "ble/bluez-calls.h"
#include "ble/bluez-tree.h"
#include "ble/bluez-waits.h"

typedef struct
{
  BleBluezCalls *calls;
  BleBluezAdverts *adverts;
  BleBluezTree *tree;
  BleBluezWaits *waits;
  char *owner; /* of org.bluez, or NULL while we do not talk to it */
} BleBluezParts;

/* Each takes over @task and ends it. */
void ble_bluez_task_succeed (GTask *task);
void ble_bluez_task_fail (GTask *task, const GError *error);
void ble_bluez_task_refuse (GTask *task, BleRadioError code, const char *cause);

/* Finds @device. When it is not there, or with @powered its adapter is off, @task is
 * ended and FALSE returned. */
gboolean ble_bluez_need_device (const BleBluezParts *parts,
                                BleDeviceId device,
                                gboolean powered,
                                GTask *task,
                                BleBluezDevice *ret_device);
