/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-gatt.h"

#include "tests/lab/virtual-accessory-profile.h"
#include "tests/lab/virtual-accessory-report.h"

#define SERVICE_INTERFACE        "org.bluez.GattService1"
#define CHARACTERISTIC_INTERFACE "org.bluez.GattCharacteristic1"

typedef struct
{
  AccessoryGatt *gatt;
  const AccessoryProfileRow *row;
  char *path;
  char *service_path;
  guint registration;
  GBytes *value;      /* what a read gets */
  gboolean wanted;    /* bluetoothd has asked for notifications */
  gboolean announced; /* the last event was `subscribed` */
} Characteristic;

typedef struct
{
  guint16 uuid;
  char *path;
  guint registration;
} Service;

struct _AccessoryGatt
{
  GDBusConnection *bus;
  AccessorySecurity security;
  const AccessoryGattEvents *events;
  gpointer user_data;
  GDBusNodeInfo *node;
  guint registration;
  GPtrArray *services;        /* of Service */
  GPtrArray *characteristics; /* of Characteristic */
  gboolean linked;
};

/* What org.bluez expects of an application: doc/gatt-api.txt of BlueZ 5.66. */
static const char node_xml[] =
  "<node>"
  " <interface name='org.freedesktop.DBus.ObjectManager'>"
  "  <method name='GetManagedObjects'>"
  "   <arg type='a{oa{sa{sv}}}' direction='out'/>"
  "  </method>"
  " </interface>"
  " <interface name='" SERVICE_INTERFACE "'>"
  "  <property name='UUID' type='s' access='read'/>"
  "  <property name='Primary' type='b' access='read'/>"
  " </interface>"
  " <interface name='" CHARACTERISTIC_INTERFACE "'>"
  "  <method name='ReadValue'>"
  "   <arg type='a{sv}' direction='in'/><arg type='ay' direction='out'/>"
  "  </method>"
  "  <method name='WriteValue'>"
  "   <arg type='ay' direction='in'/><arg type='a{sv}' direction='in'/>"
  "  </method>"
  "  <method name='StartNotify'/>"
  "  <method name='StopNotify'/>"
  "  <method name='Confirm'/>"
  "  <property name='UUID' type='s' access='read'/>"
  "  <property name='Service' type='o' access='read'/>"
  "  <property name='Flags' type='as' access='read'/>"
  " </interface>"
  "</node>";

static void
free_service (Service *service)
{
  g_free (service->path);
  g_free (service);
}

static void
free_characteristic (Characteristic *characteristic)
{
  g_free (characteristic->path);
  g_free (characteristic->service_path);
  g_bytes_unref (characteristic->value);
  g_free (characteristic);
}

static GVariant *
bytes_to_variant (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
get_service_property (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *property,
                      GError **error,
                      gpointer user_data)
{
  const Service *service = user_data;

  if (g_str_equal (property, "Primary"))
    return g_variant_new_boolean (TRUE);
  return g_variant_new_take_string (accessory_profile_uuid (service->uuid));
}

static GVariant *
get_characteristic_property (GDBusConnection *bus,
                             const char *sender,
                             const char *path,
                             const char *interface,
                             const char *property,
                             GError **error,
                             gpointer user_data)
{
  const Characteristic *characteristic = user_data;
  g_auto (GStrv) flags = NULL;

  if (g_str_equal (property, "UUID"))
    return g_variant_new_take_string (accessory_profile_uuid (characteristic->row->uuid));
  if (g_str_equal (property, "Service"))
    return g_variant_new_object_path (characteristic->service_path);
  flags = accessory_profile_flags (characteristic->row, characteristic->gatt->security);
  return g_variant_new_strv ((const char *const *) flags, -1);
}

/* Says that a subscription has begun or ended, once. It counts only while there is a
 * link. */
static void
announce (Characteristic *characteristic)
{
  AccessoryGatt *gatt = characteristic->gatt;
  gboolean subscribed = characteristic->wanted && gatt->linked;
  guint16 uuid = characteristic->row->uuid;

  if (subscribed == characteristic->announced)
    return;
  characteristic->announced = subscribed;
  accessory_report ("%s %04x", subscribed ? "subscribed" : "unsubscribed", uuid);
  gatt->events->subscribed (uuid, subscribed, gatt->user_data);
}

static void
handle_read (Characteristic *characteristic,
             GVariant *parameters,
             GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 0);
  g_autoptr (GBytes) rest = NULL;
  gsize length = g_bytes_get_size (characteristic->value);
  guint16 offset = 0;

  g_variant_lookup (options, "offset", "q", &offset);
  if (offset > length)
    {
      g_dbus_method_invocation_return_dbus_error (invocation,
                                                  "org.bluez.Error.InvalidOffset",
                                                  "beyond the end of the value");
      return;
    }
  if (offset == 0)
    accessory_report ("read %04x", characteristic->row->uuid);
  rest = g_bytes_new_from_bytes (characteristic->value, offset, length - offset);
  g_dbus_method_invocation_return_value (
    invocation, g_variant_new ("(@ay)", bytes_to_variant (rest)));
}

