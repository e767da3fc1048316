/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/presenters.h"

#include <string.h>

#include "ble/names.h"
#include "broker/presenters-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

#define NAME_MAX_BYTES \
  248 /* as of a device: GAP, Core Specification 5.3, Vol 3, Part C, 12.1 */
#define PASSKEY_MAX \
  999999 /* six digits: Core Specification 5.3, Vol 3, Part H, 2.3.5.3 */

BrokerPresenter *
broker_presenters_find (BrokerPresenters *self, const char *unique_name)
{
  for (guint i = 0; i < self->presenters->len; i++)
    {
      BrokerPresenter *presenter = g_ptr_array_index (self->presenters, i);

      if (strcmp (presenter->unique_name, unique_name) == 0)
        return presenter;
    }
  return NULL;
}

/* Without logind a user has one place, and is there. */
static gboolean
is_in_front (const BrokerPresenter *presenter)
{
  return presenter->login == NULL || broker_login_is_in_front (presenter->login);
}

static gboolean
is_of_session (const BrokerPresenter *presenter, const char *session)
{
  return presenter->login != NULL &&
         strcmp (broker_login_get_id (presenter->login), session) == 0;
}

const char *
broker_presenters_choose (BrokerPresenters *self,
                          const BrokerCaller *caller,
                          GError **error)
{
  const BrokerPresenter *own = broker_presenters_find (self, caller->unique_name);
  const BrokerPresenter *newest = NULL;
  gboolean has_hidden = FALSE;

  if (own != NULL)
    return own->unique_name;
  for (guint i = self->presenters->len; i > 0; i--)
    {
      const BrokerPresenter *presenter = g_ptr_array_index (self->presenters, i - 1);

      if (!presenter->draws_all || presenter->uid != caller->uid)
        continue;
      has_hidden = has_hidden || !is_in_front (presenter);
      if (!is_in_front (presenter))
        continue;
      if (is_of_session (presenter, caller->session))
        return presenter->unique_name;
      newest = newest != NULL ? newest : presenter;
    }
  if (newest != NULL)
    return newest->unique_name;
  if (has_hidden)
    blepick_error_set (error, BLEPICK_ERROR_PICKER_RESTRICTED, "no-active-session",
                       "The session of yours that draws pickers is not in front.");
  else
    blepick_error_set (
      error, BLEPICK_ERROR_PICKER_RESTRICTED, "no-presenter",
      "No program of yours draws pickers. Start `blepick agent` in a terminal.");
  return NULL;
}

gboolean
broker_presenters_is_busy (BrokerPresenters *self, const char *presenter)
{
  GHashTableIter iter;
  gpointer presentation;

  g_hash_table_iter_init (&iter, self->presentations);
  while (g_hash_table_iter_next (&iter, NULL, &presentation))
    if (strcmp (((BrokerPresentation *) presentation)->presenter, presenter) == 0)
      return TRUE;
  return FALSE;
}

void
broker_presenters_add_freed (BrokerPresenters *self,
                             BrokerPresenterFreedFunc freed,
                             gpointer user_data)
{
  BrokerPresenterFreed entry = { freed, user_data };

  g_array_append_val (self->freed, entry);
}

static gboolean
on_freed (gpointer user_data)
{
  BrokerPresenters *self = user_data;

  self->freed_source = 0;
  for (guint i = 0; i < self->freed->len; i++)
    {
      const BrokerPresenterFreed *entry =
        &g_array_index (self->freed, BrokerPresenterFreed, i);

      entry->func (entry->user_data);
    }
  return G_SOURCE_REMOVE;
}

void
broker_presenters_tell_freed (BrokerPresenters *self)
{
  if (self->freed_source == 0)
    self->freed_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_freed, self, NULL);
}

static void
refuse (GDBusMethodInvocation *invocation,
        BlepickError code,
        const char *cause,
        const char *text)
{
  g_autoptr (GError) error = blepick_error_new (code, cause, "%s", text);

  broker_export_return_error (invocation, error);
}

/* Somebody else's picker answers exactly like one that does not exist. */
static BrokerPresentation *
find_own_presentation (BrokerPresenters *self,
                       GDBusMethodInvocation *invocation,
                       const char *word)
{
  BrokerPresentation *presentation = g_hash_table_lookup (self->presentations, word);
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  if (presentation != NULL && strcmp (presentation->presenter, sender) == 0)
    return presentation;
  refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "no-picker",
          "There is no such picker, or not any more.");
  return NULL;
}

