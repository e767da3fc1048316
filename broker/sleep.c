/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/sleep.h"

struct BrokerSleep
{
  GDBusConnection *connection;
  guint subscription;
  BrokerSleepFunc sleeps;
  gpointer user_data;
};

static void
on_prepare (GDBusConnection *connection,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  BrokerSleep *sleep = user_data;
  gboolean begins = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &begins);
  if (begins)
    sleep->sleeps (sleep->user_data);
}

/* org.freedesktop.login1(5), "PrepareForSleep": true before, false after. */
BrokerSleep *
broker_sleep_new (GDBusConnection *connection, BrokerSleepFunc sleeps, gpointer user_data)
{
  BrokerSleep *sleep = g_new0 (BrokerSleep, 1);

  sleep->connection = g_object_ref (connection);
  sleep->sleeps = sleeps;
  sleep->user_data = user_data;
  sleep->subscription = g_dbus_connection_signal_subscribe (
    connection, "org.freedesktop.login1", "org.freedesktop.login1.Manager",
    "PrepareForSleep", "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE,
    on_prepare, sleep, NULL);
  return sleep;
}

void
broker_sleep_free (BrokerSleep *sleep)
{
  if (sleep == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (sleep->connection, sleep->subscription);
  g_object_unref (sleep->connection);
  g_free (sleep);
}
