/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/device.h: Device1: what bluetoothd knows of an accessory that one of its
 * adapters has heard. */

#pragma once

#include "tests/fakes/accessory.h"
#include "tests/fakes/adapter.h"

typedef struct FakesGatt FakesGatt;
typedef struct FakesPairing FakesPairing;

struct FakesDevice
{
  FakesAdapter *adapter;
  FakesAccessory *accessory;
  char *path;
  char *alias; /* or NULL: the name */
  gboolean exported;
  gboolean temporary; /* forgotten soon, unless somebody connects or bonds */
  gboolean heard;     /* in this discovery: has an RSSI */
  gint rssi_dbm;
  gint64 last_heard_us;
  gboolean connected;
  gboolean resolved;
  gboolean bonded;
  gboolean paired;   /* as said on the bus: BlueZ says it after the services are known */
  gboolean verified; /* the bond is more than Just Works */
  gboolean trusted;
  gboolean blocked;
  FakesCall *connect_call; /* waits for the link */
  guint link_source;       /* the link coming up, or the services being found */
  guint lost_source;       /* the end of a link that is not told yet */
  FakesPairing *pairing;   /* or NULL */
  FakesGatt *gatt;         /* or NULL: not known yet */
  gboolean gatt_stale;     /* the accessory has another database, and did not say so */
  gboolean has_battery;    /* Battery1 is shown */
  gboolean identified;     /* its identity address is known: it has bonded */
};

FakesDevice *fakes_device_new (FakesAdapter *adapter, FakesAccessory *accessory);

/* Off the bus as well. */
void fakes_device_free (FakesDevice *device);

void fakes_device_export (FakesDevice *device);

/* Off the bus; announced, or not. The bond stays. */
void fakes_device_unexport (FakesDevice *device, gboolean announce);

/* An advert of the accessory reaches the adapter. */
void fakes_device_heard (FakesDevice *device);

/* The discovery is over: the RSSI goes. */
void fakes_device_discovery_over (FakesDevice *device);

void fakes_device_set_temporary (FakesDevice *device, gboolean temporary);

/* Forgets it if it is temporary and was not heard for too long. */
void fakes_device_expire (FakesDevice *device, gint64 now_us);

/* RemoveDevice: link, bond and object go. */
void fakes_device_forget (FakesDevice *device);

void fakes_device_client_gone (FakesDevice *device, const char *client);

/* The bond has told its identity address, if it has one. */
void fakes_device_identify (FakesDevice *device);

/* The accessory has other services. @hidden: bluetoothd does not hear of it. */
void fakes_device_change_services (FakesDevice *device, gboolean hidden);

/* The adapter has another number, and with it all objects another path. Not exported. */
void fakes_device_move (FakesDevice *device);

/* PropertiesChanged of properties of Device1. */
#define fakes_device_changed(device, ...)                                   \
  fakes_objects_changed ((device)->adapter->world->objects, (device)->path, \
                         (const char *const[]){ __VA_ARGS__, NULL })
