/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "ble/bluez-tree.h"

#define HCI0   "/org/bluez/hci0"
#define STRAP  HCI0 "/dev_C4_64_E3_01_02_03"
#define SCALES HCI0 "/dev_C4_64_E3_01_02_04"

static void
apply (BleBluezEvent *event, gpointer tree)
{
  ble_bluez_tree_apply (tree, event);
  ble_bluez_event_free (event);
}

/* Applies what GetManagedObjects answers with @objects, in text format. */
static void
tell_objects (BleBluezTree *tree, const char *objects)
{
  g_autofree char *text = g_strdup_printf ("(%s,)", objects);
  g_autoptr (GVariant) reply =
    g_variant_parse (G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), text, NULL, NULL, NULL);
  BleBluezDecoder decoder = { 0 };

  assert_non_null (reply);
  ble_bluez_decode_objects (&decoder, reply, apply, tree);
}

static void
tell_signal (BleBluezTree *tree,
             const char *path,
             const char *interface,
             const char *member,
             GVariant *body)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_signal (path, interface, member);
  BleBluezDecoder decoder = { .says_bonded = TRUE };

  g_dbus_message_set_body (message, body);
  ble_bluez_decode_signal (&decoder, message, apply, tree);
}

static void
tell_changed (BleBluezTree *tree,
              const char *path,
              const char *interface,
              const char *properties)
{
  tell_signal (tree, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
               g_variant_new ("(s@a{sv}@as)", interface,
                              g_variant_new_parsed (properties),
                              g_variant_new_strv (NULL, 0)));
}

static void
tell_removed (BleBluezTree *tree, const char *path, const char *interface)
{
  tell_signal (tree, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
               g_variant_new ("(o@as)", path, g_variant_new_strv (&interface, 1)));
}

#define ADAPTER_TEXT                                                                  \
  "objectpath '" HCI0 "': {'org.bluez.Adapter1': {'Address': <'00:AA:01:00:00:00'>, " \
  "'AddressType': <'public'>, 'Powered': <true>}}"
#define DEVICE_TEXT(path, address)                                             \
  "objectpath '" path "': {'org.bluez.Device1': {'Address': <'" address "'>, " \
  "'AddressType': <'random'>, 'Name': <'Strap'>, 'Connected': <true>, "        \
  "'Bonded': <false>, 'ServicesResolved': <true>}}"

/* The children stand before their parents. */
static const char objects[] =
  "{objectpath '" STRAP "/service0010/char0011/desc0013': {'org.bluez.GattDescriptor1': "
  "{'UUID': <'00002902-0000-1000-8000-00805f9b34fb'>}}, "
  "objectpath '" STRAP "/service0010/char0014': {'org.bluez.GattCharacteristic1': "
  "{'UUID': <'2a38'>, 'Flags': <['read', 'authorize']>}}, "
  "objectpath '" STRAP "/service0010/char0011': {'org.bluez.GattCharacteristic1': "
  "{'UUID': <'2a37'>, 'Flags': <['notify']>, 'NotifyAcquired': <false>}}, "
  "objectpath '" STRAP "/service0010': {'org.bluez.GattService1': "
  "{'UUID': <'180d'>, 'Primary': <true>}}, "
  "objectpath '" STRAP "/service0020/char0021': {'org.bluez.GattCharacteristic1': "
  "{'UUID': <'no uuid'>, 'Flags': <['read']>}}, "
  "objectpath '" STRAP "/service0030/char0031': {'org.bluez.GattCharacteristic1': "
  "{'UUID': <'2a19'>, 'Flags': <['read']>}}, " /* its service is not there */
  DEVICE_TEXT (SCALES, "C4:64:E3:01:02:04") ", " DEVICE_TEXT (
    STRAP,
    "C4:64:E3:01:02:03") ", " ADAPTER_TEXT "}";

static int
set_up (void **state)
{
  BleBluezTree *tree = ble_bluez_tree_new ();

  tell_objects (tree, objects);
  ble_bluez_changes_free (ble_bluez_tree_take_changes (tree));
  *state = tree;
  return 0;
}

static int
tear_down (void **state)
{
  ble_bluez_tree_free (*state);
  return 0;
}

