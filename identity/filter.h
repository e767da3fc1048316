/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/filter.h: the system calls that remain once the helper has found its feet. The
 * capability that opens other people's /proc would also trace them and reach into their
 * memory and descriptors: none of those calls is on the list, nor is any that executes,
 * connects or writes to a file system. */

#pragma once

#include <glib.h>

/* For the rest of the process's life and its children's. Calls that are not on the list fail
 * with EPERM; on another architecture's they kill. */
gboolean identity_filter_apply (GError **error) G_GNUC_WARN_UNUSED_RESULT;
