/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/beats.h: a heart that beats between two rates, as values of the
 * Heart Rate Measurement characteristic (2A37). Pure: no clock, no bus, no
 * memory of its own; the caller says how much time has passed. */

#pragma once

#include <glib.h>

/* What fits one notification at the smallest ATT_MTU, 23 octets less 3 of header
 * (Core Specification 5.3, Vol 3, Part G, 5.2.1). */
#define FAKES_BEATS_VALUE_MAX 20

/* Flags octet of 2A37: Heart Rate Service 1.0, 3.1.1.1. */
typedef enum
{
  FAKES_BEATS_WIDE = 1 << 0,    /* beats per minute are a uint16 */
  FAKES_BEATS_CONTACT = 1 << 1, /* skin contact is good */
  FAKES_BEATS_CONTACT_SUPPORTED = 1 << 2,
  FAKES_BEATS_ENERGY = 1 << 3,    /* energy expended, in kJ */
  FAKES_BEATS_INTERVALS = 1 << 4, /* RR intervals, in 1/1024 s */
} FakesBeatsFlags;

typedef struct
{
  guint16 low_bpm;
  guint16 high_bpm;
  guint8 flags; /* sent as it is, reserved bits included */
  guint16 bpm;  /* of the next value */
  gboolean falling;
  guint16 energy_kj;
} FakesBeats;

/* @low_bpm to @high_bpm: swept up and down by one a value, from @low_bpm on; equal
 * ones hold the rate. @flags: FakesBeatsFlags. */
void
fakes_beats_init (FakesBeats *beats, guint16 low_bpm, guint16 high_bpm, guint8 flags);

/* Writes the next value to @ret_value and returns its length in octets. There is one RR interval
 * for each beat of the @elapsed_ms since the last value, at least one, at most as
 * many as fit. A rate above 255 is sent as 255 where the flags want one octet. */
gsize fakes_beats_next (FakesBeats *beats,
                        guint elapsed_ms,
                        guint8 ret_value[FAKES_BEATS_VALUE_MAX]);