static void
objects_are_known_in_any_order (void **state)
{
  BleBluezDevice device;
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);

  assert_int_equal (ble_bluez_tree_adapters (*state)->len, 1);
  assert_int_not_equal (id, 0);
  assert_true (ble_bluez_tree_find_device (*state, id, &device));
  assert_string_equal (device.path, STRAP);
  assert_string_equal (device.adapter_path, HCI0);
  assert_string_equal (device.advert->name, "Strap");
  assert_int_equal (device.advert->device, id);
  assert_int_equal (device.advert->adapter, device.adapter->id);
}

static void
gatt_is_in_order_of_handles (void **state)
{
  const BleGatt *gatt =
    ble_bluez_tree_gatt (*state, ble_bluez_tree_find_path (*state, STRAP));
  const BleUuid heart_rate = ble_uuid_from_u16 (0x180d);
  const BleGattService *service;
  const BleGattCharacteristic *characteristic;

  assert_non_null (gatt);
  assert_int_equal (gatt->services->len, 1);
  service = ble_gatt_find_service (gatt, &heart_rate, 0);
  assert_non_null (service);
  assert_int_equal (service->characteristics->len, 2);
  characteristic = &g_array_index (service->characteristics, BleGattCharacteristic, 0);
  assert_int_equal (characteristic->flags, BLE_GATT_NOTIFY);
  assert_int_equal (characteristic->descriptors->len, 1);
  assert_string_equal (ble_bluez_tree_find_attribute (*state, characteristic->id)->path,
                       STRAP "/service0010/char0011");
}

static void
gatt_is_unknown_until_resolved (void **state)
{
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);

  tell_changed (*state, STRAP, ble_bluez_device1, "{'ServicesResolved': <false>}");
  assert_null (ble_bluez_tree_gatt (*state, id));
}

static void
updates_of_one_device_become_one (void **state)
{
  g_autoptr (BleBluezChanges) changes = NULL;
  const BleAdvert *update;

  tell_changed (*state, STRAP, ble_bluez_device1, "{'RSSI': <int16 -60>}");
  tell_changed (*state, STRAP, ble_bluez_device1,
                "{'RSSI': <int16 -50>, 'Connected': <false>}");
  tell_changed (*state, STRAP, ble_bluez_device1, "{'Class': <uint32 1>}");
  changes = ble_bluez_tree_take_changes (*state);
  assert_int_equal (changes->updates->len, 1);
  update = changes->updates->pdata[0];
  assert_int_equal (update->rssi, -50);
  assert_int_equal (update->fields, BLE_ADVERT_HAS_RSSI | BLE_ADVERT_HAS_CONNECTED);
  assert_int_equal (update->device, ble_bluez_tree_find_path (*state, STRAP));
}

/* As bluetoothd 5.66 tells it when its ATT socket was faster than the kernel. */
static void
services_are_those_of_a_link (void **state)
{
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);
  BleBluezDevice device;

  tell_changed (*state, STRAP, ble_bluez_device1,
                "{'ServicesResolved': <false>, 'Connected': <false>}");
  tell_changed (*state, STRAP, ble_bluez_device1, "{'ServicesResolved': <true>}");
  assert_true (ble_bluez_tree_find_device (*state, id, &device));
  assert_true (device.advert->connected);
}

static void
paired_without_bond_is_not_bonded (void **state)
{
  BleBluezDevice device;
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);

  tell_changed (*state, STRAP, ble_bluez_device1, "{'Paired': <true>}");
  assert_true (ble_bluez_tree_find_device (*state, id, &device));
  assert_false (device.advert->bonded);
  tell_changed (*state, STRAP, ble_bluez_device1, "{'Bonded': <true>}");
  assert_true (device.advert->bonded);
  tell_changed (*state, STRAP, ble_bluez_device1, "{'Paired': <false>}");
  assert_false (device.advert->bonded);
}

static void
identity_address_keeps_the_id (void **state)
{
  BleBluezDevice device;
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);
  char text[BLE_ADDRESS_TEXT_SIZE];

  tell_changed (*state, STRAP, ble_bluez_device1,
                "{'Address': <'F0:0D:00:00:00:01'>, 'AddressType': <'random'>}");
  assert_int_equal (ble_bluez_tree_find_path (*state, STRAP), id);
  assert_true (ble_bluez_tree_find_device (*state, id, &device));
  ble_address_format (&device.advert->address, text);
  assert_string_equal (text, "F0:0D:00:00:00:01");
}

