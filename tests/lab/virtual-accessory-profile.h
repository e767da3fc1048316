/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-profile.h: the services that the virtual accessory can
 * serve, as a table. Pure: it knows nothing of the bus. */

#pragma once

#include "tests/fakes/words.h"

#include <glib.h>

#define ACCESSORY_UUID_HEART_RATE_MEASUREMENT   0x2a37
#define ACCESSORY_UUID_HEART_RATE_CONTROL_POINT 0x2a39

typedef struct
{
  guint16 service;
  guint16 uuid;
  const char *flags; /* names of org.bluez.GattCharacteristic1, separated by spaces */
  gboolean guarded;  /* the word security= applies to it */
  const char *value; /* the first one; @length octets */
  gsize length;
} AccessoryProfileRow;

/* The rows of a service follow one another. Returns the table. */
const AccessoryProfileRow *accessory_profile_rows (guint *ret_n_rows);

gboolean accessory_profile_has_service (guint16 service);

/* The flags of a characteristic in a form that BlueZ understands, with those that make
 * @security come true. Free with g_strfreev(). */
char **
accessory_profile_flags (const AccessoryProfileRow *row, AccessorySecurity security);

/* "0000180d-0000-1000-8000-00805f9b34fb": Core Specification 5.3, Vol 3, Part B, 2.5.1. */
char *accessory_profile_uuid (guint16 uuid);