static char *
bytes_to_hex (GBytes *bytes)
{
  GString *hex = g_string_new (NULL);
  gsize length;
  const guint8 *octets = g_bytes_get_data (bytes, &length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", octets[i]);
  return g_string_free (hex, FALSE);
}

static void
handle_write (Characteristic *characteristic,
              GVariant *parameters,
              GDBusMethodInvocation *invocation)
{
  AccessoryGatt *gatt = characteristic->gatt;
  guint16 uuid = characteristic->row->uuid;
  g_autoptr (GVariant) octets = g_variant_get_child_value (parameters, 0);
  g_autoptr (GBytes) value = g_variant_get_data_as_bytes (octets);
  g_autofree char *hex = bytes_to_hex (value);

  accessory_report ("wrote %04x %s", uuid, hex);
  /* "Control Point Not Supported" for anything but "reset energy expended": Heart Rate
   * Service 1.0, 3.3 and 1.6. */
  if (uuid == ACCESSORY_UUID_HEART_RATE_CONTROL_POINT && !g_str_equal (hex, "01"))
    {
      g_dbus_method_invocation_return_dbus_error (invocation, "org.bluez.Error.Failed",
                                                  "0x80");
      return;
    }
  gatt->events->written (uuid, value, gatt->user_data);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
handle_characteristic_call (GDBusConnection *bus,
                            const char *sender,
                            const char *path,
                            const char *interface,
                            const char *method,
                            GVariant *parameters,
                            GDBusMethodInvocation *invocation,
                            gpointer user_data)
{
  Characteristic *characteristic = user_data;

  if (g_str_equal (method, "ReadValue"))
    handle_read (characteristic, parameters, invocation);
  else if (g_str_equal (method, "WriteValue"))
    handle_write (characteristic, parameters, invocation);
  else
    {
      if (!g_str_equal (method, "Confirm"))
        characteristic->wanted = g_str_equal (method, "StartNotify");
      g_dbus_method_invocation_return_value (invocation, NULL);
      announce (characteristic);
    }
}

typedef GVariant *(*PropertyGetter) (GDBusConnection *bus,
                                     const char *sender,
                                     const char *path,
                                     const char *interface,
                                     const char *property,
                                     GError **error,
                                     gpointer user_data);

/* Adds { path: { interface: { properties } } }. */
static void
add_managed (GVariantBuilder *objects,
             AccessoryGatt *gatt,
             const char *path,
             const char *interface,
             PropertyGetter get,
             gpointer object)
{
  GDBusInterfaceInfo *info = g_dbus_node_info_lookup_interface (gatt->node, interface);
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      const char *name = info->properties[i]->name;

      g_variant_builder_add (&properties, "{sv}", name,
                             get (NULL, NULL, path, interface, name, NULL, object));
    }
  g_variant_builder_open (objects, G_VARIANT_TYPE ("{oa{sa{sv}}}"));
  g_variant_builder_add (objects, "o", path);
  g_variant_builder_open (objects, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (objects, "{sa{sv}}", interface, &properties);
  g_variant_builder_close (objects);
  g_variant_builder_close (objects);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus's signature */
handle_manager_call (GDBusConnection *bus,
                     const char *sender,
                     const char *path,
                     const char *interface,
                     const char *method,
                     GVariant *parameters,
                     GDBusMethodInvocation *invocation,
                     gpointer user_data)
{
  AccessoryGatt *gatt = user_data;
  GVariantBuilder objects;

  g_variant_builder_init (&objects, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  for (guint i = 0; i < gatt->services->len; i++)
    {
      Service *service = gatt->services->pdata[i];

      add_managed (&objects, gatt, service->path, SERVICE_INTERFACE, get_service_property,
                   service);
    }
  for (guint i = 0; i < gatt->characteristics->len; i++)
    {
      Characteristic *characteristic = gatt->characteristics->pdata[i];

      add_managed (&objects, gatt, characteristic->path, CHARACTERISTIC_INTERFACE,
                   get_characteristic_property, characteristic);
    }
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(a{oa{sa{sv}}})", &objects));
}

static const GDBusInterfaceVTable manager_vtable = { .method_call = handle_manager_call };
static const GDBusInterfaceVTable service_vtable = { .get_property =
                                                       get_service_property };
static const GDBusInterfaceVTable characteristic_vtable = {
  .method_call = handle_characteristic_call,
  .get_property = get_characteristic_property,
};

static gboolean
put_on_bus (AccessoryGatt *gatt,
            const char *path,
            const char *interface,
            const GDBusInterfaceVTable *vtable,
            gpointer object,
            guint *ret_registration,
            GError **error)
{
  *ret_registration = g_dbus_connection_register_object (
    gatt->bus, path, g_dbus_node_info_lookup_interface (gatt->node, interface), vtable,
    object, NULL, error);
  return *ret_registration != 0;
}

static gboolean
add_characteristic (AccessoryGatt *gatt,
                    const AccessoryProfileRow *row,
                    const char *service_path,
                    GError **error)
{
  Characteristic *characteristic = g_new0 (Characteristic, 1);

  characteristic->gatt = gatt;
  characteristic->row = row;
  characteristic->path =
    g_strdup_printf ("%s/char%02u", service_path, gatt->characteristics->len);
  characteristic->service_path = g_strdup (service_path);
  characteristic->value = g_bytes_new_static (row->value, row->length);
  g_ptr_array_add (gatt->characteristics, characteristic);
  return put_on_bus (gatt, characteristic->path, CHARACTERISTIC_INTERFACE,
                     &characteristic_vtable, characteristic,
                     &characteristic->registration, error);
}

static gboolean
add_service (AccessoryGatt *gatt, guint16 uuid, GError **error)
{
  Service *service = NULL;
  guint n_rows;
  const AccessoryProfileRow *rows = accessory_profile_rows (&n_rows);

  if (!accessory_profile_has_service (uuid))
    {
      g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD,
                   "services=: %04x is none that can be served", uuid);
      return FALSE;
    }
  service = g_new0 (Service, 1);
  service->uuid = uuid;
  service->path =
    g_strdup_printf (ACCESSORY_GATT_PATH "/service%02u", gatt->services->len);
  g_ptr_array_add (gatt->services, service);
  if (!put_on_bus (gatt, service->path, SERVICE_INTERFACE, &service_vtable, service,
                   &service->registration, error))
    return FALSE;
  for (guint i = 0; i < n_rows; i++)
    if (rows[i].service == uuid &&
        !add_characteristic (gatt, &rows[i], service->path, error))
      return FALSE;
  return TRUE;
}

AccessoryGatt *
accessory_gatt_new (GDBusConnection *bus,
                    const AccessoryWords *words,
                    const AccessoryGattEvents *events,
                    gpointer user_data,
                    GError **error)
{
  g_autoptr (AccessoryGatt) gatt = g_new0 (AccessoryGatt, 1);

  gatt->bus = g_object_ref (bus);
  gatt->security = words->security;
  gatt->events = events;
  gatt->user_data = user_data;
  gatt->services = g_ptr_array_new_with_free_func ((GDestroyNotify) free_service);
  gatt->characteristics =
    g_ptr_array_new_with_free_func ((GDestroyNotify) free_characteristic);
  gatt->node = g_dbus_node_info_new_for_xml (node_xml, error);
  if (gatt->node == NULL ||
      !put_on_bus (gatt, ACCESSORY_GATT_PATH, "org.freedesktop.DBus.ObjectManager",
                   &manager_vtable, gatt, &gatt->registration, error))
    return NULL;
  for (guint i = 0; i < words->n_services; i++)
    if (!add_service (gatt, words->services[i], error))
      return NULL;
  return g_steal_pointer (&gatt);
}

static void
take_off_bus (AccessoryGatt *gatt, guint registration)
{
  if (registration != 0)
    g_dbus_connection_unregister_object (gatt->bus, registration);
}

void
accessory_gatt_free (AccessoryGatt *gatt)
{
  if (gatt == NULL)
    return;
  for (guint i = 0; i < gatt->characteristics->len; i++)
    take_off_bus (gatt,
                  ((Characteristic *) gatt->characteristics->pdata[i])->registration);
  for (guint i = 0; i < gatt->services->len; i++)
    take_off_bus (gatt, ((Service *) gatt->services->pdata[i])->registration);
  take_off_bus (gatt, gatt->registration);
  g_ptr_array_unref (gatt->characteristics);
  g_ptr_array_unref (gatt->services);
  g_clear_pointer (&gatt->node, g_dbus_node_info_unref);
  g_object_unref (gatt->bus);
  g_free (gatt);
}

void
accessory_gatt_set_linked (AccessoryGatt *gatt, gboolean linked)
{
  gatt->linked = linked;
  for (guint i = 0; i < gatt->characteristics->len; i++)
    announce (gatt->characteristics->pdata[i]);
}

void
accessory_gatt_forget_subscriptions (AccessoryGatt *gatt)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    {
      Characteristic *characteristic = gatt->characteristics->pdata[i];

      characteristic->wanted = FALSE;
      announce (characteristic);
    }
}

static Characteristic *
find_characteristic (AccessoryGatt *gatt, guint16 uuid)
{
  for (guint i = 0; i < gatt->characteristics->len; i++)
    {
      Characteristic *characteristic = gatt->characteristics->pdata[i];

      if (characteristic->row->uuid == uuid)
        return characteristic;
    }
  return NULL;
}

gboolean
accessory_gatt_notify (AccessoryGatt *gatt, guint16 uuid, GBytes *value)
{
  Characteristic *characteristic = find_characteristic (gatt, uuid);
  GVariantBuilder changed;

  if (characteristic == NULL)
    return FALSE;
  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "Value", bytes_to_variant (value));
  /* To bluetoothd alone: a test that looks for values on the bus must not find ours. */
  g_dbus_connection_emit_signal (
    gatt->bus, "org.bluez", characteristic->path, "org.freedesktop.DBus.Properties",
    "PropertiesChanged",
    g_variant_new ("(sa{sv}as)", CHARACTERISTIC_INTERFACE, &changed, NULL), NULL);
  return TRUE;
}

gboolean
accessory_gatt_set_value (AccessoryGatt *gatt, guint16 uuid, GBytes *value)
{
  Characteristic *characteristic = find_characteristic (gatt, uuid);

  if (characteristic == NULL)
    return FALSE;
  g_bytes_unref (characteristic->value);
  characteristic->value = g_bytes_ref (value);
  return TRUE;
}
