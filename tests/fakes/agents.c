/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/agents.h"

#define AGENT_TIMEOUT_MS (60 * 1000) /* as bluetoothd waits for its agents */

typedef struct
{
  FakesAgent *agent; /* NULL: nobody waits any more */
  FakesAgentAnswer answer;
  gpointer user_data;
} Question;

struct FakesAgent
{
  gatomicrefcount ref_count;
  GDBusConnection *connection;
  char *owner;
  char *path;
  FakesIo io;
  Question *question; /* or NULL */
  gboolean gone;
};

struct FakesAgents
{
  FakesObjects *objects;
  GPtrArray *agents; /* the default one first */
};

static FakesAgent *
ref_agent (FakesAgent *agent)
{
  g_atomic_ref_count_inc (&agent->ref_count);
  return agent;
}

void
fakes_agent_unref (FakesAgent *agent)
{
  if (agent == NULL || !g_atomic_ref_count_dec (&agent->ref_count))
    return;
  g_object_unref (agent->connection);
  g_free (agent->owner);
  g_free (agent->path);
  g_free (agent);
}

/* Ends the open question, if there is one. */
static void
finish_question (FakesAgent *agent, GVariant *values)
{
  Question *question = g_steal_pointer (&agent->question);

  if (question == NULL)
    return;
  question->agent = NULL;
  question->answer (values, question->user_data);
}

/* The list's own reference goes. */
static void
drop_agent (gpointer data)
{
  FakesAgent *agent = data;

  agent->gone = TRUE;
  finish_question (agent, NULL);
  fakes_agent_unref (agent);
}

static int
find_index (const FakesAgents *agents, const char *client)
{
  for (guint i = 0; i < agents->agents->len; i++)
    {
      const FakesAgent *agent = g_ptr_array_index (agents->agents, i);

      if (g_str_equal (agent->owner, client))
        return (int) i;
    }
  return -1;
}

static gboolean
parse_io (const char *capability, FakesIo *ret_io)
{
  static const struct
  {
    const char *word;
    FakesIo io;
  } rows[] = {
    { "", FAKES_IO_KEYBOARD_DISPLAY },
    { "DisplayOnly", FAKES_IO_DISPLAY_ONLY },
    { "DisplayYesNo", FAKES_IO_DISPLAY_YES_NO },
    { "KeyboardOnly", FAKES_IO_KEYBOARD_ONLY },
    { "NoInputNoOutput", FAKES_IO_NONE },
    { "KeyboardDisplay", FAKES_IO_KEYBOARD_DISPLAY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].word, capability))
      {
        *ret_io = rows[i].io;
        return TRUE;
      }
  return FALSE;
}

static void
handle_register_agent (FakesCall *call, gpointer data)
{
  FakesAgents *agents = data;
  FakesAgent *agent;
  const char *path, *capability;
  FakesIo io;

  g_variant_get (call->args, "(&o&s)", &path, &capability);
  if (find_index (agents, call->sender) >= 0)
    {
      fakes_call_fail (call, "AlreadyExists", "Already Exists");
      return;
    }
  if (!parse_io (capability, &io))
    {
      fakes_call_fail (call, "InvalidArguments", "Invalid arguments in method call");
      return;
    }

  agent = g_new0 (FakesAgent, 1);
  g_atomic_ref_count_init (&agent->ref_count);
  agent->connection = g_object_ref (call->connection);
  agent->owner = g_strdup (call->sender);
  agent->path = g_strdup (path);
  agent->io = io;
  g_ptr_array_add (agents->agents, agent);
  fakes_call_return (call, NULL);
}

/* The index of the agent that @call names, by sender and path; or fails @call. */
static int
find_named_agent (FakesAgents *agents, FakesCall *call)
{
  int index = find_index (agents, call->sender);
  const char *path;

  g_variant_get (call->args, "(&o)", &path);
  if (index >= 0)
    {
      const FakesAgent *agent = g_ptr_array_index (agents->agents, index);

      if (g_str_equal (agent->path, path))
        return index;
    }
  fakes_call_fail (call, "DoesNotExist", "Does Not Exist");
  return -1;
}

