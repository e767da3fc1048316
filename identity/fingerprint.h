/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/fingerprint.h: who published an app, as a text that an update by the same
 * publisher keeps and another publisher's app of the same name does not have. From what
 * root has written down on this machine; "" where nothing is. Never refuses: a missing
 * fingerprint differs from every other. */

#pragma once

#include <glib.h>

#include "identity/host.h"
#include "perms/key.h"

typedef char IdentityFingerprint[PERMS_FINGERPRINT_MAX + 1];

/* The origin remote and the digest of its keys, else the remote's collection.
 * @app_path: where the app's instance says that it is deployed, or NULL. */
void identity_fingerprint_flatpak (const IdentityHost *host,
                                   const char *id,
                                   const char *app_path,
                                   IdentityFingerprint ret_text);
/* The publisher in the snap's declaration. */
void identity_fingerprint_snap (const IdentityHost *host,
                                const char *name,
                                IdentityFingerprint ret_text);
/* The unit's file and its owner. */
void identity_fingerprint_unit (const IdentityHost *host,
                                const char *unit,
                                IdentityFingerprint ret_text);
/* The file's device, owner and Debian package. */
void identity_fingerprint_path (const IdentityHost *host,
                                const char *path,
                                const struct stat *info,
                                IdentityFingerprint ret_text);
