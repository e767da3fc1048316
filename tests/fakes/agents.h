/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/fakes/agents.h: AgentManager1, and the one question at a time that may be
 * put to an agent. It does not know why one asks. */

#pragma once

#include "tests/fakes/objects.h"

/* What a side can show and take: Core Specification 5.3, Vol 3, Part H, 2.3.2. */
typedef enum
{
  FAKES_IO_NONE = 0, /* NoInputNoOutput */
  FAKES_IO_DISPLAY_ONLY,
  FAKES_IO_DISPLAY_YES_NO,
  FAKES_IO_KEYBOARD_ONLY,
  FAKES_IO_KEYBOARD_DISPLAY,
} FakesIo;

typedef struct FakesAgents FakesAgents;
typedef struct FakesAgent FakesAgent;

/* @values: the tuple of the answer, or NULL for a refusal, a silence or an agent that has gone. */
typedef void (*FakesAgentAnswer) (GVariant *values, gpointer user_data);

FakesAgents *fakes_agents_new (FakesObjects *objects);
void fakes_agents_free (FakesAgents *agents);

/* Forgets all agents; open questions end without an answer. */
void fakes_agents_clear (FakesAgents *agents);
void fakes_agents_client_gone (FakesAgents *agents, const char *client);
guint fakes_agents_count (const FakesAgents *agents);

/* The agent of @client, else the default one, else NULL. @client may be NULL.
 * Returns: (transfer full): */
FakesAgent *fakes_agents_find (FakesAgents *agents, const char *client);
void fakes_agent_unref (FakesAgent *agent);
FakesIo fakes_agent_io (const FakesAgent *agent);

/* Calls @method. FALSE, and @answer is never called: it is busy with another question. */
gboolean fakes_agent_ask (FakesAgent *agent,
                          const char *method,
                          GVariant *args,
                          FakesAgentAnswer answer,
                          gpointer user_data);

/* Calls @method and wants no answer. */
void fakes_agent_tell (FakesAgent *agent, const char *method, GVariant *args);

/* Takes back the question of @user_data, if there is one: `Cancel`, and no answer. */
void fakes_agent_cancel (FakesAgent *agent, gpointer user_data);
