/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/folder.h: a folder of small files that an admin or a package writes. Hands out those that
 * nobody else can have written, and tells when something in it changed. Does not understand them. */

#pragma once

#include <glib.h>

#define BROKER_FOLDER_FILE_MAX  65536 /* bytes */
#define BROKER_FOLDER_FILES_MAX 4096

/* Changes that come together are told once, so long after the last. */
#define BROKER_FOLDER_SETTLE_MS 200

typedef struct BrokerFolder BrokerFolder;

typedef void (*BrokerFolderChangedFunc) (gpointer user_data);

/* @name: without the folder. @text is valid for the call. */
typedef void (*BrokerFolderFileFunc) (const char *name,
                                      const char *text,
                                      gsize length,
                                      gpointer user_data);

/* @suffix: of the files that count, with its dot. The folder need not be there. @changed may be called
 * without anything having changed. */
BrokerFolder *broker_folder_new (const char *path,
                                 const char *suffix,
                                 BrokerFolderChangedFunc changed,
                                 gpointer user_data);
void broker_folder_free (BrokerFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerFolder, broker_folder_free)

/* Calls @func for each file, in the order of their names. A file counts when it is a regular one, no
 * symbolic link, of at most BROKER_FOLDER_FILE_MAX bytes, belongs to root or to this user, and only
 * its owner can write it; the same holds for the folder. What does not is left out, with a warning
 * in the log. Blocks: files are small, and on a disk of this machine.
 * Returns how many were left out. */
guint
broker_folder_read (BrokerFolder *folder, BrokerFolderFileFunc func, gpointer user_data);
