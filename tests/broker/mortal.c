/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets blepickd-test die at a chosen step: BLEPICK_TEST_DEATH names a file; while it is
 * there the steps are counted, and at the one whose number is in it ("12", or "12 after")
 * the process kills itself, before the call or after. A step is whatever leaves the
 * process: a message to the bus, a write to the store, a sync. The functions here are found
 * before the C library's, which they call. */

#include <dlfcn.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  guint step; /* 0: never */
  gboolean after;
} Death;

static int n_steps;

/* Read again at every step: the test writes the file when it wants the counting to begin. */
static Death
read_death (void)
{
  const char *path = g_getenv ("BLEPICK_TEST_DEATH");
  char text[32] = "";
  Death death = { 0 };
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;

  if (fd < 0)
    return death;
  if (read (fd, text, sizeof text - 1) > 0)
    {
      death.step = (guint) g_ascii_strtoull (text, NULL, 10);
      death.after = strstr (text, "after") != NULL;
    }
  close (fd);
  return death;
}

static gboolean
is_last (gboolean *ret_after)
{
  Death death = read_death ();

  *ret_after = death.after;
  return death.step > 0 && g_atomic_int_add (&n_steps, 1) + 1 == (int) death.step;
}

static void
die (void)
{
  kill (getpid (), SIGKILL);
  for (;;)
    pause ();
}

/* Runs CALL, and dies before or after it if it is the last one. */
#define STEP(type, call)            \
  gboolean after = FALSE;           \
  gboolean last = is_last (&after); \
  if (last && !after)               \
    die ();                         \
  type result = (call);             \
  if (last)                         \
    die ();                         \
  return result

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  static ssize_t (*real) (int, const struct msghdr *, int);

  if (real == NULL)
    real = (ssize_t (*) (int, const struct msghdr *, int)) dlsym (RTLD_NEXT, "sendmsg");
  STEP (ssize_t, real (fd, message, flags));
}

ssize_t
pwrite64 (int fd, const void *buf, size_t n, off64_t offset)
{
  static ssize_t (*real) (int, const void *, size_t, off64_t);

  if (real == NULL)
    real =
      (ssize_t (*) (int, const void *, size_t, off64_t)) dlsym (RTLD_NEXT, "pwrite64");
  STEP (ssize_t, real (fd, buf, n, offset));
}

int
fdatasync (int fildes)
{
  static int (*real) (int);

  if (real == NULL)
    real = (int (*) (int)) dlsym (RTLD_NEXT, "fdatasync");
  STEP (int, real (fildes));
}
