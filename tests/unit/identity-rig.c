/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "tests/unit/identity-rig.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_S 20

static gboolean
on_late (gpointer user_data)
{
  fail_msg ("it takes too long");
  return G_SOURCE_REMOVE;
}

/* Runs the loop until @thing is there. */
void
identity_rig_wait_for (gpointer *thing)
{
  guint late = g_timeout_add_seconds (DEADLINE_S, on_late, NULL);

  while (*thing == NULL)
    (void) g_main_context_iteration (NULL, TRUE);
  (void) g_source_remove (late);
}

/* ---- the bus ---- */

static void
add_credentials (const IdentityRig *rig, GDBusMessage *reply)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();

  if (!rig->bus.no_uid)
    g_variant_dict_insert (&dict, "UnixUserID", "u", RIG_UID);
  /* With a descriptor the number is another's: whoever believes it is found out. */
  if (!rig->bus.no_pid)
    g_variant_dict_insert (&dict, "ProcessID", "u",
                           rig->bus.zero_pid      ? 0
                           : rig->bus.promises_fd ? getpid ()
                                                  : rig->child);
  if (rig->bus.promises_fd)
    g_variant_dict_insert (&dict, "ProcessFD", "h", 0);
  if (rig->bus.gives_fd)
    {
      assert_int_equal (g_unix_fd_list_append (fds, rig->child_fd, NULL), 0);
      g_dbus_message_set_unix_fd_list (reply, fds);
    }
  g_dbus_message_set_body (reply, g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
}

/* Runs in GDBus's worker; nothing changes what it reads while a call is under way. */
static GDBusMessage *
answer_as_bus (GDBusConnection *connection,
               GDBusMessage *message,
               gboolean incoming,
               gpointer user_data)
{
  const IdentityRig *rig = user_data;
  const char *method = g_dbus_message_get_member (message);
  g_autoptr (GDBusMessage) reply = NULL;

  if (!incoming ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  if (strcmp (method, "GetConnectionCredentials") == 0 && rig->bus.refuses)
    reply = g_dbus_message_new_method_error_literal (
      message, "org.freedesktop.DBus.Error.NameHasNoOwner", "There is no such name");
  else
    reply = g_dbus_message_new_method_reply (message);
  g_dbus_message_set_sender (reply, "org.freedesktop.DBus");
  if (strcmp (method, "Hello") == 0 || strcmp (method, "GetId") == 0)
    g_dbus_message_set_body (reply, g_variant_new ("(s)", ":1.1"));
  else if (strcmp (method, "GetConnectionCredentials") == 0 && !rig->bus.refuses)
    add_credentials (rig, reply);
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL,
                                  NULL);
  g_object_unref (message);
  return NULL;
}

void
identity_rig_announce (IdentityRig *rig, const char *old_owner, const char *new_owner)
{
  g_autoptr (GDBusMessage) signal =
    g_dbus_message_new_signal ("/org/freedesktop/DBus", "org.freedesktop.DBus",
                               "NameOwnerChanged");

  g_dbus_message_set_sender (signal, "org.freedesktop.DBus");
  g_dbus_message_set_body (signal,
                           g_variant_new ("(sss)", RIG_NAME, old_owner, new_owner));
  assert_true (g_dbus_connection_send_message (
    rig->server, signal, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusConnection **connection = user_data;

  *connection = g_dbus_connection_new_finish (result, NULL);
  assert_non_null (*connection);
}

static GIOStream *
make_stream (int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);

  assert_non_null (socket);
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
connect_both (IdentityRig *rig)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GIOStream) theirs = NULL, ours = NULL;
  int pair[2];

  assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  theirs = make_stream (pair[0]);
  ours = make_stream (pair[1]);
  g_dbus_connection_new (theirs, guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                           G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         NULL, NULL, on_connected, &rig->server);
  g_dbus_connection_new (ours, NULL,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                           G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                         NULL, NULL, on_connected, &rig->client);
  identity_rig_wait_for ((gpointer *) &rig->server);
  (void) g_dbus_connection_add_filter (rig->server, answer_as_bus, rig, NULL);
  g_dbus_connection_start_message_processing (rig->server);
  identity_rig_wait_for ((gpointer *) &rig->client);
}

/* ---- the helper ---- */

static pid_t
read_pid (int pid_fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fdinfo/%d", pid_fd);
  g_autofree char *text = NULL;
  const char *line;

  assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "\nPid:");
  assert_non_null (line);
  return (pid_t) g_ascii_strtoll (line + strlen ("\nPid:"), NULL, 10);
}

