/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/clients.h: which connections are on the bus, since when, and who just left. One
 * match for all of them: a watch a client would use up the rules that the bus allows us.
 * Knows nothing of who they are. */

#pragma once

#include <gio/gio.h>

typedef struct BrokerClients BrokerClients;

/* Called once for each connection that leaves, in the order of broker_clients_add_watch(). */
typedef void (*BrokerVanishedFunc) (const char *unique_name, gpointer user_data);

BrokerClients *broker_clients_new (GDBusConnection *connection);
void broker_clients_free (BrokerClients *clients);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerClients, broker_clients_free)

/* Lasts until the clients are freed: whoever is called must live as long. */
void broker_clients_add_watch (BrokerClients *clients,
                               BrokerVanishedFunc vanished,
                               gpointer user_data);

/* When @unique_name came onto the bus, in microseconds of the boot clock (CLOCK_BOOTTIME);
 * for connections that were there before us, when we came. */
gint64 broker_clients_get_appeared_us (BrokerClients *clients, const char *unique_name);
