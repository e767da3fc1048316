/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/permissions-object-private.h: what the files permissions-object*.c share: one call
 * of somebody who is looked up first. Nobody else includes it. */

#pragma once

#include "broker/export.h"
#include "broker/permissions-object.h"

struct BrokerPermissionsObject
{
  BrokerPermissionsRooms rooms;
  BrokerExport *export;
  BrokerExport *companions; /* Companions1 of the same object */
  GCancellable *cancellable;
  GHashTable *watches; /* unique name → uid */
};

typedef struct BrokerPermissionsCall BrokerPermissionsCall;
typedef void (*BrokerPermissionsCallFunc) (BrokerPermissionsCall *call);

struct BrokerPermissionsCall
{
  BrokerPermissionsObject *object;
  GDBusMethodInvocation *invocation;
  BrokerCaller *caller;
  guint32 uid; /* whose rows: the caller's, or others' where polkit lets it */
  gboolean has_uid;
  BrokerPermissionsCallFunc
    run; /* when the rows of uid are loaded; takes the call over */
};

void broker_permissions_call_free (BrokerPermissionsCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPermissionsCall, broker_permissions_call_free)

/* Finds out who calls, asks polkit where @options (or NULL) name another uid, loads that user,
 * and runs @run. */
void broker_permissions_call_begin (BrokerPermissionsObject *object,
                                    GDBusMethodInvocation *invocation,
                                    GVariant *options,
                                    BrokerPermissionsCallFunc run);

/* Returns: (transfer full): the options: the last argument, which was checked. */
GVariant *broker_permissions_call_get_options (const BrokerPermissionsCall *call);
/* Answers with InvalidRequest; @call stays the caller's. */
void broker_permissions_call_refuse (const BrokerPermissionsCall *call,
                                     const char *cause,
                                     const char *text);

/* companions-object.c; its object is a BrokerPermissionsObject. */
extern const BrokerInterface broker_companions_interface;

void broker_permissions_on_client_vanished (const char *unique_name, gpointer user_data);
void broker_permissions_handle_list_grants (gpointer object,
                                            GDBusMethodInvocation *invocation,
                                            GVariant *parameters,
                                            GVariant *options);
void broker_permissions_handle_list_rows (gpointer object,
                                          GDBusMethodInvocation *invocation,
                                          GVariant *parameters,
                                          GVariant *options);
void broker_permissions_handle_list_policies (gpointer object,
                                              GDBusMethodInvocation *invocation,
                                              GVariant *parameters,
                                              GVariant *options);
void broker_permissions_handle_set_bluetooth (gpointer object,
                                              GDBusMethodInvocation *invocation,
                                              GVariant *parameters,
                                              GVariant *options);
void broker_permissions_handle_reset (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options);
void broker_permissions_handle_revoke (gpointer object,
                                       GDBusMethodInvocation *invocation,
                                       GVariant *parameters,
                                       GVariant *options);
void broker_permissions_handle_deny (gpointer object,
                                     GDBusMethodInvocation *invocation,
                                     GVariant *parameters,
                                     GVariant *options);
void broker_permissions_handle_allow (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options);
void broker_permissions_handle_unpair (gpointer object,
                                       GDBusMethodInvocation *invocation,
                                       GVariant *parameters,
                                       GVariant *options);
void broker_permissions_handle_history (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options);
void broker_permissions_handle_watch (gpointer object,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *parameters,
                                      GVariant *options);
void broker_permissions_handle_unwatch (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options);
