/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One app on all devices of one person (the host app and its companion apps form one
 * family), and what can be derived from it: what the person and the app see. The
 * derived state is a function of what is stored and of the adapters; it is never stored.
 * The events that change a family are in event.h. */

#pragma once

#include <glib.h>

#include "perms/types.h"

#define PERMS_FAMILY_DEVICES_MAX 256

/* A family member: the app on one device. */
typedef struct
{
  char *name;
  PermsSync sync; /* of the link; for the host: MIRRORED if any companion is mirrored */
  PermsAccess asks;
  char *fingerprint;
  gboolean adapter_off;
  gboolean installed;
  PermsBluetooth bluetooth; /* NONE exactly when not installed */
  PermsReason reason;
  PermsManaged managed;
  PermsManaged managed_picker; /* DENY restricts the picker */
  PermsConsent consent;
  gboolean waiting; /* a snapshot waits for the install */
  PermsBluetooth snapshot;
  gboolean conflict;
  GPtrArray *accessories; /* char *, sorted by code point, owned */
} PermsMember;

typedef struct
{
  GPtrArray *members; /* PermsMember *; [0] is the host, then companions as linked */
} PermsFamily;

PermsFamily *perms_family_new (void);
PermsFamily *perms_family_copy (const PermsFamily *family);
void perms_family_free (PermsFamily *family);

/* Adds a member that has nothing yet; the first one added is the host. */
PermsMember *perms_family_add (PermsFamily *family, const char *name);
PermsMember *perms_family_get (const PermsFamily *family, guint index);

/* The member of that name, with its index if @ret_index is not NULL; NULL: none. */
PermsMember *
perms_family_find (const PermsFamily *family, const char *name, guint *ret_index);

gboolean perms_member_has_accessory (const PermsMember *member, const char *accessory);
/* FALSE if it is there already / is not there. */
gboolean perms_member_add_accessory (PermsMember *member, const char *accessory);
gboolean perms_member_remove_accessory (PermsMember *member, const char *accessory);

typedef enum
{
  PERMS_TOGGLE_HIDDEN = 0,
  PERMS_TOGGLE_OFF,
  PERMS_TOGGLE_ON,
} PermsToggle;

typedef enum
{
  PERMS_PICKER_NONE = 0, /* not declared, or not installed */
  PERMS_PICKER_EMPTY,    /* opens and finds nothing */
  PERMS_PICKER_RESTRICTED_POLICY,
  PERMS_PICKER_RESTRICTED_BROAD_GRANT_HELD,
  PERMS_PICKER_OK,
} PermsPicker;

/* What an app's central manager says. */
typedef enum
{
  PERMS_CENTRAL_NONE = 0,
  PERMS_CENTRAL_UNKNOWN,
  PERMS_CENTRAL_POWERED_OFF,
  PERMS_CENTRAL_UNAUTHORIZED,
  PERMS_CENTRAL_POWERED_ON,
} PermsCentral;

typedef struct
{
  gboolean installed;
  PermsBluetooth bluetooth;
  PermsReason reason;
  PermsToggle toggle;
  gboolean toggle_enabled;
  gboolean editable;
  PermsCentral central;
  PermsPicker picker;
  const GPtrArray *accessories; /* char *, sorted; belongs to the family */
} PermsDerived;

/* What the person and the app see on member @index. */
PermsDerived perms_family_derive (const PermsFamily *family, guint index);

/* The parts of it that events need. */
gboolean perms_family_is_editable (const PermsFamily *family, guint index);
PermsPicker perms_family_get_picker (const PermsFamily *family, guint index);

const char *perms_toggle_to_string (PermsToggle toggle);
const char *perms_picker_to_string (PermsPicker picker);
const char *perms_central_to_string (PermsCentral central);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsFamily, perms_family_free)
