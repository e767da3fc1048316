/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fake-bluez: an org.bluez without a radio, with accessories and faults in it
 * (tests/README.md). Lives until `quit` or the end of its standard input. */

#include <stdlib.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>

#include "tests/fakes/commands.h"

#define VERSION "5.66" /* of BlueZ: whose behaviour this is */

static void read_line (GDataInputStream *lines, FakesWorld *world);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDataInputStream *lines = G_DATA_INPUT_STREAM (source);
  FakesWorld *world = user_data;
  g_autofree char *line =
    g_data_input_stream_read_line_finish (lines, result, NULL, NULL);
  g_autoptr (GError) error = NULL;

  if (line == NULL)
    {
      g_main_loop_quit (world->loop);
      return;
    }
  if (!fakes_commands_run (world, line, &error))
    fakes_event ("error %s: %s", line, error->message);
  read_line (lines, world);
}

static void
read_line (GDataInputStream *lines, FakesWorld *world)
{
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, on_line, world);
}

static gboolean
parse_options (int argc, char **argv, FakesOptions *options, GError **error)
{
  g_autofree char *address = NULL;
  g_autofree char *version = NULL;
  int n_adapters = 1, advert_ms = 250, temporary_ms = 30 * 1000;
  int connect_ms = 500, lost_ms = 0, smp_ms = 30 * 1000;
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_STRING, &address, "bus to serve", "BUS" },
    { "adapters", 0, 0, G_OPTION_ARG_INT, &n_adapters, "how many, 1", "N" },
    { "version", 0, 0, G_OPTION_ARG_STRING, &version, "of BlueZ: " VERSION, "VERSION" },
    { "advert-ms", 0, 0, G_OPTION_ARG_INT, &advert_ms, "between adverts, 250", "MS" },
    { "temporary-ms", 0, 0, G_OPTION_ARG_INT, &temporary_ms,
      "until an unwanted device is forgotten, 30000", "MS" },
    { "connect-ms", 0, 0, G_OPTION_ARG_INT, &connect_ms,
      "until a connect to nobody fails, 500", "MS" },
    { "lost-ms", 0, 0, G_OPTION_ARG_INT, &lost_ms,
      "until a link is told as lost after its services were, 0", "MS" },
    { "smp-ms", 0, 0, G_OPTION_ARG_INT, &smp_ms,
      "until a pairing that stands still fails, 30000", "MS" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;
  if (address == NULL)
    address = g_strdup (g_getenv ("DBUS_SYSTEM_BUS_ADDRESS"));
  if (argc > 1 || address == NULL || n_adapters < 0 || n_adapters > 16 || advert_ms < 1 ||
      temporary_ms < 1 || connect_ms < 0 || lost_ms < 0 || smp_ms < 1 ||
      (version != NULL && !g_str_equal (version, VERSION)))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "no bus address, or an option out of its range");
      return FALSE;
    }
  *options = (FakesOptions){
    .bus_address = g_steal_pointer (&address),
    .n_adapters = (guint) n_adapters,
    .advert_ms = (guint) advert_ms,
    .temporary_ms = (guint) temporary_ms,
    .connect_ms = (guint) connect_ms,
    .lost_ms = (guint) lost_ms,
    .smp_ms = (guint) smp_ms,
  };
  return TRUE;
}

int
main (int argc, char **argv)
{
  FakesOptions options;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  FakesWorld *world;
  gboolean risen;

  if (!parse_options (argc, argv, &options, &error))
    {
      g_printerr ("fake-bluez: %s\n", error->message);
      return EXIT_FAILURE;
    }
  world = fakes_world_new (&options);
  risen = fakes_world_rise (world, &error);
  if (risen)
    {
      read_line (lines, world);
      g_main_loop_run (world->loop);
    }
  else
    g_printerr ("fake-bluez: %s\n", error->message);
  fakes_world_free (world);
  g_free ((char *) options.bus_address);
  return risen ? EXIT_SUCCESS : EXIT_FAILURE;
}
