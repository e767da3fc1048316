/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "identity/answer.h"
#include "identity/fingerprint.h"
#include "identity/server.h"

#define FDS_MAX 3

static gint64
read_boot_clock_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
open_pid (pid_t pid)
{
  int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  assert_true (fd >= 0);
  return fd;
}

/* ---- a child that runs a program ---- */

typedef struct
{
  pid_t pid;
  int pid_fd;
} Child;

/* Ends when we do; the program runs once this returns. */
static Child
start (const char *const *command)
{
  Child child;
  int running[2];
  char byte;

  assert_int_equal (pipe2 (running, O_CLOEXEC), 0);
  child.pid = fork ();
  if (child.pid == 0)
    {
      (void) execv (command[0], (char *const *) command);
      _exit (127);
    }
  close (running[1]);
  /* Closed by the exec. */
  assert_int_equal (read (running[0], &byte, 1), 0);
  close (running[0]);
  child.pid_fd = open_pid (child.pid);
  return child;
}

static void
stop (Child *child)
{
  kill (child->pid, SIGKILL);
  waitpid (child->pid, NULL, 0);
  close (child->pid_fd);
}

static const char *const sleeper[] = { "/usr/bin/sleep", "60", NULL };

static void
ask (IdentityHost *host,
     int pid_fd,
     uid_t uid,
     gint64 appeared_us,
     IdentityAnswer *answer)
{
  IdentityQuestion question = { IDENTITY_PROTOCOL, uid, appeared_us };

  identity_answer (host, &question, pid_fd, answer);
  assert_int_equal (answer->protocol, IDENTITY_PROTOCOL);
  assert_true ((answer->app[0] == '\0') == (answer->reason[0] != '\0'));
}

static IdentityHost
open_host (void)
{
  IdentityHost host = { .root_fd = -1 };
  g_autoptr (GError) error = NULL;

  assert_true (identity_host_open (&host, "/proc/self", &error));
  return host;
}

/* ---- the process ---- */

/* Where a service runs the tests, everything that they start is that service's. */
static gboolean
is_own_unit (const IdentityAnswer *answer)
{
  return g_str_has_prefix (answer->app, "unit:");
}

static void
roots_program_is_its_path_and_an_interpreter_is_its_user (void **state)
{
  static const struct
  {
    const char *command[4];
    PermsAppKind kind;
    const char *id;
    PermsStrength strength;
  } rows[] = {
    { { "/usr/bin/sleep", "60", NULL },
      PERMS_APP_KIND_PATH,
      "/usr/bin/sleep",
      PERMS_STRENGTH_PATH },
    { { "/bin/sleep", "60", NULL },
      PERMS_APP_KIND_PATH,
      "/usr/bin/sleep",
      PERMS_STRENGTH_PATH },
    { { "/bin/sh", "-c", "read x < /dev/zero", NULL },
      PERMS_APP_KIND_HOST,
      "",
      PERMS_STRENGTH_NONE },
  };
  IdentityHost host = open_host ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Child child = start (rows[i].command);
      PermsAppKey key;
      IdentityAnswer answer;

      ask (&host, child.pid_fd, getuid (), read_boot_clock_us (), &answer);
      if (!is_own_unit (&answer))
        {
          /* A person's terminal may run in a scope that names it. */
          if (!g_str_has_prefix (answer.app, "scope:"))
            {
              assert_true (perms_app_key_parse (answer.app, &key, NULL));
              assert_int_equal (key.kind, rows[i].kind);
              assert_int_equal (key.uid, getuid ());
              assert_string_equal (key.id, rows[i].id);
              assert_int_equal (answer.strength, rows[i].strength);
            }
          assert_int_equal (answer.sandboxed, 0);
        }
      stop (&child);
    }
  identity_host_close (&host);
}

static void
fingerprint_of_a_path_names_the_package (void **state)
{
  IdentityHost host = open_host ();
  IdentityFingerprint text;
  struct stat info = { .st_dev = 0, .st_uid = 0 };

  identity_fingerprint_path (&host, "/usr/bin/dash", &info, text);
  assert_string_equal (text, "device=0:0 owner=0 package=dash");
  identity_fingerprint_path (&host, "/usr/bin/dash-not", &info, text);
  assert_string_equal (text, "device=0:0 owner=0 package=");
  identity_host_close (&host);
}

