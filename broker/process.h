/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/process.h: which app runs in a process, by what the kernel says of it. The only
 * place that reads /proc. Knows no bus: it gets credentials that the bus has vouched for. */

#pragma once

#include <glib.h>
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

/* Returns: (transfer full): the caller, or NULL with ActivationFailed no-identity. Anything that
 * cannot be read, or does not fit, is an error. */
BrokerCaller *broker_process_identify (const BrokerCredentials *credentials,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
