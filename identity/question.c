/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/question.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "identity/refusal.h"

/* One more than is right: the kernel closes what finds no room, and says so. */
#define DESCRIPTORS_MAX 2

/* Returns: how many descriptors came; @fds has the first DESCRIPTORS_MAX of them. */
static gsize
take_descriptors (struct msghdr *message, int fds[DESCRIPTORS_MAX])
{
  gsize n_fds = 0;

  for (struct cmsghdr *header = CMSG_FIRSTHDR (message); header != NULL;
       header = CMSG_NXTHDR (message, header))
    {
      gsize n_new;

      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        continue;
      n_new =
        MIN ((header->cmsg_len - CMSG_LEN (0)) / sizeof (int), DESCRIPTORS_MAX - n_fds);
      memcpy (fds + n_fds, CMSG_DATA (header), n_new * sizeof (int));
      n_fds += n_new;
    }
  return n_fds;
}

gboolean
identity_question_receive (int socket_fd,
                           IdentityQuestion *ret_question,
                           int *ret_pid_fd,
                           GError **error)
{
  IdentityQuestion question = { 0 };
  struct iovec bytes = { &question, sizeof question };
  union
  {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE (DESCRIPTORS_MAX * sizeof (int))];
  } control = { 0 };
  struct msghdr message = { .msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };
  int fds[DESCRIPTORS_MAX];
  gsize n_fds;
  gssize length = recvmsg (socket_fd, &message, MSG_CMSG_CLOEXEC);

  if (length < 0)
    return identity_refuse (error, "no question came");
  n_fds = take_descriptors (&message, fds);
  if (length == sizeof question && n_fds == 1 &&
      (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 &&
      question.protocol == IDENTITY_PROTOCOL)
    {
      *ret_question = question;
      *ret_pid_fd = fds[0];
      return TRUE;
    }
  for (gsize i = 0; i < n_fds; i++)
    close (fds[i]);
  return identity_refuse (error, "the question is not understood");
}
