/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick refresh: what this computer remembers of an accessory's services is read anew. */

#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

static gboolean
refresh (BlepickBus *bus, GVariant *accessory, GError **error)
{
  g_autofree char *path = blepick_accessory_path (accessory);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) local = NULL;

  reply =
    blepick_bus_call (bus, path, BLEPICK_ACCESSORY_INTERFACE, "Refresh",
                      g_variant_new ("(@a{sv})", blepick_empty_options ()), "()", &local);
  if (reply != NULL)
    return TRUE;
  if (blepick_error_matches (local, BLEPICK_ERROR_NOT_PERMITTED, "bonded"))
    blepick_failure_set (
      error, BLEPICK_EXIT_OTHER, "bonded",
      "What this computer remembers of a paired accessory goes with its "
      "pairing alone. Do both anew: blepick forget, then blepick pick.");
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
print_done (const BlepickContext *context, GVariant *accessory)
{
  g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "What %s consists of was read anew.", name);
      return;
    }
  builder = blepick_json_begin ("refresh");
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, blepick_member (accessory, "id"));
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, blepick_member (accessory, "name"));
  blepick_json_print (context, builder, FALSE);
}

int
blepick_run_refresh (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessory = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "refresh", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "refresh", argc, 1, 1))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessory = blepick_bus_find (bus, argv[1], &error);
  if (accessory == NULL || !refresh (bus, accessory, &error))
    return blepick_context_fail (context, error, FALSE);
  print_done (context, accessory);
  return BLEPICK_EXIT_OK;
}
