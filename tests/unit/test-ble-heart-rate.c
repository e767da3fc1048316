/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "ble/heart-rate.h"

#define VALUE_MAX       32
#define INTERVALS_TRIED 12

typedef struct
{
  const char *name;
  guint8 octets[VALUE_MAX];
  gsize length;
  BleHeartRate wanted;
} GoodRow;

static const GoodRow good_rows[] = {
  { "smallest", { 0x00, 72 }, 2, { .bpm = 72 } },
  { "belt with contact and two intervals",
    { 0x16, 72, 0x40, 0x03, 0x55, 0x03 },
    6,
    { .bpm = 72,
      .contact = BLE_HEART_RATE_CONTACT_GOOD,
      .n_rr = 2,
      .rr = { 832, 853 } } },
  { "belt taken off",
    { 0x04, 0 },
    2,
    { .bpm = 0, .contact = BLE_HEART_RATE_CONTACT_NONE } },
  { "contact bit without the feature bit", { 0x02, 60 }, 2, { .bpm = 60 } },
  { "16 bits", { 0x01, 0x2c, 0x01 }, 3, { .bpm = 300 } },
  { "energy",
    { 0x08, 99, 0xff, 0xff },
    4,
    { .bpm = 99, .has_energy = TRUE, .energy_kj = 65535 } },
  { "reserved bits", { 0xe0, 61 }, 2, { .bpm = 61 } },
  { "nine intervals",
    { 0x10, 180, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0 },
    20,
    { .bpm = 180, .n_rr = 9, .rr = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } } },
  { "ten intervals, with a larger MTU", { 0x10, 72 }, 22, { .bpm = 72, .n_rr = 10 } },
};

typedef struct
{
  const char *name;
  guint8 octets[VALUE_MAX];
  gsize length;
  BleHeartRateError code;
} BadRow;

static const BadRow bad_rows[] = {
  { "empty", { 0 }, 0, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "flags alone", { 0x00 }, 1, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "half of 16 bits", { 0x01, 72 }, 2, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "no energy", { 0x08, 72 }, 2, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "half of the energy", { 0x08, 72, 1 }, 3, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "no interval", { 0x10, 72 }, 2, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "half an interval", { 0x10, 72, 1 }, 3, BLE_HEART_RATE_ERROR_TRUNCATED },
  { "one and a half intervals",
    { 0x10, 72, 1, 0, 2 },
    5,
    BLE_HEART_RATE_ERROR_TRUNCATED },
  { "energy where an interval is missing",
    { 0x18, 72, 1, 0 },
    4,
    BLE_HEART_RATE_ERROR_TRUNCATED },
  { "one octet more", { 0x00, 72, 0 }, 3, BLE_HEART_RATE_ERROR_OVERLONG },
  { "16 bits without their flag", { 0x00, 72, 0 }, 3, BLE_HEART_RATE_ERROR_OVERLONG },
  { "intervals without their flag",
    { 0x06, 72, 1, 0 },
    4,
    BLE_HEART_RATE_ERROR_OVERLONG },
  { "energy and one octet", { 0x08, 72, 1, 0, 0 }, 5, BLE_HEART_RATE_ERROR_OVERLONG },
};

static void
assert_same (const BleHeartRate *a, const BleHeartRate *b)
{
  assert_int_equal (a->bpm, b->bpm);
  assert_int_equal (a->contact, b->contact);
  assert_int_equal (a->has_energy, b->has_energy);
  assert_int_equal (a->energy_kj, b->energy_kj);
  assert_int_equal (a->n_rr, b->n_rr);
  assert_memory_equal (a->rr, b->rr, sizeof a->rr);
}

static void
good_values_are_decoded (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (good_rows); i++)
    {
      const GoodRow *row = &good_rows[i];
      g_autoptr (GError) error = NULL;
      BleHeartRate heart_rate;

      if (!ble_heart_rate_decode (row->octets, row->length, &heart_rate, &error))
        fail_msg ("%s: %s", row->name, error->message);
      assert_same (&heart_rate, &row->wanted);
    }
}