static void
spoil (IdentityAnswer *answer, HelperAnswer how)
{
  if (how == REFUSAL || how == REASON_NO_UTF8)
    answer->app[0] = '\0';
  if (how == REFUSAL)
    (void) g_strlcpy (answer->reason, "it is nobody", sizeof answer->reason);
  if (how == REASON_NO_UTF8)
    (void) g_strlcpy (answer->reason, "\xff", sizeof answer->reason);
  if (how == OTHER_PROTOCOL)
    answer->protocol++;
  if (how == OTHER_UID)
    (void) g_strlcpy (answer->app, "path:0:/usr/bin/app", sizeof answer->app);
  if (how == NO_KEY)
    (void) g_strlcpy (answer->app, "nothing", sizeof answer->app);
  if (how == NO_STRENGTH)
    answer->strength = PERMS_STRENGTH_VERIFIED + 1;
  if (how == KEY_WITHOUT_END)
    memset (answer->app, 'x', sizeof answer->app);
  if (how == FINGERPRINT_NO_UTF8)
    (void) g_strlcpy (answer->fingerprint, "\xff", sizeof answer->fingerprint);
  if (how == SESSION_NO_ASCII)
    (void) g_strlcpy (answer->session, "\xc3\xa9", sizeof answer->session);
}

void
identity_rig_send_answer (int fd, HelperAnswer how)
{
  struct
  {
    IdentityAnswer answer;
    char more;
  } packet = { .answer = { .protocol = IDENTITY_PROTOCOL,
                           .strength = PERMS_STRENGTH_PATH,
                           .app = RIG_APP,
                           .fingerprint = "package=app",
                           .session = "c3" } };
  gsize length = sizeof packet.answer;

  spoil (&packet.answer, how);
  if (how == TOO_SHORT)
    length--;
  if (how == TOO_LONG)
    length = G_STRUCT_OFFSET (__typeof__ (packet), more) + 1;
  assert_int_equal (send (fd, &packet, length, 0), length);
}

static gboolean
on_question (int listening_fd, GIOCondition condition, gpointer user_data)
{
  IdentityRig *rig = user_data;
  int fd = accept4 (listening_fd, NULL, NULL, SOCK_CLOEXEC);
  int pid_fd;

  assert_true (fd >= 0);
  assert_true (identity_question_receive (fd, &rig->asked, &pid_fd, NULL));
  rig->n_asked++;
  rig->asked_pid = read_pid (pid_fd);
  close (pid_fd);
  if (rig->helper == PROCESS_ENDS)
    {
      kill (rig->child, SIGKILL);
      waitpid (rig->child, NULL, 0);
    }
  if (rig->helper == SILENT)
    {
      rig->silent_fd = fd;
      return G_SOURCE_CONTINUE;
    }
  if (rig->helper != HANGS_UP)
    identity_rig_send_answer (fd, rig->helper);
  close (fd);
  return G_SOURCE_CONTINUE;
}

static void
start_helper (IdentityRig *rig)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  rig->folder = g_dir_make_tmp ("broker-identity-XXXXXX", NULL);
  rig->socket_path = g_build_filename (rig->folder, "socket", NULL);
  (void) g_strlcpy (address.sun_path, rig->socket_path, sizeof address.sun_path);
  rig->listening_fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  assert_int_equal (
    bind (rig->listening_fd, (const struct sockaddr *) &address, sizeof address), 0);
  assert_int_equal (listen (rig->listening_fd, SOMAXCONN), 0);
  rig->listening_source = g_unix_fd_add (rig->listening_fd, G_IO_IN, on_question, rig);
}

/* ---- the rig ---- */

int
identity_rig_set_up (void **state)
{
  IdentityRig *rig = g_new0 (IdentityRig, 1);

  rig->silent_fd = -1;
  rig->child = fork ();
  if (rig->child == 0)
    {
      (void) execl ("/usr/bin/sleep", "sleep", "60", NULL);
      _exit (127);
    }
  rig->child_fd = (int) syscall (SYS_pidfd_open, rig->child, 0);
  assert_true (rig->child_fd >= 0);
  start_helper (rig);
  connect_both (rig);
  rig->clients = broker_clients_new (rig->client);
  rig->identity = broker_identity_new (rig->client, rig->clients, rig->socket_path);
  *state = rig;
  return 0;
}

int
identity_rig_tear_down (void **state)
{
  IdentityRig *rig = *state;

  broker_identity_free (rig->identity);
  broker_clients_free (rig->clients);
  /* The second one may have seen the first. */
  (void) g_dbus_connection_close_sync (rig->client, NULL, NULL);
  (void) g_dbus_connection_close_sync (rig->server, NULL, NULL);
  g_object_unref (rig->client);
  g_object_unref (rig->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  (void) g_source_remove (rig->listening_source);
  close (rig->listening_fd);
  if (rig->silent_fd >= 0)
    close (rig->silent_fd);
  (void) g_unlink (rig->socket_path);
  (void) g_rmdir (rig->folder);
  kill (rig->child, SIGKILL);
  waitpid (rig->child, NULL, 0);
  close (rig->child_fd);
  g_free (rig->socket_path);
  g_free (rig->folder);
  g_free (rig);
  return 0;
}
