/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/flood.h: a street full of advertisers, cheap enough to measure what
 * listens to them. */

#pragma once

#include "tests/fakes/world.h"

#define FAKES_FLOOD_COUNT_MAX 100000
#define FAKES_FLOOD_RATE_MAX  1000000

FakesFlood *fakes_flood_new (FakesWorld *world);
void fakes_flood_free (FakesFlood *flood);

/* @count advertisers on hci0, all heard at once by who discovers there; then @rate updates of an RSSI a second, one
 * advertiser after another. Replaces an earlier flood; 0 advertisers end it. */
void fakes_flood_set (FakesFlood *flood, guint count, guint rate);

/* Each advertiser is heard once: somebody has begun to discover. */
void fakes_flood_advertise (FakesFlood *flood);

/* Sends @count updates as fast as the bus takes them, then says `burst COUNT`. */
void fakes_flood_burst (FakesFlood *flood, guint count);
