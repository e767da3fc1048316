/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/battery.h: Battery1, which bluetoothd shows beside Device1 while there is a
 * link. */

#pragma once

#include "tests/fakes/device.h"

/* It is there from now on, if the accessory has a battery, or its level is another. */
void fakes_battery_show (FakesDevice *device);
void fakes_battery_hide (FakesDevice *device);
