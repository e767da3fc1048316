/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "ble/blocklist.h"

#define R BLE_ACCESS_READ
#define W BLE_ACCESS_WRITE
#define N BLE_ACCESS_NOTIFY

static BleBlocklist *
new_list (const char *text)
{
  return ble_blocklist_new (text, strlen (text));
}

/* Reads the file that is installed. */
static BleBlocklist *
new_installed_list (void)
{
  g_autofree char *path =
    g_build_filename (g_getenv ("SOURCE_ROOT"), "ble", "gatt-blocklist.txt", NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    fail_msg ("%s is not there", path);
  return ble_blocklist_new (text, length);
}

static gboolean
blocks (const BleBlocklist *blocklist,
        const char *service,
        const char *characteristic,
        const char *descriptor,
        guint access)
{
  BleUuid uuids[3];

  assert_true (ble_uuid_parse (service, &uuids[0]));
  if (characteristic != NULL)
    assert_true (ble_uuid_parse (characteristic, &uuids[1]));
  if (descriptor != NULL)
    assert_true (ble_uuid_parse (descriptor, &uuids[2]));
  return ble_blocklist_blocks (blocklist, &uuids[0],
                               characteristic != NULL ? &uuids[1] : NULL,
                               descriptor != NULL ? &uuids[2] : NULL, access);
}

typedef struct
{
  const char *service;
  const char *characteristic;
  const char *descriptor;
  guint access;
  gboolean blocked;
} LookupRow;

static const LookupRow lookup_rows[] = {
  { "180d", NULL, NULL, R | W | N, FALSE },
  { "180d", "2a37", NULL, R | W | N, FALSE },
  { "180f", "2a19", NULL, R | N, FALSE },
  { "180a", "2a29", NULL, R, FALSE },

  /* services, with all that is in them, in every spelling */
  { "1812", NULL, NULL, R, TRUE },
  { "1812", "2a4d", NULL, N, TRUE },
  { "00001812-0000-1000-8000-00805F9B34FB", "2a4d", NULL, W, TRUE },
  { "00001812", "2a19", NULL, R, TRUE },
  { "fffd", NULL, NULL, R, TRUE },
  { "fff9", NULL, NULL, W, TRUE },
  { "fde2", NULL, NULL, N, TRUE },
  { "00001530-1212-EFDE-1523-785FEABCD123", NULL, NULL, W, TRUE },
  { "00001530-1212-efde-1523-785feabcd123", "00001531-1212-efde-1523-785feabcd123", NULL,
    W, TRUE },
  { "f000ffc0-0451-4000-b000-000000000000", NULL, NULL, W, TRUE },
  { "00060000-0000-1000-8000-00805f9b34fb", NULL, NULL, W, TRUE },
  { "00060000", NULL, NULL, R, TRUE }, /* 32 bits say the same */
  { "0006", NULL, NULL, R, FALSE },
  { "00001531-1212-efde-1523-785feabcd123", NULL, NULL, W, FALSE },

  /* characteristics, in any service */
  { "180a", "2a25", NULL, R, TRUE },
  { "180a", "2a23", NULL, R, TRUE },
  { "180d", "2a25", NULL, R, TRUE },
  { "180a", "0x2A25", NULL, N, TRUE },
  { "1800", "2a03", NULL, R, TRUE },
  { "1800", "2a03", NULL, W, TRUE },
  { "1800", "2a02", NULL, R, FALSE },
  { "1800", "2a02", NULL, N, FALSE },
  { "1800", "2a02", NULL, W, TRUE },
  { "1800", "2a02", NULL, R | W, TRUE },

  /* descriptors, and what is under a blocked characteristic */
  { "180d", "2a37", "2901", R | W, FALSE },
  { "180d", "2a37", "2902", R, FALSE },
  { "180d", "2a37", "2902", W, TRUE },
  { "180d", "2a37", "2903", W, TRUE },
  { "180d", "2a37", "00002902-0000-1000-8000-00805f9b34fb", W, TRUE },
  { "180a", "2a25", "2901", R, TRUE },
  { "1812", "2a4d", "2908", R, TRUE },

  /* no access is no right */
  { "180d", "2a37", NULL, 0, TRUE },
  { "180d", "2a37", NULL, 1U << 7, TRUE },
};

static void
installed_list_blocks_what_is_promised (void **state)
{
  g_autoptr (BleBlocklist) blocklist = new_installed_list ();

  assert_null (ble_blocklist_get_fault (blocklist));
  for (guint i = 0; i < G_N_ELEMENTS (lookup_rows); i++)
    {
      const LookupRow *row = &lookup_rows[i];

      if (blocks (blocklist, row->service, row->characteristic, row->descriptor,
                  row->access) != row->blocked)
        fail_msg ("row %u: %s %s", i, row->service, row->characteristic);
    }
}

static void
installed_list_blocks_beacons (void **state)
{
  static const guint8 beacon[] = { 0x02, 0x15, 0x00 };
  static const guint8 other[] = { 0x10, 0x05 };
  g_autoptr (BleBlocklist) blocklist = new_installed_list ();

  assert_true (ble_blocklist_blocks_manufacturer (blocklist, 0x004c, beacon, 3));
  assert_true (ble_blocklist_blocks_manufacturer (blocklist, 0x004c, beacon, 1));
  assert_false (ble_blocklist_blocks_manufacturer (blocklist, 0x004c, beacon, 0));
  assert_false (ble_blocklist_blocks_manufacturer (blocklist, 0x004c, other, 2));
  assert_false (ble_blocklist_blocks_manufacturer (blocklist, 0x4c00, beacon, 3));
}

typedef struct
{
  const char *text;
  const char *fault; /* that it begins with; NULL: good */
} TextRow;

static const TextRow text_rows[] = {
  { "1812\n", NULL },
  { "1812 exclude\n", NULL },
  { "\t1812\texclude \t# why\n", NULL },
  { "# only words\n\n  \n1812 no-read# why\n", NULL },
  { "advert 004c 02\n", NULL },
  { "advert 004C 0215ff\n1812\n", NULL },

  { "", "cut off" },
  { "\n", "holds no rule" },
  { "# nothing\n", "holds no rule" },
  { "1812", "cut off" },
  { "1812\n00001530", "cut off" },
  { "1812\n181\n", "line 2: " },
  { "1812 excluded\n", "line 1: " },
  { "1812 Exclude\n", "line 1: " },
  { "1812 no-read no-write\n", "line 1: " },
  { "1812 no-read no-write exclude\n", "line 1: too many words" },
  { "1812\r\n", "line 1: " },
  { "exclude 1812\n", "line 1: " },
  { "1812\n180d\n0x1812 no-write\n", "line 3: this UUID has a rule already" },
  { "1812 // why\n", "line 1: " },
  { "advert\n", "line 1: " },
  { "advert 004c\n", "line 1: " },
  { "advert 4c 02\n", "line 1: " },
  { "advert 004c00 02\n", "line 1: " },
  { "advert 004c 0\n", "line 1: " },
  { "advert 004c 0g\n", "line 1: " },
  { "advert 00gc 02\n", "line 1: " },
  { "advert 004c 02 15\n", "line 1: " },
};

static void
assert_blocks_everything (const BleBlocklist *blocklist)
{
  assert_true (blocks (blocklist, "180d", "2a37", NULL, N));
  assert_true (blocks (blocklist, "180f", NULL, NULL, R));
  assert_true (ble_blocklist_blocks_manufacturer (blocklist, 1, NULL, 0));
}

static void
text_that_does_not_parse_blocks_everything (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (text_rows); i++)
    {
      const TextRow *row = &text_rows[i];
      g_autoptr (BleBlocklist) blocklist = new_list (row->text);
      const char *fault = ble_blocklist_get_fault (blocklist);

      if ((fault == NULL) != (row->fault == NULL) ||
          (fault != NULL && !g_str_has_prefix (fault, row->fault)))
        fail_msg ("row %u: %s", i, fault);
      if (fault != NULL)
        assert_blocks_everything (blocklist);
      else
        assert_false (blocks (blocklist, "180d", "2a37", NULL, N));
    }
}

