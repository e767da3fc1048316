/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ble/names.h"
#include "dbus/errors.h"

/* proc(5): /proc/PID/stat is one line of far less, status about 1.5 KiB. */
#define PROC_FILE_MAX 8192

/* "starttime", counted from 1 (proc(5)). */
#define START_FIELD 22

/* Programs that run other people's programs: their path says nothing of who calls. By the
 * beginning of the file's name, so that "python3.11" is one. */
static const char *const interpreters[] = {
  "ash",  "awk",    "bash",  "bun",    "busybox", "cjs",   "csh",    "dash",     "deno",
  "env",  "expect", "fish",  "gawk",   "gdb",     "gjs",   "guile",  "irb",      "java",
  "js",   "ksh",    "ld-",   "ld.so",  "lua",     "mawk",  "mono",   "node",     "nodejs",
  "perl", "php",    "pypy",  "pwsh",   "python",  "qemu",  "racket", "rbash",    "ruby",
  "sh",   "socat",  "tclsh", "toybox", "wish",    "xonsh", "zsh",    "valgrind",
};

static BrokerCaller *
refuse (GError **error, const char *reason)
{
  blepick_error_set (error, BLEPICK_ERROR_ACTIVATION_FAILED, "no-identity",
                     "The program that calls cannot be told from others: %s", reason);
  return NULL;
}

