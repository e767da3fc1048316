/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/presenters.h: Presenters1: who draws pickers, and which of them draws this
 * one. Sends what a picker shows, hands back what the person did, once it fits what
 * was sent. Knows a picker only by a random word. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "broker/clients.h"
#include "broker/identity.h"
#include "broker/throttle.h"

/* A presenter that does not answer a call for so long is lost. */
#define BROKER_PRESENTER_DEADLINE_MS 2000

typedef struct BrokerPresenters BrokerPresenters;

/* One drawing of one picker at one presenter. */
typedef struct BrokerPresentation BrokerPresentation;

typedef enum
{
  BROKER_PRESENTER_PRESENTED = 1, /* it is drawn */
  BROKER_PRESENTER_CHOSE,
  BROKER_PRESENTER_CANCELLED,
  BROKER_PRESENTER_RESCAN,
  BROKER_PRESENTER_ANSWERED,
  BROKER_PRESENTER_NAMED,
  BROKER_PRESENTER_LOST, /* it left, or did not answer in time */
} BrokerPresenterAct;

typedef struct
{
  BrokerPresenterAct act;
  const char *row;      /* CHOSE */
  const char *lifetime; /* CHOSE: once, until or always */
  gint64 until_s;       /* CHOSE with until: seconds since 1970 */
  gboolean accept;      /* ANSWERED */
  guint32 passkey;      /* ANSWERED: 0 to 999999 */
  const char *name;     /* NAMED: sanitised */
} BrokerPresenterNews;

/* Returns FALSE with InvalidRequest (no-row, no-prompt) when the news do not fit the picker; the
 * presenter gets that as the answer to its call. Never called from inside a function of this file. */
typedef gboolean (*BrokerPresenterFunc) (const BrokerPresenterNews *news,
                                         gpointer user_data,
                                         GError **error);

/* Serves Presenters1 on @connection. @identity and @clients must outlive the presenters. */
BrokerPresenters *broker_presenters_new (GDBusConnection *connection,
                                         BrokerIdentity *identity,
                                         BrokerClients *clients,
                                         GError **error);
void broker_presenters_free (BrokerPresenters *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerPresenters, broker_presenters_free)

/* The presenter for @caller: the one on its own connection, else the newest `all` of its user
 * in its session, else the newest `all` of its user in the active session of a seat.
 * Returns its unique name, or NULL with PickerRestricted: no-presenter, or no-active-session
 * when there are some and none of them is in front of a person. */
const char *broker_presenters_choose (BrokerPresenters *self,
                                      const BrokerCaller *caller,
                                      GError **error);
/* Who was refused how often, by pickers and questions together: what wears down is that they come. */
BrokerThrottle *broker_presenters_get_throttle (BrokerPresenters *self);

/* Whether @presenter draws a picker now. */
gboolean broker_presenters_is_busy (BrokerPresenters *self, const char *presenter);

/* Asks @presenter to draw. @about and @items: as Presenter1.Present takes them, floating. @news is
 * called until broker_presentation_dismiss(). */
BrokerPresentation *broker_presenters_present (BrokerPresenters *self,
                                               const char *presenter,
                                               GVariant *about,
                                               GVariant *items,
                                               BrokerPresenterFunc news,
                                               gpointer user_data);

/* The same for a question without rows: Presenter1.Ask. */
BrokerPresentation *broker_presenters_ask (BrokerPresenters *self,
                                           const char *presenter,
                                           GVariant *about,
                                           GVariant *question,
                                           BrokerPresenterFunc news,
                                           gpointer user_data);

/* @freed is called from the main loop after a presenter has stopped to draw something: who waits may
 * try. */
typedef void (*BrokerPresenterFreedFunc) (gpointer user_data);
void broker_presenters_add_freed (BrokerPresenters *self,
                                  BrokerPresenterFreedFunc freed,
                                  gpointer user_data);

/* All of these consume floating arguments. */
void broker_presentation_update_rows (BrokerPresentation *presentation, GVariant *rows);
void broker_presentation_progress (BrokerPresentation *presentation,
                                   const char *phase,
                                   GVariant *details);
void broker_presentation_prompt (BrokerPresentation *presentation, GVariant *prompt);
/* Tells the presenter the @result (a{sv}) and frees the presentation. */
void broker_presentation_dismiss (BrokerPresentation *presentation, GVariant *result);
