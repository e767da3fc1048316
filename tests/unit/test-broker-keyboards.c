/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <glib/gstdio.h>

#include "broker/keyboards.h"

#define KEYBOARD 0x03c1 /* Assigned Numbers, 2.6 */

/* A radio that knows one accessory and counts how often it is told to forget it. */
typedef struct
{
  BleRadio radio;
  BleAdvert *advert;
  guint n_forgotten;
} Radio;

static const BleAdvert *
look_up (BleRadio *radio, BleDeviceId device)
{
  return ((Radio *) radio)->advert;
}

static void
forget (BleRadio *radio, BleDeviceId device, GTask *task)
{
  ((Radio *) radio)->n_forgotten++;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static const BleRadioClass radio_class = { .lookup_device = look_up,
                                           .forget_async = forget };

typedef struct
{
  gboolean noted;
  gboolean asked_for;
  gboolean bonded;
  guint16 appearance;
  gboolean lists_hid;
  guint n_forgotten;
} Row;

static const Row rows[] = {
  { TRUE, FALSE, TRUE, KEYBOARD, FALSE, 1 },
  { TRUE, FALSE, TRUE, 0, TRUE, 1 },
  { TRUE, FALSE, TRUE, 0x0341, FALSE, 0 }, /* a heart-rate belt */
  { TRUE, TRUE, TRUE, KEYBOARD, TRUE, 0 },
  { FALSE, FALSE, TRUE, KEYBOARD, TRUE, 0 }, /* somebody else's bond */
  { TRUE, FALSE, FALSE, KEYBOARD, TRUE, 0 }, /* unpaired already */
};

static void
check_row (const Row *row, BrokerPermissions *permissions)
{
  BleUuid hid = ble_uuid_from_u16 (0x1812);
  g_autoptr (BleAdvert) advert = ble_advert_new (7, 1);
  Radio radio = { .radio = { .klass = &radio_class }, .advert = advert };
  g_autoptr (BrokerKeyboards) keyboards =
    broker_keyboards_new (&radio.radio, permissions);
  const BleAdvert *updates[] = { advert };

  assert_true (
    ble_address_parse ("C4:64:E3:01:02:03", BLE_ADDRESS_RANDOM, &advert->address));
  advert->fields = BLE_ADVERT_HAS_APPEARANCE;
  advert->appearance = row->appearance;
  advert->bonded = row->bonded;
  if (row->lists_hid)
    {
      advert->services = g_memdup2 (&hid, sizeof hid);
      advert->n_services = 1;
      advert->fields |= BLE_ADVERT_HAS_SERVICES;
    }
  if (row->noted)
    broker_keyboards_note_paired (keyboards, &advert->address, row->asked_for);
  broker_keyboards_take_adverts (keyboards, updates, 1);
  broker_keyboards_take_adverts (keyboards, updates, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  assert_int_equal (radio.n_forgotten, row->n_forgotten);
}

static void
what_turns_into_a_keyboard_is_unpaired_once_and_nothing_else (void **state)
{
  g_autofree char *directory = g_dir_make_tmp ("blepick-keyboards-XXXXXX", NULL);
  BrokerPermissions *permissions =
    broker_permissions_new (directory, ble_blocklist_new ("", 0), NULL);

  assert_non_null (permissions);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    check_row (&rows[i], permissions);
  broker_permissions_free (permissions);

  g_autoptr (GDir) left = g_dir_open (directory, 0, NULL);
  const char *name;
  while ((name = g_dir_read_name (left)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      (void) g_remove (path);
    }
  (void) g_rmdir (directory);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (what_turns_into_a_keyboard_is_unpaired_once_and_nothing_else),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