/* Reads the file @name of /proc/PID, NUL-terminated. */
static gboolean
read_file (int proc_fd, const char *name, char content[PROC_FILE_MAX])
{
  gsize length = 0;
  gssize got;
  int fd = openat (proc_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return FALSE;
  while ((got = read (fd, content + length, PROC_FILE_MAX - 1 - length)) > 0)
    length += (gsize) got;
  close (fd);
  content[length] = '\0';
  return got == 0 && length > 0;
}

/* Reads the number that *@text begins with, after blanks, and moves *@text behind it. */
static gboolean
read_number (const char **text, guint64 *ret_number)
{
  char *end;

  *text += strspn (*text, " \t");
  if (!g_ascii_isdigit (**text))
    return FALSE;
  errno = 0;
  *ret_number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return errno == 0;
}

/* Whether the process of /proc/PID has @uid as all four of its uids: real, effective,
 * saved, of the file system. */
static gboolean
has_uids (int proc_fd, uid_t uid)
{
  char content[PROC_FILE_MAX];
  const char *line;

  if (!read_file (proc_fd, "status", content))
    return FALSE;
  line = strstr (content, "\nUid:");
  if (line == NULL)
    return FALSE;
  line += strlen ("\nUid:");
  for (guint i = 0; i < 4; i++)
    {
      guint64 number;

      if (!read_number (&line, &number) || number != uid)
        return FALSE;
    }
  return TRUE;
}

/* Whether the process started before its connection came: a later one has only taken over
 * the number of the one that connected. */
static gboolean
started_before (int proc_fd, gint64 appeared_us)
{
  char content[PROC_FILE_MAX];
  guint64 start_ticks;
  guint64 ticks_per_second = (guint64) sysconf (_SC_CLK_TCK);
  const char *rest;

  if (!read_file (proc_fd, "stat", content))
    return FALSE;
  /* The second field is the program's own choice and may hold anything: start at its end.
   * Field 22 is the start time in ticks since boot (proc(5)). */
  rest = strrchr (content, ')');
  for (guint field = 2; rest != NULL && field < START_FIELD; field++)
    {
      rest = strchr (rest, ' ');
      rest = rest != NULL ? rest + 1 : NULL;
    }
  if (rest == NULL || !read_number (&rest, &start_ticks))
    return FALSE;
  /* The start was rounded down to a tick already; one more for the bus's own rounding. */
  return start_ticks * G_USEC_PER_SEC / ticks_per_second <=
         (guint64) appeared_us + G_USEC_PER_SEC / ticks_per_second;
}

/* Whether the process sees the file system that we see. */
static gboolean
shares_root (int proc_fd)
{
  struct stat theirs, ours, info;

  if (fstatat (proc_fd, "root", &theirs, 0) != 0 || stat ("/", &ours) != 0)
    return FALSE;
  if (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino)
    return FALSE;
  return fstatat (proc_fd, "root/.flatpak-info", &info, AT_SYMLINK_NOFOLLOW) != 0 &&
         errno == ENOENT;
}

static gboolean
is_interpreter (const char *path)
{
  const char *name = strrchr (path, '/') + 1;

  for (gsize i = 0; i < G_N_ELEMENTS (interpreters); i++)
    {
      gsize length = strlen (interpreters[i]);

      /* "sh" itself but not "shotwell"; "python3.11" and "ld-linux-x86-64.so.2". */
      if (strncmp (name, interpreters[i], length) == 0 &&
          (!g_ascii_isalpha (name[length]) || interpreters[i][length - 1] == '-'))
        return TRUE;
    }
  return FALSE;
}

/* The path of the program that runs, if only root can have put it there.
 * Returns: (transfer full): NULL with ActivationFailed. */
static char *
read_executable (int proc_fd, GError **error)
{
  char path[PATH_MAX];
  struct stat running, named;
  gssize length = readlinkat (proc_fd, "exe", path, sizeof path - 1);

  if (length <= 0 || length >= (gssize) sizeof path - 1 ||
      fstatat (proc_fd, "exe", &running, 0) != 0)
    {
      (void) refuse (error, "its executable cannot be read");
      return NULL;
    }
  path[length] = '\0';
  /* The text may come from another mount namespace, or name a file that was replaced. */
  if (path[0] != '/' || stat (path, &named) != 0 || named.st_dev != running.st_dev ||
      named.st_ino != running.st_ino)
    {
      (void) refuse (error, "its executable is not the file of that name");
      return NULL;
    }
  if (running.st_uid != 0 || (running.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    {
      (void) refuse (error, "its executable is not root's alone");
      return NULL;
    }
  if (is_interpreter (path))
    {
      (void) refuse (error, "an interpreter runs it");
      return NULL;
    }
  return g_strdup (path);
}

static BrokerCaller *
identify (const BrokerCredentials *credentials, int proc_fd, GError **error)
{
  g_autofree char *path = NULL;
  const char *name;

  if (!has_uids (proc_fd, credentials->uid))
    return refuse (error, "its user is not the one of its connection");
  if (!started_before (proc_fd, credentials->appeared_us))
    return refuse (error, "it is not the process that connected");
  if (!shares_root (proc_fd))
    return refuse (error, "it runs in a sandbox of an unknown kind");
  path = read_executable (proc_fd, error);
  if (path == NULL)
    return NULL;

  BrokerCaller *caller = g_new0 (BrokerCaller, 1);
  g_ref_count_init (&caller->refs);
  caller->unique_name = g_strdup (credentials->unique_name);
  caller->uid = credentials->uid;
  caller->app = g_strdup_printf ("path:%u:%s", credentials->uid, path);
  name = strrchr (path, '/') + 1;
  caller->name = ble_name_sanitise (name, strlen (name));
  caller->app_id = g_steal_pointer (&path);
  caller->strength = g_strdup ("path");
  caller->fingerprint = g_strdup ("");
  return caller;
}

/* A pidfd is readable once its process has ended (pidfd_open(2)). */
static gboolean
is_alive (int pid_fd)
{
  struct pollfd poll_fd = { .fd = pid_fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 0;
}

BrokerCaller *
broker_process_identify (const BrokerCredentials *credentials, GError **error)
{
  g_autoptr (BrokerCaller) caller = NULL;
  char directory[sizeof "/proc/-2147483648"];
  int opened_fd = -1, pid_fd = credentials->pid_fd, proc_fd;

  if (pid_fd < 0)
    pid_fd = opened_fd = (int) syscall (SYS_pidfd_open, credentials->pid, 0);
  if (pid_fd < 0)
    return refuse (error, "it is gone");
  (void) g_snprintf (directory, sizeof directory, "/proc/%d", credentials->pid);
  proc_fd = open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (proc_fd >= 0)
    {
      caller = identify (credentials, proc_fd, error);
      close (proc_fd);
    }
  else
    (void) refuse (error, "it is gone");
  /* Still there: so what was read was of the process that the pidfd holds. */
  if (caller != NULL && !is_alive (pid_fd))
    {
      g_clear_pointer (&caller, broker_caller_unref);
      (void) refuse (error, "it is gone");
    }
  if (opened_fd >= 0)
    close (opened_fd);
  return g_steal_pointer (&caller);
}
