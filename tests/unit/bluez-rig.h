/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/unit/bluez-rig.h: a private bus, a fake-bluez on it and the radio, and ways to
 * wait for them. Nothing here sleeps: the loop runs until something is true, or fails
 * after a deadline. */

#pragma once

#include "tests/unit/unit.h"

#include "ble/bluez-radio.h"

typedef struct
{
  GTestDBus *bus;
  GSubprocess *fake; /* or NULL */
  GPtrArray *lines;  /* what it has said and nobody has taken yet */
  BleRadio *radio;
  BleRadioListener listener;
  guint n_gone;
  guint n_updates;
  guint n_refused;
  BlePairPrompt prompt;
  guint n_prompts;
} Rig;

/* For cmocka: with a fake-bluez that has one adapter, and the radio ready; and with
 * neither. */
int rig_set_up (void **state);
int rig_set_up_bus (void **state);
int rig_tear_down (void **state);

/* Starts the radio without waiting for anything. */
void rig_start_radio (Rig *rig, BleBluezFlags flags);

/* Runs the loop until @done (@data) or fails the test, naming @what. */
void rig_wait (gboolean (*done) (gpointer data), gpointer data, const char *what);

/* One line to the fake. */
void rig_tell (Rig *rig, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Waits for a line of the fake that begins with @beginning. Returns: (transfer full):
 * what follows. */
char *rig_expect (Rig *rig, const char *beginning);

/* One operation and how it ended. */
typedef struct
{
  guint n_ends;
  GAsyncResult *result;
} RigResult;

void rig_on_result (GObject *source, GAsyncResult *result, gpointer rig_result);
void rig_wait_result (RigResult *result);
void rig_clear_result (RigResult *result);

/* Operations from begin to end; each returns the cause word, "" for success. */
const char *rig_scan (Rig *rig, gboolean on);
const char *rig_connect (Rig *rig, BleDeviceId device);
const char *rig_forget (Rig *rig, BleDeviceId device);
void rig_leave (Rig *rig);
/* Ends @result of any operation that returns a boolean, waiting for it. */
const char *rig_cause (RigResult *result);

void rig_on_prompt (BleDeviceId device, const BlePairPrompt *prompt, gpointer rig);

BleAdapterId rig_adapter (Rig *rig);
/* Adds an accessory to the fake with these words, and waits until the radio knows it. */
BleDeviceId rig_add (Rig *rig, const char *id, const char *words);
/* The first characteristic with this UUID, or 0. */
BleAttributeId rig_find (Rig *rig, BleDeviceId device, guint16 uuid);

/* Pairs with a new accessory that wants @pairing; the caller answers. */
BleDeviceId rig_begin_pairing (Rig *rig,
                               const char *pairing,
                               GCancellable *cancellable,
                               RigResult *result);
/* Returns the method that ran; the bond must be known already. */
BlePairMethod rig_end_pairing (Rig *rig, BleDeviceId device, RigResult *result);
