/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/pickers.h"

#include <string.h>

#include "broker/declared.h"
#include "broker/leftovers.h"
#include "broker/picker.h"
#include "dbus/errors.h"

struct BrokerPickers
{
  BrokerPickerHost host;
  GPtrArray *running;   /* of BrokerPicker, oldest first: also the queue for presenters */
  GHashTable *by_token; /* the same */
  GQueue pairing;       /* of BrokerPicker: the first one pairs, the others wait */
  BrokerThrottle *throttle;
  guint last_token;
  BrokerLeftovers *leftovers;
};

static BrokerPicker *
find_token (BrokerPickers *self, guint token)
{
  return g_hash_table_lookup (self->by_token, GUINT_TO_POINTER (token));
}

static void
on_match (guint token,
          const BleDescriptor *descriptor,
          const BleSighting *sighting,
          gpointer user_data)
{
  BrokerPicker *picker = find_token (user_data, token);

  if (picker != NULL)
    broker_picker_take_match (picker, descriptor, sighting);
}

static gboolean
join_pairing (BrokerPickers *self, BrokerPicker *picker)
{
  g_queue_push_tail (&self->pairing, picker);
  if (g_queue_peek_head (&self->pairing) != picker)
    return FALSE;
  broker_picker_take (picker, BROKER_PICKER_PAIR_TURN);
  return TRUE;
}

static void
leave_pairing (BrokerPickers *self, BrokerPicker *picker)
{
  gboolean was_first = g_queue_peek_head (&self->pairing) == picker;

  g_queue_remove (&self->pairing, picker);
  if (was_first && !g_queue_is_empty (&self->pairing))
    broker_picker_take (g_queue_peek_head (&self->pairing), BROKER_PICKER_PAIR_TURN);
}

/* A presenter draws one picker at a time, the oldest first. */
static void
serve_queue (gpointer user_data)
{
  BrokerPickers *self = user_data;

  for (guint i = 0; i < self->running->len; i++)
    {
      BrokerPicker *picker = g_ptr_array_index (self->running, i);
      const char *presenter;

      if (picker->fsm.state != BROKER_PICKER_QUEUED)
        continue;
      presenter = broker_presenters_choose (self->host.presenters, picker->caller, NULL);
      if (presenter == NULL ||
          !broker_presenters_is_busy (self->host.presenters, presenter))
        {
          broker_picker_take (picker, BROKER_PICKER_TURN);
          return;
        }
    }
}

static void
note_for_throttle (BrokerPickers *self, const BrokerPicker *picker)
{
  /* Somebody who draws his own picker can only tire himself. */
  if (picker->own_presenter)
    return;
  if (picker->fsm.outcome == BROKER_PICKER_OUTCOME_CANCELLED)
    broker_throttle_note_refusal (self->throttle, picker->caller->app,
                                  g_get_monotonic_time ());
  else if (picker->fsm.outcome == BROKER_PICKER_OUTCOME_DONE)
    broker_throttle_note_pick (self->throttle, picker->caller->app);
}

static void
take_ended (BrokerPickers *self, BrokerPicker *picker)
{
  note_for_throttle (self, picker);
  g_ptr_array_remove (self->running, picker);
  g_hash_table_remove (self->by_token, GUINT_TO_POINTER (picker->token));
  broker_picker_unref (picker);
}

static gboolean
is_being_picked (const BleAddress *address, gpointer user_data)
{
  BrokerPickers *self = user_data;

  for (guint i = 0; i < self->running->len; i++)
    {
      const BrokerPicker *picker = g_ptr_array_index (self->running, i);

      if (picker->chosen != NULL && ble_address_equal (&picker->pending_address, address))
        return TRUE;
    }
  return FALSE;
}

BrokerPickers *
broker_pickers_new (const BrokerPickersRooms *rooms)
{
  BrokerPickers *self = g_new0 (BrokerPickers, 1);

  self->running = g_ptr_array_new ();
  self->by_token = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->pairing);
  self->throttle = broker_presenters_get_throttle (rooms->presenters);
  self->leftovers =
    broker_leftovers_new (rooms->radio, rooms->permissions, is_being_picked, self);
  self->host = (BrokerPickerHost){
    .radio = rooms->radio,
    .permissions = rooms->permissions,
    .manifests = rooms->manifests,
    .presenters = rooms->presenters,
    .migrations = rooms->migrations,
    .keyboards = rooms->keyboards,
    .scan = broker_scan_new (rooms->radio, on_match, self),
    .join_pairing = join_pairing,
    .leave_pairing = leave_pairing,
    .ended = take_ended,
    .pickers = self,
  };
  broker_presenters_add_freed (rooms->presenters, serve_queue, self);
  return self;
}

