/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick completion: the completions of a shell, and, for them, the words that fit now. */

#include <stdio.h>
#include <string.h>

#include "blepick/blepick-resources.h"
#include "blepick/bus.h"
#include "blepick/devices.h"
#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

/* A shell waits for its words; a broker that has to be started first is worth a second, no more. */
static void
print_accessories (const BlepickContext *context)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new_session (context, NULL);
  g_autoptr (GVariant) accessories = bus != NULL ? blepick_bus_list (bus, NULL) : NULL;

  for (gsize i = 0; accessories != NULL && i < g_variant_n_children (accessories); i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);
      g_autofree char *name = blepick_escape (blepick_member (accessory, "name"));

      printf ("%s\t%.8s\n", name, blepick_member (accessory, "id"));
    }
}

static void
print_devices (const BlepickContext *context)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, NULL);
  g_autoptr (GVariant) devices = bus != NULL ? blepick_devices_list (bus, NULL) : NULL;

  for (gsize i = 0; devices != NULL && i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);

      printf ("%s\t%s\n", blepick_member (device, "device"),
              blepick_member (device, "kind"));
    }
}

static void
print_apps (const BlepickContext *context)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, NULL);
  g_autoptr (GVariant) apps = bus != NULL ? blepick_settings_list_apps (bus, NULL) : NULL;

  for (gsize i = 0; apps != NULL && i < g_variant_n_children (apps); i++)
    {
      g_autoptr (GVariant) app = g_variant_get_child_value (apps, i);

      printf ("%s\t%s\n", blepick_member (app, "app"), blepick_member (app, "id"));
    }
}

static void
print_adapters (const BlepickContext *context)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, NULL);
  g_autoptr (GVariant) reply =
    bus != NULL
      ? blepick_bus_call (bus, BLEPICK_BROKER_PATH, "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", BLEPICK_BROKER_INTERFACE, "Adapters"),
                          "(v)", NULL)
      : NULL;
  g_autoptr (GVariantIter) adapters = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *name;
  gboolean powered;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("a(sbb)")))
    return;
  g_variant_get (value, "a(sbb)", &adapters);
  while (g_variant_iter_next (adapters, "(&sbb)", &name, &powered, NULL))
    printf ("%s\t%s\n", name, powered ? "on" : "off");
}

static void
print_verbs (const BlepickContext *context)
{
  for (const BlepickVerb *verb = blepick_verbs; verb->name != NULL; verb++)
    printf ("%s\t%s\n", verb->name, verb->summary);
}

static int
print_words (const BlepickContext *context, const char *kind)
{
  static const struct
  {
    const char *kind;
    void (*print) (const BlepickContext *context);
  } kinds[] = {
    { "verbs", print_verbs },       { "accessories", print_accessories },
    { "devices", print_devices },   { "apps", print_apps },
    { "adapters", print_adapters },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].kind, kind) == 0)
      {
        kinds[i].print (context);
        return BLEPICK_EXIT_OK;
      }
  return blepick_verb_misuse (
    context, "There are words for: verbs, accessories, devices, apps, adapters");
}

int
blepick_run_completion (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *kind = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) script = NULL;
  const GOptionEntry entries[] = {
    { "words", 0, 0, G_OPTION_ARG_STRING, &kind,
      "Print the words that fit now, with a tab and what they mean (verbs, accessories, devices, apps, adapters)",
      "KIND" },
    G_OPTION_ENTRY_NULL,
  };

  if (!blepick_verb_parse (context, "completion", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "completion", argc, kind != NULL ? 0 : 1,
                            kind != NULL ? 0 : 1))
    return BLEPICK_EXIT_USAGE;
  if (kind != NULL)
    return print_words (context, kind);
  path = g_strconcat ("/org/blepick/completions/blepick.", argv[1], NULL);
  script = g_resource_lookup_data (blepick_get_resource (), path,
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (script == NULL)
    return blepick_verb_misuse (context, "There are completions for bash, zsh and fish");
  fwrite (g_bytes_get_data (script, NULL), 1, g_bytes_get_size (script), stdout);
  return BLEPICK_EXIT_OK;
}
