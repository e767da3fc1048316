/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client that is not blepick: an app is known by its executable, so copies of this
 * program at different places are different apps.
 *
 *   stranger pick NAME    shows a picker to itself, chooses that row, prints its id
 *   stranger show -       shows a picker that somebody else draws, prints what is picked
 *   stranger present NAME draws what others show, and chooses that row, until it is killed
 *   stranger list -       prints the ids of its accessories
 *   stranger ask ID       prints what the broker answers, to the letter, about an accessory
 *   stranger follow ID    prints values until they end, when they did, and what a second
 *                         subscription answers
 *   stranger forget ID    gives it back, prints when it asked and when it was answered
 *
 * Times are microseconds of the monotonic clock, the same in every process. */

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dbus/interfaces.h"
#include "dbus/names.h"

#define PRESENTER_PATH  "/stranger"
#define VALUE_MAX       512 /* Core Specification 5.3, Vol 3, Part F, 3.2.9 */
#define CALL_TIMEOUT_MS 40000

typedef struct
{
  GDBusConnection *bus;
  char *session;
  GMainLoop *loop;
  const char *wanted; /* the name of the row to choose */
  gboolean chosen;
  int status;
} Stranger;

static GVariant *
no_options (void)
{
  return g_variant_new ("a{sv}", NULL);
}

static GVariant *
call (Stranger *self,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply =
    g_dbus_connection_call_sync (self->bus, BLEPICK_BUS_NAME, path, interface, method,
                                 parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                                 CALL_TIMEOUT_MS, NULL, &error);

  if (reply == NULL)
    {
      printf ("error %s\n", error->message);
      self->status = 1;
    }
  return reply;
}

/* ---- pick ---- */

