/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/watch.h: tells when something in a few folders changed. Does not read them. */

#pragma once

#include <glib.h>

/* Installers and editors change several things in a row: they are told once, so long after the
 * first. */
#define BROKER_WATCH_SETTLE_MS 300

typedef struct BrokerWatch BrokerWatch;

/* May be called without anything having changed. */
typedef void (*BrokerWatchFunc) (gpointer user_data);

BrokerWatch *broker_watch_new (BrokerWatchFunc changed, gpointer user_data);
void broker_watch_free (BrokerWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerWatch, broker_watch_free)

/* The folder need not be there. One that cannot be watched is told in the log. */
void broker_watch_add (BrokerWatch *watch, const char *folder);
