/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A BleRadio by hand: reads commands, one a line, and writes what the radio answers
 * and tells. For proving the radio on the real bluetoothd and on the fake, and for
 * looking what goes wrong.
 *
 * radio-probe [--bus ADDRESS] [--default-agent]
 *
 * HCI is an adapter's name, DEVICE an id or an advertised name, CHARACTERISTIC a UUID
 * (the first of it). Answers: "ok COMMAND ...", "error COMMAND CAUSE". */

#include "tests/lab/radio-probe.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <stdlib.h>

#include "ble/bluez-radio.h"

void
probe_say (const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  (void) puts (line);
  (void) fflush (stdout);
}

/* What the radio tells. */

static void
on_adapters_changed (gpointer user_data)
{
  Probe *probe = user_data;
  gboolean running = ble_radio_daemon_running (probe->radio);

  if (running != probe->running)
    probe_say ("daemon %s", running ? "on" : "off");
  probe->running = running;
}

static void
on_adverts (const BleAdvert *const *updates, guint n_updates, gpointer user_data)
{
  Probe *probe = user_data;

  for (guint i = 0; i < n_updates; i++)
    {
      const BleAdvert *update = updates[i];

      if (g_hash_table_add (probe->seen, GUINT_TO_POINTER (update->device)))
        probe_say ("device %u", update->device);
      if ((update->fields & BLE_ADVERT_HAS_CONNECTED) != 0)
        probe_say ("%s %u", update->connected ? "connected" : "disconnected",
                   update->device);
    }
  probe_check_wanted (probe);
}

static void
on_device_gone (BleDeviceId device, gpointer user_data)
{
  probe_say ("gone %u", device);
}

static void
on_pairing_refused (BleDeviceId device, gpointer user_data)
{
  probe_say ("refused %u", device);
}

static const BleRadioListener listener = {
  .adapters_changed = on_adapters_changed,
  .adverts = on_adverts,
  .device_gone = on_device_gone,
  .pairing_refused = on_pairing_refused,
};

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autofree char *line =
    g_data_input_stream_read_line_finish (probe->input, result, NULL, NULL);

  if (line == NULL)
    {
      g_main_loop_quit (probe->loop);
      return;
    }
  probe_run_line (probe, line);
  g_data_input_stream_read_line_async (probe->input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       probe);
}

int
main (int argc, char **argv)
{
  g_autofree char *address = NULL;
  gboolean default_agent = FALSE;
  const GOptionEntry entries[] = {
    { "bus", 0, 0, G_OPTION_ARG_STRING, &address, "the system bus unless given",
      "ADDRESS" },
    { "default-agent", 0, 0, G_OPTION_ARG_NONE, &default_agent, "be it", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GError) error = NULL;
  Probe probe = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, &argc, &argv, &error))
    probe.radio = ble_bluez_radio_new (
      address, default_agent ? BLE_BLUEZ_DEFAULT_AGENT : BLE_BLUEZ_PLAIN, &error);
  if (probe.radio == NULL)
    {
      g_printerr ("radio-probe: %s\n", error->message);
      return EXIT_FAILURE;
    }
  probe.loop = g_main_loop_new (NULL, FALSE);
  probe.cancellable = g_cancellable_new ();
  probe.sockets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  probe.seen = g_hash_table_new (NULL, NULL);
  probe.input = g_data_input_stream_new (standard_input);
  ble_radio_set_listener (probe.radio, &listener, &probe);
  g_data_input_stream_read_line_async (probe.input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       &probe);
  g_main_loop_run (probe.loop);

  ble_radio_free (probe.radio);
  g_hash_table_unref (probe.sockets);
  g_hash_table_unref (probe.seen);
  g_object_unref (probe.input);
  g_object_unref (probe.cancellable);
  g_main_loop_unref (probe.loop);
  g_free (probe.wanted);
  return EXIT_SUCCESS;
}
