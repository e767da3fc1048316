/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dbus/errors.h"

#include <string.h>

G_DEFINE_QUARK (blepick_error, blepick_error)

typedef struct
{
  BlepickError code;
  const char *name;
} NameRow;

static const NameRow names[] = {
  { BLEPICK_ERROR_UNKNOWN, BLEPICK_ERROR_PREFIX "Unknown" },
  { BLEPICK_ERROR_ACTIVATION_FAILED, BLEPICK_ERROR_PREFIX "ActivationFailed" },
  { BLEPICK_ERROR_CONNECTION_FAILED, BLEPICK_ERROR_PREFIX "ConnectionFailed" },
  { BLEPICK_ERROR_DISCOVERY_TIMEOUT, BLEPICK_ERROR_PREFIX "DiscoveryTimeout" },
  { BLEPICK_ERROR_EXTENSION_NOT_FOUND, BLEPICK_ERROR_PREFIX "ExtensionNotFound" },
  { BLEPICK_ERROR_INVALIDATED, BLEPICK_ERROR_PREFIX "Invalidated" },
  { BLEPICK_ERROR_INVALID_REQUEST, BLEPICK_ERROR_PREFIX "InvalidRequest" },
  { BLEPICK_ERROR_NOT_PERMITTED, BLEPICK_ERROR_PREFIX "NotPermitted" },
  { BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, BLEPICK_ERROR_PREFIX "PickerAlreadyActive" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, BLEPICK_ERROR_PREFIX "PickerRestricted" },
  { BLEPICK_ERROR_USER_CANCELLED, BLEPICK_ERROR_PREFIX "UserCancelled" },
  { BLEPICK_ERROR_USER_RESTRICTED, BLEPICK_ERROR_PREFIX "UserRestricted" },
};

typedef struct
{
  BlepickError code;
  const char *cause;
} CauseRow;

/* Causes that may pass by themselves, or with one more try. */
static const CauseRow retryable[] = {
  { BLEPICK_ERROR_ACTIVATION_FAILED, "limits" },
  { BLEPICK_ERROR_DISCOVERY_TIMEOUT, "nothing-found" },
  { BLEPICK_ERROR_DISCOVERY_TIMEOUT, "nothing-picked" },
  { BLEPICK_ERROR_INVALIDATED, "broker-stopping" },
  { BLEPICK_ERROR_INVALIDATED, "store-damaged" },
  { BLEPICK_ERROR_NOT_PERMITTED, "busy" },
  { BLEPICK_ERROR_NOT_PERMITTED, "limits" },
  { BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "same-app" },
  { BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "queue-full" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "presenter-lost" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "no-presenter" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "throttled" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "bluetooth-off" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "no-adapter" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "no-daemon" },
  { BLEPICK_ERROR_PICKER_RESTRICTED, "no-active-session" },
};

/* Of the rest of the causes of a connection that failed, each may pass. */
static const char *const lasting_link_causes[] = {
  "att-error-01",
  "att-error-02",
  "att-error-03",
  "att-error-06",
  "invalid-arguments",
  "le-connection-key-missing",
  "not-authorized",
  "not-paired",
  "not-permitted",
  "not-supported",
  "read-not-permitted",
  "write-not-permitted",
  NULL,
};

const char *
blepick_error_to_name (BlepickError code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].code == code)
      return names[i].name;
  return names[0].name;
}

BlepickError
blepick_error_from_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i].name, name) == 0)
      return names[i].code;
  return BLEPICK_ERROR_UNKNOWN;
}

gboolean
blepick_error_is_retryable (BlepickError code, const char *cause)
{
  if (code == BLEPICK_ERROR_CONNECTION_FAILED)
    return !g_strv_contains (lasting_link_causes, cause);
  for (gsize i = 0; i < G_N_ELEMENTS (retryable); i++)
    if (retryable[i].code == code && strcmp (retryable[i].cause, cause) == 0)
      return TRUE;
  return FALSE;
}

G_GNUC_PRINTF (3, 0)
static GError *
make_error (BlepickError code, const char *cause, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  const char *retry = blepick_error_is_retryable (code, cause) ? " (retry)" : "";

  return g_error_new (BLEPICK_ERROR, (gint) code, "%s%s: %s", cause, retry, text);
}

GError *
blepick_error_new (BlepickError code, const char *cause, const char *format, ...)
{
  va_list args;
  GError *error;

  va_start (args, format);
  error = make_error (code, cause, format, args);
  va_end (args);
  return error;
}

void
blepick_error_set (GError **error,
                   BlepickError code,
                   const char *cause,
                   const char *format,
                   ...)
{
  va_list args;

  if (error == NULL)
    return;
  va_start (args, format);
  *error = make_error (code, cause, format, args);
  va_end (args);
}

/* Length of the cause word that @message begins with; 0 where it begins with none. */
static gsize
measure_cause (const char *message)
{
  gsize length = strspn (message, "abcdefghijklmnopqrstuvwxyz0123456789-");
  const char *rest = message + length;

  if (length == 0 || length > BLEPICK_CAUSE_MAX)
    return 0;
  return g_str_has_prefix (rest, ": ") || g_str_has_prefix (rest, " (retry): ") ? length
                                                                                : 0;
}

void
blepick_error_split (const char *message,
                     char **ret_cause,
                     gboolean *ret_retryable,
                     char **ret_text)
{
  gsize length = measure_cause (message);

  if (length == 0)
    {
      *ret_cause = g_strdup ("internal");
      *ret_retryable = FALSE;
      *ret_text = g_strdup (message);
      return;
    }
  *ret_cause = g_strndup (message, length);
  *ret_retryable = message[length] == ' ';
  *ret_text = g_strdup (strstr (message + length, ": ") + strlen (": "));
}

gboolean
blepick_error_matches (const GError *error, BlepickError code, const char *cause)
{
  gsize length = strlen (cause);

  return g_error_matches (error, BLEPICK_ERROR, (gint) code) &&
         measure_cause (error->message) == length &&
         strncmp (error->message, cause, length) == 0;
}
