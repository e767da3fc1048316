/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/battery.h"

#define BATTERY_SERVICE 0x180f /* Assigned Numbers 3.4 */
#define BATTERY_LEVEL   0x2a19 /* Assigned Numbers 3.8 */

static GVariant *
get_percentage (gpointer data)
{
  const FakesDevice *device = data;
  g_autoptr (GBytes) value = fakes_accessory_value (device->accessory, BATTERY_LEVEL);
  gsize size;
  const guint8 *octets = g_bytes_get_data (value, &size);

  return g_variant_new_byte (size > 0 ? octets[0] : 0);
}

static const FakesMethod battery_methods[] = {
  { NULL, NULL, NULL },
};

static const FakesProperty battery_properties[] = {
  { "Percentage", "y", get_percentage, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface battery_interface = { "org.bluez.Battery1", battery_methods,
                                                  battery_properties };

void
fakes_battery_show (FakesDevice *device)
{
  FakesObjects *objects = device->adapter->world->objects;
  const AccessoryWords *words = device->accessory->words;
  gboolean has_battery = FALSE;

  for (guint i = 0; i < words->n_services; i++)
    has_battery |= words->services[i] == BATTERY_SERVICE;
  if (!has_battery || !device->resolved)
    return;
  if (device->has_battery)
    fakes_objects_second_changed (objects, device->path);
  else
    fakes_objects_add_second (objects, device->path, &battery_interface, device);
  device->has_battery = TRUE;
}

void
fakes_battery_hide (FakesDevice *device)
{
  if (device->has_battery)
    fakes_objects_remove_second (device->adapter->world->objects, device->path);
  device->has_battery = FALSE;
}
