/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/pulse.h: the last values of a pulse, and what they look like: a line with a
 * sparkline, a graph with an axis. Pure: widths come in, text goes out. */

#pragma once

#include <glib.h>

/* Values remembered: more than any terminal is wide. */
#define BLEPICK_PULSE_MAX 512

typedef struct
{
  guint16 bpm[BLEPICK_PULSE_MAX]; /* oldest first; 0: no data */
  guint n_bpm;
  guint64 n_values; /* since the start, without gaps */
  guint64 sum;
  guint16 min;
  guint16 max;
} BlepickPulse;

/* 0 beats stands for a gap in the data. */
void blepick_pulse_add (BlepickPulse *pulse, guint16 bpm);

/* Average of all values, rounded; 0 when there is none. */
guint blepick_pulse_average (const BlepickPulse *pulse);

/* Bars for the last @columns values; a space for a gap. @ascii: for terminals without UTF-8. */
char *blepick_pulse_sparkline (const BlepickPulse *pulse, guint columns, gboolean ascii);

/* A graph of @columns by @lines characters, newline after each line: an axis with two marks on the left, the newest value on the
 * right. */
char *blepick_pulse_plot (const BlepickPulse *pulse,
                          guint columns,
                          guint lines,
                          gboolean ascii);
