/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-calls.h: method calls to bluetoothd, a bounded number at a time, always to
 * one process of it: when that goes, its calls end and its late replies are nobody's.
 * Knows no method: who calls what is written elsewhere. */

#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

/* The system bus lets a connection wait for 128 replies; we keep to half of it. */
#define BLE_BLUEZ_CALLS_MAX 64
/* Calls that may wait for their turn; one more fails with %BLE_RADIO_ERROR_BUSY,
 * "limits". */
#define BLE_BLUEZ_CALLS_WAITING_MAX 1024

/* Deadline of a call that bluetoothd answers without asking the air. */
#define BLE_BLUEZ_QUICK_MS 10000

typedef struct BleBluezCalls BleBluezCalls;

typedef struct
{
  const char *path;
  const char *interface;
  const char *method;
  GVariant *parameters;           /* a tuple, taken when floating; NULL: none */
  const GVariantType *reply_type; /* NULL: an empty tuple */
  guint timeout_ms;
  guint32 device;  /* that it is about, or 0: ends when the device goes */
  gboolean urgent; /* tidies up: does not wait for its turn */
} BleBluezRequest;

/* Exactly once a request, from the main loop. Either @reply or @error
 * (%BLE_RADIO_ERROR) is NULL. */
typedef void (*BleBluezReplyFunc) (GVariant *reply,
                                   GUnixFDList *descriptors,
                                   const GError *error,
                                   gpointer user_data);

BleBluezCalls *ble_bluez_calls_new (GDBusConnection *connection);

/* Ends what is still running with %BLE_RADIO_ERROR_CANCELLED. */
void ble_bluez_calls_free (BleBluezCalls *calls);

/* The unique name of bluetoothd, or NULL while there is none. Calls to the one before
 * end with %BLE_RADIO_ERROR_NO_DAEMON, from inside this function. */
void ble_bluez_calls_set_owner (BleBluezCalls *calls, const char *owner);

/* Ends the calls about @device with %BLE_RADIO_ERROR_NO_DEVICE: bluetoothd does not
 * always answer for what it has removed. */
void ble_bluez_calls_end_device (BleBluezCalls *calls, guint32 device);

/* Takes NULL for @func when nobody cares. */
void ble_bluez_calls_send (BleBluezCalls *calls,
                           const BleBluezRequest *request,
                           GCancellable *cancellable,
                           BleBluezReplyFunc func,
                           gpointer user_data);
