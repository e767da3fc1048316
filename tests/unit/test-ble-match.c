/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/match.h"

static GVariant *
parse_dict (const char *text)
{
  GVariant *dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);

  if (dict == NULL)
    fail_msg ("the test's own text does not parse: %s", text);
  return dict;
}

static BleDescriptor *
new_descriptor (const char *text)
{
  g_autoptr (GVariant) dict = parse_dict (text);
  BleDescriptor *descriptor = ble_descriptor_parse (dict, NULL);

  if (descriptor == NULL)
    fail_msg ("the test's own descriptor is bad: %s", text);
  return descriptor;
}

static BleAdvert *
new_advert (const char *text)
{
  g_autoptr (GVariant) dict = parse_dict (text);
  BleAdvert *advert = ble_advert_new (1, 1);

  ble_advert_take_properties (advert, dict);
  return advert;
}

typedef struct
{
  const char *descriptor;
  const char *advert;
  gboolean matches;
} MatchRow;

#define SERVICE "'service-uuid': <'180d'>"
#define STRAP   "'UUIDs': <['180d']>"
#define PAYLOAD                                                         \
  "'company-id': <uint16 107>, 'manufacturer-data': <[byte 1, 0x20]>, " \
  "'manufacturer-mask': <[byte 255, 0xf0]>"
#define KEYED                                              \
  "'service-uuid': <'feaa'>, 'service-data': <[byte 1]>, " \
  "'service-mask': <[byte 1]>"
#define NAMED(name)    SERVICE ", 'name-substring': <'" name "'>"
#define COMPARE(words) ", 'name-compare': <[" words "]>"

