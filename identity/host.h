/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/host.h: the machine's own file system, as its first process sees it: this
 * program's view has been narrowed by its unit. For telling who is inside it and who is
 * not, and for looking up what root has put there; nothing is ever written. */

#pragma once

#include <glib.h>
#include <sys/stat.h>

typedef struct
{
  int root_fd; /* -1: not open */
  struct stat root;
  struct stat mount_namespace;
} IdentityHost;

/* @proc_folder: of a process that sees all of the machine: "/proc/1". */
gboolean identity_host_open (IdentityHost *host,
                             const char *proc_folder,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void identity_host_close (IdentityHost *host);

/* Opens the absolute @path with open(2)'s @flags; links in it lead to where they do on the
 * machine. Returns: a descriptor, or -1 with errno. */
int identity_host_open_file (const IdentityHost *host, const char *path, int flags);

/* Reads a regular file of at most @size_max bytes. Returns: (transfer full): or NULL. */
char *identity_host_read_file (const IdentityHost *host,
                               const char *path,
                               gsize size_max,
                               gsize *ret_length);

gboolean identity_stat_is_same (const struct stat *a, const struct stat *b);
