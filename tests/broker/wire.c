/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/broker/wire.h"

#include <gio/gio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "dbus/names.h"

#define BUS_PATH       "/run/dbus/system_bus_socket"
#define REPLY_WAIT_MS  60000
#define REPLY_MAX      65536
#define SERIAL_HELLO   1
#define SERIAL_SESSION 2
#define SERIAL_PING    3

void
wire_die (const char *what)
{
  perror (what);
  exit (3);
}

int
wire_connect (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *given = g_getenv ("ATTACKED_BUS");
  /* Survives an exec: that is one of the attacks. */
  int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  (void) g_strlcpy (address.sun_path, given != NULL ? given : BUS_PATH,
                    sizeof address.sun_path);
  if (fd < 0 || connect (fd, (const struct sockaddr *) &address, sizeof address) != 0)
    wire_die ("connecting");
  return fd;
}

void
wire_write (int fd, const void *bytes, gsize length)
{
  if (send (fd, bytes, length, MSG_NOSIGNAL) != (ssize_t) length)
    wire_die ("sending");
}

static void
write_call (int fd,
            guint32 serial,
            const char *destination,
            const char *path,
            const char *interface,
            const char *method,
            GVariant *parameters)
{
  g_autoptr (GDBusMessage) message =
    g_dbus_message_new_method_call (destination, path, interface, method);
  g_autofree guchar *blob = NULL;
  gsize length;

  g_dbus_message_set_serial (message, serial);
  if (parameters != NULL)
    g_dbus_message_set_body (message, parameters);
  blob = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  wire_write (fd, blob, length);
}

/* Authenticates as @uid and says Hello; nothing is waited for. */
void
wire_write_greeting (int fd, uid_t uid)
{
  g_autofree char *digits = g_strdup_printf ("%u", uid);
  g_autoptr (GString) line = g_string_new ("AUTH EXTERNAL ");

  for (const char *digit = digits; *digit != '\0'; digit++)
    g_string_append_printf (line, "%02x", *digit);
  g_string_append (line, "\r\nBEGIN\r\n");
  wire_write (fd, "\0", 1);
  wire_write (fd, line->str, line->len);
  write_call (fd, SERIAL_HELLO, "org.freedesktop.DBus", "/org/freedesktop/DBus",
              "org.freedesktop.DBus", "Hello", NULL);
}

void
wire_write_open_session (int fd)
{
  write_call (fd, SERIAL_SESSION, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
              BLEPICK_BROKER_INTERFACE, "OpenSession", g_variant_new ("(a{sv})", NULL));
}

static void
read_exactly (int fd, guint8 *bytes, gsize length)
{
  struct pollfd readable = { .fd = fd, .events = POLLIN };
  gsize done = 0;

  while (done < length)
    {
      gssize got;

      if (poll (&readable, 1, REPLY_WAIT_MS) != 1)
        wire_die ("waiting for the bus");
      got = recv (fd, bytes + done, length - done, 0);
      if (got <= 0)
        wire_die ("reading");
      done += (gsize) got;
    }
}

static void
skip_line (int fd)
{
  guint8 byte;

  do
    read_exactly (fd, &byte, 1);
  while (byte != '\n');
}

/* Returns: whether the call of that serial was answered with anything but an error. */
static gboolean
read_reply (int fd, guint32 serial)
{
  guint8 bytes[REPLY_MAX];

  while (TRUE)
    {
      g_autoptr (GDBusMessage) message = NULL;
      GDBusMessageType type;
      gssize length;

      read_exactly (fd, bytes, 16);
      length = g_dbus_message_bytes_needed (bytes, 16, NULL);
      if (length < 16 || length > REPLY_MAX)
        wire_die ("a message of the bus");
      read_exactly (fd, bytes + 16, (gsize) length - 16);
      message = g_dbus_message_new_from_blob (bytes, (gsize) length,
                                              G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
      if (message == NULL)
        wire_die ("a message of the bus");
      type = g_dbus_message_get_message_type (message);
      if (type != G_DBUS_MESSAGE_TYPE_SIGNAL &&
          g_dbus_message_get_reply_serial (message) == serial)
        return type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN;
    }
}

void
wire_greet (int fd, uid_t uid)
{
  wire_write_greeting (fd, uid);
  skip_line (fd);
  if (!read_reply (fd, SERIAL_HELLO))
    wire_die ("greeting the bus");
}

gboolean
wire_open_session (int fd)
{
  wire_write_open_session (fd);
  return read_reply (fd, SERIAL_SESSION);
}

/* Whoever was on the bus before this is known to the broker after it. */
void
wire_wait_for_broker (int fd)
{
  write_call (fd, SERIAL_PING, BLEPICK_BUS_NAME, BLEPICK_BROKER_PATH,
              "org.freedesktop.DBus.Properties", "GetAll",
              g_variant_new ("(s)", BLEPICK_BROKER_INTERFACE));
  if (!read_reply (fd, SERIAL_PING))
    wire_die ("asking the broker");
}

gboolean
wire_read_opened (int fd)
{
  return read_reply (fd, SERIAL_SESSION);
}
