/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who may draw: Presenters1.Register. */

#include <string.h>

#include "broker/presenters-private.h"
#include "dbus/errors.h"

/* A call of Register on its way. */
typedef struct
{
  BrokerPresenters *presenters;
  GDBusMethodInvocation *invocation; /* owned by its answer */
  char *path;
  gboolean draws_all;
} Registration;

static void
free_registration (Registration *registration)
{
  g_free (registration->path);
  g_free (registration);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Registration, free_registration)

void
broker_presenter_free (gpointer data)
{
  BrokerPresenter *presenter = data;

  broker_login_free (presenter->login);
  g_free (presenter->unique_name);
  g_free (presenter->path);
  g_free (presenter);
}

/* Returns: what is against @caller, or NULL. */
static GError *
find_fault (const Registration *registration, const BrokerCaller *caller)
{
  if (caller->sandboxed)
    return blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "sandboxed",
                              "A sandboxed program cannot draw pickers.");
  if (broker_presenters_find (registration->presenters, caller->unique_name) != NULL)
    return blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "already-registered",
                              "This connection draws pickers already.");
  return NULL;
}

/* @login: (nullable) (transfer full). */
static void
add_presenter (Registration *registration, const BrokerCaller *caller, BrokerLogin *login)
{
  BrokerPresenter *presenter = g_new0 (BrokerPresenter, 1);

  presenter->unique_name = g_strdup (caller->unique_name);
  presenter->path = g_steal_pointer (&registration->path);
  presenter->uid = caller->uid;
  presenter->draws_all = registration->draws_all;
  presenter->login = login;
  g_ptr_array_add (registration->presenters->presenters, presenter);
  g_dbus_method_invocation_return_value (registration->invocation, NULL);
}

static void
on_login_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Registration) registration = user_data;
  const char *sender = g_dbus_method_invocation_get_sender (registration->invocation);
  g_autoptr (BrokerLogin) login = NULL;
  g_autoptr (GError) error = NULL;
  const BrokerCaller *caller;

  if (!broker_logins_find_finish (result, &login, &error))
    {
      broker_export_return_error (registration->invocation, error);
      return;
    }
  /* It may have left meanwhile, or have asked twice. */
  caller = broker_identity_peek (registration->presenters->identity, sender);
  if (caller == NULL)
    {
      error = blepick_error_new (BLEPICK_ERROR_INVALIDATED, "client-gone",
                                 "The client has left the bus");
      broker_export_return_error (registration->invocation, error);
      return;
    }
  error = find_fault (registration, caller);
  if (error == NULL && login != NULL && !broker_login_is_in_front (login))
    error = blepick_error_new (
      BLEPICK_ERROR_PICKER_RESTRICTED, "no-active-session",
      "Only a program in the active session of a seat draws the pickers of others. One "
      "that draws its own registers for own-requests.");
  if (error != NULL)
    broker_export_return_error (registration->invocation, error);
  else
    add_presenter (registration, caller, g_steal_pointer (&login));
}

static void
on_registrant_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Registration) registration = user_data;
  BrokerPresenters *self = registration->presenters;
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerCaller) caller =
    broker_identity_lookup_finish (self->identity, result, &error);

  if (caller == NULL)
    {
      broker_export_return_error (registration->invocation, error);
      return;
    }
  error = find_fault (registration, caller);
  if (error != NULL)
    broker_export_return_error (registration->invocation, error);
  else if (!registration->draws_all)
    add_presenter (registration, caller, NULL);
  else
    broker_logins_find_async (self->logins, caller, self->cancellable, on_login_found,
                              g_steal_pointer (&registration));
}

void
broker_presenters_handle_register (gpointer object,
                                   GDBusMethodInvocation *invocation,
                                   GVariant *parameters,
                                   GVariant *options)
{
  BrokerPresenters *self = object;
  const char *path, *scope;
  g_autoptr (GError) error = NULL;
  Registration *registration;

  g_variant_get (parameters, "(&o&s@a{sv})", &path, &scope, NULL);
  if (strcmp (scope, "own-requests") != 0 && strcmp (scope, "all") != 0)
    {
      error = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "bad-scope",
                                 "The scope has to be own-requests or all.");
      broker_export_return_error (invocation, error);
      return;
    }
  registration = g_new0 (Registration, 1);
  registration->presenters = self;
  registration->invocation = invocation;
  registration->path = g_strdup (path);
  registration->draws_all = strcmp (scope, "all") == 0;
  broker_identity_lookup_async (self->identity,
                                g_dbus_method_invocation_get_sender (invocation),
                                self->cancellable, on_registrant_known, registration);
}
