/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "session/reporter.h"

#include <string.h>

#include "dbus/names.h"

#define CALL_TIMEOUT_MS  25000 /* longer than the broker takes to find out who we are */
#define START_TIMEOUT_MS 25000 /* as long as a bus waits for a service to come up */

struct SessionReporter
{
  GDBusConnection *bus;
  GDBusConnection *session_bus;
  SessionHome *home;
  GHashTable *told; /* as session_home_read() returns it */
  GQueue calls;     /* of Call: one after the other, for the bus limits how many wait */
  GCancellable *cancellable; /* of the calls to this broker; NULL: there is none */
  const char *calling;       /* the method of the call under way, or NULL */
  gboolean refused;          /* something was not taken: we cannot say that this is all */
  gboolean complete;         /* that it is all was said */
  void (*unwelcome) (gpointer user_data);
  gpointer user_data;
  guint name_watch;
  guint signal;
};

typedef struct
{
  const char *method; /* static */
  GVariant *parameters;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  g_variant_unref (call->parameters);
  g_free (call);
}

/* ---- calls, in order ---- */

static void send_next (SessionReporter *self);

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SessionReporter *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the broker or the reporter is no more */
  if (reply == NULL)
    {
      g_warning ("The Bluetooth broker did not take %s: %s", self->calling,
                 error->message);
      if (strcmp (self->calling, "Register") == 0)
        {
          self->unwelcome (self->user_data);
          return;
        }
      self->refused = TRUE;
    }
  self->calling = NULL;
  send_next (self);
}

static void
send_next (SessionReporter *self)
{
  Call *call;

  if (self->calling != NULL || (call = g_queue_pop_head (&self->calls)) == NULL)
    return;
  if (self->refused && strcmp (call->method, "Complete") == 0)
    {
      free_call (call);
      return;
    }
  self->calling = call->method;
  g_dbus_connection_call (self->bus, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
                          BLEPICK_USER_HELPER_INTERFACE, call->method, call->parameters,
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT_MS,
                          self->cancellable, on_answered, self);
  free_call (call);
}

/* Consumes a floating @parameters. */
static void
queue_call (SessionReporter *self, const char *method, GVariant *parameters)
{
  Call *call = g_new0 (Call, 1);

  call->method = method;
  call->parameters = g_variant_ref_sink (parameters);
  g_queue_push_tail (&self->calls, call);
  send_next (self);
}

/* ---- reports ---- */

static void
queue_app (SessionReporter *self, const char *key, GBytes *manifest)
{
  const char *id = strchr (key, ':') + 1;
  g_autofree char *kind = g_strndup (key, (gsize) (id - key) - 1);
  GVariant *text;

  if (manifest == NULL)
    {
      queue_call (self, "RemoveApp",
                  g_variant_new ("(ss@a{sv})", kind, id, g_variant_new ("a{sv}", NULL)));
      return;
    }
  text = g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, manifest, TRUE);
  queue_call (self, "ReportApp",
              g_variant_new ("(ss@ay@a{sv})", kind, id, text,
                             g_variant_new ("a{sv}", NULL)));
}

/* What is missing is gone where everything was read; else it stays as it was told. */
static void
report_missing (SessionReporter *self, GHashTable *apps, gboolean whole)
{
  GHashTableIter iter;
  gpointer key, text;

  g_hash_table_iter_init (&iter, self->told);
  while (g_hash_table_iter_next (&iter, &key, &text))
    {
      if (g_hash_table_contains (apps, key))
        continue;
      if (whole)
        queue_app (self, key, NULL);
      else
        g_hash_table_insert (apps, g_strdup (key), g_bytes_ref (text));
    }
}

/* Tells what differs from what was told. */
static void
report (SessionReporter *self)
{
  gboolean whole = FALSE;
  g_autoptr (GHashTable) apps = session_home_read (self->home, &whole);
  GHashTableIter iter;
  gpointer key, text;

  report_missing (self, apps, whole);
  g_hash_table_iter_init (&iter, apps);
  while (g_hash_table_iter_next (&iter, &key, &text))
    {
      GBytes *told = g_hash_table_lookup (self->told, key);

      if (told == NULL || !g_bytes_equal (told, text))
        queue_app (self, key, text);
    }
  g_hash_table_unref (self->told);
  self->told = g_steal_pointer (&apps);
  if (!whole || self->complete)
    return;
  self->complete = TRUE;
  queue_call (self, "Complete", g_variant_new ("(a{sv})", NULL));
}

