/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/log.h: what the service says of itself, in the journal or on standard error: one line a message, and no
 * character that steers a terminal, whoever named what it is about. */

#pragma once

/* From here on every message of the process goes through it. Once, before any thread. */
void broker_log_init (void);
