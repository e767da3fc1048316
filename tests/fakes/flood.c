/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/flood.h"

#include "tests/fakes/device.h"

#define TICK_MS     10
#define BURST_CHUNK 200 /* messages between two looks at the rest of the world */
#define WEAKEST_DBM (-99)
#define N_RSSI      64
#define MATCH_EVERY 100 /* one in so many is a heart-rate strap, the others are not */

struct FakesFlood
{
  FakesWorld *world;
  GPtrArray *accessories;   /* of FakesAccessory */
  GVariant *bodies[N_RSSI]; /* of PropertiesChanged, ready to send: one a strength */
  guint rate;
  guint tick_source;
  gint64 started_us;
  guint64 n_sent;
  guint next; /* accessory */
  guint burst_left;
  guint burst_size;
  guint burst_source;
};

FakesFlood *
fakes_flood_new (FakesWorld *world)
{
  FakesFlood *flood = g_new0 (FakesFlood, 1);

  flood->world = world;
  flood->accessories =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_accessory_free);
  for (gint i = 0; i < N_RSSI; i++)
    {
      GVariantBuilder changed;

      g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&changed, "{sv}", "RSSI",
                             g_variant_new_int16 ((gint16) (WEAKEST_DBM + i)));
      flood->bodies[i] = g_variant_ref_sink (
        g_variant_new ("(sa{sv}as)", "org.bluez.Device1", &changed, NULL));
    }
  return flood;
}

static void
stop (FakesFlood *flood)
{
  g_clear_handle_id (&flood->tick_source, g_source_remove);
  g_clear_handle_id (&flood->burst_source, g_source_remove);
}

void
fakes_flood_free (FakesFlood *flood)
{
  stop (flood);
  g_ptr_array_unref (flood->accessories);
  for (guint i = 0; i < N_RSSI; i++)
    g_variant_unref (flood->bodies[i]);
  g_free (flood);
}

/* The next advertiser's RSSI moves. */
static void
send_update (FakesFlood *flood)
{
  const FakesAccessory *accessory =
    g_ptr_array_index (flood->accessories, flood->next % flood->accessories->len);
  FakesDevice *device = g_ptr_array_index (accessory->devices, 0);
  guint strength = flood->n_sent++ % N_RSSI;

  flood->next = (flood->next + 1) % flood->accessories->len;
  device->accessory->words->rssi = WEAKEST_DBM + (gint) strength;
  if (!device->exported || !device->heard || device->connected)
    {
      fakes_accessory_advertise (device->accessory);
      return;
    }
  device->rssi_dbm = device->accessory->words->rssi;
  device->last_heard_us = g_get_monotonic_time ();
  fakes_bus_emit (flood->world->bus, device->path, "org.freedesktop.DBus.Properties",
                  "PropertiesChanged", flood->bodies[strength]);
}

static gboolean
is_heard (const FakesFlood *flood)
{
  const FakesAdapter *adapter = g_ptr_array_index (flood->world->adapters, 0);

  return flood->world->bus != NULL && flood->accessories->len > 0 && adapter->plugged &&
         fakes_adapter_discovering (adapter);
}

static gboolean
on_tick (gpointer data)
{
  FakesFlood *flood = data;
  gint64 now_us = g_get_monotonic_time ();
  guint64 due = (guint64) (now_us - flood->started_us) * flood->rate / G_USEC_PER_SEC;

  if (!is_heard (flood))
    {
      flood->started_us = now_us;
      return G_SOURCE_CONTINUE;
    }
  flood->started_us += (gint64) (due * G_USEC_PER_SEC / flood->rate);
  for (guint64 i = 0; i < due; i++)
    send_update (flood);
  return G_SOURCE_CONTINUE;
}

static FakesAccessory *
new_advertiser (FakesFlood *flood, guint number)
{
  g_autofree char *id = g_strdup_printf ("flood-%u", number);
  g_autofree char *name = g_strdup_printf ("name=Flood\\s%05u", number);
  const char *const words[] = {
    "adapter=hci0", name,
    "rssi=-70",     number % MATCH_EVERY == 0 ? "services=180d" : "services=fe9f",
    "appearance=0", NULL,
  };
  g_autoptr (GError) error = NULL;
  AccessoryWords *parsed = accessory_words_parse (words, &error);
  FakesAccessory *accessory = fakes_accessory_new (flood->world, id, parsed, &error);

  g_assert_no_error (error);
  accessory->silent = TRUE;
  return accessory;
}

void
fakes_flood_set (FakesFlood *flood, guint count, guint rate)
{
  stop (flood);
  /* From the back: each takes itself out of the adapter's array. */
  while (flood->accessories->len > 0)
    g_ptr_array_remove_index (flood->accessories, flood->accessories->len - 1);
  flood->next = 0;
  flood->n_sent = 0;
  flood->rate = rate;
  for (guint i = 0; i < count; i++)
    g_ptr_array_add (flood->accessories, new_advertiser (flood, i));
  fakes_flood_advertise (flood);
  flood->started_us = g_get_monotonic_time ();
  if (count > 0 && rate > 0)
    flood->tick_source = g_timeout_add (TICK_MS, on_tick, flood);
}

void
fakes_flood_advertise (FakesFlood *flood)
{
  for (guint i = 0; i < flood->accessories->len; i++)
    fakes_accessory_advertise (g_ptr_array_index (flood->accessories, i));
}

static gboolean
on_burst (gpointer data)
{
  FakesFlood *flood = data;
  guint n_updates = MIN (flood->burst_left, BURST_CHUNK);

  if (!is_heard (flood))
    n_updates = flood->burst_left; /* nobody hears them: they are over */
  else
    {
      for (guint i = 0; i < n_updates; i++)
        send_update (flood);
      g_dbus_connection_flush_sync (fakes_bus_connection (flood->world->bus), NULL, NULL);
    }
  flood->burst_left -= n_updates;
  if (flood->burst_left > 0)
    return G_SOURCE_CONTINUE;
  flood->burst_source = 0;
  fakes_event ("burst %u", flood->burst_size);
  return G_SOURCE_REMOVE;
}

void
fakes_flood_burst (FakesFlood *flood, guint count)
{
  g_clear_handle_id (&flood->burst_source, g_source_remove);
  flood->burst_left = count;
  flood->burst_size = count;
  flood->burst_source = g_idle_add (on_burst, flood);
}
