/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/question.h: the words between blepickd and blepick-identity, on a
 * SOCK_SEQPACKET socket: one connection, one packet with a question and a pidfd, one packet
 * with the answer. Both programs come from one build, so the packets are structures.
 * Decides nothing. */

#pragma once

#include <glib.h>

#include "perms/key.h"
#include "perms/types.h"

#define IDENTITY_SOCKET_PATH "/run/blepick-identity/socket"

/* A word that no other protocol begins with; its last digit is the version. */
#define IDENTITY_PROTOCOL 0x626c6902U

/* How long the helper may look at one process. */
#define IDENTITY_DEADLINE_S 2
/* How long the broker waits for an answer: on a busy machine that has just started, the helper
 * has to be started first. */
#define IDENTITY_WAIT_S 10

#define IDENTITY_REASON_MAX 95 /* bytes, without the terminator */

/* Ids of login sessions are small numbers, some with a letter before them. */
#define IDENTITY_SESSION_MAX 31 /* bytes, without the terminator */

/* Travels with exactly one descriptor: a pidfd of the process. */
typedef struct
{
  guint32 protocol;
  guint32 uid;        /* what the bus says of the connection */
  gint64 appeared_us; /* boot clock: when the connection came onto the bus */
} IdentityQuestion;

typedef struct
{
  guint32 protocol;
  guint32 strength;                /* PermsStrength */
  guint32 sandboxed;               /* 0 or 1 */
  char app[PERMS_APP_KEY_MAX + 1]; /* a key, "" if refused */
  char fingerprint[PERMS_FINGERPRINT_MAX + 1];
  char session[IDENTITY_SESSION_MAX + 1]; /* logind's id, "" outside of any */
  char reason[IDENTITY_REASON_MAX + 1];   /* why it was refused */
} IdentityAnswer;

/* Receives one question. @ret_pid_fd: to be closed by the caller; that it is a pidfd was not
 * checked. Refused: another length or protocol, no descriptor, more than one. */
gboolean identity_question_receive (int socket_fd,
                                    IdentityQuestion *ret_question,
                                    int *ret_pid_fd,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