static void
bad_values_are_refused_with_a_reason (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      const BadRow *row = &bad_rows[i];
      BleHeartRate heart_rate = { .bpm = 12345 };
      g_autoptr (GError) error = NULL;

      if (ble_heart_rate_decode (row->octets, row->length, &heart_rate, &error))
        fail_msg ("%s was taken", row->name);
      if (!g_error_matches (error, BLE_HEART_RATE_ERROR, (gint) row->code))
        fail_msg ("%s: %s", row->name, error->message);
      assert_int_equal (heart_rate.bpm, 12345); /* untouched */
    }
}

static gsize
put_u16 (guint8 *octets, gsize length, guint16 value)
{
  octets[length] = (guint8) value;
  octets[length + 1] = (guint8) (value >> 8);
  return length + 2;
}

/* Writes @heart_rate as the specification says, with @flags for what cannot be seen in
 * it. */
static gsize
encode (const BleHeartRate *heart_rate, guint flags, guint8 *octets)
{
  gsize length = 0;

  octets[length++] = (guint8) flags;
  if ((flags & 0x01) != 0)
    length = put_u16 (octets, length, heart_rate->bpm);
  else
    octets[length++] = (guint8) heart_rate->bpm;
  if (heart_rate->has_energy)
    length = put_u16 (octets, length, heart_rate->energy_kj);
  for (guint i = 0; i < heart_rate->n_rr; i++)
    length = put_u16 (octets, length, heart_rate->rr[i]);
  return length;
}

static BleHeartRateContact
contact_of (guint flags)
{
  static const BleHeartRateContact contacts[] = {
    BLE_HEART_RATE_CONTACT_UNKNOWN,
    BLE_HEART_RATE_CONTACT_UNKNOWN,
    BLE_HEART_RATE_CONTACT_NONE,
    BLE_HEART_RATE_CONTACT_GOOD,
  };

  return contacts[flags >> 1 & 3];
}

/* One combination of flags, with @n_rr intervals: whole it is decoded; with an octet
 * more or less it is refused, except where that is another good value. */
static void
check_combination (guint flags, guint n_rr)
{
  BleHeartRate wanted = { .bpm = (flags & 0x01) != 0 ? 0x0102 : 0x42,
                          .contact = contact_of (flags),
                          .has_energy = (flags & 0x08) != 0,
                          .n_rr = n_rr };
  BleHeartRate got = { 0 };
  guint8 octets[64] = { 0 };
  gsize length;

  if (wanted.has_energy)
    wanted.energy_kj = 0x1234;
  for (guint i = 0; i < n_rr; i++)
    wanted.rr[i] = (guint16) (1000 + i);
  length = encode (&wanted, flags, octets);
  assert_true (ble_heart_rate_decode (octets, length, &got, NULL));
  assert_same (&got, &wanted);
  assert_false (ble_heart_rate_decode (octets, length - 1, &got, NULL));
  assert_false (ble_heart_rate_decode (octets, length + 1, &got, NULL));
}

static void
every_combination_of_flags_is_decoded (void **state)
{
  for (guint flags = 0; flags <= 0xff; flags++)
    {
      if ((flags & 0x10) == 0)
        {
          check_combination (flags, 0);
          continue;
        }
      for (guint n_rr = 1; n_rr <= INTERVALS_TRIED; n_rr++)
        check_combination (flags, n_rr);
    }
}

static void
intervals_become_milliseconds (void **state)
{
  assert_int_equal (ble_heart_rate_rr_to_ms (0), 0);
  assert_int_equal (ble_heart_rate_rr_to_ms (1024), 1000);
  assert_int_equal (ble_heart_rate_rr_to_ms (853), 833);
  assert_int_equal (ble_heart_rate_rr_to_ms (65535), 63999);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (good_values_are_decoded),
    cmocka_unit_test (bad_values_are_refused_with_a_reason),
    cmocka_unit_test (every_combination_of_flags_is_decoded),
    cmocka_unit_test (intervals_become_milliseconds),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
