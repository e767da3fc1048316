/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "identity/refusal.h"

gboolean
identity_host_open (IdentityHost *host, const char *proc_folder, GError **error)
{
  g_autofree char *root = g_strdup_printf ("%s/root", proc_folder);
  g_autofree char *mounts = g_strdup_printf ("%s/ns/mnt", proc_folder);

  host->root_fd = open (root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (host->root_fd >= 0 && fstat (host->root_fd, &host->root) == 0 &&
      stat (mounts, &host->mount_namespace) == 0)
    return TRUE;
  g_set_error (error, IDENTITY_ERROR, IDENTITY_ERROR_REFUSED,
               "The machine's file system cannot be seen: %s", g_strerror (errno));
  identity_host_close (host);
  return FALSE;
}

void
identity_host_close (IdentityHost *host)
{
  if (host->root_fd >= 0)
    close (host->root_fd);
  host->root_fd = -1;
}

int
identity_host_open_file (const IdentityHost *host, const char *path, int flags)
{
  struct open_how how = { .flags = (guint64) flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                          .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

  if ((flags & O_PATH) != 0)
    how.flags = (guint64) flags | O_CLOEXEC;
  return (int) syscall (SYS_openat2, host->root_fd, path, &how, sizeof how);
}

char *
identity_host_read_file (const IdentityHost *host,
                         const char *path,
                         gsize size_max,
                         gsize *ret_length)
{
  g_autofree char *content = NULL;
  struct stat info;
  gsize length = 0;
  gssize got = -1;
  int fd = identity_host_open_file (host, path, O_RDONLY);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) &&
      (gsize) info.st_size <= size_max)
    {
      content = g_malloc ((gsize) info.st_size + 1);
      while ((got = read (fd, content + length, (gsize) info.st_size - length)) > 0)
        length += (gsize) got;
      content[length] = '\0';
    }
  close (fd);
  if (got != 0)
    return NULL;
  *ret_length = length;
  return g_steal_pointer (&content);
}

gboolean
identity_stat_is_same (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}
