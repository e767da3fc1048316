/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/commands.h: the lines of standard input (tests/README.md), one after
 * another, each done before the next is looked at. */

#pragma once

#include "tests/fakes/world.h"

/* Does what @line says. Fails with %FAKES_ERROR when it says nothing that we know. */
gboolean fakes_commands_run (FakesWorld *world,
                             const char *line,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
