/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/sockets.h: the door of level strict: a BPF program at the kernel's hook
 * socket_create, which refuses AF_BLUETOOTH to everybody but uid 0 of the first user
 * namespace. Pinned, so that it outlives whoever loaded it; root takes it away. */

#pragma once

#include <glib.h>

/* Below it: the pinned link. The file system is the kernel's, so nothing outlives a boot. */
#define ENFORCE_SOCKETS_PIN "/sys/fs/bpf/blepick-strict"

/* Nothing to do when it is closed already. Needs CAP_BPF, CAP_PERFMON and a kernel with "bpf" among
 * its active security modules, and fails with what is missing. */
gboolean enforce_sockets_close (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Nothing to do when it is open already. */
gboolean enforce_sockets_open (GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean enforce_sockets_are_closed (void);
