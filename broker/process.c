/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/process.h"

#include <fcntl.h>
#include <gio/gunixfdmessage.h>
#include <gio/gunixsocketaddress.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ble/names.h"
#include "dbus/errors.h"
#include "identity/question.h"

/* What is shown for programs that have no identity but their user's. */
#define HOST_ID   "host"
#define HOST_NAME "Other programs"

/* One question to the helper; data of its task. */
typedef struct
{
  char *unique_name;
  uid_t uid;
  int pid_fd;
  GSocket *socket;
} Asking;

static void
free_asking (gpointer data)
{
  Asking *asking = data;

  if (asking->pid_fd >= 0)
    close (asking->pid_fd);
  g_clear_object (&asking->socket);
  g_free (asking->unique_name);
  g_free (asking);
}

static void
refuse (GError **error, const char *reason)
{
  blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                     "The program that calls cannot be told from others: %s", reason);
}

/* A pidfd is readable once its process has ended (pidfd_open(2)). */
static gboolean
is_alive (int pid_fd)
{
  struct pollfd poll_fd = { .fd = pid_fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 0;
}

/* The helper's texts are terminated, and its key is one and of that user.
 * @ret_key: NONE for a refusal. */
static gboolean
read_answer (const Asking *asking,
             const IdentityAnswer *answer,
             gssize length,
             PermsAppKey *ret_key)
{
  if (length != sizeof *answer || answer->protocol != IDENTITY_PROTOCOL ||
      answer->strength > PERMS_STRENGTH_VERIFIED ||
      memchr (answer->app, '\0', sizeof answer->app) == NULL ||
      memchr (answer->fingerprint, '\0', sizeof answer->fingerprint) == NULL ||
      !g_utf8_validate (answer->fingerprint, -1, NULL) ||
      memchr (answer->session, '\0', sizeof answer->session) == NULL ||
      !g_str_is_ascii (answer->session) ||
      memchr (answer->reason, '\0', sizeof answer->reason) == NULL ||
      !g_utf8_validate (answer->reason, -1, NULL))
    return FALSE;
  ret_key->kind = PERMS_APP_KIND_NONE;
  return answer->app[0] == '\0' || (perms_app_key_parse (answer->app, ret_key, NULL) &&
                                    ret_key->uid == asking->uid);
}

static BrokerCaller *
make_caller (const Asking *asking, const IdentityAnswer *answer, const PermsAppKey *key)
{
  BrokerCaller *caller = g_new0 (BrokerCaller, 1);
  gboolean is_host = key->kind == PERMS_APP_KIND_HOST;
  const char *name = is_host ? HOST_NAME : key->id;

  if (key->kind == PERMS_APP_KIND_PATH)
    name = strrchr (name, '/') + 1;
  g_ref_count_init (&caller->refs);
  caller->unique_name = g_strdup (asking->unique_name);
  caller->uid = asking->uid;
  caller->app = g_strdup (answer->app);
  caller->app_id = g_strdup (is_host ? HOST_ID : key->id);
  caller->name = ble_name_sanitise (name, strlen (name));
  caller->strength =
    g_strdup (perms_strength_to_string ((PermsStrength) answer->strength));
  caller->fingerprint = g_strdup (answer->fingerprint);
  caller->session = g_strdup (answer->session);
  caller->sandboxed = answer->sandboxed != 0;
  return caller;
}

/* Returns: (transfer full): NULL with ActivationFailed. */
static BrokerCaller *
receive_caller (const Asking *asking, GError **error)
{
  /* A byte more than an answer, so that a longer one is not taken for one. */
  struct
  {
    IdentityAnswer answer;
    char more;
  } packet;
  PermsAppKey key;
  gssize length =
    g_socket_receive (asking->socket, (char *) &packet, sizeof packet, NULL, NULL);

  if (length <= 0)
    refuse (error, "nobody says which it is");
  else if (!read_answer (asking, &packet.answer, length, &key))
    refuse (error, "what is said of it is not understood");
  else if (key.kind == PERMS_APP_KIND_NONE)
    refuse (error, packet.answer.reason);
  else if (!is_alive (asking->pid_fd))
    refuse (error, "it is gone");
  else
    return make_caller (asking, &packet.answer, &key);
  return NULL;
}

static gboolean
on_answer (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  BrokerCaller *caller;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  caller = receive_caller (g_task_get_task_data (task), &error);
  if (caller != NULL)
    g_task_return_pointer (task, caller, (GDestroyNotify) broker_caller_unref);
  else
    g_task_return_error (task, error);
  return G_SOURCE_REMOVE;
}

static GSocket *
connect_helper (const char *socket_path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);
  g_autoptr (GSocket) socket =
    g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_SEQPACKET,
                  G_SOCKET_PROTOCOL_DEFAULT, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_timeout (socket, IDENTITY_WAIT_S);
  if (!g_socket_connect (socket, address, NULL, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static gboolean
send_question (const Asking *asking, gint64 appeared_us, GError **error)
{
  IdentityQuestion question = { IDENTITY_PROTOCOL, asking->uid, appeared_us };
  GOutputVector bytes = { &question, sizeof question };
  g_autoptr (GSocketControlMessage) message = g_unix_fd_message_new ();

  if (!g_unix_fd_message_append_fd (G_UNIX_FD_MESSAGE (message), asking->pid_fd, error))
    return FALSE;
  return g_socket_send_message (asking->socket, NULL, &bytes, 1, &message, 1,
                                G_SOCKET_MSG_NONE, NULL, error) == sizeof question;
}

/* The pidfd comes first: whatever the helper finds is of what it holds. */
static gboolean
ask (Asking *asking,
     const char *socket_path,
     const BrokerCredentials *credentials,
     GError **error)
{
  g_autoptr (GError) cause = NULL;

  asking->pid_fd = credentials->pid_fd >= 0
                     ? fcntl (credentials->pid_fd, F_DUPFD_CLOEXEC, 0)
                     : (int) syscall (SYS_pidfd_open, credentials->pid, 0);
  if (asking->pid_fd < 0)
    {
      refuse (error, "it is gone");
      return FALSE;
    }
  asking->socket = connect_helper (socket_path, &cause);
  if (asking->socket == NULL || !send_question (asking, credentials->appeared_us, &cause))
    {
      g_warning ("blepick-identity cannot be asked: %s",
                 cause != NULL ? cause->message : "too little was sent");
      refuse (error, "nobody can be asked which it is");
      return FALSE;
    }
  return TRUE;
}

void
broker_process_identify_async (const char *socket_path,
                               const BrokerCredentials *credentials,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Asking *asking = g_new0 (Asking, 1);
  GError *error = NULL;
  GSource *source;

  g_task_set_source_tag (task, broker_process_identify_async);
  g_task_set_task_data (task, asking, free_asking);
  asking->unique_name = g_strdup (credentials->unique_name);
  asking->uid = credentials->uid;
  if (!ask (asking, socket_path, credentials, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  /* Also ready when the deadline has passed: receiving then says so. */
  source = g_socket_create_source (asking->socket, G_IO_IN, cancellable);
  g_task_attach_source (task, source, G_SOURCE_FUNC (on_answer));
  g_source_unref (source);
}

BrokerCaller *
broker_process_identify_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
