/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* identity/answer.h: the one question, answered. Knows no socket. */

#pragma once

#include "identity/host.h"
#include "identity/question.h"

/* Which app runs in the process that @pid_fd holds. An answer without an app is a refusal
 * and says why; there is no other kind of failure. */
void identity_answer (const IdentityHost *host,
                      const IdentityQuestion *question,
                      int pid_fd,
                      IdentityAnswer *ret_answer);

/* The answer to what is no question. */
void identity_answer_refusal (const GError *error, IdentityAnswer *ret_answer);
