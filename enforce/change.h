/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/change.h: puts a level in place and takes it away. As root. Does not say
 * how far that holds: the probe does. */

#pragma once

#include "enforce/level.h"

typedef struct
{
  const char *bus_file;   /* /etc/dbus-1/system-local.conf */
  const char *policy;     /* what it is to include */
  const char *level_file; /* the level that was asked for: one word */
} EnforcePlaces;

/* The machine's own. */
extern const EnforcePlaces enforce_places;

/* Puts @level in place. When it fails nothing was changed, or @error says what was left. The bus has to read its
 * configuration again afterwards. */
gboolean enforce_change_set (const EnforcePlaces *places,
                             EnforceLevel level,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* At boot: sockets are closed again if the level that was asked for says so. */
gboolean enforce_change_boot (const EnforcePlaces *places,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The level that was asked for; advisory when none was, or when the file says nonsense. */
EnforceLevel enforce_change_wanted (const EnforcePlaces *places);
