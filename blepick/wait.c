/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick wait: until an accessory is heard, is connected, or sends. Listens first and asks then, so that
 * nothing falls between. */

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

#define HEART_RATE_SERVICE     "180d" /* Assigned Numbers 3.4 */
#define HEART_RATE_MEASUREMENT "2a37" /* Assigned Numbers 3.8 */
#define SUBSCRIBE_TIMEOUT_MS   60000
#define RETRY_FIRST_MS         500
#define RETRY_LAST_MS          30000

typedef struct
{
  const BlepickContext *context;
  BlepickBus *bus;
  GMainLoop *loop;
  GCancellable *cancellable;
  char *path;
  char *id;
  int socket; /* -1: not subscribed */
  guint source;
  guint retry_timer;
  guint retry_ms;
  gboolean watches; /* for it to appear */
  gboolean happened;
  GError *error; /* why it ended otherwise */
} Wait;

static void
end (Wait *self, GError *error)
{
  if (self->happened || self->error != NULL)
    g_clear_error (&error);
  else if (error != NULL)
    self->error = error;
  else
    self->happened = TRUE;
  g_main_loop_quit (self->loop);
}

static void
end_badly (Wait *self, BlepickExit exit, const char *cause, const char *text)
{
  GError *error = NULL;

  blepick_failure_set (&error, exit, cause, "%s", text);
  end (self, error);
}

/* ---- what ends it in any case ---- */

static gboolean
on_interrupt (gpointer user_data)
{
  end_badly (user_data, BLEPICK_EXIT_INTERRUPTED, "interrupted", "Interrupted.");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_time_over (gpointer user_data)
{
  end_badly (user_data, BLEPICK_EXIT_NOTHING, "timed-out",
             "It did not happen in this time. Is the accessory awake and near?");
  return G_SOURCE_CONTINUE;
}

static void
on_broker_gone (GDBusConnection *connection, const char *name, gpointer user_data)
{
  end_badly (user_data, BLEPICK_EXIT_NO_BROKER, "no-broker",
             "The blepick service has stopped.");
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_event (GDBusConnection *connection,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  Wait *self = user_data;
  g_autoptr (GVariant) details = NULL;
  guint32 code;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(usa{sv})")))
    return;
  g_variant_get (parameters, "(u&s@a{sv})", &code, NULL, &details);
  if (strcmp (blepick_member (details, "accessory"), self->id) != 0)
    return;
  if (code == BLEPICK_EVENT_ACCESSORY_REMOVED)
    end_badly (self, BLEPICK_EXIT_DENIED, "removed",
               "The accessory is not yours any more.");
  else if (code == BLEPICK_EVENT_ACCESSORY_APPEARED && self->watches)
    end (self, NULL);
}

/* ---- seen ---- */

static void
begin_seen (Wait *self)
{
  gboolean is_there = FALSE;
  GError *error = NULL;
  g_autoptr (GVariant) reply = NULL;

  self->watches = TRUE;
  reply = blepick_bus_call (self->bus, self->path, BLEPICK_ACCESSORY_INTERFACE, "Watch",
                            g_variant_new ("(@a{sv})", blepick_empty_options ()), "(b)",
                            &error);

  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_there);
  if (reply == NULL || is_there)
    end (self, error);
}

/* ---- connected, by whatever app ---- */

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_properties (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
  g_autoptr (GVariant) changed = NULL;
  gboolean connected = FALSE;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}@as)", NULL, &changed, NULL);
  if (g_variant_lookup (changed, "Connected", "b", &connected) && connected)
    end (user_data, NULL);
}

static void
begin_connected (Wait *self)
{
  g_autoptr (GVariant) value = NULL;
  GError *error = NULL;
  g_autoptr (GVariant) reply = NULL;

  g_dbus_connection_signal_subscribe (
    self->bus->connection, BLEPICK_BUS_NAME, "org.freedesktop.DBus.Properties",
    "PropertiesChanged", self->path, BLEPICK_ACCESSORY_INTERFACE,
    G_DBUS_SIGNAL_FLAGS_NONE, on_properties, self, NULL);
  reply =
    blepick_bus_call (self->bus, self->path, "org.freedesktop.DBus.Properties", "Get",
                      g_variant_new ("(ss)", BLEPICK_ACCESSORY_INTERFACE, "Connected"),
                      "(v)", &error);
  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  if (reply == NULL || (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
                        g_variant_get_boolean (value)))
    end (self, error);
}

/* ---- data: a value of the heart rate ---- */

static void begin_data (Wait *self);

static gboolean
on_retry (gpointer user_data)
{
  Wait *self = user_data;

  self->retry_timer = 0;
  begin_data (self);
  return G_SOURCE_REMOVE;
}

static void
try_later (Wait *self)
{
  self->retry_timer = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms = MIN (self->retry_ms * 2, RETRY_LAST_MS);
}

