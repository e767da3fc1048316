/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/link.h: a device's link: up, its services found, down. Handlers get the device
 * as their data. */

#pragma once

#include "tests/fakes/device.h"

void fakes_link_handle_connect (FakesCall *call, gpointer data);
void fakes_link_handle_disconnect (FakesCall *call, gpointer data);

/* Begins to connect; the outcome goes to the device's waiting Connect and Pair. */
void fakes_link_start (FakesDevice *device);

/* Cuts the link, or the attempt at one. */
void fakes_link_drop (FakesDevice *device);
