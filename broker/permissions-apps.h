/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-apps.h: the apps of a person on this machine, as the permissions know
 * them: since their first call, until they are gone. Whether one is gone is for the caller
 * to say. */

#pragma once

#include "broker/permissions.h"
#include "perms/family.h"
#include "perms/types.h"

/* One app. Borrowed for the call. */
typedef struct
{
  const char *app;         /* key */
  const char *fingerprint; /* that was accepted; "" for kinds without one */
  const char *changed_to;  /* seen and not confirmed: access is closed; NULL: none */
  PermsAccess asks;
  PermsStrength strength;
  PermsBluetooth bluetooth;
  gboolean managed;    /* a policy decides the Bluetooth row */
  PermsPicker picker;  /* as n_accessories */
  guint n_accessories; /* grants in force; of broker_permissions_foreach_app() alone */
  gint64 known_s;      /* when its row was written last, seconds since 1970 */
} BrokerAppRow;

typedef gboolean (*BrokerAppGoneFunc) (const BrokerAppRow *row, gpointer user_data);
typedef PermsAccess (*BrokerAppAsksFunc) (const BrokerAppRow *row, gpointer user_data);
typedef void (*BrokerSeenUserFunc) (guint32 uid, gpointer user_data);
typedef void (*BrokerAppFunc) (const BrokerAppRow *row, gpointer user_data);

/* @loaded is called when a user's rows have come into memory, before anybody gets them. */
void broker_permissions_set_loaded (BrokerPermissions *permissions,
                                    BrokerSeenUserFunc loaded,
                                    gpointer user_data);

/* Loads the rows of @uid, who need not have called before; broker_permissions_load_finish(). */
void broker_permissions_load_user_async (BrokerPermissions *permissions,
                                         guint32 uid,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

/* Of the users that are loaded. */
void broker_permissions_foreach_user (BrokerPermissions *permissions,
                                      BrokerSeenUserFunc func,
                                      gpointer user_data);
/* Of one user who is loaded: what is installed on this machine. */
void broker_permissions_foreach_app (BrokerPermissions *permissions,
                                     guint32 uid,
                                     BrokerAppFunc func,
                                     gpointer user_data);

/* Goes through @uid's apps: for those that are gone the row and the grants on this machine
 * end (event 31, cause uninstalled), memory first; for the others what they declare is
 * brought up to date. Not waited for. */
void broker_permissions_review_apps (BrokerPermissions *permissions,
                                     guint32 uid,
                                     BrokerAppGoneFunc is_gone,
                                     BrokerAppAsksFunc find_asks,
                                     gpointer user_data);

/* The person confirms that the app @app (a key) of theirs has moved to the publisher that was
 * seen: its rows and grants follow it. Nothing to confirm is no error. Errors: InvalidRequest
 * no-app, and those of the store. */
void broker_permissions_confirm_async (BrokerPermissions *permissions,
                                       const char *app,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean broker_permissions_confirm_finish (BrokerPermissions *permissions,
                                            GAsyncResult *result,
                                            GError **error);
