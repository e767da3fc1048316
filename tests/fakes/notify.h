/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/notify.h: following a characteristic, by StartNotify or by a socket, and
 * writing by a socket. */

#pragma once

#include "tests/fakes/characteristic.h"

/* What the two sides agreed on, in octets: BlueZ 5.66 between its own two ends. */
#define FAKES_NOTIFY_MTU 517

void fakes_notify_handle_start (FakesCall *call, gpointer data);
void fakes_notify_handle_stop (FakesCall *call, gpointer data);
void fakes_notify_handle_acquire (FakesCall *call, gpointer data);
void fakes_notify_handle_acquire_write (FakesCall *call, gpointer data);

/* The accessory sends @value; nothing happens when nobody follows. */
void fakes_notify_send (FakesCharacteristic *characteristic, GBytes *value);

/* Shuts both sockets. */
void fakes_notify_release (FakesCharacteristic *characteristic);

void fakes_notify_client_gone (FakesCharacteristic *characteristic, const char *client);

/* Tells the accessory, when it is news, whether somebody follows. */
void fakes_notify_update (FakesCharacteristic *characteristic);
