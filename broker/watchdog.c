/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/watchdog.h"

#include <systemd/sd-daemon.h>

static gboolean
on_watchdog (gpointer user_data)
{
  sd_notify (0, "WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

guint
broker_watchdog_start (void)
{
  guint64 interval_us = 0;

  if (sd_watchdog_enabled (0, &interval_us) > 0)
    return g_timeout_add ((guint) (interval_us / 2000), on_watchdog, NULL);
  return 0;
}
