/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/asks.h"

#include <string.h>

#include "broker/ask.h"
#include "broker/declared.h"
#include "dbus/errors.h"

/* ---- all of them ---- */

typedef void (*EachFunc) (BrokerAsk *ask);

/* Questions may end while we go through them. */
static void
for_each_ask (BrokerAsks *self, EachFunc func)
{
  g_autoptr (GPtrArray) all =
    g_ptr_array_new_with_free_func ((GDestroyNotify) broker_ask_unref);

  for (guint i = 0; i < self->running->len; i++)
    g_ptr_array_add (all, broker_ask_ref (g_ptr_array_index (self->running, i)));
  for (guint i = 0; i < all->len; i++)
    func (g_ptr_array_index (all, i));
}

static void
try_turn (BrokerAsk *ask)
{
  const char *presenter;

  if (ask->fsm.state != BROKER_ASK_QUEUED)
    return;
  presenter = broker_presenters_choose (ask->asks->presenters, ask->caller, NULL);
  if (presenter == NULL || !broker_presenters_is_busy (ask->asks->presenters, presenter))
    broker_ask_take (ask, BROKER_ASK_TURN);
}

static void
on_presenter_freed (gpointer user_data)
{
  for_each_ask (user_data, try_turn);
}

BrokerAsks *
broker_asks_new (BrokerPermissions *permissions,
                 BrokerManifests *manifests,
                 BrokerPresenters *presenters,
                 BrokerMigrations *migrations)
{
  BrokerAsks *self = g_new0 (BrokerAsks, 1);

  self->permissions = permissions;
  self->manifests = manifests;
  self->presenters = presenters;
  self->migrations = migrations;
  self->running = g_ptr_array_new ();
  self->throttle = broker_presenters_get_throttle (presenters);
  broker_presenters_add_freed (presenters, on_presenter_freed, self);
  return self;
}

void
broker_asks_set_observer (BrokerAsks *self,
                          BrokerExtendedFunc extended,
                          gpointer user_data)
{
  self->extended = extended;
  self->observer_data = user_data;
}

/* Everybody has ended: see broker_asks_stop(). */
void
broker_asks_free (BrokerAsks *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->running);
  g_free (self);
}

static gboolean
check_others (BrokerAsks *self, const BrokerCaller *caller, GError **error)
{
  guint n_queued = 0;

  for (guint i = 0; i < self->running->len; i++)
    {
      const BrokerAsk *other = g_ptr_array_index (self->running, i);

      if (strcmp (other->caller->app, caller->app) == 0)
        {
          blepick_error_set (error, BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "same-app",
                             "A question of this app is open already.");
          return FALSE;
        }
      if (other->caller->uid == caller->uid && other->fsm.state == BROKER_ASK_QUEUED)
        n_queued++;
    }
  if (n_queued < BROKER_ASKS_QUEUE_MAX)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_PICKER_ALREADY_ACTIVE, "queue-full",
                     "Too many questions are waiting for this person.");
  return FALSE;
}

/* NULL with the reason why @caller may not ask now. */
static const char *
admit (BrokerAsks *self, const BrokerCaller *caller, GError **error)
{
  const char *presenter;

  if (!check_others (self, caller, error))
    return NULL;
  presenter = broker_presenters_choose (self->presenters, caller, error);
  if (presenter != NULL && strcmp (presenter, caller->unique_name) != 0 &&
      broker_throttle_is_silenced (self->throttle, caller->app, g_get_monotonic_time ()))
    {
      blepick_error_set (error, BLEPICK_ERROR_PICKER_RESTRICTED, "throttled",
                         "This app was refused several times. It may ask again in some "
                         "minutes.");
      return NULL;
    }
  return presenter;
}

static gboolean
on_settled (gpointer user_data)
{
  BrokerAsk *ask = user_data;

  ask->start = 0;
  broker_ask_take (ask, ask->refusal != NULL ? BROKER_ASK_REVOKED : BROKER_ASK_SETTLED);
  return G_SOURCE_REMOVE;
}