static void
adapter_takes_its_devices_along (void **state)
{
  g_autoptr (BleBluezChanges) changes = NULL;
  BleDeviceId id = ble_bluez_tree_find_path (*state, STRAP);

  tell_changed (*state, STRAP, ble_bluez_device1, "{'RSSI': <int16 -60>}");
  tell_removed (*state, HCI0, ble_bluez_adapter1);
  changes = ble_bluez_tree_take_changes (*state);
  assert_true (changes->adapters);
  assert_int_equal (changes->updates->len, 0);
  assert_int_equal (changes->gone->len, 2);
  assert_int_equal (ble_bluez_tree_find_path (*state, STRAP), 0);
  assert_null (ble_bluez_tree_gatt (*state, id));
  assert_int_equal (ble_bluez_tree_adapters (*state)->len, 0);
  /* Afterwards bluetoothd may still say so itself. */
  tell_removed (*state, STRAP, ble_bluez_device1);
}

static void
adapter_keeps_its_id_and_devices_do_not (void **state)
{
  BleAdapterId adapter =
    g_array_index (ble_bluez_tree_adapters (*state), BleAdapter, 0).id;
  BleDeviceId device = ble_bluez_tree_find_path (*state, STRAP);
  guint downs = ble_bluez_tree_find_adapter (*state, adapter)->downs;

  apply (ble_bluez_event_new (BLE_BLUEZ_EVENT_OWNER, ":1.2"), *state);
  assert_null (ble_bluez_tree_find_adapter (*state, adapter));
  tell_objects (*state, objects);
  assert_non_null (ble_bluez_tree_find_adapter (*state, adapter));
  assert_int_not_equal (ble_bluez_tree_find_adapter (*state, adapter)->downs, downs);
  assert_int_not_equal (ble_bluez_tree_find_path (*state, STRAP), device);
}

static void
forgotten_device_is_another_when_it_comes_again (void **state)
{
  g_autoptr (BleBluezChanges) changes = NULL;
  BleDeviceId before = ble_bluez_tree_find_path (*state, STRAP);

  tell_removed (*state, STRAP, ble_bluez_device1);
  tell_objects (*state, "{" DEVICE_TEXT (STRAP, "C4:64:E3:01:02:03") "}");
  changes = ble_bluez_tree_take_changes (*state);
  assert_int_equal (changes->gone->len, 1);
  assert_int_equal (g_array_index (changes->gone, BleDeviceId, 0), before);
  assert_int_equal (changes->updates->len, 1);
  assert_int_not_equal (ble_bluez_tree_find_path (*state, STRAP), before);
}

static void
orphans_are_passed_over (void **state)
{
  static const char orphans[] =
    "{objectpath '/org/bluez/hci7/dev_C4_64_E3_01_02_03': "
    "{'org.bluez.Device1': {'Address': <'C4:64:E3:01:02:03'>}}, "
    "objectpath '" HCI0 "/dev_0/service0001': {'org.bluez.GattService1': "
    "{'UUID': <'180d'>}}, "
    "objectpath '/': {'org.bluez.GattService1': {'UUID': <'180d'>}}}";
  g_autoptr (BleBluezChanges) changes = NULL;

  tell_objects (*state, orphans);
  changes = ble_bluez_tree_take_changes (*state);
  assert_int_equal (changes->updates->len, 0);
}

static void
values_are_told_one_by_one (void **state)
{
  g_autoptr (BleBluezChanges) changes = NULL;
  static const char path[] = STRAP "/service0010/char0011";

  tell_changed (*state, path, ble_bluez_characteristic1,
                "{'Value': <[byte 0x16, 0x48]>}");
  tell_changed (*state, path, ble_bluez_characteristic1,
                "{'Value': <[byte 0x16, 0x49]>}");
  tell_changed (*state, path, ble_bluez_characteristic1, "{'Value': <'no bytes'>}");
  tell_changed (*state, path, ble_bluez_characteristic1, "{'NotifyAcquired': <true>}");
  changes = ble_bluez_tree_take_changes (*state);
  assert_int_equal (changes->values->len, 2);
  assert_true (ble_bluez_tree_find_attribute (
                 *state, g_array_index (changes->values, BleBluezValue, 0).characteristic)
                 ->notify_acquired);
}

