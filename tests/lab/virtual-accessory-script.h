/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-script.h: the commands of tests/README.md, one a line,
 * read from a file descriptor and split into typed calls. It does nothing itself. */

#pragma once

#include <gio/gio.h>

typedef struct _AccessoryScript AccessoryScript;

/* One function a command. FALSE: it makes no sense now, which is reported. */
typedef struct
{
  gboolean (*passkey) (guint passkey, gpointer user_data);
  gboolean (*confirm) (gboolean same, gpointer user_data);
  gboolean (*advertise) (gboolean on, gpointer user_data);
  gboolean (*vanish) (gpointer user_data);
  gboolean (*disconnect) (gpointer user_data);
  gboolean (*notify) (guint16 uuid, GBytes *value, gpointer user_data);
  gboolean (*rate) (guint rate_ms, gpointer user_data);
  gboolean (*set) (guint16 uuid, GBytes *value, gpointer user_data);
  gboolean (*quit) (gpointer user_data); /* the end of the input as well */
} AccessoryScriptCommands;

/* Reads @fd, which stays open. Lines that are no commands are reported. @commands must
 * outlive the script. */
AccessoryScript *accessory_script_new (int fd,
                                       const AccessoryScriptCommands *commands,
                                       gpointer user_data);
void accessory_script_free (AccessoryScript *script);
