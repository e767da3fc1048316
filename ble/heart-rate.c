/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/heart-rate.h"

G_DEFINE_QUARK (ble_heart_rate_error_quark, ble_heart_rate_error)

/* Heart Rate Service 1.0, 3.1.1.1: bits of the first octet. Bits 5 to 7 are reserved. */
#define FLAG_BPM_16_BIT      (1U << 0)
#define FLAG_CONTACT         (1U << 1)
#define FLAG_CONTACT_FEATURE (1U << 2) /* without it FLAG_CONTACT says nothing */
#define FLAG_ENERGY          (1U << 3)
#define FLAG_RR              (1U << 4)

/* What is left of a value while it is read. */
typedef struct
{
  const guint8 *octets;
  gsize length;
} Reader;

static gboolean
read_u8 (Reader *reader, guint8 *ret_value)
{
  if (reader->length < 1)
    return FALSE;
  *ret_value = reader->octets[0];
  reader->octets += 1;
  reader->length -= 1;
  return TRUE;
}

/* Least significant octet first, as everything in GATT. */
static gboolean
read_u16 (Reader *reader, guint16 *ret_value)
{
  if (reader->length < 2)
    return FALSE;
  *ret_value = (guint16) (reader->octets[0] | reader->octets[1] << 8);
  reader->octets += 2;
  reader->length -= 2;
  return TRUE;
}

static gboolean
read_bpm (Reader *reader, gboolean is_16_bit, guint16 *ret_bpm)
{
  guint8 bpm;

  if (is_16_bit)
    return read_u16 (reader, ret_bpm);
  if (!read_u8 (reader, &bpm))
    return FALSE;
  *ret_bpm = bpm;
  return TRUE;
}

static BleHeartRateContact
get_contact (guint flags)
{
  if ((flags & FLAG_CONTACT_FEATURE) == 0)
    return BLE_HEART_RATE_CONTACT_UNKNOWN;
  return (flags & FLAG_CONTACT) != 0 ? BLE_HEART_RATE_CONTACT_GOOD
                                     : BLE_HEART_RATE_CONTACT_NONE;
}

static gboolean
set_error (GError **error, BleHeartRateError code, const char *reason)
{
  g_set_error_literal (error, BLE_HEART_RATE_ERROR, (gint) code, reason);
  return FALSE;
}

gboolean
ble_heart_rate_decode (const guint8 *octets,
                       gsize length,
                       BleHeartRate *ret_heart_rate,
                       GError **error)
{
  Reader reader = { octets, length };
  BleHeartRate heart_rate = { 0 };
  guint8 flags;

  g_return_val_if_fail (octets != NULL || length == 0, FALSE);
  g_return_val_if_fail (ret_heart_rate != NULL, FALSE);

  if (!read_u8 (&reader, &flags))
    return set_error (error, BLE_HEART_RATE_ERROR_TRUNCATED, "empty");
  if (!read_bpm (&reader, (flags & FLAG_BPM_16_BIT) != 0, &heart_rate.bpm))
    return set_error (error, BLE_HEART_RATE_ERROR_TRUNCATED, "ends in the heart rate");
  heart_rate.contact = get_contact (flags);
  heart_rate.has_energy = (flags & FLAG_ENERGY) != 0;
  if (heart_rate.has_energy && !read_u16 (&reader, &heart_rate.energy_kj))
    return set_error (error, BLE_HEART_RATE_ERROR_TRUNCATED,
                      "ends in the energy expended");
  if ((flags & FLAG_RR) != 0)
    {
      if (reader.length < 2 || reader.length % 2 != 0)
        return set_error (error, BLE_HEART_RATE_ERROR_TRUNCATED,
                          "ends in an RR interval");
      while (heart_rate.n_rr < BLE_HEART_RATE_RR_MAX &&
             read_u16 (&reader, &heart_rate.rr[heart_rate.n_rr]))
        heart_rate.n_rr++;
    }
  if (reader.length > 0)
    return set_error (error, BLE_HEART_RATE_ERROR_OVERLONG,
                      "goes on after what its flags announce");
  *ret_heart_rate = heart_rate;
  return TRUE;
}

guint
ble_heart_rate_rr_to_ms (guint16 rr)
{
  return (rr * 1000U + 512U) / 1024U;
}
