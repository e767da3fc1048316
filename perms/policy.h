/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decides whether a request is covered by what is stored. Pure: no store, no clock, no
 * bus. Callers pass the rows and the time in. Must not find rows by itself: cache.h does
 * that and then asks here. */

#pragma once

#include <glib.h>

#include "perms/key.h"
#include "perms/rows.h"
#include "perms/scope.h"
#include "perms/types.h"

typedef enum
{
  PERMS_VERDICT_DENY = 0, /* the zero value, so that anything forgotten is a refusal */
  PERMS_VERDICT_ASK,      /* show the broad prompt and come back */
  PERMS_VERDICT_ALLOW,
} PermsVerdict;

typedef enum
{
  PERMS_REQUEST_NONE = 0,
  PERMS_REQUEST_ATTRIBUTE, /* one operation on one characteristic of one accessory */
  PERMS_REQUEST_ACCESSORY, /* to list, connect or disconnect one accessory */
  PERMS_REQUEST_BROAD,     /* to scan and to reach any accessory */
} PermsRequestKind;

/* Whether the attribute asked for is on the GATT blocklist for this operation. */
typedef enum
{
  PERMS_BLOCKLIST_LISTED = 0, /* also when the blocklist could not be read */
  PERMS_BLOCKLIST_CLEAR,
} PermsBlocklist;

typedef struct
{
  PermsRequestKind kind;
  const char *app;          /* key */
  const char *fingerprint;  /* of the caller, now; "" for none */
  const char *device;       /* on which the app runs */
  PermsAccessory accessory; /* ATTRIBUTE and ACCESSORY */
  PermsUuid service;        /* ATTRIBUTE */
  PermsUuid characteristic; /* ATTRIBUTE */
  PermsOperation operation; /* ATTRIBUTE: exactly one */
  PermsBlocklist blocklist; /* ATTRIBUTE */
} PermsRequest;

/* What the managed policies say to one request, the most restrictive of them. */
typedef struct
{
  PermsManaged bluetooth; /* the managed Bluetooth row */
  PermsManaged
    service; /* of the service asked for; for ACCESSORY: of any service, allow only */
  PermsManaged picker;
} PermsManagedView;

typedef struct
{
  const PermsInstall *install; /* the app on request->device, or NULL */
  const PermsGrant
    *grant; /* the app's, on request->device, of request->accessory, or NULL */
  gboolean granted_elsewhere; /* a grant in force on another device */
  PermsManagedView managed;
} PermsFacts;

/* The decision of the permission model: the first rule that applies decides. @now_s is
 * Unix time in seconds. @ret_cause (may be NULL) is PERMS_CAUSE_NONE unless denied. */
PermsVerdict perms_policy_decide (const PermsRequest *request,
                                  const PermsFacts *facts,
                                  gint64 now_s,
                                  PermsCause *ret_cause);