static guint8
battery_of_strap (BleBluezTree *tree)
{
  BleBluezDevice device;

  assert_true (
    ble_bluez_tree_find_device (tree, ble_bluez_tree_find_path (tree, STRAP), &device));
  return device.advert->battery;
}

static void
battery_is_the_devices_while_it_is_told (void **state)
{
  static const char battery1[] = "org.bluez.Battery1";
  static const char added[] =
    "{objectpath '" STRAP "': {'org.bluez.Battery1': {'Percentage': <byte 0x57>}}}";

  assert_int_equal (battery_of_strap (*state), BLE_BATTERY_UNKNOWN);
  tell_objects (*state, added);
  assert_int_equal (battery_of_strap (*state), 87);
  tell_changed (*state, STRAP, battery1, "{'Percentage': <byte 0x64>}");
  assert_int_equal (battery_of_strap (*state), 100);
  tell_changed (*state, STRAP, battery1, "{'Percentage': <byte 0x65>}");
  tell_changed (*state, STRAP, battery1, "{'Percentage': <uint16 5>}");
  tell_changed (*state, STRAP, battery1, "{'Source': <'hog'>}");
  assert_int_equal (battery_of_strap (*state), 100);
  tell_removed (*state, STRAP, battery1);
  assert_int_equal (battery_of_strap (*state), BLE_BATTERY_UNKNOWN);
  tell_changed (*state, HCI0, battery1, "{'Percentage': <byte 0x01>}");
}

static void
database_that_changes_while_it_is_known_is_news (void **state)
{
  ble_bluez_changes_free (ble_bluez_tree_take_changes (*state));
  g_autoptr (BleBluezChanges) changes = NULL, unresolved = NULL;
  const BleAdvert *update;

  tell_removed (*state, STRAP "/service0010/char0014", "org.bluez.GattCharacteristic1");
  changes = ble_bluez_tree_take_changes (*state);
  assert_int_equal (changes->updates->len, 1);
  update = changes->updates->pdata[0];
  assert_int_equal (update->fields, BLE_ADVERT_HAS_DATABASE);

  tell_changed (*state, STRAP, "org.bluez.Device1", "{'ServicesResolved': <false>}");
  tell_removed (*state, STRAP "/service0010/char0011", "org.bluez.GattCharacteristic1");
  unresolved = ble_bluez_tree_take_changes (*state);
  update = unresolved->updates->pdata[0];
  assert_int_equal (update->fields, BLE_ADVERT_HAS_RESOLVED);
}

static void
devices_are_bounded (void **state)
{
  for (guint i = 0; i <= BLE_BLUEZ_DEVICES_MAX; i++)
    {
      g_autofree char *path = g_strdup_printf (HCI0 "/dev_%u", i);
      BleBluezEvent *event = ble_bluez_event_new (BLE_BLUEZ_EVENT_ADDED, path);

      event->interface = BLE_BLUEZ_DEVICE;
      event->advert = ble_advert_new (0, 0);
      apply (event, *state);
    }
  assert_int_not_equal (ble_bluez_tree_find_path (*state, HCI0 "/dev_0"), 0);
  assert_int_equal (ble_bluez_tree_find_path (*state, HCI0 "/dev_16384"), 0);
}

int
main (void)
{
#define TREE_TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TREE_TEST (objects_are_known_in_any_order),
    TREE_TEST (gatt_is_in_order_of_handles),
    TREE_TEST (gatt_is_unknown_until_resolved),
    TREE_TEST (updates_of_one_device_become_one),
    TREE_TEST (services_are_those_of_a_link),
    TREE_TEST (paired_without_bond_is_not_bonded),
    TREE_TEST (identity_address_keeps_the_id),
    TREE_TEST (adapter_takes_its_devices_along),
    TREE_TEST (adapter_keeps_its_id_and_devices_do_not),
    TREE_TEST (forgotten_device_is_another_when_it_comes_again),
    TREE_TEST (orphans_are_passed_over),
    TREE_TEST (values_are_told_one_by_one),
    TREE_TEST (battery_is_the_devices_while_it_is_told),
    TREE_TEST (database_that_changes_while_it_is_known_is_news),
    TREE_TEST (devices_are_bounded),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
