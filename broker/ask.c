/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/ask.h"

#include <string.h>

#include "broker/permissions-broad.h"
#include "broker/permissions-update.h"
#include "dbus/errors.h"

BrokerAsk *
broker_ask_new (BrokerAsks *self, const BrokerAskNew *wanted)
{
  BrokerAsk *ask = g_new0 (BrokerAsk, 1);

  g_ref_count_init (&ask->refs);
  ask->asks = self;
  ask->fsm = (BrokerAskFsm) BROKER_ASK_FSM_INIT;
  ask->kind = wanted->kind;
  ask->caller = broker_caller_ref (wanted->caller);
  ask->session_path = g_strdup (wanted->session_path);
  ask->accessory_id = g_strdup (wanted->accessory_id);
  ask->descriptor = wanted->descriptor;
  ask->request = wanted->request;
  return ask;
}

void
broker_ask_unref (BrokerAsk *ask)
{
  if (!g_ref_count_dec (&ask->refs))
    return;
  broker_caller_unref (ask->caller);
  g_free (ask->session_path);
  g_free (ask->accessory_id);
  ble_descriptor_free (ask->descriptor);
  broker_picker_request_free (ask->request);
  g_clear_error (&ask->refusal);
  g_clear_pointer (&ask->result, g_variant_unref);
  g_free (ask);
}

BrokerAsk *
broker_ask_ref (BrokerAsk *ask)
{
  g_ref_count_inc (&ask->refs);
  return ask;
}

/* ---- what is asked ---- */

static GVariant *
describe_about (const BrokerAsk *ask)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "app-name", "s", ask->caller->name);
  g_variant_dict_insert (&dict, "app-id", "s", ask->caller->app_id);
  g_variant_dict_insert (&dict, "app-strength", "s", ask->caller->strength);
  g_variant_dict_insert (&dict, "timeout-s", "u", (guint32) BROKER_ASK_TIMEOUT_S);
  return g_variant_dict_end (&dict);
}

static GVariant *
describe_access (guint access)
{
  GVariantBuilder words;

  g_variant_builder_init (&words, G_VARIANT_TYPE_STRING_ARRAY);
  if ((access & BLE_ACCESS_READ) != 0)
    g_variant_builder_add (&words, "s", "read");
  if ((access & BLE_ACCESS_WRITE) != 0)
    g_variant_builder_add (&words, "s", "write");
  if ((access & BLE_ACCESS_NOTIFY) != 0)
    g_variant_builder_add (&words, "s", "notify");
  return g_variant_builder_end (&words);
}

static GVariant *
describe_service (const BleWantedService *service)
{
  char uuid[BLE_UUID_TEXT_SIZE];
  GVariantDict dict;

  ble_uuid_format (&service->service, uuid);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "uuid", "s", uuid);
  g_variant_dict_insert (&dict, "kind", "s",
                         ble_kind_to_word (ble_kind_guess (0, &service->service, 1)));
  g_variant_dict_insert_value (&dict, "access", describe_access (service->access));
  return g_variant_dict_end (&dict);
}

static GArray *
find_missing (const BrokerAsk *ask, GError **error)
{
  return broker_permissions_find_missing (ask->asks->permissions, ask->caller,
                                          ask->accessory_id, ask->descriptor->services,
                                          ask->descriptor->n_services, error);
}

static void
describe_scope (const BrokerAsk *ask, GVariantDict *dict)
{
  g_autoptr (GArray) missing = find_missing (ask, NULL);
  const BrokerGrant *grant =
    broker_permissions_find (ask->asks->permissions, ask->caller, ask->accessory_id);
  GVariantBuilder services;

  g_variant_builder_init (&services, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; missing != NULL && i < missing->len; i++)
    g_variant_builder_add_value (
      &services, describe_service (&g_array_index (missing, BleWantedService, i)));
  g_variant_dict_insert (dict, "kind", "s", "scope");
  g_variant_dict_insert (dict, "name", "s", grant != NULL ? grant->name : "");
  g_variant_dict_insert_value (dict, "services", g_variant_builder_end (&services));
}