static void
choose_if_wanted (Stranger *self, GVariant *parameters)
{
  const char *picker, *id, *name;
  g_autoptr (GVariant) rows = NULL;
  GVariantIter iter;
  GVariant *row;

  g_variant_get (parameters, "(&s@aa{sv})", &picker, &rows);
  g_variant_iter_init (&iter, rows);
  while (!self->chosen && g_variant_iter_loop (&iter, "@a{sv}", &row))
    {
      if (!g_variant_lookup (row, "name", "&s", &name) ||
          !g_variant_lookup (row, "id", "&s", &id) || strcmp (name, self->wanted) != 0)
        continue;
      self->chosen = TRUE;
      g_dbus_connection_call (self->bus, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
                              BLEPICK_PRESENTERS_INTERFACE, "Choose",
                              g_variant_new ("(ss@a{sv})", picker, id, no_options ()),
                              NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
    }
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_presenter_call (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *method,
                   GVariant *parameters,
                   GDBusMethodInvocation *invocation,
                   gpointer user_data)
{
  g_dbus_method_invocation_return_value (invocation, NULL);
  if (strcmp (method, "UpdateRows") == 0)
    choose_if_wanted (user_data, parameters);
}

static const GDBusInterfaceVTable presenter = { on_presenter_call, NULL, NULL, { NULL } };

static void
on_response (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  Stranger *self = user_data;
  g_autoptr (GVariant) results = NULL;
  const char *text = "";
  guint32 response;

  g_variant_get (parameters, "(u@a{sv})", &response, &results);
  self->status = response == BLEPICK_RESPONSE_DONE ? 0 : 1;
  g_variant_lookup (results, self->status == 0 ? "accessory" : "message", "&s", &text);
  printf ("%s %s\n", self->status == 0 ? "accessory" : "error", text);
  g_main_loop_quit (self->loop);
}

static GVariant *
build_items (void)
{
  return g_variant_new_parsed (
    "[{'name': <'Strap'>, 'descriptor': <{"
    "'service-uuid': <'180d'>, 'support': <['pairing-le']>}>}]");
}

static gboolean
start_drawing (Stranger *self, const char *name, const char *scope)
{
  g_autoptr (GVariant) registered = NULL;

  self->wanted = name;
  g_dbus_connection_register_object (
    self->bus, PRESENTER_PATH, (GDBusInterfaceInfo *) &org_blepick_presenter1_interface,
    &presenter, self, NULL, NULL);
  registered = call (self, BLEPICK_BROKER_PATH, BLEPICK_PRESENTERS_INTERFACE, "Register",
                     g_variant_new ("(os@a{sv})", PRESENTER_PATH, scope, no_options ()));
  return registered != NULL;
}

static void
show (Stranger *self, const char *unused)
{
  g_autoptr (GVariant) shown = NULL;

  self->loop = g_main_loop_new (NULL, FALSE);
  g_dbus_connection_signal_subscribe (self->bus, BLEPICK_BUS_NAME,
                                      BLEPICK_REQUEST_INTERFACE, "Response", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_response, self, NULL);
  shown = call (self, self->session, BLEPICK_SESSION_INTERFACE, "ShowPicker",
                g_variant_new ("(@aa{sv}@a{sv})", build_items (), no_options ()));
  if (shown != NULL)
    g_main_loop_run (self->loop);
  g_main_loop_unref (self->loop);
}

static void
pick (Stranger *self, const char *name)
{
  if (start_drawing (self, name, "own-requests"))
    show (self, NULL);
}

static void
present (Stranger *self, const char *name)
{
  if (!start_drawing (self, name, "all"))
    return;
  printf ("ready\n");
  self->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (self->loop);
}

/* ---- list ---- */

static void
list (Stranger *self, const char *unused)
{
  g_autoptr (GVariant) reply =
    call (self, self->session, BLEPICK_SESSION_INTERFACE, "ListAccessories",
          g_variant_new ("(@a{sv})", no_options ()));
  g_autoptr (GVariantIter) iter = NULL;
  GVariant *accessory;
  const char *id;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(aa{sv})", &iter);
  while (g_variant_iter_loop (iter, "@a{sv}", &accessory))
    if (g_variant_lookup (accessory, "id", "&s", &id))
      printf ("accessory %s\n", id);
  printf ("end\n");
}

/* ---- ask ---- */

static char *
describe (GDBusMessage *reply, const char *id)
{
  const char *name = g_dbus_message_get_error_name (reply);
  GVariant *body = g_dbus_message_get_body (reply);
  g_autofree char *printed = body != NULL ? g_variant_print (body, TRUE) : g_strdup ("");
  g_autofree char *text =
    g_strdup_printf ("type=%d flags=%d error=%s signature=%s descriptors=%u body=%s",
                     g_dbus_message_get_message_type (reply),
                     g_dbus_message_get_flags (reply), name != NULL ? name : "",
                     g_dbus_message_get_signature (reply),
                     g_dbus_message_get_num_unix_fds (reply), printed);
  g_auto (GStrv) parts = g_strsplit (text, id, -1);

  return g_strjoinv ("ID", parts);
}

static void
ask_one (Stranger *self,
         const char *id,
         const char *interface,
         const char *method,
         GVariant *parameters)
{
  g_autofree char *path = g_strconcat (BLEPICK_ACCESSORY_PATH "/", id, NULL);
  g_autoptr (GDBusMessage) message =
    g_dbus_message_new_method_call (BLEPICK_BUS_NAME, path, interface, method);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusMessage) reply = NULL;
  g_autofree char *text = NULL;

  if (parameters != NULL)
    g_dbus_message_set_body (message, parameters);
  reply =
    g_dbus_connection_send_message_with_reply_sync (self->bus, message,
                                                    G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                                    CALL_TIMEOUT_MS, NULL, NULL, &error);
  text = reply != NULL ? describe (reply, id) : g_strdup (error->message);
  printf ("%s: %s\n", method, text);
}

static void
ask (Stranger *self, const char *id)
{
  static const char *const interface = BLEPICK_ACCESSORY_INTERFACE;

  ask_one (self, id, interface, "Connect", g_variant_new ("(@a{sv})", no_options ()));
  ask_one (self, id, interface, "GetServices", g_variant_new ("(@a{sv})", no_options ()));
  ask_one (self, id, interface, "ReadValue",
           g_variant_new ("(ss@a{sv})", "180d", "2a38", no_options ()));
  ask_one (self, id, interface, "WriteValue",
           g_variant_new ("(ss@ay@a{sv})", "180d", "2a39",
                          g_variant_new_parsed ("[byte 1]"), no_options ()));
  ask_one (self, id, interface, "AcquireNotify",
           g_variant_new ("(ss@a{sv})", "180d", "2a37", no_options ()));
  ask_one (self, id, interface, "Disconnect", g_variant_new ("(@a{sv})", no_options ()));
  ask_one (self, id, interface, "NoSuchMethod", NULL);
  ask_one (self, id, "org.freedesktop.DBus.Properties", "GetAll",
           g_variant_new ("(s)", interface));
  ask_one (self, id, "org.freedesktop.DBus.Properties", "Get",
           g_variant_new ("(ss)", interface, "Name"));
  ask_one (self, id, "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
  ask_one (self, id, "org.freedesktop.DBus.Peer", "Ping", NULL);
}

/* ---- follow ---- */

/* A socket of the accessory's heart rate, or -1 with the reason printed. */
static int
acquire (Stranger *self, const char *id)
{
  g_autofree char *path = g_strconcat (BLEPICK_ACCESSORY_PATH "/", id, NULL);
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (
    self->bus, BLEPICK_BUS_NAME, path, BLEPICK_ACCESSORY_INTERFACE, "AcquireNotify",
    g_variant_new ("(ss@a{sv})", "180d", "2a37", no_options ()), G_VARIANT_TYPE ("(hq)"),
    G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, NULL, &descriptors, NULL, &error);

  if (reply != NULL)
    return g_unix_fd_list_get (descriptors, 0, NULL);
  printf ("refused %s\n", error->message);
  return -1;
}

static void
follow (Stranger *self, const char *id)
{
  guint8 value[VALUE_MAX];
  int fd = acquire (self, id);
  ssize_t length;

  if (fd < 0)
    return;
  while ((length = read (fd, value, sizeof value)) > 0)
    printf ("value %zd\n", length);
  printf ("end %" G_GINT64_FORMAT "\n", g_get_monotonic_time ());
  close (fd);
  fd = acquire (self, id);
  if (fd >= 0)
    printf ("acquired\n");
}

static void
forget (Stranger *self, const char *id)
{
  gint64 asked_us = g_get_monotonic_time ();
  g_autoptr (GVariant) reply =
    call (self, self->session, BLEPICK_SESSION_INTERFACE, "RemoveAccessory",
          g_variant_new ("(s@a{sv})", id, no_options ()));

  if (reply != NULL)
    printf ("forgotten %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", asked_us,
            g_get_monotonic_time ());
}

static const struct
{
  const char *word;
  void (*run) (Stranger *self, const char *argument);
} verbs[] = {
  { "pick", pick }, { "show", show },     { "present", present }, { "list", list },
  { "ask", ask },   { "follow", follow }, { "forget", forget },
};

static int
run (Stranger *self, const char *word, const char *argument)
{
  g_autoptr (GVariant) opened =
    call (self, BLEPICK_BROKER_PATH, BLEPICK_BROKER_INTERFACE, "OpenSession",
          g_variant_new ("(@a{sv})", no_options ()));

  if (opened == NULL)
    return self->status;
  g_variant_get (opened, "(o)", &self->session);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (word, verbs[i].word) == 0)
      verbs[i].run (self, argument);
  g_free (self->session);
  return self->status;
}

int
main (int argc, char **argv)
{
  Stranger self = { 0 };
  int status;

  if (argc != 3)
    return 2;
  setvbuf (stdout, NULL, _IOLBF, 0);
  self.bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  if (self.bus == NULL)
    return 3;
  status = run (&self, argv[1], argv[2]);
  g_object_unref (self.bus);
  return status;
}