/* The row remembers: a decision is an answer to the request, not an error of the call. */
static gboolean
is_decision (const BrokerAsk *ask)
{
  return ask->kind == BROKER_ASK_BLUETOOTH &&
         ask->refusal->code == BLEPICK_ERROR_USER_RESTRICTED;
}

/* Whether the app asks for no more than its manifest, as it is now, declares. Of the Bluetooth row it
 * is asked where the row is. */
static gboolean
check_declared (const BrokerAsk *ask, GError **error)
{
  const BrokerCaller *caller = ask->caller;
  g_autoptr (PermsManifest) manifest = NULL;

  if (ask->kind == BROKER_ASK_BLUETOOTH)
    return TRUE;
  if (!broker_manifests_find (ask->asks->manifests, caller->app, &manifest, error))
    return FALSE;
  if (ask->kind == BROKER_ASK_MIGRATE)
    return broker_declared_check (manifest, caller->sandboxed, ask->request, error);
  return broker_declared_check_services (manifest, caller->sandboxed,
                                         ask->descriptor->services,
                                         ask->descriptor->n_services, error);
}

BrokerAsk *
broker_asks_start (BrokerAsks *self,
                   const BrokerAskNew *wanted,
                   const BrokerAskClient *client,
                   gpointer user_data,
                   GError **error)
{
  BrokerAsk *ask = broker_ask_new (self, wanted);
  BrokerAskStanding standing;
  const char *presenter = NULL;

  if (!check_declared (ask, error))
    {
      broker_ask_unref (ask);
      return NULL;
    }
  standing = broker_ask_find_standing (ask, &ask->refusal);

  if (standing == BROKER_ASK_STANDING_REFUSED && !is_decision (ask))
    {
      g_propagate_error (error, g_steal_pointer (&ask->refusal));
      broker_ask_unref (ask);
      return NULL;
    }
  if (standing == BROKER_ASK_STANDING_OPEN)
    {
      presenter = admit (self, ask->caller, error);
      if (presenter == NULL)
        {
          broker_ask_unref (ask);
          return NULL;
        }
    }
  ask->client = client;
  ask->client_data = user_data;
  g_ptr_array_add (self->running, ask);
  if (presenter == NULL)
    ask->start = g_idle_add_full (G_PRIORITY_DEFAULT, on_settled, ask, NULL);
  else if (broker_presenters_is_busy (self->presenters, presenter))
    broker_ask_take (ask, BROKER_ASK_QUEUE);
  else
    broker_ask_take (ask, BROKER_ASK_OPEN);
  return ask;
}

void
broker_ask_close (BrokerAsk *ask)
{
  ask->client = NULL;
  broker_ask_take (ask, BROKER_ASK_CLIENT_GONE);
}

static void
check_standing (BrokerAsk *ask)
{
  g_autoptr (GError) error = NULL;
  BrokerAskStanding standing;

  if (ask->start != 0 || ask->fsm.state > BROKER_ASK_ASKING)
    return;
  standing = broker_ask_find_standing (ask, &error);
  if (standing == BROKER_ASK_STANDING_OPEN)
    return;
  g_clear_error (&ask->refusal);
  ask->refusal = g_steal_pointer (&error);
  broker_ask_take (ask, standing == BROKER_ASK_STANDING_SETTLED ? BROKER_ASK_SETTLED
                                                                : BROKER_ASK_REVOKED);
}

void
broker_asks_take_rows_changed (BrokerAsks *self)
{
  for_each_ask (self, check_standing);
}

static void
suspend_ask (BrokerAsk *ask)
{
  broker_ask_take (ask, BROKER_ASK_SUSPENDED);
}

void
broker_asks_suspend (BrokerAsks *self)
{
  for_each_ask (self, suspend_ask);
}

static void
stop_ask (BrokerAsk *ask)
{
  broker_ask_take (ask, BROKER_ASK_STOPPING);
}

void
broker_asks_stop (BrokerAsks *self)
{
  for_each_ask (self, stop_ask);
}
