/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/descriptor.h"

#include <string.h>

#include "ble/descriptor-parse.h"
#include "ble/names.h"

G_DEFINE_QUARK (ble_descriptor_error_quark, ble_descriptor_error)

/* Columns of a foreign key in an error message. */
#define KEY_COLUMNS_MAX 32

/* Frees @descriptor but for its exclusions. */
static void
free_one (BleDescriptor *descriptor)
{
  g_free (descriptor->name_substring);
  g_clear_pointer (&descriptor->manufacturer_data, g_bytes_unref);
  g_clear_pointer (&descriptor->manufacturer_mask, g_bytes_unref);
  g_clear_pointer (&descriptor->service_data, g_bytes_unref);
  g_clear_pointer (&descriptor->service_mask, g_bytes_unref);
  for (guint i = 0; i < descriptor->n_services; i++)
    g_free (descriptor->services[i].characteristics);
  g_free (descriptor->services);
  g_free (descriptor);
}

void
ble_descriptor_free (BleDescriptor *descriptor)
{
  if (descriptor == NULL)
    return;
  for (guint i = 0; i < descriptor->n_exclude; i++)
    free_one (descriptor->exclude[i]); /* they have none of their own */
  g_free (descriptor->exclude);
  free_one (descriptor);
}

gboolean
ble_descriptor_set_bad (GError **error, const char *field, const char *rule)
{
  g_set_error (error, BLE_DESCRIPTOR_ERROR, BLE_DESCRIPTOR_ERROR_BAD, "%s: %s", field,
               rule);
  return FALSE;
}

/* Words */

static const BleDescriptorWord compare_words[] = {
  { "case-insensitive", BLE_NAME_COMPARE_CASE_INSENSITIVE },
  { "anchored", BLE_NAME_COMPARE_ANCHORED },
  { "whole", BLE_NAME_COMPARE_WHOLE },
  { "diacritic-insensitive", BLE_NAME_COMPARE_DIACRITIC_INSENSITIVE },
  { NULL, 0 },
};

static const BleDescriptorWord support_words[] = {
  { "pairing-le", BLE_SUPPORT_PAIRING_LE },
  { "bridging", BLE_SUPPORT_BRIDGING },
  { "hid", BLE_SUPPORT_HID },
  { NULL, 0 },
};

gboolean
ble_descriptor_read_words (GVariant *value,
                           const BleDescriptorWord *words,
                           guint *ret_flags)
{
  GVariantIter iter;
  const char *word;
  guint flags = 0;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "&s", &word))
    {
      const BleDescriptorWord *row = words;

      while (row->word != NULL && !g_str_equal (row->word, word))
        row++;
      if (row->word == NULL || (flags & row->flag) != 0)
        return FALSE;
      flags |= row->flag;
    }
  *ret_flags = flags;
  return TRUE;
}

/* Keys
 *
 * One function a key: reads @value, whose type is right, into @descriptor. */

typedef gboolean (*ParseFunc) (BleDescriptor *descriptor,
                               const char *field,
                               GVariant *value,
                               GError **error);

static gboolean
parse_service_uuid (BleDescriptor *descriptor,
                    const char *field,
                    GVariant *value,
                    GError **error)
{
  if (!ble_uuid_parse (g_variant_get_string (value, NULL), &descriptor->service))
    return ble_descriptor_set_bad (error, field,
                                   "a UUID of 16, 32 or 128 bits is needed");
  descriptor->has_service = TRUE;
  return TRUE;
}

static gboolean
parse_company_id (BleDescriptor *descriptor,
                  const char *field,
                  GVariant *value,
                  GError **error)
{
  descriptor->company = g_variant_get_uint16 (value);
  descriptor->has_company = TRUE;
  return TRUE;
}

static gboolean
parse_name_substring (BleDescriptor *descriptor,
                      const char *field,
                      GVariant *value,
                      GError **error)
{
  gsize length;
  const char *name = g_variant_get_string (value, &length);

  if (length == 0 || length > BLE_DESCRIPTOR_NAME_MAX)
    return ble_descriptor_set_bad (error, field, "1 to 248 bytes are needed");
  descriptor->name_substring = g_strdup (name);
  return TRUE;
}

static gboolean
parse_name_compare (BleDescriptor *descriptor,
                    const char *field,
                    GVariant *value,
                    GError **error)
{
  if (!ble_descriptor_read_words (value, compare_words, &descriptor->name_compare))
    return ble_descriptor_set_bad (error, field,
                                   "the words are case-insensitive, anchored, whole and "
                                   "diacritic-insensitive, each once");
  return TRUE;
}

/* Reads @value (ay) into @ret_bytes. */
static gboolean
parse_payload (GBytes **ret_bytes, const char *field, GVariant *value, GError **error)
{
  gsize length;
  gconstpointer octets = g_variant_get_fixed_array (value, &length, 1);

  if (length == 0 || length > BLE_DESCRIPTOR_PAYLOAD_MAX)
    return ble_descriptor_set_bad (error, field, "1 to 254 bytes are needed");
  *ret_bytes = g_bytes_new (octets, length);
  return TRUE;
}

