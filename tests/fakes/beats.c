/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/beats.h"

void
fakes_beats_init (FakesBeats *beats, guint16 low_bpm, guint16 high_bpm, guint8 flags)
{
  g_return_if_fail (low_bpm <= high_bpm);

  *beats = (FakesBeats){
    .low_bpm = low_bpm,
    .high_bpm = high_bpm,
    .flags = flags,
    .bpm = low_bpm,
  };
}

static void
put_uint16 (guint8 *value, gsize *length, guint number)
{
  value[(*length)++] = number & 0xff;
  value[(*length)++] = number >> 8 & 0xff;
}

static void
sweep (FakesBeats *beats)
{
  if (beats->bpm == beats->high_bpm)
    beats->falling = TRUE;
  if (beats->bpm == beats->low_bpm)
    beats->falling = FALSE;
  if (beats->low_bpm != beats->high_bpm)
    beats->bpm += beats->falling ? -1 : 1;
}

gsize
fakes_beats_next (FakesBeats *beats,
                  guint elapsed_ms,
                  guint8 ret_value[FAKES_BEATS_VALUE_MAX])
{
  gsize length = 0;

  ret_value[length++] = beats->flags;
  if (beats->flags & FAKES_BEATS_WIDE)
    put_uint16 (ret_value, &length, beats->bpm);
  else
    ret_value[length++] = MIN (beats->bpm, G_MAXUINT8);
  if (beats->flags & FAKES_BEATS_ENERGY)
    put_uint16 (ret_value, &length, beats->energy_kj++);
  if (beats->flags & FAKES_BEATS_INTERVALS)
    {
      guint64 n_beats = (guint64) beats->bpm * elapsed_ms / 60000;
      guint interval = 60 * 1024 / MAX (beats->bpm, 1);

      do
        put_uint16 (ret_value, &length, MIN (interval, G_MAXUINT16));
      while (n_beats > 0 && --n_beats > 0 && length + 2 <= FAKES_BEATS_VALUE_MAX);
    }
  sweep (beats);
  return length;
}
