/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/bus.h: a connection to the bus that the broker serves. */

#pragma once

#include <gio/gio.h>

/* Blocks. @address: NULL for the system bus. Returns: (transfer full). */
GDBusConnection *
broker_bus_connect (const char *address, GError **error) G_GNUC_WARN_UNUSED_RESULT;
