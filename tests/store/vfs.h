/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* SQLite's file system with a meter and with faults: counts the calls of each kind and
 * lets chosen ones fail. Must not know what a store does with it. Any thread may call. */

#pragma once

#include <glib.h>

#define VFS_NAME "blepick-faults"

typedef enum
{
  VFS_READ = 0,
  VFS_WRITE,
  VFS_SYNC,
  VFS_OPEN,
  VFS_TRUNCATE,
  VFS_N_CALLS
} VfsCall;

/* Registers the file system, once; stores that are opened with VFS_NAME use it. */
void vfs_register (void);

/* Back to no faults, and counts from 0. */
void vfs_reset (void);
guint vfs_count (VfsCall call);

/* The @nth call (1 and up) of this kind from now on fails with @code, an SQLite result
 * code; with @for_ever all later ones do, too. */
void vfs_fail (VfsCall call, guint nth, int code, gboolean for_ever);

/* TRUE if a fault has happened since the last reset. */
gboolean vfs_has_failed (void);
