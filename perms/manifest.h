/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* perms/manifest.h: what an app declares: the file APPID.accessory that comes with it. Reads
 * the text and answers whether something was declared. Must not open files: the broker
 * does, and passes texts in. */

#pragma once

#include <glib.h>

#include "perms/scope.h"
#include "perms/types.h"

#define PERMS_MANIFEST_ITEMS_MAX 64 /* of a list */
#define PERMS_MANIFEST_NAME_MAX \
  248 /* bytes: GAP Device Name, Core 5.3, Vol 3, Part C, 12.1 */

/* What a manifest can turn on; flags. */
typedef enum
{
  PERMS_MANIFEST_NOTHING = 0,
  PERMS_MANIFEST_ACCEPT_ALL = 1 << 0, /* may look for every accessory */
  PERMS_MANIFEST_HID = 1 << 1,        /* may ask for keyboards and the like */
  PERMS_MANIFEST_VERIFIED = 1 << 2,   /* Just Works is never enough for this app */
  PERMS_MANIFEST_DISCOVERY = 1 << 3, /* may see what is around while the picker is open */
  PERMS_MANIFEST_BACKGROUND = 1 << 4, /* is started when its accessory appears */
} PermsManifestFlag;

typedef struct _PermsManifest PermsManifest;

/* Reads a manifest:
 *
 *   [Accessory Setup]
 *   supports=accessory-setup;bluetooth   default accessory-setup
 *   services=180d;180f                   16, 32 or 128 bits, any case
 *   companies=0x006b;107                 Bluetooth company identifiers
 *   names=Polar;TICKR                    parts of names that it looks for
 *   blocklisted=2a25                     blocklisted characteristics that it needs
 *   accept-all=true|false                these five default to false
 *   hid=, verified=, discovery=, background=
 *
 * Unknown keys and groups, and a key or the group twice, are errors. @name is used in
 * messages: "NAME:LINE: expected …".
 * Returns: (transfer full): the manifest, or NULL with PERMS_ERROR_INVALID, PERMS_ERROR_LIMIT. */
PermsManifest *perms_manifest_read (const char *name,
                                    const char *text,
                                    gsize length,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

PermsManifest *perms_manifest_ref (PermsManifest *manifest);
void perms_manifest_unref (PermsManifest *manifest);

PermsAccess perms_manifest_get_supports (const PermsManifest *manifest);
guint perms_manifest_get_flags (const PermsManifest *manifest); /* PermsManifestFlag */

/* What was declared, in the order of the file; borrowed. */
const PermsUuid *
perms_manifest_get_services (const PermsManifest *manifest, guint *ret_n);
const PermsUuid *
perms_manifest_get_blocklisted (const PermsManifest *manifest, guint *ret_n);
const guint16 *perms_manifest_get_companies (const PermsManifest *manifest, guint *ret_n);
const char *const *perms_manifest_get_names (const PermsManifest *manifest);

gboolean
perms_manifest_has_service (const PermsManifest *manifest, const PermsUuid *service);
gboolean perms_manifest_has_blocklisted (const PermsManifest *manifest,
                                         const PermsUuid *characteristic);
gboolean perms_manifest_has_company (const PermsManifest *manifest, guint16 company);

/* TRUE if looking for @part of a name finds no more than what was declared: it contains a
 * declared part, in any ASCII case. */
gboolean perms_manifest_has_name (const PermsManifest *manifest, const char *part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsManifest, perms_manifest_unref)
