/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* session/home.h: the apps of a home directory: manifests of host apps, and Flatpaks of the
 * person's own installation and of others that are not the system's. Reads and watches;
 * tells nobody by itself. */

#pragma once

#include <gio/gio.h>

#define SESSION_MANIFEST_MAX 65536 /* bytes: as perms/key-file.h reads */
#define SESSION_APPS_MAX     256   /* as the broker takes */

/* Installers change many files in a row: so long after the first we look. */
#define SESSION_HOME_QUIET_MS 200

/* Where things lie. */
typedef struct
{
  const char *data;         /* XDG_DATA_HOME */
  const char *flatpak;      /* the person's own installation; NULL: flatpak/ in @data */
  const char *flatpak_conf; /* further installations: /etc/flatpak */
} SessionPlaces;

typedef struct SessionHome SessionHome;

SessionHome *session_home_new (const SessionPlaces *places,
                               void (*changed) (gpointer user_data),
                               gpointer user_data);
void session_home_free (SessionHome *home);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionHome, session_home_free)

/* Reads everything. Returns: (transfer full): "flatpak:ID" and "host:ID" → GBytes of the
 * manifest, empty where there is none. A manifest that cannot be read or is too long is
 * a comment that says so, which is no good manifest either. What is no app's name is passed over.
 * @ret_whole: FALSE when a folder could not be read, or there are more apps than that: an app
 * that is missing then may be there. */
GHashTable *session_home_read (SessionHome *home, gboolean *ret_whole);
