/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/level.h"

#include <string.h>

static const char *const levels[] = { "advisory", "bus", "strict" };

const char *
enforce_level_to_word (EnforceLevel level)
{
  return (guint) level < G_N_ELEMENTS (levels) ? levels[level] : levels[ENFORCE_ADVISORY];
}

gboolean
enforce_level_from_word (const char *word, EnforceLevel *ret_level)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (word, levels[i]) == 0)
      {
        *ret_level = (EnforceLevel) i;
        return TRUE;
      }
  return FALSE;
}

const char *
enforce_door_to_word (EnforceDoor door)
{
  switch (door)
    {
    case ENFORCE_DOOR_OPEN:
      return "open";
    case ENFORCE_DOOR_CLOSED:
      return "closed";
    case ENFORCE_DOOR_UNKNOWN:
    default:
      return "unknown";
    }
}

EnforceLevel
enforce_level_measured (const EnforceDoors *doors)
{
  if (doors->name_calls != ENFORCE_DOOR_CLOSED ||
      doors->unique_calls != ENFORCE_DOOR_CLOSED ||
      doors->broadcasts != ENFORCE_DOOR_CLOSED)
    return ENFORCE_ADVISORY;
  return doors->sockets == ENFORCE_DOOR_CLOSED ? ENFORCE_STRICT : ENFORCE_BUS;
}
