/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/sleep.h: the computer is about to sleep, as logind announces it. Without logind
 * nothing is told. */

#pragma once

#include <gio/gio.h>

typedef struct BrokerSleep BrokerSleep;

/* Before it sleeps; or, as nobody makes it wait for us, right after it woke. */
typedef void (*BrokerSleepFunc) (gpointer user_data);

BrokerSleep *broker_sleep_new (GDBusConnection *connection,
                               BrokerSleepFunc sleeps,
                               gpointer user_data);
void broker_sleep_free (BrokerSleep *sleep);
