/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>

#include "identity/refusal.h"

static const int allowed_calls[] = {
  /* looking at files */
  SCMP_SYS (close),
  SCMP_SYS (fcntl),
  SCMP_SYS (fstat),
  SCMP_SYS (fstatfs),
  SCMP_SYS (getdents64),
  SCMP_SYS (lseek),
  SCMP_SYS (newfstatat),
  SCMP_SYS (read),
  SCMP_SYS (readlinkat),
  SCMP_SYS (statx),
  /* the socket; write also for what goes to the journal */
  SCMP_SYS (accept4),
  SCMP_SYS (getsockopt),
  SCMP_SYS (poll),
  SCMP_SYS (ppoll),
  SCMP_SYS (recvmsg),
  SCMP_SYS (sendto),
  SCMP_SYS (setsockopt),
  SCMP_SYS (write),
  SCMP_SYS (writev),
  /* a child a question */
  SCMP_SYS (alarm),
  SCMP_SYS (clone),
  SCMP_SYS (exit),
  SCMP_SYS (exit_group),
  SCMP_SYS (setitimer),
  SCMP_SYS (wait4),
  /* what the C library lives on */
  SCMP_SYS (brk),
  SCMP_SYS (clock_gettime),
  SCMP_SYS (futex),
  SCMP_SYS (getpid),
  SCMP_SYS (getrandom),
  SCMP_SYS (gettid),
  SCMP_SYS (madvise),
  SCMP_SYS (mremap),
  SCMP_SYS (munmap),
  SCMP_SYS (restart_syscall),
  SCMP_SYS (rseq),
  SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask),
  SCMP_SYS (rt_sigreturn),
  SCMP_SYS (set_robust_list),
  SCMP_SYS (sigaltstack),
  SCMP_SYS (tgkill),
};

/* The calls that are allowed for some of their arguments only. */
static int
add_conditional (scmp_filter_ctx filter)
{
  const struct scmp_arg_cmp not_writing =
    SCMP_A2 (SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
  const struct scmp_arg_cmp not_executing[] = {
    SCMP_A2 (SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0),
  };
  int failure =
    seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (openat), 1, &not_writing);

  /* openat2's flags are behind a pointer, where no filter sees them. */
  if (failure == 0)
    failure =
      seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (openat2), 0, NULL);
  if (failure == 0)
    failure =
      seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 1, not_executing);
  if (failure == 0)
    failure = seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 1,
                                      not_executing);
  return failure;
}

gboolean
identity_filter_apply (GError **error)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (EPERM));
  int failure = filter != NULL ? 0 : -ENOMEM;

  for (gsize i = 0; i < G_N_ELEMENTS (allowed_calls) && failure == 0; i++)
    failure = seccomp_rule_add_array (filter, SCMP_ACT_ALLOW, allowed_calls[i], 0, NULL);
  if (failure == 0)
    failure = add_conditional (filter);
  /* Sets no_new_privs as well. */
  if (failure == 0)
    failure = seccomp_load (filter);
  if (filter != NULL)
    seccomp_release (filter);
  if (failure == 0)
    return TRUE;
  g_set_error (error, IDENTITY_ERROR, IDENTITY_ERROR_REFUSED,
               "The system calls cannot be limited: %s", g_strerror (-failure));
  return FALSE;
}
