/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick unpair: takes an accessory off this computer, from whichever app has it. */

#include <string.h>

#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

static gboolean
is_unknown (const GError *error)
{
  return g_error_matches (error, BLEPICK_FAILURE, BLEPICK_EXIT_NO_SUCH) &&
         g_str_has_prefix (error->message, "no-such:");
}

/* Of this command's own accessories first, then of those of any app. Sets @ret_id and @ret_name, to be
 * freed. */
static gboolean
find (BlepickBus *bus,
      const char *selector,
      char **ret_id,
      char **ret_name,
      GError **error)
{
  g_autoptr (GVariant) accessories = blepick_bus_list (bus, error);
  g_autoptr (GVariant) grants = NULL, found = NULL;
  g_autoptr (GError) local = NULL;

  if (accessories == NULL)
    return FALSE;
  found = blepick_select (accessories, selector, &local);
  if (found != NULL)
    {
      *ret_id = g_strdup (blepick_member (found, "id"));
      *ret_name = g_strdup (blepick_member (found, "name"));
      return TRUE;
    }
  if (!is_unknown (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  grants = blepick_settings_list_grants (bus, error);
  if (grants != NULL)
    found = blepick_settings_select_grant (grants, NULL, selector, error);
  if (found == NULL)
    return FALSE;
  *ret_id = g_strdup (blepick_member (found, "accessory"));
  *ret_name = g_strdup (blepick_member (found, "name"));
  return TRUE;
}

static gboolean
unpair (BlepickBus *bus, const char *id, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_PERMISSIONS_INTERFACE, "Unpair",
                      g_variant_new ("(s@a{sv})", id, blepick_empty_options ()), "()",
                      error);

  return reply != NULL;
}

static void
print_done (const BlepickContext *context, const char *id, const char *name)
{
  g_autofree char *safe = blepick_escape (name);
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "%s is not paired with this computer any more.",
                           safe);
      return;
    }
  builder = blepick_json_begin ("unpair");
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, id);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, name);
  blepick_json_print (context, builder, FALSE);
}

int
blepick_run_unpair (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autofree char *id = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "unpair", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "unpair", argc, 1, 1))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new_session (context, &error);
  if (bus == NULL || !find (bus, argv[1], &id, &name, &error) ||
      !unpair (bus, id, &error))
    {
      if (blepick_error_matches (error, BLEPICK_ERROR_INVALID_REQUEST, "not-paired"))
        {
          g_clear_error (&error);
          blepick_failure_set (&error, BLEPICK_EXIT_NO_SUCH, "not-paired",
                               "It is not paired with this computer. To give it back "
                               "all the same: blepick forget");
        }
      return blepick_context_fail (context, error, FALSE);
    }
  print_done (context, id, name);
  return BLEPICK_EXIT_OK;
}
