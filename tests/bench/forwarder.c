/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* forwarder IN OUT...: the least that GLib can do to pass values on: every packet of the socket IN is sent to each
 * socket OUT. What the broker's way of the values is measured against. Ends when IN does. */

#include <glib-unix.h>
#include <stdlib.h>
#include <sys/socket.h>

#define VALUE_MAX 512 /* Core Specification 5.3, Vol 3, Part F, 3.2.9 */

typedef struct
{
  GMainLoop *loop;
  int *outs;
  int n_outs;
} Forwarder;

static gboolean
on_value (int fd, GIOCondition condition, gpointer user_data)
{
  Forwarder *forwarder = user_data;
  guint8 value[VALUE_MAX];
  ssize_t length = recv (fd, value, sizeof value, MSG_DONTWAIT);

  if (length <= 0)
    {
      g_main_loop_quit (forwarder->loop);
      return G_SOURCE_REMOVE;
    }
  for (int i = 0; i < forwarder->n_outs; i++)
    (void) send (forwarder->outs[i], value, (size_t) length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return G_SOURCE_CONTINUE;
}

static int
read_handle (const char *text)
{
  return (int) g_ascii_strtoll (text, NULL, 10);
}

int
main (int argc, char **argv)
{
  Forwarder forwarder = { .loop = g_main_loop_new (NULL, FALSE), .n_outs = argc - 2 };

  if (argc < 3)
    return 2;
  forwarder.outs = g_new0 (int, (gsize) argc);
  for (int i = 0; i < forwarder.n_outs; i++)
    forwarder.outs[i] = read_handle (argv[i + 2]);
  g_unix_fd_add (read_handle (argv[1]), G_IO_IN | G_IO_HUP, on_value, &forwarder);
  g_main_loop_run (forwarder.loop);
  g_main_loop_unref (forwarder.loop);
  g_free (forwarder.outs);
  return 0;
}
