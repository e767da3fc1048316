/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* dbus/errors.h: the errors of the contract: a name, a raw code, a cause word and
 * whether trying again may help. One table, used by the broker to speak and by clients to understand.
 *
 * On the bus an error is named "org.blepick.Error.NAME" and its message reads "CAUSE: text for
 * people", or "CAUSE (retry): text" where trying again may help. A cause is one word of lower-case letters, digits and
 * hyphens, and is never translated. */

#pragma once

#include <glib.h>

#define BLEPICK_ERROR_PREFIX "org.blepick.Error."

/* Errors of this domain have a BlepickError as code and a message as above. */
#define BLEPICK_ERROR (blepick_error_quark ())
GQuark blepick_error_quark (void);

/* The numbers are AccessorySetupKit's; 460 is ours. */
typedef enum
{
  BLEPICK_ERROR_UNKNOWN = 1,
  BLEPICK_ERROR_ACTIVATION_FAILED = 100,
  BLEPICK_ERROR_CONNECTION_FAILED = 150,
  BLEPICK_ERROR_DISCOVERY_TIMEOUT = 200,
  BLEPICK_ERROR_EXTENSION_NOT_FOUND = 300,
  BLEPICK_ERROR_INVALIDATED = 400,
  BLEPICK_ERROR_INVALID_REQUEST = 450,
  BLEPICK_ERROR_NOT_PERMITTED = 460,
  BLEPICK_ERROR_PICKER_ALREADY_ACTIVE = 500,
  BLEPICK_ERROR_PICKER_RESTRICTED = 550,
  BLEPICK_ERROR_USER_CANCELLED = 700,
  BLEPICK_ERROR_USER_RESTRICTED = 750,
} BlepickError;

/* Longest cause word, in bytes. */
#define BLEPICK_CAUSE_MAX 64

/* "org.blepick.Error.NotPermitted"; UNKNOWN's name for a number that is no error. */
const char *blepick_error_to_name (BlepickError code);
/* UNKNOWN for a name that is not ours. */
BlepickError blepick_error_from_name (const char *name);

/* Whether the same call may succeed later without anybody changing anything. A cause that is not in the table is final,
 * except under CONNECTION_FAILED, where trying again is never wrong. */
gboolean blepick_error_is_retryable (BlepickError code, const char *cause);

/* Returns: (transfer full): an error of %BLEPICK_ERROR. @format is for people: what happened, what to do next. */
GError *blepick_error_new (BlepickError code, const char *cause, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
void blepick_error_set (GError **error,
                        BlepickError code,
                        const char *cause,
                        const char *format,
                        ...) G_GNUC_PRINTF (4, 5);

/* Takes a message apart. @ret_cause, @ret_text: (transfer full), "internal" and the whole message where it has no cause. */
void blepick_error_split (const char *message,
                          char **ret_cause,
                          gboolean *ret_retryable,
                          char **ret_text);

/* Whether @error is of %BLEPICK_ERROR with this @code and @cause. */
gboolean
blepick_error_matches (const GError *error, BlepickError code, const char *cause);
