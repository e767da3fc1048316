/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* enforce/probe-words.h: the words between blepickd and blepick-probe, on a SOCK_SEQPACKET
 * socket. The probe tries what it can alone and says so; if org.bluez does not take its calls, it listens,
 * the broker has bluetoothd broadcast something and says one word, and the probe says
 * whether it heard that. Both programs come from one build, so the packets are structures. */

#pragma once

#include "enforce/level.h"

#define PROBE_SOCKET_PATH "/run/blepick-probe/socket"

/* A word that no other protocol begins with; its last digit is the version. */
#define PROBE_PROTOCOL 0x626c7001U

/* How long a measurement may take. */
#define PROBE_DEADLINE_MS 10000

/* From the probe: first with `listening`, when it waits for the broker's word, and then without. */
typedef struct
{
  guint32 protocol;
  guint32 listening;
  EnforceDoors doors;
} ProbeAnswer;

/* From the broker: bluetoothd has broadcast something (1), or there was nothing to broadcast (0). */
typedef struct
{
  guint32 protocol;
  guint32 broadcast;
} ProbeWord;
