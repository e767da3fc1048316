/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/monitor-output.h: how the pulse of one strap, or of several, is printed: text,
 * line, plot, CSV or JSON. Knows no bus. */

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

/* One strap. */
typedef struct
{
  char *id;
  char *
    label; /* its name, escaped; with the beginning of its id where another has that name */
  BlepickPulse pulse;
  char *figure; /* what is drawn now: beats per minute or a dash, and a remark */
  char *remark;
} BlepickTrace;

typedef struct
{
  const BlepickContext *context;
  BlepickMonitorView view;
  gboolean show_rr;
  GPtrArray *traces; /* of BlepickTrace, in the order of the lines */
  guint drawn_lines; /* that the cursor is below the first one drawn */
} BlepickMonitorOutput;

void blepick_monitor_output_init (BlepickMonitorOutput *output);
void blepick_monitor_output_clear (BlepickMonitorOutput *output);

/* @name: as it is, not escaped yet. Before blepick_monitor_output_begin(). Returns (transfer none): the strap. */
BlepickTrace *blepick_monitor_output_add (BlepickMonitorOutput *output,
                                          const char *id,
                                          const char *name);

void blepick_monitor_output_begin (BlepickMonitorOutput *output);
void blepick_monitor_output_value (BlepickMonitorOutput *output,
                                   BlepickTrace *trace,
                                   const BleHeartRate *value,
                                   gint64 now_us);
/* There is no data of that strap, and why. */
void blepick_monitor_output_gap (BlepickMonitorOutput *output,
                                 BlepickTrace *trace,
                                 const char *reason,
                                 gint64 now_us);
/* Leaves the terminal as it was, and sums up for people. */
void blepick_monitor_output_end (BlepickMonitorOutput *output);
