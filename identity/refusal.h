/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/refusal.h: the folder's one kind of error. There is nothing to tell apart:
 * whatever goes wrong is a refusal, and its text is for the journal. */

#pragma once

#include <glib.h>

#define IDENTITY_ERROR (identity_error_quark ())
GQuark identity_error_quark (void);

typedef enum
{
  IDENTITY_ERROR_REFUSED = 0,
} IdentityError;

/* What looking for one kind of app came to. Only what is not there leads on to the next
 * kind; whatever else goes wrong ends the search. */
typedef enum
{
  IDENTITY_STEP_REFUSED = 0,
  IDENTITY_STEP_ABSENT,
  IDENTITY_STEP_FOUND,
} IdentityStep;

/* Sets @error and returns IDENTITY_STEP_REFUSED, which is FALSE as well. */
IdentityStep identity_refuse (GError **error, const char *reason);
