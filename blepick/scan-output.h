/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/scan-output.h: what blepick scan prints of one thing that is around. */

#pragma once

#include "blepick/context.h"
#include "blepick/rows.h"

typedef struct
{
  const BlepickContext *context;
  gboolean unnamed; /* show what has no name, too */
  guint n_shown;
} BlepickScan;

/* @address: or NULL. */
void blepick_scan_show (BlepickScan *scan, const BlepickRow *row, const char *address);
