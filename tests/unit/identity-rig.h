/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/unit/identity-rig.h: broker/identity.c between a bus and a helper of the test's own,
 * which say what the test wants. Judges nothing. */

#pragma once

#include <gio/gio.h>

#include "broker/identity.h"
#include "identity/question.h"

#define RIG_NAME ":1.42" /* who is asked about */
#define RIG_APP  "path:1000:/usr/bin/app"
#define RIG_UID  1000

/* What the bus says of RIG_NAME. */
typedef struct
{
  const char *name;
  gboolean refuses, no_uid, no_pid, zero_pid;
  gboolean promises_fd; /* says that there is a descriptor */
  gboolean gives_fd;    /* gives one */
} BusWords;

/* What the helper answers. */
typedef enum
{
  GOOD,
  REFUSAL,
  OTHER_PROTOCOL,
  TOO_SHORT,
  TOO_LONG,
  OTHER_UID,
  NO_KEY,
  NO_STRENGTH,
  KEY_WITHOUT_END,
  FINGERPRINT_NO_UTF8,
  REASON_NO_UTF8,
  SESSION_NO_ASCII,
  HANGS_UP,
  SILENT,
  PROCESS_ENDS,
  N_ANSWERS,
} HelperAnswer;

typedef struct
{
  GDBusConnection *server, *client;
  BrokerClients *clients;
  BrokerIdentity *identity;
  char *folder, *socket_path;
  int listening_fd;
  guint listening_source;
  int silent_fd;
  pid_t child;
  int child_fd;
  BusWords bus;
  HelperAnswer helper;
  guint n_asked;          /* questions to the helper */
  pid_t asked_pid;        /* of whom, the last time */
  IdentityQuestion asked; /* what */
} IdentityRig;

/* For cmocka; @state gets the rig. */
int identity_rig_set_up (void **state);
int identity_rig_tear_down (void **state);

/* Runs the loop until *@thing is not NULL; a test that waits too long fails. */
void identity_rig_wait_for (gpointer *thing);
/* NameOwnerChanged of RIG_NAME. */
void
identity_rig_announce (IdentityRig *rig, const char *old_owner, const char *new_owner);
/* The helper's answer to the question that came on @fd. */
void identity_rig_send_answer (int fd, HelperAnswer how);
