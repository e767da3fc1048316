/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/device.h"

#include <string.h>

#include "tests/fakes/discovery.h"
#include "tests/fakes/gatt.h"
#include "tests/fakes/link.h"
#include "tests/fakes/pairing.h"
#include "tests/fakes/profile.h"

/* BlueZ tells of a new RSSI without a filter only when it moved this far. */
#define RSSI_THRESHOLD_DB 8

static const AccessoryWords *
words_of (const FakesDevice *device)
{
  return device->accessory->words;
}

static GVariant *
get_address (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_string (device->identified ? words_of (device)->identity
                                                  : device->accessory->address);
}

static GVariant *
get_address_type (gpointer data)
{
  return g_variant_new_string (words_of (data)->address_public ? "public" : "random");
}

static GVariant *
get_name (gpointer data)
{
  const FakesDevice *device = data;

  return device->accessory->name[0] != '\0'
           ? g_variant_new_string (device->accessory->name)
           : NULL;
}

static GVariant *
get_alias (gpointer data)
{
  const FakesDevice *device = data;

  if (device->alias != NULL)
    return g_variant_new_string (device->alias);
  if (device->accessory->name[0] != '\0')
    return g_variant_new_string (device->accessory->name);
  return g_variant_new_take_string (
    g_strdelimit (g_strdup (device->accessory->address), ":", '-'));
}

static void
set_alias (FakesCall *call, gpointer data, GVariant *value)
{
  FakesDevice *device = data;
  const char *alias = g_variant_get_string (value, NULL);

  g_free (device->alias);
  device->alias = alias[0] != '\0' ? g_strdup (alias) : NULL;
  fakes_device_changed (device, "Alias");
  fakes_call_return (call, NULL);
}

static GVariant *
get_appearance (gpointer data)
{
  guint16 appearance = words_of (data)->appearance;

  return appearance != 0 ? g_variant_new_uint16 (appearance) : NULL;
}

/* Only the kinds that BlueZ 5.66 has an icon for, and that a test may want. */
static GVariant *
get_icon (gpointer data)
{
  switch (words_of (data)->appearance)
    {
    case 0x0040:
      return g_variant_new_string ("phone");
    case 0x0080:
      return g_variant_new_string ("computer");
    case 0x03c1:
      return g_variant_new_string ("input-keyboard");
    case 0x03c2:
      return g_variant_new_string ("input-mouse");
    default:
      return NULL;
    }
}

static GVariant *
get_paired (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->paired);
}

static GVariant *
get_bonded (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->bonded);
}

static GVariant *
get_trusted (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->trusted);
}

static void
set_trusted (FakesCall *call, gpointer data, GVariant *value)
{
  FakesDevice *device = data;

  device->trusted = g_variant_get_boolean (value);
  fakes_device_changed (device, "Trusted");
  fakes_call_return (call, NULL);
}

static GVariant *
get_blocked (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->blocked);
}

static void
set_blocked (FakesCall *call, gpointer data, GVariant *value)
{
  FakesDevice *device = data;

  device->blocked = g_variant_get_boolean (value);
  if (device->blocked)
    fakes_link_drop (device);
  fakes_device_changed (device, "Blocked");
  fakes_call_return (call, NULL);
}

static GVariant *
get_legacy_pairing (gpointer data)
{
  return g_variant_new_boolean (FALSE);
}

static GVariant *
get_rssi (gpointer data)
{
  const FakesDevice *device = data;

  return device->heard ? g_variant_new_int16 ((gint16) device->rssi_dbm) : NULL;
}

static GVariant *
get_connected (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->connected);
}

