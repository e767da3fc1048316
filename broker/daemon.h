/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/daemon.h: the rooms of the broker, wired together: the radio's news to those who
 * follow them, the bus's to those whose clients left. Decides nothing itself. */

#pragma once

#include <gio/gio.h>

#include "broker/manifests.h"

typedef struct
{
  const char *bus_address; /* NULL: the system bus */
  const char *state_directory;
  const char *blocklist;       /* a file; NULL: the built-in one */
  const char *identity_socket; /* of blepick-identity */
  const char *policies;        /* the folder of managed policies */
  const char *probe_socket;    /* of blepick-probe */
  gboolean default_agent;
  BrokerManifestPlaces places;
  const char *packages; /* where dpkg keeps its state; NULL: the default */
  const char *snaps;    /* where snapd mounts snaps; NULL: the default */
  const char *
    helper_app; /* who may speak for a home directory: "path:/usr/libexec/blepick-session" */
} BrokerDaemonOptions;

typedef struct BrokerDaemon BrokerDaemon;

/* @finished: the daemon has left in order (@error NULL), or must: the bus is gone, the name is taken. */
typedef void (*BrokerDaemonFunc) (const GError *error, gpointer user_data);

/* Blocks until the store is open and the bus connected; the name is owned when the adapters are known. */
BrokerDaemon *broker_daemon_new (const BrokerDaemonOptions *options,
                                 BrokerDaemonFunc finished,
                                 gpointer user_data,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After @finished. */
void broker_daemon_free (BrokerDaemon *daemon);

/* Leaves in order: clients are told, sockets shut, bluetoothd is left, what was promised is on disk. Then @finished. */
void broker_daemon_leave (BrokerDaemon *daemon);
