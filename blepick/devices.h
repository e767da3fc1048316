/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/devices.h: the companions of Companions1, and which one is meant by a word. Prints
 * nothing. */

#pragma once

#include "blepick/bus.h"

/* aa{sv} of Companions1, or NULL. */
GVariant *blepick_devices_list (BlepickBus *bus, GError **error);
GVariant *blepick_devices_list_apps (BlepickBus *bus, GError **error);

/* One of @devices by name in any case, by a prefix of it of 4 or more that is unique, or "@last": the one that was
 * changed last. Errors: no-such, ambiguous, with the candidates. */
GVariant *
blepick_devices_select (GVariant *devices, const char *selector, GError **error);
/* The same, asking the broker. Returns: (transfer full): its name. */
char *blepick_devices_find (BlepickBus *bus, const char *selector, GError **error);
/* The same, and "local" for this machine. */
char *blepick_devices_find_any (BlepickBus *bus, const char *selector, GError **error);
