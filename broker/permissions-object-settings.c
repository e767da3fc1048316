/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Permissions1: lists, changes and history, from arguments to settings.h and back. */

#include <string.h>

#include "broker/permissions-object-private.h"
#include "broker/settings.h"
#include "broker/unpair.h"
#include "dbus/errors.h"
#include "perms/key.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX     1000 /* entries in one answer */

/* ---- lists ---- */

static void
run_list_grants (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;

  g_dbus_method_invocation_return_value (
    call->invocation,
    g_variant_new ("(@aa{sv})", broker_settings_list_grants (
                                  call->object->rooms.permissions, call->uid)));
}

void
broker_permissions_handle_list_grants (gpointer object,
                                       GDBusMethodInvocation *invocation,
                                       GVariant *parameters,
                                       GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_list_grants);
}

static void
run_list_rows (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;

  g_dbus_method_invocation_return_value (
    call->invocation,
    g_variant_new ("(@aa{sv})", broker_settings_list_rows (
                                  call->object->rooms.permissions, call->uid)));
}

void
broker_permissions_handle_list_rows (gpointer object,
                                     GDBusMethodInvocation *invocation,
                                     GVariant *parameters,
                                     GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_list_rows);
}

static void
run_list_policies (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;

  g_dbus_method_invocation_return_value (
    call->invocation, g_variant_new ("(@aa{sv})", broker_settings_list_policies (
                                                    call->object->rooms.permissions)));
}

void
broker_permissions_handle_list_policies (gpointer object,
                                         GDBusMethodInvocation *invocation,
                                         GVariant *parameters,
                                         GVariant *options)
{
  broker_permissions_call_begin (object, invocation, NULL, run_list_policies);
}

/* ---- changes ---- */

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_settings_change_finish (call->object->rooms.permissions, result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    broker_export_return_error (call->invocation, error);
}

static void
change (BrokerPermissionsCall *call, BrokerSetting *setting, GVariant *options)
{
  setting->uid = call->uid;
  setting->device = PERMS_DEVICE_LOCAL;
  (void) g_variant_lookup (options, "device", "&s", &setting->device);
  broker_settings_change_async (call->object->rooms.permissions, setting, on_changed,
                                call);
}

static void
run_set_bluetooth (BrokerPermissionsCall *call)
{
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  BrokerSetting setting = { .verb = BROKER_SETTING_BLUETOOTH_DENY };
  gboolean allow = FALSE;

  g_variant_get (g_dbus_method_invocation_get_parameters (call->invocation),
                 "(&sb@a{sv})", &setting.app, &allow, NULL);
  if (allow)
    setting.verb = BROKER_SETTING_BLUETOOTH_ALLOW;
  change (call, &setting, options);
}

void
broker_permissions_handle_set_bluetooth (gpointer object,
                                         GDBusMethodInvocation *invocation,
                                         GVariant *parameters,
                                         GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_set_bluetooth);
}

static void
run_reset (BrokerPermissionsCall *call)
{
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  BrokerSetting setting = { .verb = BROKER_SETTING_RESET };

  g_variant_get (g_dbus_method_invocation_get_parameters (call->invocation), "(&s@a{sv})",
                 &setting.app, NULL);
  change (call, &setting, options);
}

void
broker_permissions_handle_reset (gpointer object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *parameters,
                                 GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_reset);
}

static void
change_accessory (BrokerPermissionsCall *call, BrokerSetting *setting)
{
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);

  g_variant_get (g_dbus_method_invocation_get_parameters (call->invocation),
                 "(&s&s@a{sv})", &setting->app, &setting->accessory, NULL);
  change (call, setting, options);
}

static void
run_revoke (BrokerPermissionsCall *call)
{
  change_accessory (call, &(BrokerSetting){ .verb = BROKER_SETTING_REVOKE });
}

void
broker_permissions_handle_revoke (gpointer object,
                                  GDBusMethodInvocation *invocation,
                                  GVariant *parameters,
                                  GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_revoke);
}

static void
run_deny (BrokerPermissionsCall *call)
{
  change_accessory (call, &(BrokerSetting){ .verb = BROKER_SETTING_DENY });
}

void
broker_permissions_handle_deny (gpointer object,
                                GDBusMethodInvocation *invocation,
                                GVariant *parameters,
                                GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_deny);
}

/* FALSE: a lifetime that is none, or an end that is past, missing or too much. */
static gboolean
read_lifetime (GVariant *options, BrokerSetting *setting)
{
  const char *word = "always";
  gboolean has_until = g_variant_lookup (options, "until", "x", &setting->until_s);

  (void) g_variant_lookup (options, "lifetime", "&s", &word);
  if (strcmp (word, "until") == 0)
    {
      setting->lifetime = BROKER_LIFETIME_UNTIL;
      return has_until && setting->until_s > g_get_real_time () / G_USEC_PER_SEC;
    }
  setting->lifetime =
    strcmp (word, "once") == 0 ? BROKER_LIFETIME_ONCE : BROKER_LIFETIME_ALWAYS;
  return !has_until &&
         (setting->lifetime == BROKER_LIFETIME_ONCE || strcmp (word, "always") == 0);
}

static void
run_allow (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  BrokerSetting setting = { .verb = BROKER_SETTING_ALLOW };

  if (read_lifetime (options, &setting))
    change_accessory (g_steal_pointer (&call), &setting);
  else
    broker_permissions_call_refuse (
      call, "bad-lifetime",
      "A lifetime is always, once, or until and a time that is still to come");
}

void
broker_permissions_handle_allow (gpointer object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *parameters,
                                 GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_allow);
}

/* ---- unpairing ---- */

static void
on_unpaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_unpair_finish (call->object->rooms.permissions, result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    broker_export_return_error (call->invocation, error);
}

static void
run_unpair (BrokerPermissionsCall *call)
{
  const BrokerPermissionsRooms *rooms = &call->object->rooms;
  const char *accessory;

  g_variant_get (g_dbus_method_invocation_get_parameters (call->invocation), "(&s@a{sv})",
                 &accessory, NULL);
  broker_unpair_async (rooms->permissions, rooms->radio, call->uid, accessory,
                       on_unpaired, call);
}

void
broker_permissions_handle_unpair (gpointer object,
                                  GDBusMethodInvocation *invocation,
                                  GVariant *parameters,
                                  GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_unpair);
}

/* ---- history ---- */

static void
on_history (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;
  GVariant *entries =
    broker_settings_history_finish (call->object->rooms.permissions, result, &error);

  if (entries != NULL)
    g_dbus_method_invocation_return_value (call->invocation,
                                           g_variant_new ("(@aa{sv})", entries));
  else
    broker_export_return_error (call->invocation, error);
}

static void
run_history (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  const char *app = NULL;
  guint64 before = 0;
  guint32 limit = HISTORY_DEFAULT, uid = call->uid;
  BrokerPermissions *permissions = call->object->rooms.permissions;

  (void) g_variant_lookup (options, "app", "&s", &app);
  (void) g_variant_lookup (options, "before", "t", &before);
  (void) g_variant_lookup (options, "limit", "u", &limit);
  if (limit == 0 || limit > HISTORY_MAX || before > G_MAXINT64)
    broker_permissions_call_refuse (call, "bad-option", "A limit is 1 to 1000");
  else
    broker_settings_history_async (permissions, uid, app, before, limit, on_history,
                                   g_steal_pointer (&call));
}

void
broker_permissions_handle_history (gpointer object,
                                   GDBusMethodInvocation *invocation,
                                   GVariant *parameters,
                                   GVariant *options)
{
  broker_permissions_call_begin (object, invocation, options, run_history);
}
