/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/failure.h"

#include <string.h>

G_DEFINE_QUARK (blepick_failure, blepick_failure)

void
blepick_failure_set (GError **error,
                     BlepickExit exit,
                     const char *cause,
                     const char *format,
                     ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, BLEPICK_FAILURE, (gint) exit, "%s: %s", cause, text);
}

static gboolean
is_unreachable (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_FAILED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CONFIG_INVALID) ||
         error->domain == G_IO_ERROR;
}

void
blepick_failure_translate (GError **error)
{
  g_autofree char *name = NULL;
  GError *ours = NULL;

  if (error == NULL || *error == NULL || (*error)->domain == BLEPICK_FAILURE ||
      (*error)->domain == BLEPICK_ERROR)
    return;

  name = g_dbus_error_get_remote_error (*error);
  if (name != NULL && g_str_has_prefix (name, BLEPICK_ERROR_PREFIX))
    {
      g_dbus_error_strip_remote_error (*error);
      ours = g_error_new_literal (BLEPICK_ERROR, (gint) blepick_error_from_name (name),
                                  (*error)->message);
    }
  else if (is_unreachable (*error))
    {
      blepick_failure_set (
        &ours, BLEPICK_EXIT_NO_BROKER, "no-broker",
        "The blepick service does not answer. Start it: systemctl start blepickd");
    }
  else if (g_error_matches (*error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    {
      blepick_failure_set (
        &ours, BLEPICK_EXIT_DENIED, "bus-policy",
        "The system bus does not let you talk to the blepick service.");
    }
  else
    {
      g_dbus_error_strip_remote_error (*error);
      blepick_failure_set (&ours, BLEPICK_EXIT_OTHER, "internal", "%s",
                           (*error)->message);
    }
  g_error_free (*error);
  *error = ours;
}

GError *
blepick_failure_read (GVariant *results)
{
  const char *cause = "internal", *message = "The service gave no reason.";
  guint32 code = BLEPICK_ERROR_UNKNOWN;

  g_variant_lookup (results, "code", "u", &code);
  g_variant_lookup (results, "cause", "&s", &cause);
  g_variant_lookup (results, "message", "&s", &message);
  return blepick_error_new ((BlepickError) code, cause, "%s", message);
}

static gboolean
has_cause (const GError *error, const char *cause)
{
  g_autofree char *its = NULL, *text = NULL;
  gboolean retryable;

  blepick_error_split (error->message, &its, &retryable, &text);
  return strcmp (its, cause) == 0;
}

/* Whether it is Bluetooth as a whole that is not there: the broker's own words, and bluetoothd's. */
static gboolean
is_without_bluetooth (const GError *error)
{
  static const char *const causes[] = { "bluetooth-off", "no-adapter",
                                        "no-daemon",     "not-ready",
                                        "blocked",       "adapter-not-powered" };

  for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
    if (has_cause (error, causes[i]))
      return TRUE;
  return FALSE;
}

static BlepickExit
exit_of_restriction (const GError *error)
{
  if (is_without_bluetooth (error))
    return BLEPICK_EXIT_BLUETOOTH;
  return has_cause (error, "presenter-lost") ? BLEPICK_EXIT_OTHER : BLEPICK_EXIT_DENIED;
}

static BlepickExit
exit_of_connection (const GError *error, gboolean while_pairing)
{
  if (while_pairing)
    return BLEPICK_EXIT_PAIRING;
  return is_without_bluetooth (error) ? BLEPICK_EXIT_BLUETOOTH : BLEPICK_EXIT_LINK;
}

BlepickExit
blepick_failure_exit (const GError *error, gboolean while_pairing)
{
  if (error->domain == BLEPICK_FAILURE)
    return (BlepickExit) error->code;
  if (error->domain != BLEPICK_ERROR)
    return BLEPICK_EXIT_OTHER;

  switch ((BlepickError) error->code)
    {
    case BLEPICK_ERROR_CONNECTION_FAILED:
      return exit_of_connection (error, while_pairing);
    case BLEPICK_ERROR_DISCOVERY_TIMEOUT:
      return BLEPICK_EXIT_NOTHING;
    case BLEPICK_ERROR_INVALID_REQUEST:
      return has_cause (error, "no-app") || has_cause (error, "no-accessory") ||
                 has_cause (error, "no-device")
               ? BLEPICK_EXIT_NO_SUCH
               : BLEPICK_EXIT_USAGE;
    case BLEPICK_ERROR_NOT_PERMITTED:
    case BLEPICK_ERROR_USER_RESTRICTED:
      return BLEPICK_EXIT_DENIED;
    case BLEPICK_ERROR_ACTIVATION_FAILED:
      return has_cause (error, "limits") ? BLEPICK_EXIT_OTHER : BLEPICK_EXIT_DENIED;
    case BLEPICK_ERROR_PICKER_RESTRICTED:
      return exit_of_restriction (error);
    case BLEPICK_ERROR_USER_CANCELLED:
      return BLEPICK_EXIT_CANCELLED;
    case BLEPICK_ERROR_INVALIDATED:
      return BLEPICK_EXIT_NO_BROKER;
    case BLEPICK_ERROR_UNKNOWN:
    case BLEPICK_ERROR_EXTENSION_NOT_FOUND:
    case BLEPICK_ERROR_PICKER_ALREADY_ACTIVE:
    default:
      return BLEPICK_EXIT_OTHER;
    }
}
