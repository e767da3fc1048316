/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Properties of devices: the octets are a serialised a{sv}, not necessarily in normal
 * form, or its text. The promise: what is taken is within its limits, and matching and
 * merging hold. */

#include "tests/fuzz/fuzz.h"

#include "ble/match.h"
#include "ble/sightings.h"
#include "tests/fuzz/variant.h"

static void
check_limits (const BleAdvert *advert)
{
  g_assert_cmpuint (advert->n_services, <=, BLE_ADVERT_SERVICES_MAX);
  g_assert_cmpuint (advert->n_manufacturer, <=, BLE_ADVERT_DATA_MAX);
  g_assert_cmpuint (advert->n_service_data, <=, BLE_ADVERT_DATA_MAX);
  g_assert_true (advert->name == NULL || g_utf8_validate (advert->name, -1, NULL));
  g_assert_true ((advert->name != NULL) == ((advert->fields & BLE_ADVERT_HAS_NAME) != 0));
}

static void
check_match (const BleAdvert *advert)
{
  BleDescriptor descriptor = { .has_company = TRUE, .company = 0x004c };

  ble_match (&descriptor, advert);
  for (guint i = 0; i < advert->n_services; i++)
    {
      descriptor = (BleDescriptor){ .has_service = TRUE, .service = advert->services[i] };
      g_assert_true (ble_match (&descriptor, advert));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GVariant) properties =
    fuzz_variant_new (G_VARIANT_TYPE_VARDICT, octets, length);
  g_autoptr (BleSightings) sightings = ble_sightings_new (1);
  g_autoptr (BleAdvert) heard = ble_advert_new (1, 1);
  g_autoptr (BleAdvert) twin = NULL;
  guint changed;
  guint taken;

  if (properties == NULL)
    return 0;
  taken = ble_advert_take_properties (heard, properties);
  g_assert_cmpuint (taken, ==, heard->fields);
  check_limits (heard);
  check_match (heard);
  twin = ble_advert_copy (heard);
  g_assert_cmpuint (ble_advert_merge (twin, heard), ==, 0);
  ble_sightings_update (sightings, heard, 1, &changed);
  g_assert_cmpuint (changed, ==, taken);
  ble_advert_drop_fields (heard, heard->fields);
  g_assert_null (heard->name);
  return 0;
}
