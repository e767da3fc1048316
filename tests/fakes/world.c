/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/world.h"

#include <stdio.h>

#include "tests/fakes/device.h"
#include "tests/fakes/discovery.h"
#include "tests/fakes/flood.h"
#include "tests/fakes/gatt.h"

void
fakes_event (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

#define for_each_adapter(world, adapter)                                              \
  for (guint i_ = 0; i_ < (world)->adapters->len &&                                   \
                     ((adapter) = g_ptr_array_index ((world)->adapters, i_)) != NULL; \
       i_++)

static gboolean
on_advert (gpointer data)
{
  FakesWorld *world = data;
  GHashTableIter iter;
  gpointer accessory;

  g_hash_table_iter_init (&iter, world->accessories);
  while (g_hash_table_iter_next (&iter, NULL, &accessory))
    fakes_accessory_advertise (accessory);
  return G_SOURCE_CONTINUE;
}

void
fakes_world_update_adverts (FakesWorld *world)
{
  const FakesAdapter *adapter;
  gboolean discovering = FALSE;

  for_each_adapter (world, adapter) discovering =
    discovering || fakes_adapter_discovering (adapter);

  if (!discovering)
    {
      g_clear_handle_id (&world->advert_source, g_source_remove);
      return;
    }
  on_advert (world);
  fakes_flood_advertise (world->flood);
  if (world->advert_source == 0)
    world->advert_source = g_timeout_add (world->options->advert_ms, on_advert, world);
}

static gboolean
on_expiry (gpointer data)
{
  FakesWorld *world = data;
  gint64 now_us = g_get_monotonic_time ();
  const FakesAdapter *adapter;

  for_each_adapter (world, adapter) for (guint i = 0; i < adapter->devices->len; i++)
    fakes_device_expire (g_ptr_array_index (adapter->devices, i), now_us);
  return G_SOURCE_CONTINUE;
}

static void
on_called (FakesCall *call, gpointer user_data)
{
  FakesWorld *world = user_data;

  if (!fakes_faults_take (world->faults, call))
    fakes_objects_dispatch (world->objects, call);
}

static void
on_client_gone (const char *client, gpointer user_data)
{
  FakesWorld *world = user_data;
  FakesAdapter *adapter;

  for_each_adapter (world, adapter)
  {
    for (guint i = 0; i < adapter->devices->len; i++)
      fakes_device_client_gone (g_ptr_array_index (adapter->devices, i), client);
    fakes_discovery_client_gone (adapter, client);
  }
  fakes_agents_client_gone (world->agents, client);
}

static void
on_name_acquired (gpointer user_data)
{
  FakesWorld *world = user_data;

  fakes_event (world->ready ? "risen" : "ready");
  world->ready = TRUE;
}

static void
on_name_lost (gpointer user_data)
{
  FakesWorld *world = user_data;

  fakes_event ("error org.bluez cannot be had on this bus");
  g_main_loop_quit (world->loop);
}

static const FakesBusListener listener = {
  .called = on_called,
  .client_gone = on_client_gone,
  .name_acquired = on_name_acquired,
  .name_lost = on_name_lost,
};

gboolean
fakes_world_rise (FakesWorld *world, GError **error)
{
  FakesAdapter *adapter;

  if (world->bus != NULL)
    return TRUE;
  world->bus = fakes_bus_new (world->options->bus_address, &listener, world, error);
  if (world->bus == NULL)
    return FALSE;
  for_each_adapter (world, adapter) fakes_adapter_export (adapter);
  fakes_objects_set_bus (world->objects, world->bus);
  fakes_bus_own_name (world->bus, "org.bluez");
  return TRUE;
}

void
fakes_world_die (FakesWorld *world)
{
  FakesAdapter *adapter;

  if (world->bus == NULL)
    return;
  /* First the bus, so that nobody gets a last word. */
  fakes_objects_set_bus (world->objects, NULL);
  g_clear_pointer (&world->bus, fakes_bus_free);
  for_each_adapter (world, adapter) fakes_adapter_die (adapter);
  fakes_agents_clear (world->agents);
}

static void
count_devices (const FakesAdapter *adapter,
               guint *n_links,
               guint *n_subscriptions,
               guint *n_bonds)
{
  for (guint i = 0; i < adapter->devices->len; i++)
    {
      const FakesDevice *device = g_ptr_array_index (adapter->devices, i);

      *n_links += device->connected ? 1 : 0;
      *n_bonds += device->bonded ? 1 : 0;
      if (device->gatt != NULL)
        *n_subscriptions += fakes_gatt_count_subscriptions (device->gatt);
    }
}

void
fakes_world_print_stats (FakesWorld *world)
{
  guint n_scans = 0, n_links = 0, n_subscriptions = 0, n_bonds = 0;
  const FakesAdapter *adapter;

  for_each_adapter (world, adapter)
  {
    n_scans += fakes_discovery_count (adapter);
    count_devices (adapter, &n_links, &n_subscriptions, &n_bonds);
  }
  fakes_event ("stats scans=%u agents=%u links=%u subscriptions=%u bonds=%u", n_scans,
               fakes_agents_count (world->agents), n_links, n_subscriptions, n_bonds);
}

FakesWorld *
fakes_world_new (const FakesOptions *options)
{
  FakesWorld *world = g_new0 (FakesWorld, 1);

  world->options = options;
  world->objects = fakes_objects_new ();
  world->agents = fakes_agents_new (world->objects);
  world->faults = fakes_faults_new ();
  world->adapters = g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_adapter_free);
  for (guint i = 0; i < options->n_adapters; i++)
    g_ptr_array_add (world->adapters, fakes_adapter_new (world, i));
  world->accessories = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                              (GDestroyNotify) fakes_accessory_free);
  world->flood = fakes_flood_new (world);
  world->expiry_source =
    g_timeout_add (MAX (options->temporary_ms / 10, 20), on_expiry, world);
  world->loop = g_main_loop_new (NULL, FALSE);
  return world;
}

void
fakes_world_free (FakesWorld *world)
{
  fakes_world_die (world);
  g_clear_handle_id (&world->advert_source, g_source_remove);
  g_clear_handle_id (&world->expiry_source, g_source_remove);
  fakes_flood_free (world->flood);
  g_hash_table_unref (world->accessories);
  g_ptr_array_unref (world->adapters);
  fakes_faults_free (world->faults);
  fakes_agents_free (world->agents);
  fakes_objects_free (world->objects);
  g_main_loop_unref (world->loop);
  g_free (world);
}
