/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/folder.h: a folder of small files that an admin or a package writes, of which those are read
 * that nobody else can have written. Does not understand them. */

#pragma once

#include <glib.h>

#define BROKER_FOLDER_FILE_MAX  65536 /* bytes */
#define BROKER_FOLDER_FILES_MAX 4096

/* @name: without the folder. @text is valid for the call. */
typedef void (*BrokerFolderFileFunc) (const char *name,
                                      const char *text,
                                      gsize length,
                                      gpointer user_data);

/* Calls @func for each file of @folder with that suffix, in the order of their names. A file counts when
 * it is a regular one, no symbolic link, of at most BROKER_FOLDER_FILE_MAX bytes, belongs to root or to
 * this user, and only its owner can write it; the same holds for the folder, which need not be there.
 * What does not is left out, with a warning in the log. Blocks: files are small, and on a disk of this
 * machine.
 * FALSE with @error: there is something that counts and could not be read, or is too large; @func was
 * called for the rest. */
gboolean broker_folder_read (const char *folder,
                             const char *suffix,
                             BrokerFolderFileFunc func,
                             gpointer user_data,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole of an open file, which may grow meanwhile: at most @max bytes and one more, so that a file
 * that is too long is seen to be. Returns: (transfer full): NULL, with errno. */
GBytes *broker_folder_read_handle (int handle, gsize max);
