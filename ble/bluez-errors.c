/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-errors.h"

#include <string.h>

#define BLUEZ "org.bluez.Error."
#define BUS   "org.freedesktop.DBus.Error."

/* The texts under Failed, NotReady and InProgress that are words already. */
#define LINK_WORD_LE "le-connection-"
#define LINK_WORD_BR "br-connection-"

typedef struct
{
  const char *name; /* on the wire */
  const char *text; /* its whole message; NULL: any */
  BleRadioError code;
  const char *cause;
} ErrorRow;

/* The first row that fits counts. BlueZ 5.66: src/error.c, src/device.c,
 * src/gatt-client.c. */
static const ErrorRow errors[] = {
  { BLUEZ "NotReady", NULL, BLE_RADIO_ERROR_ADAPTER_OFF, "not-ready" },
  { BLUEZ "Blocked", NULL, BLE_RADIO_ERROR_ADAPTER_OFF, "blocked" },
  { BLUEZ "NoSuchAdapter", NULL, BLE_RADIO_ERROR_NO_ADAPTER, "no-such-adapter" },
  { BLUEZ "DoesNotExist", NULL, BLE_RADIO_ERROR_NO_DEVICE, "does-not-exist" },
  { BLUEZ "InProgress", NULL, BLE_RADIO_ERROR_BUSY, "in-progress" },
  { BLUEZ "Busy", NULL, BLE_RADIO_ERROR_BUSY, "busy" },
  { BLUEZ "NotConnected", NULL, BLE_RADIO_ERROR_CONNECTION, "not-connected" },
  { BLUEZ "AlreadyConnected", NULL, BLE_RADIO_ERROR_CONNECTION, "already-connected" },
  { BLUEZ "AlreadyExists", NULL, BLE_RADIO_ERROR_FAILED, "already-exists" },
  { BLUEZ "NotAvailable", NULL, BLE_RADIO_ERROR_FAILED, "not-available" },
  { BLUEZ "AgentNotAvailable", NULL, BLE_RADIO_ERROR_FAILED, "agent-not-available" },
  { BLUEZ "NotSupported", NULL, BLE_RADIO_ERROR_NOT_SUPPORTED, "not-supported" },
  { BLUEZ "Unsupported", NULL, BLE_RADIO_ERROR_NOT_SUPPORTED, "not-supported" },

  { BLUEZ "InvalidArguments", "Invalid offset", BLE_RADIO_ERROR_INVALID,
    "invalid-offset" },
  { BLUEZ "InvalidArguments", "Invalid Length", BLE_RADIO_ERROR_INVALID,
    "invalid-length" },
  { BLUEZ "InvalidOffset", NULL, BLE_RADIO_ERROR_INVALID, "invalid-offset" },
  { BLUEZ "InvalidValueLength", NULL, BLE_RADIO_ERROR_INVALID, "invalid-length" },
  { BLUEZ "InvalidArguments", NULL, BLE_RADIO_ERROR_INVALID, "invalid-arguments" },
  { BLUEZ "InvalidArgs", NULL, BLE_RADIO_ERROR_INVALID, "invalid-arguments" },

  { BLUEZ "NotPermitted", "Notify acquired", BLE_RADIO_ERROR_BUSY, "notify-acquired" },
  { BLUEZ "NotPermitted", "Write acquired", BLE_RADIO_ERROR_BUSY, "write-acquired" },
  { BLUEZ "NotPermitted", "Read not permitted", BLE_RADIO_ERROR_NOT_PERMITTED,
    "read-not-permitted" },
  { BLUEZ "NotPermitted", "Write not permitted", BLE_RADIO_ERROR_NOT_PERMITTED,
    "write-not-permitted" },
  { BLUEZ "NotPermitted", "Not paired", BLE_RADIO_ERROR_NOT_PERMITTED, "not-paired" },
  { BLUEZ "NotPermitted", NULL, BLE_RADIO_ERROR_NOT_PERMITTED, "not-permitted" },
  { BLUEZ "NotAuthorized", NULL, BLE_RADIO_ERROR_NOT_PERMITTED, "not-authorized" },

  { BLUEZ "AuthenticationFailed", NULL, BLE_RADIO_ERROR_PAIRING_FAILED,
    "authentication-failed" },
  { BLUEZ "AuthenticationRejected", NULL, BLE_RADIO_ERROR_PAIRING_FAILED,
    "authentication-rejected" },
  { BLUEZ "AuthenticationTimeout", NULL, BLE_RADIO_ERROR_TIMED_OUT,
    "authentication-timeout" },
  { BLUEZ "AuthenticationCanceled", NULL, BLE_RADIO_ERROR_PAIRING_CANCELLED,
    "authentication-canceled" },
  { BLUEZ "Rejected", NULL, BLE_RADIO_ERROR_PAIRING_FAILED, "rejected" },
  { BLUEZ "Canceled", NULL, BLE_RADIO_ERROR_PAIRING_CANCELLED, "canceled" },
  { BLUEZ "ConnectionAttemptFailed", NULL, BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },

  { BLUEZ "Failed", "Not connected", BLE_RADIO_ERROR_CONNECTION, "not-connected" },
  { BLUEZ "Failed", "No ATT transport", BLE_RADIO_ERROR_CONNECTION, "not-connected" },
  { BLUEZ "Failed", "Not paired", BLE_RADIO_ERROR_PAIRING_FAILED, "not-paired" },
  { BLUEZ "Failed", "Operation already in progress", BLE_RADIO_ERROR_BUSY,
    "in-progress" },
  { BLUEZ "Failed", "Device or resource busy", BLE_RADIO_ERROR_BUSY, "busy" },
  /* Pair() where there is no link: what connect() of the kernel's L2CAP said (bt_to_errno(), which knows no word for
   * 0x3e, failed to be established). */
  { BLUEZ "Failed", "Software caused connection abort", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Connection refused", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Connection reset by peer", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Connection timed out", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Function not implemented", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Host is down", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "No route to host", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "Transport endpoint is not connected", BLE_RADIO_ERROR_CONNECTION,
    "connection-attempt-failed" },
  { BLUEZ "Failed", "No notify session started", BLE_RADIO_ERROR_FAILED,
    "not-notifying" },
  { BLUEZ "Failed", "No discovery started", BLE_RADIO_ERROR_FAILED, "not-discovering" },

  { BUS "ServiceUnknown", NULL, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  { BUS "NameHasNoOwner", NULL, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  { BUS "NoReply", NULL, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  { BUS "Disconnected", NULL, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon" },
  /* An object that is gone: libdbus says UnknownMethod there. */
  { BUS "UnknownObject", NULL, BLE_RADIO_ERROR_NO_DEVICE, "gone" },
  { BUS "UnknownInterface", NULL, BLE_RADIO_ERROR_NO_DEVICE, "gone" },
  { BUS "UnknownMethod", NULL, BLE_RADIO_ERROR_NO_DEVICE, "gone" },
  { BUS "LimitsExceeded", NULL, BLE_RADIO_ERROR_BUSY, "limits" },
  { BUS "AccessDenied", NULL, BLE_RADIO_ERROR_FAILED, "access-denied" },
  { BUS "Timeout", NULL, BLE_RADIO_ERROR_TIMED_OUT, "timed-out" },
  { BUS "TimedOut", NULL, BLE_RADIO_ERROR_TIMED_OUT, "timed-out" },
};

typedef struct
{
  const char *word; /* after "le-connection-" or "br-connection-" */
  BleRadioError code;
} LinkRow;

/* BlueZ 5.66, src/error.h, the LE list in full and what BR/EDR adds; key-missing is of
 * 5.80. A word that is not here is CONNECTION as well, and its own cause. */
static const LinkRow links[] = {
  { "invalid-arguments", BLE_RADIO_ERROR_INVALID },
  { "adapter-not-powered", BLE_RADIO_ERROR_ADAPTER_OFF },
  { "not-supported", BLE_RADIO_ERROR_NOT_SUPPORTED },
  { "already-connected", BLE_RADIO_ERROR_CONNECTION },
  { "bad-socket", BLE_RADIO_ERROR_CONNECTION },
  { "memory-allocation", BLE_RADIO_ERROR_CONNECTION },
  { "busy", BLE_RADIO_ERROR_BUSY },
  { "refused", BLE_RADIO_ERROR_CONNECTION },
  { "create-socket", BLE_RADIO_ERROR_CONNECTION },
  { "timeout", BLE_RADIO_ERROR_TIMED_OUT },
  { "concurrent-connection-limit", BLE_RADIO_ERROR_BUSY },
  { "abort-by-remote", BLE_RADIO_ERROR_CONNECTION },
  { "abort-by-local", BLE_RADIO_ERROR_CONNECTION },
  { "link-layer-protocol-error", BLE_RADIO_ERROR_CONNECTION },
  { "gatt-browsing", BLE_RADIO_ERROR_CONNECTION },
  { "key-missing", BLE_RADIO_ERROR_CONNECTION },
  { "unknown", BLE_RADIO_ERROR_CONNECTION },
  /* LE as well: a Connect() that somebody's Disconnect() ended. */
  { "canceled", BLE_RADIO_ERROR_CONNECTION },
  { "page-timeout", BLE_RADIO_ERROR_TIMED_OUT },
};

/* Longest cause word that is taken over from bluetoothd's text. */
#define CAUSE_LENGTH_MAX 64

static gboolean
is_word (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-");

  return length > 0 && length <= CAUSE_LENGTH_MAX && text[length] == '\0';
}

/* NULL when @text is no le-connection-* or br-connection-* word. */
static GError *
translate_link_word (const char *text)
{
  const char *rest;

  if (!is_word (text))
    return NULL;
  if (g_str_has_prefix (text, LINK_WORD_LE) || g_str_has_prefix (text, LINK_WORD_BR))
    rest = text + strlen (LINK_WORD_LE);
  else
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    if (strcmp (links[i].word, rest) == 0)
      return g_error_new_literal (BLE_RADIO_ERROR, (gint) links[i].code, text);
  return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION, text);
}

/* "Operation failed with ATT error: 0x80": the accessory's own code is the cause. */
static GError *
translate_att_code (const char *text)
{
  static const char before[] = "Operation failed with ATT error: 0x";
  g_autofree char *cause = NULL;

  if (!g_str_has_prefix (text, before))
    return NULL;
  cause = g_strconcat ("att-error-", text + strlen (before), NULL);
  if (!is_word (cause))
    return NULL;
  return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_FAILED, cause);
}

GError *
ble_bluez_error_from_wire (const char *name, const char *text)
{
  if (text != NULL && g_str_has_prefix (name, BLUEZ))
    {
      GError *error = translate_link_word (text);

      if (error == NULL)
        error = translate_att_code (text);
      if (error != NULL)
        return error;
    }

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    if (strcmp (errors[i].name, name) == 0 &&
        (errors[i].text == NULL || g_strcmp0 (errors[i].text, text) == 0))
      return g_error_new_literal (BLE_RADIO_ERROR, (gint) errors[i].code,
                                  errors[i].cause);
  return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_FAILED, "failed");
}

/* Errors that never were on the wire. */
static GError *
translate_local (const GError *error)
{
  if (error->domain == BLE_RADIO_ERROR)
    return g_error_copy (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT, "timed-out");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
  /* GDBus: the reply has another type than the method. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_FAILED, "bad-reply");
  return g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_FAILED, "failed");
}

GError *
ble_bluez_error_translate (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) stripped = NULL;

  if (name == NULL)
    return translate_local (error);
  stripped = g_error_copy (error);
  g_dbus_error_strip_remote_error (stripped);
  return ble_bluez_error_from_wire (name, stripped->message);
}