static void
hand_on (BrokerPresenters *self,
         GDBusMethodInvocation *invocation,
         const char *word,
         const BrokerPresenterNews *news)
{
  BrokerPresentation *presentation = find_own_presentation (self, invocation, word);
  g_autoptr (GError) error = NULL;

  if (presentation == NULL)
    return;
  if (presentation->news (news, presentation->user_data, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    broker_export_return_error (invocation, error);
}

/* What @unique_name was drawing is lost; the callbacks may dismiss, so the list is taken first. */
static void
drop_presenter (BrokerPresenters *self, const char *unique_name)
{
  BrokerPresenter *presenter = broker_presenters_find (self, unique_name);
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer word, presentation;

  if (presenter == NULL)
    return;
  g_hash_table_iter_init (&iter, self->presentations);
  while (g_hash_table_iter_next (&iter, &word, &presentation))
    if (strcmp (((BrokerPresentation *) presentation)->presenter, unique_name) == 0)
      g_ptr_array_add (lost, g_strdup (word));

  g_ptr_array_remove (self->presenters, presenter);
  for (guint i = 0; i < lost->len; i++)
    {
      BrokerPresentation *still =
        g_hash_table_lookup (self->presentations, lost->pdata[i]);

      if (still != NULL)
        broker_presentation_tell_lost (still);
    }
}

static void
handle_unregister (gpointer object,
                   GDBusMethodInvocation *invocation,
                   GVariant *parameters,
                   GVariant *options)
{
  drop_presenter (object, g_dbus_method_invocation_get_sender (invocation));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_vanished (const char *unique_name, gpointer user_data)
{
  drop_presenter (user_data, unique_name);
}

static gboolean
is_good_lifetime (const BrokerPresenterNews *news, gboolean has_until)
{
  if (strcmp (news->lifetime, "until") == 0)
    return has_until && news->until_s > 0;
  return !has_until &&
         (strcmp (news->lifetime, "always") == 0 || strcmp (news->lifetime, "once") == 0);
}

static void
handle_choose (gpointer object,
               GDBusMethodInvocation *invocation,
               GVariant *parameters,
               GVariant *options)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_CHOSE, .lifetime = "always" };
  const char *word;
  gboolean has_until;

  g_variant_get (parameters, "(&s&s@a{sv})", &word, &news.row, NULL);
  g_variant_lookup (options, "lifetime", "&s", &news.lifetime);
  has_until = g_variant_lookup (options, "until", "x", &news.until_s);
  if (!is_good_lifetime (&news, has_until))
    {
      refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "bad-lifetime",
              "The lifetime has to be once or always, or until with its time.");
      return;
    }
  hand_on (object, invocation, word, &news);
}

static void
handle_cancel (gpointer object,
               GDBusMethodInvocation *invocation,
               GVariant *parameters,
               GVariant *options)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_CANCELLED };
  const char *word;

  g_variant_get (parameters, "(&s)", &word);
  hand_on (object, invocation, word, &news);
}

static void
handle_rescan (gpointer object,
               GDBusMethodInvocation *invocation,
               GVariant *parameters,
               GVariant *options)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_RESCAN };
  const char *word;

  g_variant_get (parameters, "(&s)", &word);
  hand_on (object, invocation, word, &news);
}

static void
handle_answer (gpointer object,
               GDBusMethodInvocation *invocation,
               GVariant *parameters,
               GVariant *options)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_ANSWERED };
  const char *word;

  g_variant_get (parameters, "(&sbu)", &word, &news.accept, &news.passkey);
  if (news.passkey > PASSKEY_MAX)
    {
      refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "bad-passkey",
              "A passkey has six digits: 0 to 999999.");
      return;
    }
  hand_on (object, invocation, word, &news);
}

static void
handle_rename (gpointer object,
               GDBusMethodInvocation *invocation,
               GVariant *parameters,
               GVariant *options)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_NAMED };
  g_autofree char *name = NULL;
  const char *word, *typed;
  gsize length;

  g_variant_get (parameters, "(&s&s@a{sv})", &word, &typed, NULL);
  length = strlen (typed);
  if (length == 0 || length > NAME_MAX_BYTES)
    {
      refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "bad-name",
              "A name has 1 to 248 bytes.");
      return;
    }
  name = ble_name_sanitise (typed, length);
  news.name = name;
  hand_on (object, invocation, word, &news);
}

static const BrokerOption choose_options[] = {
  { "lifetime", "s", NULL },
  { "until", "x", NULL },
  { NULL, NULL, NULL },
};

static const BrokerMethod methods[] = {
  { "Register", BROKER_CALLER_ANYBODY, broker_presenters_handle_register,
    broker_no_options },
  { "Unregister", BROKER_CALLER_ANYBODY, handle_unregister, NULL },
  { "Choose", BROKER_CALLER_ANYBODY, handle_choose, choose_options },
  { "Cancel", BROKER_CALLER_ANYBODY, handle_cancel, NULL },
  { "Rescan", BROKER_CALLER_ANYBODY, handle_rescan, NULL },
  { "Answer", BROKER_CALLER_ANYBODY, handle_answer, NULL },
  { "Rename", BROKER_CALLER_ANYBODY, handle_rename, broker_no_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_presenters1_interface,
  methods,
  NULL,
};

BrokerThrottle *
broker_presenters_get_throttle (BrokerPresenters *self)
{
  return self->throttle;
}

BrokerPresenters *
broker_presenters_new (GDBusConnection *connection,
                       BrokerIdentity *identity,
                       BrokerClients *clients,
                       GError **error)
{
  g_autoptr (BrokerPresenters) self = g_new0 (BrokerPresenters, 1);

  self->connection = g_object_ref (connection);
  self->identity = identity;
  self->logins = broker_logins_new (connection);
  self->presenters = g_ptr_array_new_with_free_func (broker_presenter_free);
  self->presentations = g_hash_table_new (g_str_hash, g_str_equal);
  self->cancellable = g_cancellable_new ();
  self->throttle = broker_throttle_new ();
  self->freed = g_array_new (FALSE, FALSE, sizeof (BrokerPresenterFreed));
  self->export =
    broker_export_new_public (connection, BLEPICK_BROKER_PATH, &interface, self, error);
  if (self->export == NULL)
    return NULL;
  broker_clients_add_watch (clients, on_vanished, self);
  return g_steal_pointer (&self);
}

void
broker_presenters_free (BrokerPresenters *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  broker_export_free (self->export);
  g_hash_table_unref (self->presentations);
  g_ptr_array_unref (self->presenters);
  broker_logins_free (self->logins);
  broker_throttle_free (self->throttle);
  g_clear_handle_id (&self->freed_source, g_source_remove);
  g_array_unref (self->freed);
  g_object_unref (self->connection);
  g_free (self);
}
