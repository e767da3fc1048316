/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "ble/descriptor.h"

typedef struct
{
  const char *text;
  const char *field; /* that the error message begins with; NULL: good */
  BleDescriptorError code;
} RuleRow;

#define GOOD         NULL, BLE_DESCRIPTOR_ERROR_BAD
#define BAD(field)   field, BLE_DESCRIPTOR_ERROR_BAD
#define UNKNOWN(key) key, BLE_DESCRIPTOR_ERROR_UNKNOWN_OPTION

#define MASKED "'manufacturer-data': <[byte 1]>, 'manufacturer-mask': <[byte 255]>"

static const RuleRow rule_rows[] = {
  /* service-uuid */
  { "{'service-uuid': <'180d'>}", GOOD },
  { "{'service-uuid': <'0x180D'>}", GOOD },
  { "{'service-uuid': <'0000180d'>}", GOOD },
  { "{'service-uuid': <'0000180D-0000-1000-8000-00805F9B34FB'>}", GOOD },
  { "{'service-uuid': <'heart-rate'>}", BAD ("service-uuid") },
  { "{'service-uuid': <''>}", BAD ("service-uuid") },
  { "{'service-uuid': <uint16 6157>}", BAD ("service-uuid") },
  { "{'service-uuid': <['180d']>}", BAD ("service-uuid") },

  /* company-id */
  { "{'company-id': <uint16 107>}", GOOD },
  { "{'company-id': <uint16 0>}", GOOD },
  { "{'company-id': <107>}", BAD ("company-id") },
  { "{'company-id': <'006b'>}", BAD ("company-id") },

  /* name-substring, name-compare */
  { "{'service-uuid': <'180d'>, 'name-substring': <'Polar'>}", GOOD },
  { "{'company-id': <uint16 107>, 'name-substring': <'Polar'>}", GOOD },
  { "{'name-substring': <'Polar'>}", BAD ("name-substring") },
  { "{'accept-all': <true>, 'name-substring': <'Polar'>}", BAD ("name-substring") },
  { "{'service-uuid': <'180d'>, 'name-substring': <''>}", BAD ("name-substring") },
  { "{'service-uuid': <'180d'>, 'name-substring': <b'Polar'>}", BAD ("name-substring") },
  { "{'service-uuid': <'180d'>, 'name-substring': <'P'>, 'name-compare': "
    "<['case-insensitive', 'anchored', 'whole', 'diacritic-insensitive']>}",
    GOOD },
  { "{'service-uuid': <'180d'>, 'name-substring': <'P'>, 'name-compare': <@as []>}",
    GOOD },
  { "{'service-uuid': <'180d'>, 'name-compare': <['whole']>}", BAD ("name-compare") },
  { "{'service-uuid': <'180d'>, 'name-substring': <'P'>, 'name-compare': <['fuzzy']>}",
    BAD ("name-compare") },
  { "{'service-uuid': <'180d'>, 'name-substring': <'P'>, 'name-compare': "
    "<['whole', 'whole']>}",
    BAD ("name-compare") },
  { "{'service-uuid': <'180d'>, 'name-substring': <'P'>, 'name-compare': <'whole'>}",
    BAD ("name-compare") },

  /* manufacturer-data, manufacturer-mask */
  { "{'company-id': <uint16 107>, " MASKED "}", GOOD },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[byte 0, 0]>, "
    "'manufacturer-mask': <[byte 0, 0]>}",
    GOOD },
  { "{'service-uuid': <'180d'>, " MASKED "}", BAD ("manufacturer-data") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[byte 1]>}",
    BAD ("manufacturer-data") },
  { "{'company-id': <uint16 107>, 'manufacturer-mask': <[byte 1]>}",
    BAD ("manufacturer-mask") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[byte 1]>, "
    "'manufacturer-mask': <[byte 1, 1]>}",
    BAD ("manufacturer-mask") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[byte 1, 3]>, "
    "'manufacturer-mask': <[byte 1, 2]>}",
    BAD ("manufacturer-data") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <@ay []>, "
    "'manufacturer-mask': <@ay []>}",
    BAD ("manufacturer-data") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[1]>, "
    "'manufacturer-mask': <[byte 1]>}",
    BAD ("manufacturer-data") },
  { "{'company-id': <uint16 107>, 'manufacturer-data': <[byte 1]>, "
    "'manufacturer-mask': <'a'>}",
    BAD ("manufacturer-mask") },

  /* service-data, service-mask */
  { "{'service-uuid': <'180d'>, 'service-data': <[byte 1]>, 'service-mask': <[byte 1]>}",
    GOOD },
  { "{'company-id': <uint16 1>, 'service-data': <[byte 1]>, 'service-mask': <[byte 1]>}",
    BAD ("service-data") },
  { "{'service-uuid': <'180d'>, 'service-data': <[byte 1]>}", BAD ("service-data") },
  { "{'service-uuid': <'180d'>, 'service-mask': <[byte 1]>}", BAD ("service-mask") },
  { "{'service-uuid': <'180d'>, 'service-data': <[byte 1]>, 'service-mask': "
    "<[byte 1, 1]>}",
    BAD ("service-mask") },
  { "{'service-uuid': <'180d'>, 'service-data': <[byte 16]>, 'service-mask': <[byte 1]>}",
    BAD ("service-data") },
  { "{'service-uuid': <'180d'>, 'service-data': <[byte 16]>, 'service-mask': <@ay []>}",
    BAD ("service-mask") },

  /* require-verified, range, support */
  { "{'service-uuid': <'180d'>, 'require-verified': <true>}", GOOD },
  { "{'service-uuid': <'180d'>, 'require-verified': <1>}", BAD ("require-verified") },
  { "{'service-uuid': <'180d'>, 'range': <'any'>}", GOOD },
  { "{'service-uuid': <'180d'>, 'range': <'immediate'>}", GOOD },
  { "{'service-uuid': <'180d'>, 'range': <'near'>}", BAD ("range") },
  { "{'service-uuid': <'180d'>, 'range': <1>}", BAD ("range") },
  { "{'service-uuid': <'180d'>, 'support': <['pairing-le', 'hid']>}", GOOD },
  { "{'service-uuid': <'180d'>, 'support': <['bridging']>}", BAD ("support") },
  { "{'service-uuid': <'180d'>, 'support': <['wifi']>}", BAD ("support") },
  { "{'service-uuid': <'180d'>, 'support': <2>}", BAD ("support") },

  /* exclude */
  { "{'service-uuid': <'180d'>, 'exclude': <[{'company-id': <uint16 1>}]>}", GOOD },
  { "{'accept-all': <true>, 'exclude': <[{'service-uuid': <'180d'>, 'name-substring': "
    "<'x'>}]>}",
    GOOD },
  { "{'service-uuid': <'180d'>, 'exclude': <@aa{sv} []>}", GOOD },
  { "{'service-uuid': <'180d'>, 'exclude': <[{'name-substring': <'x'>}]>}",
    BAD ("exclude: name-substring") },
  { "{'service-uuid': <'180d'>, 'exclude': <[@a{sv} {}]>}",
    BAD ("exclude: service-uuid") },
  { "{'service-uuid': <'180d'>, 'exclude': <{'company-id': <uint16 1>}>}",
    BAD ("exclude") },
  { "{'service-uuid': <'180d'>, 'exclude': <[{'service-uuid': <'180d'>, 'exclude': "
    "<[{'company-id': <uint16 1>}]>}]>}",
    UNKNOWN ("exclude: exclude") },
  { "{'service-uuid': <'180d'>, 'exclude': <[{'accept-all': <true>}]>}",
    UNKNOWN ("exclude: accept-all") },
  { "{'service-uuid': <'180d'>, 'exclude': <[{'service-uuid': <'180d'>, 'range': "
    "<'any'>}]>}",
    UNKNOWN ("exclude: range") },

  /* services */
  { "{'service-uuid': <'180d'>, 'services': <[('180d', ['read', 'notify'])]>}", GOOD },
  { "{'service-uuid': <'180d'>, 'services': <[('180a', ['read'], ['2a25', '2a23'])]>}",
    GOOD },
  { "{'service-uuid': <'180d'>, 'services': <[('180a', ['read'], @as [])]>}", GOOD },
  { "{'service-uuid': <'180d'>, 'services': <@a(sas) []>}", BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('x', ['read'])]>}", BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('180d', ['list'])]>}", BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('180d', @as [])]>}", BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('180d', ['read']), ('0x180D', "
    "['write'])]>}",
    BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('180a', ['read'], ['serial'])]>}",
    BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <[('180a', ['read'], ['2a25', '2A25'])]>}",
    BAD ("services") },
  { "{'service-uuid': <'180d'>, 'services': <['180d']>}", BAD ("services") },

  /* accept-all, nothing */
  { "{'accept-all': <true>}", GOOD },
  { "{'accept-all': <true>, 'service-uuid': <'180d'>}", BAD ("accept-all") },
  { "{'accept-all': <true>, 'company-id': <uint16 1>}", BAD ("accept-all") },
  { "{'accept-all': <'yes'>}", BAD ("accept-all") },
  { "{'accept-all': <false>}", BAD ("service-uuid") },
  { "@a{sv} {}", BAD ("service-uuid") },
  { "{'require-verified': <true>}", BAD ("service-uuid") },

  /* keys */
  { "{'service-uuid': <'180d'>, 'service_uuid': <'180d'>}", UNKNOWN ("service_uuid") },
  { "{'': <'180d'>}", UNKNOWN ("Unnamed") },
  { "{'\\u001b[31m': <'180d'>}", UNKNOWN ("[31m") },
  { "{'service-uuid': <'180d'>, 'service-uuid': <'180d'>}", BAD ("service-uuid") },
  { "['service-uuid']", BAD ("descriptor") },
  { "{'service-uuid': '180d'}", BAD ("descriptor") },
};

