/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "identity/refusal.h"

#define FOLDER_SIZE sizeof "/proc/self/fdinfo/-2147483648"

gssize
identity_proc_read (int proc_fd, const char *name, char content[IDENTITY_PROC_FILE_MAX])
{
  gsize length = 0;
  gssize got;
  int failure;
  int fd = openat (proc_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return -1;
  while ((got = read (fd, content + length, IDENTITY_PROC_FILE_MAX - length)) > 0)
    {
      length += (gsize) got;
      if (length == IDENTITY_PROC_FILE_MAX)
        {
          close (fd);
          errno = EFBIG;
          return -1;
        }
    }
  failure = errno;
  close (fd);
  if (got < 0)
    {
      errno = failure;
      return -1;
    }
  content[length] = '\0';
  return (gssize) length;
}

/* Reads the decimal number at *@text, after blanks, and moves *@text behind it. */
static gboolean
take_number (const char **text, gint64 *ret_number)
{
  char *end;
  gint64 number;

  errno = 0;
  number = g_ascii_strtoll (*text, &end, 10);
  if (end == *text || errno != 0)
    return FALSE;
  *text = end;
  *ret_number = number;
  return TRUE;
}

/* The number of the process in our namespace: 0 where it has none, -1 once it was waited
 * for (fs/pidfs.c; before that kernel/fork.c). */
static gboolean
read_pid (int pid_fd, int *ret_pid)
{
  char path[FOLDER_SIZE], content[IDENTITY_PROC_FILE_MAX];
  const char *line;
  gint64 pid;

  (void) g_snprintf (path, sizeof path, "/proc/self/fdinfo/%d", pid_fd);
  if (identity_proc_read (AT_FDCWD, path, content) <= 0)
    return FALSE;
  line = strstr (content, "\nPid:");
  if (line == NULL)
    return FALSE;
  line += strlen ("\nPid:");
  if (!take_number (&line, &pid) || pid < -1 || pid > G_MAXINT32)
    return FALSE;
  *ret_pid = (int) pid;
  return TRUE;
}

int
identity_proc_open (int pid_fd, GError **error)
{
  char folder[FOLDER_SIZE];
  int fd, pid;

  if (!read_pid (pid_fd, &pid))
    {
      (void) identity_refuse (error, "the descriptor holds no process");
      return -1;
    }
  if (pid <= 0)
    {
      (void) identity_refuse (error, "it is gone");
      return -1;
    }
  (void) g_snprintf (folder, sizeof folder, "/proc/%d", pid);
  fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    {
      (void) identity_refuse (error, "it is gone");
      return -1;
    }
  /* Alive after its folder was opened: so the folder is not of a later one. */
  if (!identity_proc_is_alive (pid_fd))
    {
      close (fd);
      (void) identity_refuse (error, "it is gone");
      return -1;
    }
  return fd;
}

gboolean
identity_proc_is_alive (int pid_fd)
{
  /* Readable once the process has ended (pidfd_open(2)). */
  struct pollfd poll_fd = { .fd = pid_fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 0;
}

gboolean
identity_proc_has_uids (int proc_fd, uid_t uid)
{
  char content[IDENTITY_PROC_FILE_MAX];
  const char *line;

  if (identity_proc_read (proc_fd, "status", content) <= 0)
    return FALSE;
  line = strstr (content, "\nUid:");
  if (line == NULL)
    return FALSE;
  line += strlen ("\nUid:");
  /* Real, effective, saved, of the file system (proc(5)). */
  for (int i = 0; i < 4; i++)
    {
      gint64 number;

      if (!take_number (&line, &number) || number != (gint64) uid)
        return FALSE;
    }
  return TRUE;
}

/* proc(5): the fields of stat, of which the third is a letter. */
#define START_FIELD 22

gboolean
identity_proc_started_before (int proc_fd, gint64 appeared_us)
{
  char content[IDENTITY_PROC_FILE_MAX];
  gint64 ticks_per_second = sysconf (_SC_CLK_TCK);
  gint64 start_ticks = -1;
  const char *rest;

  if (identity_proc_read (proc_fd, "stat", content) <= 0)
    return FALSE;
  /* The second field is the program's own choice and may hold anything: start at its end. */
  rest = strrchr (content, ')');
  if (rest == NULL || strlen (rest) < strlen (") S "))
    return FALSE;
  rest += strlen (") S");
  for (int field = 4; field < START_FIELD; field++)
    {
      rest += strspn (rest, " ");
      rest += strcspn (rest, " ");
    }
  if (!take_number (&rest, &start_ticks) || start_ticks < 0 ||
      start_ticks > G_MAXINT64 / G_USEC_PER_SEC)
    return FALSE;
  /* The kernel has rounded the start down to a tick: that is the tolerance, and none is
   * needed beyond it, as whoever connects has started before. */
  return start_ticks * G_USEC_PER_SEC / ticks_per_second <= appeared_us;
}
