/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick-session: what a system service cannot do for a person: look into their home
 * directory, and start their apps. */

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "session/reporter.h"

#define EXIT_USAGE   2
#define FLATPAK_CONF "/etc/flatpak"

typedef struct
{
  GMainLoop *loop;
  int status;
} Run;

/* An upgrade has replaced the file that runs, or the broker is busy: systemd starts us once more. */
static void
on_unwelcome (gpointer user_data)
{
  Run *run = user_data;

  run->status = EXIT_FAILURE;
  g_main_loop_quit (run->loop);
}

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_closed (GDBusConnection *bus, gboolean vanished, GError *error, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

/* NULL @address: the system bus. */
static GDBusConnection *
connect_bus (const char *address, GError **error)
{
  g_autofree char *found = NULL;

  if (address == NULL)
    {
      found = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);
      address = found;
    }
  if (address == NULL)
    return NULL;
  return g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
}

/* Without a session bus there is nothing to start apps on; the rest works. */
static GDBusConnection *
connect_session_bus (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address =
    g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  GDBusConnection *bus = address != NULL ? connect_bus (address, &error) : NULL;

  if (bus == NULL)
    g_message ("There is no session bus, so no app can be started: %s", error->message);
  return bus;
}

static int
run (GDBusConnection *bus)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) session_bus = connect_session_bus ();
  const char *conf = g_getenv ("FLATPAK_CONFIG_DIR");
  const SessionPlaces places = {
    g_get_user_data_dir (),
    g_getenv ("FLATPAK_USER_DIR"),
    conf != NULL ? conf : FLATPAK_CONF,
  };
  Run session = { loop, EXIT_SUCCESS };
  SessionReporter *reporter =
    session_reporter_new (bus, session_bus, &places, on_unwelcome, &session);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, loop);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, loop);
  gulong closed = g_signal_connect (bus, "closed", G_CALLBACK (on_closed), loop);

  sd_notify (0, "READY=1");
  g_main_loop_run (loop);
  g_signal_handler_disconnect (bus, closed);
  g_source_remove (terminate);
  g_source_remove (interrupt);
  session_reporter_free (reporter);
  return g_dbus_connection_is_closed (bus) ? EXIT_FAILURE : session.status;
}

int
main (int argc, char **argv)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) options =
    g_option_context_new ("- Bluetooth LE accessory broker, a person's side");
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc > 1)
    {
      g_printerr ("blepick-session: %s; try --help\n",
                  error != NULL ? error->message : "there are words too many");
      return EXIT_USAGE;
    }
  if (version)
    {
      g_print ("blepick-session %s\n", BLEPICK_VERSION);
      return EXIT_SUCCESS;
    }
  bus = connect_bus (g_getenv ("BLEPICK_BUS"), &error);
  if (bus == NULL)
    {
      g_printerr ("blepick-session: %s\n", error->message);
      return EXIT_FAILURE;
    }
  return run (bus);
}
