/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "tests/fakes/words.h"

static void
words_without_an_adapter_are_refused (void **state)
{
  g_autoptr (GError) error = NULL;
  const char *const words[] = { "name=X", NULL };

  assert_null (accessory_words_parse (words, &error));
  assert_true (g_error_matches (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD));
}

static void
words_left_out_have_their_defaults (void **state)
{
  const char *const words[] = { "adapter=hci1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (AccessoryWords) parsed = accessory_words_parse (words, &error);

  assert_null (error);
  assert_int_equal (parsed->n_adapters, 1);
  assert_int_equal (parsed->adapters[0], 1);
  assert_string_equal (parsed->name, "Virtual strap");
  assert_int_equal (parsed->appearance, 0x0341);
  assert_int_equal (parsed->n_services, 3);
  assert_int_equal (parsed->services[0], 0x180d);
  assert_int_equal (parsed->security, ACCESSORY_SECURITY_NONE);
  assert_int_equal (parsed->pairing, ACCESSORY_PAIRING_JUST_WORKS);
  assert_int_equal (parsed->rssi, ACCESSORY_RSSI_UNKNOWN);
  assert_int_equal (parsed->rate_ms, 1000);
  assert_int_equal (parsed->low_bpm, 72);
  assert_int_equal (parsed->high_bpm, 96);
  assert_int_equal (parsed->flags, 0x16);
  assert_true (parsed->auto_confirm);
  assert_true (parsed->resolves);
  assert_int_equal (parsed->lifetime_ms, 0);
}

static void
every_word_is_taken (void **state)
{
  const char *const words[] = {
    "adapter=hci0,hci12",
    "address=c4:64:e3:01:02:03",
    "address-type=public",
    "name=\\x1b[1mA\\sB\\t\\\\",
    "appearance=0",
    "services=180f,1809",
    "manufacturer=006B:0aFF",
    "service-data=180d:",
    "security=authenticated",
    "pairing=vanish",
    "rssi=-61",
    "rate-ms=0",
    "bpm=60",
    "flags=0x1f",
    "auto-confirm=no",
    "resolves=no",
    "lifetime-ms=5",
    NULL,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AccessoryWords) parsed = accessory_words_parse (words, &error);

  assert_null (error);
  assert_int_equal (parsed->n_adapters, 2);
  assert_int_equal (parsed->adapters[1], 12);
  assert_string_equal (parsed->address, "C4:64:E3:01:02:03");
  assert_true (parsed->address_public);
  assert_string_equal (parsed->name, "\x1b[1mA B\t\\");
  assert_int_equal (parsed->appearance, 0);
  assert_int_equal (parsed->n_services, 2);
  assert_int_equal (parsed->services[1], 0x1809);
  assert_int_equal (parsed->company, 0x006b);
  assert_memory_equal (g_bytes_get_data (parsed->manufacturer, NULL), "\x0a\xff", 2);
  assert_int_equal (parsed->service_data_uuid, 0x180d);
  assert_int_equal (g_bytes_get_size (parsed->service_data), 0);
  assert_int_equal (parsed->security, ACCESSORY_SECURITY_AUTHENTICATED);
  assert_int_equal (parsed->pairing, ACCESSORY_PAIRING_VANISH);
  assert_int_equal (parsed->rssi, -61);
  assert_int_equal (parsed->rate_ms, 0);
  assert_int_equal (parsed->low_bpm, 60);
  assert_int_equal (parsed->high_bpm, 60);
  assert_int_equal (parsed->flags, 0x1f);
  assert_false (parsed->auto_confirm);
  assert_false (parsed->resolves);
  assert_int_equal (parsed->lifetime_ms, 5);
}

static void
bad_words_are_refused_by_name (void **state)
{
  static const char *const bad_words[] = {
    "nonsense",
    "nonsense=1",
    "named=X",
    "=X",
    "",
    "adapter=hci1", /* said twice */
    "address=C4:64:E3:01:02",
    "address=C4-64-E3-01-02-03",
    "address=G4:64:E3:01:02:03",
    "address-type=static",
    "name=\\q",
    "name=\\x1",
    "name=\\x00",
    "name=\\",
    "appearance=0x10000",
    "appearance=-1",
    "services=",
    "services=180d,",
    "services=180",
    "services=+80d",
    "manufacturer=006b",
    "manufacturer=006b:0",
    "manufacturer=006b:0g",
    "manufacturer=006b:01:02",
    "service-data=:01",
    "security=maybe",
    "pairing=",
    "rssi=21",
    "rssi=-128",
    "rssi=0x10",
    "rate-ms=-1",
    "bpm=",
    "bpm=90-60",
    "bpm=60-70-80",
    "bpm=65536",
    "flags=0x100",
    "auto-confirm=1",
    "resolves=",
    "lifetime-ms=forever",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad_words); i++)
    {
      const char *const words[] = { "adapter=hci0", bad_words[i], NULL };
      g_autoptr (GError) error = NULL;

      assert_null (accessory_words_parse (words, &error));
      assert_true (g_error_matches (error, FAKES_ERROR, FAKES_ERROR_BAD_WORD));
      assert_true (g_str_has_prefix (error->message, bad_words[i]));
    }
}

static void
adapters_are_hci_and_a_number (void **state)
{
  static const char *const bad_words[] = { "adapter=", "adapter=hci", "adapter=hci0,",
                                           "adapter=0", "adapter=hci256" };

  for (guint i = 0; i < G_N_ELEMENTS (bad_words); i++)
    {
      const char *const words[] = { bad_words[i], NULL };
      g_autoptr (GError) error = NULL;

      assert_null (accessory_words_parse (words, &error));
      assert_non_null (error);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (words_without_an_adapter_are_refused),
    cmocka_unit_test (words_left_out_have_their_defaults),
    cmocka_unit_test (every_word_is_taken),
    cmocka_unit_test (bad_words_are_refused_by_name),
    cmocka_unit_test (adapters_are_hci_and_a_number),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
