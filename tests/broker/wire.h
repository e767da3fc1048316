/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/broker/wire.h: the bus as octets on a descriptor, for attackers who hand connections
 * from process to process. Ends the program when the bus does what it never does. */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_NORETURN void wire_die (const char *what);

/* To the bus whose socket is $ATTACKED_BUS, or the system's. The descriptor survives an exec:
 * that is one of the attacks. */
int wire_connect (void);
void wire_write (int fd, const void *bytes, gsize length);

/* Authenticates as @uid and says Hello: without waiting, or waiting for both answers. */
void wire_write_greeting (int fd, uid_t uid);
void wire_greet (int fd, uid_t uid);

/* Calls OpenSession; whether it was accepted. */
void wire_write_open_session (int fd);
gboolean wire_read_opened (int fd);
gboolean wire_open_session (int fd);

/* Whoever was on the bus before this is known to the broker after it. */
void wire_wait_for_broker (int fd);
