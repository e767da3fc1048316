/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/pulse.h"

#include <string.h>

#define AXIS_COLUMNS 5  /* "120 |" */
#define SPAN_MIN     20 /* beats: a steady pulse is not drawn as a storm */

void
blepick_pulse_add (BlepickPulse *pulse, guint16 bpm)
{
  if (pulse->n_bpm == BLEPICK_PULSE_MAX)
    {
      memmove (pulse->bpm, pulse->bpm + 1,
               (BLEPICK_PULSE_MAX - 1) * sizeof pulse->bpm[0]);
      pulse->n_bpm--;
    }
  pulse->bpm[pulse->n_bpm++] = bpm;
  if (bpm == 0)
    return;
  pulse->min = pulse->n_values == 0 ? bpm : MIN (pulse->min, bpm);
  pulse->max = MAX (pulse->max, bpm);
  pulse->n_values++;
  pulse->sum += bpm;
}

guint
blepick_pulse_average (const BlepickPulse *pulse)
{
  if (pulse->n_values == 0)
    return 0;
  return (guint) ((pulse->sum + pulse->n_values / 2) / pulse->n_values);
}

typedef struct
{
  guint first;  /* index of the first value that is drawn */
  guint bottom; /* beats at the lower edge */
  guint span;   /* beats from edge to edge */
} Scale;

static Scale
make_scale (const BlepickPulse *pulse, guint columns)
{
  Scale scale = { .first = pulse->n_bpm > columns ? pulse->n_bpm - columns : 0 };
  guint low = G_MAXUINT, high = 0;

  for (guint i = scale.first; i < pulse->n_bpm; i++)
    {
      if (pulse->bpm[i] == 0)
        continue;
      low = MIN (low, pulse->bpm[i]);
      high = MAX (high, pulse->bpm[i]);
    }
  if (high == 0)
    low = 0;
  scale.span = MAX (high - low, SPAN_MIN);
  scale.bottom = low - MIN (low, (scale.span - (high - low)) / 2);
  return scale;
}

/* From 0 to @steps - 1. */
static guint
place (const Scale *scale, guint bpm, guint steps)
{
  return MIN ((bpm - scale->bottom) * steps / (scale->span + 1), steps - 1);
}

char *
blepick_pulse_sparkline (const BlepickPulse *pulse, guint columns, gboolean ascii)
{
  static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
  static const char *const ascii_bars[] = { "_", "_", ".", "-", "-", "=", "=", "#" };
  Scale scale = make_scale (pulse, columns);
  GString *line = g_string_new (NULL);

  for (guint i = scale.first; i < pulse->n_bpm; i++)
    {
      if (pulse->bpm[i] == 0)
        g_string_append_c (line, ' ');
      else
        g_string_append (line,
                         (ascii ? ascii_bars : bars)[place (&scale, pulse->bpm[i], 8)]);
    }
  return g_string_free (line, FALSE);
}

char *
blepick_pulse_plot (const BlepickPulse *pulse, guint columns, guint lines, gboolean ascii)
{
  guint width = columns > AXIS_COLUMNS ? columns - AXIS_COLUMNS : 1;
  Scale scale = make_scale (pulse, width);
  GString *plot = g_string_new (NULL);

  for (guint line = 0; line < lines; line++)
    {
      guint level = lines - 1 - line;

      if (line == 0 || line == lines - 1)
        g_string_append_printf (plot, "%3u %s",
                                scale.bottom + (line == 0 ? scale.span : 0),
                                ascii ? "|" : "│");
      else
        g_string_append_printf (plot, "    %s", ascii ? "|" : "│");
      for (guint i = scale.first; i < pulse->n_bpm; i++)
        {
          gboolean here =
            pulse->bpm[i] != 0 && place (&scale, pulse->bpm[i], lines) == level;

          g_string_append (plot, here ? (ascii ? "*" : "●") : " ");
        }
      g_string_append_c (plot, '\n');
    }
  return g_string_free (plot, FALSE);
}
