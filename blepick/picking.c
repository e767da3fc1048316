/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/picking-private.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

#include "dbus/interfaces.h"
#include "dbus/names.h"

#define PRESENTER_PATH "/org/blepick/presenter"
#define TOKEN          "picking"
#define DAY_S          86400
#define LEAVE_MS       2000 /* how long the broker has to end a cancelled picker */

static void
end (BlepickPicking *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  g_main_loop_quit (self->loop);
}

static const GDBusInterfaceVTable presenter_vtable = { blepick_picking_on_call,
                                                       NULL,
                                                       NULL,
                                                       { NULL } };

static void
call_presenters (BlepickPicking *self, const char *method, GVariant *parameters)
{
  g_dbus_connection_call (self->bus->connection, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
                          BLEPICK_PRESENTERS_INTERFACE, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

const BlepickRows *
blepick_picking_rows (BlepickPicking *self)
{
  return self->rows;
}

const BlepickContext *
blepick_picking_context (BlepickPicking *self)
{
  return self->context;
}

gboolean
blepick_picking_is_own (const BlepickPicking *self)
{
  return !self->serves;
}

static gboolean on_time_over (gpointer user_data);

/* An accessory that went in the very moment: the picker goes on, and so does its time. */
static void
on_chosen (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  BlepickPicking *self = user_data;

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (self->picker == NULL)
    return;
  if (self->for_ms > 0 && self->end_timer == 0)
    self->end_timer = g_timeout_add (self->for_ms, on_time_over, self);
  if (self->view->refused != NULL)
    self->view->refused (self, self->user_data);
}

void
blepick_picking_choose_for (BlepickPicking *self,
                            const BlepickRow *row,
                            BlepickLifetime lifetime)
{
  static const char *const words[] = { "always", "once", "until" };
  GVariantDict options;

  if (self->picker == NULL)
    return;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "lifetime", "s", words[lifetime]);
  if (lifetime == BLEPICK_LIFETIME_DAY)
    g_variant_dict_insert (&options, "until", "x",
                           g_get_real_time () / G_USEC_PER_SEC + DAY_S);
  g_clear_handle_id (&self->end_timer, g_source_remove);
  g_dbus_connection_call (
    self->bus->connection, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
    BLEPICK_PRESENTERS_INTERFACE, "Choose",
    g_variant_new ("(ss@a{sv})", self->picker, row->id, g_variant_dict_end (&options)),
    NULL, G_DBUS_CALL_FLAGS_NONE, -1, self->choosing, on_chosen, self);
}

void
blepick_picking_choose (BlepickPicking *self, const BlepickRow *row)
{
  blepick_picking_choose_for (self, row, BLEPICK_LIFETIME_ALWAYS);
}

void
blepick_picking_rename (BlepickPicking *self, const char *name)
{
  if (self->picker != NULL)
    call_presenters (self, "Rename",
                     g_variant_new ("(ss@a{sv})", self->picker, name,
                                    blepick_empty_options ()));
}

void
blepick_picking_cancel (BlepickPicking *self)
{
  if (self->picker != NULL)
    call_presenters (self, "Cancel", g_variant_new ("(s)", self->picker));
}

void
blepick_picking_rescan (BlepickPicking *self)
{
  if (self->picker != NULL)
    call_presenters (self, "Rescan", g_variant_new ("(s)", self->picker));
}

void
blepick_picking_answer (BlepickPicking *self, gboolean accept, guint32 passkey)
{
  if (self->picker != NULL)
    call_presenters (self, "Answer",
                     g_variant_new ("(sbu)", self->picker, accept, passkey));
}

static gboolean
on_unanswered (gpointer user_data)
{
  BlepickPicking *self = user_data;

  self->leave_timer = 0;
  end (self, blepick_error_new (BLEPICK_ERROR_USER_CANCELLED, "cancelled", "Cancelled."));
  return G_SOURCE_REMOVE;
}

/* The Response of the cancelled picker ends the run, or the time that it takes. The picker may not
 * be shown yet: then that cancels it. */
static void
leave (BlepickPicking *self)
{
  self->leaves = TRUE;
  if (self->leave_timer == 0)
    self->leave_timer = g_timeout_add (LEAVE_MS, on_unanswered, self);
  blepick_picking_cancel (self);
}

void
blepick_picking_abandon (BlepickPicking *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  leave (self);
}

void
blepick_picking_leave (BlepickPicking *self)
{
  GError *error = NULL;

  if (self->serves)
    {
      blepick_picking_cancel (self);
      g_main_loop_quit (self->loop);
      return;
    }
  blepick_failure_set (&error, BLEPICK_EXIT_CANCELLED, "cancelled", "Cancelled.");
  blepick_picking_abandon (self, error);
}

static void
on_response (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  BlepickPicking *self = user_data;
  g_autoptr (GVariant) results = NULL;
  guint32 response;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  if (response == BLEPICK_RESPONSE_DONE)
    {
      g_variant_lookup (results, "accessory", "s", &self->accessory);
      g_main_loop_quit (self->loop);
    }
  else
    {
      end (self, blepick_failure_read (results));
    }
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BlepickPicking *self = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    return;
  blepick_failure_translate (&error);
  end (self, error);
}

static void
on_broker_gone (gpointer user_data, GError *error)
{
  end (user_data, error);
}

static gboolean
on_interrupt (gpointer user_data)
{
  BlepickPicking *self = user_data;
  GError *error = NULL;

  if (self->serves)
    {
      blepick_picking_leave (self);
      return G_SOURCE_CONTINUE;
    }

  /* The second one is from somebody who does not want to wait. */
  if (g_error_matches (self->error, BLEPICK_FAILURE, BLEPICK_EXIT_INTERRUPTED))
    g_main_loop_quit (self->loop);
  blepick_failure_set (&error, BLEPICK_EXIT_INTERRUPTED, "interrupted", "Interrupted.");
  blepick_picking_abandon (self, error);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_time_over (gpointer user_data)
{
  BlepickPicking *self = user_data;

  self->end_timer = 0;
  leave (self);
  return G_SOURCE_REMOVE;
}

static gboolean
register_presenter (BlepickPicking *self, GError **error)
{
  const char *scope = self->serves ? "all" : "own-requests";
  g_autoptr (GVariant) owner = g_dbus_connection_call_sync (
    self->bus->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
    "org.freedesktop.DBus", "GetNameOwner", g_variant_new ("(s)", BLEPICK_BUS_NAME),
    G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  g_autoptr (GVariant) registered = NULL;

  if (owner == NULL)
    {
      blepick_failure_translate (error);
      return FALSE;
    }
  g_variant_get (owner, "(s)", &self->broker);
  registered = blepick_bus_call (
    self->bus, BLEPICK_BROKER_PATH, BLEPICK_PRESENTERS_INTERFACE, "Register",
    g_variant_new ("(os@a{sv})", PRESENTER_PATH, scope, blepick_empty_options ()), "()",
    error);
  return registered != NULL;
}

/* The request's path is known before the call: its Response cannot be missed. */
static char *
request_path (BlepickPicking *self)
{
  g_autofree char *sender =
    g_strdup (g_dbus_connection_get_unique_name (self->bus->connection) + 1);

  g_strdelimit (sender, ".", '_');
  return g_strdup_printf (BLEPICK_REQUEST_PATH "/%s/" TOKEN, sender);
}

static GVariant *
add_token (GVariant *options)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (options);
  GVariantDict dict;

  g_variant_dict_init (&dict, owned);
  g_variant_dict_insert (&dict, "handle_token", "s", TOKEN);
  return g_variant_dict_end (&dict);
}

/* Until the end comes: from the broker, the person, or a signal. */
static void
run_loop (BlepickPicking *self)
{
  GDBusConnection *connection = self->bus->connection;
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  guint sources[G_N_ELEMENTS (signals)];
  guint broker = blepick_bus_watch_broker (self->bus, on_broker_gone, self);

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], on_interrupt, self);
  if (self->for_ms > 0)
    self->end_timer = g_timeout_add (self->for_ms, on_time_over, self);
  g_main_loop_run (self->loop);

  g_clear_handle_id (&self->end_timer, g_source_remove);
  g_clear_handle_id (&self->leave_timer, g_source_remove);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  g_dbus_connection_signal_unsubscribe (connection, broker);
}

