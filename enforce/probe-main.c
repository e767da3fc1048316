/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick-probe: tries the ways around the broker, as a user that may do nothing, and tells blepickd
 * or whoever runs it what it found. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "enforce/probe-words.h"
#include "enforce/probe.h"

#define EXIT_USAGE 2
#define IDLE_MS    5000

static gboolean
send_answer (int fd, const EnforceProbe *probe, gboolean listening)
{
  ProbeAnswer answer = { PROBE_PROTOCOL, listening ? 1 : 0,
                         *enforce_probe_doors (probe) };

  return send (fd, &answer, sizeof answer, MSG_NOSIGNAL) == (ssize_t) sizeof answer;
}

static gboolean
receive_word (int fd, ProbeWord *word)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  return poll (&poll_fd, 1, PROBE_DEADLINE_MS) == 1 &&
         recv (fd, word, sizeof *word, 0) == (ssize_t) sizeof *word &&
         word->protocol == PROBE_PROTOCOL;
}

static void
serve (int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EnforceProbe) probe = enforce_probe_new (g_getenv ("BLEPICK_BUS"), &error);
  ProbeWord word;

  if (probe == NULL)
    {
      (void) fprintf (stderr, "blepick-probe: %s\n", error->message);
      return;
    }
  if (!send_answer (fd, probe, TRUE) || !receive_word (fd, &word))
    return;
  if (word.broadcast != 0)
    enforce_probe_judge_broadcast (probe);
  (void) send_answer (fd, probe, FALSE);
}

/* One after another: there is one broker. */
static void
serve_all (int listening_fd, int idle_ms)
{
  struct pollfd poll_fd = { .fd = listening_fd, .events = POLLIN };

  while (poll (&poll_fd, 1, idle_ms) > 0)
    {
      int fd = accept4 (listening_fd, NULL, NULL, SOCK_CLOEXEC);

      if (fd < 0)
        continue;
      serve (fd);
      close (fd);
    }
}

/* For a machine without systemd: the socket may be spoken to by whoever owns it. */
static int
make_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

  (void) unlink (path);
  if (fd >= 0 &&
      g_strlcpy (address.sun_path, path, sizeof address.sun_path) <
        sizeof address.sun_path &&
      bind (fd, (const struct sockaddr *) &address, sizeof address) == 0 &&
      listen (fd, SOMAXCONN) == 0)
    return fd;
  (void) fprintf (stderr, "blepick-probe: %s: %s\n", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static int
take_socket (void)
{
  if (sd_listen_fds (1) == 1 &&
      sd_is_socket_unix (SD_LISTEN_FDS_START, SOCK_SEQPACKET, 1, NULL, 0) > 0)
    return SD_LISTEN_FDS_START;
  (void) fprintf (stderr, "blepick-probe: no socket; give --socket or --print\n");
  return -1;
}

static int
print_doors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EnforceProbe) probe = enforce_probe_new (g_getenv ("BLEPICK_BUS"), &error);
  const EnforceDoors *doors;

  if (probe == NULL)
    {
      (void) fprintf (stderr, "blepick-probe: %s\n", error->message);
      return EXIT_FAILURE;
    }
  doors = enforce_probe_doors (probe);
  (void) printf ("calls         %s\nunique-calls  %s\nsockets       %s\n",
                 enforce_door_to_word (doors->name_calls),
                 enforce_door_to_word (doors->unique_calls),
                 enforce_door_to_word (doors->sockets));
  return EXIT_SUCCESS;
}

static int
run (const char *path)
{
  int fd = path != NULL ? make_socket (path) : take_socket ();

  if (fd < 0)
    return EXIT_FAILURE;
  (void) signal (SIGPIPE, SIG_IGN);
  (void) sd_notify (0, "READY=1");
  serve_all (fd, path != NULL ? -1 : IDLE_MS);
  close (fd);
  return EXIT_SUCCESS;
}

static int
print_usage (FILE *stream)
{
  (void) fprintf (
    stream,
    "Usage: blepick-probe [--socket PATH | --print | --version]\n\n"
    "Tries the ways around the Bluetooth broker, without using them. systemd starts it as a\n"
    "user that may do nothing, and gives it a socket.\n\n"
    "  --socket PATH   listen there instead\n"
    "  --print         print what this user finds; broadcasts need the broker\n"
    "  --version       print the version\n");
  return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    return run (NULL);
  if (argc == 3 && strcmp (argv[1], "--socket") == 0)
    return run (argv[2]);
  if (argc == 2 && strcmp (argv[1], "--print") == 0)
    return print_doors ();
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      (void) printf ("blepick-probe %s\n", BLEPICK_VERSION);
      return EXIT_SUCCESS;
    }
  return print_usage (argc == 2 && strcmp (argv[1], "--help") == 0 ? stdout : stderr);
}
