/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/random.h: words that nobody can guess: ids of rows, pickers, sessions. */

#pragma once

#include <glib.h>

/* Returns: (transfer full): 32 lower-case hexadecimal digits, 128 bits from the kernel. */
char *broker_random_word (void);