static GVariant *
describe_question (const BrokerAsk *ask)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  switch (ask->kind)
    {
    case BROKER_ASK_SCOPE:
      describe_scope (ask, &dict);
      break;
    case BROKER_ASK_MIGRATE:
      g_variant_dict_insert (&dict, "kind", "s", "migrate");
      g_variant_dict_insert_value (
        &dict, "names",
        broker_migrations_list_names (ask->asks->migrations, ask->caller, ask->request));
      break;
    case BROKER_ASK_BLUETOOTH:
    default:
      g_variant_dict_insert (&dict, "kind", "s", "bluetooth");
      break;
    }
  return g_variant_dict_end (&dict);
}

static BrokerAskStanding
find_standing_of_scope (const BrokerAsk *ask, GError **error)
{
  g_autoptr (GArray) missing = find_missing (ask, error);

  if (missing == NULL)
    return BROKER_ASK_STANDING_REFUSED;
  return missing->len > 0 ? BROKER_ASK_STANDING_OPEN : BROKER_ASK_STANDING_SETTLED;
}

BrokerAskStanding
broker_ask_find_standing (const BrokerAsk *ask, GError **error)
{
  g_autoptr (GVariant) names = NULL;

  switch (ask->kind)
    {
    case BROKER_ASK_SCOPE:
      return find_standing_of_scope (ask, error);
    case BROKER_ASK_MIGRATE:
      if (!broker_permissions_check_picker (ask->asks->permissions, ask->caller, error))
        return BROKER_ASK_STANDING_REFUSED;
      names = g_variant_ref_sink (
        broker_migrations_list_names (ask->asks->migrations, ask->caller, ask->request));
      return g_variant_n_children (names) > 0 ? BROKER_ASK_STANDING_OPEN
                                              : BROKER_ASK_STANDING_SETTLED;
    case BROKER_ASK_BLUETOOTH:
    default:
      switch (broker_permissions_get_broad (ask->asks->permissions, ask->caller, error))
        {
        case BROKER_BROAD_ALLOWED:
          return BROKER_ASK_STANDING_SETTLED;
        case BROKER_BROAD_UNDECIDED:
          return BROKER_ASK_STANDING_OPEN;
        case BROKER_BROAD_REFUSED:
        default:
          return BROKER_ASK_STANDING_REFUSED;
        }
    }
}

/* ---- what the person does ---- */

static gboolean
answer (BrokerAsk *ask, gboolean accept, GError **error)
{
  if (ask->fsm.state != BROKER_ASK_ASKING)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-prompt",
                         "Nothing is being asked.");
      return FALSE;
    }
  broker_ask_take (ask, accept ? BROKER_ASK_ACCEPTED : BROKER_ASK_DENIED);
  return TRUE;
}

static gboolean
on_presenter_news (const BrokerPresenterNews *news, gpointer user_data, GError **error)
{
  BrokerAsk *ask = user_data;

  switch (news->act)
    {
    case BROKER_PRESENTER_PRESENTED:
      broker_ask_take (ask, BROKER_ASK_PRESENTED);
      return TRUE;
    case BROKER_PRESENTER_CANCELLED:
      broker_ask_take (ask, BROKER_ASK_CANCELLED);
      return TRUE;
    case BROKER_PRESENTER_ANSWERED:
      return answer (ask, news->accept, error);
    case BROKER_PRESENTER_LOST:
      broker_ask_take (ask, BROKER_ASK_PRESENTER_LOST);
      return TRUE;
    case BROKER_PRESENTER_CHOSE:
    case BROKER_PRESENTER_RESCAN:
    case BROKER_PRESENTER_NAMED:
    default:
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-row",
                         "This is a question, not a picker.");
      return FALSE;
    }
}

/* ---- what is to be done ---- */

static void
present (BrokerAsk *ask)
{
  const char *presenter =
    broker_presenters_choose (ask->asks->presenters, ask->caller, NULL);

  if (presenter == NULL)
    {
      broker_ask_take (ask, BROKER_ASK_PRESENTER_LOST);
      return;
    }
  ask->own_presenter = strcmp (presenter, ask->caller->unique_name) == 0;
  ask->presentation =
    broker_presenters_ask (ask->asks->presenters, presenter, describe_about (ask),
                           describe_question (ask), on_presenter_news, ask);
}

