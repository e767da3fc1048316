/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/apps-device.h: apps on companions, for blepick apps. */

#pragma once

#include "blepick/context.h"

typedef struct
{
  const char *verb;        /* install, uninstall, confirm */
  const char *app;         /* a word for it; of install also KIND:ID */
  const char *device;      /* a word for a companion */
  const char *asks;        /* words joined by '+'; NULL: nothing */
  const char *fingerprint; /* NULL: that of the app on this machine */
} BlepickAppWish;

/* Does it and says so. Returns the exit status. */
int
blepick_apps_change_on_device (const BlepickContext *context, const BlepickAppWish *wish);
