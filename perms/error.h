/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What can go wrong in perms/ for a reason outside the program. Refusals of the
 * permission model are not errors: they are outcomes (event.h) and causes
 * (types.h). Must not name D-Bus errors: the edge translates. */

#pragma once

#include <glib.h>

typedef enum
{
  PERMS_ERROR_FAILED = 0, /* SQLite or the disk said something unexpected */
  PERMS_ERROR_INVALID,    /* a text, key or row is malformed */
  PERMS_ERROR_LIMIT,      /* one more would exceed a bound */
  PERMS_ERROR_STALE,      /* the stored row has this revision or a newer one */
  PERMS_ERROR_FULL,       /* the disk is full */
  PERMS_ERROR_IO,         /* reading, writing or syncing failed */
  PERMS_ERROR_READ_ONLY,  /* the file or its folder cannot be written */
  PERMS_ERROR_BUSY,       /* another process holds the store */
  PERMS_ERROR_NEWER,      /* the store was written by a newer version; untouched */
  PERMS_ERROR_DAMAGED,    /* the content contradicts its digests; deny everything */
  PERMS_ERROR_CLOSED,     /* the queue was closed before this was done */
} PermsError;

#define PERMS_ERROR (perms_error_quark ())

GQuark perms_error_quark (void);
