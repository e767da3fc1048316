/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/logins.h: which logins have a person in front of them: the active session of a seat,
 * as logind says. Where there is no logind nobody is asked and nothing is known. What logind
 * announces is only a reason to ask it again: an announcement can be forged, an answer not. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"

typedef struct BrokerLogins BrokerLogins;

/* A login that is kept an eye on. */
typedef struct BrokerLogin BrokerLogin;

BrokerLogins *broker_logins_new (GDBusConnection *connection);
/* Its logins stay as they are from then on. */
void broker_logins_free (BrokerLogins *logins);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerLogins, broker_logins_free)

/* Finds the login that @caller belongs to: its own session; for what its user's manager
 * started, which belongs to none, the session that logind calls the user's display. */
void broker_logins_find_async (BrokerLogins *logins,
                               const BrokerCaller *caller,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* @ret_login: (transfer full): NULL where there is no
 * logind. FALSE with PickerRestricted no-active-session when there is logind and it knows no
 * such login of that user. */
gboolean broker_logins_find_finish (GAsyncResult *result,
                                    BrokerLogin **ret_login,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is the active one of a seat, now. */
gboolean broker_login_is_in_front (const BrokerLogin *login);
/* logind's id. */
const char *broker_login_get_id (const BrokerLogin *login);
void broker_login_free (BrokerLogin *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerLogin, broker_login_free)
