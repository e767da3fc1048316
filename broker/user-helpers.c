/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/user-helpers.h"

#include <string.h>

#include "broker/export.h"
#include "broker/user-home.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"
#include "perms/key.h"

struct BrokerUserHelpers
{
  GDBusConnection *connection;
  BrokerIdentity *identity;
  BrokerExport *export;
  char *helper_app;
  BrokerHomeChangedFunc changed;
  gpointer user_data;
  GHashTable *homes; /* uid → BrokerUserHome */
};

/* ---- one home ---- */

static BrokerUserHome *
find_home (BrokerUserHelpers *self, guint32 uid)
{
  return g_hash_table_lookup (self->homes, GUINT_TO_POINTER (uid));
}

/* The home that @unique_name reports, or NULL. */
static BrokerUserHome *
find_reporter (BrokerUserHelpers *self, const char *unique_name)
{
  const BrokerCaller *caller = broker_identity_peek (self->identity, unique_name);
  BrokerUserHome *home = caller != NULL ? find_home (self, caller->uid) : NULL;

  return home != NULL && strcmp (home->unique_name, unique_name) == 0 ? home : NULL;
}

/* ---- answers ---- */

static void
refuse (GDBusMethodInvocation *invocation,
        BlepickError code,
        const char *cause,
        const char *text)
{
  g_autoptr (GError) error = blepick_error_new (code, cause, "%s", text);

  broker_export_return_error (invocation, error);
}

/* NULL: refused. */
static BrokerUserHome *
need_reporter (BrokerUserHelpers *self, GDBusMethodInvocation *invocation)
{
  BrokerUserHome *home =
    find_reporter (self, g_dbus_method_invocation_get_sender (invocation));

  if (home == NULL)
    refuse (invocation, BLEPICK_ERROR_NOT_PERMITTED, "not-registered",
            "Only a helper that has registered may report.");
  return home;
}

/* Returns: (transfer full): the key of what is reported; NULL: refused. */
static char *
need_app (GDBusMethodInvocation *invocation, const char *kind, const char *id)
{
  gboolean is_flatpak = strcmp (kind, "flatpak") == 0;

  if ((is_flatpak || strcmp (kind, "host") == 0) &&
      perms_app_id_is_valid (is_flatpak ? PERMS_APP_KIND_FLATPAK : PERMS_APP_KIND_SCOPE,
                             id))
    return broker_user_home_make_key (is_flatpak, id);
  refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "bad-app",
          "An app is flatpak or host, and has an id.");
  return NULL;
}

/* ---- Register ---- */

/* Whether @caller is the program that blepick brought along, and in no sandbox. */
static gboolean
is_helper (const BrokerUserHelpers *self, const BrokerCaller *caller)
{
  PermsAppKey key;

  if (caller->sandboxed || !perms_app_key_parse (caller->app, &key, NULL))
    return FALSE;
  g_autofree char *app =
    g_strdup_printf ("%s:%s", perms_app_kind_to_string (key.kind), key.id);
  return strcmp (app, self->helper_app) == 0;
}

/* A call that is answered when it is known who calls. */
typedef struct
{
  BrokerUserHelpers *helpers;
  GDBusMethodInvocation *invocation;
  void (*answer) (BrokerUserHelpers *self,
                  GDBusMethodInvocation *invocation,
                  const BrokerCaller *caller);
} Asking;

static void
on_caller_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asking *asking = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerCaller) caller =
    broker_identity_lookup_finish (asking->helpers->identity, result, &error);

  if (caller != NULL)
    asking->answer (asking->helpers, asking->invocation, caller);
  else
    broker_export_return_error (asking->invocation, error);
}

