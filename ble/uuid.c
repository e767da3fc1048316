/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/uuid.h"

#include <string.h>

/* Core Specification 5.3, Vol 3, Part B, 2.5.1. Its first four octets hold the short
 * value. */
static const guint8 base_uuid[16] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
                                      0x80, 0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb };

#define TEXT_LENGTH       (BLE_UUID_TEXT_SIZE - 1)
#define SHORT_LENGTH      4 /* characters of a 16-bit UUID */
#define SHORT_LENGTH_LONG 8 /* characters of a 32-bit UUID */

/* Whether a hyphen comes before the octet of this number: 8-4-4-4-12 characters. */
static gboolean
follows_hyphen (guint octet)
{
  return octet == 4 || octet == 6 || octet == 8 || octet == 10;
}

/* Reads two hexadecimal digits. A NUL is no digit, so the end of the text is never
 * passed. */
static gboolean
read_octet (const char *text, guint8 *ret_octet)
{
  if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
    return FALSE;
  *ret_octet =
    (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
  return TRUE;
}

static gboolean
parse_short (const char *text, gsize length, BleUuid *ret_uuid)
{
  guint n_octets = (guint) length / 2;
  BleUuid uuid;

  memcpy (uuid.octets, base_uuid, sizeof uuid.octets);
  for (guint i = 0; i < n_octets; i++)
    if (!read_octet (text + (gsize) i * 2, &uuid.octets[4 - n_octets + i]))
      return FALSE;
  *ret_uuid = uuid;
  return TRUE;
}

static gboolean
parse_long (const char *text, BleUuid *ret_uuid)
{
  BleUuid uuid;

  for (guint i = 0; i < sizeof uuid.octets; i++)
    {
      if (follows_hyphen (i) && *text++ != '-')
        return FALSE;
      if (!read_octet (text, &uuid.octets[i]))
        return FALSE;
      text += 2;
    }
  *ret_uuid = uuid;
  return TRUE;
}

gboolean
ble_uuid_parse (const char *text, BleUuid *ret_uuid)
{
  gsize length;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (ret_uuid != NULL, FALSE);

  length = strnlen (text, BLE_UUID_TEXT_SIZE);
  if (length == TEXT_LENGTH)
    return parse_long (text, ret_uuid);
  if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
      text += 2;
      length -= 2;
    }
  if (length != SHORT_LENGTH && length != SHORT_LENGTH_LONG)
    return FALSE;
  return parse_short (text, length, ret_uuid);
}

BleUuid
ble_uuid_from_u16 (guint16 value)
{
  BleUuid uuid;

  memcpy (uuid.octets, base_uuid, sizeof uuid.octets);
  uuid.octets[2] = (guint8) (value >> 8);
  uuid.octets[3] = (guint8) value;
  return uuid;
}

gboolean
ble_uuid_to_u16 (const BleUuid *uuid, guint16 *ret_value)
{
  g_return_val_if_fail (ret_value != NULL, FALSE);

  if (uuid->octets[0] != 0 || uuid->octets[1] != 0 ||
      memcmp (uuid->octets + 4, base_uuid + 4, sizeof base_uuid - 4) != 0)
    return FALSE;
  *ret_value = (guint16) (uuid->octets[2] << 8 | uuid->octets[3]);
  return TRUE;
}

static char *
write_octet (char *text, guint8 octet)
{
  static const char digits[] = "0123456789abcdef";

  *text++ = digits[octet >> 4];
  *text++ = digits[octet & 0xf];
  return text;
}

void
ble_uuid_format (const BleUuid *uuid, char *text)
{
  for (guint i = 0; i < sizeof uuid->octets; i++)
    {
      if (follows_hyphen (i))
        *text++ = '-';
      text = write_octet (text, uuid->octets[i]);
    }
  *text = '\0';
}

void
ble_uuid_format_short (const BleUuid *uuid, char *text)
{
  guint16 value;

  if (!ble_uuid_to_u16 (uuid, &value))
    {
      ble_uuid_format (uuid, text);
      return;
    }
  text = write_octet (text, uuid->octets[2]);
  text = write_octet (text, uuid->octets[3]);
  *text = '\0';
}

gboolean
ble_uuid_equal (const BleUuid *a, const BleUuid *b)
{
  return memcmp (a->octets, b->octets, sizeof a->octets) == 0;
}

gint
ble_uuid_compare (const BleUuid *a, const BleUuid *b)
{
  return memcmp (a->octets, b->octets, sizeof a->octets);
}

/* Every octet counts: those of short UUIDs differ in octets 2 and 3 alone, those of a
 * vendor often in one octet anywhere. */
guint
ble_uuid_hash (const BleUuid *uuid)
{
  guint64 high;
  guint64 low;

  memcpy (&high, uuid->octets, sizeof high);
  memcpy (&low, uuid->octets + sizeof high, sizeof low);
  /* Multiplication by the odd number nearest to 2^64 divided by the golden ratio mixes
   * the bits. */
  high = (high ^ (low >> 31) ^ (low << 33)) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (guint) (high >> 32);
}
