/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick apps: the apps that have asked for Bluetooth here, and what they declare. */

#include <stdio.h>
#include <string.h>

#include "blepick/apps-device.h"
#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

/* For people: a program without an id of its own is one of the others. */
static const char *
get_id (GVariant *app)
{
  const char *id = blepick_member (app, "id");

  return id[0] != '\0' ? id : "host";
}

/* A policy decides the row, or whether there is a picker. */
static gboolean
is_managed (GVariant *app)
{
  gboolean managed = FALSE;

  g_variant_lookup (app, "managed", "b", &managed);
  return managed || strcmp (blepick_member (app, "picker"), "restricted:policy") == 0;
}

/* ---- JSON ---- */

static void
add_string (JsonBuilder *builder, GVariant *app, const char *key, const char *name)
{
  const char *value;

  json_builder_set_member_name (builder, name);
  if (g_variant_lookup (app, key, "&s", &value) && value[0] != '\0')
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_strings (JsonBuilder *builder, GVariant *app, const char *key, const char *name)
{
  g_autoptr (GVariant) list =
    g_variant_lookup_value (app, key, G_VARIANT_TYPE_STRING_ARRAY);

  blepick_settings_add_strings (builder, list, name);
}

static void
add_companies (JsonBuilder *builder, GVariant *app)
{
  g_autoptr (GVariant) list =
    g_variant_lookup_value (app, "companies", G_VARIANT_TYPE ("aq"));

  json_builder_set_member_name (builder, "companies");
  json_builder_begin_array (builder);
  for (gsize i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      guint16 company;

      g_variant_get_child (list, i, "q", &company);
      json_builder_add_int_value (builder, company);
    }
  json_builder_end_array (builder);
}

static void
add_app (JsonBuilder *builder, GVariant *app)
{
  guint32 accessories = 0;

  g_variant_lookup (app, "accessories", "u", &accessories);
  json_builder_begin_object (builder);
  add_string (builder, app, "app", "app");
  add_string (builder, app, "kind", "kind");
  add_string (builder, app, "id", "id");
  add_string (builder, app, "strength", "strength");
  add_string (builder, app, "fingerprint", "fingerprint");
  add_string (builder, app, "changed-to", "changed_to");
  add_strings (builder, app, "asks", "asks");
  add_string (builder, app, "bluetooth", "bluetooth");
  json_builder_set_member_name (builder, "managed");
  json_builder_add_boolean_value (builder, is_managed (app));
  add_string (builder, app, "picker", "picker");
  json_builder_set_member_name (builder, "accessories");
  json_builder_add_int_value (builder, accessories);
  add_string (builder, app, "manifest", "manifest");
  add_string (builder, app, "fault", "fault");
  add_strings (builder, app, "services", "services");
  add_companies (builder, app);
  add_strings (builder, app, "names", "names");
  add_strings (builder, app, "blocklisted", "blocklisted");
  add_strings (builder, app, "flags", "flags");
  json_builder_end_object (builder);
}

/* ---- people ---- */

static void
print_row (GVariant *app)
{
  g_autofree char *id = blepick_escape (get_id (app));
  guint32 accessories = 0;

  g_variant_lookup (app, "accessories", "u", &accessories);
  printf ("%-36s %-8s %u accessor%s, Bluetooth %s%s%s\n", id,
          blepick_member (app, "kind"), accessories, accessories == 1 ? "y" : "ies",
          blepick_member (app, "bluetooth"), is_managed (app) ? " (managed)" : "",
          blepick_member (app, "changed-to")[0] != '\0' ? ", CHANGED: not confirmed"
                                                        : "");
}

static void
print_strings (GVariant *app, const char *key, const char *title)
{
  g_autoptr (GVariant) list =
    g_variant_lookup_value (app, key, G_VARIANT_TYPE_STRING_ARRAY);
  gsize n = list != NULL ? g_variant_n_children (list) : 0;

  if (n == 0)
    return;
  printf ("%-12s ", title);
  for (gsize i = 0; i < n; i++)
    {
      const char *value;

      g_variant_get_child (list, i, "&s", &value);
      g_autofree char *text = blepick_escape (value);
      printf ("%s%s", i > 0 ? ", " : "", text);
    }
  printf ("\n");
}

static void
print_companies (GVariant *app)
{
  g_autoptr (GVariant) list =
    g_variant_lookup_value (app, "companies", G_VARIANT_TYPE ("aq"));
  gsize n = list != NULL ? g_variant_n_children (list) : 0;

  for (gsize i = 0; i < n; i++)
    {
      guint16 company;

      g_variant_get_child (list, i, "q", &company);
      printf ("%s0x%04x%s", i == 0 ? "Companies    " : ", ", company,
              i + 1 == n ? "\n" : "");
    }
}

static void
print_line (const char *title, const char *text)
{
  g_autofree char *escaped = blepick_escape (text);

  if (text[0] != '\0')
    printf ("%-12s %s\n", title, escaped);
}

static void
print_app (GVariant *app)
{
  const char *manifest = blepick_member (app, "manifest");

  print_line ("App", blepick_member (app, "app"));
  print_line ("Identity", blepick_member (app, "strength"));
  print_line ("Publisher", blepick_member (app, "fingerprint"));
  print_line ("Changed to", blepick_member (app, "changed-to"));
  print_line ("Bluetooth", blepick_member (app, "bluetooth"));
  print_line ("Managed", is_managed (app) ? "by a policy. See: blepick grants" : "");
  print_line ("Manifest", strcmp (manifest, "none") == 0  ? "none: it declared nothing"
                          : strcmp (manifest, "bad") == 0 ? blepick_member (app, "fault")
                                                          : "read");
  print_strings (app, "asks", "Asks for");
  print_strings (app, "services", "Services");
  print_companies (app);
  print_strings (app, "names", "Names");
  print_strings (app, "blocklisted", "Blocklisted");
  print_strings (app, "flags", "Also");
}

/* ---- the verbs ---- */

static int
run_list (const BlepickContext *context, GVariant *apps)
{
  gsize n = g_variant_n_children (apps);
  JsonBuilder *builder = NULL;

  if (blepick_context_is_json (context))
    {
      builder = blepick_json_begin ("apps");
      json_builder_set_member_name (builder, "apps");
      json_builder_begin_array (builder);
    }
  else if (n == 0)
    blepick_context_say (context, "No app has asked for Bluetooth yet.");
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) app = g_variant_get_child_value (apps, i);

      if (builder != NULL)
        add_app (builder, app);
      else
        print_row (app);
    }
  if (builder != NULL)
    {
      json_builder_end_array (builder);
      blepick_json_print (context, builder, FALSE);
    }
  return BLEPICK_EXIT_OK;
}

