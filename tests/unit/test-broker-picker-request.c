/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "broker/picker-request.h"
#include "dbus/errors.h"

#define STRAP "'name': <'Strap'>, 'descriptor': <{'service-uuid': <'180d'>}>"

static BrokerPickerRequest *
parse (const char *items, const char *options, GError **error)
{
  g_autoptr (GVariant) items_value =
    g_variant_parse (G_VARIANT_TYPE ("aa{sv}"), items, NULL, NULL, error);
  g_autoptr (GVariant) options_value =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, error);

  assert_non_null (items_value);
  assert_non_null (options_value);
  return broker_picker_request_parse (items_value, options_value, error);
}

static void
a_request_has_defaults (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerPickerRequest) request = parse ("[{" STRAP "}]", "{}", &error);

  assert_null (error);
  assert_int_equal (request->items->len, 1);
  assert_string_equal (broker_picker_request_item (request, 0)->name, "Strap");
  assert_int_equal (request->timeout_s, 30);
  assert_null (request->adapter);
  assert_string_equal (request->title, "");
  assert_true (request->accept_unverified);
}

static void
every_option_is_taken_and_words_are_sanitised (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BrokerPickerRequest) request =
    parse ("[{'image': <'heart'>, " STRAP "}]",
           "{'timeout': <'unbounded'>, 'adapter': <'hci1'>, 'title': <'Run\\u001b[31m'>,"
           " 'accept-unverified': <false>}",
           &error);

  assert_null (error);
  assert_int_equal (request->timeout_s, 0);
  assert_string_equal (request->adapter, "hci1");
  assert_null (strchr (request->title, 0x1b));
  assert_false (request->accept_unverified);
}

static const struct
{
  const char *items;
  const char *options;
  const char *cause;
} refused[] = {
  { "[]", "{}", "empty-list" },
  { "[{}]", "{}", "bad-descriptor" },
  { "[{'name': <'Strap'>}]", "{}", "bad-descriptor" },
  { "[{'descriptor': <{'service-uuid': <'180d'>}>}]", "{}", "bad-descriptor" },
  { "[{'name': <''>, 'descriptor': <{'service-uuid': <'180d'>}>}]", "{}",
    "bad-descriptor" },
  { "[{'name': <7>, 'descriptor': <{'service-uuid': <'180d'>}>}]", "{}",
    "bad-descriptor" },
  { "[{'name': <'Strap'>, 'descriptor': <'180d'>}]", "{}", "bad-descriptor" },
  { "[{'name': <'Strap'>, 'descriptor': <{'service-uuid': <'180x'>}>}]", "{}",
    "bad-descriptor" },
  { "[{'name': <'Strap'>, 'descriptor': <{'service': <'180d'>}>}]", "{}",
    "unknown-option" },
  { "[{'colour': <'red'>, " STRAP "}]", "{}", "unknown-option" },
  { "[{'image': <'/etc/passwd'>, " STRAP "}]", "{}", "bad-descriptor" },
  { "[{'image': <'..'>, " STRAP "}]", "{}", "bad-descriptor" },
  { "[{'image': <b'GIF89a'>, " STRAP "}]", "{}", "bad-descriptor" },
  { "[{'image': <uint32 5>, " STRAP "}]", "{}", "bad-descriptor" },
  { "[{" STRAP "}]", "{'timeout': <'forever'>}", "bad-option" },
  { "[{" STRAP "}]", "{'timeout': <uint32 5>}", "bad-option" },
  { "[{" STRAP "}]", "{'adapter': <''>}", "bad-option" },
  { "[{" STRAP "}]", "{'adapter': <'hci0000000000000000'>}", "bad-option" },
  { "[{" STRAP "}]", "{'title': <5>}", "bad-option" },
  { "[{" STRAP "}]", "{'accept-unverified': <'yes'>}", "bad-option" },
  { "[{" STRAP "}]", "{'uid': <uint32 0>}", "unknown-option" },
};

static void
what_breaks_a_rule_is_refused_with_its_cause (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      assert_null (parse (refused[i].items, refused[i].options, &error));
      if (!blepick_error_matches (error, BLEPICK_ERROR_INVALID_REQUEST, refused[i].cause))
        fail_msg ("row %zu: %s", i, error->message);
    }
}

static void
seventeen_items_are_one_too_many (void **state)
{
  g_autoptr (GString) items = g_string_new ("[");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= BROKER_PICKER_ITEMS_MAX; i++)
    g_string_append_printf (items, "%s{" STRAP "}", i > 0 ? "," : "");
  g_string_append_c (items, ']');
  assert_null (parse (items->str, "{}", &error));
  assert_true (
    blepick_error_matches (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_request_has_defaults),
    cmocka_unit_test (every_option_is_taken_and_words_are_sanitised),
    cmocka_unit_test (what_breaks_a_rule_is_refused_with_its_cause),
    cmocka_unit_test (seventeen_items_are_one_too_many),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
