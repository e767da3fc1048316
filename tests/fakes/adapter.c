/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/adapter.h"

#include <string.h>

#include "tests/fakes/device.h"
#include "tests/fakes/discovery.h"
#include "tests/fakes/link.h"

#define ADAPTER_NAME "BlueZ 5.66" /* what BlueZ calls a computer without a name */

#define changed(adapter, ...)                                        \
  fakes_objects_changed ((adapter)->world->objects, (adapter)->path, \
                         (const char *const[]){ __VA_ARGS__, NULL })

gboolean
fakes_adapter_discovering (const FakesAdapter *adapter)
{
  return fakes_discovery_count (adapter) > 0;
}

void
fakes_adapter_discovery_changed (FakesAdapter *adapter)
{
  changed (adapter, "Discovering");
  if (!fakes_adapter_discovering (adapter))
    for (guint i = 0; i < adapter->devices->len; i++)
      fakes_device_discovery_over (g_ptr_array_index (adapter->devices, i));
  fakes_world_update_adverts (adapter->world);
}

/* The devices may remove themselves from the bus meanwhile, but not from the array. */
static void
drop_links (FakesAdapter *adapter)
{
  for (guint i = 0; i < adapter->devices->len; i++)
    fakes_link_drop (g_ptr_array_index (adapter->devices, i));
}

static void
stop_discovery (FakesAdapter *adapter)
{
  gboolean was_discovering = fakes_adapter_discovering (adapter);

  g_ptr_array_set_size (adapter->scans, 0);
  if (was_discovering)
    fakes_adapter_discovery_changed (adapter);
}

void
fakes_adapter_set_powered (FakesAdapter *adapter, gboolean powered)
{
  if (adapter->powered == powered)
    return;
  if (!powered)
    {
      stop_discovery (adapter);
      drop_links (adapter);
    }
  adapter->powered = powered;
  changed (adapter, "Powered");
}

static void
unexport_devices (FakesAdapter *adapter, gboolean only_temporary, gboolean announce)
{
  for (guint i = 0; i < adapter->devices->len; i++)
    {
      FakesDevice *device = g_ptr_array_index (adapter->devices, i);

      if (device->exported && (!only_temporary || device->temporary))
        fakes_device_unexport (device, announce);
    }
}

void
fakes_adapter_die (FakesAdapter *adapter)
{
  stop_discovery (adapter);
  drop_links (adapter);
  unexport_devices (adapter, FALSE, FALSE);
  if (adapter->plugged)
    fakes_objects_drop (adapter->world->objects, adapter->path);
}

void
fakes_adapter_unplug (FakesAdapter *adapter, gboolean children)
{
  if (!adapter->plugged)
    return;
  stop_discovery (adapter);
  drop_links (adapter);
  unexport_devices (adapter, FALSE, children);
  if (adapter->world->bus != NULL)
    fakes_objects_remove (adapter->world->objects, adapter->path);
  adapter->plugged = FALSE;
}

static GVariant *
get_address (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_string (adapter->address);
}

static GVariant *
get_address_type (gpointer data)
{
  return g_variant_new_string ("public");
}

static GVariant *
get_name (gpointer data)
{
  return g_variant_new_string (ADAPTER_NAME);
}

static GVariant *
get_alias (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_string (adapter->alias);
}

static void
set_alias (FakesCall *call, gpointer data, GVariant *value)
{
  FakesAdapter *adapter = data;
  const char *alias = g_variant_get_string (value, NULL);

  g_free (adapter->alias);
  adapter->alias = g_strdup (alias[0] != '\0' ? alias : ADAPTER_NAME);
  changed (adapter, "Alias");
  fakes_call_return (call, NULL);
}

static GVariant *
get_class (gpointer data)
{
  return g_variant_new_uint32 (0);
}

static GVariant *
get_powered (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_boolean (adapter->powered);
}

static void
set_powered (FakesCall *call, gpointer data, GVariant *value)
{
  FakesAdapter *adapter = data;
  gboolean powered = g_variant_get_boolean (value);

  if (!powered)
    unexport_devices (adapter, TRUE, TRUE);
  fakes_adapter_set_powered (adapter, powered);
  fakes_call_return (call, NULL);
}

static GVariant *
get_discoverable (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_boolean (adapter->discoverable);
}

static void
set_discoverable (FakesCall *call, gpointer data, GVariant *value)
{
  FakesAdapter *adapter = data;

  adapter->discoverable = g_variant_get_boolean (value);
  changed (adapter, "Discoverable");
  fakes_call_return (call, NULL);
}

static GVariant *
get_discoverable_timeout (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_uint32 (adapter->discoverable_timeout_s);
}

static GVariant *
get_pairable (gpointer data)
{
  const FakesAdapter *adapter = data;

  return g_variant_new_boolean (adapter->pairable);
}

static void
set_pairable (FakesCall *call, gpointer data, GVariant *value)
{
  FakesAdapter *adapter = data;

  adapter->pairable = g_variant_get_boolean (value);
  changed (adapter, "Pairable");
  fakes_call_return (call, NULL);
}

