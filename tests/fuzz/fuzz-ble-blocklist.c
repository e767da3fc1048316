/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The blocklist, should its file be damaged. The promise: with a fault everything is
 * blocked. */

#include "tests/fuzz/fuzz.h"

#include "ble/blocklist.h"

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (BleBlocklist) blocklist = ble_blocklist_new ((const char *) octets, length);
  BleUuid service = ble_uuid_from_u16 (0x180d);
  BleUuid characteristic = ble_uuid_from_u16 (0x2a37);
  gboolean blocked =
    ble_blocklist_blocks (blocklist, &service, &characteristic, NULL, BLE_ACCESS_NOTIFY);
  gboolean advert_blocked =
    ble_blocklist_blocks_manufacturer (blocklist, 0x004c, octets, length);

  if (ble_blocklist_get_fault (blocklist) != NULL)
    g_assert_true (blocked && advert_blocked);
  return 0;
}
