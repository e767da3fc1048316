/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/found.h"

#include <string.h>

#include "ble/match.h"
#include "ble/names.h"
#include "ble/sightings.h"

static gboolean
is_in_range (const BleDescriptor *filter, const BleAdvert *advert)
{
  return filter->range != BLE_RANGE_IMMEDIATE ||
         ble_signal_from_rssi (advert->rssi, BLE_SIGNAL_UNKNOWN) == BLE_SIGNAL_STRONG;
}

gboolean
broker_found_fits (const BleAdvert *advert, const GPtrArray *filters)
{
  for (guint i = 0; i < filters->len; i++)
    {
      const BleDescriptor *filter = g_ptr_array_index (filters, i);

      if (ble_match (filter, advert) && is_in_range (filter, advert))
        return TRUE;
    }
  return filters->len == 0;
}

char *
broker_found_dup_name (const BleAdvert *advert)
{
  if (advert->name == NULL || advert->name[0] == '\0')
    return g_strdup ("");
  return ble_name_sanitise (advert->name, strlen (advert->name));
}

static GVariant *
make_octets (const BleAdvertData *data)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data->octets, data->length,
                                    sizeof (guint8));
}

static void
add_payloads (GVariantDict *dict, const BleAdvert *advert)
{
  GVariantBuilder services, manufacturer, service_data;
  char uuid[BLE_UUID_TEXT_SIZE];

  g_variant_builder_init (&services, G_VARIANT_TYPE_STRING_ARRAY);
  g_variant_builder_init (&manufacturer, G_VARIANT_TYPE ("a{qv}"));
  g_variant_builder_init (&service_data, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < advert->n_services; i++)
    {
      ble_uuid_format (&advert->services[i], uuid);
      g_variant_builder_add (&services, "s", uuid);
    }
  for (guint i = 0; i < advert->n_manufacturer; i++)
    g_variant_builder_add (&manufacturer, "{qv}", advert->manufacturer[i].company,
                           make_octets (&advert->manufacturer[i]));
  for (guint i = 0; i < advert->n_service_data; i++)
    {
      ble_uuid_format (&advert->service_data[i].service, uuid);
      g_variant_builder_add (&service_data, "{sv}", uuid,
                             make_octets (&advert->service_data[i]));
    }
  g_variant_dict_insert_value (dict, "services", g_variant_builder_end (&services));
  g_variant_dict_insert_value (dict, "manufacturer-data",
                               g_variant_builder_end (&manufacturer));
  g_variant_dict_insert_value (dict, "service-data",
                               g_variant_builder_end (&service_data));
}

void
broker_found_describe (GVariantDict *dict, const BleAdvert *advert)
{
  g_autofree char *name = broker_found_dup_name (advert);
  BleKind kind =
    ble_kind_guess (advert->appearance, advert->services, advert->n_services);
  BleSignal signal = BLE_SIGNAL_UNKNOWN;

  g_variant_dict_insert (dict, "name", "s", name);
  g_variant_dict_insert (dict, "kind", "s", ble_kind_to_word (kind));
  if ((advert->fields & BLE_ADVERT_HAS_RSSI) != 0 && advert->rssi != BLE_RSSI_UNKNOWN)
    {
      signal = ble_signal_from_rssi (advert->rssi, BLE_SIGNAL_UNKNOWN);
      g_variant_dict_insert (dict, "rssi", "n", advert->rssi);
    }
  g_variant_dict_insert (dict, "signal", "s", ble_signal_to_word (signal));
  g_variant_dict_insert (dict, "connected", "b", advert->connected);
  g_variant_dict_insert (dict, "set-up", "b", advert->bonded);
  add_payloads (dict, advert);
}
