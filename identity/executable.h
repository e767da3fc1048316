/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/executable.h: whether the program that a process runs says who it is: a file
 * that root alone could have put there, and that does not run other people's programs. */

#pragma once

#include <glib.h>

#include "identity/host.h"
#include "identity/refusal.h"
#include "perms/key.h"

/* Absent: another than root could have put it there, or it is an interpreter. Refused: it
 * cannot be read, or root's file is not the one of that name any more.
 * @ret_info: of the file. */
IdentityStep identity_executable_find (const IdentityHost *host,
                                       int proc_fd,
                                       char ret_path[PERMS_APP_ID_MAX + 1],
                                       struct stat *ret_info,
                                       GError **error);

/* Whether the program at @path (absolute) runs the programs of others. */
gboolean identity_executable_is_interpreter (const char *path);
