/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/address.h"

#include <string.h>

gboolean
ble_address_parse (const char *text, BleAddressType type, BleAddress *ret_address)
{
  BleAddress address = { .type = (guint8) type };

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (ret_address != NULL, FALSE);

  for (guint i = 0; i < sizeof address.octets; i++)
    {
      if (i > 0 && *text++ != ':')
        return FALSE;
      if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
        return FALSE;
      address.octets[i] =
        (guint8) (g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]));
      text += 2;
    }
  if (*text != '\0')
    return FALSE;
  *ret_address = address;
  return TRUE;
}

void
ble_address_format (const BleAddress *address, char *text)
{
  static const char digits[] = "0123456789ABCDEF";

  for (guint i = 0; i < sizeof address->octets; i++)
    {
      if (i > 0)
        *text++ = ':';
      *text++ = digits[address->octets[i] >> 4];
      *text++ = digits[address->octets[i] & 0xf];
    }
  *text = '\0';
}

gboolean
ble_address_is_identity (const BleAddress *address)
{
  switch ((BleAddressType) address->type)
    {
    case BLE_ADDRESS_PUBLIC:
      return TRUE;
    case BLE_ADDRESS_RANDOM:
      return (address->octets[0] & 0xc0) == 0xc0;
    case BLE_ADDRESS_NONE:
      break;
    }
  return FALSE;
}

gboolean
ble_address_equal (const BleAddress *a, const BleAddress *b)
{
  return a->type == b->type && memcmp (a->octets, b->octets, sizeof a->octets) == 0;
}

guint
ble_address_hash (const BleAddress *address)
{
  /* The last four octets are the device's own; the first ones name its maker. */
  guint32 own = (guint32) address->octets[2] << 24 | (guint32) address->octets[3] << 16 |
                (guint32) address->octets[4] << 8 | address->octets[5];
  guint32 maker = (guint32) address->octets[0] << 8 | address->octets[1];

  return own ^ (maker * 31) ^ address->type;
}