static BleDescriptor *
parse (const char *text, GError **error)
{
  g_autoptr (GVariant) dict = g_variant_parse (NULL, text, NULL, NULL, NULL);

  if (dict == NULL)
    fail_msg ("the test's own text does not parse: %s", text);
  return ble_descriptor_parse (dict, error);
}

static void
every_rule_is_kept_and_names_its_field (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (rule_rows); i++)
    {
      const RuleRow *row = &rule_rows[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (BleDescriptor) descriptor = parse (row->text, &error);
      g_autofree char *wanted = NULL;

      if ((descriptor != NULL) != (row->field == NULL))
        fail_msg ("%s: %s", row->text, error != NULL ? error->message : "taken");
      if (descriptor != NULL)
        continue;
      wanted = g_strconcat (row->field, ": ", NULL);
      if (!g_str_has_prefix (error->message, wanted))
        fail_msg ("%s: %s", row->text, error->message);
      if (!g_error_matches (error, BLE_DESCRIPTOR_ERROR, (gint) row->code))
        fail_msg ("%s: code %d", row->text, error->code);
    }
}

static void
every_field_is_read (void **state)
{
  g_autoptr (BleDescriptor) descriptor =
    parse ("{'service-uuid': <'180d'>, 'company-id': <uint16 107>, "
           "'name-substring': <'Polar'>, 'name-compare': <['anchored', 'whole']>, "
           "'manufacturer-data': <[byte 1, 0]>, 'manufacturer-mask': <[byte 3, 0]>, "
           "'service-data': <[byte 4]>, 'service-mask': <[byte 4]>, "
           "'require-verified': <true>, 'range': <'immediate'>, 'support': <['hid']>, "
           "'exclude': <[{'company-id': <uint16 5>}, {'service-uuid': <'180f'>}]>, "
           "'services': <[('180d', ['notify'], ['2a39'])]>}",
           NULL);
  BleUuid heart_rate = ble_uuid_from_u16 (0x180d);
  BleUuid control_point = ble_uuid_from_u16 (0x2a39);

  assert_non_null (descriptor);
  assert_true (descriptor->has_service);
  assert_true (ble_uuid_equal (&descriptor->service, &heart_rate));
  assert_true (descriptor->has_company);
  assert_int_equal (descriptor->company, 107);
  assert_string_equal (descriptor->name_substring, "Polar");
  assert_int_equal (descriptor->name_compare,
                    BLE_NAME_COMPARE_ANCHORED | BLE_NAME_COMPARE_WHOLE);
  assert_int_equal (g_bytes_get_size (descriptor->manufacturer_data), 2);
  assert_int_equal (g_bytes_get_size (descriptor->manufacturer_mask), 2);
  assert_int_equal (g_bytes_get_size (descriptor->service_data), 1);
  assert_int_equal (g_bytes_get_size (descriptor->service_mask), 1);
  assert_true (descriptor->require_verified);
  assert_false (descriptor->accept_all);
  assert_int_equal (descriptor->range, BLE_RANGE_IMMEDIATE);
  assert_int_equal (descriptor->support, BLE_SUPPORT_HID);
  assert_int_equal (descriptor->n_exclude, 2);
  assert_int_equal (descriptor->exclude[0]->company, 5);
  assert_int_equal (descriptor->exclude[0]->n_services, 0);
  assert_int_equal (descriptor->n_services, 1);
  assert_int_equal (descriptor->services[0].access, BLE_ACCESS_NOTIFY);
  assert_int_equal (descriptor->services[0].n_characteristics, 1);
  assert_true (
    ble_uuid_equal (&descriptor->services[0].characteristics[0], &control_point));
}

