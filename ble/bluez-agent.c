/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-agent.h"

#include <string.h>

#include "ble/radio.h"

#define AGENT_PATH   "/org/blepick/Agent"
#define MANAGER_PATH "/org/bluez"
#define MANAGER      "org.bluez.AgentManager1"
#define CAPABILITY   "KeyboardDisplay" /* all four methods */
#define REJECTED     "org.bluez.Error.Rejected"

static const char introspection[] =
  "<node><interface name='org.bluez.Agent1'>"
  "<method name='Release'/>"
  "<method name='RequestPinCode'><arg type='o' direction='in'/>"
  "<arg type='s' direction='out'/></method>"
  "<method name='DisplayPinCode'><arg type='o' direction='in'/>"
  "<arg type='s' direction='in'/></method>"
  "<method name='RequestPasskey'><arg type='o' direction='in'/>"
  "<arg type='u' direction='out'/></method>"
  "<method name='DisplayPasskey'><arg type='o' direction='in'/>"
  "<arg type='u' direction='in'/><arg type='q' direction='in'/></method>"
  "<method name='RequestConfirmation'><arg type='o' direction='in'/>"
  "<arg type='u' direction='in'/></method>"
  "<method name='RequestAuthorization'><arg type='o' direction='in'/></method>"
  "<method name='AuthorizeService'><arg type='o' direction='in'/>"
  "<arg type='s' direction='in'/></method>"
  "<method name='Cancel'/>"
  "</interface></node>";

/* A method that is not here is refused, and is no pairing. */
static const struct
{
  const char *method;
  BleBluezAsk ask; /* NONE: refused, whoever pairs */
} questions[] = {
  { "RequestPinCode", BLE_BLUEZ_ASK_NONE }, /* BR/EDR before 2.1 */
  { "DisplayPinCode", BLE_BLUEZ_ASK_NONE },
  { "RequestPasskey", BLE_BLUEZ_ASK_PASSKEY },
  { "DisplayPasskey", BLE_BLUEZ_ASK_DISPLAY },
  { "RequestConfirmation", BLE_BLUEZ_ASK_CONFIRM },
  { "RequestAuthorization", BLE_BLUEZ_ASK_AUTHORIZE },
};

struct BleBluezAgent
{
  GDBusConnection *connection;
  BleBluezCalls *calls;
  const BleBluezAgentFuncs *funcs;
  gpointer user_data;
  guint object_id;
  char *owner;
  gboolean registered;
};

void
ble_bluez_agent_reject (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_dbus_error (invocation, REJECTED, "Not asked for");
}

/* Reads what the question carries. Returns FALSE when it makes no sense. */
static gboolean
read_question (BleBluezAsk ask,
               GVariant *parameters,
               const char **ret_path,
               guint32 *ret_passkey,
               guint16 *ret_entered)
{
  g_variant_get_child (parameters, 0, "&o", ret_path);
  if (ask == BLE_BLUEZ_ASK_CONFIRM || ask == BLE_BLUEZ_ASK_DISPLAY)
    g_variant_get_child (parameters, 1, "u", ret_passkey);
  if (ask == BLE_BLUEZ_ASK_DISPLAY)
    g_variant_get_child (parameters, 2, "q", ret_entered);
  return *ret_passkey <= BLE_PASSKEY_MAX;
}