static void
handle_unregister_agent (FakesCall *call, gpointer data)
{
  FakesAgents *agents = data;
  int index = find_named_agent (agents, call);

  if (index < 0)
    return;
  drop_agent (g_ptr_array_steal_index (agents->agents, index));
  fakes_call_return (call, NULL);
}

static void
handle_request_default_agent (FakesCall *call, gpointer data)
{
  FakesAgents *agents = data;
  int index = find_named_agent (agents, call);

  if (index < 0)
    return;
  g_ptr_array_insert (agents->agents, 0, g_ptr_array_steal_index (agents->agents, index));
  fakes_call_return (call, NULL);
}

static const FakesMethod methods[] = {
  { "RegisterAgent", "(os)", handle_register_agent },
  { "UnregisterAgent", "(o)", handle_unregister_agent },
  { "RequestDefaultAgent", "(o)", handle_request_default_agent },
  { NULL, NULL, NULL },
};

static const FakesProperty properties[] = {
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface interface = { "org.bluez.AgentManager1", methods,
                                          properties };

FakesAgents *
fakes_agents_new (FakesObjects *objects)
{
  FakesAgents *agents = g_new0 (FakesAgents, 1);

  agents->objects = objects;
  agents->agents = g_ptr_array_new_with_free_func (drop_agent);
  fakes_objects_add (objects, "/org/bluez", &interface, agents);
  return agents;
}

void
fakes_agents_free (FakesAgents *agents)
{
  fakes_objects_drop (agents->objects, "/org/bluez");
  g_ptr_array_unref (agents->agents);
  g_free (agents);
}

void
fakes_agents_clear (FakesAgents *agents)
{
  g_ptr_array_set_size (agents->agents, 0);
}

void
fakes_agents_client_gone (FakesAgents *agents, const char *client)
{
  int index = find_index (agents, client);

  if (index >= 0)
    drop_agent (g_ptr_array_steal_index (agents->agents, index));
}

guint
fakes_agents_count (const FakesAgents *agents)
{
  return agents->agents->len;
}

FakesAgent *
fakes_agents_find (FakesAgents *agents, const char *client)
{
  int index = client != NULL ? find_index (agents, client) : -1;

  if (agents->agents->len == 0)
    return NULL;
  return ref_agent (g_ptr_array_index (agents->agents, MAX (index, 0)));
}

FakesIo
fakes_agent_io (const FakesAgent *agent)
{
  return agent != NULL ? agent->io : FAKES_IO_NONE;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GVariant) values =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (question->agent != NULL)
    finish_question (question->agent, values);
  g_free (question);
}

gboolean
fakes_agent_ask (FakesAgent *agent,
                 const char *method,
                 GVariant *args,
                 FakesAgentAnswer answer,
                 gpointer user_data)
{
  g_autoptr (GVariant) owned_args = g_variant_ref_sink (args);

  if (agent->question != NULL || agent->gone)
    return FALSE;
  agent->question = g_new0 (Question, 1);
  agent->question->agent = agent;
  agent->question->answer = answer;
  agent->question->user_data = user_data;
  g_dbus_connection_call (agent->connection, agent->owner, agent->path,
                          "org.bluez.Agent1", method, owned_args, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, AGENT_TIMEOUT_MS, NULL,
                          on_answered, agent->question);
  return TRUE;
}

void
fakes_agent_tell (FakesAgent *agent, const char *method, GVariant *args)
{
  g_dbus_connection_call (agent->connection, agent->owner, agent->path,
                          "org.bluez.Agent1", method, args, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, AGENT_TIMEOUT_MS, NULL, NULL,
                          NULL);
}

void
fakes_agent_cancel (FakesAgent *agent, gpointer user_data)
{
  if (agent->question == NULL || agent->question->user_data != user_data)
    return;
  agent->question->agent = NULL;
  agent->question = NULL;
  fakes_agent_tell (agent, "Cancel", NULL);
}