/* Everybody has ended: see broker_pickers_stop(). */
void
broker_pickers_free (BrokerPickers *self)
{
  if (self == NULL)
    return;
  broker_leftovers_free (self->leftovers);
  broker_scan_free (self->host.scan);
  g_ptr_array_unref (self->running);
  g_hash_table_unref (self->by_token);
  g_queue_clear (&self->pairing);
  g_free (self);
}

static gboolean
restrict_picker (GError **error, const char *cause, const char *text)
{
  blepick_error_set (error, BLEPICK_ERROR_PICKER_RESTRICTED, cause, "%s", text);
  return FALSE;
}

BrokerScan *
broker_pickers_get_scan (BrokerPickers *self)
{
  return self->host.scan;
}

static gboolean
refuse_without_daemon (GError **error)
{
  return restrict_picker (
    error, "no-daemon",
    "bluetoothd is not running. Start it: systemctl start bluetooth.");
}

static gboolean
refuse_without_power (GError **error)
{
  return restrict_picker (error, "bluetooth-off",
                          "Bluetooth is off. Switch it on: bluetoothctl power on.");
}

/* By the name that the kernel gave it this time, or by the address that it always has. */
static gboolean
is_called (const BleAdapter *adapter, const char *name)
{
  char address[BLE_ADDRESS_TEXT_SIZE];

  ble_address_format (&adapter->address, address);
  return strcmp (adapter->name, name) == 0 || g_ascii_strcasecmp (address, name) == 0;
}

gboolean
broker_pickers_choose_adapter (BrokerPickers *self,
                               const char *name,
                               BleAdapterId *ret_adapter,
                               GError **error)
{
  const GArray *adapters = ble_radio_adapters (self->host.radio);
  const BleAdapter *chosen = NULL;

  if (!ble_radio_daemon_running (self->host.radio))
    return refuse_without_daemon (error);
  for (guint i = 0; i < adapters->len; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      if (name != NULL && !is_called (adapter, name))
        continue;
      if (chosen == NULL || (!chosen->powered && adapter->powered))
        chosen = adapter;
    }
  if (chosen == NULL)
    return restrict_picker (error, "no-adapter",
                            name != NULL
                              ? "There is no Bluetooth adapter of that name."
                              : "There is no Bluetooth adapter. Is it plugged in?");
  if (!chosen->powered)
    return refuse_without_power (error);
  *ret_adapter = chosen->id;
  return TRUE;
}

gboolean
broker_pickers_check_adapter (BrokerPickers *self, BleAdapterId id, GError **error)
{
  const BleAdapter *adapter = ble_radio_find_adapter (self->host.radio, id);

  if (!ble_radio_daemon_running (self->host.radio))
    return refuse_without_daemon (error);
  if (adapter == NULL)
    return restrict_picker (error, "no-adapter", "The Bluetooth adapter has gone.");
  return adapter->powered || refuse_without_power (error);
}

/* An app has one picker at a time, however many connections it has; but who draws a picker of his own has one on each
 * terminal. */
static gboolean
is_in_the_way (const BrokerPicker *other, const BrokerCaller *caller, gboolean draws)
{
  return strcmp (other->caller->app, caller->app) == 0 &&
         (!draws || strcmp (other->caller->unique_name, caller->unique_name) == 0);
}

static gboolean
check_own_pickers (BrokerPickers *self,
                   const BrokerCaller *caller,
                   gboolean draws,
                   GError **error)
{
  guint n_queued = 0;

  for (guint i = 0; i < self->running->len; i++)
    {
      const BrokerPicker *other = g_ptr_array_index (self->running, i);

      if (is_in_the_way (other, caller, draws))
        {
          blepick_error_set (error, BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "same-app",
                             "A picker of this app is open already.");
          return FALSE;
        }
      if (other->caller->uid == caller->uid && other->fsm.state == BROKER_PICKER_QUEUED)
        n_queued++;
    }
  if (n_queued >= BROKER_PICKERS_QUEUE_MAX)
    {
      blepick_error_set (error, BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "queue-full",
                         "Too many pickers are waiting for this person.");
      return FALSE;
    }
  return TRUE;
}

/* NULL with the reason why @caller gets no picker now. */
static const char *
admit (BrokerPickers *self, BrokerCaller *caller, GError **error)
{
  const char *presenter;
  gboolean draws;

  if (!broker_permissions_check_picker (self->host.permissions, caller, error))
    return NULL;
  presenter = broker_presenters_choose (self->host.presenters, caller, error);
  if (presenter == NULL)
    return NULL;
  draws = strcmp (presenter, caller->unique_name) == 0;
  if (!check_own_pickers (self, caller, draws, error))
    return NULL;
  if (!draws &&
      broker_throttle_is_silenced (self->throttle, caller->app, g_get_monotonic_time ()))
    {
      restrict_picker (
        error, "throttled",
        "This app was refused several times. It may ask again in some minutes.");
      return NULL;
    }
  return presenter;
}