static gboolean
on_time_over (gpointer user_data)
{
  BrokerAsk *ask = user_data;

  ask->clock = 0;
  broker_ask_take (ask, BROKER_ASK_TIMED_OUT);
  return G_SOURCE_REMOVE;
}

static void
say_event (const BrokerAsk *ask, BlepickEvent event)
{
  if (ask->kind == BROKER_ASK_MIGRATE && ask->client != NULL)
    ask->client->event (event, ask->client_data);
}

static void
start_clock (BrokerAsk *ask)
{
  ask->clock = g_timeout_add_seconds (BROKER_ASK_TIMEOUT_S, on_time_over, ask);
  ask->said_presented = TRUE;
  say_event (ask, BLEPICK_EVENT_PICKER_DID_PRESENT);
}

/* The store's own words are kept where it refused; that it failed is the machine's to say. */
static void
finish_call (BrokerAsk *ask, BrokerAskEvent good, gboolean done, GError *error)
{
  BrokerAskEvent event = good;

  if (!done)
    event = blepick_error_matches (error, BLEPICK_ERROR_UNKNOWN, "store-failed")
              ? BROKER_ASK_STORE_FAILED
              : BROKER_ASK_STORED_OTHERWISE;
  g_clear_error (&ask->refusal);
  ask->refusal = error;
  broker_ask_take (ask, event);
  broker_ask_unref (ask);
}

static void
on_broad_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerAsk *ask = user_data;
  GError *error = NULL;
  gboolean done =
    broker_permissions_answer_broad_finish (ask->asks->permissions, result, &error);

  finish_call (ask, BROKER_ASK_STORED, done, error);
}

/* A no that is written is refused to the app by the row: that is how it ends well. */
static void
on_no_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerAsk *ask = user_data;
  g_autoptr (GError) error = NULL;
  gboolean failed =
    !broker_permissions_answer_broad_finish (ask->asks->permissions, result, &error) &&
    blepick_error_matches (error, BLEPICK_ERROR_UNKNOWN, "store-failed");

  broker_ask_take (ask, failed ? BROKER_ASK_STORE_FAILED : BROKER_ASK_NOTED);
  broker_ask_unref (ask);
}

static void
on_scope_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerAsk *ask = user_data;
  GError *error = NULL;
  gboolean done =
    broker_permissions_extend_finish (ask->asks->permissions, result, &error);

  if (done && ask->asks->extended != NULL)
    ask->asks->extended (ask->caller, ask->accessory_id, ask->asks->observer_data);
  finish_call (ask, BROKER_ASK_STORED, done, error);
}

static void
on_migrated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerAsk *ask = user_data;
  GError *error = NULL;

  ask->result = broker_migrations_run_finish (result, &error);
  finish_call (ask, BROKER_ASK_STORED, ask->result != NULL, error);
}

static void
store (BrokerAsk *ask)
{
  BrokerAsks *asks = ask->asks;

  switch (ask->kind)
    {
    case BROKER_ASK_SCOPE:
      broker_permissions_extend_async (asks->permissions, ask->caller, ask->accessory_id,
                                       ask->descriptor, on_scope_stored,
                                       broker_ask_ref (ask));
      break;
    case BROKER_ASK_MIGRATE:
      broker_migrations_run_async (asks->migrations, ask->caller, ask->session_path,
                                   ask->request, on_migrated, broker_ask_ref (ask));
      break;
    case BROKER_ASK_BLUETOOTH:
    default:
      broker_permissions_answer_broad_async (asks->permissions, ask->caller, TRUE, NULL,
                                             on_broad_stored, broker_ask_ref (ask));
      break;
    }
}

/* Only the Bluetooth row remembers a no. */
static void
note (BrokerAsk *ask)
{
  if (ask->kind == BROKER_ASK_BLUETOOTH)
    broker_permissions_answer_broad_async (ask->asks->permissions, ask->caller, FALSE,
                                           NULL, on_no_stored, broker_ask_ref (ask));
  else
    broker_ask_take (ask, BROKER_ASK_NOTED);
}

