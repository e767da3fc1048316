/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick forget and rename: what a person does with an accessory that is his. */

#include <stdio.h>

#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

/* What the person says of the pairing; nothing: the broker undoes what it made. */
typedef struct
{
  gboolean all;
  gboolean unpair;
  gboolean keep_pairing;
} Wanted;

static GVariant *
build_options (const Wanted *wanted)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (wanted->unpair || wanted->keep_pairing)
    g_variant_dict_insert (&options, "unpair", "b", wanted->unpair);
  return g_variant_dict_end (&options);
}

static gboolean
forget_one (const BlepickContext *context,
            BlepickBus *bus,
            GVariant *accessory,
            const Wanted *wanted,
            GError **error)
{
  const char *id = blepick_member (accessory, "id");
  g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, bus->session, BLEPICK_SESSION_INTERFACE, "RemoveAccessory",
                      g_variant_new ("(s@a{sv})", id, build_options (wanted)), "()",
                      error);
  JsonBuilder *builder;

  if (reply == NULL)
    return FALSE;
  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "%s is not yours any more.", name);
      return TRUE;
    }
  builder = blepick_json_begin ("forget");
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, id);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, blepick_member (accessory, "name"));
  blepick_json_print (context, builder, TRUE);
  return TRUE;
}

/* All of them are found before the first one is given back. */
static GPtrArray *
select_all (GVariant *accessories, int argc, char **argv, gboolean all, GError **error)
{
  g_autoptr (GPtrArray) chosen =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (gsize i = 0; all && i < g_variant_n_children (accessories); i++)
    g_ptr_array_add (chosen, g_variant_get_child_value (accessories, i));
  for (int i = 1; i < argc; i++)
    {
      GVariant *accessory = blepick_select (accessories, argv[i], error);

      if (accessory == NULL)
        return NULL;
      g_ptr_array_add (chosen, accessory);
    }
  return g_steal_pointer (&chosen);
}

int
blepick_run_forget (const BlepickContext *context, int argc, char **argv)
{
  Wanted wanted = { 0 };
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &wanted.all, "Everything that you have", NULL },
    { "unpair", 0, 0, G_OPTION_ARG_NONE, &wanted.unpair,
      "Unpair it too, whoever paired it, unless another app has it", NULL },
    { "keep-pairing", 0, 0, G_OPTION_ARG_NONE, &wanted.keep_pairing,
      "Leave it paired, also where blepick paired it", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessories = NULL;
  g_autoptr (GPtrArray) chosen = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "forget", entries, &argc, &argv))
    return BLEPICK_EXIT_USAGE;
  if (wanted.unpair && wanted.keep_pairing)
    return blepick_verb_misuse (context, "Either --unpair or --keep-pairing");
  if ((argc < 2) != wanted.all)
    return blepick_verb_misuse (context,
                                "Name what to forget, or say --all. See: blepick list");

  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessories = blepick_bus_list (bus, &error);
  if (accessories != NULL)
    chosen = select_all (accessories, argc, argv, wanted.all, &error);
  if (chosen == NULL)
    return blepick_context_fail (context, error, FALSE);
  for (guint i = 0; i < chosen->len; i++)
    if (!forget_one (context, bus, g_ptr_array_index (chosen, i), &wanted, &error))
      return blepick_context_fail (context, error, FALSE);
  return BLEPICK_EXIT_OK;
}

int
blepick_run_rename (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessory = NULL, reply = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "rename", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "rename", argc, 2, 2))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessory = blepick_bus_find (bus, argv[1], &error);
  if (accessory != NULL)
    reply =
      blepick_bus_call (bus, bus->session, BLEPICK_SESSION_INTERFACE, "RenameAccessory",
                        g_variant_new ("(ss@a{sv})", blepick_member (accessory, "id"),
                                       argv[2], blepick_empty_options ()),
                        "()", &error);
  if (reply == NULL)
    return blepick_context_fail (context, error, FALSE);
  if (blepick_context_is_json (context))
    {
      JsonBuilder *builder = blepick_json_begin ("rename");

      json_builder_set_member_name (builder, "id");
      json_builder_add_string_value (builder, blepick_member (accessory, "id"));
      blepick_json_print (context, builder, FALSE);
    }
  return BLEPICK_EXIT_OK;
}
