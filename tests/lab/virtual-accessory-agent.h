/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-agent.h: how the accessory behaves when a central pairs
 * with it, as an agent that bluetoothd calls. It does not register itself
 * (virtual-accessory-adapter.h does), and does not know how a pairing ended
 * (virtual-accessory-peers.h does). */

#pragma once

#include "tests/fakes/words.h"

#include <gio/gio.h>

#define ACCESSORY_AGENT_PATH "/org/blepick/accessory/agent"

typedef struct _AccessoryAgent AccessoryAgent;

/* Called when bluetoothd asks about a pairing, before the agent answers. */
typedef void (*AccessoryAgentFunc) (gpointer user_data);

/* The agent of @words on @bus, for @adapter_path only: requests for devices of other
 * adapters are rejected, because one default agent serves them all. */
AccessoryAgent *accessory_agent_new (GDBusConnection *bus,
                                     const AccessoryWords *words,
                                     const char *adapter_path,
                                     AccessoryAgentFunc asked,
                                     gpointer user_data,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_agent_free (AccessoryAgent *agent);

/* The IO capability with which BlueZ chooses the method of @pairing against a central
 * of KeyboardDisplay: Core Specification 5.3, Vol 3, Part H, 2.3.5.1, table 2.8. */
const char *accessory_agent_capability (AccessoryPairing pairing);

/* Types @passkey, 0 to 999999. FALSE: nobody has asked for one. */
gboolean accessory_agent_enter_passkey (AccessoryAgent *agent, guint passkey);

/* Answers a comparison. FALSE: nobody has asked. */
gboolean accessory_agent_confirm (AccessoryAgent *agent, gboolean same);
