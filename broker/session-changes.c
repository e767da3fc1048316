/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Changes of an accessory that an app asks for and waits for. */

#include <string.h>

#include "broker/permissions-update.h"
#include "broker/session-private.h"
#include "dbus/errors.h"

#define NAME_MAX_BYTES \
  248 /* as of a device: GAP, Core Specification 5.3, Vol 3, Part C, 12.1 */

/* A change that a client waits for. Outlives the session: an answer is owed all the same. */
typedef struct
{
  const BrokerSessionsRooms *rooms;
  BrokerSessions *sessions;
  GDBusMethodInvocation *invocation;
  BrokerCaller *caller;
  char *app;
  char *id;
  char *name;
  BleAddress address;
  gboolean unpair;
  gboolean awaiting; /* it was, until now */
} Change;

static Change *
make_change (BrokerSession *session, GDBusMethodInvocation *invocation, const char *id)
{
  Change *change = g_new0 (Change, 1);

  change->rooms = session->rooms;
  change->sessions = session->sessions;
  change->invocation = invocation;
  change->caller = broker_caller_ref (session->caller);
  change->app = g_strdup (session->caller->app);
  change->id = g_strdup (id);
  return change;
}

static void
finish_change (Change *change, const GError *error)
{
  if (error != NULL)
    broker_export_return_error (change->invocation, error);
  else
    g_dbus_method_invocation_return_value (change->invocation, NULL);
  broker_caller_unref (change->caller);
  g_free (change->app);
  g_free (change->id);
  g_free (change->name);
  g_free (change);
}

static void
tell_name (BrokerCaller *caller, gpointer user_data)
{
  const Change *change = user_data;
  g_autofree char *path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, change->id);

  if (strcmp (caller->app, change->app) == 0)
    broker_export_emit_changed (change->rooms->connection, caller->unique_name, path,
                                BLEPICK_ACCESSORY_INTERFACE, "Name",
                                g_variant_new_string (change->name));
}

/* Event 32. */
static void
tell_changed (const Change *change, const char *key)
{
  const char *const keys[] = { key, NULL };
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "accessory", "s", change->id);
  g_variant_dict_insert (&details, "keys", "^as", keys);
  broker_sessions_emit_app (change->sessions, change->app,
                            BLEPICK_EVENT_ACCESSORY_CHANGED,
                            g_variant_dict_end (&details));
}

static void
take_new_name (const Change *change)
{
  tell_changed (change, "name");
  broker_sessions_foreach_caller (change->sessions, tell_name, (gpointer) change);
}

static void
on_renamed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_permissions_rename_finish (change->rooms->permissions, result, &error))
    take_new_name (change);
  finish_change (change, error);
}

/* FALSE, and @invocation answered, when it is none. */
static gboolean
check_name (const char *name, GDBusMethodInvocation *invocation)
{
  gsize length = strlen (name);
  g_autoptr (GError) error = NULL;

  if (length > 0 && length <= NAME_MAX_BYTES)
    return TRUE;
  error = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "bad-name",
                             "A name has 1 to %d bytes", NAME_MAX_BYTES);
  broker_export_return_error (invocation, error);
  return FALSE;
}

void
broker_session_handle_rename_accessory (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options)
{
  BrokerSession *session = object;
  const char *id, *name;
  Change *change;

  g_variant_get (parameters, "(&s&s@a{sv})", &id, &name, NULL);
  if (!check_name (name, invocation))
    return;
  change = make_change (session, invocation, id);
  change->name = ble_name_sanitise (name, strlen (name));
  broker_permissions_rename_async (session->rooms->permissions, session->caller, id,
                                   change->name, NULL, on_renamed, change);
}

static void
on_unpaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  g_autoptr (GError) error = NULL;

  if (ble_radio_forget_finish (change->rooms->radio, result, &error))
    broker_permissions_take_unbonded (change->rooms->permissions, &change->address);
  else
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "A bond that nobody uses any more could not be removed: %s",
                      error->message);
  /* The grant is gone, which is what was asked for. */
  finish_change (change, NULL);
}

