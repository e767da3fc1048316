/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick monitor: follows straps, one or many: subscribes, reads the sockets, and does both
 * again when a link was lost. */

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blepick/bus.h"
#include "blepick/monitor-output.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

#define HEART_RATE_SERVICE     "180d" /* Assigned Numbers 3.4 */
#define HEART_RATE_MEASUREMENT "2a37" /* Assigned Numbers 3.8 */
#define VALUE_MAX              512    /* Core Specification 5.3, Vol 3, Part F, 3.2.9 */
#define SUBSCRIBE_TIMEOUT_MS   60000
#define RETRY_FIRST_MS         500
#define RETRY_LAST_MS          30000

typedef struct
{
  const BlepickContext *context;
  BlepickBus *bus;
  GMainLoop *loop;
  BlepickMonitorOutput output;
  GPtrArray *straps; /* of Strap */
  guint n_followed;  /* that have not come to their end */
  guint64 n_wanted;  /* of each; 0: without end */
  guint64 n_values;  /* of all */
  gboolean exit_on_disconnect;
  GCancellable *cancellable;
  GError *error; /* why it ended, or NULL */
} Monitor;

typedef struct
{
  Monitor *monitor;
  BlepickTrace *trace; /* of the output */
  char *path;
  int socket; /* -1: not subscribed */
  guint source;
  guint retry_timer;
  guint retry_ms;
  guint64 n_values;
} Strap;

static void subscribe (Strap *self);

/* Takes @error; the first one counts. */
static void
end (Monitor *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  g_main_loop_quit (self->loop);
}

static void
close_socket (Strap *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->socket >= 0)
    close (self->socket);
  self->socket = -1;
}

static void
free_strap (gpointer data)
{
  Strap *self = data;

  close_socket (self);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  g_free (self->path);
  g_free (self);
}

/* No more of this strap; of the others still. Takes @error, or NULL: it has given all that was wanted. */
static void
end_strap (Strap *self, GError *error)
{
  Monitor *monitor = self->monitor;
  g_autofree char *cause = NULL, *text = NULL;
  gboolean retryable;

  close_socket (self);
  if (--monitor->n_followed == 0)
    {
      end (monitor, error);
      return;
    }
  if (error == NULL)
    return;
  blepick_error_split (error->message, &cause, &retryable, &text);
  blepick_monitor_output_gap (&monitor->output, self->trace, cause, g_get_real_time ());
  if (monitor->error == NULL)
    monitor->error = g_error_copy (error);
  g_error_free (error);
}