static void
on_home_changed (gpointer user_data)
{
  SessionReporter *self = user_data;

  if (self->cancellable != NULL)
    report (self);
}

static void
forget_broker (SessionReporter *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_queue_clear_full (&self->calls, free_call);
  g_hash_table_remove_all (self->told);
  self->calling = NULL;
  self->refused = FALSE;
  self->complete = FALSE;
}

static void
on_broker_appeared (GDBusConnection *bus,
                    const char *name,
                    const char *owner,
                    gpointer user_data)
{
  SessionReporter *self = user_data;

  forget_broker (self);
  self->cancellable = g_cancellable_new ();
  queue_call (self, "Register", g_variant_new ("(a{sv})", NULL));
  report (self);
}

static void
on_broker_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  forget_broker (user_data);
}

/* ---- starting apps ---- */

typedef struct
{
  SessionReporter *reporter;
  GCancellable *cancellable; /* of the broker that asked */
  char *id;
} Start;

static void
finish_start (Start *start, gboolean started)
{
  if (!g_cancellable_is_cancelled (start->cancellable))
    queue_call (start->reporter, "Started",
                g_variant_new ("(sb@a{sv})", start->id, started,
                               g_variant_new ("a{sv}", NULL)));
  g_object_unref (start->cancellable);
  g_free (start->id);
  g_free (start);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Start *start = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !g_cancellable_is_cancelled (start->cancellable))
    g_message ("%s was not started: %s", start->id, error->message);
  finish_start (start, reply != NULL);
}

/* The session bus starts what has a service file there: every app whose desktop file says
 * DBusActivatable= has one, by its own id (Desktop Entry Specification 1.5, D-Bus
 * Activation). It opens no window. */
static void
on_start (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  SessionReporter *self = user_data;
  Start *start;

  if (self->cancellable == NULL ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(s)")))
    return;
  start = g_new0 (Start, 1);
  start->reporter = self;
  start->cancellable = g_object_ref (self->cancellable);
  g_variant_get (parameters, "(s)", &start->id);
  if (self->session_bus == NULL || !g_dbus_is_name (start->id) || start->id[0] == ':')
    {
      finish_start (start, FALSE);
      return;
    }
  g_dbus_connection_call (self->session_bus, "org.freedesktop.DBus",
                          "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "StartServiceByName", g_variant_new ("(su)", start->id, 0),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT_MS, start->cancellable, on_started, start);
}

/* ---- the whole ---- */

SessionReporter *
session_reporter_new (GDBusConnection *bus,
                      GDBusConnection *session_bus,
                      const SessionPlaces *places,
                      void (*unwelcome) (gpointer user_data),
                      gpointer user_data)
{
  SessionReporter *self = g_new0 (SessionReporter, 1);

  self->bus = g_object_ref (bus);
  self->session_bus = session_bus != NULL ? g_object_ref (session_bus) : NULL;
  self->unwelcome = unwelcome;
  self->user_data = user_data;
  self->home = session_home_new (places, on_home_changed, self);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) g_bytes_unref);
  g_queue_init (&self->calls);
  self->signal = g_dbus_connection_signal_subscribe (
    bus, BLEPICK_BUS_NAME, BLEPICK_USER_HELPER_INTERFACE, "Start", BLEPICK_BROKER_PATH,
    NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_start, self, NULL);
  self->name_watch =
    g_bus_watch_name_on_connection (bus, BLEPICK_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                    on_broker_appeared, on_broker_vanished, self, NULL);
  return self;
}

void
session_reporter_free (SessionReporter *self)
{
  if (self == NULL)
    return;
  g_bus_unwatch_name (self->name_watch);
  g_dbus_connection_signal_unsubscribe (self->bus, self->signal);
  forget_broker (self);
  session_home_free (self->home);
  g_hash_table_unref (self->told);
  g_clear_object (&self->session_bus);
  g_object_unref (self->bus);
  g_free (self);
}
