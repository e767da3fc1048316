/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/declared.h"

#include "broker/permissions-words.h"
#include "dbus/errors.h"

#define BATTERY            0x180f
#define DEVICE_INFORMATION 0x180a

/* What is compared with what. */
typedef struct
{
  const PermsManifest *manifest; /* NULL: a host app's that has none */
  char *place;                   /* "item 2: " or "item 2: exclude: " */
} Check;

static gboolean
refuse (const Check *check, const char *what, const char *key, GError **error)
{
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-declared",
                     check->manifest != NULL
                       ? "%s%s: has to be declared in %s= of the app's manifest"
                       : "%s%s: needs a manifest that declares it in %s=",
                     check->place, what, key);
  return FALSE;
}

static gboolean
has_flag (const Check *check, PermsManifestFlag flag)
{
  return check->manifest != NULL && (perms_manifest_get_flags (check->manifest) & flag);
}

static gboolean
check_service (const Check *check, const char *field, const BleUuid *uuid, GError **error)
{
  PermsUuid service = broker_words_uuid (uuid);
  char text[BLE_UUID_TEXT_SIZE];

  if (check->manifest == NULL || perms_manifest_has_service (check->manifest, &service))
    return TRUE;
  ble_uuid_format_short (uuid, text);
  g_autofree char *what = g_strdup_printf ("%s: %s", field, text);
  return refuse (check, what, "services", error);
}

static gboolean
is_in_every_grant (const BleUuid *service)
{
  guint16 value;

  return ble_uuid_to_u16 (service, &value) &&
         (value == BATTERY || value == DEVICE_INFORMATION);
}

static gboolean
check_wanted (const Check *check, const BleWantedService *wanted, GError **error)
{
  if (!is_in_every_grant (&wanted->service) &&
      !check_service (check, "services", &wanted->service, error))
    return FALSE;
  for (guint i = 0; i < wanted->n_characteristics; i++)
    {
      PermsUuid uuid = broker_words_uuid (&wanted->characteristics[i]);
      char text[BLE_UUID_TEXT_SIZE];

      if (check->manifest != NULL &&
          perms_manifest_has_blocklisted (check->manifest, &uuid))
        continue;
      ble_uuid_format_short (&wanted->characteristics[i], text);
      g_autofree char *what = g_strdup_printf ("services: %s", text);
      return refuse (check, what, "blocklisted", error);
    }
  return TRUE;
}

static gboolean
check_company (const Check *check, guint16 company, GError **error)
{
  if (check->manifest == NULL || perms_manifest_has_company (check->manifest, company))
    return TRUE;
  g_autofree char *what = g_strdup_printf ("company-id: 0x%04x", company);
  return refuse (check, what, "companies", error);
}

static gboolean
check_name (const Check *check, const char *part, GError **error)
{
  return check->manifest == NULL || perms_manifest_has_name (check->manifest, part) ||
         refuse (check, "name-substring", "names", error);
}

/* The fields that an exclusion has as well. */
static gboolean
check_fields (const Check *check, const BleDescriptor *descriptor, GError **error)
{
  return (!descriptor->has_service ||
          check_service (check, "service-uuid", &descriptor->service, error)) &&
         (!descriptor->has_company ||
          check_company (check, descriptor->company, error)) &&
         (descriptor->name_substring == NULL ||
          check_name (check, descriptor->name_substring, error));
}

static gboolean
check_descriptor (const Check *check, const BleDescriptor *descriptor, GError **error)
{
  if (!check_fields (check, descriptor, error))
    return FALSE;
  if (descriptor->accept_all && check->manifest != NULL &&
      !has_flag (check, PERMS_MANIFEST_ACCEPT_ALL))
    return refuse (check, "accept-all", "accept-all", error);
  if ((descriptor->support & BLE_SUPPORT_HID) && !has_flag (check, PERMS_MANIFEST_HID))
    return refuse (check, "support: hid", "hid", error);
  for (guint i = 0; i < descriptor->n_services; i++)
    if (!check_wanted (check, &descriptor->services[i], error))
      return FALSE;
  for (guint i = 0; i < descriptor->n_exclude; i++)
    {
      g_autofree char *place = g_strdup_printf ("%sexclude: ", check->place);
      const Check inner = { check->manifest, place };

      if (!check_fields (&inner, descriptor->exclude[i], error))
        return FALSE;
    }
  return TRUE;
}

/* What applies before anything is compared. */
static gboolean
check_app (const PermsManifest *manifest, gboolean sandboxed, GError **error)
{
  if (manifest == NULL && sandboxed)
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-declared",
                       "An app in a sandbox needs a manifest, and this one has none");
  else if (manifest != NULL &&
           !(perms_manifest_get_supports (manifest) & PERMS_ACCESS_ACCESSORY_SETUP))
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "not-declared",
                       "supports= of the app's manifest does not say accessory-setup");
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_items (const PermsManifest *manifest, GPtrArray *items, GError **error)
{
  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *place = g_strdup_printf ("item %u: ", i + 1);
      const Check check = { manifest, place };
      BleDescriptor *descriptor =
        ((const BrokerPickerItem *) g_ptr_array_index (items, i))->descriptor;

      if (!check_descriptor (&check, descriptor, error))
        return FALSE;
      if (has_flag (&check, PERMS_MANIFEST_VERIFIED))
        descriptor->require_verified = TRUE;
    }
  return TRUE;
}

gboolean
broker_declared_check (const PermsManifest *manifest,
                       gboolean sandboxed,
                       BrokerPickerRequest *request,
                       GError **error)
{
  if (!check_app (manifest, sandboxed, error))
    return FALSE;
  if (!check_items (manifest, request->items, error) ||
      !check_items (manifest, request->migrations, error))
    return FALSE;
  request->declared = manifest != NULL;
  return TRUE;
}

gboolean
broker_declared_check_discovery (const PermsManifest *manifest, GError **error)
{
  char place[] = "";
  const Check check = { manifest, place };

  return has_flag (&check, PERMS_MANIFEST_DISCOVERY) ||
         refuse (&check, "filter-discovery-results", "discovery", error);
}

gboolean
broker_declared_check_services (const PermsManifest *manifest,
                                gboolean sandboxed,
                                const BleWantedService *services,
                                guint n_services,
                                GError **error)
{
  char place[] = "";
  const Check check = { manifest, place };

  if (!check_app (manifest, sandboxed, error))
    return FALSE;
  for (guint i = 0; i < n_services; i++)
    if (!check_wanted (&check, &services[i], error))
      return FALSE;
  return TRUE;
}
