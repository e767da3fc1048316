/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/caller.h: who is on the other end of a bus connection, as a value. Made by
 * identity.h alone; nothing in it ever comes from an argument of a call. */

#pragma once

#include <glib.h>
#include <sys/types.h>

typedef struct
{
  grefcount refs;
  char *unique_name; /* ":1.42" */
  uid_t uid;
  char *app;         /* key of the permission database: "path:1000:/usr/bin/blepick" */
  char *app_id;      /* its last part, for people: "/usr/bin/blepick" */
  char *name;        /* sanitised, for people: "blepick" */
  char *strength;    /* verified, launcher-reported, path or none */
  char *fingerprint; /* of the publisher; "" where there is none */
  char *session;     /* logind's id of its login; "" outside of any */
  gboolean sandboxed;
} BrokerCaller;

BrokerCaller *broker_caller_ref (BrokerCaller *caller);
void broker_caller_unref (BrokerCaller *caller);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerCaller, broker_caller_unref)
