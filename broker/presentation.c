/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One drawing of one picker: calls to the presenter that draws it. */

#include "broker/presenters-private.h"
#include "broker/random.h"
#include "dbus/names.h"

void
broker_presentation_tell_lost (BrokerPresentation *presentation)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_LOST };

  presentation->news (&news, presentation->user_data, NULL);
}

/* A presenter that refuses or does not answer is as good as gone: nobody would see the picker. */
static void
on_presenter_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    broker_presentation_tell_lost (user_data);
}

static void
on_presented (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerPresenterNews news = { .act = BROKER_PRESENTER_PRESENTED };
  BrokerPresentation *presentation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    presentation->news (&news, presentation->user_data, NULL);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    broker_presentation_tell_lost (presentation);
}

static void
call_presenter (BrokerPresentation *presentation,
                const char *method,
                GVariant *parameters,
                GAsyncReadyCallback callback)
{
  g_dbus_connection_call (presentation->presenters->connection, presentation->presenter,
                          presentation->path, BLEPICK_PRESENTER_INTERFACE, method,
                          parameters, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          BROKER_PRESENTER_DEADLINE_MS, presentation->cancellable,
                          callback, presentation);
}

static BrokerPresentation *
make_presentation (BrokerPresenters *self,
                   const BrokerPresenter *presenter,
                   BrokerPresenterFunc news,
                   gpointer user_data)
{
  BrokerPresentation *presentation = g_new0 (BrokerPresentation, 1);

  presentation->presenters = self;
  presentation->word = broker_random_word ();
  presentation->presenter = g_strdup (presenter->unique_name);
  presentation->path = g_strdup (presenter->path);
  presentation->news = news;
  presentation->user_data = user_data;
  presentation->cancellable = g_cancellable_new ();
  g_hash_table_insert (self->presentations, presentation->word, presentation);
  return presentation;
}

BrokerPresentation *
broker_presenters_present (BrokerPresenters *self,
                           const char *presenter,
                           GVariant *about,
                           GVariant *items,
                           BrokerPresenterFunc news,
                           gpointer user_data)
{
  const BrokerPresenter *found = broker_presenters_find (self, presenter);
  BrokerPresentation *presentation;

  g_return_val_if_fail (found != NULL, NULL);

  presentation = make_presentation (self, found, news, user_data);
  call_presenter (presentation, "Present",
                  g_variant_new ("(s@a{sv}@aa{sv})", presentation->word, about, items),
                  on_presented);
  return presentation;
}

BrokerPresentation *
broker_presenters_ask (BrokerPresenters *self,
                       const char *presenter,
                       GVariant *about,
                       GVariant *question,
                       BrokerPresenterFunc news,
                       gpointer user_data)
{
  const BrokerPresenter *found = broker_presenters_find (self, presenter);
  BrokerPresentation *presentation;

  g_return_val_if_fail (found != NULL, NULL);

  presentation = make_presentation (self, found, news, user_data);
  call_presenter (presentation, "Ask",
                  g_variant_new ("(s@a{sv}@a{sv})", presentation->word, about, question),
                  on_presented);
  return presentation;
}

void
broker_presentation_update_rows (BrokerPresentation *presentation, GVariant *rows)
{
  call_presenter (presentation, "UpdateRows",
                  g_variant_new ("(s@aa{sv})", presentation->word, rows),
                  on_presenter_answered);
}

void
broker_presentation_progress (BrokerPresentation *presentation,
                              const char *phase,
                              GVariant *details)
{
  call_presenter (presentation, "Progress",
                  g_variant_new ("(ss@a{sv})", presentation->word, phase, details),
                  on_presenter_answered);
}

void
broker_presentation_prompt (BrokerPresentation *presentation, GVariant *prompt)
{
  call_presenter (presentation, "Prompt",
                  g_variant_new ("(s@a{sv})", presentation->word, prompt),
                  on_presenter_answered);
}

void
broker_presentation_dismiss (BrokerPresentation *presentation, GVariant *result)
{
  /* Calls that are under way need no answer any more, and neither does the last one. */
  g_cancellable_cancel (presentation->cancellable);
  g_dbus_connection_call (presentation->presenters->connection, presentation->presenter,
                          presentation->path, BLEPICK_PRESENTER_INTERFACE, "Dismiss",
                          g_variant_new ("(s@a{sv})", presentation->word, result), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, BROKER_PRESENTER_DEADLINE_MS,
                          NULL, NULL, NULL);
  g_hash_table_remove (presentation->presenters->presentations, presentation->word);
  broker_presenters_tell_freed (presentation->presenters);
  g_object_unref (presentation->cancellable);
  g_free (presentation->word);
  g_free (presentation->presenter);
  g_free (presentation->path);
  g_free (presentation);
}
