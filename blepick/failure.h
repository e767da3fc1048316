/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/failure.h: why a verb ended badly, and with which exit status. */

#pragma once

#include <gio/gio.h>

#include "dbus/errors.h"

typedef enum
{
  BLEPICK_EXIT_OK = 0,
  BLEPICK_EXIT_OTHER = 1,
  BLEPICK_EXIT_USAGE = 2,
  BLEPICK_EXIT_NOTHING = 3, /* timed out, or nothing found */
  BLEPICK_EXIT_DENIED = 4,  /* by the person, a policy, polkit */
  BLEPICK_EXIT_CANCELLED = 5,
  BLEPICK_EXIT_NO_SUCH = 6, /* or ambiguous */
  BLEPICK_EXIT_PAIRING = 7,
  BLEPICK_EXIT_NO_BROKER = 8,
  BLEPICK_EXIT_BLUETOOTH = 9,
  BLEPICK_EXIT_LINK = 10,
  BLEPICK_EXIT_INTERRUPTED = 130,
} BlepickExit;

/* Failures of the command itself: the code is a BlepickExit, the message "CAUSE: text" as in dbus/errors.h. */
#define BLEPICK_FAILURE (blepick_failure_quark ())
GQuark blepick_failure_quark (void);

void blepick_failure_set (GError **error,
                          BlepickExit exit,
                          const char *cause,
                          const char *format,
                          ...) G_GNUC_PRINTF (4, 5);

/* Turns an error of a D-Bus call into one of the contract, or into "no broker". */
void blepick_failure_translate (GError **error);

/* Returns: (transfer full): the error that the results of Request1.Response or Scanner1.Stopped tell (a{sv}). */
GError *blepick_failure_read (GVariant *results);

/* The exit status for an error of either domain. A failed connection is a failed pairing while one is being set up
 * (@while_pairing), and a lost link otherwise. */
BlepickExit blepick_failure_exit (const GError *error, gboolean while_pairing);
