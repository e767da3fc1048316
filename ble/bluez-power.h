/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-power.h: switching an adapter on and off. */

#pragma once

#include "ble/bluez-parts.h"

/* Takes over @task, which returns a boolean when the adapter says so itself. */
void ble_bluez_power_set (const BleBluezParts *parts,
                          BleAdapterId adapter,
                          gboolean on,
                          GTask *task);
