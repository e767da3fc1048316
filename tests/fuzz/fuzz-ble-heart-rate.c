/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Heart-rate measurements from straps. The promise: what is taken accounts for every
 * octet. */

#include "tests/fuzz/fuzz.h"

#include "ble/heart-rate.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GError) error = NULL;
  BleHeartRate heart_rate;
  gsize wanted;

  if (!ble_heart_rate_decode (octets, length, &heart_rate, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_cmpuint (heart_rate.n_rr, <=, BLE_HEART_RATE_RR_MAX);
  wanted = 1 + ((octets[0] & 1) != 0 ? 2 : 1);
  wanted += heart_rate.has_energy ? 2 : 0;
  wanted += (gsize) heart_rate.n_rr * 2;
  g_assert_cmpuint (length, ==, wanted);
  return 0;
}
