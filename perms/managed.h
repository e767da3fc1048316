/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Managed policies: what an admin wrote into key files. Reads texts, matches apps and
 * devices, and answers with the most restrictive of all that apply. Must not open files
 * or check their owner: the broker does, and passes texts in. */

#pragma once

#include <glib.h>

#include "perms/policy.h"

#define PERMS_MANAGED_POLICIES_MAX 1024 /* in one set */

typedef struct _PermsManagedSet PermsManagedSet;

PermsManagedSet *perms_managed_set_new (void);
void perms_managed_set_free (PermsManagedSet *set);
guint perms_managed_set_get_length (const PermsManagedSet *set);

/* Reads one file's text into @set. A file has one or more groups:
 *
 *   [Policy]
 *   app=flatpak:org.example.Trainer      or *; for the host apps of every uid: host
 *   fingerprint=…                        optional
 *   device=local                         or a companion's name, or *; default local
 *   picker=allow|deny
 *   services=0000180d-0000-1000-8000-00805f9b34fb:allow;…:deny
 *   bluetooth=allow|deny
 *
 * Lines that begin with '#' are comments. Unknown keys and groups, a key twice, and
 * values that are none are errors; then nothing of the text is added. @name is used in
 * messages: "NAME:LINE: what was expected". Errors: PERMS_ERROR_INVALID, PERMS_ERROR_LIMIT. */
gboolean perms_managed_set_add (PermsManagedSet *set,
                                const char *name,
                                const char *text,
                                gsize length,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One policy as it was read, borrowed. */
typedef struct
{
  PermsUuid service;
  PermsManaged value;
} PermsManagedService;

typedef struct
{
  const char *source;      /* the name of its file */
  const char *app;         /* "KIND:ID", "host" or "*" */
  const char *fingerprint; /* NULL: any */
  const char *device;      /* a name or "*" */
  PermsManaged picker;     /* NONE: it says nothing of that */
  PermsManaged bluetooth;
  const PermsManagedService *services;
  guint n_services;
} PermsManagedPolicy;

typedef void (*PermsManagedFunc) (const PermsManagedPolicy *policy, gpointer user_data);

/* In the order in which they were read. NULL @set: there are none. */
void perms_managed_set_foreach (const PermsManagedSet *set,
                                PermsManagedFunc func,
                                gpointer user_data);

/* What applies to this app on this device. @service may be NULL: then the view's service
 * field is PERMS_MANAGED_ALLOW if any service is allowed and never DENY. NULL @set: all
 * none. A policy with a fingerprint is about the app while it has that fingerprint. */
PermsManagedView perms_managed_set_view (const PermsManagedSet *set,
                                         const char *app,
                                         const char *fingerprint,
                                         const char *device,
                                         const PermsUuid *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PermsManagedSet, perms_managed_set_free)
