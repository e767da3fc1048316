/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/characteristic.h: GattCharacteristic1: its reads and writes. Following it is in
 * notify.h. */

#pragma once

#include "tests/fakes/device.h"
#include "tests/fakes/profile.h"

/* What BlueZ says when the link goes in the middle of an operation: measured, whenever the security was
 * not to be had. */
#define FAKES_CHARACTERISTIC_LINK_LOST "Operation failed with ATT error: 0x0e"

/* What the accessory says to a handle that it does not have. */
#define FAKES_CHARACTERISTIC_INVALID "Operation failed with ATT error: 0x01"

typedef struct
{
  FakesDevice *device;
  const FakesProfileCharacteristic *row;
  char *path;
  char *service_path;
  GBytes *cached;       /* what bluetoothd has seen last, or NULL */
  GPtrArray *followers; /* unique names with a StartNotify */
  gboolean followed_by_bluetoothd;
  FakesCall
    *acquire_call; /* an AcquireNotify that waits for the security, perhaps for ever */
  int notify_fd;   /* -1: not acquired */
  guint notify_source;
  int write_fd; /* -1: not acquired */
  guint write_source;
  gboolean subscribed; /* as the accessory sees it */
} FakesCharacteristic;

FakesCharacteristic *fakes_characteristic_new (FakesDevice *device,
                                               const FakesProfileCharacteristic *row,
                                               const char *service_path,
                                               guint16 handle);
void fakes_characteristic_free (FakesCharacteristic *characteristic);

/* The services are known again. */
void fakes_characteristic_link_up (FakesCharacteristic *characteristic);

/* Nobody follows it any more. */
void fakes_characteristic_reset (FakesCharacteristic *characteristic);

/* Whether anybody on the bus follows it. */
gboolean fakes_characteristic_has_clients (const FakesCharacteristic *characteristic);
void fakes_characteristic_export (FakesCharacteristic *characteristic);

/* bluetoothd has seen a value: keeps it and tells everybody on the bus. */
void fakes_characteristic_cache (FakesCharacteristic *characteristic, GBytes *value);

/* "EVENT ID 2a37", or with @value in hexadecimal after it. */
void fakes_characteristic_event (const FakesCharacteristic *characteristic,
                                 const char *event,
                                 GBytes *value);

/* The options "offset" and "type" (NULL: none) of a read or write; FALSE when one has the wrong type. */
gboolean fakes_characteristic_parse_options (GVariant *options,
                                             guint16 *ret_offset,
                                             const char **ret_type);

/* Answers @call with @value from @offset on. */
void fakes_characteristic_return (FakesCall *call, GBytes *value, guint16 offset);
