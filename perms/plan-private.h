/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the plans share, for perms/plan*.c and nobody else. */

#pragma once

#include "perms/plan.h"

#define OUTCOME_OK        ((PermsOutcome){ .result = PERMS_RESULT_OK })
#define OUTCOME_NO_EFFECT ((PermsOutcome){ .result = PERMS_RESULT_NO_EFFECT })
#define OUTCOME_REFUSED(why) \
  ((PermsOutcome){ .result = PERMS_RESULT_REFUSED, .cause = (why) })

/* The highest revision that is stored for this app on this device, and with @accessory
 * (not 0) of that grant. What a report says must be greater. */
guint64 perms_plan_get_revision (const PermsCache *cache,
                                 const char *app,
                                 const char *device,
                                 PermsAccessory accessory);

/* What is wrong with a report: it is about another device than its own, not newer than
 * what is stored (STALE), or from a device without a link (NOT_LINKED). NONE: nothing, or
 * it is no report. */
PermsCause perms_plan_check_report (const PermsCache *cache,
                                    const char *app,
                                    const char *device,
                                    PermsAccessory accessory,
                                    const PermsBy *by);

/* Fills in who decided, with the revision after @stored, or the reported one. */
void perms_plan_sign (PermsDecision *decision,
                      PermsReason reason,
                      guint64 stored,
                      const PermsBy *by);

/* A copy of the install as it is stored, or a fresh one; unsigned. */
PermsInstall *
perms_plan_copy_install (const PermsCache *cache, const char *app, const char *device);
