/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* session/reporter.h: tells the broker what the home directory holds, again whenever the
 * broker or the home directory changes, and starts the apps that the broker asks for. */

#pragma once

#include <gio/gio.h>

#include "session/home.h"

typedef struct SessionReporter SessionReporter;

/* @bus: where the broker is; @session_bus: where apps are started, or NULL. @unwelcome: the broker does not take us for
 * whom we are. */
SessionReporter *session_reporter_new (GDBusConnection *bus,
                                       GDBusConnection *session_bus,
                                       const SessionPlaces *places,
                                       void (*unwelcome) (gpointer user_data),
                                       gpointer user_data);
void session_reporter_free (SessionReporter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionReporter, session_reporter_free)
