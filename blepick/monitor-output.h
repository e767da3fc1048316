/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/monitor-output.h: how a pulse is printed: text, line, plot, CSV or JSON. Knows
 * no bus. */

#pragma once

#include "ble/heart-rate.h"
#include "blepick/context.h"
#include "blepick/pulse.h"

typedef enum
{
  BLEPICK_VIEW_TEXT = 0,
  BLEPICK_VIEW_LINE,
  BLEPICK_VIEW_PLOT,
  BLEPICK_VIEW_CSV,
  BLEPICK_VIEW_JSON,
} BlepickMonitorView;

typedef struct
{
  const BlepickContext *context;
  BlepickMonitorView view;
  gboolean show_rr;
  char *id;
  char *name; /* escaped */
  BlepickPulse pulse;
  guint plot_lines; /* lines that the last plot took */
} BlepickMonitorOutput;

void blepick_monitor_output_begin (BlepickMonitorOutput *output);
void blepick_monitor_output_value (BlepickMonitorOutput *output,
                                   const BleHeartRate *value,
                                   gint64 now_us);
/* There is no data, and why. */
void blepick_monitor_output_gap (BlepickMonitorOutput *output,
                                 const char *reason,
                                 gint64 now_us);
/* Leaves the terminal as it was, and sums up for people. */
void blepick_monitor_output_end (BlepickMonitorOutput *output);
