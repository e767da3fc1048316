/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/authority.h: what goes beyond a person's own rows is asked of polkit. No answer, a polkit that is not
 * there included, is a no. */

#pragma once

#include <gio/gio.h>

/* data/org.blepick.policy */
#define BROKER_ACTION_MANAGE_OTHERS "org.blepick.manage-others"
#define BROKER_ACTION_SHOW_ADDRESS  "org.blepick.show-address"
#define BROKER_ACTION_SCAN          "org.blepick.scan"

/* A person may be typing a password. */
#define BROKER_AUTHORITY_WAIT_MS 120000
/* Nobody is asked anything. */
#define BROKER_AUTHORITY_ANSWER_MS 5000

/* Whether the client @unique_name may do @action; a person may be asked for a password where
 * @invocation's caller allows it (its message flag ALLOW_INTERACTIVE_AUTHORIZATION). */
void broker_authority_check_async (GDBusConnection *connection,
                                   GDBusMethodInvocation *invocation,
                                   const char *action,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* FALSE with NotPermitted (not-authorized, no-authority). */
gboolean broker_authority_check_finish (GAsyncResult *result, GError **error);
