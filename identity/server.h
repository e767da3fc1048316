/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/server.h: takes connections and answers one question on each, in a child of its
 * own with a deadline: a file system that never answers, or a file that breaks a reader, is
 * one caller's loss and nobody else's. Only the broker is heard. */

#pragma once

#include <sys/types.h>

#include "identity/host.h"
#include "identity/question.h"

/* At once: in all, and of processes of one user. A question beyond is not answered. */
#define IDENTITY_CHILDREN_MAX     64
#define IDENTITY_CHILDREN_UID_MAX 32

typedef struct
{
  IdentityHost host;
  int listening_fd; /* SOCK_SEQPACKET */
  uid_t broker_uid; /* whom to hear, beside root */
  int idle_ms;      /* leave after this long without a question; -1: never */
} IdentityServerOptions;

/* Runs until there is nothing to do. */
void identity_server_run (const IdentityServerOptions *options);

/* Answers on the connected @socket_fd, here and now. Used by the children. */
void identity_server_answer (const IdentityHost *host,
                             int socket_fd,
                             const IdentityQuestion *question,
                             int pid_fd);

/* Whether the other end of @socket_fd is root's or @broker_uid's. */
gboolean identity_server_is_heard (int socket_fd, uid_t broker_uid);