static const MatchRow match_rows[] = {
  /* service: in the list or as a key of service data, in any spelling */
  { "{" SERVICE "}", "{" STRAP "}", TRUE },
  { "{" SERVICE "}", "{'UUIDs': <['180f', '0000180D-0000-1000-8000-00805F9B34FB']>}",
    TRUE },
  { "{" SERVICE "}", "{'ServiceData': <{'180d': <@ay []>}>}", TRUE },
  { "{" SERVICE "}", "{'UUIDs': <['180f']>}", FALSE },
  { "{" SERVICE "}", "@a{sv} {}", FALSE },
  { "{" SERVICE "}", "{'UUIDs': <['0000180d-0000-1000-8000-00805f9b34fc']>}", FALSE },

  /* company */
  { "{'company-id': <uint16 107>}", "{'ManufacturerData': <{uint16 107: <@ay []>}>}",
    TRUE },
  { "{'company-id': <uint16 107>}", "{'ManufacturerData': <{uint16 108: <[byte 1]>}>}",
    FALSE },
  { "{'company-id': <uint16 0>}", "@a{sv} {}", FALSE },

  /* payload: prefix, under the mask */
  { "{" PAYLOAD "}", "{'ManufacturerData': <{uint16 107: <[byte 1, 0x20]>}>}", TRUE },
  { "{" PAYLOAD "}", "{'ManufacturerData': <{uint16 107: <[byte 1, 0x2f, 9, 9]>}>}",
    TRUE },
  { "{" PAYLOAD "}", "{'ManufacturerData': <{uint16 107: <[byte 1, 0x30]>}>}", FALSE },
  { "{" PAYLOAD "}", "{'ManufacturerData': <{uint16 107: <[byte 1]>}>}", FALSE },
  { "{" PAYLOAD "}", "{'ManufacturerData': <{uint16 108: <[byte 1, 0x20]>}>}", FALSE },
  { "{" KEYED "}", "{'ServiceData': <{'feaa': <[byte 3]>}>}", TRUE },
  { "{" KEYED "}", "{'ServiceData': <{'feaa': <[byte 2]>}>}", FALSE },
  { "{" KEYED "}", "{'ServiceData': <{'feab': <[byte 1]>}>}", FALSE },
  { "{" KEYED "}", "{'UUIDs': <['feaa']>}", FALSE },

  /* all fields together */
  { "{" SERVICE ", 'company-id': <uint16 107>}",
    "{" STRAP ", 'ManufacturerData': <{uint16 107: <@ay []>}>}", TRUE },
  { "{" SERVICE ", 'company-id': <uint16 107>}", "{" STRAP "}", FALSE },
  { "{" SERVICE ", 'company-id': <uint16 107>}",
    "{'ManufacturerData': <{uint16 107: <@ay []>}>}", FALSE },

  /* names */
  { "{" NAMED ("lar") "}", "{" STRAP ", 'Name': <'Polar H10'>}", TRUE },
  { "{" NAMED ("LAR") "}", "{" STRAP ", 'Name': <'Polar H10'>}", FALSE },
  { "{" NAMED ("lar") "}", "{" STRAP "}", FALSE },
  { "{" NAMED ("lar") "}", "{'Name': <'Polar H10'>}", FALSE },
  { "{" NAMED ("LAR") COMPARE ("'case-insensitive'") "}",
    "{" STRAP ", 'Name': <'Polar'>}", TRUE },
  { "{" NAMED ("STRASSE") COMPARE ("'case-insensitive'") "}",
    "{" STRAP ", 'Name': <'Straße'>}", TRUE },
  { "{" NAMED ("Pol") COMPARE ("'anchored'") "}", "{" STRAP ", 'Name': <'Polar'>}",
    TRUE },
  { "{" NAMED ("lar") COMPARE ("'anchored'") "}", "{" STRAP ", 'Name': <'Polar'>}",
    FALSE },
  { "{" NAMED ("Polar") COMPARE ("'whole'") "}", "{" STRAP ", 'Name': <'Polar'>}", TRUE },
  { "{" NAMED ("Polar") COMPARE ("'whole'") "}", "{" STRAP ", 'Name': <'Polar H10'>}",
    FALSE },
  { "{" NAMED ("Muller") COMPARE ("'diacritic-insensitive'") "}",
    "{" STRAP ", 'Name': <'Müller'>}", TRUE },
  { "{" NAMED ("Müller") COMPARE ("'diacritic-insensitive'") "}",
    "{" STRAP ", 'Name': <'Muller'>}", TRUE },
  { "{" NAMED ("MULLER") COMPARE ("'diacritic-insensitive'") "}",
    "{" STRAP ", 'Name': <'Müller'>}", FALSE },
  { "{" NAMED ("MULLER")
      COMPARE ("'diacritic-insensitive', 'case-insensitive', 'whole'") "}",
    "{" STRAP ", 'Name': <'müller'>}", TRUE },
  { "{" NAMED ("\\u0301") COMPARE ("'diacritic-insensitive'") "}",
    "{" STRAP ", 'Name': <'x'>}", FALSE },

  /* immediate: the signal must be known */
  { "{" SERVICE ", 'range': <'immediate'>}", "{" STRAP ", 'RSSI': <int16 -90>}", TRUE },
  { "{" SERVICE ", 'range': <'immediate'>}", "{" STRAP ", 'RSSI': <int16 127>}", FALSE },
  { "{" SERVICE ", 'range': <'immediate'>}", "{" STRAP "}", FALSE },
  { "{" SERVICE ", 'range': <'any'>}", "{" STRAP "}", TRUE },

  /* exclude */
  { "{" SERVICE ", 'exclude': <[{'company-id': <uint16 107>}]>}", "{" STRAP "}", TRUE },
  { "{" SERVICE ", 'exclude': <[{'company-id': <uint16 107>}]>}",
    "{" STRAP ", 'ManufacturerData': <{uint16 107: <@ay []>}>}", FALSE },
  { "{" SERVICE ", 'exclude': <[{'company-id': <uint16 1>}, {" NAMED ("H10") "}]>}",
    "{" STRAP ", 'Name': <'Polar H10'>}", FALSE },

  /* everything */
  { "{'accept-all': <true>}", "@a{sv} {}", TRUE },
  { "{'accept-all': <true>, 'exclude': <[{" SERVICE "}]>}", "{" STRAP "}", FALSE },
};

static void
fields_of_a_descriptor_are_anded (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (match_rows); i++)
    {
      const MatchRow *row = &match_rows[i];
      g_autoptr (BleDescriptor) descriptor = new_descriptor (row->descriptor);
      g_autoptr (BleAdvert) advert = new_advert (row->advert);

      if (ble_match (descriptor, advert) != row->matches)
        fail_msg ("row %u: %s with %s", i, row->descriptor, row->advert);
    }
}

static void
empty_descriptor_matches_nothing (void **state)
{
  g_autoptr (BleAdvert) advert = new_advert ("{" STRAP "}");
  BleDescriptor nothing = { 0 };

  assert_false (ble_match (&nothing, advert));
}

static void
append_token (guint token, const BleDescriptor *descriptor, gpointer user_data)
{
  g_string_append_printf (user_data, "%u ", token);
}

/* The tokens that match, in order; what it cost in @ret_examined. */
static char *
run (BleMatcher *matcher, const char *advert_text, guint *ret_examined)
{
  g_autoptr (BleAdvert) advert = new_advert (advert_text);
  GString *tokens = g_string_new (NULL);
  guint examined = ble_matcher_run (matcher, advert, append_token, tokens);

  if (ret_examined != NULL)
    *ret_examined = examined;
  return g_string_free (tokens, FALSE);
}

