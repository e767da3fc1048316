/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/companions.h: a person's other devices: added, linked and removed, what is installed on them, and what
 * their own software reports. Part of permissions.h; decides nothing itself. Everything is about one user who is
 * loaded; what belongs to another one is not there. */

#pragma once

#include "broker/permissions.h"
#include "perms/plan.h"

typedef enum
{
  BROKER_COMPANION_NONE = 0,
  BROKER_COMPANION_ADD, /* kind */
  BROKER_COMPANION_REMOVE,
  BROKER_COMPANION_LINK, /* flag: the other side is the host */
  BROKER_COMPANION_UNLINK,
  BROKER_COMPANION_SET_POLICY,  /* policy */
  BROKER_COMPANION_SET_CONSENT, /* flag: allow */
  BROKER_COMPANION_SYNC,
  BROKER_COMPANION_INSTALL, /* app, asks, fingerprint */
  BROKER_COMPANION_UNINSTALL,
  BROKER_COMPANION_CONFIRM,
  BROKER_COMPANION_REPORT, /* revision, event and value, app, asks, fingerprint */
} BrokerCompanionVerb;

/* One change. Everything is borrowed for the call. */
typedef struct
{
  BrokerCompanionVerb verb;
  uid_t uid;
  const char *device;
  const char *kind;
  gboolean flag;
  PermsSync policy;
  const char *app; /* key; of a report NULL for UNLINK */
  PermsAccess asks;
  const char *fingerprint; /* NULL: that of the app on this machine */
  guint64 revision;
  PermsEventKind event; /* INSTALL, UNINSTALL, PROMPT, SET, RESET; NONE: unlink */
  PermsEventValue value;
} BrokerCompanionChange;

/* What takes access away is in force before it is stored, what gives it when it is. Errors: InvalidRequest (no-device,
 * no-app, bad-device), NotPermitted with the cause of the model (stale, not-linked, not-installed, no-consent, locked,
 * limits), and those of the store. */
void broker_companions_change_async (BrokerPermissions *permissions,
                                     const BrokerCompanionChange *words,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Returns: (transfer full): the arguments of the answer, as Companions1 has them; NULL with @error. */
GVariant *broker_companions_change_finish (BrokerPermissions *permissions,
                                           GAsyncResult *result,
                                           GError **error);

/* Returns: a floating aa{sv}, as Companions1.ListDevices and ListApps have it. */
GVariant *broker_companions_list_devices (BrokerPermissions *permissions, uid_t uid);
GVariant *broker_companions_list_apps (BrokerPermissions *permissions, uid_t uid);