static gboolean
parse_manufacturer_data (BleDescriptor *descriptor,
                         const char *field,
                         GVariant *value,
                         GError **error)
{
  return parse_payload (&descriptor->manufacturer_data, field, value, error);
}

static gboolean
parse_manufacturer_mask (BleDescriptor *descriptor,
                         const char *field,
                         GVariant *value,
                         GError **error)
{
  return parse_payload (&descriptor->manufacturer_mask, field, value, error);
}

static gboolean
parse_service_data (BleDescriptor *descriptor,
                    const char *field,
                    GVariant *value,
                    GError **error)
{
  return parse_payload (&descriptor->service_data, field, value, error);
}

static gboolean
parse_service_mask (BleDescriptor *descriptor,
                    const char *field,
                    GVariant *value,
                    GError **error)
{
  return parse_payload (&descriptor->service_mask, field, value, error);
}

static gboolean
parse_require_verified (BleDescriptor *descriptor,
                        const char *field,
                        GVariant *value,
                        GError **error)
{
  descriptor->require_verified = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
parse_accept_all (BleDescriptor *descriptor,
                  const char *field,
                  GVariant *value,
                  GError **error)
{
  descriptor->accept_all = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
parse_range (BleDescriptor *descriptor,
             const char *field,
             GVariant *value,
             GError **error)
{
  const char *word = g_variant_get_string (value, NULL);

  if (g_str_equal (word, "immediate"))
    descriptor->range = BLE_RANGE_IMMEDIATE;
  else if (!g_str_equal (word, "any"))
    return ble_descriptor_set_bad (error, field, "the words are any and immediate");
  return TRUE;
}

static gboolean
parse_support (BleDescriptor *descriptor,
               const char *field,
               GVariant *value,
               GError **error)
{
  if (!ble_descriptor_read_words (value, support_words, &descriptor->support))
    return ble_descriptor_set_bad (error, field,
                                   "the words are pairing-le and hid, each once");
  if ((descriptor->support & BLE_SUPPORT_BRIDGING) != 0)
    return ble_descriptor_set_bad (error, field, "bridging is not offered");
  return TRUE;
}

static gboolean
parse_services (BleDescriptor *descriptor,
                const char *field,
                GVariant *value,
                GError **error)
{
  return ble_descriptor_parse_services (descriptor, field, value, error);
}

static BleDescriptor *parse_exclusion (GVariant *dict, GError **error);

static gboolean
parse_exclude (BleDescriptor *descriptor,
               const char *field,
               GVariant *value,
               GError **error)
{
  gsize n = g_variant_n_children (value);

  if (n > BLE_DESCRIPTOR_EXCLUDE_MAX)
    return ble_descriptor_set_bad (error, field, "at most 16 descriptors");
  descriptor->exclude = g_new0 (BleDescriptor *, n);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (value, i);
      BleDescriptor *exclusion = parse_exclusion (dict, error);

      if (exclusion == NULL)
        {
          g_prefix_error (error, "%s: ", field);
          return FALSE;
        }
      descriptor->exclude[descriptor->n_exclude++] = exclusion;
    }
  return TRUE;
}

/* The table of keys */

typedef struct
{
  const char *name;
  const char *type;
  const char *other_type; /* or NULL */
  ParseFunc parse;
  gboolean matches; /* says what to match: the only keys of an exclusion */
} KeyRow;

static const KeyRow keys[] = {
  { "service-uuid", "s", NULL, parse_service_uuid, TRUE },
  { "company-id", "q", NULL, parse_company_id, TRUE },
  { "name-substring", "s", NULL, parse_name_substring, TRUE },
  { "name-compare", "as", NULL, parse_name_compare, TRUE },
  { "manufacturer-data", "ay", NULL, parse_manufacturer_data, TRUE },
  { "manufacturer-mask", "ay", NULL, parse_manufacturer_mask, TRUE },
  { "service-data", "ay", NULL, parse_service_data, TRUE },
  { "service-mask", "ay", NULL, parse_service_mask, TRUE },
  { "require-verified", "b", NULL, parse_require_verified, FALSE },
  { "range", "s", NULL, parse_range, FALSE },
  { "exclude", "aa{sv}", NULL, parse_exclude, FALSE },
  { "support", "as", NULL, parse_support, FALSE },
  { "services", "a(sas)", "a(sasas)", parse_services, FALSE },
  { "accept-all", "b", NULL, parse_accept_all, FALSE },
};

static const KeyRow *
find_key (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].name, name))
      return &keys[i];
  return NULL;
}

static gboolean
has_type (GVariant *value, const KeyRow *row)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE (row->type)) ||
         (row->other_type != NULL &&
          g_variant_is_of_type (value, G_VARIANT_TYPE (row->other_type)));
}