static void
on_everybody_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  const BrokerSessionsRooms *rooms = change->rooms;
  BleDeviceId device = broker_devices_find (rooms->devices, &change->address);

  (void) broker_permissions_load_all_finish (rooms->permissions, result, NULL);
  if (device == 0 ||
      broker_permissions_count_address (rooms->permissions, &change->address) > 0)
    {
      finish_change (change, NULL);
      return;
    }
  ble_radio_forget_async (rooms->radio, device, NULL, on_unpaired, change);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  g_autoptr (GError) error = NULL;

  if (!broker_permissions_revoke_finish (change->rooms->permissions, result, &error) ||
      !change->unpair)
    {
      finish_change (change, error);
      return;
    }
  broker_permissions_load_all_async (change->rooms->permissions, NULL,
                                     on_everybody_loaded, change);
}

void
broker_session_handle_remove_accessory (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options)
{
  BrokerSession *session = object;
  const BrokerGrant *grant;
  const char *id;
  Change *change;

  g_variant_get (parameters, "(&s@a{sv})", &id, NULL);
  change = make_change (session, invocation, id);
  grant = broker_permissions_find (session->rooms->permissions, session->caller, id);
  if (grant != NULL)
    {
      change->address = grant->address;
      change->unpair = grant->bonded_by_us;
    }
  (void) g_variant_lookup (options, "unpair", "b", &change->unpair);
  broker_permissions_revoke_async (session->rooms->permissions, session->caller, id,
                                   "app", NULL, on_removed, change);
}

/* ---- FinishAuthorization, FailAuthorization ---- */

static void
on_settled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  BrokerPermissions *permissions = change->rooms->permissions;
  g_autoptr (GError) error = NULL;

  if (!broker_permissions_settle_finish (permissions, result, &error))
    {
      finish_change (change, error);
      return;
    }
  if (change->awaiting)
    tell_changed (change, "state");
  if (change->name != NULL)
    broker_permissions_rename_async (permissions, change->caller, change->id,
                                     change->name, NULL, on_renamed, change);
  else
    finish_change (change, NULL);
}

void
broker_session_handle_finish_authorization (gpointer object,
                                            GDBusMethodInvocation *invocation,
                                            GVariant *parameters,
                                            GVariant *options)
{
  BrokerSession *session = object;
  BrokerPermissions *permissions = session->rooms->permissions;
  const BrokerGrant *grant;
  const char *id, *name = NULL;
  Change *change;

  g_variant_get (parameters, "(&s@a{sv})", &id, NULL);
  if (g_variant_lookup (options, "name", "&s", &name) && !check_name (name, invocation))
    return;
  change = make_change (session, invocation, id);
  grant = broker_permissions_find (permissions, session->caller, id);
  change->awaiting = grant != NULL && grant->awaiting;
  if (name != NULL)
    change->name = ble_name_sanitise (name, strlen (name));
  broker_permissions_settle_async (permissions, session->caller, id, on_settled, change);
}

void
broker_session_handle_fail_authorization (gpointer object,
                                          GDBusMethodInvocation *invocation,
                                          GVariant *parameters,
                                          GVariant *options)
{
  BrokerSession *session = object;
  const BrokerGrant *grant;
  const char *id;
  Change *change;

  g_variant_get (parameters, "(&s@a{sv})", &id, NULL);
  grant = broker_permissions_find (session->rooms->permissions, session->caller, id);
  if (grant != NULL && !grant->awaiting)
    {
      g_autoptr (GError) error =
        blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "not-awaiting",
                           "The accessory is authorized already: remove it instead");

      broker_export_return_error (invocation, error);
      return;
    }
  change = make_change (session, invocation, id);
  if (grant != NULL)
    {
      change->address = grant->address;
      change->unpair = grant->bonded_by_us;
    }
  broker_permissions_revoke_async (session->rooms->permissions, session->caller, id,
                                   "app", NULL, on_removed, change);
}
