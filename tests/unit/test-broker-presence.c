/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "broker/presence.h"

#define S       G_GINT64_CONSTANT (1000000)
#define STRAP   "'Address': <'C0:00:00:00:00:01'>, 'AddressType': <'random'>"
#define BEGIN   (1000 * S)
#define LOST_US BROKER_PRESENCE_LOST_US

/* A radio with one adapter that is on and one device that it knows. */
typedef struct
{
  BleRadio radio;
  GArray *adapters; /* of BleAdapter */
  BleAdvert *known;
  guint n_scans;
} StubRadio;

static void
stub_scan_async (BleRadio *radio, BleAdapterId adapter, gboolean on, GTask *task)
{
  ((StubRadio *) radio)->n_scans += on ? 1 : -1;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static const GArray *
stub_adapters (BleRadio *radio)
{
  return ((StubRadio *) radio)->adapters;
}

static void
stub_foreach_device (BleRadio *radio,
                     void (*func) (const BleAdvert *, gpointer),
                     gpointer user_data)
{
  func (((StubRadio *) radio)->known, user_data);
}

static const BleAdvert *
stub_lookup_device (BleRadio *radio, BleDeviceId device)
{
  return ((StubRadio *) radio)->known;
}

static const BleRadioClass stub_class = {
  .scan_async = stub_scan_async,
  .adapters = stub_adapters,
  .foreach_device = stub_foreach_device,
  .lookup_device = stub_lookup_device,
};

typedef struct
{
  StubRadio stub;
  BrokerScan *scan;
  BrokerDevices *devices;
  BrokerPresence *presence;
  BleAddress address;
  GString *told; /* "+" appeared, "-" lost */
} Room;

static void
on_match (guint token,
          const BleDescriptor *descriptor,
          const BleSighting *sighting,
          gpointer user_data)
{
}

static void
on_connected (const BleAddress *address,
              BleDeviceId device,
              gboolean connected,
              gpointer user_data)
{
}

static void
on_changed (const BleAddress *address, gboolean is_there, gint16 rssi, gpointer user_data)
{
  Room *room = user_data;

  assert_true (ble_address_equal (address, &room->address));
  g_string_append_c (room->told, is_there ? '+' : '-');
}

static BleAdvert *
new_advert (const char *properties)
{
  g_autoptr (GVariant) dict =
    g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, NULL);
  BleAdvert *advert = ble_advert_new (1, 1);

  assert_non_null (dict);
  ble_advert_take_properties (advert, dict);
  return advert;
}

static int
make_room (void **state)
{
  Room *room = g_new0 (Room, 1);
  BleAdapter adapter = { .id = 1, .powered = TRUE };

  room->stub.radio.klass = &stub_class;
  room->stub.adapters = g_array_new (FALSE, TRUE, sizeof (BleAdapter));
  g_array_append_val (room->stub.adapters, adapter);
  room->stub.known = new_advert ("{" STRAP "}");
  room->address = room->stub.known->address;
  room->told = g_string_new (NULL);
  room->scan = broker_scan_new (&room->stub.radio, on_match, NULL);
  room->devices = broker_devices_new (&room->stub.radio, on_connected, NULL);
  room->presence = broker_presence_new (&room->stub.radio, room->scan, room->devices);
  broker_presence_add_listener (room->presence, on_changed, room);
  *state = room;
  return 0;
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static int
clear_room (void **state)
{
  Room *room = *state;

  broker_presence_free (room->presence);
  settle ();
  broker_devices_free (room->devices);
  broker_scan_free (room->scan);
  ble_advert_free (room->stub.known);
  g_array_unref (room->stub.adapters);
  g_string_free (room->told, TRUE);
  g_free (room);
  return 0;
}

static void
hear (Room *room, const char *properties, gint64 now_us)
{
  g_autoptr (BleAdvert) advert = new_advert (properties);
  const BleAdvert *updates[] = { advert };

  broker_presence_take_adverts (room->presence, updates, 1, now_us);
}

static void
assert_told (Room *room, const char *expected)
{
  assert_string_equal (room->told->str, expected);
  g_string_truncate (room->told, 0);
}

static void
silent_accessory_is_lost_after_its_time_and_appears_again (void **state)
{
  Room *room = *state;

  broker_presence_watch (room->presence, &room->address);
  settle ();
  assert_int_equal (room->stub.n_scans, 1);
  assert_told (room, "");
  hear (room, "{'RSSI': <int16 -50>}", BEGIN);
  assert_told (room, "+");
  hear (room, "{'RSSI': <int16 -52>}", BEGIN + 10 * S);
  broker_presence_tick (room->presence, BEGIN + 10 * S + LOST_US);
  assert_told (room, "");
  broker_presence_tick (room->presence, BEGIN + 10 * S + LOST_US + 1);
  assert_told (room, "-");
  broker_presence_tick (room->presence, BEGIN + 100 * S);
  assert_told (room, "");
  hear (room, "{'RSSI': <int16 -60>}", BEGIN + 101 * S);
  assert_told (room, "+");
  broker_presence_unwatch (room->presence, &room->address);
  settle ();
  assert_int_equal (room->stub.n_scans, 0);
}

static void
connected_accessory_is_there_however_silent_and_not_scanned_for (void **state)
{
  Room *room = *state;

  broker_presence_watch (room->presence, &room->address);
  broker_presence_take_connected (room->presence, &room->address, TRUE, BEGIN);
  settle ();
  assert_told (room, "+");
  assert_int_equal (room->stub.n_scans, 0);
  broker_presence_tick (room->presence, BEGIN + 10 * LOST_US);
  assert_told (room, "");
  broker_presence_take_connected (room->presence, &room->address, FALSE,
                                  BEGIN + 20 * LOST_US);
  settle ();
  assert_int_equal (room->stub.n_scans, 1);
  broker_presence_tick (room->presence, BEGIN + 20 * LOST_US + 1);
  assert_told (room, "");
  broker_presence_tick (room->presence, BEGIN + 21 * LOST_US + 1);
  assert_told (room, "-");
  broker_presence_unwatch (room->presence, &room->address);
}

static void
news_that_are_not_from_the_air_and_nobodys_accessory_tell_nothing (void **state)
{
  Room *room = *state;

  hear (room, "{'RSSI': <int16 -50>}", BEGIN); /* nobody watches */
  broker_presence_watch (room->presence, &room->address);
  settle ();
  hear (room, "{'ServicesResolved': <true>}", BEGIN);
  assert_told (room, "");
  broker_presence_remove_listener (room->presence, room);
  hear (room, "{'RSSI': <int16 -50>}", BEGIN);
  assert_told (room, "");
  assert_true (broker_presence_is_there (room->presence, &room->address));
  broker_presence_unwatch (room->presence, &room->address);
}

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown (name, make_room, clear_room)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ROOM_TEST (silent_accessory_is_lost_after_its_time_and_appears_again),
    ROOM_TEST (connected_accessory_is_there_however_silent_and_not_scanned_for),
    ROOM_TEST (news_that_are_not_from_the_air_and_nobodys_accessory_tell_nothing),
  };

  return cmocka_run_group_tests_name ("broker-presence", tests, NULL, NULL);
}
