/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/gatt.h: the services of a device as bluetoothd exports them, all together:
 * GattService1, GattDescriptor1, and the characteristics of characteristic.h. */

#pragma once

#include "tests/fakes/characteristic.h"

FakesGatt *fakes_gatt_new (FakesDevice *device);
void fakes_gatt_free (FakesGatt *gatt);
void fakes_gatt_export (FakesGatt *gatt);
void fakes_gatt_unexport (FakesGatt *gatt, gboolean announce);

/* The link came back: those who follow, follow again. It went: sockets are shut. */
void fakes_gatt_link_up (FakesGatt *gatt);
void fakes_gatt_link_down (FakesGatt *gatt);
void fakes_gatt_client_gone (FakesGatt *gatt, const char *client);

/* NULL: there is none. */
FakesCharacteristic *fakes_gatt_find (FakesGatt *gatt, guint16 uuid);
guint fakes_gatt_count_subscriptions (const FakesGatt *gatt);
