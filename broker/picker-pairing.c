/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The part of a run between the choice and the grant: what is about to happen is written
 * down, the accessory is paired, the grant is stored; or all of it is taken back. */

#include "broker/picker.h"

#include <string.h>

#include "dbus/errors.h"

static BrokerPicker *
hold (BrokerPicker *picker)
{
  g_ref_count_inc (&picker->refs);
  return picker;
}

static void
finish_call (BrokerPicker *picker, BrokerPickerEvent event)
{
  broker_picker_take (picker, event);
  broker_picker_unref (picker);
}

static void
on_pending_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  gboolean stored =
    broker_permissions_begin_pairing_finish (picker->host->permissions, result, NULL);

  finish_call (picker,
               stored ? BROKER_PICKER_PENDING_STORED : BROKER_PICKER_PENDING_FAILED);
}

void
broker_picker_store_pending (BrokerPicker *picker)
{
  broker_permissions_begin_pairing_async (picker->host->permissions, picker->caller,
                                          &picker->pending_address, FALSE, NULL,
                                          on_pending_stored, hold (picker));
}

/* Should this fail, the row is found at the next start, and its accessory, which is not bonded, is
 * left as it is. */
static void
on_pending_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;

  if (!broker_permissions_end_pairing_finish (picker->host->permissions, result, NULL))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "a pairing that came to nothing is still noted in the store");
  broker_picker_unref (picker);
}

void
broker_picker_clear_pending (BrokerPicker *picker)
{
  broker_permissions_end_pairing_async (picker->host->permissions, picker->caller,
                                        &picker->pending_address, NULL,
                                        on_pending_cleared, hold (picker));
}

void
broker_picker_keep_pending (BrokerPicker *picker)
{
  broker_permissions_keep_pairing (picker->host->permissions, picker->caller,
                                   &picker->pending_address);
}

static gboolean
on_prompt_time_over (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->prompt_timer = 0;
  broker_picker_take (picker, BROKER_PICKER_PROMPT_TIMED_OUT);
  return G_SOURCE_REMOVE;
}

static const char *
prompt_kind (BlePairMethod method)
{
  switch (method)
    {
    case BLE_PAIR_METHOD_COMPARE:
      return "compare";
    case BLE_PAIR_METHOD_WE_SHOW:
      return "display";
    case BLE_PAIR_METHOD_THEY_SHOW:
      return "enter";
    case BLE_PAIR_METHOD_NONE:
    case BLE_PAIR_METHOD_JUST_WORKS:
    default:
      g_return_val_if_reached ("compare");
    }
}

gboolean
broker_picker_has_values_on_bus (const BrokerPicker *picker)
{
  const BleDescriptor *descriptor = picker->chosen->descriptor;

  for (guint i = 0; !picker->host->broadcasts_closed && i < descriptor->n_services; i++)
    if (ble_gatt_is_indicated (&descriptor->services[i].service))
      return TRUE;
  return FALSE;
}

static void
on_pair_prompt (BleDeviceId device, const BlePairPrompt *prompt, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  GVariantDict dict;

  if (picker->presentation == NULL)
    return;
  picker->was_asked = TRUE;
  /* A phase that is told after a question would hide it. */
  broker_picker_say_linked (picker);
  if (picker->prompt_timer == 0)
    picker->prompt_timer =
      g_timeout_add_seconds (BROKER_PICKER_PROMPT_S, on_prompt_time_over, picker);

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "kind", "s", prompt_kind (prompt->method));
  g_variant_dict_insert (&dict, "name", "s", picker->chosen->name);
  if (prompt->method != BLE_PAIR_METHOD_THEY_SHOW)
    g_variant_dict_insert (&dict, "passkey", "u", prompt->passkey);
  if (prompt->method == BLE_PAIR_METHOD_WE_SHOW)
    g_variant_dict_insert (&dict, "entered", "u", prompt->entered);
  g_variant_dict_insert (&dict, "timeout-s", "u", (guint32) BROKER_PICKER_PROMPT_S);
  g_variant_dict_insert (&dict, "values-on-bus", "b",
                         broker_picker_has_values_on_bus (picker));
  broker_presentation_prompt (picker->presentation, g_variant_dict_end (&dict));
}

gboolean
broker_picker_answer (BrokerPicker *picker,
                      gboolean accept,
                      guint32 passkey,
                      GError **error)
{
  if (picker->prompt_timer == 0 || picker->fsm.state != BROKER_PICKER_PAIRING)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-prompt",
                         "Nothing is being asked.");
      return FALSE;
    }
  g_clear_handle_id (&picker->prompt_timer, g_source_remove);
  ble_radio_pair_answer (picker->host->radio, picker->device, accept, passkey);
  return TRUE;
}

