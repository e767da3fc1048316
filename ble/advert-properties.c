/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/advert.h"

#include <string.h>

/* What an RSSI may be: Core Specification 5.3, Vol 4, Part E, 7.7.65.2. */
#define RSSI_MIN (-127)
#define RSSI_MAX 20

/* Puts one field over that of @advert. What @value points to is only borrowed. */
static void
put (BleAdvert *advert, BleAdvert value, BleAdvertFields field)
{
  value.adapter = advert->adapter;
  value.fields = field;
  ble_advert_merge (advert, &value);
}

/* One function a property. Each either takes the whole of @value or leaves @advert as
 * it is. */
typedef gboolean (*TakeFunc) (BleAdvert *advert, GVariant *value);

static gboolean
take_address (BleAdvert *advert, GVariant *value)
{
  BleAddress address;

  if (!ble_address_parse (g_variant_get_string (value, NULL),
                          (BleAddressType) advert->address.type, &address))
    return FALSE;
  put (advert, (BleAdvert){ .address = address }, BLE_ADVERT_HAS_ADDRESS);
  return TRUE;
}

static gboolean
take_address_type (BleAdvert *advert, GVariant *value)
{
  const char *word = g_variant_get_string (value, NULL);

  if (g_str_equal (word, "public"))
    advert->address.type = BLE_ADDRESS_PUBLIC;
  else if (g_str_equal (word, "random"))
    advert->address.type = BLE_ADDRESS_RANDOM;
  else
    return FALSE;
  /* A type without an address says nothing yet. */
  return (advert->fields & BLE_ADVERT_HAS_ADDRESS) != 0;
}

static gboolean
take_name (BleAdvert *advert, GVariant *value)
{
  gsize length;
  const char *name = g_variant_get_string (value, &length);

  if (length == 0 || length > BLE_ADVERT_NAME_MAX)
    return FALSE;
  put (advert, (BleAdvert){ .name = (char *) name }, BLE_ADVERT_HAS_NAME);
  return TRUE;
}

static gboolean
take_appearance (BleAdvert *advert, GVariant *value)
{
  put (advert, (BleAdvert){ .appearance = g_variant_get_uint16 (value) },
       BLE_ADVERT_HAS_APPEARANCE);
  return TRUE;
}

static gboolean
take_rssi (BleAdvert *advert, GVariant *value)
{
  gint16 rssi = g_variant_get_int16 (value);

  if (rssi != BLE_RSSI_UNKNOWN && (rssi < RSSI_MIN || rssi > RSSI_MAX))
    return FALSE;
  put (advert, (BleAdvert){ .rssi = rssi }, BLE_ADVERT_HAS_RSSI);
  return TRUE;
}

static gboolean
take_services (BleAdvert *advert, GVariant *value)
{
  BleUuid services[BLE_ADVERT_SERVICES_MAX];
  GVariantIter iter;
  const char *text;
  guint n = 0;

  if (g_variant_n_children (value) > BLE_ADVERT_SERVICES_MAX)
    return FALSE;
  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "&s", &text))
    {
      BleUuid service;
      guint place = n;

      if (!ble_uuid_parse (text, &service))
        return FALSE;
      while (place > 0 && ble_uuid_compare (&services[place - 1], &service) > 0)
        place--;
      if (place > 0 && ble_uuid_equal (&services[place - 1], &service))
        continue; /* named twice */
      memmove (&services[place + 1], &services[place], (n - place) * sizeof *services);
      services[place] = service;
      n++;
    }
  put (advert, (BleAdvert){ .services = services, .n_services = n },
       BLE_ADVERT_HAS_SERVICES);
  return TRUE;
}

/* A dictionary of payloads while it is read: sorted by key, the octets still those of
 * @values. */
typedef struct
{
  BleAdvertData list[BLE_ADVERT_DATA_MAX];
  GVariant *values[BLE_ADVERT_DATA_MAX];
  guint n;
} Payloads;

/* Takes over the reference to @value. */
static gboolean
add_payload (Payloads *payloads, BleAdvertData data, GVariant *value)
{
  guint place = payloads->n;
  gsize length;

  payloads->values[payloads->n++] = value;
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return FALSE;
  data.octets = g_variant_get_fixed_array (value, &length, 1);
  if (length > BLE_ADVERT_PAYLOAD_MAX)
    return FALSE;
  data.length = (guint8) length;
  for (; place > 0; place--)
    {
      if (ble_uuid_compare (&payloads->list[place - 1].service, &data.service) <= 0)
        break;
      payloads->list[place] = payloads->list[place - 1];
    }
  payloads->list[place] = data;
  return TRUE;
}

static void
clear_payloads (Payloads *payloads)
{
  for (guint i = 0; i < payloads->n; i++)
    g_variant_unref (payloads->values[i]);
}

