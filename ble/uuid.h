/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* ble/uuid.h: Bluetooth UUIDs in one canonical form, so that a short and a long
 * spelling of the same attribute can never be two different things. */

#pragma once

#include <glib.h>

typedef struct
{
  guint8 octets[16]; /* as written: most significant first */
} BleUuid;

/* Length of the canonical 36 characters with their final NUL. */
#define BLE_UUID_TEXT_SIZE 37

/* Reads 16 bits ("180d", "0x180D"), 32 bits or 128 bits (with its four hyphens), any
 * case. Anything else is refused and leaves @ret_uuid untouched. Short forms stand for
 * the Bluetooth Base UUID 00000000-0000-1000-8000-00805f9b34fb (Core Specification
 * 5.3, Vol 3, Part B, 2.5.1). */
gboolean ble_uuid_parse (const char *text, BleUuid *ret_uuid) G_GNUC_WARN_UNUSED_RESULT;

BleUuid ble_uuid_from_u16 (guint16 value);

/* Whether @uuid is a 16-bit one; then @ret_value is that. */
gboolean ble_uuid_to_u16 (const BleUuid *uuid, guint16 *ret_value);

/* Writes 36 characters, lower case, into @text of at least %BLE_UUID_TEXT_SIZE bytes. */
void ble_uuid_format (const BleUuid *uuid, char *text);

/* As ble_uuid_format(), but "180d" for a 16-bit UUID. For people, not for keys. */
void ble_uuid_format_short (const BleUuid *uuid, char *text);

gboolean ble_uuid_equal (const BleUuid *a, const BleUuid *b);
gint ble_uuid_compare (const BleUuid *a, const BleUuid *b);
guint ble_uuid_hash (const BleUuid *uuid);
