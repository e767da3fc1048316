/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/pairing.h: one pairing of a device, from the first question to the
 * bond. */

#pragma once

#include "tests/fakes/device.h"

/* @secure: the link is as secure as the accessory asks for. */
typedef void (*FakesPairingFunc) (gboolean secure, gpointer user_data);

void fakes_pairing_handle_pair (FakesCall *call, gpointer data);
void fakes_pairing_handle_cancel (FakesCall *call, gpointer data);

/* Calls @func once the link is secured; pairs for it if it must, as bluetoothd does on a protected read: without Pair(), with the
 * default agent. */
void
fakes_pairing_secure (FakesDevice *device, FakesPairingFunc func, gpointer user_data);

/* What happens to the pairing, if there is one. */
void fakes_pairing_link_up (FakesDevice *device);
void fakes_pairing_link_failed (FakesDevice *device);
void fakes_pairing_link_lost (FakesDevice *device);
void fakes_pairing_client_gone (FakesDevice *device, const char *client);

/* Whether there is a bond, and Pair() waits for the services to be found; they are. */
gboolean fakes_pairing_is_settling (const FakesDevice *device);
void fakes_pairing_settle (FakesDevice *device);

/* What a person does on the accessory. FALSE: nothing was asked. */
gboolean fakes_pairing_type (FakesDevice *device, guint32 passkey);
gboolean fakes_pairing_type_keys (FakesDevice *device, guint n_keys);
gboolean fakes_pairing_confirm (FakesDevice *device, gboolean yes);