static void
show (BlepickPicking *self, GVariant *items, GVariant *options)
{
  GDBusConnection *connection = self->bus->connection;
  g_autofree char *path = request_path (self);
  guint response = g_dbus_connection_signal_subscribe (
    connection, self->broker, BLEPICK_REQUEST_INTERFACE, "Response", path, NULL,
    G_DBUS_SIGNAL_FLAGS_NONE, on_response, self, NULL);

  g_dbus_connection_call (connection, BLEPICK_BUS_NAME, self->bus->session,
                          BLEPICK_SESSION_INTERFACE, "ShowPicker",
                          g_variant_new ("(@aa{sv}@a{sv})", items, add_token (options)),
                          G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          on_shown, self);
  run_loop (self);
  g_dbus_connection_signal_unsubscribe (connection, response);
}

/* @ask: NULL to serve the pickers of others. */
static void
run (BlepickPicking *self, const BlepickPickingAsk *ask)
{
  guint object;

  self->rows = blepick_rows_new ();
  self->choosing = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  if (self->view->begin != NULL)
    self->view->begin (self, self->user_data);
  object = g_dbus_connection_register_object (
    self->bus->connection, PRESENTER_PATH,
    (GDBusInterfaceInfo *) &org_blepick_presenter1_interface, &presenter_vtable, self,
    NULL, &self->error);
  if (object != 0 && register_presenter (self, &self->error))
    {
      if (ask != NULL)
        show (self, ask->items, ask->options);
      else
        run_loop (self);
      call_presenters (self, "Unregister", NULL);
    }
  else if (ask != NULL)
    {
      g_variant_unref (g_variant_ref_sink (ask->options));
    }
  if (object != 0)
    g_dbus_connection_unregister_object (self->bus->connection, object);
  g_dbus_connection_flush_sync (self->bus->connection, NULL, NULL);

  g_main_loop_unref (self->loop);
  g_cancellable_cancel (self->choosing);
  g_object_unref (self->choosing);
  blepick_rows_free (self->rows);
  g_free (self->picker);
  g_free (self->broker);
}

char *
blepick_picking_run (const BlepickContext *context,
                     BlepickBus *bus,
                     const BlepickPickingAsk *ask,
                     const BlepickView *view,
                     gpointer user_data,
                     GError **error)
{
  BlepickPicking self = { .context = context,
                          .bus = bus,
                          .view = view,
                          .user_data = user_data,
                          .for_ms = ask->for_ms };

  run (&self, ask);
  if (self.error != NULL)
    {
      g_clear_pointer (&self.accessory, g_free);
      g_propagate_error (error, self.error);
    }
  return self.accessory;
}

gboolean
blepick_picking_serve (const BlepickContext *context,
                       BlepickBus *bus,
                       const BlepickView *view,
                       gpointer user_data,
                       GError **error)
{
  BlepickPicking self = {
    .context = context, .bus = bus, .view = view, .user_data = user_data, .serves = TRUE
  };

  run (&self, NULL);
  if (self.error == NULL)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
