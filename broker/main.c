/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepickd: reads its options, runs the daemon, leaves in order when it is told to. */

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "broker/daemon.h"
#include "broker/installs.h"
#include "broker/log.h"
#include "broker/policies.h"
#include "enforce/probe-words.h"
#include "identity/question.h"
#include "perms/store.h"

#define EXIT_USAGE 2

/* Known by its path, which is root's: see identity/executable.h. */
#define USER_HELPER "path:" BLEPICK_LIBEXECDIR "/blepick-session"

typedef struct
{
  gboolean session_bus;
  gboolean default_agent;
  gboolean version;
  char *bus;
  char *state_directory;
  char *blocklist;
  char *identity_socket;
  char *manifests;
  char *flatpak;
  char *policies;
  char *packages;
  char *snaps;
  char *user_helper;
  char *probe_socket;
  char *backup;
} Options;

typedef struct
{
  GMainLoop *loop;
  BrokerDaemon *daemon;
  int status;
} Run;

static gboolean
on_signal (gpointer user_data)
{
  const Run *run = user_data;

  broker_daemon_leave (run->daemon);
  return G_SOURCE_CONTINUE;
}

static void
on_finished (const GError *error, gpointer user_data)
{
  Run *run = user_data;

  if (error != NULL)
    {
      g_printerr ("blepickd: %s\n", error->message);
      run->status = EXIT_FAILURE;
    }
  g_main_loop_quit (run->loop);
}

static gboolean
read_options (int *argc, char ***argv, Options *options)
{
  const GOptionEntry entries[] = {
    { "session-bus", 0, 0, G_OPTION_ARG_NONE, &options->session_bus,
      "Serve the session bus, and look for BlueZ there, too", NULL },
    { "bus", 0, 0, G_OPTION_ARG_STRING, &options->bus,
      "Serve the bus at ADDRESS (or BLEPICK_BUS), and look for BlueZ there, too",
      "ADDRESS" },
    { "state-directory", 0, 0, G_OPTION_ARG_FILENAME, &options->state_directory,
      "Keep the permissions in DIRECTORY, where STATE_DIRECTORY names none",
      "DIRECTORY" },
    { "blocklist", 0, 0, G_OPTION_ARG_FILENAME, &options->blocklist,
      "Read the GATT blocklist from FILE instead of the built-in one", "FILE" },
    { "identity-socket", 0, 0, G_OPTION_ARG_FILENAME, &options->identity_socket,
      "Ask blepick-identity at SOCKET instead of " IDENTITY_SOCKET_PATH, "SOCKET" },
    { "manifests", 0, 0, G_OPTION_ARG_FILENAME, &options->manifests,
      "Look for APPID.accessory in DIRECTORY instead of " BROKER_MANIFESTS_SYSTEM,
      "DIRECTORY" },
    { "flatpak", 0, 0, G_OPTION_ARG_FILENAME, &options->flatpak,
      "Look for Flatpak apps in DIRECTORY instead of " BROKER_MANIFESTS_FLATPAK,
      "DIRECTORY" },
    { "policy-directory", 0, 0, G_OPTION_ARG_FILENAME, &options->policies,
      "Read managed policies from DIRECTORY instead of " BROKER_POLICIES_FOLDER,
      "DIRECTORY" },
    { "packages", 0, 0, G_OPTION_ARG_FILENAME, &options->packages,
      "Look for dpkg's state in DIRECTORY instead of " BROKER_INSTALLS_PACKAGES,
      "DIRECTORY" },
    { "snaps", 0, 0, G_OPTION_ARG_FILENAME, &options->snaps,
      "Look for snaps in DIRECTORY instead of " BROKER_INSTALLS_SNAPS, "DIRECTORY" },
    { "user-helper", 0, 0, G_OPTION_ARG_STRING, &options->user_helper,
      "Let the app KIND:ID speak for a home directory instead of " USER_HELPER,
      "KIND:ID" },
    { "probe-socket", 0, 0, G_OPTION_ARG_FILENAME, &options->probe_socket,
      "Ask blepick-probe at SOCKET instead of " PROBE_SOCKET_PATH, "SOCKET" },
    { "default-agent", 0, 0, G_OPTION_ARG_NONE, &options->default_agent,
      "Answer pairings that others start as well, with no", NULL },
    { "backup", 0, 0, G_OPTION_ARG_FILENAME, &options->backup,
      "Copy the permissions to FILE, which must not exist, and leave; the service may run",
      "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
    g_option_context_new ("- Bluetooth LE accessory picker and permission broker");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      g_printerr ("blepickd: %s\n", error->message);
      return FALSE;
    }
  if (*argc > 1)
    {
      g_printerr ("blepickd: '%s' is not understood; try --help\n", (*argv)[1]);
      return FALSE;
    }
  return TRUE;
}

/* systemd names the directories of StateDirectory= with colons between them: the first. */
static char *
find_state_directory (const Options *options)
{
  const char *given = g_getenv ("STATE_DIRECTORY");

  if (given == NULL || given[0] == '\0')
    return g_strdup (options->state_directory);
  return g_strndup (given, strcspn (given, ":"));
}

/* NULL with @error NULL: the system bus. */
static char *
find_bus (const Options *options, GError **error)
{
  if (options->session_bus)
    return g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, error);
  if (options->bus != NULL)
    return g_strdup (options->bus);
  return g_strdup (g_getenv ("BLEPICK_BUS"));
}

