/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/picker.h"

#include <string.h>

#include "dbus/errors.h"

BrokerPicker *
broker_picker_new (const BrokerPickerHost *host,
                   guint token,
                   BrokerCaller *caller,
                   const char *session_path,
                   BrokerPickerRequest *request,
                   BleAdapterId adapter)
{
  BrokerPicker *picker = g_new0 (BrokerPicker, 1);

  g_ref_count_init (&picker->refs);
  picker->host = host;
  picker->token = token;
  picker->fsm = (BrokerPickerFsm) BROKER_PICKER_FSM_INIT;
  g_queue_init (&picker->events);
  picker->caller = broker_caller_ref (caller);
  picker->session_path = g_strdup (session_path);
  picker->request = request;
  picker->adapter = adapter;
  picker->rows = broker_picker_rows_new (request->filters);
  return picker;
}

void
broker_picker_unref (BrokerPicker *picker)
{
  if (!g_ref_count_dec (&picker->refs))
    return;
  g_clear_object (&picker->pairing);
  broker_picker_rows_free (picker->rows);
  broker_picker_request_free (picker->request);
  broker_caller_unref (picker->caller);
  g_queue_clear (&picker->events);
  g_free (picker->session_path);
  g_free (picker->pair_cause);
  g_free (picker->accessory_id);
  g_free (picker->given_name);
  g_clear_pointer (&picker->migrated, g_variant_unref);
  g_free (picker);
}

void
broker_picker_say_progress (BrokerPicker *picker, const char *phase)
{
  GVariantDict details;

  if (picker->presentation == NULL)
    return;
  g_variant_dict_init (&details, NULL);
  if (picker->chosen != NULL)
    g_variant_dict_insert (&details, "row", "s", picker->chosen->id);
  broker_presentation_progress (picker->presentation, phase,
                                g_variant_dict_end (&details));
}

void
broker_picker_say_event (BrokerPicker *picker, BlepickEvent event, GVariant *details)
{
  g_autoptr (GVariant) kept = details != NULL ? g_variant_ref_sink (details) : NULL;

  if (picker->client != NULL)
    picker->client->event (event, kept, picker->client_data);
}

const BrokerPickerItem *
broker_picker_get_chosen_item (const BrokerPicker *picker)
{
  return broker_picker_request_item (picker->request, picker->chosen->item);
}

static void
stop_timers (BrokerPicker *picker)
{
  g_clear_handle_id (&picker->end_timer, g_source_remove);
  g_clear_handle_id (&picker->no_match_timer, g_source_remove);
}

static gboolean
on_time_over (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->end_timer = 0;
  broker_picker_take (picker, broker_picker_rows_count (picker->rows) == 0
                                ? BROKER_PICKER_TIMED_OUT_EMPTY
                                : BROKER_PICKER_TIMED_OUT);
  return G_SOURCE_REMOVE;
}

static gboolean
on_no_match_yet (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->no_match_timer = 0;
  if (broker_picker_rows_count (picker->rows) == 0)
    broker_picker_say_progress (picker, "no-match-yet");
  return G_SOURCE_REMOVE;
}

static void
start_timers (BrokerPicker *picker)
{
  stop_timers (picker);
  if (picker->request->timeout_s > 0)
    picker->end_timer =
      g_timeout_add_seconds (picker->request->timeout_s, on_time_over, picker);
  picker->no_match_timer =
    g_timeout_add_seconds (BROKER_PICKER_NO_MATCH_S, on_no_match_yet, picker);
}

/* An address that changes names nothing for long: only a bond makes it an accessory. What has to be verified is
 * verified by pairing. */
static gboolean
needs_bond (const BrokerPickerRow *row, const BleAdvert *advert)
{
  return (row->descriptor->support & BLE_SUPPORT_PAIRING_LE) != 0 ||
         row->descriptor->require_verified || !ble_address_is_identity (&advert->address);
}