/* Whether a pairing that nothing verified is not enough for the app or the person. */
static gboolean
requires_verification (const BrokerPicker *picker)
{
  return picker->chosen->descriptor->require_verified ||
         !picker->request->accept_unverified;
}

gboolean
broker_picker_is_bond_enough (const BrokerPicker *picker)
{
  return !requires_verification (picker) ||
         broker_permissions_is_verified (picker->host->permissions,
                                         &picker->pending_address);
}

gboolean
broker_picker_is_undeclared_keyboard (const BrokerPicker *picker,
                                      const BrokerPickerRow *row,
                                      const BleAdvert *advert)
{
  return broker_keyboards_is_one (advert) &&
         (row->descriptor->support & BLE_SUPPORT_HID) == 0;
}

/* What a pairing that succeeded is to the rules. */
static BrokerPickerEvent
judge_bond (const BrokerPicker *picker)
{
  const BleAdvert *advert = ble_radio_lookup_device (picker->host->radio, picker->device);

  if (advert != NULL &&
      broker_picker_is_undeclared_keyboard (picker, picker->chosen, advert))
    return BROKER_PICKER_PAIRED_KEYBOARD;
  if (broker_permissions_is_downgrade (
        picker->host->permissions,
        advert != NULL ? &advert->address : &picker->pending_address, picker->method))
    return BROKER_PICKER_PAIRED_DOWNGRADED;
  return requires_verification (picker) && picker->method <= BLE_PAIR_METHOD_JUST_WORKS
           ? BROKER_PICKER_PAIRED_UNVERIFIED
           : BROKER_PICKER_PAIRED;
}

static BrokerPickerEvent
judge_failure (const BrokerPicker *picker, const char *cause)
{
  if (strcmp (cause, "already-exists") == 0)
    return broker_picker_is_bond_enough (picker) ? BROKER_PICKER_PAIRED_BEFORE
                                                 : BROKER_PICKER_BOND_UNVERIFIED;
  return BROKER_PICKER_PAIR_FAILED;
}

static void
on_paired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  g_autoptr (GError) error = NULL;
  BrokerPickerEvent event;

  g_clear_handle_id (&picker->prompt_timer, g_source_remove);
  if (!ble_radio_pair_finish (picker->host->radio, result, &picker->method, &error))
    {
      /* Where bluetoothd or the adapter has gone, it was that which ended it. bluetoothd's end may be
       * heard from here first. */
      if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DAEMON))
        broker_picker_take (picker, BROKER_PICKER_DAEMON_GONE);
      else
        broker_picker_check_adapter (picker);
      g_free (picker->pair_cause);
      picker->pair_cause = g_strdup (error->message);
      if (broker_picker_look_again (picker, error))
        {
          broker_picker_unref (picker);
          return;
        }
      event = judge_failure (picker, error->message);
    }
  else
    {
      event = judge_bond (picker);
    }
  finish_call (picker, event);
}

void
broker_picker_pair (BrokerPicker *picker)
{
  g_clear_object (&picker->pairing);
  picker->pairing = g_cancellable_new ();
  ble_radio_pair_async (picker->host->radio, picker->device, on_pair_prompt, picker,
                        picker->pairing, on_paired, hold (picker));
}

void
broker_picker_cancel_pair (BrokerPicker *picker)
{
  g_clear_handle_id (&picker->prompt_timer, g_source_remove);
  g_cancellable_cancel (picker->pairing);
  broker_picker_stop_looking (picker);
}

/* A device that is gone has no bond. Everything else is tried again when bluetoothd is back. */
static void
on_undone (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  g_autoptr (GError) error = NULL;
  gboolean undone = ble_radio_forget_finish (picker->host->radio, result, &error) ||
                    g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE);

  finish_call (picker, undone ? BROKER_PICKER_UNDONE : BROKER_PICKER_UNDO_FAILED);
}

/* Of a pairing that failed bluetoothd keeps nothing, and 5.66 may crash when it is told to remove it
 * then. Where bluetoothd has gone nobody knows, and the removal fails. */
void
broker_picker_undo (BrokerPicker *picker)
{
  const BleAdvert *advert = ble_radio_lookup_device (picker->host->radio, picker->device);

  if (advert != NULL && !advert->bonded &&
      g_strcmp0 (picker->pair_cause, "no-daemon") != 0)
    broker_picker_take (picker, BROKER_PICKER_UNDONE);
  else
    ble_radio_forget_async (picker->host->radio, picker->device, NULL, on_undone,
                            hold (picker));
}

static void
on_grant_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  g_autoptr (GError) error = NULL;
  BrokerPickerEvent event = BROKER_PICKER_GRANT_STORED;

  picker->accessory_id =
    broker_permissions_grant_finish (picker->host->permissions, result, &error);
  if (picker->accessory_id == NULL)
    event = blepick_error_matches (error, BLEPICK_ERROR_CONNECTION_FAILED,
                                   "no-identity-address")
              ? BROKER_PICKER_GRANT_HIDDEN
              : BROKER_PICKER_GRANT_FAILED;
  finish_call (picker, event);
}

