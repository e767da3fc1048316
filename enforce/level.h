/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/level.h: how strictly Bluetooth is closed to whoever is not the broker, and what a
 * probe found out about that. Pure: tries and changes nothing. */

#pragma once

#include <glib.h>

typedef enum
{
  ENFORCE_ADVISORY = 0, /* stock BlueZ: every program may call everything */
  ENFORCE_BUS,          /* org.bluez is closed to others, calls and broadcasts */
  ENFORCE_STRICT,       /* Bluetooth sockets as well */
} EnforceLevel;

/* "advisory", "bus", "strict". */
const char *enforce_level_to_word (EnforceLevel level);
gboolean enforce_level_from_word (const char *word, EnforceLevel *ret_level);

/* What nobody has tried counts as open. */
typedef enum
{
  ENFORCE_DOOR_UNKNOWN = 0,
  ENFORCE_DOOR_OPEN,
  ENFORCE_DOOR_CLOSED,
} EnforceDoor;

/* "unknown", "open", "closed". */
const char *enforce_door_to_word (EnforceDoor door);

/* The ways around the broker, as an unprivileged program finds them. */
typedef struct
{
  EnforceDoor name_calls;   /* to org.bluez */
  EnforceDoor unique_calls; /* to its unique name */
  EnforceDoor broadcasts;   /* of its signals */
  EnforceDoor sockets;      /* AF_BLUETOOTH */
} EnforceDoors;

/* The highest level all of whose doors are closed. */
EnforceLevel enforce_level_measured (const EnforceDoors *doors);
