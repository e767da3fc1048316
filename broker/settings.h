/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/settings.h: what a person sees of their permissions, and changes, on this machine and on its
 * companions. Part of permissions.h; decides nothing itself. Everything is about one user who is
 * loaded; what belongs to another one is not there. */

#pragma once

#include "broker/permissions.h"
#include "perms/store.h"

typedef enum
{
  BROKER_SETTING_NONE = 0,
  BROKER_SETTING_BLUETOOTH_DENY, /* the row of an app on a device */
  BROKER_SETTING_BLUETOOTH_ALLOW,
  BROKER_SETTING_RESET,  /* the row is undecided again, and what was picked is given up */
  BROKER_SETTING_REVOKE, /* one accessory */
  BROKER_SETTING_DENY,   /* one accessory, picked or not */
  BROKER_SETTING_ALLOW,  /* one accessory that another app has */
} BrokerSettingVerb;

/* One change. Everything is borrowed for the call. */
typedef struct
{
  BrokerSettingVerb verb;
  uid_t uid;
  const char *app;       /* key */
  const char *device;    /* "local", or a companion's name */
  const char *accessory; /* an id that any of the user's apps knows it by */
  BrokerLifetime lifetime;
  gint64 until_s; /* seconds since 1970 */
} BrokerSetting;

/* Returns: a floating aa{sv}, as Permissions1.ListGrants and ListRows have it. */
GVariant *broker_settings_list_grants (BrokerPermissions *permissions, uid_t uid);
GVariant *broker_settings_list_rows (BrokerPermissions *permissions, uid_t uid);

/* The managed policies in force, as Permissions1.ListPolicies has them. */
GVariant *broker_settings_list_policies (BrokerPermissions *permissions);

/* Returns: (transfer full): a row with the id @accessory on @device (NULL: on any), whichever app of the user it
 * is of; NULL with InvalidRequest no-accessory. */
PermsGrant *broker_settings_find_accessory (BrokerPermissions *permissions,
                                            uid_t uid,
                                            const char *device,
                                            const char *accessory,
                                            GError **error);

/* What takes access away is in force before it is stored, what gives it when it is. Errors: InvalidRequest
 * (no-app, no-accessory: unknown, or another user's), NotPermitted with the cause of the model (locked, no-grant,
 * not-installed, limits), and those of the store. */
void broker_settings_change_async (BrokerPermissions *permissions,
                                   const BrokerSetting *setting,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean broker_settings_change_finish (BrokerPermissions *permissions,
                                        GAsyncResult *result,
                                        GError **error);

/* The newest @limit entries before the sequence @before (0: from the end), newest first. @app: a key, or NULL for
 * all. Finish returns: a floating aa{sv}, as Permissions1.History has it. */
void broker_settings_history_async (BrokerPermissions *permissions,
                                    uid_t uid,
                                    const char *app,
                                    guint64 before,
                                    guint limit,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GVariant *broker_settings_history_finish (BrokerPermissions *permissions,
                                          GAsyncResult *result,
                                          GError **error);
