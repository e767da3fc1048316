/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/service.h"

#include <gio/gio.h>
#include <polkit/polkit.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

#define ACTION    "org.blepick.enforce"
#define IDLE_S    10
#define RELOAD_MS 10000

typedef struct
{
  const EnforcePlaces *places;
  GMainLoop *loop;
  GDBusConnection *connection;
  PolkitAuthority *authority; /* NULL: only root is heard */
  guint idle_source;
  guint n_waiting; /* for a person's answer */
  int status;
} Service;

/* A change that waits for polkit. */
typedef struct
{
  Service *service;
  GDBusMethodInvocation *invocation;
  EnforceLevel level;
} Change;

static gboolean
on_idle (gpointer user_data)
{
  Service *service = user_data;

  if (service->n_waiting > 0)
    return G_SOURCE_CONTINUE;
  service->idle_source = 0;
  g_main_loop_quit (service->loop);
  return G_SOURCE_REMOVE;
}

static void
begin_idle (Service *service)
{
  g_clear_handle_id (&service->idle_source, g_source_remove);
  service->idle_source = g_timeout_add_seconds (IDLE_S, on_idle, service);
}

static void
refuse (GDBusMethodInvocation *invocation, const GError *error)
{
  g_dbus_method_invocation_return_dbus_error (
    invocation, blepick_error_to_name ((BlepickError) error->code), error->message);
}

static gboolean
reload_bus (GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
    "ReloadConfig", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, RELOAD_MS, NULL, error);

  return reply != NULL;
}

gboolean
enforce_service_reload_bus (GError **error)
{
  g_autoptr (GDBusConnection) connection =
    g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);

  return connection != NULL && reload_bus (connection, error);
}

static void
apply (Change *change)
{
  Service *service = change->service;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;

  if (enforce_change_set (service->places, change->level, &error) &&
      reload_bus (service->connection, &error))
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE",
                        "The level is set to %s", enforce_level_to_word (change->level));
      g_dbus_method_invocation_return_value (change->invocation, NULL);
      return;
    }
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                    "The level is not set: %s", error->message);
  refusal =
    blepick_error_new (BLEPICK_ERROR_UNKNOWN, "not-enforced", "%s", error->message);
  refuse (change->invocation, refusal);
}

static void
on_authorised (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Change *change = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  g_autoptr (PolkitAuthorizationResult) answer =
    polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), result,
                                                 &error);

  change->service->n_waiting--;
  begin_idle (change->service);
  if (answer != NULL && polkit_authorization_result_get_is_authorized (answer))
    {
      apply (change);
      return;
    }
  refusal = blepick_error_new (BLEPICK_ERROR_USER_RESTRICTED, "denied-by-policy",
                               "An administrator has to allow that");
  refuse (change->invocation, refusal);
}

/* Without polkit the bus still knows who root is. */
static gboolean
is_root (Service *service, const char *sender)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    service->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
    "org.freedesktop.DBus", "GetConnectionUnixUser", g_variant_new ("(s)", sender),
    G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, RELOAD_MS, NULL, NULL);
  guint32 uid = G_MAXUINT32;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &uid);
  return uid == 0;
}

static void
authorise (Change *change, const char *sender)
{
  Service *service = change->service;
  g_autoptr (PolkitSubject) subject = polkit_system_bus_name_new (sender);
  PolkitCheckAuthorizationFlags flags =
    (g_dbus_message_get_flags (
       g_dbus_method_invocation_get_message (change->invocation)) &
     G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0
      ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
      : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE;

  service->n_waiting++;
  polkit_authority_check_authorization (service->authority, subject, ACTION, NULL, flags,
                                        NULL, on_authorised, change);
}

static void
handle_set (Service *service, const char *sender, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) refusal = NULL;
  EnforceLevel level = ENFORCE_ADVISORY;
  const char *word;
  Change *change;

  g_variant_get (g_dbus_method_invocation_get_parameters (invocation), "(&s@a{sv})",
                 &word, &options);
  if (g_variant_n_children (options) > 0)
    refusal = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                                 "No options are known");
  else if (!enforce_level_from_word (word, &level))
    refusal = blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "unknown-level",
                                 "The levels are advisory, bus and strict");
  if (refusal != NULL)
    {
      refuse (invocation, refusal);
      return;
    }
  change = g_new0 (Change, 1);
  change->service = service;
  change->invocation = invocation;
  change->level = level;
  if (is_root (service, sender))
    {
      apply (change);
      g_free (change);
      return;
    }
  if (service->authority != NULL)
    {
      authorise (change, sender);
      return;
    }
  refusal = blepick_error_new (BLEPICK_ERROR_USER_RESTRICTED, "denied-by-policy",
                               "There is no polkit here, so only root may do that");
  refuse (invocation, refusal);
  g_free (change);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  Service *service = user_data;

  begin_idle (service);
  if (strcmp (method, "Set") == 0)
    handle_set (service, sender, invocation);
  else
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR,
                                           G_DBUS_ERROR_UNKNOWN_METHOD, "No such method");
}

static GVariant *
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer user_data)
{
  const Service *service = user_data;

  return g_variant_new_string (
    enforce_level_to_word (enforce_change_wanted (service->places)));
}

static const GDBusInterfaceVTable vtable = { on_method_call,
                                             on_get_property,
                                             NULL,
                                             { 0 } };

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  (void) sd_notify (0, "READY=1");
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Service *service = user_data;

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                    "%s cannot be owned here", name);
  service->status = EXIT_FAILURE;
  g_main_loop_quit (service->loop);
}

int
enforce_service_run (const EnforcePlaces *places)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Service service = { .places = places, .loop = loop };
  g_autoptr (GError) error = NULL;
  guint name;

  service.connection = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  if (service.connection == NULL ||
      g_dbus_connection_register_object (
        service.connection, BLEPICK_ENFORCE_PATH,
        (GDBusInterfaceInfo *) &org_blepick_enforce1_interface, &vtable, &service, NULL,
        &error) == 0)
    {
      g_printerr ("blepick-enforce: %s\n", error->message);
      g_clear_object (&service.connection);
      return EXIT_FAILURE;
    }
  service.authority = polkit_authority_get_sync (NULL, NULL);
  name = g_bus_own_name_on_connection (service.connection, BLEPICK_ENFORCE_NAME,
                                       G_BUS_NAME_OWNER_FLAGS_NONE, on_name_acquired,
                                       on_name_lost, &service, NULL);
  begin_idle (&service);
  g_main_loop_run (loop);
  g_clear_handle_id (&service.idle_source, g_source_remove);
  g_bus_unown_name (name);
  (void) g_dbus_connection_flush_sync (service.connection, NULL, NULL);
  g_clear_object (&service.authority);
  g_clear_object (&service.connection);
  return service.status;
}
