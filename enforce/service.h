/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/service.h: org.blepick.Enforce1: a person changes the level, if polkit lets them.
 * Ends by itself when nothing is asked for a while. */

#pragma once

#include "enforce/change.h"

/* Serves the system bus. Returns the exit status. */
int enforce_service_run (const EnforcePlaces *places);

/* Has the bus read its configuration. */
gboolean enforce_service_reload_bus (GError **error) G_GNUC_WARN_UNUSED_RESULT;