/* The advertised one, until all are known. */
static GVariant *
get_uuids (gpointer data)
{
  const FakesDevice *device = data;
  const AccessoryWords *words = words_of (device);
  guint n_services = device->gatt != NULL ? words->n_services : 1;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  if (device->gatt != NULL)
    {
      g_variant_builder_add (&builder, "s", "00001800-0000-1000-8000-00805f9b34fb");
      g_variant_builder_add (&builder, "s", "00001801-0000-1000-8000-00805f9b34fb");
    }
  for (guint i = 0; i < n_services; i++)
    {
      g_autofree char *uuid = fakes_profile_uuid_text (words->services[i]);

      g_variant_builder_add (&builder, "s", uuid);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
get_adapter (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_object_path (device->adapter->path);
}

static GVariant *
new_octets (GBytes *bytes)
{
  gsize size;
  const void *octets = g_bytes_get_data (bytes, &size);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets, size, 1);
}

static GVariant *
get_manufacturer_data (gpointer data)
{
  const AccessoryWords *words = words_of (data);
  GVariantBuilder builder;

  if (words->manufacturer == NULL)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{qv}"));
  g_variant_builder_add (&builder, "{qv}", words->company,
                         new_octets (words->manufacturer));
  return g_variant_builder_end (&builder);
}

static GVariant *
get_service_data (gpointer data)
{
  const AccessoryWords *words = words_of (data);
  g_autofree char *uuid = fakes_profile_uuid_text (words->service_data_uuid);
  GVariantBuilder builder;

  if (words->service_data == NULL)
    return NULL;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&builder, "{sv}", uuid, new_octets (words->service_data));
  return g_variant_builder_end (&builder);
}

static GVariant *
get_services_resolved (gpointer data)
{
  const FakesDevice *device = data;

  return g_variant_new_boolean (device->resolved);
}

static const FakesMethod methods[] = {
  { "Connect", "()", fakes_link_handle_connect },
  { "Disconnect", "()", fakes_link_handle_disconnect },
  { "Pair", "()", fakes_pairing_handle_pair },
  { "CancelPairing", "()", fakes_pairing_handle_cancel },
  { NULL, NULL, NULL },
};

static const FakesProperty properties[] = {
  { "Address", "s", get_address, NULL },
  { "AddressType", "s", get_address_type, NULL },
  { "Name", "s", get_name, NULL },
  { "Alias", "s", get_alias, set_alias },
  { "Appearance", "q", get_appearance, NULL },
  { "Icon", "s", get_icon, NULL },
  { "Paired", "b", get_paired, NULL },
  { "Bonded", "b", get_bonded, NULL },
  { "Trusted", "b", get_trusted, set_trusted },
  { "Blocked", "b", get_blocked, set_blocked },
  { "LegacyPairing", "b", get_legacy_pairing, NULL },
  { "RSSI", "n", get_rssi, NULL },
  { "Connected", "b", get_connected, NULL },
  { "UUIDs", "as", get_uuids, NULL },
  { "Adapter", "o", get_adapter, NULL },
  { "ManufacturerData", "a{qv}", get_manufacturer_data, NULL },
  { "ServiceData", "a{sv}", get_service_data, NULL },
  { "ServicesResolved", "b", get_services_resolved, NULL },
  { NULL, NULL, NULL, NULL },
};

static const FakesInterface interface = { "org.bluez.Device1", methods, properties };

static char *
make_path (const FakesDevice *device)
{
  g_autofree char *address =
    g_strdelimit (g_strdup (device->accessory->address), ":", '_');

  return g_strdup_printf ("%s/dev_%s", device->adapter->path, address);
}

FakesDevice *
fakes_device_new (FakesAdapter *adapter, FakesAccessory *accessory)
{
  FakesDevice *device = g_new0 (FakesDevice, 1);

  device->adapter = adapter;
  device->accessory = accessory;
  device->path = make_path (device);
  device->temporary = TRUE;
  g_ptr_array_add (adapter->devices, device);
  return device;
}

void
fakes_device_free (FakesDevice *device)
{
  if (device->exported)
    {
      fakes_link_drop (device);
      fakes_device_unexport (device, TRUE);
    }
  g_clear_handle_id (&device->lost_source, g_source_remove);
  fakes_gatt_free (device->gatt);
  g_ptr_array_remove_fast (device->adapter->devices, device);
  g_free (device->path);
  g_free (device->alias);
  g_free (device);
}

void
fakes_device_export (FakesDevice *device)
{
  device->exported = TRUE;
  fakes_objects_add (device->adapter->world->objects, device->path, &interface, device);
  if (device->gatt != NULL)
    fakes_gatt_export (device->gatt);
}

