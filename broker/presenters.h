/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/presenters.h: Presenters1: who draws pickers, and which of them draws this
 * one. Sends what a picker shows, hands back what the person did. Knows a picker only by its word. */

#pragma once

#include <gio/gio.h>

#include "broker/caller.h"
#include "broker/identity.h"

typedef struct BrokerPresenters BrokerPresenters;

/* One drawing of one picker at one presenter. */
typedef struct BrokerPresentation BrokerPresentation;

typedef enum
{
  BROKER_PRESENTER_CHOSE = 1,
  BROKER_PRESENTER_CANCELLED,
  BROKER_PRESENTER_RESCAN,
  BROKER_PRESENTER_ANSWERED,
  BROKER_PRESENTER_LOST, /* it left, or did not answer a call within 2 s */
} BrokerPresenterAct;

typedef struct
{
  BrokerPresenterAct act;
  const char *row;      /* CHOSE */
  const char *lifetime; /* CHOSE: once, until or always: checked */
  gint64 until_s;
  gboolean accept; /* ANSWERED */
  guint32 passkey;
} BrokerPresenterNews;

/* Returns FALSE with InvalidRequest (no-row, no-prompt, ...) when the news do not fit what was sent; the presenter gets
 * that as the answer to its call. */
typedef gboolean (*BrokerPresenterFunc) (const BrokerPresenterNews *news,
                                         gpointer user_data,
                                         GError **error);

/* Serves Presenters1 on @connection. */
BrokerPresenters *broker_presenters_new (GDBusConnection *connection,
                                         BrokerIdentity *identity,
                                         GError **error);
void broker_presenters_free (BrokerPresenters *presenters);

/* From the watcher of bus names. */
void
broker_presenters_take_vanished (BrokerPresenters *presenters, const char *unique_name);

/* Picks the presenter for @caller: the one on its own connection, else the newest `all` of its user. NULL with PickerRestricted
 * no-presenter. @about and @items: as Presenter1.Present. @news is called until broker_presentation_dismiss(). */
BrokerPresentation *broker_presenters_present (BrokerPresenters *presenters,
                                               const BrokerCaller *caller,
                                               GVariant *about,
                                               GVariant *items,
                                               BrokerPresenterFunc news,
                                               gpointer user_data,
                                               GError **error);

void broker_presentation_update_rows (BrokerPresentation *presentation, GVariant *rows);
void broker_presentation_progress (BrokerPresentation *presentation,
                                   const char *phase,
                                   GVariant *details);
void broker_presentation_prompt (BrokerPresentation *presentation, GVariant *prompt);
/* Tells the presenter the @result (a{sv}) and frees the presentation. */
void broker_presentation_dismiss (BrokerPresentation *presentation, GVariant *result);