static gboolean
choose_row (BrokerPicker *picker, const BrokerPresenterNews *news, GError **error)
{
  const BrokerPickerRow *row = broker_picker_rows_find (picker->rows, news->row);
  const BleAdvert *advert;

  if (row == NULL || !row->shown || picker->fsm.state != BROKER_PICKER_SCANNING)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-row",
                         "There is no such row, or one is chosen already.");
      return FALSE;
    }
  advert = ble_radio_lookup_device (picker->host->radio, row->device);
  if (advert == NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-row",
                         "This accessory is not there any more.");
      return FALSE;
    }

  broker_picker_rows_keep (picker->rows, row->id);
  picker->chosen = row;
  picker->device = row->device;
  picker->pending_address = advert->address;
  picker->denial = broker_permissions_get_denial (picker->host->permissions,
                                                  picker->caller, &advert->address);
  picker->until_s = news->until_s;
  picker->lifetime = BROKER_LIFETIME_ALWAYS;
  if (strcmp (news->lifetime, "once") == 0)
    picker->lifetime = BROKER_LIFETIME_ONCE;
  else if (strcmp (news->lifetime, "until") == 0)
    picker->lifetime = BROKER_LIFETIME_UNTIL;

  if (broker_picker_is_undeclared_keyboard (picker, row, advert))
    {
      broker_picker_take (picker, BROKER_PICKER_KEYBOARD);
      return TRUE;
    }
  if (advert->bonded)
    broker_picker_take (picker, broker_picker_is_bond_enough (picker)
                                  ? BROKER_PICKER_CHOSE_READY
                                  : BROKER_PICKER_BOND_UNVERIFIED);
  else
    broker_picker_take (picker, needs_bond (row, advert) ? BROKER_PICKER_CHOSE_UNPAIRED
                                                         : BROKER_PICKER_CHOSE_READY);
  return TRUE;
}

static void
rescan (BrokerPicker *picker)
{
  if (picker->fsm.state != BROKER_PICKER_SCANNING)
    return;
  start_timers (picker);
  broker_scan_release (picker->host->scan, picker->adapter);
  broker_scan_hold (picker->host->scan, picker->adapter);
}

