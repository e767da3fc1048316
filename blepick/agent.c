/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick agent: a presenter for all apps of this person, on a terminal. */

#include "blepick/terminal-picking.h"
#include "blepick/verbs.h"

int
blepick_run_agent (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "agent", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "agent", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  if (!blepick_context_can_ask (context))
    return blepick_verb_misuse (context,
                                "agent asks a person, and there is no terminal here");
  bus = blepick_bus_new (context, &error);
  if (bus == NULL || !blepick_terminal_serve (context, bus, &error))
    return blepick_context_fail (context, error, FALSE);
  return BLEPICK_EXIT_OK;
}
