/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/messages.h: what goes both ways between the command and the broker, told to a person who
 * wants to know (--verbose): names of methods, signals and errors, and times; never a value. */

#pragma once

#include <gio/gio.h>

/* From here on, on standard error, as long as @connection lasts. */
void blepick_messages_tell (GDBusConnection *connection);