static void
assert_service (const BleWantedService *wanted, guint16 service, guint access)
{
  BleUuid uuid = ble_uuid_from_u16 (service);

  assert_true (ble_uuid_equal (&wanted->service, &uuid));
  assert_int_equal (wanted->access, access);
  assert_int_equal (wanted->n_characteristics, 0);
}

static void
grant_covers_service_battery_and_information_by_default (void **state)
{
  g_autoptr (BleDescriptor) strap = parse ("{'service-uuid': <'180d'>}", NULL);
  g_autoptr (BleDescriptor) battery = parse ("{'service-uuid': <'180f'>}", NULL);
  g_autoptr (BleDescriptor) company = parse ("{'company-id': <uint16 1>}", NULL);
  guint all = BLE_ACCESS_READ | BLE_ACCESS_WRITE | BLE_ACCESS_NOTIFY;

  assert_int_equal (strap->n_services, 3);
  assert_service (&strap->services[0], 0x180d, all);
  assert_service (&strap->services[1], 0x180f, BLE_ACCESS_READ | BLE_ACCESS_NOTIFY);
  assert_service (&strap->services[2], 0x180a, BLE_ACCESS_READ);
  assert_int_equal (battery->n_services, 2);
  assert_service (&battery->services[0], 0x180f, all);
  assert_int_equal (company->n_services, 2);
}