static void
missing_text_blocks_everything (void **state)
{
  static const char nul[] = "1812\n\0"
                            "180d\n";
  g_autoptr (BleBlocklist) missing = ble_blocklist_new (NULL, 0);
  g_autoptr (BleBlocklist) with_nul = ble_blocklist_new (nul, sizeof nul - 1);

  assert_non_null (ble_blocklist_get_fault (missing));
  assert_blocks_everything (missing);
  assert_non_null (ble_blocklist_get_fault (with_nul));
  assert_blocks_everything (with_nul);
  ble_blocklist_free (NULL);
}

/* A list of @n rules whose UUIDs have 32 bits. */
static BleBlocklist *
new_long_list (guint n)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%08x\n", 0x10000 + i);
  return new_list (text->str);
}

static void
lists_and_texts_have_limits (void **state)
{
  g_autofree char *comment = g_strnfill (BLE_BLOCKLIST_TEXT_MAX, '#');
  g_autofree char *text = g_strconcat ("1812\n", comment, "\n", NULL);
  g_autoptr (BleBlocklist) full = new_long_list (BLE_BLOCKLIST_RULES_MAX);
  g_autoptr (BleBlocklist) too_full = new_long_list (BLE_BLOCKLIST_RULES_MAX + 1);
  g_autoptr (BleBlocklist) too_long = new_list (text);

  assert_null (ble_blocklist_get_fault (full));
  assert_string_equal (ble_blocklist_get_fault (too_full), "line 1025: too many rules");
  assert_non_null (ble_blocklist_get_fault (too_long));
}

static void
no_read_covers_notifications (void **state)
{
  g_autoptr (BleBlocklist) blocklist = new_list ("2a37 no-read\n");

  assert_true (blocks (blocklist, "180d", "2a37", NULL, R));
  assert_true (blocks (blocklist, "180d", "2a37", NULL, N));
  assert_false (blocks (blocklist, "180d", "2a37", NULL, W));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (installed_list_blocks_what_is_promised),
    cmocka_unit_test (installed_list_blocks_beacons),
    cmocka_unit_test (text_that_does_not_parse_blocks_everything),
    cmocka_unit_test (missing_text_blocks_everything),
    cmocka_unit_test (lists_and_texts_have_limits),
    cmocka_unit_test (no_read_covers_notifications),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
