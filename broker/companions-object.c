/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Companions1: from arguments to companions.h and back. */

#include <string.h>

#include "broker/companions.h"
#include "broker/permissions-object-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "perms/key.h"

/* ---- lists ---- */

static void
run_list_devices (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;

  g_dbus_method_invocation_return_value (
    call->invocation,
    g_variant_new ("(@aa{sv})", broker_companions_list_devices (
                                  call->object->rooms.permissions, call->uid)));
}

static void
run_list_apps (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;

  g_dbus_method_invocation_return_value (
    call->invocation,
    g_variant_new ("(@aa{sv})", broker_companions_list_apps (
                                  call->object->rooms.permissions, call->uid)));
}

/* ---- changes ---- */

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    broker_companions_change_finish (call->object->rooms.permissions, result, &error);

  if (answer != NULL)
    g_dbus_method_invocation_return_value (call->invocation, answer);
  else
    broker_export_return_error (call->invocation, error);
}

/* @words: its uid is filled in. */
static void
change (BrokerPermissionsCall *call, BrokerCompanionChange *words)
{
  words->uid = call->uid;
  broker_companions_change_async (call->object->rooms.permissions, words, on_changed,
                                  call);
}

static GVariant *
get_parameters (const BrokerPermissionsCall *call)
{
  return g_dbus_method_invocation_get_parameters (call->invocation);
}

/* A verb with the device alone. */
static void
change_device (BrokerPermissionsCall *call, BrokerCompanionVerb verb)
{
  BrokerCompanionChange words = { .verb = verb };

  g_variant_get (get_parameters (call), "(&s@a{sv})", &words.device, NULL);
  change (call, &words);
}

static void
run_remove (BrokerPermissionsCall *call)
{
  change_device (call, BROKER_COMPANION_REMOVE);
}

static void
run_unlink (BrokerPermissionsCall *call)
{
  change_device (call, BROKER_COMPANION_UNLINK);
}

static void
run_sync (BrokerPermissionsCall *call)
{
  change_device (call, BROKER_COMPANION_SYNC);
}

static void
run_add (BrokerPermissionsCall *call)
{
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_ADD };

  g_variant_get (get_parameters (call), "(&s&s@a{sv})", &words.device, &words.kind, NULL);
  change (call, &words);
}

static void
run_link (BrokerPermissionsCall *call)
{
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_LINK };

  g_variant_get (get_parameters (call), "(&s@a{sv})", &words.device, NULL);
  (void) g_variant_lookup (options, "host", "b", &words.flag);
  change (call, &words);
}

static void
run_set_policy (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_SET_POLICY };
  const char *policy = NULL;

  g_variant_get (get_parameters (call), "(&s&s@a{sv})", &words.device, &policy, NULL);
  if (perms_sync_from_string (policy, &words.policy))
    change (g_steal_pointer (&call), &words);
  else
    broker_permissions_call_refuse (call, "bad-policy",
                                    "A policy is independent, copy-once or mirrored");
}

static void
run_set_consent (BrokerPermissionsCall *call)
{
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_SET_CONSENT };

  g_variant_get (get_parameters (call), "(&sb@a{sv})", &words.device, &words.flag, NULL);
  change (call, &words);
}

/* ---- apps ---- */

/* Reads asks and fingerprint. FALSE: a word that is none. */
static gboolean
read_facts (GVariant *options, BrokerCompanionChange *words)
{
  g_autoptr (GVariantIter) asks = NULL;
  const char *word = NULL;

  if (g_variant_lookup (options, "fingerprint", "&s", &words->fingerprint) &&
      strlen (words->fingerprint) > PERMS_FINGERPRINT_MAX)
    return FALSE;
  if (!g_variant_lookup (options, "asks", "as", &asks))
    return TRUE;
  while (g_variant_iter_next (asks, "&s", &word))
    {
      PermsAccess access = PERMS_ACCESS_NONE;

      if (!perms_access_from_string (word, &access))
        return FALSE;
      words->asks |= access;
    }
  return TRUE;
}

static void
run_install_app (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_INSTALL };

  g_variant_get (get_parameters (call), "(&s&s@a{sv})", &words.app, &words.device, NULL);
  if (read_facts (options, &words))
    change (g_steal_pointer (&call), &words);
  else
    broker_permissions_call_refuse (call, "bad-option",
                                    "An app asks for accessory-setup, bluetooth or both");
}

static void
change_app (BrokerPermissionsCall *call, BrokerCompanionVerb verb)
{
  BrokerCompanionChange words = { .verb = verb };

  g_variant_get (get_parameters (call), "(&s&s@a{sv})", &words.app, &words.device, NULL);
  change (call, &words);
}

static void
run_uninstall_app (BrokerPermissionsCall *call)
{
  change_app (call, BROKER_COMPANION_UNINSTALL);
}

static void
run_confirm_app (BrokerPermissionsCall *call)
{
  change_app (call, BROKER_COMPANION_CONFIRM);
}

/* ---- reports ---- */

typedef struct
{
  const char *name;
  PermsEventKind event;
  gboolean has_value;
  gboolean has_app;
} ReportRow;

