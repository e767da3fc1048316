/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-events.h"

#include <string.h>

const char ble_bluez_adapter1[] = "org.bluez.Adapter1";
const char ble_bluez_device1[] = "org.bluez.Device1";
const char ble_bluez_characteristic1[] = "org.bluez.GattCharacteristic1";
const char ble_bluez_descriptor1[] = "org.bluez.GattDescriptor1";

static const struct
{
  const char *name;
  BleBluezInterface interface;
} interfaces[] = {
  { ble_bluez_device1, BLE_BLUEZ_DEVICE }, /* first: nearly all of the traffic */
  { ble_bluez_characteristic1, BLE_BLUEZ_CHARACTERISTIC },
  { ble_bluez_adapter1, BLE_BLUEZ_ADAPTER },
  { "org.bluez.GattService1", BLE_BLUEZ_SERVICE },
  { ble_bluez_descriptor1, BLE_BLUEZ_DESCRIPTOR },
};

/* Beside Device1, of an accessory whose battery bluetoothd follows. */
static const char battery1[] = "org.bluez.Battery1";

static BleBluezInterface
find_interface (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    if (strcmp (interfaces[i].name, name) == 0)
      return interfaces[i].interface;
  return BLE_BLUEZ_INTERFACE_NONE;
}

void
ble_bluez_event_free (BleBluezEvent *event)
{
  g_free (event->path);
  ble_advert_free (event->advert);
  g_clear_pointer (&event->properties, g_variant_unref);
  g_free (event);
}

BleBluezEvent *
ble_bluez_event_new (BleBluezEventKind kind, const char *path)
{
  BleBluezEvent *event = g_new0 (BleBluezEvent, 1);

  event->kind = kind;
  event->path = g_strdup (path);
  return event;
}

/* BlueZ 5.66 signals Bonded when keys are stored, and Paired when they are gone:
 * "paired" alone says nothing of a bond, "not paired" does. */
static void
judge_bond (BleBluezDecoder *decoder, BleAdvert *advert, GVariant *properties)
{
  gboolean bonded;

  if ((advert->fields & BLE_ADVERT_HAS_BONDED) == 0)
    return;
  if (g_variant_lookup (properties, "Bonded", "b", &bonded))
    decoder->says_bonded = TRUE;
  else if (decoder->says_bonded && advert->bonded)
    ble_advert_drop_fields (advert, BLE_ADVERT_HAS_BONDED);
}

/* A bluetoothd whose ATT socket was faster than the kernel's word of the link knows it as connected
 * and never signals that (BlueZ 5.66, device_add_connection()); that its services are there it does
 * signal. */
static void
judge_link (BleAdvert *advert)
{
  if ((advert->fields & BLE_ADVERT_HAS_RESOLVED) == 0 || !advert->resolved)
    return;
  advert->connected = TRUE;
  advert->fields |= BLE_ADVERT_HAS_CONNECTED;
}

static BleBluezEvent *
decode_properties (BleBluezDecoder *decoder,
                   BleBluezEventKind kind,
                   BleBluezInterface interface,
                   const char *path,
                   GVariant *properties)
{
  BleBluezEvent *event = ble_bluez_event_new (kind, path);

  event->interface = interface;
  if (interface == BLE_BLUEZ_DEVICE)
    {
      event->advert = ble_advert_new (0, 0);
      ble_advert_take_properties (event->advert, properties);
      judge_bond (decoder, event->advert, properties);
      judge_link (event->advert);
    }
  else
    event->properties = g_variant_ref (properties);
  return event;
}

/* News of the device that it belongs to. @properties: NULL when the interface has gone. */
static void
decode_battery (const char *path,
                GVariant *properties,
                BleBluezEventFunc func,
                gpointer user_data)
{
  BleBluezEvent *event;
  guint8 level = BLE_BATTERY_UNKNOWN;

  if (properties != NULL && (!g_variant_lookup (properties, "Percentage", "y", &level) ||
                             level > BLE_BATTERY_MAX))
    return;
  event = ble_bluez_event_new (BLE_BLUEZ_EVENT_CHANGED, path);
  event->interface = BLE_BLUEZ_DEVICE;
  event->advert = ble_advert_new (0, 0);
  event->advert->battery = level;
  event->advert->fields = BLE_ADVERT_HAS_BATTERY;
  func (event, user_data);
}

static void
decode_object (BleBluezDecoder *decoder,
               const char *path,
               GVariant *object,
               BleBluezEventFunc func,
               gpointer user_data)
{
  g_autoptr (GVariant) battery =
    g_variant_lookup_value (object, battery1, G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  const char *name;
  GVariant *properties;

  g_variant_iter_init (&iter, object);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &name, &properties))
    {
      BleBluezInterface interface = find_interface (name);

      if (interface != BLE_BLUEZ_INTERFACE_NONE)
        func (decode_properties (decoder, BLE_BLUEZ_EVENT_ADDED, interface, path,
                                 properties),
              user_data);
    }
  if (battery != NULL) /* last: its device is there now */
    decode_battery (path, battery, func, user_data);
}

