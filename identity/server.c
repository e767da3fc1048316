/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/answer.h"
#include "identity/refusal.h"

/* A peer sends its question as soon as it has connected. */
#define QUESTION_WAIT_MS 500
/* How often ended children are collected when nobody asks. */
#define COLLECT_MS 250

typedef struct
{
  pid_t pid;
  uid_t uid; /* of the process in question */
} Child;

typedef struct
{
  const IdentityServerOptions *options;
  Child children[IDENTITY_CHILDREN_MAX];
  guint n_children;
} Server;

static void
collect_children (Server *server)
{
  pid_t pid;

  while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
    for (guint i = 0; i < server->n_children; i++)
      if (server->children[i].pid == pid)
        {
          server->children[i] = server->children[--server->n_children];
          break;
        }
}

static gboolean
has_room (const Server *server, uid_t uid)
{
  guint n_of_uid = 0;

  for (guint i = 0; i < server->n_children; i++)
    if (server->children[i].uid == uid)
      n_of_uid++;
  return server->n_children < IDENTITY_CHILDREN_MAX &&
         n_of_uid < IDENTITY_CHILDREN_UID_MAX;
}

gboolean
identity_server_is_heard (int socket_fd, uid_t broker_uid)
{
  struct ucred peer;
  socklen_t size = sizeof peer;

  return getsockopt (socket_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == broker_uid);
}

static void
send_answer (int socket_fd, const IdentityAnswer *answer)
{
  /* A peer that has left needs no answer. */
  (void) send (socket_fd, answer, sizeof *answer, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
identity_server_answer (const IdentityHost *host,
                        int socket_fd,
                        const IdentityQuestion *question,
                        int pid_fd)
{
  IdentityAnswer answer;

  identity_answer (host, question, pid_fd, &answer);
  send_answer (socket_fd, &answer);
}

static void
start_child (Server *server, int socket_fd, const IdentityQuestion *question, int pid_fd)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      /* Not caught: it ends the child, the socket closes, and that is the refusal. */
      alarm (IDENTITY_DEADLINE_S);
      identity_server_answer (&server->options->host, socket_fd, question, pid_fd);
      _exit (0);
    }
  if (pid > 0)
    server->children[server->n_children++] = (Child){ pid, question->uid };
}

static void
serve (Server *server, int socket_fd)
{
  struct timeval wait = { 0, QUESTION_WAIT_MS * 1000L };
  g_autoptr (GError) error = NULL;
  IdentityQuestion question;
  IdentityAnswer answer;
  int pid_fd = -1;

  if (!identity_server_is_heard (socket_fd, server->options->broker_uid) ||
      setsockopt (socket_fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0)
    return;
  if (!identity_question_receive (socket_fd, &question, &pid_fd, &error))
    {
      identity_answer_refusal (error, &answer);
      send_answer (socket_fd, &answer);
      return;
    }
  if (has_room (server, question.uid))
    start_child (server, socket_fd, &question, pid_fd);
  close (pid_fd);
}

void
identity_server_run (const IdentityServerOptions *options)
{
  Server server = { .options = options };
  struct pollfd poll_fd = { .fd = options->listening_fd, .events = POLLIN };
  int n_ready;

  while (TRUE)
    {
      gboolean is_idle = server.n_children == 0;

      n_ready = poll (&poll_fd, 1, is_idle ? options->idle_ms : COLLECT_MS);
      collect_children (&server);
      if (n_ready == 0 && is_idle)
        return;
      if (n_ready > 0)
        {
          int socket_fd = accept4 (options->listening_fd, NULL, NULL, SOCK_CLOEXEC);

          if (socket_fd < 0)
            continue;
          serve (&server, socket_fd);
          close (socket_fd);
        }
    }
}
