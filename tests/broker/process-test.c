/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stands in for broker/process.c in blepickd-test, which is never installed: believes the
 * variable BLEPICK_TEST_APP of the process that connected, so that a test can be several
 * apps although all of them run in one interpreter as one user ("flatpak:ID" is a sandboxed
 * one, "path:FILE" one that is known by its file); BLEPICK_TEST_SESSION, so that they can be of
 * several logins; BLEPICK_TEST_FINGERPRINT, which a publisher would have given them; and
 * BLEPICK_TEST_UID, for a second user. */

#include <string.h>

#include "ble/names.h"
#include "broker/process.h"
#include "dbus/errors.h"

#define APP_VARIABLE     "BLEPICK_TEST_APP="
#define SESSION_VARIABLE "BLEPICK_TEST_SESSION="
#define PRINT_VARIABLE   "BLEPICK_TEST_FINGERPRINT="
#define UID_VARIABLE     "BLEPICK_TEST_UID="

/* Returns: (transfer full): the value in /proc/PID/environ of @variable, which ends in an equals sign, or
 * NULL. */
static char *
read_variable (pid_t pid, const char *variable)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/environ", pid);
  g_autofree char *environ_block = NULL;
  gsize length;

  if (!g_file_get_contents (path, &environ_block, &length, NULL))
    return NULL;
  for (const char *entry = environ_block; entry < environ_block + length;
       entry += strlen (entry) + 1)
    if (g_str_has_prefix (entry, variable))
      return g_strdup (entry + strlen (variable));
  return NULL;
}

/* "flatpak:ID", "path:FILE", "snap:NAME" and "unit:NAME" say their kind; everything else is of kind scope. */
static char *
make_key (guint32 uid, const char *text, const char **ret_id)
{
  static const char *const kinds[] = { "flatpak", "path", "snap", "unit" };

  *ret_id = text;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gsize length = strlen (kinds[i]);

      if (strncmp (text, kinds[i], length) != 0 || text[length] != ':')
        continue;
      *ret_id = text + length + 1;
      return g_strdup_printf ("%s:%u:%s", kinds[i], uid, *ret_id);
    }
  return g_strdup_printf ("scope:%u:%s", uid, text);
}

static BrokerCaller *
identify (const BrokerCredentials *credentials, GError **error)
{
  g_autofree char *app_id = read_variable (credentials->pid, APP_VARIABLE);
  g_autofree char *session = read_variable (credentials->pid, SESSION_VARIABLE);
  char *fingerprint = read_variable (credentials->pid, PRINT_VARIABLE);
  g_autofree char *user = read_variable (credentials->pid, UID_VARIABLE);
  guint32 uid = user != NULL ? (guint32) g_ascii_strtoull (user, NULL, 10)
                             : (guint32) credentials->uid;
  const char *id = NULL;

  if (app_id == NULL || app_id[0] == '\0')
    {
      blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                         "The process has no variable BLEPICK_TEST_APP");
      g_free (fingerprint);
      return NULL;
    }
  BrokerCaller *caller = g_new0 (BrokerCaller, 1);
  g_ref_count_init (&caller->refs);
  caller->unique_name = g_strdup (credentials->unique_name);
  caller->uid = uid;
  caller->app = make_key (uid, app_id, &id);
  caller->sandboxed =
    g_str_has_prefix (caller->app, "flatpak:") || g_str_has_prefix (caller->app, "snap:");
  caller->name = ble_name_sanitise (id, strlen (id));
  caller->app_id = g_strdup (id);
  caller->strength = g_strdup ("none");
  caller->fingerprint = fingerprint != NULL ? fingerprint : g_strdup ("");
  caller->session = g_strdup (session != NULL ? session : "");
  return caller;
}

void
broker_process_identify_async (const char *socket_path,
                               const BrokerCredentials *credentials,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  BrokerCaller *caller = identify (credentials, &error);

  g_task_set_source_tag (task, broker_process_identify_async);
  if (caller != NULL)
    g_task_return_pointer (task, caller, (GDestroyNotify) broker_caller_unref);
  else
    g_task_return_error (task, error);
}

BrokerCaller *
broker_process_identify_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
