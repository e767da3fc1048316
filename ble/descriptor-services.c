/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/descriptor-parse.h"

/* What a grant covers besides the service of service-uuid (Assigned Numbers 3.4.2). */
#define SERVICE_BATTERY            0x180f
#define SERVICE_DEVICE_INFORMATION 0x180a

static const BleDescriptorWord access_words[] = {
  { "read", BLE_ACCESS_READ },
  { "write", BLE_ACCESS_WRITE },
  { "notify", BLE_ACCESS_NOTIFY },
  { NULL, 0 },
};

static gboolean
contains_uuid (const BleUuid *uuids, guint n, const BleUuid *uuid)
{
  for (guint i = 0; i < n; i++)
    if (ble_uuid_equal (&uuids[i], uuid))
      return TRUE;
  return FALSE;
}

static gboolean
contains_service (const BleDescriptor *descriptor, const BleUuid *service)
{
  for (guint i = 0; i < descriptor->n_services; i++)
    if (ble_uuid_equal (&descriptor->services[i].service, service))
      return TRUE;
  return FALSE;
}

/* Reads @value (as) into @wanted. */
static gboolean
parse_characteristics (BleWantedService *wanted,
                       const char *field,
                       GVariant *value,
                       GError **error)
{
  gsize n = g_variant_n_children (value);

  if (n > BLE_DESCRIPTOR_CHARACTERISTICS_MAX)
    return ble_descriptor_set_bad (error, field, "at most 16 characteristics a service");
  wanted->characteristics = g_new0 (BleUuid, n);
  for (gsize i = 0; i < n; i++)
    {
      const char *text;
      BleUuid uuid;

      g_variant_get_child (value, i, "&s", &text);
      if (!ble_uuid_parse (text, &uuid))
        return ble_descriptor_set_bad (
          error, field, "a characteristic is a UUID of 16, 32 or 128 bits");
      if (contains_uuid (wanted->characteristics, wanted->n_characteristics, &uuid))
        return ble_descriptor_set_bad (error, field, "a characteristic is there twice");
      wanted->characteristics[wanted->n_characteristics++] = uuid;
    }
  return TRUE;
}

/* Reads @value, (sas) or (sasas), into the next free place of the services. */
static gboolean
parse_service (BleDescriptor *descriptor,
               const char *field,
               GVariant *value,
               GError **error)
{
  BleWantedService *wanted = &descriptor->services[descriptor->n_services];
  g_autoptr (GVariant) access = NULL;
  g_autoptr (GVariant) characteristics = NULL;
  const char *text;

  g_variant_get_child (value, 0, "&s", &text);
  if (!ble_uuid_parse (text, &wanted->service))
    return ble_descriptor_set_bad (error, field,
                                   "a service is a UUID of 16, 32 or 128 bits");
  if (contains_service (descriptor, &wanted->service))
    return ble_descriptor_set_bad (error, field, "a service is there twice");
  descriptor->n_services++; /* from here on it is freed with the descriptor */
  access = g_variant_get_child_value (value, 1);
  if (!ble_descriptor_read_words (access, access_words, &wanted->access) ||
      wanted->access == 0)
    return ble_descriptor_set_bad (error, field,
                                   "a service needs read, write or notify, each once");
  if (g_variant_n_children (value) < 3)
    return TRUE;
  characteristics = g_variant_get_child_value (value, 2);
  return parse_characteristics (wanted, field, characteristics, error);
}

gboolean
ble_descriptor_parse_services (BleDescriptor *descriptor,
                               const char *field,
                               GVariant *value,
                               GError **error)
{
  gsize n = g_variant_n_children (value);

  if (n == 0 || n > BLE_DESCRIPTOR_SERVICES_MAX)
    return ble_descriptor_set_bad (error, field, "1 to 16 services are needed");
  descriptor->services = g_new0 (BleWantedService, n);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) service = g_variant_get_child_value (value, i);

      if (!parse_service (descriptor, field, service, error))
        return FALSE;
    }
  return TRUE;
}

static void
add_service (BleDescriptor *descriptor, BleUuid service, guint access)
{
  if (!contains_service (descriptor, &service))
    descriptor->services[descriptor->n_services++] =
      (BleWantedService){ .service = service, .access = access };
}

void
ble_descriptor_add_default_services (BleDescriptor *descriptor)
{
  descriptor->services = g_new0 (BleWantedService, 3);
  if (descriptor->has_service)
    add_service (descriptor, descriptor->service,
                 BLE_ACCESS_READ | BLE_ACCESS_WRITE | BLE_ACCESS_NOTIFY);
  add_service (descriptor, ble_uuid_from_u16 (SERVICE_BATTERY),
               BLE_ACCESS_READ | BLE_ACCESS_NOTIFY);
  add_service (descriptor, ble_uuid_from_u16 (SERVICE_DEVICE_INFORMATION),
               BLE_ACCESS_READ);
}
