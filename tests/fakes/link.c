/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/link.h"

#include "tests/fakes/battery.h"
#include "tests/fakes/gatt.h"
#include "tests/fakes/pairing.h"

static gboolean
on_resolved (gpointer data)
{
  FakesDevice *device = data;
  gboolean newly_paired = device->bonded && !device->paired;

  device->link_source = 0;
  if (device->gatt == NULL)
    {
      device->gatt = fakes_gatt_new (device);
      fakes_gatt_export (device->gatt);
    }
  device->resolved = TRUE;
  device->paired = device->bonded;
  if (newly_paired)
    fakes_device_changed (device, "UUIDs", "ServicesResolved", "Paired");
  else
    fakes_device_changed (device, "UUIDs", "ServicesResolved");
  fakes_gatt_link_up (device->gatt);
  fakes_battery_show (device);
  if (fakes_pairing_is_settling (device))
    fakes_pairing_settle (device);
  return G_SOURCE_REMOVE;
}

static gboolean
on_link_up (gpointer data)
{
  FakesDevice *device = data;

  device->link_source = 0;
  device->connected = TRUE;
  fakes_accessory_linked (device->accessory, device);
  fakes_device_changed (device, "Connected");
  if (device->connect_call != NULL)
    fakes_call_return (g_steal_pointer (&device->connect_call), NULL);
  if (device->accessory->words->resolves)
    device->link_source = g_idle_add (on_resolved, device);
  fakes_pairing_link_up (device);
  return G_SOURCE_REMOVE;
}

static gboolean
on_link_failed (gpointer data)
{
  FakesDevice *device = data;

  device->link_source = 0;
  if (device->connect_call != NULL)
    fakes_call_fail (g_steal_pointer (&device->connect_call), "Failed",
                     "le-connection-abort-by-local");
  fakes_pairing_link_failed (device);
  return G_SOURCE_REMOVE;
}

void
fakes_link_start (FakesDevice *device)
{
  const FakesAccessory *accessory = device->accessory;
  gboolean reachable = accessory->advertising && accessory->linked == NULL;

  device->link_source = reachable
                          ? g_idle_add (on_link_up, device)
                          : g_timeout_add (device->adapter->world->options->connect_ms,
                                           on_link_failed, device);
}

static gboolean
on_lost (gpointer data)
{
  FakesDevice *device = data;

  device->lost_source = 0;
  fakes_device_changed (device, "Connected");
  return G_SOURCE_REMOVE;
}

void
fakes_link_drop (FakesDevice *device)
{
  guint lost_ms = device->adapter->world->options->lost_ms;
  gboolean was_connected = device->connected;
  gboolean was_resolved = device->resolved;

  g_clear_handle_id (&device->link_source, g_source_remove);
  device->connected = FALSE;
  device->resolved = FALSE;
  if (device->connect_call != NULL)
    fakes_call_fail (g_steal_pointer (&device->connect_call), "Failed",
                     "br-connection-canceled");
  if (device->gatt != NULL && was_connected)
    fakes_gatt_link_down (device->gatt);
  fakes_battery_hide (device);
  fakes_pairing_link_lost (device);
  if (was_resolved)
    fakes_device_changed (device, "ServicesResolved");
  if (!was_connected)
    return;
  device->last_heard_us = g_get_monotonic_time ();
  if (lost_ms > 0 && device->lost_source == 0)
    device->lost_source = g_timeout_add (lost_ms, on_lost, device);
  else if (lost_ms == 0)
    fakes_device_changed (device, "Connected");
  fakes_accessory_unlinked (device->accessory);
}

void
fakes_link_handle_connect (FakesCall *call, gpointer data)
{
  FakesDevice *device = data;

  if (device->connected)
    fakes_call_return (call, NULL);
  else if (device->link_source != 0)
    fakes_call_fail (call, "Failed", "Operation already in progress"); /* EALREADY */
  else if (!device->adapter->powered || device->blocked)
    fakes_call_fail (call, "Failed", "Input/output error"); /* EIO */
  else
    {
      fakes_device_set_temporary (device, FALSE);
      device->connect_call = call;
      fakes_link_start (device);
    }
}

void
fakes_link_handle_disconnect (FakesCall *call, gpointer data)
{
  fakes_link_drop (data);
  fakes_call_return (call, NULL);
}
