/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/filters.h"

#include <string.h>

#include "ble/names.h"
#include "ble/uuid.h"

#define HEART_RATE_SERVICE 0x180D /* Assigned Numbers 3.4 */

void
blepick_filters_clear (BlepickFilters *filters)
{
  g_clear_pointer (&filters->kind, g_free);
  g_clear_pointer (&filters->services, g_strfreev);
  g_clear_pointer (&filters->company, g_free);
  g_clear_pointer (&filters->name, g_free);
}

typedef struct
{
  gboolean has_company;
  guint16 company;
  gboolean any;
} Parsed;

static gboolean
refuse (GError **error, const char *cause, const char *text)
{
  blepick_failure_set (error, BLEPICK_EXIT_USAGE, cause, "%s", text);
  return FALSE;
}

static gboolean
parse_filters (const BlepickFilters *filters, Parsed *parsed, GError **error)
{
  if (filters->kind != NULL && strcmp (filters->kind, "any") == 0)
    parsed->any = TRUE;
  else if (filters->kind != NULL && strcmp (filters->kind, "heart-rate") != 0)
    return refuse (error, "bad-kind", "The kind has to be heart-rate or any.");

  if (filters->company != NULL)
    {
      char *end = NULL;
      guint64 number = g_ascii_strtoull (filters->company, &end, 0);

      if (!g_ascii_isdigit (filters->company[0]) || *end != '\0' || number > G_MAXUINT16)
        return refuse (error, "bad-company",
                       "A company is a number from 0 to 65535, such as 0x006b.");
      parsed->has_company = TRUE;
      parsed->company = (guint16) number;
    }
  if (filters->name != NULL && !g_utf8_validate (filters->name, -1, NULL))
    return refuse (error, "bad-name", "The name is not valid UTF-8.");
  return TRUE;
}

static GVariant *
build_item (const BlepickFilters *filters, const Parsed *parsed, const BleUuid *service)
{
  const char *support[] = { "pairing-le", NULL };
  const char *label = service != NULL ? ble_service_to_label (service) : NULL;
  char uuid[BLE_UUID_TEXT_SIZE];
  GVariantDict descriptor, item;

  g_variant_dict_init (&descriptor, NULL);
  if (service != NULL)
    {
      ble_uuid_format (service, uuid);
      g_variant_dict_insert (&descriptor, "service-uuid", "s", uuid);
    }
  if (parsed->has_company)
    g_variant_dict_insert (&descriptor, "company-id", "q", parsed->company);
  if (service == NULL && !parsed->has_company)
    g_variant_dict_insert (&descriptor, "accept-all", "b", TRUE);
  if (filters->name != NULL && (service != NULL || parsed->has_company))
    {
      const char *compare[] = { "case-insensitive", NULL };

      g_variant_dict_insert (&descriptor, "name-substring", "s", filters->name);
      g_variant_dict_insert (&descriptor, "name-compare", "^as", compare);
    }
  if (!filters->no_pair)
    g_variant_dict_insert (&descriptor, "support", "^as", support);

  g_variant_dict_init (&item, NULL);
  g_variant_dict_insert (&item, "name", "s", label != NULL ? label : "Accessory");
  g_variant_dict_insert_value (&item, "descriptor", g_variant_dict_end (&descriptor));
  return g_variant_dict_end (&item);
}

GVariant *
blepick_filters_build (const BlepickFilters *filters, GError **error)
{
  BleUuid heart_rate = ble_uuid_from_u16 (HEART_RATE_SERVICE);
  gboolean has_services = filters->services != NULL && filters->services[0] != NULL;
  g_autoptr (GVariantBuilder) builder = g_variant_builder_new (G_VARIANT_TYPE ("aa{sv}"));
  Parsed parsed = { 0 };

  if (!parse_filters (filters, &parsed, error))
    return NULL;
  for (char **text = filters->services; has_services && *text != NULL; text++)
    {
      BleUuid service;

      if (!ble_uuid_parse (*text, &service))
        {
          refuse (
            error, "bad-service",
            "A service is a UUID: 180d, 0x180D, or 0000180d-0000-1000-8000-00805f9b34fb.");
          return NULL;
        }
      g_variant_builder_add_value (builder, build_item (filters, &parsed, &service));
    }
  if (!has_services)
    g_variant_builder_add_value (
      builder, build_item (filters, &parsed,
                           parsed.any || parsed.has_company ? NULL : &heart_rate));
  return g_variant_ref_sink (g_variant_builder_end (builder));
}
