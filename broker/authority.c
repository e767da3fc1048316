/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/authority.h"

#include "dbus/errors.h"

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* CheckAuthorizationFlags of org.freedesktop.PolicyKit1.Authority. */
#define ALLOW_USER_INTERACTION 1U

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean is_authorized = FALSE;

  if (answer == NULL)
    {
      g_task_return_error (
        task, blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "no-authority",
                                 "polkit does not answer, and only it may allow this: %s",
                                 error->message));
      return;
    }
  g_variant_get (answer, "((bb@a{ss}))", &is_authorized, NULL, NULL);
  if (is_authorized)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task,
                         blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "not-authorized",
                                            "This takes an administrator"));
}

void
broker_authority_check_async (GDBusConnection *connection,
                              GDBusMethodInvocation *invocation,
                              const char *action,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  gboolean may_ask = (g_dbus_message_get_flags (message) &
                      G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  GVariantBuilder subject;

  g_task_set_source_tag (task, broker_authority_check_async);
  g_variant_builder_init (&subject, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&subject, "{sv}", "name",
                         g_variant_new_string (
                           g_dbus_method_invocation_get_sender (invocation)));
  g_dbus_connection_call (connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CheckAuthorization",
                          g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name",
                                         &subject, action, NULL,
                                         may_ask ? ALLOW_USER_INTERACTION : 0, ""),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
                          may_ask ? BROKER_AUTHORITY_WAIT_MS : BROKER_AUTHORITY_ANSWER_MS,
                          cancellable, on_checked, task);
}

gboolean
broker_authority_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
