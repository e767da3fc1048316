/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/app.h: which app a process is: the kinds, from the one that is hardest to forge
 * to the one that says no more than whose process it is. The only way from one kind to the
 * next is that it is not there. */

#pragma once

#include <glib.h>

#include "identity/fingerprint.h"
#include "identity/host.h"
#include "identity/question.h"
#include "identity/refusal.h"
#include "perms/key.h"
#include "perms/types.h"

typedef struct
{
  PermsAppKey key;
  PermsStrength strength;
  gboolean sandboxed;
  IdentityFingerprint fingerprint;
  char session[IDENTITY_SESSION_MAX + 1]; /* of the login, "" outside of any */
} IdentityApp;

/* @proc_fd: of a process all of whose uids are @uid. */
gboolean identity_app_find (const IdentityHost *host,
                            int proc_fd,
                            uid_t uid,
                            IdentityApp *ret_app,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The snap of a security label: "snap.NAME.APP (enforce)". A label that does not enforce
 * vouches for nothing and counts as none. */
IdentityStep identity_app_find_snap (const char *label,
                                     char ret_name[PERMS_APP_ID_MAX + 1],
                                     GError **error);
