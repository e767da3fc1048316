/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick pick: a person chooses on the terminal. */

#include <stdio.h>
#include <string.h>

#include "blepick/accessory-json.h"
#include "blepick/filters.h"
#include "blepick/terminal-picking.h"
#include "blepick/verbs.h"

static GVariant *
build_options (const BlepickContext *context)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (context->adapter != NULL)
    g_variant_dict_insert (&options, "adapter", "s", context->adapter);
  g_variant_dict_insert (&options, "timeout", "s",
                         context->timeout_ms > 0 ? "unbounded" : "long");
  return g_variant_dict_end (&options);
}

/* Returns: (transfer full): the accessory (a{sv}) that the person chose. */
static GVariant *
pick_on_terminal (const BlepickContext *context,
                  BlepickBus *bus,
                  const BlepickFilters *filters,
                  GError **error)
{
  g_autoptr (GVariant) items = blepick_filters_build (filters, error);
  g_autofree char *id = NULL;

  if (items == NULL)
    return NULL;
  id = blepick_terminal_pick (
    context, bus,
    &(BlepickPickingAsk){ items, build_options (context), context->timeout_ms }, error);
  return id != NULL ? blepick_bus_find (bus, id, error) : NULL;
}

static void
print_json (const BlepickContext *context, GVariant *accessory)
{
  JsonBuilder *builder = blepick_json_begin ("pick");

  blepick_json_add_accessory (builder, accessory);
  blepick_json_print (context, builder, FALSE);
}

static void
print_accessory (const BlepickContext *context, GVariant *accessory, const char *what)
{
  g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));
  g_autofree char *id =
    blepick_context_show_id (context, blepick_member (accessory, "id"));

  if (blepick_context_is_json (context) || g_strcmp0 (what, "json") == 0)
    print_json (context, accessory);
  else if (g_strcmp0 (what, "id") == 0)
    printf ("%s\n", blepick_member (accessory, "id"));
  else if (g_strcmp0 (what, "name") == 0)
    printf ("%s\n", name);
  else
    printf ("%s is yours (%s). See it live: blepick monitor\n", name, id);
}

static gboolean
is_printable (const char *what)
{
  return what == NULL || strcmp (what, "id") == 0 || strcmp (what, "name") == 0 ||
         strcmp (what, "json") == 0;
}

int
blepick_run_pick (const BlepickContext *context, int argc, char **argv)
{
  g_auto (BlepickFilters) filters = { 0 };
  g_autofree char *what = NULL;
  const GOptionEntry entries[] = {
    BLEPICK_FILTER_ENTRIES (filters),
    { "no-pair", 0, 0, G_OPTION_ARG_NONE, &filters.no_pair, "Do not pair, only grant",
      NULL },
    { "print", 0, 0, G_OPTION_ARG_STRING, &what, "Print just this: id, name or json",
      "WHAT" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessory = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "pick", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "pick", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  if (!is_printable (what))
    return blepick_verb_misuse (context, "--print takes id, name or json");
  if (!blepick_context_can_ask (context))
    return blepick_verb_misuse (
      context, "pick asks a person, and there is none here. Name it: blepick pair NAME");

  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessory = pick_on_terminal (context, bus, &filters, &error);
  if (accessory == NULL)
    return blepick_context_fail (context, error, TRUE);
  print_accessory (context, accessory, what);
  return BLEPICK_EXIT_OK;
}

int
blepick_run_default (const BlepickContext *context)
{
  g_auto (BlepickFilters) filters = { 0 };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessories = NULL, accessory = NULL;
  g_autoptr (GError) error = NULL;
  char monitor[] = "monitor";
  char *words[] = { monitor, NULL, NULL };

  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessories = blepick_bus_list (bus, &error);
  if (accessories != NULL)
    accessory = g_variant_n_children (accessories) == 1
                  ? g_variant_get_child_value (accessories, 0)
                  : pick_on_terminal (context, bus, &filters, &error);
  if (accessory == NULL)
    return blepick_context_fail (context, error, TRUE);

  g_autofree char *id = g_strdup (blepick_member (accessory, "id"));

  words[1] = id;
  return blepick_run_monitor (context, 2, words);
}
