/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/store/vfs.h"

#include <sqlite3.h>

/* SQLite allocates szOsFile octets for a file; the real one follows ours there. */
typedef struct
{
  sqlite3_file base;
  sqlite3_file *real;
} File;

static sqlite3_vfs *real_vfs;

static struct
{
  GMutex mutex;
  guint counts[VFS_N_CALLS];
  VfsCall call;
  guint nth; /* 0: no fault */
  int code;
  gboolean for_ever;
  gboolean has_failed;
} meter;

void
vfs_reset (void)
{
  g_mutex_lock (&meter.mutex);
  for (guint i = 0; i < VFS_N_CALLS; i++)
    meter.counts[i] = 0;
  meter.nth = 0;
  meter.has_failed = FALSE;
  g_mutex_unlock (&meter.mutex);
}

guint
vfs_count (VfsCall call)
{
  g_mutex_lock (&meter.mutex);
  guint count = meter.counts[call];
  g_mutex_unlock (&meter.mutex);
  return count;
}

void
vfs_fail (VfsCall call, guint nth, int code, gboolean for_ever)
{
  g_mutex_lock (&meter.mutex);
  meter.call = call;
  meter.nth = meter.counts[call] + nth;
  meter.code = code;
  meter.for_ever = for_ever;
  g_mutex_unlock (&meter.mutex);
}

gboolean
vfs_has_failed (void)
{
  g_mutex_lock (&meter.mutex);
  gboolean has_failed = meter.has_failed;
  g_mutex_unlock (&meter.mutex);
  return has_failed;
}

/* What this call should do: SQLITE_OK, or its fault. */
static int
measure (VfsCall call)
{
  g_mutex_lock (&meter.mutex);
  guint count = ++meter.counts[call];
  gboolean is_fault = meter.nth > 0 && call == meter.call &&
                      (count == meter.nth || (meter.for_ever && count > meter.nth));
  meter.has_failed = meter.has_failed || is_fault;
  int code = is_fault ? meter.code : SQLITE_OK;
  g_mutex_unlock (&meter.mutex);
  return code;
}

static sqlite3_file *
real_of (sqlite3_file *file)
{
  return ((File *) file)->real;
}

static int
close_file (sqlite3_file *file)
{
  return real_of (file)->pMethods->xClose (real_of (file));
}

static int
read_file (sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
  int code = measure (VFS_READ);

  return code != SQLITE_OK
           ? code
           : real_of (file)->pMethods->xRead (real_of (file), data, size, offset);
}

/* A write that fails has written half: that is what a full disk does. */
static int
write_file (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  int code = measure (VFS_WRITE);
  const sqlite3_io_methods *real = real_of (file)->pMethods;

  if (code == SQLITE_OK)
    return real->xWrite (real_of (file), data, size, offset);
  real->xWrite (real_of (file), data, size / 2, offset);
  return code;
}

static int
truncate_file (sqlite3_file *file, sqlite3_int64 size)
{
  int code = measure (VFS_TRUNCATE);

  return code != SQLITE_OK ? code
                           : real_of (file)->pMethods->xTruncate (real_of (file), size);
}

/* Counted and not done: no power fails during a test, and disks are slow. */
static int
sync_file (sqlite3_file *file, int flags)
{
  return measure (VFS_SYNC);
}

static int
measure_file (sqlite3_file *file, sqlite3_int64 *ret_size)
{
  return real_of (file)->pMethods->xFileSize (real_of (file), ret_size);
}

static int
lock_file (sqlite3_file *file, int level)
{
  return real_of (file)->pMethods->xLock (real_of (file), level);
}

static int
unlock_file (sqlite3_file *file, int level)
{
  return real_of (file)->pMethods->xUnlock (real_of (file), level);
}

static int
check_lock (sqlite3_file *file, int *ret_locked)
{
  return real_of (file)->pMethods->xCheckReservedLock (real_of (file), ret_locked);
}

static int
control_file (sqlite3_file *file, int op, void *argument)
{
  return real_of (file)->pMethods->xFileControl (real_of (file), op, argument);
}

static int
sector_size (sqlite3_file *file)
{
  return real_of (file)->pMethods->xSectorSize (real_of (file));
}

static int
characterize (sqlite3_file *file)
{
  return real_of (file)->pMethods->xDeviceCharacteristics (real_of (file));
}

static int
map_index (sqlite3_file *file, int page, int size, int extend, void volatile **ret_data)
{
  return real_of (file)->pMethods->xShmMap (real_of (file), page, size, extend, ret_data);
}

static int
lock_index (sqlite3_file *file, int offset, int n, int flags)
{
  return real_of (file)->pMethods->xShmLock (real_of (file), offset, n, flags);
}

static void
fence_index (sqlite3_file *file)
{
  real_of (file)->pMethods->xShmBarrier (real_of (file));
}

static int
unmap_index (sqlite3_file *file, int and_delete)
{
  return real_of (file)->pMethods->xShmUnmap (real_of (file), and_delete);
}

static const sqlite3_io_methods methods = {
  .iVersion = 2,
  .xClose = close_file,
  .xRead = read_file,
  .xWrite = write_file,
  .xTruncate = truncate_file,
  .xSync = sync_file,
  .xFileSize = measure_file,
  .xLock = lock_file,
  .xUnlock = unlock_file,
  .xCheckReservedLock = check_lock,
  .xFileControl = control_file,
  .xSectorSize = sector_size,
  .xDeviceCharacteristics = characterize,
  .xShmMap = map_index,
  .xShmLock = lock_index,
  .xShmBarrier = fence_index,
  .xShmUnmap = unmap_index,
};

static int
open_file (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret)
{
  File *ours = (File *) file;
  int code = measure (VFS_OPEN);

  file->pMethods = NULL;
  if (code != SQLITE_OK)
    return code;
  ours->real = (sqlite3_file *) (ours + 1);
  code = real_vfs->xOpen (real_vfs, name, ours->real, flags, ret);
  if (code == SQLITE_OK)
    file->pMethods = &methods;
  return code;
}

void
vfs_register (void)
{
  static sqlite3_vfs vfs;

  if (real_vfs != NULL)
    return;
  real_vfs = sqlite3_vfs_find (NULL);
  vfs = *real_vfs;
  vfs.zName = VFS_NAME;
  vfs.szOsFile = (int) sizeof (File) + real_vfs->szOsFile;
  vfs.xOpen = open_file;
  vfs.pNext = NULL;
  g_assert (sqlite3_vfs_register (&vfs, 0) == SQLITE_OK);
}
