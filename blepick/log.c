/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick log: what was decided, oldest first, and what is decided from now on. */

#include "blepick/log.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>

#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

void
blepick_log_print (const BlepickContext *context, GVariant *entry)
{
  gint64 time_s = 0;

  if (blepick_context_is_json (context))
    {
      JsonBuilder *builder = blepick_json_begin ("decision");

      blepick_settings_add_time (builder, entry, "time", "time");
      blepick_settings_add_string (builder, entry, "event", "event");
      blepick_settings_add_string (builder, entry, "app", "app");
      blepick_settings_add_string (builder, entry, "device", "device");
      blepick_settings_add_string (builder, entry, "about", "about");
      blepick_settings_add_string (builder, entry, "accessory", "accessory");
      blepick_settings_add_string (builder, entry, "name", "name");
      blepick_settings_add_string (builder, entry, "value", "value");
      blepick_settings_add_string (builder, entry, "reason", "reason");
      blepick_settings_add_string (builder, entry, "decided-on", "decided_on");
      blepick_json_print (context, builder, TRUE);
      return;
    }
  g_variant_lookup (entry, "time", "x", &time_s);
  g_autofree char *time = blepick_format_time (time_s);
  g_autofree char *app = blepick_escape (blepick_member (entry, "app"));
  g_autofree char *name = blepick_escape (blepick_member (entry, "name"));

  printf ("%s  %-10s %-34s %-8s %s%s%s (%s, on %s)\n", time,
          blepick_member (entry, "event"), app, blepick_member (entry, "device"), name,
          name[0] != '\0' ? ": " : "", blepick_member (entry, "value"),
          blepick_member (entry, "reason"), blepick_member (entry, "decided-on"));
  fflush (stdout);
}

typedef struct
{
  const BlepickContext *context;
  BlepickBus *bus;
  GMainLoop *loop;
  gint64 since_s;
  guint64 printed; /* the greatest sequence that was */
  GError *error;
} Log;

static guint64
get_sequence (GVariant *entry)
{
  guint64 sequence = 0;

  g_variant_lookup (entry, "sequence", "t", &sequence);
  return sequence;
}

/* Takes entries that are new enough from a page, newest first. FALSE: the rest is too old. */
static gboolean
take_page (const Log *log, GVariant *page, GPtrArray *entries)
{
  for (gsize i = 0; i < g_variant_n_children (page); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (page, i);
      gint64 time_s = 0;

      g_variant_lookup (entry, "time", "x", &time_s);
      if (get_sequence (entry) <= log->printed || time_s < log->since_s)
        return FALSE;
      g_ptr_array_add (entries, g_steal_pointer (&entry));
    }
  return g_variant_n_children (page) == BLEPICK_SETTINGS_PAGE;
}

/* Prints what was not printed yet. */
static gboolean
print_news (Log *log)
{
  g_autoptr (GPtrArray) entries =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  gboolean more = TRUE;
  guint64 before = 0;

  while (more)
    {
      g_autoptr (GVariant) page =
        blepick_settings_history (log->bus, NULL, before, &log->error);

      if (page == NULL)
        return FALSE;
      more = take_page (log, page, entries);
      if (entries->len > 0)
        before = get_sequence (g_ptr_array_index (entries, entries->len - 1));
    }
  for (guint i = entries->len; i > 0; i--)
    blepick_log_print (log->context, g_ptr_array_index (entries, i - 1));
  if (entries->len > 0)
    log->printed = get_sequence (g_ptr_array_index (entries, 0));
  return TRUE;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_changed (GDBusConnection *connection,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  Log *log = user_data;

  if (!print_news (log))
    g_main_loop_quit (log->loop);
}

static gboolean
on_interrupted (gpointer user_data)
{
  const Log *log = user_data;

  g_main_loop_quit (log->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_broker_gone (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Log *log = user_data;

  if (log->error == NULL)
    blepick_failure_set (&log->error, BLEPICK_EXIT_NO_BROKER, "no-broker",
                         "The blepick service has stopped.");
  g_main_loop_quit (log->loop);
}

/* Watches first, so that nothing falls between. */
static void
follow (Log *log)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GDBusConnection *connection = log->bus->connection;
  g_autoptr (GVariant) reply = NULL;
  guint changed, broker, interrupted;

  log->loop = loop;
  changed = g_dbus_connection_signal_subscribe (
    connection, BLEPICK_BUS_NAME, BLEPICK_PERMISSIONS_INTERFACE, "Changed",
    BLEPICK_BROKER_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, log, NULL);
  reply = blepick_bus_call (log->bus, BLEPICK_BROKER_PATH, BLEPICK_PERMISSIONS_INTERFACE,
                            "Watch", g_variant_new ("(@a{sv})", blepick_empty_options ()),
                            "()", &log->error);
  broker = g_bus_watch_name_on_connection (connection, BLEPICK_BUS_NAME,
                                           G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                           on_broker_gone, log, NULL);
  interrupted = g_unix_signal_add (SIGINT, on_interrupted, log);
  if (reply != NULL && print_news (log))
    g_main_loop_run (loop);
  g_source_remove (interrupted);
  g_bus_unwatch_name (broker);
  g_dbus_connection_signal_unsubscribe (connection, changed);
}

/* "2026-11-24T05:51:39Z", or a duration before now. */
static gboolean
parse_since (const char *text, gint64 *ret_time_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);
  guint duration_ms;

  if (time != NULL)
    *ret_time_s = g_date_time_to_unix (time);
  else if (blepick_parse_duration (text, &duration_ms))
    *ret_time_s = g_get_real_time () / G_USEC_PER_SEC - duration_ms / 1000;
  else
    return FALSE;
  return TRUE;
}

int
blepick_run_log (const BlepickContext *context, int argc, char **argv)
{
  gboolean follows = FALSE;
  g_autofree char *since = NULL;
  const GOptionEntry entries[] = {
    { "follow", 0, 0, G_OPTION_ARG_NONE, &follows, "Go on with what comes", NULL },
    { "since", 0, 0, G_OPTION_ARG_STRING, &since,
      "Only what is newer: 2h, or 2026-11-24T05:51:39Z", "T" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  Log log = { .context = context, .since_s = G_MININT64 };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "log", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "log", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  if (since != NULL && !parse_since (since, &log.since_s))
    return blepick_verb_misuse (context,
                                "--since takes a duration such as 2h, or a time such as "
                                "2026-11-24T05:51:39Z");
  log.bus = bus = blepick_bus_new (context, &log.error);
  if (bus != NULL && follows)
    follow (&log);
  else if (bus != NULL)
    (void) print_news (&log);
  error = log.error;
  return error != NULL ? blepick_context_fail (context, error, FALSE) : BLEPICK_EXIT_OK;
}