/* Returns: (transfer full): NULL when all went well. */
static GError *
make_error (const BrokerAsk *ask, const BrokerAskEnd *end)
{
  if (end->response == BLEPICK_RESPONSE_DONE)
    return NULL;
  if (end->cause != NULL)
    return blepick_error_new (end->code, end->cause, "%s", end->text);
  if (ask->refusal != NULL)
    return g_error_copy (ask->refusal);
  return blepick_error_new (BLEPICK_ERROR_UNKNOWN, "internal", "It came to nothing.");
}

static void
dismiss (BrokerAsk *ask)
{
  const BrokerAskEnd *end = broker_ask_outcome_describe (ask->fsm.outcome);
  g_autoptr (GError) error = make_error (ask, end);
  GVariantDict result;

  g_clear_handle_id (&ask->clock, g_source_remove);
  if (ask->presentation != NULL)
    {
      g_variant_dict_init (&result, NULL);
      g_variant_dict_insert (&result, "outcome", "s", end->word);
      if (error != NULL)
        {
          g_autofree char *cause = NULL, *text = NULL;
          gboolean retryable;

          blepick_error_split (error->message, &cause, &retryable, &text);
          g_variant_dict_insert (&result, "cause", "s", cause);
          g_variant_dict_insert (&result, "message", "s", text);
        }
      broker_presentation_dismiss (g_steal_pointer (&ask->presentation),
                                   g_variant_dict_end (&result));
    }
  if (ask->said_presented)
    say_event (ask, BLEPICK_EVENT_PICKER_DID_DISMISS);
}

static GVariant *
describe_result (const BrokerAsk *ask)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (ask->kind == BROKER_ASK_BLUETOOTH)
    g_variant_dict_insert (&dict, "bluetooth", "s", "allowed");
  else if (ask->kind == BROKER_ASK_SCOPE)
    g_variant_dict_insert (&dict, "accessory", "s", ask->accessory_id);
  else
    g_variant_dict_insert_value (&dict, "migrated",
                                 ask->result != NULL ? ask->result
                                                     : g_variant_new_strv (NULL, 0));
  return g_variant_dict_end (&dict);
}

static void
respond (BrokerAsk *ask)
{
  const BrokerAskEnd *end = broker_ask_outcome_describe (ask->fsm.outcome);
  const BrokerAskClient *client = g_steal_pointer (&ask->client);
  g_autoptr (GError) error = make_error (ask, end);
  BrokerAsks *asks = ask->asks;

  g_clear_handle_id (&ask->start, g_source_remove);
  /* Somebody who draws his own questions can only tire himself. */
  if (!ask->own_presenter && (ask->fsm.outcome == BROKER_ASK_OUTCOME_CANCELLED ||
                              ask->fsm.outcome == BROKER_ASK_OUTCOME_DENIED))
    broker_throttle_note_refusal (asks->throttle, ask->caller->app,
                                  g_get_monotonic_time ());
  g_ptr_array_remove (asks->running, ask);
  if (client != NULL)
    client->done (end->response, error == NULL ? describe_result (ask) : NULL, error,
                  ask->client_data);
  broker_ask_unref (ask);
}

static const struct
{
  BrokerAskActions action;
  void (*perform) (BrokerAsk *ask);
} performers[] = {
  { BROKER_ASK_DO_PRESENT, present }, { BROKER_ASK_DO_START_CLOCK, start_clock },
  { BROKER_ASK_DO_STORE, store },     { BROKER_ASK_DO_NOTE, note },
  { BROKER_ASK_DO_DISMISS, dismiss }, { BROKER_ASK_DO_RESPOND, respond },
};

/* No step has two actions of which the first leads to an event, so one may lead into the next. */
void
broker_ask_take (BrokerAsk *ask, BrokerAskEvent event)
{
  guint actions = broker_ask_fsm_step (&ask->fsm, event);

  broker_ask_ref (ask);
  for (gsize i = 0; i < G_N_ELEMENTS (performers); i++)
    if ((actions & performers[i].action) != 0)
      performers[i].perform (ask);
  broker_ask_unref (ask);
}
