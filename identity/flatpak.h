/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/flatpak.h: reads what Flatpak writes into the root of every sandbox. The root is
 * the app's: nothing in it is followed, waited for or read without a bound.
 *
 * The file tells what runs inside a sandbox from every other. It does not tell who built the
 * sandbox: an unsandboxed program can build one for its own user and name any app in it, and
 * nothing else that Flatpak leaves behind would tell either, as its instance folder below
 * /run/user and its scopes belong to the same user. Among a user's unsandboxed programs ids are
 * labels. */

#pragma once

#include <glib.h>
#include <sys/types.h>

#include "identity/refusal.h"
#include "perms/key.h"

#define IDENTITY_FLATPAK_INFO_MAX ((gsize) 64 * 1024) /* bytes */

typedef struct
{
  char id[PERMS_APP_ID_MAX + 1];
  char *app_path;     /* [Instance] app-path: where the app is deployed, or NULL */
  uid_t owner;        /* of the file */
  gboolean read_only; /* its mount is: the app cannot have written it */
} IdentityFlatpak;

void identity_flatpak_clear (IdentityFlatpak *flatpak);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (IdentityFlatpak, identity_flatpak_clear)

/* Reads .flatpak-info below @root_fd into @flatpak (zeroed before, to be cleared after).
 * Absent: there is no such file. Refused: anything that is not a regular file of at most
 * IDENTITY_FLATPAK_INFO_MAX bytes of UTF-8 that names exactly one well-formed application. */
IdentityStep
identity_flatpak_read (int root_fd, IdentityFlatpak *flatpak, GError **error);
