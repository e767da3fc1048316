/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/proc.h: what the kernel says of one process, read through one descriptor of its
 * folder in /proc, so that every answer is of the same process. Judges nothing but the form
 * of what it reads. */

#pragma once

#include <glib.h>
#include <sys/types.h>

/* proc(5): stat is one line of far less, status about 1.5 KiB, a cgroup's path 4 KiB. */
#define IDENTITY_PROC_FILE_MAX 16384

/* Opens the folder of the process that @pid_fd holds. Returns: a descriptor to close, or -1
 * with an error: not a pidfd, the process has ended or belongs to another pid namespace. */
int identity_proc_open (int pid_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the process has not ended: if it has not, what was read so far was of it. */
gboolean identity_proc_is_alive (int pid_fd);

/* Reads the file @name below @proc_fd. Returns: its length without the terminator that is
 * added, or -1 with errno: EFBIG if it does not fit. */
gssize
identity_proc_read (int proc_fd, const char *name, char content[IDENTITY_PROC_FILE_MAX]);

/* Whether all four user ids of the process are @uid. */
gboolean identity_proc_has_uids (int proc_fd, uid_t uid);

/* Whether it started at or before @appeared_us of the boot clock, to the tick:
 * a process that started later has only taken over the number of the one that connected. */
gboolean identity_proc_started_before (int proc_fd, gint64 appeared_us);
