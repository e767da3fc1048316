/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick pair: pairs the accessory of a name, for scripts: nobody is asked; what cannot be
 * answered ends it and names the option that would have. */

#include <stdio.h>
#include <string.h>

#include "blepick/filters.h"
#include "blepick/picking.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

#define DEFAULT_WAIT_MS 30000
#define NO_PASSKEY      (-1)
#define PASSKEY_MAX     999999

typedef struct
{
  const char *name;
  gint passkey;
  gboolean chosen;
} Script;

static void
choose_when_named (BlepickPicking *picking,
                   const BlepickRow *row,
                   gboolean news,
                   gpointer user_data)
{
  Script *script = user_data;

  if (script->chosen || !news ||
      row != blepick_rows_find_name (blepick_picking_rows (picking), script->name))
    return;
  script->chosen = TRUE;
  blepick_context_say (blepick_picking_context (picking), "Found it. Pairing...");
  blepick_picking_choose (picking, row);
}

/* It left in that moment: when it is heard again, it has another row. */
static void
choose_again (BlepickPicking *picking, gpointer user_data)
{
  Script *script = user_data;

  script->chosen = FALSE;
}

static void
abandon (BlepickPicking *picking, const char *cause, const char *text)
{
  GError *error = NULL;

  blepick_failure_set (&error, BLEPICK_EXIT_PAIRING, cause, "%s", text);
  blepick_picking_abandon (picking, error);
}

/* No remark that --quiet may leave out: without it there is no pairing. */
static void
show_passkey (const BlepickContext *context, guint32 passkey)
{
  g_autofree char *digits = g_strdup_printf ("%06u", passkey);
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      fprintf (stderr, "Type %s on the accessory.\n", digits);
      return;
    }
  builder = blepick_json_begin ("passkey");
  json_builder_set_member_name (builder, "passkey");
  json_builder_add_string_value (builder, digits);
  blepick_json_print (context, builder, TRUE);
}

static void
answer_prompt (BlepickPicking *picking, GVariant *prompt, gpointer user_data)
{
  const Script *script = user_data;
  const char *kind = blepick_member (prompt, "kind");
  guint32 passkey = 0, entered = 0;

  g_variant_lookup (prompt, "passkey", "u", &passkey);
  g_variant_lookup (prompt, "entered", "u", &entered);
  if (strcmp (kind, "display") == 0)
    {
      if (entered == 0)
        show_passkey (blepick_picking_context (picking), passkey);
    }
  else if (script->passkey == NO_PASSKEY)
    {
      abandon (
        picking, "passkey-needed",
        "The accessory shows six digits and wants them. Give them: --passkey NUMBER");
    }
  else if (strcmp (kind, "compare") == 0)
    {
      blepick_picking_answer (picking, passkey == (guint32) script->passkey, 0);
    }
  else
    {
      blepick_picking_answer (picking, TRUE, (guint32) script->passkey);
    }
}

static const BlepickView script_view = { .row = choose_when_named,
                                         .refused = choose_again,
                                         .prompt = answer_prompt };

static GVariant *
build_options (const BlepickContext *context, gboolean accept_unverified)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "timeout", "s", "unbounded");
  g_variant_dict_insert (&options, "accept-unverified", "b", accept_unverified);
  if (context->adapter != NULL)
    g_variant_dict_insert (&options, "adapter", "s", context->adapter);
  return g_variant_dict_end (&options);
}

/* A picker that this command closed itself because the time was over has found nothing. */
static void
explain_cancel (GError **error, const Script *script)
{
  if (script->chosen ||
      !blepick_error_matches (*error, BLEPICK_ERROR_USER_CANCELLED, "cancelled"))
    return;
  g_clear_error (error);
  blepick_failure_set (
    error, BLEPICK_EXIT_NOTHING, "nothing-found",
    "Nothing of that name was heard, or several were. See: blepick scan");
}

static gboolean
rename_accessory (BlepickBus *bus, const char *id, const char *name, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, bus->session, BLEPICK_SESSION_INTERFACE, "RenameAccessory",
                      g_variant_new ("(ss@a{sv})", id, name, blepick_empty_options ()),
                      "()", error);

  return reply != NULL;
}

static void
print_paired (const BlepickContext *context, GVariant *accessory)
{
  const char *id = blepick_member (accessory, "id");
  const char *name = blepick_member (accessory, "name");
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      g_autofree char *safe = blepick_escape (name);
      g_autofree char *shown = blepick_context_show_id (context, id);

      printf ("%s is yours (%s).\n", safe, shown);
      return;
    }
  builder = blepick_json_begin ("pair");
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, id);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, name);
  blepick_json_print (context, builder, FALSE);
}

int
blepick_run_pair (const BlepickContext *context, int argc, char **argv)
{
  g_auto (BlepickFilters) filters = { 0 };
  g_autofree char *new_name = NULL;
  gboolean accept_unverified = FALSE;
  Script script = { .passkey = NO_PASSKEY };
  const GOptionEntry entries[] = {
    BLEPICK_FILTER_ENTRIES (filters),
    { "as", 0, 0, G_OPTION_ARG_STRING, &new_name, "Call it this from now on", "NAME" },
    { "passkey", 0, 0, G_OPTION_ARG_INT, &script.passkey, "The six digits that it shows",
      "N" },
    { "accept-unverified", 0, 0, G_OPTION_ARG_NONE, &accept_unverified,
      "Take a pairing that verified nothing", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) items = NULL, accessory = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  guint wait_ms = context->timeout_ms > 0 ? context->timeout_ms : DEFAULT_WAIT_MS;

  if (!blepick_verb_parse (context, "pair", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "pair", argc, 1, 1))
    return BLEPICK_EXIT_USAGE;
  if (script.passkey < NO_PASSKEY || script.passkey > PASSKEY_MAX)
    return blepick_verb_misuse (context, "A passkey has six digits: 000000 to 999999");

  script.name = argv[1];
  items = blepick_filters_build (&filters, &error);
  if (items != NULL)
    bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    id = blepick_picking_run (
      context, bus,
      &(BlepickPickingAsk){ items, build_options (context, accept_unverified), wait_ms },
      &script_view, &script, &error);
  if (id == NULL)
    {
      explain_cancel (&error, &script);
      return blepick_context_fail (context, error, TRUE);
    }
  if (new_name == NULL || rename_accessory (bus, id, new_name, &error))
    accessory = blepick_bus_find (bus, id, &error);
  if (accessory == NULL)
    return blepick_context_fail (context, error, FALSE);
  print_paired (context, accessory);
  return BLEPICK_EXIT_OK;
}