static const ReportRow reports[] = {
  { "install", PERMS_EVENT_INSTALL, FALSE, TRUE },
  { "uninstall", PERMS_EVENT_UNINSTALL, FALSE, TRUE },
  { "prompt", PERMS_EVENT_PROMPT, TRUE, TRUE },
  { "set", PERMS_EVENT_SET, TRUE, TRUE },
  { "reset", PERMS_EVENT_RESET, FALSE, TRUE },
  { "unlink", PERMS_EVENT_NONE, FALSE, FALSE },
};

static const ReportRow *
find_report (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reports); i++)
    if (strcmp (reports[i].name, name) == 0)
      return &reports[i];
  return NULL;
}

/* FALSE: a value that is none, or one where there has to be none. */
static gboolean
read_value (GVariant *options, const ReportRow *row, BrokerCompanionChange *words)
{
  const char *value = NULL;

  if (!g_variant_lookup (options, "value", "&s", &value))
    return !row->has_value;
  words->value = strcmp (value, "allow") == 0  ? PERMS_EVENT_VALUE_ALLOW
                 : strcmp (value, "deny") == 0 ? PERMS_EVENT_VALUE_DENY
                                               : PERMS_EVENT_VALUE_NONE;
  return row->has_value && words->value != PERMS_EVENT_VALUE_NONE;
}

static gboolean
read_report (const BrokerPermissionsCall *call, BrokerCompanionChange *words)
{
  g_autoptr (GVariant) options = broker_permissions_call_get_options (call);
  const ReportRow *row = NULL;
  const char *event = NULL;

  g_variant_get (get_parameters (call), "(&st&s&s@a{sv})", &words->device,
                 &words->revision, &event, &words->app, NULL);
  row = find_report (event);
  if (row == NULL || words->revision == 0 ||
      words->revision > PERMS_REPORT_REVISION_MAX || !read_value (options, row, words) ||
      !read_facts (options, words) || row->has_app != (words->app[0] != '\0'))
    return FALSE;
  words->event = row->event;
  if (!row->has_app)
    words->app = NULL;
  return row->event == PERMS_EVENT_INSTALL ||
         (words->asks == PERMS_ACCESS_NONE && words->fingerprint == NULL);
}

static void
run_report (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  BrokerCompanionChange words = { .verb = BROKER_COMPANION_REPORT };

  if (read_report (call, &words))
    change (g_steal_pointer (&call), &words);
  else
    broker_permissions_call_refuse (call, "bad-report",
                                    "That is nothing that a companion can report");
}

/* ---- the table ---- */

static const BrokerOption uid_option[] = { { "uid", "u", NULL }, { NULL, NULL, NULL } };

static const BrokerOption link_options[] = {
  { "uid", "u", NULL },
  { "host", "b", NULL },
  { NULL, NULL, NULL },
};

static const BrokerOption install_options[] = {
  { "uid", "u", NULL },
  { "asks", "as", NULL },
  { "fingerprint", "s", NULL },
  { NULL, NULL, NULL },
};

static const BrokerOption report_options[] = {
  { "uid", "u", NULL },         { "value", "s", NULL }, { "asks", "as", NULL },
  { "fingerprint", "s", NULL }, { NULL, NULL, NULL },
};

#define HANDLER(name)                                                            \
  static void handle_##name (gpointer object, GDBusMethodInvocation *invocation, \
                             GVariant *parameters, GVariant *options)            \
  {                                                                              \
    broker_permissions_call_begin (object, invocation, options, run_##name);     \
  }

HANDLER (list_devices)
HANDLER (list_apps)
HANDLER (add)
HANDLER (remove)
HANDLER (link)
HANDLER (unlink)
HANDLER (set_policy)
HANDLER (set_consent)
HANDLER (sync)
HANDLER (install_app)
HANDLER (uninstall_app)
HANDLER (confirm_app)
HANDLER (report)

static const BrokerMethod methods[] = {
  { "ListDevices", BROKER_CALLER_ANYBODY, handle_list_devices, uid_option },
  { "ListApps", BROKER_CALLER_ANYBODY, handle_list_apps, uid_option },
  { "Add", BROKER_CALLER_ANYBODY, handle_add, uid_option },
  { "Remove", BROKER_CALLER_ANYBODY, handle_remove, uid_option },
  { "Link", BROKER_CALLER_ANYBODY, handle_link, link_options },
  { "Unlink", BROKER_CALLER_ANYBODY, handle_unlink, uid_option },
  { "SetPolicy", BROKER_CALLER_ANYBODY, handle_set_policy, uid_option },
  { "SetConsent", BROKER_CALLER_ANYBODY, handle_set_consent, uid_option },
  { "Sync", BROKER_CALLER_ANYBODY, handle_sync, uid_option },
  { "InstallApp", BROKER_CALLER_ANYBODY, handle_install_app, install_options },
  { "UninstallApp", BROKER_CALLER_ANYBODY, handle_uninstall_app, uid_option },
  { "ConfirmApp", BROKER_CALLER_ANYBODY, handle_confirm_app, uid_option },
  { "Report", BROKER_CALLER_ANYBODY, handle_report, report_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

const BrokerInterface broker_companions_interface = {
  (GDBusInterfaceInfo *) &org_blepick_companions1_interface,
  methods,
  NULL,
};
