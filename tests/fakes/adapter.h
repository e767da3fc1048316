/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/adapter.h: Adapter1. */

#pragma once

#include "tests/fakes/world.h"

struct FakesAdapter
{
  FakesWorld *world;
  guint number;
  char *path;
  char *address;
  char *alias;
  gboolean plugged;
  gboolean powered;
  gboolean discoverable;
  gboolean pairable;
  guint discoverable_timeout_s;
  GPtrArray *scans; /* of FakesScan: discovery.h */
  GPtrArray
    *devices; /* of FakesDevice, on the bus or not; they belong to the accessories */
};

FakesAdapter *fakes_adapter_new (FakesWorld *world, guint number);
/* Another number, while it is not plugged: its address stays, its objects have other paths. */
void fakes_adapter_renumber (FakesAdapter *adapter, guint number);
void fakes_adapter_free (FakesAdapter *adapter);

/* Onto the bus, with its bonded devices, if it is plugged. */
void fakes_adapter_export (FakesAdapter *adapter);

/* All that ends with bluetoothd: scans, links, unbonded devices. Nothing is said on the bus. */
void fakes_adapter_die (FakesAdapter *adapter);

void fakes_adapter_set_powered (FakesAdapter *adapter, gboolean powered);

/* @children: the devices' going is announced as well, which the real one forgets sometimes. */
void fakes_adapter_unplug (FakesAdapter *adapter, gboolean children);
void fakes_adapter_plug (FakesAdapter *adapter);

gboolean fakes_adapter_discovering (const FakesAdapter *adapter);

/* The state of the discovery has changed: says so. */
void fakes_adapter_discovery_changed (FakesAdapter *adapter);
