/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/address.h: the address of a BLE device, as a value.
 * It never travels to an app: an address identifies a person's things. */

#pragma once

#include <glib.h>

typedef enum
{
  BLE_ADDRESS_NONE = 0,
  BLE_ADDRESS_PUBLIC,
  BLE_ADDRESS_RANDOM,
} BleAddressType;

typedef struct
{
  guint8 octets[6]; /* as written: most significant first */
  guint8 type;      /* BleAddressType */
} BleAddress;

/* Length of "C4:64:E3:01:02:03" with its final NUL. */
#define BLE_ADDRESS_TEXT_SIZE 18

/* Reads six pairs of hexadecimal digits, either case, joined by colons. Anything else
 * is refused and leaves @ret_address untouched. */
gboolean ble_address_parse (const char *text,
                            BleAddressType type,
                            BleAddress *ret_address) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the address, upper case, into @text of at least %BLE_ADDRESS_TEXT_SIZE bytes. */
void ble_address_format (const BleAddress *address, char *text);

/* Whether the address can serve as an identity: public, or random static (Core
 * Specification 5.3, Vol 6, Part B, 1.3.2.1: the two most significant bits are 1).
 * Private addresses change. */
gboolean ble_address_is_identity (const BleAddress *address);

gboolean ble_address_equal (const BleAddress *a, const BleAddress *b);
guint ble_address_hash (const BleAddress *address);
