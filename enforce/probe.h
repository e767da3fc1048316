/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/probe.h: tries the ways around the broker as an ordinary program would: reads and
 * listens, and changes nothing. */

#pragma once

#include <gio/gio.h>

#include "enforce/level.h"

typedef struct EnforceProbe EnforceProbe;

/* Connects to @bus_address (NULL: the system bus) and tries everything but the broadcasts, which it
 * begins to listen to. Blocks. NULL without a bus. */
EnforceProbe *
enforce_probe_new (const char *bus_address, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void enforce_probe_free (EnforceProbe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EnforceProbe, enforce_probe_free)

/* What was found so far. */
const EnforceDoors *enforce_probe_doors (const EnforceProbe *probe);

/* bluetoothd has broadcast something since: whether it was heard. Blocks for one round trip to the bus, which delivers in order. */
void enforce_probe_judge_broadcast (EnforceProbe *probe);
