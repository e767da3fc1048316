/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/user-home.h: what a person's helper has told of a home directory. Knows no bus. */

#pragma once

#include <gio/gio.h>

/* One person's home directory, as their helper tells it. */
typedef struct
{
  guint32 uid;
  char *unique_name;    /* of the helper */
  GHashTable *apps;     /* "flatpak:ID", "host:ID" → GBytes of the manifest */
  GHashTable *removals; /* the same → gint64, when it was said to be gone */
  GHashTable *starts;   /* id → gint64, until when it is not asked for again */
  gsize n_octets;       /* of all manifests */
  gboolean complete;
} BrokerUserHome;

BrokerUserHome *broker_user_home_new (guint32 uid, const char *unique_name);
void broker_user_home_free (gpointer data);

/* Returns: (transfer full): the key of an app in `apps` and `removals`. */
char *broker_user_home_make_key (gboolean is_flatpak, const char *id);

/* Whether a manifest of @length bytes fits in place of what @key told before, if anything. */
gboolean
broker_user_home_has_room (const BrokerUserHome *home, const char *key, gsize length);
void broker_user_home_drop (BrokerUserHome *home, const char *key);
