/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rows and change sets for the tests of the store, and a folder to keep a store in. Must
 * not know what a test expects of them. */

#pragma once

#include "perms/store.h"

#define ROWS_UID   1000
#define ROWS_APP   "flatpak:1000:org.example.Heart"
#define ROWS_WATCH "watch"

/* An accessory for each number from 0 to 2^24 - 1. */
PermsAccessory rows_accessory (guint number);

PermsGrant *rows_make_grant (const char *app,
                             PermsAccessory accessory,
                             PermsGrantState state,
                             guint64 revision);
PermsInstall *
rows_make_install (const char *app, PermsBluetooth bluetooth, guint64 revision);
PermsDevice *rows_make_device (guint32 uid, const char *name, guint64 revision);
PermsBond *rows_make_bond (PermsAccessory accessory, guint64 revision);
PermsPending *rows_make_pending (PermsAccessory accessory);

/* A change set of one grant. */
PermsChanges *rows_change_grant (const char *app,
                                 PermsAccessory accessory,
                                 PermsGrantState state,
                                 guint64 revision);

/* The grant of that accessory among @rows, NULL: none. */
const PermsGrant *rows_find_grant (const PermsUserRows *rows, PermsAccessory accessory);

/* A fresh folder; everything in it goes with rows_remove_folder (), which frees it. */
char *rows_make_folder (void);
void rows_remove_folder (char *folder);
