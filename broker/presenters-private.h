/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What presenters.c (who draws), presenters-register.c (who may) and presentation.c (what is
 * drawn) share. */

#pragma once

#include "broker/export.h"
#include "broker/logins.h"
#include "broker/presenters.h"

typedef struct
{
  char *unique_name;
  char *path;
  uid_t uid;
  gboolean draws_all;
  BrokerLogin *login; /* of one that draws all; NULL where there was no logind */
} BrokerPresenter;

typedef struct
{
  BrokerPresenterFreedFunc func;
  gpointer user_data;
} BrokerPresenterFreed;

struct BrokerPresenters
{
  GDBusConnection *connection;
  BrokerIdentity *identity;
  BrokerLogins *logins;
  BrokerExport *export;
  GPtrArray *presenters;     /* of BrokerPresenter, newest last */
  GHashTable *presentations; /* the picker's word -> BrokerPresentation, borrowed */
  GCancellable *cancellable;
  GArray *freed; /* of BrokerPresenterFreed */
  guint freed_source;
  BrokerThrottle *throttle;
};

struct BrokerPresentation
{
  BrokerPresenters *presenters;
  char *word;
  char *presenter; /* unique name */
  char *path;
  BrokerPresenterFunc news;
  gpointer user_data;
  GCancellable *cancellable;
};

/* NULL when no presenter has that name. */
BrokerPresenter *broker_presenters_find (BrokerPresenters *self, const char *unique_name);

/* Calls those who wait, from the main loop. */
void broker_presenters_tell_freed (BrokerPresenters *self);

/* The presenter does not draw it any more. */
void broker_presentation_tell_lost (BrokerPresentation *presentation);

void broker_presenter_free (gpointer data);

/* Presenters1.Register. */
void broker_presenters_handle_register (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options);
