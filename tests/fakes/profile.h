/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/profile.h: what the services of a test accessory consist of. Tables;
 * no state. */

#pragma once

#include <glib.h>

typedef enum
{
  FAKES_GATT_READ = 1 << 0,
  FAKES_GATT_WRITE = 1 << 1,
  FAKES_GATT_WRITE_COMMAND = 1 << 2,
  FAKES_GATT_NOTIFY = 1 << 3,
  FAKES_GATT_INDICATE = 1 << 4,
  FAKES_GATT_SECURED = 1 << 5,     /* needs what the word `security=` says */
  FAKES_GATT_DESCRIBABLE = 1 << 6, /* its descriptor 2901 can be written */
} FakesGattFlags;

typedef struct
{
  guint16 uuid;
  guint flags;             /* FakesGattFlags */
  const char *value;       /* of a read, until somebody sets another: hexadecimal */
  const char *description; /* of its descriptor 2901; NULL: none */
} FakesProfileCharacteristic;

typedef struct
{
  guint16 uuid;
  gboolean claimed; /* by bluetoothd itself, which then exports no objects for it */
  const FakesProfileCharacteristic *characteristics; /* ends with a UUID of 0 */
} FakesProfileService;

/* Of a service that we have no table for: one without characteristics. */
FakesProfileService fakes_profile_find (guint16 uuid);

/* NULL when no service has it. */
const FakesProfileCharacteristic *fakes_profile_find_characteristic (guint16 uuid);

/* The 128 bits of a 16-bit UUID as text: Core Specification 5.3, Vol 3, Part B, 2.5.1.
 * Returns: (transfer full): */
char *fakes_profile_uuid_text (guint16 uuid);