/* ---- the name ---- */

static const char *
choose_name (const BrokerPicker *picker)
{
  if (picker->given_name != NULL)
    return picker->given_name;
  return picker->chosen->unnamed ? broker_picker_get_chosen_item (picker)->name
                                 : picker->chosen->name;
}

static gboolean
on_name_time_over (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->name_timer = 0;
  broker_picker_take (picker, BROKER_PICKER_NAMED);
  return G_SOURCE_REMOVE;
}

void
broker_picker_ask_name (BrokerPicker *picker)
{
  GVariantDict dict;

  if ((broker_picker_get_chosen_item (picker)->setup & BROKER_SETUP_RENAME) == 0 ||
      picker->presentation == NULL)
    {
      broker_picker_take (picker, BROKER_PICKER_NAMED);
      return;
    }
  broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_SETUP_RENAME, NULL);
  broker_picker_say_progress (picker, "naming");
  picker->name_timer =
    g_timeout_add_seconds (BROKER_PICKER_PROMPT_S, on_name_time_over, picker);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "kind", "s", "rename");
  g_variant_dict_insert (&dict, "name", "s", choose_name (picker));
  g_variant_dict_insert (&dict, "timeout-s", "u", (guint32) BROKER_PICKER_PROMPT_S);
  broker_presentation_prompt (picker->presentation, g_variant_dict_end (&dict));
}

gboolean
broker_picker_take_name (BrokerPicker *picker, const char *name, GError **error)
{
  if (picker->name_timer == 0)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-prompt",
                         "Nobody asked for a name.");
      return FALSE;
    }
  g_clear_handle_id (&picker->name_timer, g_source_remove);
  if (name != NULL)
    picker->given_name = g_strdup (name);
  broker_picker_take (picker, BROKER_PICKER_NAMED);
  return TRUE;
}

/* ---- the grant ---- */

void
broker_picker_store_grant (BrokerPicker *picker)
{
  const BrokerPickerRow *row = picker->chosen;
  const BrokerPickerItem *item = broker_picker_get_chosen_item (picker);
  const BleAdvert *advert = ble_radio_lookup_device (picker->host->radio, picker->device);
  BrokerGrantRequest grant = {
    /* A bond resolves an address that changes into the one that does not. */
    .address = advert != NULL ? advert->address : picker->pending_address,
    .pending_address = picker->pending_address,
    .name = choose_name (picker),
    .awaiting = (item->setup & BROKER_SETUP_CONFIRM_AUTHORIZATION) != 0,
    .kind = row->kind,
    .services = row->descriptor->services,
    .n_services = row->descriptor->n_services,
    .lifetime = picker->lifetime,
    .until_s = picker->until_s,
    .session_path = picker->session_path,
    .method = picker->method,
    .bonded_by_us = picker->fsm.state == BROKER_PICKER_STORING_BOND,
  };

  broker_picker_say_progress (picker, "storing");
  if (grant.bonded_by_us)
    broker_keyboards_note_paired (picker->host->keyboards, &grant.address,
                                  (row->descriptor->support & BLE_SUPPORT_HID) != 0);
  broker_permissions_grant_async (picker->host->permissions, picker->caller, &grant, NULL,
                                  on_grant_stored, hold (picker));
}

static void
on_withdrawn (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;

  if (!broker_permissions_revoke_finish (picker->host->permissions, result, NULL))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "the grant of an app that has gone is closed in memory only");
  broker_picker_unref (picker);
}

void
broker_picker_withdraw (BrokerPicker *picker)
{
  broker_permissions_revoke_async (picker->host->permissions, picker->caller,
                                   picker->accessory_id, "app", NULL, on_withdrawn,
                                   hold (picker));
}

static const struct
{
  const char *cause;
  const char *text;
} explanations[] = {
  { "authentication-failed",
    "The digits were wrong, or the accessory refused. Try again." },
  { "authentication-rejected", "Pairing was refused." },
  { "authentication-canceled", "Pairing was cancelled, here or on the accessory." },
  { "authentication-timeout", "Nobody answered the pairing question in time." },
  { "connection-attempt-failed",
    "The accessory does not answer. Bring it nearer and wake it." },
  { "no-device", "The accessory is not there any more. Wake it and try again." },
  { "no-daemon", "bluetoothd stopped in the middle. Try again." },
  { "timed-out", "The accessory stopped answering. Bring it nearer and try again." },
};

const char *
broker_picker_explain_pairing (const char *cause)
{
  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++)
    if (strcmp (explanations[i].cause, cause) == 0)
      return explanations[i].text;
  return "The accessory could not be set up. Wake it, bring it nearer and try again.";
}
