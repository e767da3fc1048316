/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/cgroup.h: which app systemd's place for a process names: cgroup paths as texts.
 * Reads nothing itself. */

#pragma once

#include <glib.h>
#include <sys/types.h>

#include "identity/question.h"
#include "identity/refusal.h"
#include "perms/key.h"

/* Where systemd has put the process. @content: of /proc/PID/cgroup. @ret_path: (transfer
 * full). Absent: systemd has no hierarchy here. Refused: the path leads out of it. */
IdentityStep
identity_cgroup_find_path (const char *content, char **ret_path, GError **error);

/* The system unit of a cgroup's path: the first service below the machine's own slices. What
 * lies below user.slice is the users' to arrange. */
IdentityStep identity_cgroup_find_unit (const char *path,
                                        char ret_id[PERMS_APP_ID_MAX + 1],
                                        GError **error);

/* The application of a user's app-*.scope, below the manager of user @uid, by the naming of
 * systemd's "Desktop Environment Integration": app[-LAUNCHER]-ID-RANDOM.scope. */
IdentityStep identity_cgroup_find_scope (const char *path,
                                         uid_t uid,
                                         char ret_id[PERMS_APP_ID_MAX + 1],
                                         GError **error);

/* The login session of a cgroup's path, by the naming of logind: its scope in its user's
 * slice. Says nothing of what runs below the user's own manager, which outlives sessions.
 * Returns: FALSE outside of any. */
gboolean
identity_cgroup_find_session (const char *path, char ret_id[IDENTITY_SESSION_MAX + 1]);
