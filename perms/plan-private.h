/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of the planner share. Only plan*.c may look. */

#pragma once

#include "perms/plan.h"

/* The decision that follows @old_revision. */
PermsDecision perms_plan_decide (const PermsBy *by, guint64 old_revision);

/* A copy of the app's row on @device, or a new one that says "not installed". */
PermsInstall *
perms_plan_copy_install (const PermsCache *cache, const char *app, const char *device);

static inline PermsOutcome
perms_plan_ok (void)
{
  return (PermsOutcome){ .result = PERMS_RESULT_OK };
}

static inline PermsOutcome
perms_plan_no_effect (void)
{
  return (PermsOutcome){ .result = PERMS_RESULT_NO_EFFECT };
}

static inline PermsOutcome
perms_plan_refused (PermsCause cause)
{
  return (PermsOutcome){ .result = PERMS_RESULT_REFUSED, .cause = cause };
}
