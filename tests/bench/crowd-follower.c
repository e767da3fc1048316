/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* crowd-follower MODE PICKERS: follows a crowd of advertisers on the system bus and says
 * what that costs. Driven by bench-crowd.
 *   ours  the broker's own way: radio, shared scan, PICKERS matchers, rows of pickers
 *   peer  GDBusObjectManagerClient, which merely follows the same signals
 * Says "ready", and for each line that it is told "cpu_us=N memory=N matches=N devices=N":
 * processor time since it spoke last, and memory that was not there before it connected, in
 * octets. Ends with its standard input. */

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "ble/bluez-radio.h"
#include "broker/picker-rows.h"
#include "broker/scan.h"

/* Longer than a batch of the radio, and than it takes to give memory back. */
#define SETTLE_MS 1500

typedef struct
{
  GMainLoop *loop;
  gsize memory_before;
  gint64 cpu_before_us;
  BleRadio *radio;
  BrokerScan *scan;
  GPtrArray *descriptors; /* of BleDescriptor */
  GPtrArray *rows;        /* of BrokerPickerRows, one a picker */
  guint n_wanted;
  guint64 n_matches;
  GDBusObjectManager *manager;
  gboolean ready;
} Follower;

static gint64
measure_cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Memory of our own, without files: proc(5), status. */
static gsize
measure_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "RssAnon:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) * 1024
                      : 0;
}

static void
say_ready (Follower *follower)
{
  if (follower->ready)
    return;
  follower->ready = TRUE;
  follower->cpu_before_us = measure_cpu_us ();
  printf ("ready\n");
  fflush (stdout);
}

static guint
count_devices (Follower *follower)
{
  GList *objects;
  guint n_objects;

  if (follower->manager == NULL)
    return follower->n_wanted;
  objects = g_dbus_object_manager_get_objects (follower->manager);
  n_objects = g_list_length (objects);
  g_list_free_full (objects, g_object_unref);
  return n_objects;
}

static void
report (Follower *follower)
{
  gint64 cpu_us = measure_cpu_us () - follower->cpu_before_us;
  gsize memory = measure_memory () - follower->memory_before;

  printf ("cpu_us=%" G_GINT64_FORMAT " memory=%" G_GSIZE_FORMAT
          " matches=%" G_GUINT64_FORMAT " devices=%u\n",
          cpu_us, memory, follower->n_matches, count_devices (follower));
  fflush (stdout);
  follower->cpu_before_us = measure_cpu_us ();
}

/* ---- the broker's way ---- */

static void
on_match (guint token,
          const BleDescriptor *descriptor,
          const BleSighting *sighting,
          gpointer user_data)
{
  Follower *follower = user_data;

  follower->n_matches++;
  broker_picker_rows_take (g_ptr_array_index (follower->rows, token - 1), 0, descriptor,
                           sighting, FALSE);
}

static void
count_device (const BleAdvert *advert, gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* As broker/pickers.c: each advert once through all matchers, then the rows that have changed
 * go to their presenters. */
static void
on_adverts (const BleAdvert *const *updates, guint n_updates, gpointer user_data)
{
  Follower *follower = user_data;
  guint n_known = 0;

  broker_scan_take_adverts (follower->scan, updates, n_updates, g_get_monotonic_time ());
  for (guint i = 0; i < follower->rows->len; i++)
    {
      g_autoptr (GVariant) changed =
        broker_picker_rows_drain (g_ptr_array_index (follower->rows, i));

      (void) changed;
    }
  if (follower->ready)
    return;
  ble_radio_foreach_device (follower->radio, count_device, &n_known);
  if (n_known >= follower->n_wanted)
    say_ready (follower);
}

static const BleRadioListener listener = { .adverts = on_adverts };

/* The first picker looks for what the crowd has (one in a hundred); the others for what nobody
 * has: half by service, half by company. */
static void
add_picker (Follower *follower, guint number)
{
  GVariantDict dict;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  BleDescriptor *descriptor;

  g_variant_dict_init (&dict, NULL);
  if (number == 0)
    g_variant_dict_insert (&dict, "service-uuid", "s", "180d");
  else if (number % 2 == 0)
    g_variant_dict_insert_value (&dict, "service-uuid",
                                 g_variant_new_take_string (
                                   g_strdup_printf ("%04x", 0xa000 + number)));
  else
    g_variant_dict_insert (&dict, "company-id", "q", (guint16) number);
  value = g_variant_ref_sink (g_variant_dict_end (&dict));
  descriptor = ble_descriptor_parse (value, &error);
  if (descriptor == NULL)
    g_error ("%s", error->message);
  g_ptr_array_add (follower->descriptors, descriptor);
  g_ptr_array_add (follower->rows, broker_picker_rows_new (FALSE));
  broker_scan_add (follower->scan, number + 1, descriptor);
}

static void
start_ours (Follower *follower, guint n_pickers)
{
  g_autoptr (GError) error = NULL;

  follower->radio = ble_bluez_radio_new (NULL, BLE_BLUEZ_PLAIN, &error);
  if (follower->radio == NULL)
    g_error ("%s", error->message);
  follower->scan = broker_scan_new (follower->radio, on_match, follower);
  for (guint i = 0; i < n_pickers; i++)
    add_picker (follower, i);
  ble_radio_set_listener (follower->radio, &listener, follower);
}

/* ---- the peer ---- */

static void
on_managed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Follower *follower = user_data;
  g_autoptr (GError) error = NULL;

  follower->manager = g_dbus_object_manager_client_new_for_bus_finish (result, &error);
  if (follower->manager == NULL)
    g_error ("%s", error->message);
  say_ready (follower);
}

/* ---- telling ---- */

static gboolean
on_settled (gpointer user_data)
{
  report (user_data);
  return G_SOURCE_REMOVE;
}

/* The burst is over for its sender; here it is when the loop has nothing left, and the last
 * batch of the radio has been handed over. */
static gboolean
on_told (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  Follower *follower = user_data;
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) == G_IO_STATUS_NORMAL)
    {
      g_timeout_add_full (G_PRIORITY_LOW, SETTLE_MS, on_settled, follower, NULL);
      return G_SOURCE_CONTINUE;
    }
  g_main_loop_quit (follower->loop);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  Follower follower = { 0 };
  GIOChannel *commands = g_io_channel_unix_new (0);

  if (argc != 4)
    return 2;
  follower.loop = g_main_loop_new (NULL, FALSE);
  follower.descriptors =
    g_ptr_array_new_with_free_func ((GDestroyNotify) ble_descriptor_free);
  follower.rows =
    g_ptr_array_new_with_free_func ((GDestroyNotify) broker_picker_rows_free);
  follower.n_wanted = (guint) g_ascii_strtoull (argv[3], NULL, 10);
  follower.memory_before = measure_memory ();
  g_io_add_watch (commands, G_IO_IN | G_IO_HUP, on_told, &follower);
  if (strcmp (argv[1], "ours") == 0)
    start_ours (&follower, (guint) g_ascii_strtoull (argv[2], NULL, 10));
  else
    g_dbus_object_manager_client_new_for_bus (G_BUS_TYPE_SYSTEM,
                                              G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                              "org.bluez", "/", NULL, NULL, NULL, NULL,
                                              on_managed, &follower);
  g_main_loop_run (follower.loop);

  broker_scan_free (follower.scan);
  ble_radio_free (follower.radio);
  g_clear_object (&follower.manager);
  g_ptr_array_unref (follower.rows);
  g_ptr_array_unref (follower.descriptors);
  g_io_channel_unref (commands);
  g_main_loop_unref (follower.loop);
  return 0;
}