static int
run_show (const BlepickContext *context, GVariant *app)
{
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      print_app (app);
      return BLEPICK_EXIT_OK;
    }
  builder = blepick_json_begin ("app");
  json_builder_set_member_name (builder, "app");
  add_app (builder, app);
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

static int
run_confirm (const BlepickContext *context, BlepickBus *bus, GVariant *app)
{
  const char *key = blepick_member (app, "app");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = blepick_bus_call (
    bus, BLEPICK_BROKER_PATH, BLEPICK_PERMISSIONS_INTERFACE, "ConfirmApp",
    g_variant_new ("(s@a{sv})", key, blepick_empty_options ()), "()", &error);
  JsonBuilder *builder;

  if (reply == NULL)
    return blepick_context_fail (context, error, FALSE);
  if (!blepick_context_is_json (context))
    {
      g_autofree char *id = blepick_escape (get_id (app));

      blepick_context_say (context, "Confirmed: %s keeps what it was given.", id);
      return BLEPICK_EXIT_OK;
    }
  builder = blepick_json_begin ("confirmed");
  json_builder_set_member_name (builder, "app");
  json_builder_add_string_value (builder, key);
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

static int
run_on_bus (const BlepickContext *context, const char *verb, const char *selector)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, &error);
  g_autoptr (GVariant) apps =
    bus != NULL ? blepick_settings_list_apps (bus, &error) : NULL;
  g_autoptr (GVariant) app = NULL;

  if (apps == NULL)
    return blepick_context_fail (context, error, FALSE);
  if (selector == NULL)
    return run_list (context, apps);
  app = blepick_settings_select_app (apps, selector, &error);
  if (app == NULL)
    return blepick_context_fail (context, error, FALSE);
  return strcmp (verb, "show") == 0 ? run_show (context, app)
                                    : run_confirm (context, bus, app);
}

/* Returns: (transfer full): what is wrong with the words and options, or NULL. */
static char *
find_misuse (const char *verb, const char *device, gboolean has_facts)
{
  gboolean is_install = strcmp (verb, "install") == 0;
  gboolean needs_device = is_install || strcmp (verb, "uninstall") == 0;
  gboolean takes_device = needs_device || strcmp (verb, "confirm") == 0;

  if (!takes_device && strcmp (verb, "list") != 0 && strcmp (verb, "show") != 0)
    return g_strdup_printf ("There is no apps %s. See: blepick apps --help", verb);
  if (needs_device && device == NULL)
    return g_strdup_printf ("What is on this machine is noticed by itself; apps %s needs "
                            "--device DEV",
                            verb);
  if (device != NULL && !takes_device)
    return g_strdup_printf ("apps %s is about this machine. See: blepick companions",
                            verb);
  return has_facts && !is_install
           ? g_strdup_printf ("apps %s takes neither --asks nor --fingerprint", verb)
           : NULL;
}

int
blepick_run_apps (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *device = NULL, *asks = NULL, *fingerprint = NULL;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "On a companion", "DEV" },
    { "asks", 0, 0, G_OPTION_ARG_STRING, &asks,
      "Of install: accessory-setup, bluetooth, or both with a + between them", "ACCESS" },
    { "fingerprint", 0, 0, G_OPTION_ARG_STRING, &fingerprint,
      "Of install: its publisher there (default: as here)", "TEXT" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autofree char *misuse = NULL;
  const char *verb;
  gboolean is_list;

  if (!blepick_verb_parse (context, "apps", entries, &argc, &argv))
    return BLEPICK_EXIT_USAGE;
  verb = argc > 1 ? argv[1] : "list";
  is_list = strcmp (verb, "list") == 0;
  misuse = find_misuse (verb, device, asks != NULL || fingerprint != NULL);
  if (misuse != NULL)
    return blepick_verb_misuse (context, "%s", misuse);
  if (!blepick_verb_expect (context, "apps", argc, is_list ? 0 : 2, is_list ? 1 : 2))
    return BLEPICK_EXIT_USAGE;
  if (device != NULL)
    return blepick_apps_change_on_device (
      context, &(BlepickAppWish){ verb, argv[2], device, asks, fingerprint });
  return run_on_bus (context, verb, is_list ? NULL : argv[2]);
}
