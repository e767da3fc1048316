/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/blocklist-file.h: the GATT blocklist, from a file or from within the program. */

#pragma once

#include "ble/blocklist.h"

/* What no app may touch. @path: NULL for the one within the program. A file that cannot be read blocks
 * everything, and is told. */
BleBlocklist *broker_blocklist_load (const char *path);