static void
decode_removed (GVariant *body, BleBluezEventFunc func, gpointer user_data)
{
  const char *path;
  g_autofree const char **names = NULL;

  g_variant_get (body, "(&o^a&s)", &path, &names);
  for (guint i = 0; names[i] != NULL; i++)
    {
      BleBluezInterface interface = find_interface (names[i]);
      BleBluezEvent *event;

      if (strcmp (names[i], battery1) == 0)
        decode_battery (path, NULL, func, user_data);
      if (interface == BLE_BLUEZ_INTERFACE_NONE)
        continue;
      event = ble_bluez_event_new (BLE_BLUEZ_EVENT_REMOVED, path);
      event->interface = interface;
      func (event, user_data);
    }
}

/* The one property whose loss tells something: a device that is no longer heard. */
static void
decode_invalidated (BleAdvert *advert, GVariant *invalidated)
{
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, invalidated);
  while (g_variant_iter_next (&iter, "&s", &name))
    if (strcmp (name, "RSSI") == 0)
      {
        advert->rssi = BLE_RSSI_UNKNOWN;
        advert->fields |= BLE_ADVERT_HAS_RSSI;
      }
}

static void
decode_changed (BleBluezDecoder *decoder,
                const char *path,
                GVariant *body,
                BleBluezEventFunc func,
                gpointer user_data)
{
  const char *name;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) invalidated = NULL;
  BleBluezInterface interface;
  BleBluezEvent *event;

  g_variant_get (body, "(&s@a{sv}@as)", &name, &properties, &invalidated);
  interface = find_interface (name);
  if (strcmp (name, battery1) == 0)
    decode_battery (path, properties, func, user_data);
  if (interface == BLE_BLUEZ_INTERFACE_NONE)
    return;
  event =
    decode_properties (decoder, BLE_BLUEZ_EVENT_CHANGED, interface, path, properties);
  if (event->advert != NULL)
    decode_invalidated (event->advert, invalidated);
  if (event->advert != NULL && event->advert->fields == 0)
    ble_bluez_event_free (event); /* nothing that we look at */
  else
    func (event, user_data);
}

void
ble_bluez_decode_signal (BleBluezDecoder *decoder,
                         GDBusMessage *message,
                         BleBluezEventFunc func,
                         gpointer user_data)
{
  const char *member = g_dbus_message_get_member (message);
  const char *interface = g_dbus_message_get_interface (message);
  GVariant *body = g_dbus_message_get_body (message);

  if (body == NULL || interface == NULL || member == NULL)
    return;
  if (strcmp (interface, "org.freedesktop.DBus.Properties") == 0)
    {
      if (strcmp (member, "PropertiesChanged") == 0 &&
          g_variant_is_of_type (body, G_VARIANT_TYPE ("(sa{sv}as)")))
        decode_changed (decoder, g_dbus_message_get_path (message), body, func,
                        user_data);
      return;
    }
  if (strcmp (interface, "org.freedesktop.DBus.ObjectManager") != 0)
    return;
  if (strcmp (member, "InterfacesAdded") == 0 &&
      g_variant_is_of_type (body, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    {
      const char *path;
      g_autoptr (GVariant) object = NULL;

      g_variant_get (body, "(&o@a{sa{sv}})", &path, &object);
      decode_object (decoder, path, object, func, user_data);
    }
  else if (strcmp (member, "InterfacesRemoved") == 0 &&
           g_variant_is_of_type (body, G_VARIANT_TYPE ("(oas)")))
    decode_removed (body, func, user_data);
}

typedef struct
{
  const char *path;
  GVariant *object;
} Object;

/* By path: a parent's is the beginning of its children's. */
static gint
compare_objects (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Object *) a)->path, ((const Object *) b)->path);
}

static void
clear_object (gpointer object)
{
  g_variant_unref (((Object *) object)->object);
}

void
ble_bluez_decode_objects (BleBluezDecoder *decoder,
                          GVariant *reply,
                          BleBluezEventFunc func,
                          gpointer user_data)
{
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{oa{sa{sv}}})")))
    {
      g_autoptr (GArray) objects = g_array_new (FALSE, FALSE, sizeof (Object));
      g_autoptr (GVariant) dict = g_variant_get_child_value (reply, 0);
      GVariantIter iter;
      Object object;

      g_array_set_clear_func (objects, clear_object);
      g_variant_iter_init (&iter, dict);
      while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &object.path, &object.object))
        g_array_append_val (objects, object);
      g_array_sort (objects, compare_objects);
      for (guint i = 0; i < objects->len; i++)
        {
          const Object *each = &g_array_index (objects, Object, i);

          decode_object (decoder, each->path, each->object, func, user_data);
        }
    }
  func (ble_bluez_event_new (BLE_BLUEZ_EVENT_READY, NULL), user_data);
}