void
fakes_device_unexport (FakesDevice *device, gboolean announce)
{
  FakesObjects *objects = device->adapter->world->objects;

  if (device->gatt != NULL)
    fakes_gatt_unexport (device->gatt, announce);
  if (device->temporary)
    {
      g_clear_pointer (&device->gatt, fakes_gatt_free);
      device->gatt_stale = FALSE;
    }
  if (announce)
    fakes_objects_remove (objects, device->path);
  else
    fakes_objects_drop (objects, device->path);
  device->exported = FALSE;
  device->heard = FALSE;
}

/* Whether @rssi_dbm is news: with a filter every advert is. */
static gboolean
rssi_is_news (const FakesDevice *device, gint rssi_dbm)
{
  return !device->heard || fakes_discovery_filtered (device->adapter) ||
         ABS (device->rssi_dbm - rssi_dbm) >= RSSI_THRESHOLD_DB;
}

void
fakes_device_heard (FakesDevice *device)
{
  gint rssi_dbm = words_of (device)->rssi;
  gboolean news = rssi_is_news (device, rssi_dbm);

  if (device->blocked || device->connected ||
      !fakes_discovery_matches (device->adapter, device->accessory->service_uuid,
                                rssi_dbm))
    return;

  device->last_heard_us = g_get_monotonic_time ();
  device->heard = TRUE;
  if (news)
    device->rssi_dbm = rssi_dbm;
  if (!device->exported)
    fakes_device_export (device);
  else if (news && fakes_discovery_duplicates (device->adapter) &&
           words_of (device)->manufacturer != NULL)
    fakes_device_changed (device, "RSSI", "ManufacturerData");
  else if (news)
    fakes_device_changed (device, "RSSI");
}

void
fakes_device_discovery_over (FakesDevice *device)
{
  if (!device->heard)
    return;
  device->heard = FALSE;
  fakes_device_changed (device, "RSSI");
}

void
fakes_device_set_temporary (FakesDevice *device, gboolean temporary)
{
  device->temporary = temporary;
  device->last_heard_us = g_get_monotonic_time ();
}

void
fakes_device_expire (FakesDevice *device, gint64 now_us)
{
  gint64 age_ms = (now_us - device->last_heard_us) / 1000;

  if (device->exported && device->temporary && !device->connected &&
      device->pairing == NULL && age_ms >= device->adapter->world->options->temporary_ms)
    fakes_device_unexport (device, TRUE);
}

void
fakes_device_forget (FakesDevice *device)
{
  gboolean was_bonded = device->bonded;

  fakes_link_drop (device);
  device->bonded = FALSE;
  device->paired = FALSE;
  device->verified = FALSE;
  device->trusted = FALSE;
  device->temporary = TRUE;
  device->identified = FALSE;
  g_clear_pointer (&device->alias, g_free);
  fakes_device_unexport (device, TRUE);
  if (was_bonded)
    fakes_accessory_event (device->accessory, "unpaired", NULL);
}

void
fakes_device_client_gone (FakesDevice *device, const char *client)
{
  fakes_pairing_client_gone (device, client);
  if (device->gatt != NULL)
    fakes_gatt_client_gone (device->gatt, client);
}

/* ---- what changes ---- */

void
fakes_device_identify (FakesDevice *device)
{
  if (words_of (device)->identity == NULL || device->identified)
    return;
  device->identified = TRUE;
  fakes_device_changed (device, "Address", "AddressType");
}

void
fakes_device_change_services (FakesDevice *device, gboolean hidden)
{
  if (device->gatt == NULL)
    return;
  device->gatt_stale = hidden;
  if (hidden)
    return;
  if (device->exported)
    fakes_gatt_unexport (device->gatt, TRUE);
  fakes_gatt_free (device->gatt);
  device->gatt = NULL;
  if (!device->resolved)
    return;
  device->gatt = fakes_gatt_new (device);
  fakes_gatt_export (device->gatt);
  fakes_device_changed (device, "UUIDs");
  fakes_gatt_link_up (device->gatt);
}

void
fakes_device_move (FakesDevice *device)
{
  g_free (device->path);
  device->path = make_path (device);
  g_clear_pointer (&device->gatt, fakes_gatt_free);
}