static void
close_socket (Wait *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->socket >= 0)
    close (self->socket);
  self->socket = -1;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Wait *self = user_data;
  guint8 octets[1];

  if (read (fd, octets, sizeof octets) > 0)
    {
      end (self, NULL);
      return G_SOURCE_CONTINUE;
    }
  self->source = 0;
  close_socket (self);
  try_later (self);
  return G_SOURCE_REMOVE;
}

/* What passes by itself is waited for. */
static void
take_refusal (Wait *self, GError *error)
{
  g_autofree char *cause = NULL, *text = NULL;
  gboolean retryable;

  blepick_failure_translate (&error);
  blepick_error_split (error->message, &cause, &retryable, &text);
  if (error->domain != BLEPICK_ERROR || !retryable)
    {
      end (self, error);
      return;
    }
  g_error_free (error);
  try_later (self);
}

static void
on_subscribed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *self = user_data;
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

static void
begin_data (Wait *self)
{
  g_dbus_connection_call_with_unix_fd_list (
    self->bus->connection, BLEPICK_BUS_NAME, self->path, BLEPICK_ACCESSORY_INTERFACE,
    "AcquireNotify",
    g_variant_new ("(ss@a{sv})", HEART_RATE_SERVICE, HEART_RATE_MEASUREMENT,
                   blepick_empty_options ()),
    G_VARIANT_TYPE ("(hq)"), G_DBUS_CALL_FLAGS_NONE, SUBSCRIBE_TIMEOUT_MS, NULL,
    self->cancellable, on_subscribed, self);
}

/* ---- the verb ---- */

static const struct
{
  const char *word;
  void (*begin) (Wait *self);
  const char *text;
} goals[] = {
  { "seen", begin_seen, "is there" },
  { "connected", begin_connected, "is connected" },
  { "data", begin_data, "sends" },
};

static int
find_goal (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (goals); i++)
    if (strcmp (goals[i].word, word) == 0)
      return (int) i;
  return -1;
}

static void
wait_for (Wait *self, guint for_ms, int goal)
{
  GDBusConnection *connection = self->bus->connection;
  guint interrupt = g_unix_signal_add (SIGINT, on_interrupt, self);
  guint terminate = g_unix_signal_add (SIGTERM, on_interrupt, self);
  guint timer = for_ms > 0 ? g_timeout_add (for_ms, on_time_over, self) : 0;
  guint events = g_dbus_connection_signal_subscribe (
    connection, BLEPICK_BUS_NAME, BLEPICK_SESSION_INTERFACE, "Event", self->bus->session,
    NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_event, self, NULL);
  guint broker = g_bus_watch_name_on_connection (connection, BLEPICK_BUS_NAME,
                                                 G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                 on_broker_gone, self, NULL);

  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  goals[goal].begin (self);
  if (!self->happened && self->error == NULL)
    g_main_loop_run (self->loop);

  g_cancellable_cancel (self->cancellable);
  close_socket (self);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  g_clear_handle_id (&timer, g_source_remove);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  g_bus_unwatch_name (broker);
  g_dbus_connection_signal_unsubscribe (connection, events);
  g_object_unref (self->cancellable);
  g_main_loop_unref (self->loop);
}

static void
print_happened (const BlepickContext *context, GVariant *accessory, int goal)
{
  g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));
  g_autofree char *time = blepick_format_time (g_get_real_time () / G_USEC_PER_SEC);
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "%s %s.", name, goals[goal].text);
      return;
    }
  builder = blepick_json_begin ("wait");
  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, time);
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, blepick_member (accessory, "id"));
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, blepick_member (accessory, "name"));
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, goals[goal].word);
  blepick_json_print (context, builder, FALSE);
}

static int
run (const BlepickContext *context, const char *selector, int goal)
{
  Wait self = { .context = context, .socket = -1, .retry_ms = RETRY_FIRST_MS };
  g_autoptr (BlepickBus) bus = blepick_bus_new_session (context, &self.error);
  g_autoptr (GVariant) accessory = NULL;
  int status = BLEPICK_EXIT_OK;

  if (bus != NULL)
    accessory = blepick_bus_find (bus, selector, &self.error);
  if (accessory != NULL)
    {
      self.bus = bus;
      self.path = blepick_accessory_path (accessory);
      self.id = g_strdup (blepick_member (accessory, "id"));
      wait_for (&self, context->timeout_ms, goal);
      g_free (self.path);
      g_free (self.id);
    }
  if (self.happened)
    print_happened (context, accessory, goal);
  else
    status = blepick_context_fail (context, self.error, FALSE);
  g_clear_error (&self.error);
  return status;
}

int
blepick_run_wait (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *word = NULL;
  const GOptionEntry entries[] = {
    { "for", 0, 0, G_OPTION_ARG_STRING, &word,
      "seen (the default: heard or connected), connected (by any app), or data (a heart "
      "rate; connects)",
      "WHAT" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  int goal;

  if (!blepick_verb_parse (context, "wait", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "wait", argc, 1, 1))
    return BLEPICK_EXIT_USAGE;
  goal = find_goal (word != NULL ? word : "seen");
  if (goal < 0)
    return blepick_verb_misuse (context, "--for takes seen, connected or data");
  return run (context, argv[1], goal);
}