static gboolean
on_retry (gpointer user_data)
{
  Strap *self = user_data;

  self->retry_timer = 0;
  subscribe (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (Strap *self, const char *reason)
{
  blepick_monitor_output_gap (&self->monitor->output, self->trace, reason,
                              g_get_real_time ());
  self->retry_timer = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms = MIN (self->retry_ms * 2, RETRY_LAST_MS);
}

static void
take_link_loss (Strap *self)
{
  GError *error = NULL;

  close_socket (self);
  if (self->monitor->exit_on_disconnect)
    {
      blepick_failure_set (&error, BLEPICK_EXIT_LINK, "link-lost",
                           "The accessory is not connected any more.");
      end (self->monitor, error);
      return;
    }
  retry_later (self, "link lost, reconnecting");
}

static gboolean
take_value (Strap *self, const guint8 *octets, gsize length)
{
  Monitor *monitor = self->monitor;
  BleHeartRate value;

  if (!ble_heart_rate_decode (octets, length, &value, NULL))
    {
      blepick_monitor_output_gap (&monitor->output, self->trace, "malformed value",
                                  g_get_real_time ());
      return TRUE;
    }
  blepick_monitor_output_value (&monitor->output, self->trace, &value,
                                g_get_real_time ());
  self->retry_ms = RETRY_FIRST_MS;
  monitor->n_values++;
  return ++self->n_values != monitor->n_wanted;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Strap *self = user_data;
  guint8 octets[VALUE_MAX];
  ssize_t length = read (fd, octets, sizeof octets);

  gboolean is_value = length > 0 || (length == 0 && (condition & G_IO_HUP) == 0);

  if (is_value && take_value (self, octets, (gsize) length))
    return G_SOURCE_CONTINUE;
  if (length < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  self->source = 0;
  if (is_value)
    end_strap (self, NULL);
  else
    take_link_loss (self);
  return G_SOURCE_REMOVE;
}

/* What passes by itself is waited for; a grant that is gone is not. */
static void
take_refusal (Strap *self, GError *error)
{
  g_autofree char *cause = NULL, *text = NULL;
  gboolean retryable;

  blepick_failure_translate (&error);
  blepick_error_split (error->message, &cause, &retryable, &text);
  if (self->monitor->exit_on_disconnect)
    end (self->monitor, error);
  else if (error->domain != BLEPICK_ERROR || !retryable)
    end_strap (self, error);
  else
    {
      g_error_free (error);
      retry_later (self, cause);
    }
}

static void
on_subscribed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Strap *self = user_data;
  GError *error = NULL;
  int socket = blepick_bus_take_socket (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      return;
    }
  self->socket = socket;
  if (self->socket < 0)
    {
      take_refusal (self, error);
      return;
    }
  self->source =
    g_unix_fd_add (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
}

/* What is not connected is looked for from here on, so that it is found again. */
static void
watch (Strap *self)
{
  g_dbus_connection_call (self->monitor->bus->connection, BLEPICK_BUS_NAME, self->path,
                          BLEPICK_ACCESSORY_INTERFACE, "Watch",
                          g_variant_new ("(@a{sv})", blepick_empty_options ()), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static void
subscribe (Strap *self)
{
  g_dbus_connection_call_with_unix_fd_list (
    self->monitor->bus->connection, BLEPICK_BUS_NAME, self->path,
    BLEPICK_ACCESSORY_INTERFACE, "AcquireNotify",
    g_variant_new ("(ss@a{sv})", HEART_RATE_SERVICE, HEART_RATE_MEASUREMENT,
                   blepick_empty_options ()),
    G_VARIANT_TYPE ("(hq)"), G_DBUS_CALL_FLAGS_NONE, SUBSCRIBE_TIMEOUT_MS, NULL,
    self->monitor->cancellable, on_subscribed, self);
}

static gboolean
on_interrupt (gpointer user_data)
{
  Monitor *self = user_data;
  GError *error = NULL;

  if (self->n_values == 0)
    blepick_failure_set (&error, BLEPICK_EXIT_INTERRUPTED, "interrupted", "Interrupted.");
  end (self, error);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_time_over (gpointer user_data)
{
  Monitor *self = user_data;
  GError *error = NULL;

  if (self->n_values == 0)
    blepick_failure_set (&error, BLEPICK_EXIT_NOTHING, "no-data",
                         "No value came in this time. Is the strap worn and near?");
  end (self, error);
  return G_SOURCE_CONTINUE;
}

/* GDBus calls back for what is cancelled, too, and the straps must be there then. */
static void
drain (Monitor *self)
{
  g_cancellable_cancel (self->cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
follow (Monitor *self, guint for_ms)
{
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, self);
  guint timer = for_ms > 0 ? g_timeout_add (for_ms, on_time_over, self) : 0;

  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  self->n_followed = self->straps->len;
  blepick_monitor_output_begin (&self->output);
  for (guint i = 0; i < self->straps->len; i++)
    {
      watch (g_ptr_array_index (self->straps, i));
      subscribe (g_ptr_array_index (self->straps, i));
    }
  g_main_loop_run (self->loop);
  blepick_monitor_output_end (&self->output);

  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_clear_handle_id (&timer, g_source_remove);
  for (guint i = 0; i < self->straps->len; i++)
    {
      Strap *strap = g_ptr_array_index (self->straps, i);

      close_socket (strap);
      g_clear_handle_id (&strap->retry_timer, g_source_remove);
    }
  drain (self);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
}

static const struct
{
  const char *word;
  BlepickMonitorView view;
} views[] = {
  { "text", BLEPICK_VIEW_TEXT },
  { "line", BLEPICK_VIEW_LINE },
  { "plot", BLEPICK_VIEW_PLOT },
};

/* A line and a plot need a terminal whose cursor may be moved; elsewhere they are text. */
static gboolean
choose_view (const BlepickContext *context,
             const char *word,
             gboolean csv,
             BlepickMonitorView *ret_view)
{
  gboolean can_move = isatty (STDOUT_FILENO) && !context->plain && !context->lines;

  for (gsize i = 0; i < G_N_ELEMENTS (views); i++)
    {
      if (strcmp (views[i].word, word != NULL ? word : "line") != 0)
        continue;
      *ret_view = can_move ? views[i].view : BLEPICK_VIEW_TEXT;
      if (csv)
        *ret_view = BLEPICK_VIEW_CSV;
      if (blepick_context_is_json (context))
        *ret_view = BLEPICK_VIEW_JSON;
      return TRUE;
    }
  return FALSE;
}

static void
add_strap (Monitor *self, GVariant *accessory)
{
  const char *id = blepick_member (accessory, "id");
  Strap *strap;

  for (guint i = 0; i < self->straps->len; i++)
    {
      const Strap *other = g_ptr_array_index (self->straps, i);

      if (strcmp (other->trace->id, id) == 0)
        return; /* named twice */
    }
  strap = g_new0 (Strap, 1);
  strap->monitor = self;
  strap->socket = -1;
  strap->retry_ms = RETRY_FIRST_MS;
  strap->path = blepick_accessory_path (accessory);
  strap->trace =
    blepick_monitor_output_add (&self->output, id, blepick_member (accessory, "name"));
  g_ptr_array_add (self->straps, strap);
}

/* Those that are named; none is: the only one. All are found before the first one is followed. */
static gboolean
choose_straps (Monitor *self, char **selectors, gboolean all)
{
  g_autoptr (GVariant) accessories = blepick_bus_list (self->bus, &self->error);
  gsize n_named = g_strv_length (selectors);

  if (accessories == NULL)
    return FALSE;
  for (gsize i = 0; all && i < g_variant_n_children (accessories); i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);

      add_strap (self, accessory);
    }
  for (gsize i = 0; self->straps->len == 0 ? i < MAX (n_named, 1) : i < n_named; i++)
    {
      g_autoptr (GVariant) accessory =
        blepick_select (accessories, selectors[i], &self->error);

      if (accessory == NULL)
        return FALSE;
      add_strap (self, accessory);
    }
  return TRUE;
}

static int
monitor (Monitor *self, char **selectors, gboolean all, guint for_ms)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new_session (self->context, &self->error);
  int status = BLEPICK_EXIT_OK;

  self->bus = bus;
  self->straps = g_ptr_array_new_with_free_func (free_strap);
  blepick_monitor_output_init (&self->output);
  if (bus != NULL && choose_straps (self, selectors, all))
    follow (self, for_ms);
  if (self->error != NULL)
    status = blepick_context_fail (self->context, self->error, FALSE);
  g_ptr_array_unref (self->straps);
  blepick_monitor_output_clear (&self->output);
  return status;
}

int
blepick_run_monitor (const BlepickContext *context, int argc, char **argv)
{
  Monitor self = { .context = context };
  g_autofree char *view = NULL, *time = NULL;
  gboolean csv = FALSE, all = FALSE;
  gint count = 0, status;
  guint for_ms = context->timeout_ms;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "Everything that you have", NULL },
    { "view", 0, 0, G_OPTION_ARG_STRING, &view, "plot, line or text", "VIEW" },
    { "count", 0, 0, G_OPTION_ARG_INT, &count, "Stop after so many values of each", "N" },
    { "for", 0, 0, G_OPTION_ARG_STRING, &time, "Stop after this time, such as 30s",
      "DUR" },
    { "rr", 0, 0, G_OPTION_ARG_NONE, &self.output.show_rr, "Also the time between beats",
      NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &csv, "A table for a spreadsheet", NULL },
    { "exit-on-disconnect", 0, 0, G_OPTION_ARG_NONE, &self.exit_on_disconnect,
      "Do not wait for a lost accessory", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };

  if (!blepick_verb_parse (context, "monitor", entries, &argc, &argv))
    return BLEPICK_EXIT_USAGE;
  if (all && argc > 1)
    return blepick_verb_misuse (context, "Name accessories, or say --all; not both");
  if (!choose_view (context, view, csv, &self.output.view))
    return blepick_verb_misuse (context, "--view takes plot, line or text");
  if (count < 0)
    return blepick_verb_misuse (context, "--count takes a number from 1");
  if (time != NULL && (!blepick_parse_duration (time, &for_ms) || for_ms == 0))
    return blepick_verb_misuse (context, "--for takes a time such as 10s, 500ms or 2m");

  self.n_wanted = (guint64) count;
  self.output.context = context;
  status = monitor (&self, argv + 1, all, for_ms);
  g_clear_error (&self.error);
  return status;
}