static void
assert_tokens (BleMatcher *matcher, const char *advert, const char *wanted)
{
  g_autofree char *tokens = run (matcher, advert, NULL);

  assert_string_equal (tokens, wanted);
}

static void
matcher_finds_what_was_added_in_order_and_once (void **state)
{
  g_autoptr (BleDescriptor) all = new_descriptor ("{'accept-all': <true>}");
  g_autoptr (BleDescriptor) company = new_descriptor ("{'company-id': <uint16 107>}");
  g_autoptr (BleDescriptor) service = new_descriptor ("{" SERVICE "}");
  g_autoptr (BleDescriptor) both =
    new_descriptor ("{" SERVICE ", 'company-id': <uint16 107>}");
  g_autoptr (BleMatcher) matcher = ble_matcher_new ();

  assert_tokens (matcher, "{" STRAP "}", "");
  ble_matcher_add (matcher, 4, all);
  ble_matcher_add (matcher, 3, company);
  ble_matcher_add (matcher, 2, service);
  ble_matcher_add (matcher, 1, both);
  ble_matcher_add (matcher, 4, service);
  assert_tokens (matcher, "@a{sv} {}", "4 ");
  assert_tokens (matcher, "{" STRAP "}", "4 2 4 ");
  /* service in the list and as a key, company twice: still once each */
  assert_tokens (
    matcher,
    "{" STRAP ", 'ServiceData': <{'180d': <[byte 1]>, '180d': <[byte 2]>}>, "
    "'ManufacturerData': <{uint16 107: <[byte 1]>, uint16 107: <[byte 2]>}>}",
    "4 3 2 1 4 ");
  assert_tokens (matcher, "{'ServiceData': <{'180d': <[byte 1]>, '180d': <[byte 2]>}>}",
                 "4 2 4 ");

  ble_matcher_remove (matcher, 4);
  assert_tokens (matcher, "{" STRAP "}", "2 ");
  ble_matcher_remove (matcher, 2);
  ble_matcher_remove (matcher, 2); /* nobody any more */
  ble_matcher_remove (matcher, 3);
  ble_matcher_remove (matcher, 1);
  assert_tokens (matcher, "{" STRAP ", 'ManufacturerData': <{uint16 107: <@ay []>}>}",
                 "");
}

/* A matcher with @n descriptors for services and companies of their own, and one for
 * the strap. */
static BleMatcher *
new_crowd (guint n, GPtrArray *descriptors)
{
  BleMatcher *matcher = ble_matcher_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text =
        i % 2 == 0 ? g_strdup_printf ("{'service-uuid': <'%04x'>}", 0x2000 + i)
                   : g_strdup_printf ("{'company-id': <uint16 %u>}", 1000 + i);

      g_ptr_array_add (descriptors, new_descriptor (text));
    }
  g_ptr_array_add (descriptors, new_descriptor ("{" SERVICE "}"));
  for (guint i = 0; i < descriptors->len; i++)
    ble_matcher_add (matcher, i, descriptors->pdata[i]);
  return matcher;
}

static void
free_descriptor (gpointer descriptor)
{
  ble_descriptor_free (descriptor);
}

static void
cost_grows_with_matches_and_not_with_matchers (void **state)
{
  static const guint crowds[] = { 0, 99, 999 };

  for (guint i = 0; i < G_N_ELEMENTS (crowds); i++)
    {
      g_autoptr (GPtrArray) descriptors =
        g_ptr_array_new_with_free_func (free_descriptor);
      g_autoptr (BleMatcher) matcher = new_crowd (crowds[i], descriptors);
      g_autofree char *wanted = g_strdup_printf ("%u ", crowds[i]);
      g_autofree char *tokens = NULL;
      g_autofree char *none = NULL;
      guint examined;

      tokens = run (matcher, "{'UUIDs': <['180d', '180f', '180a']>}", &examined);
      print_message ("# %u matchers: %u examined\n", crowds[i] + 1, examined);
      assert_string_equal (tokens, wanted);
      assert_int_equal (examined, 1);
      none =
        run (matcher, "{'UUIDs': <['180f']>, 'ManufacturerData': <{uint16 1: <@ay []>}>}",
             &examined);
      assert_string_equal (none, "");
      assert_int_equal (examined, 0);
    }
  ble_matcher_free (NULL);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (fields_of_a_descriptor_are_anded),
    cmocka_unit_test (empty_descriptor_matches_nothing),
    cmocka_unit_test (matcher_finds_what_was_added_in_order_and_once),
    cmocka_unit_test (cost_grows_with_matches_and_not_with_matchers),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
