/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/radio-probe.h: what the two halves of radio-probe share. */

#pragma once

#include "ble/radio.h"

typedef struct
{
  BleRadio *radio;
  GMainLoop *loop;
  GDataInputStream *input;
  GCancellable *cancellable;
  GHashTable *sockets; /* text of a UUID -> GSource */
  GHashTable *seen;    /* set of BleDeviceId */
  char *wanted;        /* name that "find" waits for, or NULL */
  gboolean running;
} Probe;

/* Writes one line, at once. */
void probe_say (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* Runs one command; what comes of it is written when it comes. */
void probe_run_line (Probe *probe, const char *line);

/* Answers "find" when its device is there. */
void probe_check_wanted (Probe *probe);