static int
back_up (const char *state_directory, const char *path)
{
  g_autofree char *store =
    g_build_filename (state_directory, BROKER_PERMISSIONS_FILE, NULL);
  g_autoptr (GError) error = NULL;

  if (perms_store_backup (store, path, &error))
    return EXIT_SUCCESS;
  g_printerr ("blepickd: cannot copy %s to %s: %s\n", store, path, error->message);
  return EXIT_FAILURE;
}

static int
run_daemon (const BrokerDaemonOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Run run = { loop, NULL, EXIT_SUCCESS };
  guint terminate, interrupt;

  run.daemon = broker_daemon_new (options, on_finished, &run, &error);
  if (run.daemon == NULL)
    {
      g_printerr ("blepickd: %s\n", error->message);
      return EXIT_FAILURE;
    }
  terminate = g_unix_signal_add (SIGTERM, on_signal, &run);
  interrupt = g_unix_signal_add (SIGINT, on_signal, &run);
  g_main_loop_run (loop);
  g_source_remove (terminate);
  g_source_remove (interrupt);
  broker_daemon_free (run.daemon);
  return run.status;
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autofree char *bus = NULL;
  g_autofree char *state_directory = NULL;
  g_autoptr (GError) error = NULL;
  int status = EXIT_USAGE;

  setlocale (LC_ALL, "");
  broker_log_init ();
  if (read_options (&argc, &argv, &options))
    {
      state_directory = find_state_directory (&options);
      bus = find_bus (&options, &error);
      if (options.version)
        {
          g_print ("blepickd %s\n", BLEPICK_VERSION);
          status = EXIT_SUCCESS;
        }
      else if (error != NULL)
        g_printerr ("blepickd: %s\n", error->message);
      else if (state_directory == NULL)
        g_printerr ("blepickd: no place for the permissions; give --state-directory\n");
      else if (options.backup != NULL)
        status = back_up (state_directory, options.backup);
      else
        {
          BrokerDaemonOptions rooms = {
            .bus_address = bus,
            .state_directory = state_directory,
            .blocklist = options.blocklist,
            .identity_socket = options.identity_socket != NULL ? options.identity_socket
                                                               : IDENTITY_SOCKET_PATH,
            .probe_socket =
              options.probe_socket != NULL ? options.probe_socket : PROBE_SOCKET_PATH,
            .policies =
              options.policies != NULL ? options.policies : BROKER_POLICIES_FOLDER,
            .default_agent = options.default_agent,
            .places = { options.manifests, options.flatpak },
            .packages = options.packages,
            .snaps = options.snaps,
            .helper_app = options.user_helper != NULL ? options.user_helper : USER_HELPER,
          };

          status = run_daemon (&rooms);
        }
    }
  g_free (options.bus);
  g_free (options.state_directory);
  g_free (options.blocklist);
  g_free (options.identity_socket);
  g_free (options.manifests);
  g_free (options.flatpak);
  g_free (options.policies);
  g_free (options.packages);
  g_free (options.snaps);
  g_free (options.user_helper);
  g_free (options.probe_socket);
  g_free (options.backup);
  return status;
}
