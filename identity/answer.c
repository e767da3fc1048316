/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/answer.h"

#include <unistd.h>

#include "identity/app.h"
#include "identity/proc.h"
#include "identity/refusal.h"

static gboolean
find_app (const IdentityHost *host,
          const IdentityQuestion *question,
          int proc_fd,
          IdentityApp *app,
          GError **error)
{
  if (!identity_proc_has_uids (proc_fd, question->uid))
    return identity_refuse (error, "its user is not the one of its connection");
  if (!identity_proc_started_before (proc_fd, question->appeared_us))
    return identity_refuse (error, "it is not the process that connected");
  if (!identity_app_find (host, proc_fd, question->uid, app, error))
    return FALSE;
  /* Once more: by now it may have become a program of another user. */
  if (!identity_proc_has_uids (proc_fd, question->uid))
    return identity_refuse (error, "its user is not the one of its connection");
  return TRUE;
}

void
identity_answer (const IdentityHost *host,
                 const IdentityQuestion *question,
                 int pid_fd,
                 IdentityAnswer *ret_answer)
{
  IdentityApp app = { 0 };
  g_autofree char *key = NULL;
  g_autoptr (GError) error = NULL;
  int proc_fd = identity_proc_open (pid_fd, &error);

  if (proc_fd >= 0)
    {
      if (find_app (host, question, proc_fd, &app, &error))
        key = perms_app_key_format (&app.key, &error);
      close (proc_fd);
    }
  /* Still there: so what was read was of the process that the pidfd holds. */
  if (key != NULL && !identity_proc_is_alive (pid_fd))
    {
      g_clear_pointer (&key, g_free);
      (void) identity_refuse (&error, "it is gone");
    }
  if (key == NULL)
    {
      identity_answer_refusal (error, ret_answer);
      return;
    }
  *ret_answer = (IdentityAnswer){ .protocol = IDENTITY_PROTOCOL,
                                  .strength = app.strength,
                                  .sandboxed = app.sandboxed ? 1 : 0 };
  (void) g_strlcpy (ret_answer->app, key, sizeof ret_answer->app);
  (void) g_strlcpy (ret_answer->fingerprint, app.fingerprint,
                    sizeof ret_answer->fingerprint);
  (void) g_strlcpy (ret_answer->session, app.session, sizeof ret_answer->session);
}

void
identity_answer_refusal (const GError *error, IdentityAnswer *ret_answer)
{
  *ret_answer = (IdentityAnswer){ .protocol = IDENTITY_PROTOCOL };
  (void) g_strlcpy (ret_answer->reason, error->message, sizeof ret_answer->reason);
}
