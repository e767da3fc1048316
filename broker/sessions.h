/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/sessions.h: all sessions, their bounds, and who has one. Sessions die with the
 * connection that opened them. */

#pragma once

#include <gio/gio.h>

#include "broker/asks.h"
#include "broker/caller.h"
#include "broker/devices.h"
#include "broker/permissions.h"
#include "broker/pickers.h"
#include "dbus/names.h"

#define BROKER_SESSIONS_CONNECTION_MAX 8
#define BROKER_SESSIONS_USER_MAX       32
#define BROKER_SESSIONS_MAX            256

typedef struct BrokerSessions BrokerSessions;

/* What sessions work with. All must outlive them. */
typedef struct
{
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerDevices *devices;
  BrokerPickers *pickers;
  BrokerAsks *asks;
} BrokerSessionsRooms;

/* The last session of a connection ended. */
typedef void (*BrokerSessionsEmptyFunc) (const char *unique_name, gpointer user_data);

/* Serves Session1 and Request1. */
BrokerSessions *broker_sessions_new (const BrokerSessionsRooms *rooms,
                                     BrokerSessionsEmptyFunc empty,
                                     gpointer user_data,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends every session, telling its client (broker-stopping). Changes under way still come to their end. */
void broker_sessions_stop (BrokerSessions *sessions);
void broker_sessions_free (BrokerSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerSessions, broker_sessions_free)

/* @changed is called when a session was opened or has ended. */
typedef void (*BrokerSessionsFunc) (gpointer user_data);
void broker_sessions_set_listener (BrokerSessions *sessions,
                                   BrokerSessionsFunc changed,
                                   gpointer user_data);

/* Opens a session for @caller, whose user is loaded. Returns its path, valid while it lasts, or NULL with
 * ActivationFailed limits. */
const char *
broker_sessions_open (BrokerSessions *sessions, BrokerCaller *caller, GError **error);

/* Emits Event 10 in the session at @path, once its client knows the path. */
void broker_sessions_activate (BrokerSessions *sessions, const char *path);

/* Who is behind a connection that has a session, or NULL. */
BrokerCaller *
broker_sessions_find_caller (BrokerSessions *sessions, const char *unique_name);

/* Calls @func once for each connection that has a session. */
void
broker_sessions_foreach_caller (BrokerSessions *sessions,
                                void (*func) (BrokerCaller *caller, gpointer user_data),
                                gpointer user_data);

/* Emits an event in every session of @app. @details: a{sv}, a floating one is consumed. */
void broker_sessions_emit_app (BrokerSessions *sessions,
                               const char *app,
                               BlepickEvent event,
                               GVariant *details);

/* What an app's central says may have changed: Event 102 for those for whom it has. */
void broker_sessions_check_centrals (BrokerSessions *sessions);

/* The same after rows have changed. Where the store was put aside every session ends: its app
 * is not known any more, and opening another one makes it known. */
void broker_sessions_take_rows_changed (BrokerSessions *sessions);

/* From the clients. */
void broker_sessions_take_vanished (BrokerSessions *sessions, const char *unique_name);
