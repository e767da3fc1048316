/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick status: what works on this computer, and what does not. */

#include <stdio.h>
#include <string.h>

#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

static GVariant *
get_properties (BlepickBus *bus, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, "org.freedesktop.DBus.Properties",
                      "GetAll", g_variant_new ("(s)", BLEPICK_BROKER_INTERFACE),
                      "(a{sv})", error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/* Whether blepick-session tells the broker of the caller's home directory. */
static gboolean
has_helper (BlepickBus *bus)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_USER_HELPER_INTERFACE, "GetState",
                      g_variant_new ("(@a{sv})", blepick_empty_options ()), "(a{sv})",
                      NULL);
  g_autoptr (GVariant) state =
    reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  gboolean is_complete = FALSE;

  return state != NULL && g_variant_lookup (state, "complete", "b", &is_complete) &&
         is_complete;
}

static void
print_json (const BlepickContext *context,
            GVariant *properties,
            GVariant *adapters,
            gboolean helper)
{
  static const struct
  {
    const char *name;
    const char *property;
  } words[] = {
    { "version", "Version" },
    { "bluetooth", "BluetoothState" },
    { "enforcement", "EnforcementLevel" },
    { "store", "StoreState" },
  };
  JsonBuilder *builder = blepick_json_begin ("status");
  GVariantIter iter;
  const char *name;
  gboolean powered, scanning;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      json_builder_set_member_name (builder, words[i].name);
      json_builder_add_string_value (builder,
                                     blepick_member (properties, words[i].property));
    }
  json_builder_set_member_name (builder, "adapters");
  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, adapters);
  while (g_variant_iter_next (&iter, "(&sbb)", &name, &powered, &scanning))
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, name);
      json_builder_set_member_name (builder, "powered");
      json_builder_add_boolean_value (builder, powered);
      json_builder_set_member_name (builder, "scanning");
      json_builder_add_boolean_value (builder, scanning);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "home_directory");
  json_builder_add_boolean_value (builder, helper);
  blepick_json_print (context, builder, FALSE);
}

static const struct
{
  const char *state;
  const char *text;
} explanations[] = {
  { "powered-on", "on" },
  { "powered-off", "off. Switch it on: bluetoothctl power on" },
  { "no-adapter", "there is no adapter" },
  { "no-daemon", "bluetoothd is not running. Start it: systemctl start bluetooth" },
  { "moved-aside",
    "the store was damaged and put aside: everything is denied until granted again" },
  { "behind",
    "access that was taken away is closed, but not stored yet: is the disk full?" },
  { "read-only", "they cannot be changed: is the disk full?" },
};

static const char *
explain (const char *state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++)
    if (strcmp (explanations[i].state, state) == 0)
      return explanations[i].text;
  return state;
}

static void
print_people (GVariant *properties, GVariant *adapters, gboolean helper)
{
  const char *store = blepick_member (properties, "StoreState");
  GVariantIter iter;
  const char *name;
  gboolean powered, scanning;

  printf ("Bluetooth    %s\n", explain (blepick_member (properties, "BluetoothState")));
  g_variant_iter_init (&iter, adapters);
  while (g_variant_iter_next (&iter, "(&sbb)", &name, &powered, &scanning))
    printf ("  %-10s %s%s\n", name, powered ? "on" : "off", scanning ? ", scanning" : "");
  printf ("Service      %s\n", blepick_member (properties, "Version"));
  printf ("Enforcement  %s\n", blepick_member (properties, "EnforcementLevel"));
  printf ("Apps         %s\n",
          helper ? "of this computer and of your home directory"
                 : "of this computer only. For those of your home directory: "
                   "systemctl --user restart blepick-session");
  printf ("Permissions  %s\n", explain (store));
}

int
blepick_run_status (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) properties = NULL, adapters = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "status", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "status", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new (context, &error);
  if (bus != NULL)
    properties = get_properties (bus, &error);
  if (properties == NULL)
    return blepick_context_fail (context, error, FALSE);
  adapters = g_variant_lookup_value (properties, "Adapters", G_VARIANT_TYPE ("a(sbb)"));
  if (adapters == NULL)
    adapters = g_variant_ref_sink (g_variant_new ("a(sbb)", NULL));
  if (blepick_context_is_json (context))
    print_json (context, properties, adapters, has_helper (bus));
  else
    print_people (properties, adapters, has_helper (bus));
  return strcmp (blepick_member (properties, "BluetoothState"), "powered-on") == 0
           ? BLEPICK_EXIT_OK
           : BLEPICK_EXIT_BLUETOOTH;
}