static void
handle_question (BleBluezAgent *agent,
                 BleBluezAsk ask,
                 GVariant *parameters,
                 GDBusMethodInvocation *invocation)
{
  const char *path = NULL;
  guint32 passkey = 0;
  guint16 entered = 0;
  gboolean sound = read_question (ask, parameters, &path, &passkey, &entered);
  g_autofree char *device = g_strdup (path);

  if (ask != BLE_BLUEZ_ASK_NONE && sound &&
      agent->funcs->asked (path, ask, passkey, entered, invocation, agent->user_data))
    return;
  ble_bluez_agent_reject (invocation);
  agent->funcs->refused (device, agent->user_data);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
handle_method (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *interface,
               const char *method,
               GVariant *parameters,
               GDBusMethodInvocation *invocation,
               gpointer user_data)
{
  BleBluezAgent *agent = user_data;

  if (agent->owner == NULL || g_strcmp0 (sender, agent->owner) != 0)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                     G_DBUS_ERROR_ACCESS_DENIED,
                                                     "For bluetoothd only");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    if (strcmp (questions[i].method, method) == 0)
      {
        handle_question (agent, questions[i].ask, parameters, invocation);
        return;
      }
  if (strcmp (method, "Cancel") == 0 || strcmp (method, "Release") == 0)
    {
      if (strcmp (method, "Release") == 0)
        agent->registered = FALSE;
      agent->funcs->cancelled (agent->user_data);
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  ble_bluez_agent_reject (
    invocation); /* AuthorizeService: profiles of classic Bluetooth */
}

static const GDBusInterfaceVTable vtable = { .method_call = handle_method };

BleBluezAgent *
ble_bluez_agent_new (GDBusConnection *connection,
                     BleBluezCalls *calls,
                     const BleBluezAgentFuncs *funcs,
                     gpointer user_data,
                     GError **error)
{
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, error);
  BleBluezAgent *agent;
  guint object_id;

  if (node == NULL)
    return NULL;
  agent = g_new0 (BleBluezAgent, 1);
  object_id =
    g_dbus_connection_register_object (connection, AGENT_PATH, node->interfaces[0],
                                       &vtable, agent, NULL, error);
  if (object_id == 0)
    {
      g_free (agent);
      return NULL;
    }
  agent->connection = g_object_ref (connection);
  agent->calls = calls;
  agent->funcs = funcs;
  agent->user_data = user_data;
  agent->object_id = object_id;
  return agent;
}

void
ble_bluez_agent_free (BleBluezAgent *agent)
{
  if (agent == NULL)
    return;
  g_dbus_connection_unregister_object (agent->connection, agent->object_id);
  g_object_unref (agent->connection);
  g_free (agent->owner);
  g_free (agent);
}

static void
on_registered (GVariant *reply,
               GUnixFDList *descriptors,
               const GError *error,
               gpointer user_data)
{
  BleBluezAgent *agent = user_data;

  if (error == NULL || strcmp (error->message, "already-exists") == 0)
    return;
  if (error->code == BLE_RADIO_ERROR_NO_DAEMON ||
      error->code == BLE_RADIO_ERROR_CANCELLED)
    return; /* it, or we, have gone */
  agent->registered = FALSE;
  g_warning ("bluetoothd did not take our pairing agent: %s", error->message);
}

static void
send_to_manager (BleBluezAgent *agent,
                 const char *method,
                 GVariant *parameters,
                 BleBluezReplyFunc func,
                 gpointer user_data)
{
  const BleBluezRequest request = { .path = MANAGER_PATH,
                                    .interface = MANAGER,
                                    .method = method,
                                    .parameters = parameters,
                                    .timeout_ms = BLE_BLUEZ_QUICK_MS,
                                    .urgent = TRUE };

  ble_bluez_calls_send (agent->calls, &request, NULL, func, user_data);
}

void
ble_bluez_agent_set_owner (BleBluezAgent *agent, const char *owner, gboolean as_default)
{
  g_free (agent->owner);
  agent->owner = g_strdup (owner);
  agent->registered = owner != NULL;
  if (owner == NULL)
    return;
  send_to_manager (agent, "RegisterAgent", g_variant_new ("(os)", AGENT_PATH, CAPABILITY),
                   on_registered, agent);
  if (as_default)
    send_to_manager (agent, "RequestDefaultAgent", g_variant_new ("(o)", AGENT_PATH),
                     NULL, NULL);
}

gboolean
ble_bluez_agent_is_registered (const BleBluezAgent *agent)
{
  return agent->registered;
}

gboolean
ble_bluez_agent_leave (BleBluezAgent *agent, BleBluezReplyFunc func, gpointer user_data)
{
  if (!agent->registered)
    return FALSE;
  agent->registered = FALSE;
  send_to_manager (agent, "UnregisterAgent", g_variant_new ("(o)", AGENT_PATH), func,
                   user_data);
  return TRUE;
}
