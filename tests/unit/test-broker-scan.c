/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "broker/scan.h"

#define TOKEN 7

/* A radio that only remembers: devices that it knows, and what it was told to do. */
typedef struct
{
  BleRadio radio;
  GPtrArray *devices; /* of BleAdvert */
  GString *told;
  gboolean deaf; /* fails to scan */
} StubRadio;

static void
stub_scan_async (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task)
{
  StubRadio *stub = (StubRadio *) radio;

  g_string_append_printf (stub->told, "%s%u ", on ? "+" : "-", adapter);
  if (stub->deaf)
    g_task_return_new_error (task, BLE_RADIO_ERROR, BLE_RADIO_ERROR_ADAPTER_OFF, "off");
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
stub_foreach_device (BleRadio *radio,
                     void (*func) (const BleAdvert *, gpointer),
                     gpointer user_data)
{
  StubRadio *stub = (StubRadio *) radio;

  for (guint i = 0; i < stub->devices->len; i++)
    func (g_ptr_array_index (stub->devices, i), user_data);
}

static const BleAdvert *
stub_lookup_device (BleRadio *radio, BleDeviceId device)
{
  StubRadio *stub = (StubRadio *) radio;

  for (guint i = 0; i < stub->devices->len; i++)
    {
      const BleAdvert *advert = g_ptr_array_index (stub->devices, i);

      if (advert->device == device)
        return advert;
    }
  return NULL;
}

static const BleRadioClass stub_class = {
  .scan_async = stub_scan_async,
  .foreach_device = stub_foreach_device,
  .lookup_device = stub_lookup_device,
};

/* A scan on that radio, with one descriptor: heart-rate monitors. */
typedef struct
{
  StubRadio stub;
  BrokerScan *scan;
  BleDescriptor *descriptor;
  GString *matched; /* "DEVICE:NAME" of each match, "?" where it was not heard */
} Room;

static void
on_match (guint token,
          const BleDescriptor *descriptor,
          const BleSighting *sighting,
          gpointer user_data)
{
  Room *room = user_data;

  assert_int_equal (token, TOKEN);
  assert_ptr_equal (descriptor, room->descriptor);
  g_string_append_printf (room->matched, "%u:%s%s ", sighting->advert->device,
                          sighting->advert->name != NULL ? sighting->advert->name : "",
                          sighting->last_seen_us == 0 ? "?" : "");
}

static BleAdvert *
new_advert (BleDeviceId device, const char *properties)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, NULL);
  BleAdvert *advert = ble_advert_new (device, 1);

  assert_non_null (dict);
  ble_advert_take_properties (advert, dict);
  return advert;
}

static void
free_advert (gpointer advert)
{
  ble_advert_free (advert);
}

static int
make_room (void **state)
{
  Room *room = g_new0 (Room, 1);
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, "{'service-uuid': <'180d'>}", NULL, NULL,
                     NULL);

  room->stub.radio.klass = &stub_class;
  room->stub.devices = g_ptr_array_new_with_free_func (free_advert);
  room->stub.told = g_string_new (NULL);
  room->matched = g_string_new (NULL);
  room->descriptor = ble_descriptor_parse (dict, NULL);
  room->scan = broker_scan_new (&room->stub.radio, on_match, room);
  broker_scan_add (room->scan, TOKEN, room->descriptor);
  *state = room;
  return 0;
}

