/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-agent.h"

#include "tests/lab/virtual-accessory-report.h"

#define INTERFACE   "org.bluez.Agent1"
#define PASSKEY_END 1000000

struct _AccessoryAgent
{
  GDBusConnection *bus;
  AccessoryPairing pairing;
  gboolean auto_confirm;
  char *device_prefix;
  AccessoryAgentFunc asked;
  gpointer user_data;
  GDBusNodeInfo *node;
  guint registration;
  GDBusMethodInvocation *passkey_wanted; /* waits for accessory_agent_enter_passkey() */
  GDBusMethodInvocation *comparison;     /* waits for accessory_agent_confirm() */
  GDBusMethodInvocation *abandoned; /* waits for bluetoothd to see that we are gone */
};

/* doc/agent-api.txt of BlueZ 5.66, less the PIN codes, which LE does not have. */
static const char node_xml[] = "<node>"
                               " <interface name='" INTERFACE "'>"
                               "  <method name='Release'/>"
                               "  <method name='RequestPasskey'>"
                               "   <arg type='o' direction='in'/>"
                               "   <arg type='u' direction='out'/>"
                               "  </method>"
                               "  <method name='DisplayPasskey'>"
                               "   <arg type='o' direction='in'/>"
                               "   <arg type='u' direction='in'/>"
                               "   <arg type='q' direction='in'/>"
                               "  </method>"
                               "  <method name='RequestConfirmation'>"
                               "   <arg type='o' direction='in'/>"
                               "   <arg type='u' direction='in'/>"
                               "  </method>"
                               "  <method name='RequestAuthorization'>"
                               "   <arg type='o' direction='in'/>"
                               "  </method>"
                               "  <method name='AuthorizeService'>"
                               "   <arg type='o' direction='in'/>"
                               "   <arg type='s' direction='in'/>"
                               "  </method>"
                               "  <method name='Cancel'/>"
                               " </interface>"
                               "</node>";

const char *
accessory_agent_capability (AccessoryPairing pairing)
{
  switch (pairing)
    {
    case ACCESSORY_PAIRING_THEY_SHOW:
    case ACCESSORY_PAIRING_WRONG_PASSKEY:
      return "DisplayOnly";
    case ACCESSORY_PAIRING_WE_SHOW:
      return "KeyboardOnly";
    case ACCESSORY_PAIRING_COMPARE:
      return "DisplayYesNo";
    case ACCESSORY_PAIRING_JUST_WORKS:
    case ACCESSORY_PAIRING_REFUSE:
    case ACCESSORY_PAIRING_VANISH:
      return "NoInputNoOutput";
    }
  g_return_val_if_reached ("NoInputNoOutput");
}

static void
reject (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_dbus_error (invocation, "org.bluez.Error.Rejected",
                                              "the accessory refuses");
}