static gboolean
take_manufacturer (BleAdvert *advert, GVariant *value)
{
  gsize n = g_variant_n_children (value);
  gboolean good = n <= BLE_ADVERT_DATA_MAX;
  Payloads payloads;

  payloads.n = 0;
  for (gsize i = 0; good && i < n; i++)
    {
      BleAdvertData data = { 0 };
      GVariant *payload;

      g_variant_get_child (value, i, "{qv}", &data.company, &payload);
      good = add_payload (&payloads, data, payload);
    }
  if (good)
    put (advert,
         (BleAdvert){ .manufacturer = payloads.list, .n_manufacturer = payloads.n },
         BLE_ADVERT_HAS_MANUFACTURER);
  clear_payloads (&payloads);
  return good;
}

static gboolean
take_service_data (BleAdvert *advert, GVariant *value)
{
  gsize n = g_variant_n_children (value);
  gboolean good = n <= BLE_ADVERT_DATA_MAX;
  Payloads payloads;

  payloads.n = 0;
  for (gsize i = 0; good && i < n; i++)
    {
      BleAdvertData data = { 0 };
      const char *service;
      GVariant *payload;

      g_variant_get_child (value, i, "{&sv}", &service, &payload);
      good = ble_uuid_parse (service, &data.service);
      good = add_payload (&payloads, data, payload) && good;
    }
  if (good)
    put (advert,
         (BleAdvert){ .service_data = payloads.list, .n_service_data = payloads.n },
         BLE_ADVERT_HAS_SERVICE_DATA);
  clear_payloads (&payloads);
  return good;
}

static gboolean
take_connected (BleAdvert *advert, GVariant *value)
{
  put (advert, (BleAdvert){ .connected = g_variant_get_boolean (value) },
       BLE_ADVERT_HAS_CONNECTED);
  return TRUE;
}

static gboolean
take_bonded (BleAdvert *advert, GVariant *value)
{
  put (advert, (BleAdvert){ .bonded = g_variant_get_boolean (value) },
       BLE_ADVERT_HAS_BONDED);
  return TRUE;
}

static gboolean
take_resolved (BleAdvert *advert, GVariant *value)
{
  put (advert, (BleAdvert){ .resolved = g_variant_get_boolean (value) },
       BLE_ADVERT_HAS_RESOLVED);
  return TRUE;
}

typedef struct
{
  const char *name;
  const char *type;
  TakeFunc take;
  guint field;
} PropertyRow;

/* The Device1 interface as BlueZ 5.66 documents it (doc/device-api.txt). */
static const PropertyRow properties_known[] = {
  { "RSSI", "n", take_rssi, BLE_ADVERT_HAS_RSSI }, /* by far the most frequent */
  { "ManufacturerData", "a{qv}", take_manufacturer, BLE_ADVERT_HAS_MANUFACTURER },
  { "ServiceData", "a{sv}", take_service_data, BLE_ADVERT_HAS_SERVICE_DATA },
  { "UUIDs", "as", take_services, BLE_ADVERT_HAS_SERVICES },
  { "Name", "s", take_name, BLE_ADVERT_HAS_NAME },
  { "Address", "s", take_address, BLE_ADVERT_HAS_ADDRESS },
  { "AddressType", "s", take_address_type, BLE_ADVERT_HAS_ADDRESS },
  { "Appearance", "q", take_appearance, BLE_ADVERT_HAS_APPEARANCE },
  { "Connected", "b", take_connected, BLE_ADVERT_HAS_CONNECTED },
  { "Bonded", "b", take_bonded, BLE_ADVERT_HAS_BONDED },
  { "Paired", "b", take_bonded, BLE_ADVERT_HAS_BONDED },
  { "ServicesResolved", "b", take_resolved, BLE_ADVERT_HAS_RESOLVED },
};

static const PropertyRow *
find_property (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (properties_known); i++)
    if (g_str_equal (properties_known[i].name, name))
      return &properties_known[i];
  return NULL;
}

guint
ble_advert_take_properties (BleAdvert *advert, GVariant *properties)
{
  gboolean knows_bonded = FALSE;
  GVariantIter iter;
  GVariant *value;
  const char *name;
  guint taken = 0;

  g_return_val_if_fail (advert != NULL, 0);
  g_return_val_if_fail (properties != NULL, 0);

  if (!g_variant_is_of_type (properties, G_VARIANT_TYPE_VARDICT))
    return 0;
  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      const PropertyRow *row = find_property (name);

      if (row == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE (row->type)))
        continue;
      /* Paired says less than Bonded, whichever comes first. */
      if (g_str_equal (name, "Paired") && knows_bonded)
        continue;
      if (!row->take (advert, value))
        continue;
      knows_bonded |= g_str_equal (name, "Bonded");
      taken |= row->field;
    }
  return taken;
}

guint
ble_advert_drop_property (BleAdvert *advert, const char *property)
{
  const PropertyRow *row = find_property (property);
  guint dropped;

  g_return_val_if_fail (advert != NULL, 0);

  dropped = row != NULL ? row->field & advert->fields : 0;
  ble_advert_drop_fields (advert, dropped);
  return dropped;
}