static GVariant *
get_pairable_timeout (gpointer data)
{
  return g_variant_new_uint32 (0);
}

static GVariant *
get_discovering (gpointer data)
{
  return g_variant_new_boolean (fakes_adapter_discovering (data));
}

static GVariant *
get_uuids (gpointer data)
{
  const char *const uuids[] = { "00001800-0000-1000-8000-00805f9b34fb",
                                "00001801-0000-1000-8000-00805f9b34fb", NULL };

  return g_variant_new_strv (uuids, -1);
}

static GVariant *
get_modalias (gpointer data)
{
  return g_variant_new_string ("usb:v1D6Bp0246d0542"); /* BlueZ 5.66 */
}

static GVariant *
get_roles (gpointer data)
{
  const char *const roles[] = { "central", "peripheral", NULL };

  return g_variant_new_strv (roles, -1);
}

static void
handle_remove_device (FakesCall *call, gpointer data)
{
  FakesAdapter *adapter = data;
  FakesDevice *found = NULL;
  const char *path;

  g_variant_get (call->args, "(&o)", &path);
  for (guint i = 0; found == NULL && i < adapter->devices->len; i++)
    {
      FakesDevice *device = g_ptr_array_index (adapter->devices, i);

      if (device->exported && g_str_equal (device->path, path))
        found = device;
    }
  if (found == NULL)
    fakes_call_fail (call, "DoesNotExist", "Does Not Exist");
  else if (!adapter->powered)
    fakes_call_fail (call, "NotReady", "Resource Not Ready");
  else
    {
      fakes_device_forget (found);
      fakes_call_return (call, NULL);
    }
}

static const FakesMethod methods[] = {
  { "StartDiscovery", "()", fakes_discovery_handle_start },
  { "StopDiscovery", "()", fakes_discovery_handle_stop },
  { "SetDiscoveryFilter", "(a{sv})", fakes_discovery_handle_set_filter },
  { "GetDiscoveryFilters", "()", fakes_discovery_handle_get_filters },
  { "RemoveDevice", "(o)", handle_remove_device },
  { NULL, NULL, NULL },
};

static const FakesProperty properties[] = {
  { "Address", "s", get_address, NULL },
  { "AddressType", "s", get_address_type, NULL },
  { "Name", "s", get_name, NULL },
  { "Alias", "s", get_alias, set_alias },
  { "Class", "u", get_class, NULL },
  { "Powered", "b", get_powered, set_powered },
  { "Discoverable", "b", get_discoverable, set_discoverable },
  { "DiscoverableTimeout", "u", get_discoverable_timeout, NULL },
  { "Pairable", "b", get_pairable, set_pairable },
  { "PairableTimeout", "u", get_pairable_timeout, NULL },
  { "Discovering", "b", get_discovering, NULL },
  { "UUIDs", "as", get_uuids, NULL },
  { "Modalias", "s", get_modalias, NULL },
  { "Roles", "as", get_roles, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface interface = { "org.bluez.Adapter1", methods, properties };

void
fakes_adapter_export (FakesAdapter *adapter)
{
  if (!adapter->plugged)
    return;
  fakes_objects_add (adapter->world->objects, adapter->path, &interface, adapter);
  for (guint i = 0; i < adapter->devices->len; i++)
    {
      FakesDevice *device = g_ptr_array_index (adapter->devices, i);

      if (!device->temporary)
        fakes_device_export (device);
    }
}

void
fakes_adapter_plug (FakesAdapter *adapter)
{
  if (adapter->plugged)
    return;
  adapter->plugged = TRUE;
  adapter->powered = TRUE;
  if (adapter->world->bus != NULL)
    fakes_adapter_export (adapter);
}

void
fakes_adapter_renumber (FakesAdapter *adapter, guint number)
{
  adapter->number = number;
  g_free (adapter->path);
  adapter->path = g_strdup_printf ("/org/bluez/hci%u", number);
  for (guint i = 0; i < adapter->devices->len; i++)
    fakes_device_move (g_ptr_array_index (adapter->devices, i));
}

FakesAdapter *
fakes_adapter_new (FakesWorld *world, guint number)
{
  FakesAdapter *adapter = g_new0 (FakesAdapter, 1);

  adapter->world = world;
  adapter->number = number;
  adapter->path = g_strdup_printf ("/org/bluez/hci%u", number);
  /* The addresses that btvirt gives to its controllers. */
  adapter->address = g_strdup_printf ("00:AA:01:%02X:00:%02X", number, number);
  adapter->alias = g_strdup (ADAPTER_NAME);
  adapter->plugged = TRUE;
  adapter->powered = TRUE;
  adapter->pairable = TRUE;
  adapter->discoverable_timeout_s = 180;
  adapter->scans = g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_scan_free);
  adapter->devices = g_ptr_array_new ();
  return adapter;
}

void
fakes_adapter_free (FakesAdapter *adapter)
{
  g_ptr_array_unref (adapter->scans);
  g_ptr_array_unref (adapter->devices);
  g_free (adapter->path);
  g_free (adapter->address);
  g_free (adapter->alias);
  g_free (adapter);
}
