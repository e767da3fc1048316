/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick-identity on a machine whose first process may not be looked at, as in a container:
 * the machine is what this program sees of it. Never installed. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "identity/filter.h"
#include "identity/server.h"

int
main (int argc, char **argv)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  IdentityServerOptions options = { .host = { .root_fd = -1 },
                                    .broker_uid = geteuid (),
                                    .idle_ms = -1 };
  g_autoptr (GError) error = NULL;

  if (argc != 2 || g_strlcpy (address.sun_path, argv[1], sizeof address.sun_path) >=
                     sizeof address.sun_path)
    return 2;
  options.listening_fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (options.listening_fd < 0 ||
      bind (options.listening_fd, (const struct sockaddr *) &address, sizeof address) !=
        0 ||
      listen (options.listening_fd, SOMAXCONN) != 0)
    {
      perror (argv[1]);
      return 1;
    }
  (void) signal (SIGPIPE, SIG_IGN);
  if (!identity_host_open (&options.host, "/proc/self", &error) ||
      !identity_filter_apply (&error))
    {
      (void) fprintf (stderr, "identity-test: %s\n", error->message);
      return 1;
    }
  (void) printf ("ready\n");
  (void) fflush (stdout);
  identity_server_run (&options);
  _exit (0);
}