static void
answer_register (BrokerUserHelpers *self,
                 GDBusMethodInvocation *invocation,
                 const BrokerCaller *caller)
{
  if (!is_helper (self, caller))
    {
      refuse (invocation, BLEPICK_ERROR_NOT_PERMITTED, "not-the-helper",
              "Only blepick-session may report what a home directory holds.");
      return;
    }
  /* It may have left while it was looked up. */
  if (broker_identity_peek (self->identity, caller->unique_name) == caller)
    g_hash_table_replace (self->homes, GUINT_TO_POINTER (caller->uid),
                          broker_user_home_new (caller->uid, caller->unique_name));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
ask (BrokerUserHelpers *self, const Asking *asking)
{
  broker_identity_lookup_async (self->identity,
                                g_dbus_method_invocation_get_sender (asking->invocation),
                                NULL, on_caller_known,
                                g_memdup2 (asking, sizeof *asking));
}

static void
handle_register (gpointer object,
                 GDBusMethodInvocation *invocation,
                 GVariant *parameters,
                 GVariant *options)
{
  ask (object, &(Asking){ object, invocation, answer_register });
}

static void
on_vanished (const char *unique_name, gpointer user_data)
{
  BrokerUserHelpers *self = user_data;
  GHashTableIter iter;
  gpointer home;

  g_hash_table_iter_init (&iter, self->homes);
  while (g_hash_table_iter_next (&iter, NULL, &home))
    if (strcmp (((BrokerUserHome *) home)->unique_name, unique_name) == 0)
      {
        g_hash_table_iter_remove (&iter);
        return;
      }
}

/* ---- reports ---- */

static void
tell_changed (BrokerUserHelpers *self, const BrokerUserHome *home)
{
  if (home->complete)
    self->changed (home->uid, self->user_data);
}

static void
handle_report_app (gpointer object,
                   GDBusMethodInvocation *invocation,
                   GVariant *parameters,
                   GVariant *options)
{
  BrokerUserHelpers *self = object;
  BrokerUserHome *home = need_reporter (self, invocation);
  const char *kind, *id;
  g_autoptr (GVariant) octets = g_variant_get_child_value (parameters, 2);
  gsize length = g_variant_get_size (octets);

  if (home == NULL)
    return;
  g_variant_get (parameters, "(&s&s@ay@a{sv})", &kind, &id, NULL, NULL);
  g_autofree char *key = need_app (invocation, kind, id);
  if (key == NULL)
    return;
  if (!broker_user_home_has_room (home, key, length))
    {
      refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "limits",
              "A home directory has at most 256 apps, and manifests of 64 KiB each and "
              "1 MiB together.");
      return;
    }
  broker_user_home_drop (home, key);
  home->n_octets += length;
  g_hash_table_remove (home->removals, key);
  g_hash_table_insert (home->apps, g_steal_pointer (&key),
                       g_variant_get_data_as_bytes (octets));
  tell_changed (self, home);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
handle_remove_app (gpointer object,
                   GDBusMethodInvocation *invocation,
                   GVariant *parameters,
                   GVariant *options)
{
  BrokerUserHelpers *self = object;
  BrokerUserHome *home = need_reporter (self, invocation);
  const char *kind, *id;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (home == NULL)
    return;
  g_variant_get (parameters, "(&s&s@a{sv})", &kind, &id, NULL);
  g_autofree char *key = need_app (invocation, kind, id);
  if (key == NULL)
    return;
  /* Only what was there can go: the list stays as short as that of the apps. */
  if (g_hash_table_contains (home->apps, key))
    {
      broker_user_home_drop (home, key);
      if (g_hash_table_size (home->removals) >= BROKER_HELPER_APPS_MAX)
        g_hash_table_remove_all (home->removals);
      g_hash_table_insert (home->removals, g_steal_pointer (&key),
                           g_memdup2 (&now_s, sizeof now_s));
      tell_changed (self, home);
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
handle_complete (gpointer object,
                 GDBusMethodInvocation *invocation,
                 GVariant *parameters,
                 GVariant *options)
{
  BrokerUserHelpers *self = object;
  BrokerUserHome *home = need_reporter (self, invocation);

  if (home == NULL)
    return;
  home->complete = TRUE;
  tell_changed (self, home);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* ---- GetState ---- */

static void
answer_get_state (BrokerUserHelpers *self,
                  GDBusMethodInvocation *invocation,
                  const BrokerCaller *caller)
{
  const BrokerUserHome *home = find_home (self, caller->uid);
  GVariantDict state;

  g_variant_dict_init (&state, NULL);
  g_variant_dict_insert (&state, "running", "b", home != NULL);
  g_variant_dict_insert (&state, "complete", "b", home != NULL && home->complete);
  g_variant_dict_insert (&state, "apps", "u",
                         home != NULL ? g_hash_table_size (home->apps) : 0);
  g_dbus_method_invocation_return_value (
    invocation, g_variant_new ("(@a{sv})", g_variant_dict_end (&state)));
}

static void
handle_get_state (gpointer object,
                  GDBusMethodInvocation *invocation,
                  GVariant *parameters,
                  GVariant *options)
{
  ask (object, &(Asking){ object, invocation, answer_get_state });
}

/* ---- starting ---- */

static void
handle_started (gpointer object,
                GDBusMethodInvocation *invocation,
                GVariant *parameters,
                GVariant *options)
{
  const BrokerUserHome *home = need_reporter (object, invocation);
  gboolean started;
  const char *id;

  if (home == NULL)
    return;
  g_variant_get (parameters, "(&sb@a{sv})", &id, &started, NULL);
  if (!g_hash_table_contains (home->starts, id))
    {
      refuse (invocation, BLEPICK_ERROR_INVALID_REQUEST, "no-start",
              "Nobody asked for that app to start.");
      return;
    }
  if (!started)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE",
                      "The app %s of user %u could not be started", id, home->uid);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

gboolean
broker_user_helpers_start (BrokerUserHelpers *self, guint32 uid, const char *id)
{
  const BrokerUserHome *home = find_home (self, uid);
  gint64 now = g_get_monotonic_time ();
  gint64 until = now + BROKER_HELPER_START_MS * G_TIME_SPAN_MILLISECOND;
  const gint64 *resting;

  if (home == NULL)
    return FALSE;
  resting = g_hash_table_lookup (home->starts, id);
  if (resting != NULL && *resting > now)
    return FALSE;
  if (g_hash_table_size (home->starts) >= BROKER_HELPER_APPS_MAX)
    g_hash_table_remove_all (home->starts);
  g_hash_table_insert (home->starts, g_strdup (id), g_memdup2 (&until, sizeof until));
  broker_export_emit (self->connection, home->unique_name, BLEPICK_BROKER_PATH,
                      BLEPICK_USER_HELPER_INTERFACE, "Start", g_variant_new ("(s)", id));
  return TRUE;
}

/* ---- questions ---- */

GBytes *
broker_user_helpers_find_manifest (guint32 uid,
                                   gboolean is_flatpak,
                                   const char *id,
                                   gpointer user_data)
{
  const BrokerUserHome *home = find_home (user_data, uid);
  g_autofree char *key = broker_user_home_make_key (is_flatpak, id);
  GBytes *text = home != NULL ? g_hash_table_lookup (home->apps, key) : NULL;

  return text != NULL && g_bytes_get_size (text) > 0 ? text : NULL;
}

gboolean
broker_user_helpers_is_complete (BrokerUserHelpers *self, guint32 uid)
{
  const BrokerUserHome *home = find_home (self, uid);

  return home != NULL && home->complete;
}

gboolean
broker_user_helpers_has_app (BrokerUserHelpers *self,
                             guint32 uid,
                             gboolean is_flatpak,
                             const char *id)
{
  const BrokerUserHome *home = find_home (self, uid);
  g_autofree char *key = broker_user_home_make_key (is_flatpak, id);

  return home != NULL && g_hash_table_contains (home->apps, key);
}

gint64
broker_user_helpers_get_removal_s (BrokerUserHelpers *self,
                                   guint32 uid,
                                   gboolean is_flatpak,
                                   const char *id)
{
  const BrokerUserHome *home = find_home (self, uid);
  g_autofree char *key = broker_user_home_make_key (is_flatpak, id);
  const gint64 *when = home != NULL ? g_hash_table_lookup (home->removals, key) : NULL;

  return when != NULL ? *when : 0;
}

/* ---- all of them ---- */

static const BrokerMethod methods[] = {
  { "Register", BROKER_CALLER_ANYBODY, handle_register, broker_no_options },
  { "ReportApp", BROKER_CALLER_ANYBODY, handle_report_app, broker_no_options },
  { "RemoveApp", BROKER_CALLER_ANYBODY, handle_remove_app, broker_no_options },
  { "Complete", BROKER_CALLER_ANYBODY, handle_complete, broker_no_options },
  { "Started", BROKER_CALLER_ANYBODY, handle_started, broker_no_options },
  { "GetState", BROKER_CALLER_ANYBODY, handle_get_state, broker_no_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_user_helper1_interface,
  methods,
  NULL,
};

BrokerUserHelpers *
broker_user_helpers_new (GDBusConnection *connection,
                         BrokerIdentity *identity,
                         BrokerClients *clients,
                         const char *helper_app,
                         BrokerHomeChangedFunc changed,
                         gpointer user_data,
                         GError **error)
{
  g_autoptr (BrokerUserHelpers) self = g_new0 (BrokerUserHelpers, 1);

  self->connection = g_object_ref (connection);
  self->identity = identity;
  self->helper_app = g_strdup (helper_app);
  self->changed = changed;
  self->user_data = user_data;
  self->homes = g_hash_table_new_full (NULL, NULL, NULL, broker_user_home_free);
  self->export =
    broker_export_new_public (connection, BLEPICK_BROKER_PATH, &interface, self, error);
  if (self->export == NULL)
    return NULL;
  broker_clients_add_watch (clients, on_vanished, self);
  return g_steal_pointer (&self);
}

void
broker_user_helpers_free (BrokerUserHelpers *self)
{
  if (self == NULL)
    return;
  broker_export_free (self->export);
  g_hash_table_unref (self->homes);
  g_object_unref (self->connection);
  g_free (self->helper_app);
  g_free (self);
}
