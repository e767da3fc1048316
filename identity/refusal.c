/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/refusal.h"

G_DEFINE_QUARK (identity_error_quark, identity_error)

IdentityStep
identity_refuse (GError **error, const char *reason)
{
  g_set_error_literal (error, IDENTITY_ERROR, IDENTITY_ERROR_REFUSED, reason);
  return IDENTITY_STEP_REFUSED;
}
