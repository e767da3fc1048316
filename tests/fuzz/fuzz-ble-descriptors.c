/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors from apps. The promise: a good one keeps every rule, a bad one has an
 * error whose message is clean, and neither matches an advert that says nothing unless
 * it accepts everything. */

#include "tests/fuzz/fuzz.h"

#include "ble/match.h"
#include "tests/fuzz/variant.h"

static void
check_rules (const BleDescriptor *descriptor)
{
  g_assert_true (descriptor->has_service || descriptor->has_company ||
                 descriptor->accept_all);
  g_assert_true ((descriptor->manufacturer_data != NULL) ==
                 (descriptor->manufacturer_mask != NULL));
  g_assert_true ((descriptor->service_data != NULL) ==
                 (descriptor->service_mask != NULL));
  g_assert_cmpuint (descriptor->n_exclude, <=, BLE_DESCRIPTOR_EXCLUDE_MAX);
  g_assert_cmpuint (descriptor->n_services, >, 0);
  g_assert_cmpuint (descriptor->n_services, <=, BLE_DESCRIPTOR_SERVICES_MAX);
  g_assert_cmpuint (descriptor->support & BLE_SUPPORT_BRIDGING, ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GVariant) dict = fuzz_variant_new (G_VARIANT_TYPE_VARDICT, octets, length);
  g_autoptr (BleAdvert) silent = ble_advert_new (1, 1);
  g_autoptr (BleDescriptor) descriptor = NULL;
  g_autoptr (GError) error = NULL;

  if (dict == NULL)
    return 0;
  descriptor = ble_descriptor_parse (dict, &error);
  g_assert_true ((descriptor == NULL) == (error != NULL));
  if (descriptor == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  check_rules (descriptor);
  g_assert_true (!ble_match (descriptor, silent) || descriptor->accept_all);
  return 0;
}