static void
another_users_process_is_refused (void **state)
{
  IdentityHost host = open_host ();
  Child child = start (sleeper);
  IdentityAnswer answer;

  ask (&host, child.pid_fd, getuid () + 1, read_boot_clock_us (), &answer);
  assert_string_equal (answer.app, "");
  stop (&child);
  identity_host_close (&host);
}

/* As after the exec of a set-user-id program: one of the four is another. */
static void
one_other_uid_of_four_is_refused (void **state)
{
  IdentityHost host = open_host ();
  IdentityAnswer answer;
  int lock[2];
  char byte = 0;
  pid_t pid;
  int pid_fd;

  if (getuid () != 0)
    skip ();
  assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lock), 0);
  pid = fork ();
  if (pid == 0)
    {
      if (setresuid (65534, 0, 65534) != 0)
        _exit (1);
      (void) send (lock[0], &byte, 1, 0);
      (void) recv (lock[0], &byte, 1, 0);
      _exit (0);
    }
  assert_int_equal (recv (lock[1], &byte, 1, 0), 1);
  pid_fd = open_pid (pid);
  ask (&host, pid_fd, 65534, read_boot_clock_us (), &answer);
  assert_string_equal (answer.app, "");
  ask (&host, pid_fd, 0, read_boot_clock_us (), &answer);
  assert_string_equal (answer.app, "");
  (void) send (lock[1], &byte, 1, 0);
  waitpid (pid, NULL, 0);
  close (pid_fd);
  close (lock[0]);
  close (lock[1]);
  identity_host_close (&host);
}

static void
a_process_that_started_after_the_connection_is_refused (void **state)
{
  IdentityHost host = open_host ();
  gint64 tick_us = G_USEC_PER_SEC / sysconf (_SC_CLK_TCK);
  gint64 before_us = read_boot_clock_us () - 3 * tick_us;
  Child child = start (sleeper);
  IdentityAnswer answer;

  ask (&host, child.pid_fd, getuid (), before_us, &answer);
  assert_string_equal (answer.app, "");
  ask (&host, child.pid_fd, getuid (), 0, &answer);
  assert_string_equal (answer.app, "");
  stop (&child);
  identity_host_close (&host);
}

static void
a_process_that_ended_is_refused_waited_for_or_not (void **state)
{
  IdentityHost host = open_host ();
  Child child = start (sleeper);
  siginfo_t info;
  IdentityAnswer answer;

  kill (child.pid, SIGKILL);
  assert_int_equal (waitid (P_PID, (id_t) child.pid, &info, WEXITED | WNOWAIT), 0);
  ask (&host, child.pid_fd, getuid (), read_boot_clock_us (), &answer);
  assert_string_equal (answer.app, "");
  waitpid (child.pid, NULL, 0);
  ask (&host, child.pid_fd, getuid (), read_boot_clock_us (), &answer);
  assert_string_equal (answer.app, "");
  close (child.pid_fd);
  identity_host_close (&host);
}

static void
a_root_of_its_own_is_refused_with_and_without_a_flatpak_info (void **state)
{
  g_autofree char *folder = g_dir_make_tmp ("identity-XXXXXX", NULL);
  g_autofree char *info = g_build_filename (folder, ".flatpak-info", NULL);
  IdentityHost host = open_host ();

  if (getuid () != 0)
    skip ();
  for (int i = 0; i < 2; i++)
    {
      int lock[2];
      char byte = 0;
      pid_t pid;
      int pid_fd;
      IdentityAnswer answer;

      if (i == 1)
        assert_true (
          g_file_set_contents (info, "[Application]\nname=org.example.T\n", -1, NULL));
      assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lock), 0);
      pid = fork ();
      if (pid == 0)
        {
          if (chroot (folder) != 0 || chdir ("/") != 0)
            _exit (1);
          (void) send (lock[0], &byte, 1, 0);
          (void) recv (lock[0], &byte, 1, 0);
          _exit (0);
        }
      assert_int_equal (recv (lock[1], &byte, 1, 0), 1);
      pid_fd = open_pid (pid);
      ask (&host, pid_fd, 0, read_boot_clock_us (), &answer);
      if (!is_own_unit (&answer) || i == 1)
        assert_string_equal (answer.app, "");
      (void) send (lock[1], &byte, 1, 0);
      waitpid (pid, NULL, 0);
      close (pid_fd);
      close (lock[0]);
      close (lock[1]);
    }
  (void) unlink (info);
  (void) rmdir (folder);
  identity_host_close (&host);
}

/* ---- the packets ---- */

typedef struct
{
  const char *name;
  gsize length;
  guint32 protocol;
  guint n_fds;
  gboolean good;
} Packet;

