/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick-identity: takes its socket from systemd, or makes one, gives up what it does not
 * need, and answers. */

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "identity/filter.h"
#include "identity/server.h"

#define EXIT_USAGE 2

/* Whom the helper works for. */
#define PASSWD_STRINGS_MAX 4096
#define BROKER_USER        "blepick"
/* systemd keeps listening, and starts the helper again. */
#define IDLE_MS 60000

static int
fail (const char *what)
{
  perror (what);
  return -1;
}

/* The socket that @path names, instead of systemd's. */
static int
make_socket (const char *path, uid_t broker_uid)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >=
      sizeof address.sun_path)
    {
      (void) fprintf (stderr, "blepick-identity: '%s' is too long for a socket\n", path);
      return -1;
    }
  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return fail ("socket");
  (void) unlink (path);
  (void) umask (0177);
  if (bind (fd, (const struct sockaddr *) &address, sizeof address) != 0 ||
      (geteuid () == 0 && chown (path, broker_uid, (gid_t) -1) != 0) ||
      listen (fd, SOMAXCONN) != 0)
    {
      close (fd);
      return fail (path);
    }
  return fd;
}

static int
take_socket (void)
{
  if (sd_listen_fds (1) == 1 &&
      sd_is_socket_unix (SD_LISTEN_FDS_START, SOCK_SEQPACKET, 1, NULL, 0) > 0)
    return SD_LISTEN_FDS_START;
  (void) fprintf (stderr, "blepick-identity: no socket; give --socket\n");
  return -1;
}

/* Before the user was made only root is heard. */
static uid_t
find_broker_uid (void)
{
  char strings[PASSWD_STRINGS_MAX];
  struct passwd row;
  struct passwd *broker = NULL;

  if (getpwnam_r (BROKER_USER, &row, strings, sizeof strings, &broker) != 0 ||
      broker == NULL)
    return 0;
  return row.pw_uid;
}

static int
run (const char *path)
{
  g_autoptr (GError) error = NULL;
  uid_t broker_uid = find_broker_uid ();
  IdentityServerOptions options = { .host = { .root_fd = -1 },
                                    .broker_uid = broker_uid,
                                    .idle_ms = path != NULL ? -1 : IDLE_MS };

  options.listening_fd = path != NULL ? make_socket (path, broker_uid) : take_socket ();
  if (options.listening_fd < 0)
    return EXIT_FAILURE;
  (void) signal (SIGPIPE, SIG_IGN);
  (void) sd_notify (0, "READY=1");
  if (!identity_host_open (&options.host, "/proc/1", &error) ||
      !identity_filter_apply (&error))
    {
      (void) fprintf (stderr, "blepick-identity: %s\n", error->message);
      return EXIT_FAILURE;
    }
  identity_server_run (&options);
  /* What else would run at the end may need calls that are gone. */
  _exit (EXIT_SUCCESS);
}

static int
print_usage (FILE *stream)
{
  (void) fprintf (stream, "Usage: blepick-identity [--socket PATH]\n\n"
                          "Tells blepickd which app is behind a process. systemd starts "
                          "it, and gives it a socket.\n\n"
                          "  --socket PATH   listen there instead\n"
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
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      (void) printf ("blepick-identity %s\n", BLEPICK_VERSION);
      return EXIT_SUCCESS;
    }
  return print_usage (argc == 2 && strcmp (argv[1], "--help") == 0 ? stdout : stderr);
}
