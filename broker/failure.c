/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/failure.h"

#include <string.h>

#include "ble/radio.h"
#include "dbus/errors.h"

/* What a person reads; the cause word says the rest. */
static const char *
explain (BleRadioError code)
{
  switch (code)
    {
    case BLE_RADIO_ERROR_NO_DAEMON:
      return "The Bluetooth service does not run";
    case BLE_RADIO_ERROR_NO_ADAPTER:
      return "The Bluetooth adapter is gone";
    case BLE_RADIO_ERROR_ADAPTER_OFF:
      return "Bluetooth is switched off";
    case BLE_RADIO_ERROR_NO_DEVICE:
      return "The accessory, or that part of it, is not there any more";
    case BLE_RADIO_ERROR_BUSY:
      return "Something else is using that part of the accessory; try again";
    case BLE_RADIO_ERROR_TIMED_OUT:
      return "The accessory did not answer in time";
    case BLE_RADIO_ERROR_CANCELLED:
      return "It was cancelled";
    case BLE_RADIO_ERROR_CONNECTION:
      return "There is no link to the accessory; is it near, awake and not in use elsewhere?";
    case BLE_RADIO_ERROR_PAIRING_FAILED:
      return "Pairing failed";
    case BLE_RADIO_ERROR_PAIRING_CANCELLED:
      return "Pairing was cancelled";
    case BLE_RADIO_ERROR_NOT_PERMITTED:
      return "The accessory does not permit it";
    case BLE_RADIO_ERROR_NOT_SUPPORTED:
      return "The accessory does not support it";
    case BLE_RADIO_ERROR_INVALID:
      return "The accessory does not take such a value";
    case BLE_RADIO_ERROR_FAILED:
    default:
      return "Bluetooth reported a failure";
    }
}

/* The message of a radio's error is one cause word. */
static gboolean
is_cause (const char *word)
{
  gsize length = strspn (word, "abcdefghijklmnopqrstuvwxyz0123456789-");

  return length > 0 && length <= BLEPICK_CAUSE_MAX && word[length] == '\0';
}

/* Where the cause says more than the code. */
static const char *
explain_cause (const char *cause)
{
  static const struct
  {
    const char *cause;
    const char *text;
  } rows[] = {
    { "services-not-resolved",
      "The link is up but the accessory's services do not show: most likely another program "
      "holds the connection, or what is remembered of the accessory is stale (blepick refresh)" },
    { "att-error-01",
      "The accessory has no such part any more: what this computer remembers of it is stale "
      "(blepick refresh)" },
    { "att-error-0a",
      "The accessory does not find that part: what this computer remembers of it may be stale "
      "(blepick refresh)" },
    { "att-error-12",
      "The accessory has changed: what this computer remembers of it is stale (blepick refresh)" },
    { "le-connection-key-missing",
      "The accessory has forgotten this computer, most likely: forget it here and pair it again "
      "(blepick forget --unpair, blepick pair)" },
    { "le-connection-concurrent-connection-limit",
      "The Bluetooth adapter has no room for one more link" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].cause, cause) == 0)
      return rows[i].text;
  return NULL;
}

GError *
broker_failure_from_radio (const GError *error)
{
  const char *text;

  if (error->domain == BLEPICK_ERROR)
    return g_error_copy (error);
  if (error->domain != BLE_RADIO_ERROR)
    return blepick_error_new (BLEPICK_ERROR_UNKNOWN, "internal", "%s", error->message);
  text = explain_cause (error->message);
  if (text == NULL)
    text = explain ((BleRadioError) error->code);
  if (error->code == BLE_RADIO_ERROR_BUSY)
    return blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "busy", "%s", text);
  if (error->code == BLE_RADIO_ERROR_INVALID)
    return blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "bad-value", "%s", text);
  return blepick_error_new (BLEPICK_ERROR_CONNECTION_FAILED,
                            is_cause (error->message) ? error->message : "failed", "%s",
                            text);
}

GVariant *
broker_failure_describe (const GError *error)
{
  GVariantDict results;
  g_autofree char *cause = NULL;
  g_autofree char *text = NULL;
  gboolean retryable;

  blepick_error_split (error->message, &cause, &retryable, &text);
  g_variant_dict_init (&results, NULL);
  g_variant_dict_insert (&results, "error", "s",
                         blepick_error_to_name ((BlepickError) error->code));
  g_variant_dict_insert (&results, "code", "u", (guint32) error->code);
  g_variant_dict_insert (&results, "cause", "s", cause);
  g_variant_dict_insert (&results, "retryable", "b", retryable);
  g_variant_dict_insert (&results, "message", "s", text);
  return g_variant_dict_end (&results);
}