/* A good descriptor with one more key @key, whose value is @n times @element. */
static gboolean
takes_list (const char *key, const char *element, gsize n)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (BleDescriptor) descriptor = NULL;

  g_string_append_printf (text, "{'service-uuid': <'180d'>, '%s': <[", key);
  for (gsize i = 0; i < n; i++)
    {
      g_auto (GStrv) around = g_strsplit (element, "%", 2);

      g_string_append_printf (text, "%s%s%u%s", i > 0 ? ", " : "", around[0],
                              1000 + (guint) i, around[1]);
    }
  g_string_append (text, "]>}");
  descriptor = parse (text->str, NULL);
  return descriptor != NULL;
}

static gboolean
takes_payload (gsize length)
{
  g_autofree guint8 *octets = g_malloc0 (length);
  g_autoptr (BleDescriptor) descriptor = NULL;
  g_autoptr (GVariant) dict = NULL;
  GVariantDict builder;

  g_variant_dict_init (&builder, NULL);
  g_variant_dict_insert (&builder, "company-id", "q", 1);
  g_variant_dict_insert_value (&builder, "manufacturer-data",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets,
                                                          length, 1));
  g_variant_dict_insert_value (&builder, "manufacturer-mask",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, octets,
                                                          length, 1));
  dict = g_variant_ref_sink (g_variant_dict_end (&builder));
  descriptor = ble_descriptor_parse (dict, NULL);
  return descriptor != NULL;
}

static gboolean
takes_name (gsize length)
{
  g_autofree char *name = g_strnfill (length, 'x');
  g_autofree char *text =
    g_strdup_printf ("{'service-uuid': <'180d'>, 'name-substring': <'%s'>}", name);
  g_autoptr (BleDescriptor) descriptor = parse (text, NULL);

  return descriptor != NULL;
}

static void
everything_has_a_limit (void **state)
{
  assert_true (
    takes_list ("exclude", "{'company-id': <uint16 %>}", BLE_DESCRIPTOR_EXCLUDE_MAX));
  assert_false (
    takes_list ("exclude", "{'company-id': <uint16 %>}", BLE_DESCRIPTOR_EXCLUDE_MAX + 1));
  assert_true (takes_list ("services", "('%', ['read'])", BLE_DESCRIPTOR_SERVICES_MAX));
  assert_false (
    takes_list ("services", "('%', ['read'])", BLE_DESCRIPTOR_SERVICES_MAX + 1));
  assert_true (takes_payload (BLE_DESCRIPTOR_PAYLOAD_MAX));
  assert_false (takes_payload (BLE_DESCRIPTOR_PAYLOAD_MAX + 1));
  assert_true (takes_name (BLE_DESCRIPTOR_NAME_MAX));
  assert_false (takes_name (BLE_DESCRIPTOR_NAME_MAX + 1));
}

static void
characteristics_have_a_limit (void **state)
{
  for (guint n = BLE_DESCRIPTOR_CHARACTERISTICS_MAX;
       n <= BLE_DESCRIPTOR_CHARACTERISTICS_MAX + 1; n++)
    {
      g_autoptr (GString) list = g_string_new ("'1000'");
      g_autoptr (BleDescriptor) descriptor = NULL;
      g_autofree char *text = NULL;

      for (guint i = 1; i < n; i++)
        g_string_append_printf (list, ", '%u'", 1000 + i);
      text = g_strdup_printf ("{'service-uuid': <'180d'>, 'services': "
                              "<[('180d', ['read'], [%s])]>}",
                              list->str);
      descriptor = parse (text, NULL);
      assert_int_equal (descriptor != NULL, n <= BLE_DESCRIPTOR_CHARACTERISTICS_MAX);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (every_rule_is_kept_and_names_its_field),
    cmocka_unit_test (every_field_is_read),
    cmocka_unit_test (grant_covers_service_battery_and_information_by_default),
    cmocka_unit_test (everything_has_a_limit),
    cmocka_unit_test (characteristics_have_a_limit),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