static const Packet packets[] = {
  { "good", sizeof (IdentityQuestion), IDENTITY_PROTOCOL, 1, TRUE },
  { "no descriptor", sizeof (IdentityQuestion), IDENTITY_PROTOCOL, 0, FALSE },
  { "two descriptors", sizeof (IdentityQuestion), IDENTITY_PROTOCOL, 2, FALSE },
  { "three descriptors", sizeof (IdentityQuestion), IDENTITY_PROTOCOL, 3, FALSE },
  { "too short", sizeof (IdentityQuestion) - 1, IDENTITY_PROTOCOL, 1, FALSE },
  { "too long", sizeof (IdentityQuestion) + 1, IDENTITY_PROTOCOL, 1, FALSE },
  { "nothing but a descriptor", 1, IDENTITY_PROTOCOL, 1, FALSE },
  { "another version", sizeof (IdentityQuestion), IDENTITY_PROTOCOL + 1, 1, FALSE },
};

static void
send_packet (int socket_fd, const Packet *packet, int fd)
{
  struct
  {
    IdentityQuestion question;
    char more[16];
  } content = { .question = { packet->protocol, getuid (), read_boot_clock_us () } };
  struct iovec bytes = { &content, packet->length };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (FDS_MAX * sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };
  int fds[FDS_MAX] = { fd, fd, fd };

  if (packet->n_fds > 0)
    {
      gsize size = packet->n_fds * sizeof (int);

      message.msg_control = &control;
      message.msg_controllen = CMSG_SPACE (size);
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      control.header.cmsg_len = CMSG_LEN (size);
      memcpy (CMSG_DATA (&control.header), fds, size);
    }
  assert_int_equal (sendmsg (socket_fd, &message, 0), packet->length);
}

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n_fds = 0;

  while (g_dir_read_name (dir) != NULL)
    n_fds++;
  return n_fds;
}

static void
hostile_packets_are_refused_and_leave_no_descriptor (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (packets); i++)
    {
      int pair[2], pid_fd = -1;
      IdentityQuestion question = { 0 };
      g_autoptr (GError) error = NULL;
      guint n_fds;
      gboolean good;

      assert_int_equal (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
      send_packet (pair[0], &packets[i], STDERR_FILENO);
      n_fds = count_fds ();
      good = identity_question_receive (pair[1], &question, &pid_fd, &error);
      if (good != packets[i].good)
        print_message ("packet '%s'\n", packets[i].name);
      assert_int_equal (good, packets[i].good);
      assert_true ((error == NULL) == good);
      assert_int_equal (count_fds (), n_fds + (good ? 1 : 0));
      if (good)
        close (pid_fd);
      close (pair[0]);
      close (pair[1]);
    }
}

static void
what_is_no_pidfd_is_refused (void **state)
{
  IdentityHost host = open_host ();
  int folder = open ("/proc/self", O_PATH | O_CLOEXEC);
  int file = open ("/proc/self/status", O_RDONLY | O_CLOEXEC);
  int fds[] = { STDIN_FILENO, folder, file };
  IdentityAnswer answer;

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      ask (&host, fds[i], getuid (), read_boot_clock_us (), &answer);
      assert_string_equal (answer.app, "");
    }
  close (folder);
  close (file);
  identity_host_close (&host);
}

static void
the_broker_and_root_are_heard_and_nobody_else (void **state)
{
  int pair[2];

  assert_int_equal (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  assert_true (identity_server_is_heard (pair[0], geteuid ()));
  assert_int_equal (identity_server_is_heard (pair[0], geteuid () + 1), geteuid () == 0);
  close (pair[0]);
  close (pair[1]);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (roots_program_is_its_path_and_an_interpreter_is_its_user),
    cmocka_unit_test (fingerprint_of_a_path_names_the_package),
    cmocka_unit_test (another_users_process_is_refused),
    cmocka_unit_test (one_other_uid_of_four_is_refused),
    cmocka_unit_test (a_process_that_started_after_the_connection_is_refused),
    cmocka_unit_test (a_process_that_ended_is_refused_waited_for_or_not),
    cmocka_unit_test (a_root_of_its_own_is_refused_with_and_without_a_flatpak_info),
    cmocka_unit_test (hostile_packets_are_refused_and_leave_no_descriptor),
    cmocka_unit_test (what_is_no_pidfd_is_refused),
    cmocka_unit_test (the_broker_and_root_are_heard_and_nobody_else),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
