/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick list: the accessories of this command's app. */

#include <stdio.h>
#include <string.h>

#include "blepick/accessory-json.h"
#include "blepick/bus.h"
#include "blepick/verbs.h"

static void
print_json (const BlepickContext *context, GPtrArray *accessories)
{
  JsonBuilder *builder = blepick_json_begin ("list");

  json_builder_set_member_name (builder, "accessories");
  json_builder_begin_array (builder);
  for (guint i = 0; i < accessories->len; i++)
    blepick_json_add_accessory_object (builder, g_ptr_array_index (accessories, i));
  json_builder_end_array (builder);
  blepick_json_print (context, builder, FALSE);
}

static const char *
describe_pairing (const char *method)
{
  if (strcmp (method, "none") == 0)
    return "not paired";
  return strcmp (method, "just-works") == 0 ? "paired, not verified"
                                            : "paired and verified";
}

static void
print_table (const BlepickContext *context, GPtrArray *accessories)
{
  if (accessories->len == 0)
    {
      blepick_context_say (context, "You have no accessory yet. Pick one: blepick pick");
      return;
    }
  for (guint i = 0; i < accessories->len; i++)
    {
      GVariant *accessory = g_ptr_array_index (accessories, i);
      g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));
      g_autofree char *id =
        blepick_context_show_id (context, blepick_member (accessory, "id"));
      gboolean connected = FALSE;

      g_variant_lookup (accessory, "connected", "b", &connected);
      printf ("%s  %-24s %-14s %s, %s\n", id, name, blepick_member (accessory, "kind"),
              connected ? "connected" : "not connected",
              blepick_accessory_lost_pairing (accessory)
                ? "not paired any more: blepick doctor"
                : describe_pairing (blepick_member (accessory, "pairing-method")));
    }
}

static GPtrArray *
filter_connected (GVariant *accessories, gboolean only_connected)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < g_variant_n_children (accessories); i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);
      gboolean connected = FALSE;

      g_variant_lookup (accessory, "connected", "b", &connected);
      if (connected || !only_connected)
        g_ptr_array_add (kept, g_steal_pointer (&accessory));
    }
  return kept;
}

int
blepick_run_list (const BlepickContext *context, int argc, char **argv)
{
  gboolean only_connected = FALSE;
  const GOptionEntry entries[] = {
    { "connected", 0, 0, G_OPTION_ARG_NONE, &only_connected, "Only what is connected now",
      NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessories = NULL;
  g_autoptr (GPtrArray) kept = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "list", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "list", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessories = blepick_bus_list (bus, &error);
  if (accessories == NULL)
    return blepick_context_fail (context, error, FALSE);
  kept = filter_connected (accessories, only_connected);
  if (blepick_context_is_json (context))
    print_json (context, kept);
  else
    print_table (context, kept);
  return BLEPICK_EXIT_OK;
}