/* Whether @request asks for no more than the app's manifest, as it is now, declares. */
static gboolean
check_declared (BrokerPickers *self,
                const BrokerCaller *caller,
                BrokerPickerRequest *request,
                GError **error)
{
  g_autoptr (PermsManifest) manifest = NULL;

  return broker_manifests_find (self->host.manifests, caller->app, &manifest, error) &&
         broker_declared_check (manifest, caller->sandboxed, request, error) &&
         (!request->filters || broker_declared_check_discovery (manifest, error));
}

BrokerPicker *
broker_pickers_show (BrokerPickers *self,
                     const BrokerPickerAsk *ask,
                     const BrokerPickerClient *client,
                     gpointer user_data,
                     GError **error)
{
  g_autoptr (BrokerPickerRequest) request = ask->request;
  BleAdapterId adapter;
  const char *presenter;
  BrokerPicker *picker;
  gboolean is_busy;

  if (!check_declared (self, ask->caller, request, error) ||
      !broker_pickers_choose_adapter (self, request->adapter, &adapter, error))
    return NULL;
  presenter = admit (self, ask->caller, error);
  if (presenter == NULL)
    return NULL;

  is_busy = broker_presenters_is_busy (self->host.presenters, presenter);
  picker = broker_picker_new (&self->host, ++self->last_token, ask->caller,
                              ask->session_path, g_steal_pointer (&request), adapter);
  picker->client = client;
  picker->client_data = user_data;
  g_ptr_array_add (self->running, picker);
  g_hash_table_insert (self->by_token, GUINT_TO_POINTER (picker->token), picker);
  broker_picker_take (picker, is_busy ? BROKER_PICKER_QUEUE : BROKER_PICKER_OPEN);
  return picker;
}

typedef void (*EachFunc) (BrokerPicker *picker, gpointer user_data);

/* Pickers may end while we go through them. */
static void
for_each_picker (BrokerPickers *self, EachFunc func, gpointer user_data)
{
  guint n_running = self->running->len;
  g_autofree guint *tokens = g_new (guint, n_running);

  for (guint i = 0; i < n_running; i++)
    tokens[i] = ((BrokerPicker *) g_ptr_array_index (self->running, i))->token;
  for (guint i = 0; i < n_running; i++)
    {
      BrokerPicker *picker = find_token (self, tokens[i]);

      if (picker != NULL)
        func (picker, user_data);
    }
}

static void
stop_picker (BrokerPicker *picker, gpointer user_data)
{
  broker_picker_stop (picker);
}

void
broker_pickers_stop (BrokerPickers *self)
{
  for_each_picker (self, stop_picker, NULL);
}

static void
suspend_picker (BrokerPicker *picker, gpointer user_data)
{
  broker_picker_take (picker, BROKER_PICKER_SUSPENDED);
}

void
broker_pickers_suspend (BrokerPickers *self)
{
  for_each_picker (self, suspend_picker, NULL);
}

static void
check_allowed (BrokerPicker *picker, gpointer user_data)
{
  broker_picker_check_allowed (picker);
}

void
broker_pickers_take_rows_changed (BrokerPickers *self)
{
  for_each_picker (self, check_allowed, NULL);
}

typedef struct
{
  const BleAdvert *const *updates;
  guint n_updates;
} Adverts;

static void
take_adverts (BrokerPicker *picker, gpointer user_data)
{
  const Adverts *adverts = user_data;

  broker_picker_take_adverts (picker, adverts->updates, adverts->n_updates);
  broker_picker_check_chosen (picker);
  broker_picker_flush_rows (picker);
}

void
broker_pickers_take_adverts (BrokerPickers *self,
                             const BleAdvert *const *updates,
                             guint n_updates)
{
  Adverts adverts = { updates, n_updates };

  broker_leftovers_undo (self->leftovers);
  if (self->running->len == 0)
    return;
  broker_scan_take_adverts (self->host.scan, updates, n_updates, g_get_monotonic_time ());
  for_each_picker (self, take_adverts, &adverts);
}

static void
take_gone (BrokerPicker *picker, gpointer user_data)
{
  broker_picker_take_device_gone (picker, GPOINTER_TO_UINT (user_data));
  broker_picker_flush_rows_soon (picker);
}

void
broker_pickers_take_device_gone (BrokerPickers *self, BleDeviceId device)
{
  broker_scan_take_gone (self->host.scan, device);
  for_each_picker (self, take_gone, GUINT_TO_POINTER (device));
}

static void
check_adapter (BrokerPicker *picker, gpointer user_data)
{
  broker_picker_check_adapter (picker);
}

void
broker_pickers_take_adapters_changed (BrokerPickers *self)
{
  for_each_picker (self, check_adapter, NULL);
  broker_leftovers_undo (self->leftovers);
}

void
broker_pickers_take_broadcasts_closed (BrokerPickers *self, gboolean closed)
{
  self->host.broadcasts_closed = closed;
}