static gboolean
parse_key (BleDescriptor *descriptor, const KeyRow *row, GVariant *value, GError **error)
{
  if (!has_type (value, row))
    {
      g_set_error (error, BLE_DESCRIPTOR_ERROR, BLE_DESCRIPTOR_ERROR_BAD,
                   "%s: the type must be %s", row->name, row->type);
      return FALSE;
    }
  return row->parse (descriptor, row->name, value, error);
}

/* Rules between keys */

/* A payload, its mask and what they belong to. */
static gboolean
check_payload (GBytes *data,
               GBytes *mask,
               gboolean has_owner,
               const char *const names[3],
               GError **error)
{
  const guint8 *data_octets;
  const guint8 *mask_octets;
  gsize length;

  if (data == NULL && mask == NULL)
    return TRUE;
  if (data == NULL || mask == NULL)
    return ble_descriptor_set_bad (error, names[data == NULL],
                                   "data and mask come together");
  if (!has_owner)
    {
      g_set_error (error, BLE_DESCRIPTOR_ERROR, BLE_DESCRIPTOR_ERROR_BAD,
                   "%s: needs %s as well", names[0], names[2]);
      return FALSE;
    }
  if (g_bytes_get_size (data) != g_bytes_get_size (mask))
    return ble_descriptor_set_bad (error, names[1], "data and mask are equally long");
  data_octets = g_bytes_get_data (data, &length);
  mask_octets = g_bytes_get_data (mask, NULL);
  for (gsize i = 0; i < length; i++)
    if ((data_octets[i] & ~mask_octets[i]) != 0)
      return ble_descriptor_set_bad (error, names[0], "bits are set where the mask is 0");
  return TRUE;
}

static gboolean
check_rules (const BleDescriptor *descriptor, GError **error)
{
  static const char *const manufacturer[] = { "manufacturer-data", "manufacturer-mask",
                                              "company-id" };
  static const char *const service[] = { "service-data", "service-mask", "service-uuid" };
  gboolean has_owner = descriptor->has_service || descriptor->has_company;

  if (descriptor->name_substring != NULL && !has_owner)
    return ble_descriptor_set_bad (error, "name-substring",
                                   "needs service-uuid or company-id as well");
  if (descriptor->name_compare != 0 && descriptor->name_substring == NULL)
    return ble_descriptor_set_bad (error, "name-compare", "needs name-substring as well");
  if (!check_payload (descriptor->manufacturer_data, descriptor->manufacturer_mask,
                      descriptor->has_company, manufacturer, error))
    return FALSE;
  if (!check_payload (descriptor->service_data, descriptor->service_mask,
                      descriptor->has_service, service, error))
    return FALSE;
  if (descriptor->accept_all && has_owner)
    return ble_descriptor_set_bad (error, "accept-all",
                                   "excludes service-uuid and company-id");
  if (!descriptor->accept_all && !has_owner)
    return ble_descriptor_set_bad (error, "service-uuid",
                                   "this, company-id or accept-all is needed");
  return TRUE;
}

/* Dictionaries */

static BleDescriptor *
parse_dict (GVariant *dict, gboolean is_exclusion, GError **error)
{
  g_autoptr (BleDescriptor) descriptor = g_new0 (BleDescriptor, 1);
  gsize n = g_variant_n_children (dict);
  guint seen = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value = NULL;
      const KeyRow *row;
      const char *name;
      guint bit;

      g_variant_get_child (dict, i, "{&sv}", &name, &value);
      row = find_key (name);
      if (row == NULL || (is_exclusion && !row->matches))
        {
          g_autofree char *shown =
            ble_text_sanitise (name, strlen (name), KEY_COLUMNS_MAX);

          g_set_error (error, BLE_DESCRIPTOR_ERROR, BLE_DESCRIPTOR_ERROR_UNKNOWN_OPTION,
                       "%s: unknown key", shown);
          return NULL;
        }
      bit = 1U << (guint) (row - keys);
      if ((seen & bit) != 0)
        {
          ble_descriptor_set_bad (error, row->name, "is there twice");
          return NULL;
        }
      seen |= bit;
      if (!parse_key (descriptor, row, value, error))
        return NULL;
    }
  if (!check_rules (descriptor, error))
    return NULL;
  return g_steal_pointer (&descriptor);
}

static BleDescriptor *
parse_exclusion (GVariant *dict, GError **error)
{
  return parse_dict (dict, TRUE, error);
}

BleDescriptor *
ble_descriptor_parse (GVariant *dict, GError **error)
{
  BleDescriptor *descriptor;

  g_return_val_if_fail (dict != NULL, NULL);

  if (!g_variant_is_of_type (dict, G_VARIANT_TYPE_VARDICT))
    {
      ble_descriptor_set_bad (error, "descriptor", "the type must be a{sv}");
      return NULL;
    }
  descriptor = parse_dict (dict, FALSE, error);
  if (descriptor != NULL && descriptor->n_services == 0)
    ble_descriptor_add_default_services (descriptor);
  return descriptor;
}