static void
accept_request (GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* BlueZ repeats DisplayPasskey for each digit typed on the other side. */
static void
show_passkey (AccessoryAgent *agent, guint passkey, guint n_entered)
{
  if (n_entered != 0)
    return;
  if (agent->pairing == ACCESSORY_PAIRING_WRONG_PASSKEY)
    passkey = (passkey + 1) % PASSKEY_END;
  accessory_report ("passkey-shown %06u", passkey);
}

/* The request is over: cancelled, or overtaken by a new one. */
static void
drop_requests (AccessoryAgent *agent)
{
  if (agent->passkey_wanted != NULL)
    reject (g_steal_pointer (&agent->passkey_wanted));
  if (agent->comparison != NULL)
    reject (g_steal_pointer (&agent->comparison));
  if (agent->abandoned != NULL)
    reject (g_steal_pointer (&agent->abandoned));
}

static void
handle_comparison (AccessoryAgent *agent,
                   guint passkey,
                   GDBusMethodInvocation *invocation)
{
  accessory_report ("compare-shown %06u", passkey);
  if (agent->auto_confirm)
    accept_request (invocation);
  else
    agent->comparison = invocation;
}

static void
handle_authorization (AccessoryAgent *agent, GDBusMethodInvocation *invocation)
{
  switch (agent->pairing)
    {
    case ACCESSORY_PAIRING_REFUSE:
      reject (invocation);
      return;
    case ACCESSORY_PAIRING_JUST_WORKS:
    case ACCESSORY_PAIRING_THEY_SHOW:
    case ACCESSORY_PAIRING_WE_SHOW:
    case ACCESSORY_PAIRING_COMPARE:
    case ACCESSORY_PAIRING_WRONG_PASSKEY:
      accept_request (invocation);
      return;
    case ACCESSORY_PAIRING_VANISH:
      agent->abandoned = invocation;
      return;
    }
  g_return_if_reached ();
}

static void
handle_device_request (AccessoryAgent *agent,
                       const char *method,
                       GVariant *parameters,
                       GDBusMethodInvocation *invocation)
{
  guint passkey = 0;
  guint16 n_entered = 0;

  drop_requests (agent);
  if (g_str_equal (method, "DisplayPasskey"))
    {
      g_variant_get (parameters, "(&ouq)", NULL, &passkey, &n_entered);
      show_passkey (agent, passkey, n_entered);
      accept_request (invocation);
    }
  else if (g_str_equal (method, "RequestPasskey"))
    {
      agent->passkey_wanted = invocation;
      accessory_report ("passkey-wanted");
    }
  else if (g_str_equal (method, "RequestConfirmation"))
    {
      g_variant_get (parameters, "(&ou)", NULL, &passkey);
      handle_comparison (agent, passkey, invocation);
    }
  else
    handle_authorization (agent, invocation);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
handle_call (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *method,
             GVariant *parameters,
             GDBusMethodInvocation *invocation,
             gpointer user_data)
{
  AccessoryAgent *agent = user_data;
  const char *device = NULL;

  if (g_str_equal (method, "Cancel") || g_str_equal (method, "Release"))
    {
      drop_requests (agent);
      accept_request (invocation);
      return;
    }
  g_variant_get_child (parameters, 0, "&o", &device);
  if (!g_str_has_prefix (device, agent->device_prefix))
    {
      accessory_report_error ("a request of another adapter was rejected", device);
      reject (invocation);
      return;
    }
  if (g_str_equal (method, "AuthorizeService"))
    {
      accept_request (invocation);
      return;
    }
  agent->asked (agent->user_data);
  handle_device_request (agent, method, parameters, invocation);
}

static const GDBusInterfaceVTable vtable = { .method_call = handle_call };

AccessoryAgent *
accessory_agent_new (GDBusConnection *bus,
                     const AccessoryWords *words,
                     const char *adapter_path,
                     AccessoryAgentFunc asked,
                     gpointer user_data,
                     GError **error)
{
  AccessoryAgent *agent = g_new0 (AccessoryAgent, 1);

  agent->bus = g_object_ref (bus);
  agent->pairing = words->pairing;
  agent->auto_confirm = words->auto_confirm;
  agent->device_prefix = g_strconcat (adapter_path, "/", NULL);
  agent->asked = asked;
  agent->user_data = user_data;
  agent->node = g_dbus_node_info_new_for_xml (node_xml, error);
  if (agent->node != NULL)
    agent->registration =
      g_dbus_connection_register_object (bus, ACCESSORY_AGENT_PATH,
                                         g_dbus_node_info_lookup_interface (agent->node,
                                                                            INTERFACE),
                                         &vtable, agent, NULL, error);
  if (agent->registration == 0)
    g_clear_pointer (&agent, accessory_agent_free);
  return agent;
}

void
accessory_agent_free (AccessoryAgent *agent)
{
  if (agent == NULL)
    return;
  drop_requests (agent);
  if (agent->registration != 0)
    g_dbus_connection_unregister_object (agent->bus, agent->registration);
  g_clear_pointer (&agent->node, g_dbus_node_info_unref);
  g_free (agent->device_prefix);
  g_object_unref (agent->bus);
  g_free (agent);
}

gboolean
accessory_agent_enter_passkey (AccessoryAgent *agent, guint passkey)
{
  if (agent->passkey_wanted == NULL)
    return FALSE;
  g_dbus_method_invocation_return_value (g_steal_pointer (&agent->passkey_wanted),
                                         g_variant_new ("(u)", passkey));
  return TRUE;
}

gboolean
accessory_agent_confirm (AccessoryAgent *agent, gboolean same)
{
  GDBusMethodInvocation *comparison = g_steal_pointer (&agent->comparison);

  if (comparison == NULL)
    return FALSE;
  if (same)
    accept_request (comparison);
  else
    reject (comparison);
  return TRUE;
}
