/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/link.h: a device's link: up, its services found, down. */

#pragma once

#include "tests/fakes/device.h"

void fakes_link_handle_connect (FakesCall *call, gpointer device);
void fakes_link_handle_disconnect (FakesCall *call, gpointer device);

/* Begins to connect; the outcome goes to the device's waiting Connect and Pair. */
void fakes_link_start (FakesDevice *device);

/* Cuts the link, or the attempt at one. */
void fakes_link_drop (FakesDevice *device);
