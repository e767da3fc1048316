/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/world.h: all that there is: adapters, accessories, agents, faults. It
 * holds them together and passes on what concerns them all; what each of them does is
 * in its own file. */

#pragma once

#include "tests/fakes/agents.h"
#include "tests/fakes/faults.h"
#include "tests/fakes/objects.h"
#include "tests/fakes/words.h"

typedef struct FakesAccessory FakesAccessory;
typedef struct FakesAdapter FakesAdapter;
typedef struct FakesDevice FakesDevice;
typedef struct FakesFlood FakesFlood;

/* Times of the real thing, unless the command line says otherwise. */
typedef struct
{
  const char *bus_address;
  guint n_adapters;
  guint advert_ms;    /* between two adverts of an accessory */
  guint temporary_ms; /* until a device that nobody wants is forgotten */
  guint connect_ms;   /* until a connect to nobody fails */
  guint lost_ms;      /* until a link is told as lost after its services were */
  guint smp_ms;       /* until a pairing that stands still fails */
} FakesOptions;

typedef struct
{
  const FakesOptions *options;
  FakesObjects *objects;
  FakesBus *bus; /* NULL while bluetoothd is dead */
  FakesAgents *agents;
  FakesFaults *faults;
  GPtrArray *adapters;     /* of FakesAdapter, by number */
  GHashTable *accessories; /* id -> FakesAccessory */
  FakesFlood *flood;
  guint advert_source;
  guint expiry_source;
  gboolean ready; /* `ready` has been said */
  GMainLoop *loop;
} FakesWorld;

FakesWorld *fakes_world_new (const FakesOptions *options);
void fakes_world_free (FakesWorld *world);

/* Onto the bus, with the name and all objects; off the bus, with everything that does not outlive bluetoothd. */
gboolean fakes_world_rise (FakesWorld *world, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void fakes_world_die (FakesWorld *world);

/* Starts or stops the adverts, as somebody discovers or not. */
void fakes_world_update_adverts (FakesWorld *world);

/* "stats scans=N ..." */
void fakes_world_print_stats (FakesWorld *world);

/* One line of events, at once. */
void fakes_event (const char *format, ...) G_GNUC_PRINTF (1, 2);
