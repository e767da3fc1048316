/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/identity.h: who is behind a unique name of the bus. The only maker of
 * BrokerCaller: every look-up that fails for whatever reason is a refusal, never a guess,
 * and nothing is ever taken from the arguments of a call. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "broker/clients.h"

typedef struct BrokerIdentity BrokerIdentity;

/* @clients must outlive the identity. @socket_path: where blepick-identity listens. */
BrokerIdentity *broker_identity_new (GDBusConnection *connection,
                                     BrokerClients *clients,
                                     const char *socket_path);
/* Look-ups under way end with Invalidated broker-stopping. */
void broker_identity_free (BrokerIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerIdentity, broker_identity_free)

/* Finds out who @unique_name is. An answer is kept until the name leaves the bus, a refusal
 * is not kept; look-ups of one name that overlap share one answer. */
void broker_identity_lookup_async (BrokerIdentity *identity,
                                   const char *unique_name,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Returns: (transfer full): the caller, or NULL with ActivationFailed no-identity. */
BrokerCaller *broker_identity_lookup_finish (BrokerIdentity *identity,
                                             GAsyncResult *result,
                                             GError **error);

/* Returns: (transfer none): what is known already, or NULL. */
BrokerCaller *broker_identity_peek (BrokerIdentity *identity, const char *unique_name);
