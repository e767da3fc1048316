/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/scan-address.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "dbus/errors.h"
#include "dbus/names.h"

/* Somebody may be typing a password: as long as the broker waits for polkit, and a little more. */
#define START_TIMEOUT_MS 130000

typedef struct
{
  BlepickScan *scan;
  BlepickBus *bus;
  BlepickRows *rows;
  GMainLoop *loop;
  guint for_ms;
  guint timer;
  GCancellable *cancellable;
  GError *error;
} Run;

static void
end (Run *run, GError *error)
{
  if (run->error == NULL)
    run->error = error;
  else
    g_error_free (error);
  g_cancellable_cancel (run->cancellable);
  g_main_loop_quit (run->loop);
}

/* A candidate of Found in the words of a picker's row. */
static GVariant *
make_row (GVariant *found)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, found);
  g_variant_dict_insert (&dict, "unnamed", "b",
                         blepick_member (found, "name")[0] == '\0');
  g_variant_dict_insert (&dict, "heard", "b", g_variant_dict_contains (&dict, "rssi"));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
take_found (Run *run, GVariant *found)
{
  g_autoptr (GVariant) dict = make_row (found);
  gboolean news = FALSE;
  const BlepickRow *row = blepick_rows_take (run->rows, dict, &news);

  if (row != NULL && news)
    blepick_scan_show (run->scan, row, blepick_member (found, "address"));
}

static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  g_autoptr (GVariant) told = g_variant_get_child_value (parameters, 0);

  if (strcmp (signal, "Found") == 0)
    take_found (user_data, told);
  else if (strcmp (signal, "Stopped") == 0)
    end (user_data, blepick_failure_read (told));
}

static gboolean
on_time_over (gpointer user_data)
{
  Run *run = user_data;

  run->timer = 0;
  end (run, blepick_error_new (BLEPICK_ERROR_USER_CANCELLED, "cancelled",
                               "The time is over."));
  return G_SOURCE_REMOVE;
}

static gboolean
on_interrupt (gpointer user_data)
{
  GError *error = NULL;

  blepick_failure_set (&error, BLEPICK_EXIT_INTERRUPTED, "interrupted", "Interrupted.");
  end (user_data, error);
  return G_SOURCE_CONTINUE;
}

static void
on_broker_gone (gpointer user_data, GError *error)
{
  end (user_data, error);
}

/* The time runs from here: a person who is asked for a password is not hurried. */
static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      return;
    }
  if (reply == NULL)
    {
      blepick_failure_translate (&error);
      end (run, error);
      return;
    }
  if (run->for_ms > 0)
    run->timer = g_timeout_add (run->for_ms, on_time_over, run);
}

static GVariant *
collect_filters (GVariant *items)
{
  GVariantBuilder filters;

  g_variant_builder_init (&filters, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (items); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (items, i);

      g_variant_builder_add_value (
        &filters, g_variant_lookup_value (item, "descriptor", G_VARIANT_TYPE_VARDICT));
    }
  return g_variant_builder_end (&filters);
}

static void
start (Run *run, GVariant *items)
{
  const BlepickContext *context = run->scan->context;
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "addresses", "b", TRUE);
  if (context->adapter != NULL)
    g_variant_dict_insert (&options, "adapter", "s", context->adapter);
  g_dbus_connection_call (run->bus->connection, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
                          BLEPICK_SCANNER_INTERFACE, "Start",
                          g_variant_new ("(@aa{sv}@a{sv})", collect_filters (items),
                                         g_variant_dict_end (&options)),
                          NULL,
                          blepick_context_can_ask (context)
                            ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
                            : G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT_MS, run->cancellable, on_started, run);
}

static void
run_loop (Run *run, GVariant *items)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  GDBusConnection *connection = run->bus->connection;
  guint sources[G_N_ELEMENTS (signals)];
  guint told = g_dbus_connection_signal_subscribe (
    connection, BLEPICK_BUS_NAME, BLEPICK_SCANNER_INTERFACE, NULL, BLEPICK_BROKER_PATH,
    NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, run, NULL);
  guint broker = blepick_bus_watch_broker (run->bus, on_broker_gone, run);

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_interrupt, run);
  start (run, items);
  g_main_loop_run (run->loop);
  /* The answer of a call that was cancelled is still on its way to on_started(). */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  g_clear_handle_id (&run->timer, g_source_remove);
  g_dbus_connection_signal_unsubscribe (connection, told);
  g_dbus_connection_signal_unsubscribe (connection, broker);
}

void
blepick_scan_addresses (BlepickScan *scan,
                        BlepickBus *bus,
                        GVariant *items,
                        guint for_ms,
                        GError **error)
{
  Run run = { .scan = scan, .bus = bus, .for_ms = for_ms };

  run.rows = blepick_rows_new ();
  run.loop = g_main_loop_new (NULL, FALSE);
  run.cancellable = g_cancellable_new ();
  run_loop (&run, items);
  blepick_rows_free (run.rows);
  g_main_loop_unref (run.loop);
  g_object_unref (run.cancellable);
  g_propagate_error (error, run.error);
}
