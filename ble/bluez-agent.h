/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/bluez-agent.h: our org.bluez.Agent1, on the connection that calls Pair(). Says
 * no to everything that the pairing in progress does not take, and to everybody but
 * bluetoothd. Asks no person and remembers no pairing. */

#pragma once

#include "ble/bluez-calls.h"

typedef enum
{
  BLE_BLUEZ_ASK_NONE = 0,
  BLE_BLUEZ_ASK_CONFIRM,   /* compare @passkey; answered with () */
  BLE_BLUEZ_ASK_PASSKEY,   /* answered with (u) */
  BLE_BLUEZ_ASK_DISPLAY,   /* show @passkey; answered at once */
  BLE_BLUEZ_ASK_AUTHORIZE, /* nothing is verified; answered with () */
} BleBluezAsk;

typedef struct
{
  /* Whether bluetoothd's question about the device at @path is ours to answer; then
   * @invocation is taken. */
  gboolean (*asked) (const char *path,
                     BleBluezAsk ask,
                     guint32 passkey,
                     guint entered,
                     GDBusMethodInvocation *invocation,
                     gpointer user_data);
  /* bluetoothd takes its question back. */
  void (*cancelled) (gpointer user_data);
  /* A pairing of the device at @path that is not ours was refused. */
  void (*refused) (const char *path, gpointer user_data);
} BleBluezAgentFuncs;

typedef struct BleBluezAgent BleBluezAgent;

BleBluezAgent *ble_bluez_agent_new (GDBusConnection *connection,
                                    BleBluezCalls *calls,
                                    const BleBluezAgentFuncs *funcs,
                                    gpointer user_data,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ble_bluez_agent_free (BleBluezAgent *agent);

/* Registers with bluetoothd @owner; with @as_default also for pairings that others
 * start. NULL: there is none any more. */
void
ble_bluez_agent_set_owner (BleBluezAgent *agent, const char *owner, gboolean as_default);

/* Whether a Pair() that is sent now would ask us: registered, or about to be. Without
 * that bluetoothd would ask somebody else's agent. */
gboolean ble_bluez_agent_is_registered (const BleBluezAgent *agent);

/* Returns FALSE when there is nothing to unregister, else @func is called when it is
 * done. */
gboolean
ble_bluez_agent_leave (BleBluezAgent *agent, BleBluezReplyFunc func, gpointer user_data);

/* Says no to a question that was taken. */
void ble_bluez_agent_reject (GDBusMethodInvocation *invocation);
