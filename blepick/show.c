/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick show: one accessory of this command's app, with what the grant covers. Connects
 * to nothing. */

#include <stdio.h>
#include <string.h>

#include "ble/names.h"
#include "ble/uuid.h"
#include "blepick/accessory-json.h"
#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

#define BATTERY_SERVICE "180f" /* Assigned Numbers 3.4 */
#define BATTERY_LEVEL   "2a19" /* Assigned Numbers 3.8 */
#define BATTERY_UNKNOWN (-1)
#define BATTERY_MAX     100 /* Battery Service 1.0, 3.1 */
#define STATE_AWAITING  10

typedef struct
{
  GVariant *accessory; /* a{sv} of ListAccessories */
  GVariant *services;  /* as */
  gboolean connected;
  guint32 state;
  int battery; /* in percent, or BATTERY_UNKNOWN */
  gboolean values_on_bus;
} Shown;

static const char *
name_service (const char *text)
{
  BleUuid uuid;

  return ble_uuid_parse (text, &uuid) ? ble_service_to_label (&uuid) : NULL;
}

/* Only over a link that there is: looking makes none. */
static int
read_battery (BlepickBus *bus, GVariant *accessory)
{
  g_autofree char *path = blepick_accessory_path (accessory);
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, path, BLEPICK_ACCESSORY_INTERFACE, "ReadValue",
                      g_variant_new ("(ss@a{sv})", BATTERY_SERVICE, BATTERY_LEVEL,
                                     blepick_empty_options ()),
                      "(ay)", NULL);
  g_autoptr (GVariant) value =
    reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  guchar percent;

  if (value == NULL || g_variant_n_children (value) != 1)
    return BATTERY_UNKNOWN;
  g_variant_get_child (value, 0, "y", &percent);
  return percent <= BATTERY_MAX ? percent : BATTERY_UNKNOWN;
}

/* Whether values that are followed now can be heard by others: Accessory1.ValuesOnBus. */
static gboolean
read_values_on_bus (BlepickBus *bus, GVariant *accessory)
{
  g_autofree char *path = blepick_accessory_path (accessory);
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, path, "org.freedesktop.DBus.Properties", "Get",
                      g_variant_new ("(ss)", BLEPICK_ACCESSORY_INTERFACE, "ValuesOnBus"),
                      "(v)", NULL);
  g_autoptr (GVariant) value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) &&
         g_variant_get_boolean (value);
}

static void
print_json (const BlepickContext *context, const Shown *shown)
{
  JsonBuilder *builder = blepick_json_begin ("show");

  blepick_json_add_accessory (builder, shown->accessory);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, shown->state == STATE_AWAITING
                                            ? "awaiting-authorization"
                                            : "authorized");
  json_builder_set_member_name (builder, "battery");
  if (shown->battery == BATTERY_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    json_builder_add_int_value (builder, shown->battery);
  json_builder_set_member_name (builder, "services");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (shown->services); i++)
    {
      const char *uuid, *name;

      g_variant_get_child (shown->services, i, "&s", &uuid);
      name = name_service (uuid);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "uuid");
      json_builder_add_string_value (builder, uuid);
      json_builder_set_member_name (builder, "name");
      if (name != NULL)
        json_builder_add_string_value (builder, name);
      else
        json_builder_add_null_value (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  blepick_json_print (context, builder, FALSE);
}

static const char *
describe_kind (const char *word)
{
  for (BleKind kind = BLE_KIND_UNKNOWN; kind <= BLE_KIND_LIGHT; kind++)
    if (strcmp (ble_kind_to_word (kind), word) == 0)
      return ble_kind_to_label (kind);
  return ble_kind_to_label (BLE_KIND_UNKNOWN);
}

static const char *
describe_pairing (const char *method)
{
  static const struct
  {
    const char *method;
    const char *text;
  } rows[] = {
    { "none", "not paired" },
    { "just-works", "paired; nothing was verified" },
    { "we-show", "paired; it was given six digits" },
    { "they-show", "paired; its six digits were typed here" },
    { "compare", "paired; six digits were compared" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (strcmp (rows[i].method, method) == 0)
      return rows[i].text;
  return method;
}

static void
print_lifetime (GVariant *accessory)
{
  const char *lifetime = blepick_member (accessory, "lifetime");
  g_autofree char *until = NULL;
  gint64 until_s;

  if (g_variant_lookup (accessory, "until", "x", &until_s))
    until = blepick_format_time (until_s);
  printf ("Yours        %s%s\n", until != NULL ? "until " : "",
          until != NULL                    ? until
          : strcmp (lifetime, "once") == 0 ? "until the app that picked it ends"
                                           : lifetime);
}

static void
print_people (const Shown *shown)
{
  g_autofree char *name = blepick_escape (blepick_member (shown->accessory, "name"));

  printf ("%s\n", name);
  printf ("Id           %s\n", blepick_member (shown->accessory, "id"));
  printf ("Kind         %s\n", describe_kind (blepick_member (shown->accessory, "kind")));
  printf ("Link         %s\n", shown->connected ? "connected" : "not connected");
  if (shown->battery != BATTERY_UNKNOWN)
    printf ("Battery      %d %%\n", shown->battery);
  printf ("Pairing      %s\n",
          blepick_accessory_lost_pairing (shown->accessory)
            ? "lost; give it back and pair it again: blepick forget, blepick pair"
            : describe_pairing (blepick_member (shown->accessory, "pairing-method")));
  print_lifetime (shown->accessory);
  if (shown->values_on_bus)
    printf (
      "Values       some go over the bus, where other programs hear them unless the "
      "level of enforcement is bus or strict: blepick enforce\n");
  if (shown->state == STATE_AWAITING)
    printf ("State        waits until its app has finished setting it up\n");
  for (gsize i = 0; i < g_variant_n_children (shown->services); i++)
    {
      const char *uuid, *service;

      g_variant_get_child (shown->services, i, "&s", &uuid);
      service = name_service (uuid);
      printf ("%-12s %s\n", i == 0 ? "Services" : "", service != NULL ? service : uuid);
    }
}

static void
show (const BlepickContext *context, BlepickBus *bus, GVariant *accessory)
{
  g_autoptr (GVariant) services =
    g_variant_lookup_value (accessory, "services", G_VARIANT_TYPE_STRING_ARRAY);
  Shown shown = { .accessory = accessory, .battery = BATTERY_UNKNOWN };

  if (services == NULL)
    services = g_variant_ref_sink (g_variant_new_strv (NULL, 0));
  shown.services = services;
  g_variant_lookup (accessory, "connected", "b", &shown.connected);
  g_variant_lookup (accessory, "state", "u", &shown.state);
  if (shown.connected)
    {
      shown.battery = read_battery (bus, accessory);
      shown.values_on_bus = read_values_on_bus (bus, accessory);
    }
  if (blepick_context_is_json (context))
    print_json (context, &shown);
  else
    print_people (&shown);
}

int
blepick_run_show (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) accessory = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "show", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "show", argc, 1, 1))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new_session (context, &error);
  if (bus != NULL)
    accessory = blepick_bus_find (bus, argv[1], &error);
  if (accessory == NULL)
    return blepick_context_fail (context, error, FALSE);
  show (context, bus, accessory);
  return BLEPICK_EXIT_OK;
}
