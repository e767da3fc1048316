/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/identity.h"

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "broker/process.h"
#include "dbus/errors.h"

/* The bus answers from memory; a bus that takes longer than this is not there. */
#define CREDENTIALS_TIMEOUT_MS 5000

struct BrokerIdentity
{
  GDBusConnection *connection;
  BrokerClients *clients;
  char *socket_path;
  GCancellable *cancellable; /* of all look-ups */
  GHashTable *callers;       /* unique name → BrokerCaller */
  GHashTable *waiting;       /* unique name → GPtrArray of GTask */
};

/* One question to the bus. */
typedef struct
{
  BrokerIdentity *identity;
  char *unique_name;
} Question;

static void
free_question (Question *question)
{
  g_free (question->unique_name);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, free_question)

/* Answers everyone who waits for @unique_name. */
static void
settle (BrokerIdentity *identity,
        const char *unique_name,
        BrokerCaller *caller,
        const GError *error)
{
  g_autoptr (GPtrArray) tasks = NULL;
  g_autofree char *key = NULL;

  if (!g_hash_table_steal_extended (identity->waiting, unique_name, (gpointer *) &key,
                                    (gpointer *) &tasks))
    return;
  for (guint i = 0; i < tasks->len; i++)
    {
      GTask *task = (GTask *) g_ptr_array_index (tasks, i);

      if (caller != NULL)
        g_task_return_pointer (task, broker_caller_ref (caller),
                               (GDestroyNotify) broker_caller_unref);
      else
        g_task_return_error (task, g_error_copy (error));
    }
}

static void
on_vanished (const char *unique_name, gpointer user_data)
{
  BrokerIdentity *identity = user_data;
  g_autoptr (GError) error =
    blepick_error_new (BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                       "The client has left the bus");

  settle (identity, unique_name, NULL, error);
  g_hash_table_remove (identity->callers, unique_name);
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  BrokerCaller *caller = broker_process_identify_finish (result, &error);
  BrokerIdentity *identity = question->identity;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the identity is no more */
  /* Nobody waits any more when the name has left meanwhile: it must not be kept then. */
  if (caller != NULL && g_hash_table_contains (identity->waiting, question->unique_name))
    g_hash_table_insert (identity->callers, g_strdup (question->unique_name),
                         broker_caller_ref (caller));
  settle (identity, question->unique_name, caller, error);
  g_clear_pointer (&caller, broker_caller_unref);
}

/* Asks which app has the process in @reply: (a{sv}), the answer of GetConnectionCredentials.
 * Takes @question if it does. */
static gboolean
ask_process (Question *question, GVariant *reply, GUnixFDList *descriptors)
{
  BrokerIdentity *identity = question->identity;
  g_autoptr (GVariant) dict = g_variant_get_child_value (reply, 0);
  BrokerCredentials credentials = { .unique_name = question->unique_name, .pid_fd = -1 };
  guint32 uid, pid;
  gint32 handle;

  if (!g_variant_lookup (dict, "UnixUserID", "u", &uid) ||
      !g_variant_lookup (dict, "ProcessID", "u", &pid) || pid == 0 || pid > G_MAXINT32)
    return FALSE;
  credentials.uid = uid;
  credentials.pid = (pid_t) pid;
  credentials.appeared_us =
    broker_clients_get_appeared_us (identity->clients, question->unique_name);
  /* A bus that promises a descriptor and gives none is not believed. */
  if (g_variant_lookup (dict, "ProcessFD", "h", &handle))
    {
      if (descriptors != NULL)
        credentials.pid_fd = g_unix_fd_list_get (descriptors, handle, NULL);
      if (credentials.pid_fd < 0)
        return FALSE;
    }
  broker_process_identify_async (identity->socket_path, &credentials,
                                 identity->cancellable, on_identified, question);
  if (credentials.pid_fd >= 0)
    close (credentials.pid_fd);
  return TRUE;
}

static void
on_credentials (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                     &descriptors, result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the identity is no more */
  if (reply == NULL)
    blepick_error_set (&refusal, BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                       "The bus does not know the connection any more");
  else if (ask_process (question, reply, descriptors))
    {
      (void) g_steal_pointer (&question);
      return;
    }
  else
    blepick_error_set (&refusal, BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                       "The bus does not say which process calls");
  settle (question->identity, question->unique_name, NULL, refusal);
}

BrokerIdentity *
broker_identity_new (GDBusConnection *connection,
                     BrokerClients *clients,
                     const char *socket_path)
{
  BrokerIdentity *identity = g_new0 (BrokerIdentity, 1);

  identity->connection = g_object_ref (connection);
  identity->clients = clients;
  identity->socket_path = g_strdup (socket_path);
  identity->cancellable = g_cancellable_new ();
  identity->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) broker_caller_unref);
  identity->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                             (GDestroyNotify) g_ptr_array_unref);
  broker_clients_add_watch (clients, on_vanished, identity);
  return identity;
}

void
broker_identity_free (BrokerIdentity *identity)
{
  GHashTableIter iter;
  gpointer name;

  if (identity == NULL)
    return;
  g_autoptr (GError) error =
    blepick_error_new (BLEPICK_ERROR_INVALIDATED, "broker-stopping",
                       "The Bluetooth broker is stopping");
  g_cancellable_cancel (identity->cancellable);
  g_hash_table_iter_init (&iter, identity->waiting);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      settle (identity, name, NULL, error);
      g_hash_table_iter_init (&iter, identity->waiting);
    }
  g_hash_table_unref (identity->waiting);
  g_hash_table_unref (identity->callers);
  g_object_unref (identity->cancellable);
  g_object_unref (identity->connection);
  g_free (identity->socket_path);
  g_free (identity);
}

void
broker_identity_lookup_async (BrokerIdentity *identity,
                              const char *unique_name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  BrokerCaller *known = g_hash_table_lookup (identity->callers, unique_name);
  GPtrArray *tasks = g_hash_table_lookup (identity->waiting, unique_name);
  Question *question;

  g_task_set_source_tag (task, broker_identity_lookup_async);
  if (known != NULL)
    {
      g_task_return_pointer (task, broker_caller_ref (known),
                             (GDestroyNotify) broker_caller_unref);
      g_object_unref (task);
      return;
    }
  if (tasks != NULL)
    {
      g_ptr_array_add (tasks, task);
      return;
    }
  tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (tasks, task);
  g_hash_table_insert (identity->waiting, g_strdup (unique_name), tasks);
  question = g_new0 (Question, 1);
  question->identity = identity;
  question->unique_name = g_strdup (unique_name);
  g_dbus_connection_call_with_unix_fd_list (
    identity->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
    "org.freedesktop.DBus", "GetConnectionCredentials",
    g_variant_new ("(s)", unique_name), G_VARIANT_TYPE ("(a{sv})"),
    G_DBUS_CALL_FLAGS_NONE, CREDENTIALS_TIMEOUT_MS, NULL, identity->cancellable,
    on_credentials, question);
}

BrokerCaller *
broker_identity_lookup_finish (BrokerIdentity *identity,
                               GAsyncResult *result,
                               GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

BrokerCaller *
broker_identity_peek (BrokerIdentity *identity, const char *unique_name)
{
  return g_hash_table_lookup (identity->callers, unique_name);
}
