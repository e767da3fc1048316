/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/accessory.h"

#include <string.h>

#include "tests/fakes/device.h"
#include "tests/fakes/gatt.h"
#include "tests/fakes/link.h"
#include "tests/fakes/notify.h"
#include "tests/fakes/profile.h"

#define HEART_RATE_MEASUREMENT 0x2a37

void
fakes_accessory_event (const FakesAccessory *accessory,
                       const char *event,
                       const char *arguments)
{
  if (accessory->silent)
    return;
  if (arguments != NULL)
    fakes_event ("%s %s %s", event, accessory->id, arguments);
  else
    fakes_event ("%s %s", event, accessory->id);
}

/* The same address for the same ID, of the type that the words ask for: a static one has its two
 * highest bits set (Core Specification 5.3, Vol 6, Part B, 1.3.2.1). */
static char *
make_address (const char *id, const AccessoryWords *words)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;

  if (words->address != NULL)
    return g_strdup (words->address);
  g_checksum_update (checksum, (const guchar *) id, -1);
  g_checksum_get_digest (checksum, digest, &size);
  digest[0] = words->address_public ? 0x00 : digest[0] | 0xc0;
  return g_strdup_printf ("%02X:%02X:%02X:%02X:%02X:%02X", digest[0], digest[1],
                          digest[2], digest[3], digest[4], digest[5]);
}

/* D-Bus carries UTF-8 only. BlueZ makes spaces of what is not ASCII in a name that is not UTF-8. */
static char *
make_name (const char *octets)
{
  char *name = g_strdup (octets);

  if (g_utf8_validate (octets, -1, NULL))
    return name;
  for (char *octet = name; *octet != '\0'; octet++)
    if ((guchar) *octet >= 0x80)
      *octet = ' ';
  return g_strstrip (name);
}

FakesAccessory *
fakes_accessory_new (FakesWorld *world,
                     const char *id,
                     AccessoryWords *words,
                     GError **error)
{
  g_autoptr (AccessoryWords) owned_words = words;
  FakesAccessory *accessory;

  for (guint i = 0; i < words->n_adapters; i++)
    if (words->adapters[i] >= world->adapters->len)
      {
        g_set_error (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD, "no adapter hci%u",
                     words->adapters[i]);
        return NULL;
      }

  accessory = g_new0 (FakesAccessory, 1);
  accessory->world = world;
  accessory->id = g_strdup (id);
  accessory->words = g_steal_pointer (&owned_words);
  accessory->address = make_address (id, words);
  accessory->name = make_name (words->name);
  accessory->service_uuid = fakes_profile_uuid_text (words->services[0]);
  accessory->advertising = TRUE;
  accessory->values =
    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
  fakes_beats_init (&accessory->beats, words->low_bpm, words->high_bpm, words->flags);
  accessory->devices =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fakes_device_free);
  for (guint i = 0; i < words->n_adapters; i++)
    {
      FakesAdapter *adapter = g_ptr_array_index (world->adapters, words->adapters[i]);

      g_ptr_array_add (accessory->devices, fakes_device_new (adapter, accessory));
    }
  return accessory;
}

void
fakes_accessory_free (FakesAccessory *accessory)
{
  g_ptr_array_unref (accessory->devices);
  g_clear_handle_id (&accessory->beat_source, g_source_remove);
  g_clear_handle_id (&accessory->lifetime_source, g_source_remove);
  g_hash_table_unref (accessory->values);
  accessory_words_free (accessory->words);
  g_free (accessory->service_uuid);
  g_free (accessory->name);
  g_free (accessory->address);
  g_free (accessory->id);
  g_free (accessory);
}

void
fakes_accessory_advertise (FakesAccessory *accessory)
{
  if (!accessory->advertising || accessory->linked != NULL)
    return;
  for (guint i = 0; i < accessory->devices->len; i++)
    fakes_device_heard (g_ptr_array_index (accessory->devices, i));
}

void
fakes_accessory_set_advertising (FakesAccessory *accessory, gboolean on)
{
  accessory->advertising = on;
  fakes_accessory_advertise (accessory);
}

void
fakes_accessory_vanish (FakesAccessory *accessory)
{
  accessory->advertising = FALSE;
  if (accessory->linked != NULL)
    fakes_link_drop (accessory->linked);
}

static gboolean
on_lifetime_over (gpointer data)
{
  FakesAccessory *accessory = data;

  accessory->lifetime_source = 0;
  fakes_link_drop (accessory->linked);
  return G_SOURCE_REMOVE;
}

void
fakes_accessory_linked (FakesAccessory *accessory, FakesDevice *device)
{
  accessory->linked = device;
  fakes_accessory_event (accessory, "connected", NULL);
  if (accessory->words->lifetime_ms > 0)
    accessory->lifetime_source =
      g_timeout_add (accessory->words->lifetime_ms, on_lifetime_over, accessory);
}

void
fakes_accessory_unlinked (FakesAccessory *accessory)
{
  accessory->linked = NULL;
  g_clear_handle_id (&accessory->lifetime_source, g_source_remove);
  fakes_accessory_event (accessory, "disconnected", NULL);
}

GBytes *
fakes_accessory_value (FakesAccessory *accessory, guint16 uuid)
{
  GBytes *value = g_hash_table_lookup (accessory->values, GUINT_TO_POINTER (uuid));
  const FakesProfileCharacteristic *row = fakes_profile_find_characteristic (uuid);

  if (value != NULL)
    return g_bytes_ref (value);
  return row != NULL ? accessory_words_hex (row->value) : NULL;
}

void
fakes_accessory_set_value (FakesAccessory *accessory, guint16 uuid, GBytes *value)
{
  g_hash_table_insert (accessory->values, GUINT_TO_POINTER (uuid), g_bytes_ref (value));
}

/* The characteristic of the heart, if somebody follows it. */
static FakesCharacteristic *
find_followed_heart (FakesAccessory *accessory)
{
  const FakesDevice *device = accessory->linked;
  FakesCharacteristic *heart = NULL;

  if (device != NULL && device->gatt != NULL)
    heart = fakes_gatt_find (device->gatt, HEART_RATE_MEASUREMENT);
  return heart != NULL && heart->subscribed ? heart : NULL;
}

static gboolean
on_beat (gpointer data)
{
  FakesAccessory *accessory = data;
  FakesCharacteristic *heart = find_followed_heart (accessory);
  guint8 octets[FAKES_BEATS_VALUE_MAX];
  gsize size = fakes_beats_next (&accessory->beats, accessory->words->rate_ms, octets);
  g_autoptr (GBytes) value = g_bytes_new (octets, size);

  fakes_notify_send (heart, value);
  return G_SOURCE_CONTINUE;
}

void
fakes_accessory_update_beats (FakesAccessory *accessory)
{
  gboolean beating =
    accessory->words->rate_ms > 0 && find_followed_heart (accessory) != NULL;

  if (beating && accessory->beat_source == 0)
    accessory->beat_source =
      g_timeout_add (accessory->words->rate_ms, on_beat, accessory);
  else if (!beating)
    g_clear_handle_id (&accessory->beat_source, g_source_remove);
}

void
fakes_accessory_set_rate (FakesAccessory *accessory, guint rate_ms)
{
  accessory->words->rate_ms = rate_ms;
  g_clear_handle_id (&accessory->beat_source, g_source_remove);
  fakes_accessory_update_beats (accessory);
}
