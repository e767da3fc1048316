/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/process.h: which app runs in a process: asks blepick-identity, which may look where
 * the broker may not. Reads nothing of other processes itself, and guesses nothing: without
 * an answer there is no identity. Knows no bus: it gets credentials that the bus has vouched
 * for. */

#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#include "broker/caller.h"

typedef struct
{
  const char *unique_name;
  uid_t uid;
  pid_t pid;
  int pid_fd;         /* borrowed; -1: the bus gave none, it is opened from @pid */
  gint64 appeared_us; /* boot clock: when its connection came */
} BrokerCredentials;

/* @socket_path: where blepick-identity listens. What @credentials points to is copied. */
void broker_process_identify_async (const char *socket_path,
                                    const BrokerCredentials *credentials,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/* Returns: (transfer full): the caller, or NULL with ActivationFailed no-identity. Whatever cannot be
 * read, does not fit or takes longer than IDENTITY_WAIT_S is an error. */
BrokerCaller *broker_process_identify_finish (GAsyncResult *result,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
