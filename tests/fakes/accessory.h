/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/accessory.h: an accessory as it is in the world, whatever bluetoothd
 * knows of it: its words, its values, its heart. */

#pragma once

#include "tests/fakes/beats.h"
#include "tests/fakes/world.h"

struct FakesAccessory
{
  FakesWorld *world;
  char *id;
  AccessoryWords *words;
  char *address;
  char *name;         /* as BlueZ lets it through: UTF-8 */
  char *service_uuid; /* the one advertised, as text */
  gboolean advertising;
  gboolean silent;     /* one of a flood: no events */
  GPtrArray *devices;  /* of FakesDevice: one an adapter that hears it */
  FakesDevice *linked; /* who has its link, or NULL */
  GHashTable *values;  /* UUID -> GBytes: what was set */
  FakesBeats beats;
  guint beat_source;
  guint lifetime_source;
};

/* Takes @words. Fails when an adapter does not exist. */
FakesAccessory *fakes_accessory_new (FakesWorld *world,
                                     const char *id,
                                     AccessoryWords *words,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void fakes_accessory_free (FakesAccessory *accessory);

/* One advert, heard wherever somebody discovers. */
void fakes_accessory_advertise (FakesAccessory *accessory);
void fakes_accessory_set_advertising (FakesAccessory *accessory, gboolean on);

/* Off the air, and the link is lost. */
void fakes_accessory_vanish (FakesAccessory *accessory);

/* The link came up; it went down. */
void fakes_accessory_linked (FakesAccessory *accessory, FakesDevice *device);
void fakes_accessory_unlinked (FakesAccessory *accessory);

/* Returns: (transfer full): what a read gives, or NULL: it has no such characteristic. */
GBytes *fakes_accessory_value (FakesAccessory *accessory, guint16 uuid);
void fakes_accessory_set_value (FakesAccessory *accessory, guint16 uuid, GBytes *value);

void fakes_accessory_set_rate (FakesAccessory *accessory, guint rate_ms);

/* Starts or stops the heart, as somebody listens or not. */
void fakes_accessory_update_beats (FakesAccessory *accessory);

/* "EVENT ID", or "EVENT ID ARGUMENTS". */
void fakes_accessory_event (const FakesAccessory *accessory,
                            const char *event,
                            const char *arguments);