static int
clear_room (void **state)
{
  Room *room = *state;

  /* The answers of the stub, one for each time that it was told something. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  broker_scan_free (room->scan);
  ble_descriptor_free (room->descriptor);
  g_ptr_array_unref (room->stub.devices);
  g_string_free (room->stub.told, TRUE);
  g_string_free (room->matched, TRUE);
  g_free (room);
  return 0;
}

static void
know (Room *room, BleDeviceId device, const char *properties)
{
  g_ptr_array_add (room->stub.devices, new_advert (device, properties));
}

static void
hear (Room *room, BleDeviceId device, const char *properties)
{
  g_autoptr (BleAdvert) advert = new_advert (device, properties);
  const BleAdvert *updates[] = { advert };

  broker_scan_take_adverts (room->scan, updates, 1, 1000);
}

/* What matched since the last time. */
static void
assert_matched (Room *room, const char *expected)
{
  assert_string_equal (room->matched->str, expected);
  g_string_truncate (room->matched, 0);
}

#define STRAP "'UUIDs': <['180d']>"

static void
the_radio_scans_while_anybody_wants_it (void **state)
{
  Room *room = *state;

  broker_scan_hold (room->scan, 1);
  broker_scan_hold (room->scan, 1);
  broker_scan_hold (room->scan, 2);
  broker_scan_release (room->scan, 1);
  assert_string_equal (room->stub.told->str, "+1 +2 ");
  broker_scan_release (room->scan, 1);
  broker_scan_hold (room->scan, 1);
  broker_scan_release (room->scan, 2);
  assert_string_equal (room->stub.told->str, "+1 +2 -1 +1 -2 ");
}

static void
a_radio_that_does_not_scan_is_counted_all_the_same (void **state)
{
  Room *room = *state;

  room->stub.deaf = TRUE;
  broker_scan_hold (room->scan, 1);
  broker_scan_release (room->scan, 1);
  assert_string_equal (room->stub.told->str, "+1 -1 ");
}

static void
what_is_heard_is_matched_once_and_again_when_it_changes (void **state)
{
  Room *room = *state;

  hear (room, 1, "{" STRAP ", 'RSSI': <int16 -50>}");
  assert_matched (room, "1: ");
  hear (room, 1, "{'RSSI': <int16 -50>}");
  assert_matched (room, "");
  hear (room, 1, "{'RSSI': <int16 -90>}");
  assert_matched (room, "1: ");
  hear (room, 1, "{'Name': <'Strap'>}");
  assert_matched (room, "1:Strap ");
  hear (room, 2, "{'UUIDs': <['180f']>}");
  assert_matched (room, "");
}

static void
what_the_radio_knew_of_a_device_before_counts (void **state)
{
  Room *room = *state;

  know (room, 1, "{" STRAP ", 'Name': <'Strap'>}");
  hear (room, 1, "{'RSSI': <int16 -50>}");
  assert_matched (room, "1:Strap ");
}

static void
news_that_are_not_from_the_air_are_no_sighting (void **state)
{
  Room *room = *state;

  know (room, 1, "{" STRAP ", 'Connected': <true>}");
  know (room, 2, "{" STRAP "}");
  hear (room, 1, "{'Connected': <true>}");
  assert_matched (room, "1:? ");
  hear (room, 2, "{'Connected': <false>}");
  hear (room, 3, "{'Bonded': <true>}");
  assert_matched (room, "");
}

static void
a_picker_that_opens_later_is_told_what_is_known (void **state)
{
  Room *room = *state;

  know (room, 1, "{" STRAP ", 'Name': <'Asleep'>, 'Bonded': <true>}");
  know (room, 2, "{" STRAP ", 'Name': <'Stranger'>}");
  know (room, 3, "{" STRAP ", 'Name': <'Heard'>, 'Bonded': <true>}");
  hear (room, 3, "{'RSSI': <int16 -50>}");
  assert_matched (room, "3:Heard ");
  broker_scan_replay (room->scan, TOKEN, 0);
  assert_matched (room, "1:Asleep? 3:Heard ");
  broker_scan_replay (room->scan, TOKEN + 1, 0);
  assert_matched (room, "");

  /* half a minute later it is there, and silent */
  broker_scan_replay (room->scan, TOKEN, 2 * BLE_SIGHTING_FRESH_US);
  assert_matched (room, "1:Asleep? 3:Heard? ");
  hear (room, 3, "{'RSSI': <int16 127>}");
  assert_matched (room, "3:Heard? ");
}

static void
what_is_gone_is_a_stranger_when_it_returns (void **state)
{
  Room *room = *state;

  hear (room, 1, "{" STRAP ", 'Name': <'Strap'>}");
  broker_scan_take_gone (room->scan, 1);
  assert_matched (room, "1:Strap ");
  broker_scan_replay (room->scan, TOKEN, 0);
  assert_matched (room, "");
  hear (room, 1, "{" STRAP "}");
  assert_matched (room, "1: ");
}

static void
who_has_left_hears_nothing_more (void **state)
{
  Room *room = *state;

  broker_scan_remove (room->scan, TOKEN);
  hear (room, 1, "{" STRAP "}");
  broker_scan_replay (room->scan, TOKEN, 0);
  assert_matched (room, "");
}

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown (name, make_room, clear_room)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ROOM_TEST (the_radio_scans_while_anybody_wants_it),
    ROOM_TEST (a_radio_that_does_not_scan_is_counted_all_the_same),
    ROOM_TEST (what_is_heard_is_matched_once_and_again_when_it_changes),
    ROOM_TEST (what_the_radio_knew_of_a_device_before_counts),
    ROOM_TEST (news_that_are_not_from_the_air_are_no_sighting),
    ROOM_TEST (a_picker_that_opens_later_is_told_what_is_known),
    ROOM_TEST (what_is_gone_is_a_stranger_when_it_returns),
    ROOM_TEST (who_has_left_hears_nothing_more),
  };

  return cmocka_run_group_tests_name ("broker-scan", tests, NULL, NULL);
}
