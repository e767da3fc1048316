/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-pairing.h: the one pairing in progress: Pair(), what bluetoothd's agent
 * asks meanwhile, the person's answer, the deadline. Judges no method: that is the
 * broker's. */

#pragma once

#include "ble/bluez-agent.h"
#include "ble/bluez-parts.h"

/* bluetoothd's own limit for an answer of the agent: BlueZ 5.66, src/agent.c. */
#define BLE_BLUEZ_PAIR_MS 60000

typedef struct BleBluezPairing BleBluezPairing;

BleBluezPairing *ble_bluez_pairing_new (const BleBluezParts *parts);
/* After the calls are ended. */
void ble_bluez_pairing_free (BleBluezPairing *pairing);

/* Takes over @task, which returns an int. See ble_radio_pair_async(). */
void ble_bluez_pairing_begin (BleBluezPairing *pairing,
                              BleDeviceId device,
                              BlePairPromptFunc prompt,
                              gpointer prompt_data,
                              GTask *task);

void ble_bluez_pairing_answer (BleBluezPairing *pairing,
                               BleDeviceId device,
                               gboolean accept,
                               guint32 passkey);

/* For the agent: see BleBluezAgentFuncs. */
gboolean ble_bluez_pairing_asked (BleBluezPairing *pairing,
                                  const char *path,
                                  BleBluezAsk ask,
                                  guint32 passkey,
                                  guint entered,
                                  GDBusMethodInvocation *invocation);
void ble_bluez_pairing_cancelled (BleBluezPairing *pairing);

/* Gives up what is in progress. */
void ble_bluez_pairing_leave (BleBluezPairing *pairing);
