/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-advertisement.h"

#include "tests/lab/virtual-accessory-profile.h"

#define INTERFACE "org.bluez.LEAdvertisement1"

/* Real straps take 100 ms to a second; each time costs emulated CPU. */
#define REPEAT_MS 500

struct _AccessoryAdvertisement
{
  GDBusConnection *bus;
  const AccessoryWords *words;
  GDBusNodeInfo *node;
  guint registration;
  guint repeat;
};

/* doc/advertising-api.txt of BlueZ 5.66. */
static const char node_xml[] =
  "<node>"
  " <interface name='" INTERFACE "'>"
  "  <method name='Release'/>"
  "  <property name='Type' type='s' access='read'/>"
  "  <property name='ServiceUUIDs' type='as' access='read'/>"
  "  <property name='ManufacturerData' type='a{qv}' access='read'/>"
  "  <property name='ServiceData' type='a{sv}' access='read'/>"
  "  <property name='Discoverable' type='b' access='read'/>"
  "  <property name='LocalName' type='s' access='read'/>"
  "  <property name='Appearance' type='q' access='read'/>"
  " </interface>"
  "</node>";

/* Each returns NULL when the advertisement has no such field. */

static GVariant *
get_type (const AccessoryWords *words)
{
  return g_variant_new_string ("peripheral");
}

static GVariant *
get_service_uuids (const AccessoryWords *words)
{
  g_autofree char *uuid = accessory_profile_uuid (words->services[0]);
  const char *uuids[] = { uuid, NULL };

  return g_variant_new_strv (uuids, -1);
}

static GVariant *
bytes_to_variant (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
get_manufacturer_data (const AccessoryWords *words)
{
  GVariantBuilder builder;

  if (words->manufacturer == NULL)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{qv}"));
  g_variant_builder_add (&builder, "{qv}", words->company,
                         bytes_to_variant (words->manufacturer));
  return g_variant_builder_end (&builder);
}

static GVariant *
get_service_data (const AccessoryWords *words)
{
  g_autofree char *uuid = NULL;
  GVariantBuilder builder;

  if (words->service_data == NULL)
    return NULL;
  uuid = accessory_profile_uuid (words->service_data_uuid);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", uuid, bytes_to_variant (words->service_data));
  return g_variant_builder_end (&builder);
}

static GVariant *
get_discoverable (const AccessoryWords *words)
{
  return g_variant_new_boolean (TRUE);
}

static GVariant *
get_local_name (const AccessoryWords *words)
{
  return words->name[0] != '\0' ? g_variant_new_string (words->name) : NULL;
}

static GVariant *
get_appearance (const AccessoryWords *words)
{
  return words->appearance != 0 ? g_variant_new_uint16 (words->appearance) : NULL;
}

static const struct
{
  const char *name;
  GVariant *(*get) (const AccessoryWords *words);
} properties[] = {
  { "Type", get_type },
  { "ServiceUUIDs", get_service_uuids },
  { "ManufacturerData", get_manufacturer_data },
  { "ServiceData", get_service_data },
  { "Discoverable", get_discoverable },
  { "LocalName", get_local_name },
  { "Appearance", get_appearance },
};

static GVariant *
get_property (GDBusConnection *bus,
              const char *sender,
              const char *path,
              const char *interface,
              const char *property,
              GError **error,
              gpointer user_data)
{
  const AccessoryAdvertisement *advertisement = user_data;
  GVariant *value = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    if (g_str_equal (property, properties[i].name))
      value = properties[i].get (advertisement->words);
  /* GetAll, which is what bluetoothd calls, leaves such a property out. */
  if (value == NULL)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_PROPERTY, "no %s", property);
  return value;
}

/* Release, the only method: bluetoothd has dropped the advertisement. */
static void
handle_call (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *method,
             GVariant *parameters,
             GDBusMethodInvocation *invocation,
             gpointer user_data)
{
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const GDBusInterfaceVTable vtable = {
  .method_call = handle_call,
  .get_property = get_property,
};

/* A change, even to the same, makes bluetoothd tell the controller to advertise. */
static gboolean
on_repeat (gpointer user_data)
{
  AccessoryAdvertisement *advertisement = user_data;
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "ServiceUUIDs",
                         get_service_uuids (advertisement->words));
  g_dbus_connection_emit_signal (advertisement->bus, "org.bluez",
                                 ACCESSORY_ADVERTISEMENT_PATH,
                                 "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                 g_variant_new ("(sa{sv}as)", INTERFACE, &changed, NULL),
                                 NULL);
  return G_SOURCE_CONTINUE;
}

void
accessory_advertisement_set_repeating (AccessoryAdvertisement *advertisement,
                                       gboolean repeating)
{
  g_clear_handle_id (&advertisement->repeat, g_source_remove);
  if (repeating)
    advertisement->repeat = g_timeout_add (REPEAT_MS, on_repeat, advertisement);
}

AccessoryAdvertisement *
accessory_advertisement_new (GDBusConnection *bus,
                             const AccessoryWords *words,
                             GError **error)
{
  AccessoryAdvertisement *advertisement = NULL;

  if (!g_utf8_validate (words->name, -1, NULL))
    {
      g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD,
                   "name=: not UTF-8, which D-Bus cannot carry");
      return NULL;
    }
  advertisement = g_new0 (AccessoryAdvertisement, 1);
  advertisement->bus = g_object_ref (bus);
  advertisement->words = words;
  advertisement->node = g_dbus_node_info_new_for_xml (node_xml, error);
  if (advertisement->node != NULL)
    advertisement->registration = g_dbus_connection_register_object (
      bus, ACCESSORY_ADVERTISEMENT_PATH,
      g_dbus_node_info_lookup_interface (advertisement->node, INTERFACE), &vtable,
      advertisement, NULL, error);
  if (advertisement->registration == 0)
    g_clear_pointer (&advertisement, accessory_advertisement_free);
  return advertisement;
}

void
accessory_advertisement_free (AccessoryAdvertisement *advertisement)
{
  if (advertisement == NULL)
    return;
  g_clear_handle_id (&advertisement->repeat, g_source_remove);
  if (advertisement->registration != 0)
    g_dbus_connection_unregister_object (advertisement->bus, advertisement->registration);
  g_clear_pointer (&advertisement->node, g_dbus_node_info_unref);
  g_object_unref (advertisement->bus);
  g_free (advertisement);
}
