/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who calls Permissions1 or Companions1, and about whom; and who watches. */

#include <string.h>

#include "broker/authority.h"
#include "broker/permissions-apps.h"
#include "broker/permissions-object-private.h"
#include "dbus/errors.h"
#include "dbus/names.h"

/* Of one user. */
#define WATCHES_MAX 32

void
broker_permissions_call_free (BrokerPermissionsCall *call)
{
  g_clear_pointer (&call->caller, broker_caller_unref);
  g_free (call);
}

/* A caller that left meanwhile changes nothing any more. */
static gboolean
check_still_there (const BrokerPermissionsCall *call, GError **error)
{
  if (broker_identity_peek (call->object->rooms.identity, call->caller->unique_name) ==
      call->caller)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_INVALIDATED, "client-gone",
                     "The client has left the bus");
  return FALSE;
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;
  BrokerPermissionsCall *running;

  if (!broker_permissions_load_finish (call->object->rooms.permissions, result, &error) ||
      !check_still_there (call, &error))
    {
      broker_export_return_error (call->invocation, error);
      return;
    }
  running = g_steal_pointer (&call);
  running->run (running);
}

static void
load (BrokerPermissionsCall *call)
{
  broker_permissions_load_user_async (call->object->rooms.permissions, call->uid, NULL,
                                      on_loaded, call);
}

/* The object may be gone where it failed. */
static void
on_judged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_authority_check_finish (result, &error))
    load (g_steal_pointer (&call));
  else
    broker_export_return_error (call->invocation, error);
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  BrokerPermissionsObject *self = call->object;
  GDBusMethodInvocation *invocation = call->invocation;
  g_autoptr (GError) error = NULL;

  call->caller = broker_identity_lookup_finish (self->rooms.identity, result, &error);
  if (call->caller != NULL && call->caller->sandboxed)
    blepick_error_set (&error, BLEPICK_ERROR_NOT_PERMITTED, "sandboxed",
                       "A program in a sandbox does not see other apps.");
  if (call->caller == NULL || error != NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  if (!call->has_uid)
    call->uid = call->caller->uid;
  /* Asked for before anything is looked at: of a user who is not there no more is said. */
  if (call->uid == call->caller->uid)
    load (g_steal_pointer (&call));
  else
    broker_authority_check_async (self->rooms.connection, invocation,
                                  BROKER_ACTION_MANAGE_OTHERS, self->cancellable,
                                  on_judged, g_steal_pointer (&call));
}

void
broker_permissions_call_begin (BrokerPermissionsObject *object,
                               GDBusMethodInvocation *invocation,
                               GVariant *options,
                               BrokerPermissionsCallFunc run)
{
  BrokerPermissionsCall *call = g_new0 (BrokerPermissionsCall, 1);

  call->object = object;
  call->invocation = invocation;
  call->run = run;
  if (options != NULL)
    call->has_uid = g_variant_lookup (options, "uid", "u", &call->uid);
  broker_identity_lookup_async (object->rooms.identity,
                                g_dbus_method_invocation_get_sender (invocation), NULL,
                                on_identified, call);
}

GVariant *
broker_permissions_call_get_options (const BrokerPermissionsCall *call)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (call->invocation);

  return g_variant_get_child_value (parameters, g_variant_n_children (parameters) - 1);
}

void
broker_permissions_call_refuse (const BrokerPermissionsCall *call,
                                const char *cause,
                                const char *text)
{
  g_autoptr (GError) error =
    blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, cause, "%s", text);

  broker_export_return_error (call->invocation, error);
}

/* ---- watching ---- */

static guint
count_watches (const BrokerPermissionsObject *self, uid_t uid)
{
  GHashTableIter iter;
  gpointer name;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      const BrokerCaller *caller = broker_identity_peek (self->rooms.identity, name);

      n += caller != NULL && caller->uid == uid ? 1 : 0;
    }
  return n;
}

static void
run_watch (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  BrokerPermissionsObject *self = call->object;
  const char *name = call->caller->unique_name;

  if (!g_hash_table_contains (self->watches, name) &&
      count_watches (self, call->caller->uid) >= WATCHES_MAX)
    {
      g_autoptr (GError) error =
        blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "limits",
                           "Too many programs of this user watch permissions already");

      broker_export_return_error (call->invocation, error);
      return;
    }
  g_hash_table_replace (self->watches, g_strdup (name), GUINT_TO_POINTER (call->uid));
  g_dbus_method_invocation_return_value (call->invocation, NULL);
}

void
broker_permissions_handle_watch (gpointer object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *parameters,
                                 GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_watch);
}

void
broker_permissions_handle_unwatch (gpointer object,
                                   GDBusMethodInvocation *invocation,
                                   GVariant *parameters,
                                   GVariant *options)
{
  BrokerPermissionsObject *self = object;

  g_hash_table_remove (self->watches, g_dbus_method_invocation_get_sender (invocation));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

void
broker_permissions_on_client_vanished (const char *unique_name, gpointer user_data)
{
  const BrokerPermissionsObject *self = user_data;

  g_hash_table_remove (self->watches, unique_name);
}

void
broker_permissions_object_take_changed (BrokerPermissionsObject *self, gboolean all)
{
  GHashTableIter iter;
  gpointer name, uid;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, &name, &uid))
    if (all ||
        broker_permissions_has_changed (self->rooms.permissions, GPOINTER_TO_UINT (uid)))
      broker_export_emit (self->rooms.connection, name, BLEPICK_BROKER_PATH,
                          BLEPICK_PERMISSIONS_INTERFACE, "Changed",
                          g_variant_new ("(u)", GPOINTER_TO_UINT (uid)));
}
