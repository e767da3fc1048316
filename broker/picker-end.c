/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a run ends: what the presenter and the app are told, and what the app brought along. */

#include <string.h>

#include "broker/picker.h"
#include "dbus/errors.h"

/* Returns: (transfer full): NULL when all went well. */
static GError *
make_error (const BrokerPicker *picker, const BrokerPickerEnd *end)
{
  if (end->response == BLEPICK_RESPONSE_DONE)
    return NULL;
  if (end->cause != NULL)
    return blepick_error_new (end->code, end->cause, "%s", end->text);
  return blepick_error_new (end->code, picker->pair_cause, "%s",
                            broker_picker_explain_pairing (picker->pair_cause));
}

static const char *
outcome_word (const BrokerPickerEnd *end)
{
  switch (end->response)
    {
    case BLEPICK_RESPONSE_DONE:
      return "done";
    case BLEPICK_RESPONSE_CANCELLED:
      return "cancelled";
    case BLEPICK_RESPONSE_ENDED:
    default:
      return "failed";
    }
}

static void
dismiss_presentation (BrokerPicker *picker, const BrokerPickerEnd *end)
{
  g_autoptr (GError) error = make_error (picker, end);
  GVariantDict result;

  if (picker->presentation == NULL)
    return;
  g_variant_dict_init (&result, NULL);
  g_variant_dict_insert (&result, "outcome", "s", outcome_word (end));
  if (error != NULL)
    {
      g_autofree char *cause = NULL, *text = NULL;
      gboolean retryable;

      blepick_error_split (error->message, &cause, &retryable, &text);
      g_variant_dict_insert (&result, "cause", "s", cause);
      g_variant_dict_insert (&result, "message", "s", text);
    }
  else
    {
      g_variant_dict_insert (&result, "pairing-method", "s",
                             ble_pair_method_to_word (picker->method));
      g_variant_dict_insert (&result, "values-on-bus", "b",
                             broker_picker_has_values_on_bus (picker));
    }
  if (picker->chosen != NULL)
    {
      guint setup = broker_picker_get_chosen_item (picker)->setup;

      g_variant_dict_insert (&result, "name", "s",
                             picker->given_name != NULL ? picker->given_name
                                                        : picker->chosen->name);
      g_variant_dict_insert (&result, "finish-in-app", "b",
                             (setup & BROKER_SETUP_FINISH_IN_APP) != 0);
    }
  broker_presentation_dismiss (g_steal_pointer (&picker->presentation),
                               g_variant_dict_end (&result));
}

static void
say_setup_failed (BrokerPicker *picker, const char *cause)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "cause", "s", cause);
  broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_SETUP_FAILED,
                           g_variant_dict_end (&details));
}

void
broker_picker_dismiss (BrokerPicker *picker)
{
  const BrokerPickerEnd *end = broker_picker_outcome_describe (picker->fsm.outcome);

  g_clear_handle_id (&picker->prompt_timer, g_source_remove);
  g_clear_handle_id (&picker->name_timer, g_source_remove);
  dismiss_presentation (picker, end);
  if (end->setup_failed)
    say_setup_failed (picker, end->cause != NULL ? end->cause : picker->pair_cause);
  if (picker->said_presented)
    broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_DID_DISMISS, NULL);
}

static void
on_migrated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPicker *picker = user_data;
  g_autoptr (GError) error = NULL;

  picker->migrated = broker_migrations_run_finish (result, &error);
  if (picker->migrated == NULL)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "Accessories that an app brought along were not taken over: %s",
                      error->message);
  broker_picker_respond (picker);
  broker_picker_unref (picker);
}

/* What the app brings along comes with a pick that went well. TRUE: it is being stored. */
static gboolean
begin_migration (BrokerPicker *picker)
{
  if (picker->has_migrated || picker->request->migrations->len == 0 ||
      picker->client == NULL || picker->fsm.outcome != BROKER_PICKER_OUTCOME_DONE)
    return FALSE;
  picker->has_migrated = TRUE;
  g_ref_count_inc (&picker->refs);
  broker_migrations_run_async (picker->host->migrations, picker->caller,
                               picker->session_path, picker->request, on_migrated,
                               picker);
  return TRUE;
}

static GVariant *
describe_result (const BrokerPicker *picker)
{
  GVariantDict results;

  g_variant_dict_init (&results, NULL);
  g_variant_dict_insert (&results, "accessory", "s", picker->accessory_id);
  if (picker->migrated != NULL)
    g_variant_dict_insert_value (&results, "migrated", picker->migrated);
  return g_variant_dict_end (&results);
}

void
broker_picker_respond (BrokerPicker *picker)
{
  const BrokerPickerEnd *end = broker_picker_outcome_describe (picker->fsm.outcome);
  const BrokerPickerClient *client;
  g_autoptr (GError) error = NULL;

  if (begin_migration (picker))
    return;
  client = g_steal_pointer (&picker->client);
  error = make_error (picker, end);
  if (client != NULL && picker->fsm.outcome != BROKER_PICKER_OUTCOME_NONE)
    client->done (end->response, error == NULL ? describe_result (picker) : NULL, error,
                  picker->client_data);
  picker->host->ended (picker->host->pickers, picker);
}

void
broker_picker_stop (BrokerPicker *picker)
{
  const BrokerPickerEnd *end =
    broker_picker_outcome_describe (BROKER_PICKER_OUTCOME_STOPPING);

  g_ref_count_inc (&picker->refs);
  broker_picker_take (picker, BROKER_PICKER_STOPPING);
  if (picker->client != NULL)
    {
      g_autoptr (GError) error = make_error (picker, end);
      const BrokerPickerClient *client;

      dismiss_presentation (picker, end);
      if (picker->said_presented)
        broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_DID_DISMISS, NULL);
      client = g_steal_pointer (&picker->client);
      client->done (end->response, NULL, error, picker->client_data);
    }
  broker_picker_unref (picker);
}
