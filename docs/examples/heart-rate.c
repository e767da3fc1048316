/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* heart-rate: asks the person for a heart-rate monitor the first time, and prints beats per minute.
 *
 *   cc heart-rate.c -o heart-rate $(pkg-config --cflags --libs gio-unix-2.0)
 *   ./heart-rate [COUNT]
 *
 * Ends with 0 after COUNT values (default: never), 1 when something failed, 2 when nothing was chosen.
 * BLEPICK_BUS is the address of another bus than the system's, for tests. */

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME "org.blepick.Broker1"
#define ROOT "/org/blepick/Broker1"

typedef struct
{
  GMainLoop *loop;
  guint response; /* 0 picked, 1 the person stopped it, 2 it failed */
  GVariant *results;
} Answer;

static GDBusConnection *
connect_bus (GError **error)
{
  const char *address = g_getenv ("BLEPICK_BUS");

  if (address == NULL)
    return g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  return g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);
}

static GVariant *
call (GDBusConnection *bus,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      GError **error)
{
  return g_dbus_connection_call_sync (bus, NAME, path, interface, method, parameters,
                                      NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                                      error);
}

/* The first accessory that we have, or NULL. */
static char *
find_accessory (GDBusConnection *bus, const char *session, GError **error)
{
  g_autoptr (GVariant) reply =
    call (bus, session, "org.blepick.Session1", "ListAccessories",
          g_variant_new_parsed ("(@a{sv} {},)"), error);
  g_autoptr (GVariantIter) list = NULL;
  g_autoptr (GVariant) first = NULL;
  char *id = NULL;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(aa{sv})", &list);
  first = g_variant_iter_next_value (list);
  if (first != NULL)
    (void) g_variant_lookup (first, "id", "s", &id);
  return id;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_response (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  Answer *answer = user_data;

  g_variant_get (parameters, "(u@a{sv})", &answer->response, &answer->results);
  g_main_loop_quit (answer->loop);
}

/* Of a service that ends no answer comes any more. */
static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  const Answer *answer = user_data;

  g_main_loop_quit (answer->loop);
}

/* Returns: the id; NULL without @error when the person stopped it. */
static char *
take_answer (const Answer *answer, GError **error)
{
  const char *message = "the service has ended";
  char *id = NULL;

  if (answer->results != NULL)
    {
      (void) g_variant_lookup (answer->results, "accessory", "s", &id);
      (void) g_variant_lookup (answer->results, "message", "&s", &message);
    }
  if (answer->results == NULL || answer->response > 1)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, message);
  return id;
}

/* Shows the picker, and waits for the person. NULL without @error: nothing was chosen. */
static char *
pick_accessory (GDBusConnection *bus, const char *session, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Answer answer = { loop, 0, NULL };
  const char *name = g_dbus_connection_get_unique_name (bus);
  g_autofree char *sender = g_strdelimit (g_strdup (name + 1), ".", '_');
  g_autofree char *path = g_strdup_printf (ROOT "/request/%s/heart_rate", sender);
  g_autoptr (GVariant) reply = NULL;
  char *id = NULL;
  guint subscription, watch;

  /* The path is known beforehand, so the answer cannot be missed. */
  subscription =
    g_dbus_connection_signal_subscribe (bus, NAME, "org.blepick.Request1", "Response",
                                        path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_response,
                                        &answer, NULL);
  watch = g_bus_watch_name_on_connection (bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                          on_vanished, &answer, NULL);
  reply = call (bus, session, "org.blepick.Session1", "ShowPicker",
                g_variant_new_parsed (
                  "([{'name': <'Heart-rate monitor'>, 'descriptor': "
                  "<{'service-uuid': <'180d'>, 'support': <['pairing-le']>}>}],"
                  "{'handle_token': <'heart_rate'>})"),
                error);
  if (reply != NULL)
    {
      g_main_loop_run (loop);
      id = take_answer (&answer, error);
    }
  g_bus_unwatch_name (watch);
  g_dbus_connection_signal_unsubscribe (bus, subscription);
  g_clear_pointer (&answer.results, g_variant_unref);
  return id;
}

/* Heart Rate Service 1.0, 3.1.1.1: the first bit says whether the value has 8 or 16 bits. */
static guint
decode (const guint8 *octets, gssize length)
{
  if (length >= 3 && (octets[0] & 1) != 0)
    return octets[1] | (guint) octets[2] << 8;
  return length >= 2 ? octets[1] : 0;
}

static int
print_values (int socket, guint64 count)
{
  guint8 octets[512];
  gssize length;

  for (guint64 n = 0; count == 0 || n < count; n++)
    {
      length = read (socket, octets, sizeof octets);
      if (length <= 0)
        return EXIT_FAILURE; /* the grant has ended */
      printf ("%u\n", decode (octets, length));
      fflush (stdout);
    }
  return EXIT_SUCCESS;
}

static int
follow (GDBusConnection *bus, const char *accessory, guint64 count, GError **error)
{
  g_autofree char *path = g_strdup_printf (ROOT "/accessory/%s", accessory);
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_sync (
    bus, NAME, path, "org.blepick.Accessory1", "AcquireNotify",
    g_variant_new_parsed ("('180d', '2a37', {'reconnect': <true>})"), NULL,
    G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, &descriptors, NULL, error);
  int socket, status;

  if (reply == NULL)
    return EXIT_FAILURE;
  socket = g_unix_fd_list_get (descriptors, 0, error);
  if (socket < 0)
    return EXIT_FAILURE;
  status = print_values (socket, count);
  close (socket);
  return status;
}

int
main (int argc, char **argv)
{
  guint64 count = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = connect_bus (&error);
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *accessory = NULL;
  const char *session;
  int status = EXIT_FAILURE;

  if (bus != NULL)
    reply = call (bus, ROOT, "org.blepick.Broker1", "OpenSession",
                  g_variant_new_parsed ("(@a{sv} {},)"), &error);
  if (reply != NULL)
    {
      g_variant_get (reply, "(&o)", &session);
      accessory = find_accessory (bus, session, &error);
      if (accessory == NULL && error == NULL)
        accessory = pick_accessory (bus, session, &error);
      status = accessory != NULL ? follow (bus, accessory, count, &error) : 2;
    }
  if (error == NULL)
    return status;
  fprintf (stderr, "heart-rate: %s\n", error->message);
  return EXIT_FAILURE;
}