static gboolean
on_presenter_news (const BrokerPresenterNews *news, gpointer user_data, GError **error)
{
  BrokerPicker *picker = user_data;

  switch (news->act)
    {
    case BROKER_PRESENTER_PRESENTED:
      broker_picker_take (picker, BROKER_PICKER_PRESENTED);
      return TRUE;
    case BROKER_PRESENTER_CHOSE:
      return choose_row (picker, news, error);
    case BROKER_PRESENTER_CANCELLED:
      broker_picker_take (picker, BROKER_PICKER_CANCELLED);
      return TRUE;
    case BROKER_PRESENTER_RESCAN:
      rescan (picker);
      return TRUE;
    case BROKER_PRESENTER_NAMED:
      return broker_picker_take_name (picker, news->name, error);
    case BROKER_PRESENTER_ANSWERED:
      if (picker->fsm.state == BROKER_PICKER_NAMING ||
          picker->fsm.state == BROKER_PICKER_NAMING_BOND)
        return broker_picker_take_name (picker, NULL, error);
      return broker_picker_answer (picker, news->accept, news->passkey, error);
    case BROKER_PRESENTER_LOST:
      broker_picker_take (picker, BROKER_PICKER_PRESENTER_LOST);
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* The presenter may have gone while we queued for it. */
static void
present (BrokerPicker *picker)
{
  const char *presenter =
    broker_presenters_choose (picker->host->presenters, picker->caller, NULL);

  if (presenter == NULL)
    {
      broker_picker_take (picker, BROKER_PICKER_PRESENTER_LOST);
      return;
    }
  picker->own_presenter = strcmp (presenter, picker->caller->unique_name) == 0;
  picker->presentation = broker_presenters_present (picker->host->presenters, presenter,
                                                    broker_picker_describe_about (picker),
                                                    broker_picker_describe_items (picker),
                                                    on_presenter_news, picker);
}

static void
start_scan (BrokerPicker *picker)
{
  for (guint i = 0; i < picker->request->items->len; i++)
    broker_scan_add (picker->host->scan, picker->token,
                     broker_picker_request_item (picker->request, i)->descriptor);
  broker_scan_hold (picker->host->scan, picker->adapter);
  picker->scanning = TRUE;
}

/* Rows go out only once the picker is drawn. */
static void
say_presented (BrokerPicker *picker)
{
  picker->said_presented = TRUE;
  broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_DID_PRESENT, NULL);
  broker_picker_say_progress (picker, "scanning");
  broker_scan_replay (picker->host->scan, picker->token, g_get_monotonic_time ());
  broker_picker_flush_rows (picker);
  start_timers (picker);
  /* The app has finished its discovery before anybody saw the picker. */
  if (picker->discovery_finished && broker_picker_rows_count (picker->rows) == 0)
    broker_picker_take (picker, BROKER_PICKER_TIMED_OUT_EMPTY);
}

static void
stop_scan (BrokerPicker *picker)
{
  stop_timers (picker);
  g_clear_handle_id (&picker->room_timer, g_source_remove);
  g_clear_handle_id (&picker->flush_timer, g_source_remove);
  if (!picker->scanning)
    return;
  picker->scanning = FALSE;
  broker_scan_remove (picker->host->scan, picker->token);
  broker_scan_release (picker->host->scan, picker->adapter);
}

static void
join_pairing (BrokerPicker *picker)
{
  if (!picker->host->join_pairing (picker->host->pickers, picker))
    broker_picker_say_progress (picker, "waiting-for-pairing");
}

static void
leave_pairing (BrokerPicker *picker)
{
  picker->host->leave_pairing (picker->host->pickers, picker);
}

static void
say_pairing (BrokerPicker *picker)
{
  broker_picker_say_event (picker, BLEPICK_EVENT_PICKER_SETUP_PAIRING, NULL);
  broker_picker_say_progress (picker, "connecting");
}

static const struct
{
  BrokerPickerActions action;
  void (*perform) (BrokerPicker *picker);
} performers[] = {
  { BROKER_PICKER_DO_PRESENT, present },
  { BROKER_PICKER_DO_START_SCAN, start_scan },
  { BROKER_PICKER_DO_SAY_PRESENTED, say_presented },
  { BROKER_PICKER_DO_STOP_SCAN, stop_scan },
  { BROKER_PICKER_DO_STORE_PENDING, broker_picker_store_pending },
  { BROKER_PICKER_DO_JOIN_PAIRING, join_pairing },
  { BROKER_PICKER_DO_SAY_PAIRING, say_pairing },
  { BROKER_PICKER_DO_PAIR, broker_picker_pair },
  { BROKER_PICKER_DO_CANCEL_PAIR, broker_picker_cancel_pair },
  { BROKER_PICKER_DO_STORE_GRANT, broker_picker_store_grant },
  { BROKER_PICKER_DO_KEEP_PENDING, broker_picker_keep_pending },
  { BROKER_PICKER_DO_WITHDRAW, broker_picker_withdraw },
  { BROKER_PICKER_DO_UNDO, broker_picker_undo },
  { BROKER_PICKER_DO_CLEAR_PENDING, broker_picker_clear_pending },
  { BROKER_PICKER_DO_LEAVE_PAIRING, leave_pairing },
  { BROKER_PICKER_DO_ASK_NAME, broker_picker_ask_name },
  { BROKER_PICKER_DO_DISMISS, broker_picker_dismiss },
  { BROKER_PICKER_DO_RESPOND, broker_picker_respond },
};

/* What an action leads to at once waits until the action's step is done. */
void
broker_picker_take (BrokerPicker *picker, BrokerPickerEvent event)
{
  g_queue_push_tail (&picker->events, GUINT_TO_POINTER (event));
  if (picker->stepping)
    return;

  picker->stepping = TRUE;
  g_ref_count_inc (&picker->refs);
  while (!g_queue_is_empty (&picker->events))
    {
      event = GPOINTER_TO_UINT (g_queue_pop_head (&picker->events));
      guint actions = broker_picker_fsm_step (&picker->fsm, event);

      for (gsize i = 0; i < G_N_ELEMENTS (performers); i++)
        if ((actions & performers[i].action) != 0)
          performers[i].perform (picker);
    }
  picker->stepping = FALSE;
  broker_picker_unref (picker);
}

void
broker_picker_close (BrokerPicker *picker)
{
  picker->client = NULL;
  broker_picker_take (picker, BROKER_PICKER_CLIENT_GONE);
}

static guint
find_item (const BrokerPicker *picker, const BleDescriptor *descriptor)
{
  for (guint i = 0; i < picker->request->items->len; i++)
    if (broker_picker_request_item (picker->request, i)->descriptor == descriptor)
      return i;
  g_return_val_if_reached (0);
}

void
broker_picker_take_match (BrokerPicker *picker,
                          const BleDescriptor *descriptor,
                          const BleSighting *sighting)
{
  const BleAdvert *advert = sighting->advert;
  BrokerPickerRow *row;
  gboolean yours;

  if (advert->adapter != picker->adapter ||
      (descriptor->range == BLE_RANGE_IMMEDIATE && sighting->signal != BLE_SIGNAL_STRONG))
    return;
  yours = broker_permissions_find_address (picker->host->permissions, picker->caller,
                                           &advert->address) != NULL;
  row = broker_picker_rows_take (picker->rows, find_item (picker, descriptor), descriptor,
                                 sighting, yours);
  if (row != NULL && picker->request->filters)
    broker_picker_tell_candidate (picker, row, descriptor, advert);
}

static gboolean
on_room (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->room_timer = 0;
  broker_scan_replay (picker->host->scan, picker->token, g_get_monotonic_time ());
  broker_picker_flush_rows (picker);
  return G_SOURCE_REMOVE;
}

/* However many come and go: all that is around is gone through ten times a second at most. */
void
broker_picker_take_device_gone (BrokerPicker *picker, BleDeviceId device)
{
  gboolean has_room = broker_picker_rows_take_gone (picker->rows, device);

  if (has_room && picker->scanning && picker->said_presented && picker->room_timer == 0)
    picker->room_timer = g_timeout_add (BROKER_PICKER_ROOM_MS, on_room, picker);
  if (picker->chosen != NULL && picker->device == device)
    broker_picker_take (picker, BROKER_PICKER_ACCESSORY_GONE);
}

void
broker_picker_say_linked (BrokerPicker *picker)
{
  if (picker->said_pairing)
    return;
  picker->said_pairing = TRUE;
  broker_picker_say_progress (picker, "pairing");
}

void
broker_picker_check_chosen (BrokerPicker *picker)
{
  const BleAdvert *advert;

  if (picker->chosen == NULL)
    return;
  advert = ble_radio_lookup_device (picker->host->radio, picker->device);
  if (advert == NULL)
    return;
  if (advert->connected && picker->fsm.state == BROKER_PICKER_PAIRING)
    broker_picker_say_linked (picker);
  if (broker_picker_is_undeclared_keyboard (picker, picker->chosen, advert))
    broker_picker_take (picker, BROKER_PICKER_KEYBOARD);
  else if (advert->bonded && picker->fsm.state == BROKER_PICKER_WAITING)
    broker_picker_take (picker, broker_picker_is_bond_enough (picker)
                                  ? BROKER_PICKER_BOND_APPEARED
                                  : BROKER_PICKER_BOND_UNVERIFIED);
}

void
broker_picker_check_adapter (BrokerPicker *picker)
{
  BleRadio *radio = picker->host->radio;
  const BleAdapter *adapter = ble_radio_find_adapter (radio, picker->adapter);

  if (!ble_radio_daemon_running (radio))
    broker_picker_take (picker, BROKER_PICKER_DAEMON_GONE);
  else if (adapter == NULL)
    broker_picker_take (picker, BROKER_PICKER_ADAPTER_GONE);
  else if (!adapter->powered)
    broker_picker_take (picker, BROKER_PICKER_ADAPTER_OFF);
}

void
broker_picker_check_allowed (BrokerPicker *picker)
{
  BrokerPermissions *permissions = picker->host->permissions;
  guint64 denial;

  if (!broker_permissions_check_picker (permissions, picker->caller, NULL))
    {
      broker_picker_take (picker, BROKER_PICKER_RESTRICTED);
      return;
    }
  if (picker->chosen == NULL)
    return;
  denial =
    broker_permissions_get_denial (permissions, picker->caller, &picker->pending_address);
  if (denial != 0 && denial != picker->denial)
    broker_picker_take (picker, BROKER_PICKER_REVOKED);
}

static gboolean
on_flush (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->flush_timer = 0;
  broker_picker_flush_rows (picker);
  return G_SOURCE_REMOVE;
}

void
broker_picker_flush_rows_soon (BrokerPicker *picker)
{
  if (picker->scanning && picker->flush_timer == 0)
    picker->flush_timer = g_timeout_add (BROKER_PICKER_ROOM_MS, on_flush, picker);
}

void
broker_picker_flush_rows (BrokerPicker *picker)
{
  g_autoptr (GVariant) rows = NULL;

  if (!picker->said_presented || picker->presentation == NULL)
    return;
  rows = broker_picker_rows_drain (picker->rows);
  if (rows != NULL)
    broker_presentation_update_rows (picker->presentation, rows);
}
