/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/match.h"

#include <string.h>

/* Names */

/* @text without what is put on top of letters: "é" becomes "e". */
static char *
strip_marks (const char *text)
{
  g_autofree char *apart = g_utf8_normalize (text, -1, G_NORMALIZE_NFD);
  GString *stripped = g_string_new (NULL);

  for (const char *p = apart; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_ismark (g_utf8_get_char (p)))
      g_string_append_unichar (stripped, g_utf8_get_char (p));
  return g_string_free (stripped, FALSE);
}

static char *
fold_name (const char *name, guint compare)
{
  g_autofree char *plain = (compare & BLE_NAME_COMPARE_DIACRITIC_INSENSITIVE) != 0
                             ? strip_marks (name)
                             : g_strdup (name);

  if ((compare & BLE_NAME_COMPARE_CASE_INSENSITIVE) != 0)
    return g_utf8_casefold (plain, -1);
  return g_steal_pointer (&plain);
}

static gboolean
match_name (const BleDescriptor *descriptor, const BleAdvert *advert)
{
  g_autofree char *wanted = NULL;
  g_autofree char *name = NULL;

  if (advert->name == NULL)
    return FALSE;
  wanted = fold_name (descriptor->name_substring, descriptor->name_compare);
  name = fold_name (advert->name, descriptor->name_compare);
  if (*wanted == '\0')
    return FALSE; /* only marks were asked for, and marks are not compared */
  if ((descriptor->name_compare & BLE_NAME_COMPARE_WHOLE) != 0)
    return g_str_equal (name, wanted);
  if ((descriptor->name_compare & BLE_NAME_COMPARE_ANCHORED) != 0)
    return g_str_has_prefix (name, wanted);
  return strstr (name, wanted) != NULL;
}

/* Payloads */

/* Whether @data begins with @wanted in the bits of @mask; both NULL ask for nothing. */
static gboolean
match_payload (const BleAdvertData *data, GBytes *wanted, GBytes *mask)
{
  const guint8 *wanted_octets;
  const guint8 *mask_octets;
  gsize length;

  if (wanted == NULL)
    return TRUE;
  wanted_octets = g_bytes_get_data (wanted, &length);
  mask_octets = g_bytes_get_data (mask, NULL);
  if (data->length < length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if ((data->octets[i] & mask_octets[i]) != wanted_octets[i])
      return FALSE;
  return TRUE;
}

static gboolean
match_company (const BleDescriptor *descriptor, const BleAdvert *advert)
{
  for (guint i = 0; i < advert->n_manufacturer; i++)
    if (advert->manufacturer[i].company == descriptor->company &&
        match_payload (&advert->manufacturer[i], descriptor->manufacturer_data,
                       descriptor->manufacturer_mask))
      return TRUE;
  return FALSE;
}

static gboolean
match_service (const BleDescriptor *descriptor, const BleAdvert *advert)
{
  if (descriptor->service_data == NULL)
    return ble_advert_has_service (advert, &descriptor->service);
  for (guint i = 0; i < advert->n_service_data; i++)
    if (ble_uuid_equal (&advert->service_data[i].service, &descriptor->service) &&
        match_payload (&advert->service_data[i], descriptor->service_data,
                       descriptor->service_mask))
      return TRUE;
  return FALSE;
}

/* One descriptor */

/* Everything but `exclude`. */
static gboolean
match_fields (const BleDescriptor *descriptor, const BleAdvert *advert)
{
  if (!descriptor->has_service && !descriptor->has_company && !descriptor->accept_all)
    return FALSE;
  if (descriptor->has_service && !match_service (descriptor, advert))
    return FALSE;
  if (descriptor->has_company && !match_company (descriptor, advert))
    return FALSE;
  if (descriptor->name_substring != NULL && !match_name (descriptor, advert))
    return FALSE;
  return descriptor->range != BLE_RANGE_IMMEDIATE || advert->rssi != BLE_RSSI_UNKNOWN;
}

gboolean
ble_match (const BleDescriptor *descriptor, const BleAdvert *advert)
{
  g_return_val_if_fail (descriptor != NULL, FALSE);
  g_return_val_if_fail (advert != NULL, FALSE);

  if (!match_fields (descriptor, advert))
    return FALSE;
  for (guint i = 0; i < descriptor->n_exclude; i++)
    if (match_fields (descriptor->exclude[i], advert))
      return FALSE;
  return TRUE;
}
