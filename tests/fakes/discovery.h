/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/discovery.h: who discovers on an adapter, and with which filter. Filters
 * of all clients are merged; every client hears every result. */

#pragma once

#include "tests/fakes/adapter.h"

typedef struct
{
  char *client;
  gboolean active; /* FALSE: has only set a filter */
  gboolean filtered;
  GStrv uuids;      /* NULL: any */
  gint rssi_dbm;    /* weakest; G_MININT: any */
  gint pathloss_db; /* largest; G_MININT: any */
  gboolean duplicates;
} FakesScan;

void fakes_scan_free (FakesScan *scan);

void fakes_discovery_handle_start (FakesCall *call, gpointer data);
void fakes_discovery_handle_stop (FakesCall *call, gpointer data);
void fakes_discovery_handle_set_filter (FakesCall *call, gpointer data);
void fakes_discovery_handle_get_filters (FakesCall *call, gpointer data);

void fakes_discovery_client_gone (FakesAdapter *adapter, const char *client);
guint fakes_discovery_count (const FakesAdapter *adapter);

/* Whether an advert with these reaches the bus. */
gboolean fakes_discovery_matches (const FakesAdapter *adapter,
                                  const char *service_uuid,
                                  gint rssi_dbm);

/* Whether any client has set a filter; whether any wants duplicates. */
gboolean fakes_discovery_filtered (const FakesAdapter *adapter);
gboolean fakes_discovery_duplicates (const FakesAdapter *adapter);
