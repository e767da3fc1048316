/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/bus-policy.h: the line in /etc/dbus-1/system-local.conf that includes our policy of
 * the bus. That file is included last, so what it denies stays denied; one in
 * /etc/dbus-1/system.d depends on the order of the directory, and one in
 * /usr/share/dbus-1/system.d is read before bluetooth.conf and does nothing. The file may be
 * the administrator's: all but our line stays as it is. */

#pragma once

#include <glib.h>

/* Longest file that is understood, in bytes. */
#define ENFORCE_BUS_POLICY_MAX 65536

/* Returns: (transfer full): @text (NULL: there is no file) with the line that includes
 * @policy_path; NULL with @error set when it is no configuration of the bus. */
char *enforce_bus_policy_add (const char *text,
                              const char *policy_path,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Returns: (transfer full): @text without our line; NULL when nothing else is in it, so that
 * the file may go. */
char *enforce_bus_policy_remove (const char *text);

/* The same for the file at @path, which may be missing; it is replaced as a whole, and durably. */
gboolean enforce_bus_policy_install (const char *path,
                                     const char *policy_path,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
enforce_bus_policy_uninstall (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
