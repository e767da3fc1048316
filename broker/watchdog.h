/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/watchdog.h: the main loop still turns, as systemd wants to hear. */

#pragma once

#include <glib.h>

/* Returns the id of a source, to be removed by the caller; 0: nobody listens. */
guint broker_watchdog_start (void);
