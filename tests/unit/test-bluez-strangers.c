/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What strangers on the bus can do to the radio: nothing. The test itself is bluetoothd
 * here, as small as can be, and the stranger as well. */

#include "tests/unit/bluez-rig.h"

#include "ble/bluez-calls.h"

#define AGENT          "/org/blepick/Agent"
#define ADAPTER        "/org/bluez/hci0"
#define DEVICE         ADAPTER "/dev_C4_64_E3_01_02_03"
#define CHARACTERISTIC DEVICE "/service0010/char0011"

static const char objects[] =
  "({objectpath '" ADAPTER "': {'org.bluez.Adapter1': "
  "{'Address': <'00:AA:01:00:00:00'>, 'Powered': <true>}}, "
  "objectpath '" DEVICE "': {'org.bluez.Device1': {'Address': <'C4:64:E3:01:02:03'>, "
  "'Connected': <true>, 'Bonded': <false>, 'ServicesResolved': <true>}}, "
  "objectpath '" DEVICE "/service0010': {'org.bluez.GattService1': {'UUID': <'180d'>}}, "
  "objectpath '" CHARACTERISTIC "': {'org.bluez.GattCharacteristic1': "
  "{'UUID': <'2a37'>, 'Flags': <['read']>}}},)";

typedef struct
{
  Rig *rig;
  GDBusConnection *bluetoothd;
  GDBusConnection *stranger;
  char *radio; /* unique name of the connection that registered the agent */
  guint n_reads;
  guint n_discoveries;
} Bus;

/* Plays bluetoothd: answers what the radio needs to come up, and never a read. */
static GDBusMessage *
on_message (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean incoming,
            gpointer user_data)
{
  Bus *bus = user_data;
  const char *member = g_dbus_message_get_member (message);
  g_autoptr (GDBusMessage) reply = NULL;

  if (!incoming ||
      g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  if (strcmp (member, "ReadValue") == 0)
    g_atomic_int_inc (&bus->n_reads);
  else
    {
      reply = g_dbus_message_new_method_reply (message);
      if (strcmp (member, "GetManagedObjects") == 0)
        {
          g_autoptr (GVariant) body = g_variant_parse (G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                                                       objects, NULL, NULL, NULL);

          g_dbus_message_set_body (reply, body);
        }
      else if (strcmp (member, "RegisterAgent") == 0)
        g_atomic_pointer_set (&bus->radio,
                              g_strdup (g_dbus_message_get_sender (message)));
      else if (strcmp (member, "StartDiscovery") == 0)
        g_atomic_int_inc (&bus->n_discoveries);
      g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                      NULL, NULL);
    }
  g_object_unref (message);
  g_main_context_wakeup (NULL); /* this is GDBus's thread: the test looks again */
  return NULL;
}

static GDBusConnection *
connect_to_bus (Rig *rig)
{
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (rig->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, NULL);

  assert_non_null (connection);
  return connection;
}

static gboolean
has_agent (gpointer bus)
{
  return g_atomic_pointer_get (&((Bus *) bus)->radio) != NULL;
}

static int
set_up (void **state)
{
  Bus *bus = g_new0 (Bus, 1);
  g_autoptr (GVariant) reply = NULL;

  rig_set_up_bus (state);
  bus->rig = *state;
  bus->bluetoothd = connect_to_bus (bus->rig);
  bus->stranger = connect_to_bus (bus->rig);
  g_dbus_connection_add_filter (bus->bluetoothd, on_message, bus, NULL);
  reply =
    g_dbus_connection_call_sync (bus->bluetoothd, "org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "RequestName", g_variant_new ("(su)", "org.bluez", 4),
                                 NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  assert_non_null (reply);
  rig_start_radio (bus->rig, BLE_BLUEZ_DEFAULT_AGENT);
  rig_wait (has_agent, bus, "the agent is registered");
  *state = bus;
  return 0;
}

static int
tear_down (void **state)
{
  Bus *bus = *state;
  void *rig = bus->rig;

  g_dbus_connection_close_sync (bus->bluetoothd, NULL, NULL);
  g_dbus_connection_close_sync (bus->stranger, NULL, NULL);
  rig_tear_down (&rig);
  g_object_unref (bus->bluetoothd);
  g_object_unref (bus->stranger);
  g_free (bus->radio);
  g_free (bus);
  return 0;
}

typedef struct
{
  gboolean done;
  char *error;
} Answer;

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  answer->done = TRUE;
  if (reply == NULL)
    answer->error = g_dbus_error_get_remote_error (error);
}

static gboolean
is_answered (gpointer answer)
{
  return ((Answer *) answer)->done;
}

/* The error of a call to the agent, or NULL. */
static char *
ask_agent (Bus *bus, GDBusConnection *from, const char *method, const char *arguments)
{
  Answer answer = { 0 };
  GVariant *parameters =
    arguments != NULL ? g_variant_new_parsed (arguments) : g_variant_new ("()");

  g_dbus_connection_call (from, bus->radio, AGENT, "org.bluez.Agent1", method, parameters,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_answered, &answer);
  rig_wait (is_answered, &answer, method);
  return answer.error;
}

typedef struct
{
  const char *method;
  const char *arguments;
  gboolean is_pairing;
} Question;

static const Question questions[] = {
  { "RequestPinCode", "(objectpath '" DEVICE "',)", TRUE },
  { "DisplayPinCode", "(objectpath '" DEVICE "', '1234')", TRUE },
  { "RequestPasskey", "(objectpath '" DEVICE "',)", TRUE },
  { "DisplayPasskey", "(objectpath '" DEVICE "', uint32 1, uint16 0)", TRUE },
  { "RequestConfirmation", "(objectpath '" DEVICE "', uint32 123456)", TRUE },
  { "RequestAuthorization", "(objectpath '" DEVICE "',)", TRUE },
  { "AuthorizeService", "(objectpath '" DEVICE "', '1812')", FALSE },
};

static void
nothing_unasked_is_answered (void **state)
{
  Bus *bus = *state;
  guint n_refused = 0;

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_autofree char *error =
        ask_agent (bus, bus->bluetoothd, questions[i].method, questions[i].arguments);

      assert_string_equal (error, "org.bluez.Error.Rejected");
      n_refused += questions[i].is_pairing ? 1 : 0;
      assert_int_equal (bus->rig->n_refused, n_refused);
    }
  assert_null (ask_agent (bus, bus->bluetoothd, "Cancel", NULL));
}

static void
stranger_cannot_ask (void **state)
{
  Bus *bus = *state;

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_autofree char *error =
        ask_agent (bus, bus->stranger, questions[i].method, questions[i].arguments);

      assert_string_equal (error, "org.freedesktop.DBus.Error.AccessDenied");
    }
  assert_int_equal (bus->rig->n_refused, 0);
}

/* Sends one signal to every connection there is. */
static void
send_to_all (Bus *bus,
             GDBusConnection *from,
             const char *const *names,
             const char *path,
             const char *interface,
             const char *member,
             const char *body)
{
  for (guint i = 0; names[i] != NULL; i++)
    assert_true (g_dbus_connection_emit_signal (from, names[i], path, interface, member,
                                                g_variant_new_parsed (body), NULL));
}

#define FORGED 3334 /* times three signals */

static void
forged_signals_change_nothing (void **state)
{
  Bus *bus = *state;
  BleRadio *radio = bus->rig->radio;
  g_autofree const char **names = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_sync (bus->stranger, "org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ListNames", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                                 NULL, NULL);

  g_variant_get (reply, "(^a&s)", &names);
  /* The radio's two connections are among the unique names; well-known ones would do
   * no good. */
  for (guint i = 0; names[i] != NULL; i++)
    if (names[i][0] != ':')
      names[i] = bus->radio;
  bus->rig->n_updates = 0;
  for (guint i = 0; i < FORGED; i++)
    {
      send_to_all (bus, bus->stranger, names, DEVICE, "org.freedesktop.DBus.Properties",
                   "PropertiesChanged",
                   "('org.bluez.Device1', {'Bonded': <true>}, @as [])");
      send_to_all (bus, bus->stranger, names, "/", "org.freedesktop.DBus.ObjectManager",
                   "InterfacesRemoved",
                   "(objectpath '" ADAPTER "', ['org.bluez.Adapter1'])");
      send_to_all (bus, bus->stranger, names, "/org/freedesktop/DBus",
                   "org.freedesktop.DBus", "NameOwnerChanged",
                   "('org.bluez', ':1.1', '')");
    }
  g_dbus_connection_flush_sync (bus->stranger, NULL, NULL);

  /* Waits for all of them to have passed, and for the scan to have begun with the real
   * one. */
  assert_string_equal (rig_scan (bus->rig, TRUE), "");
  {
    RigResult result = { 0 };

    ble_radio_disconnect_async (radio, 4711, NULL, rig_on_result, &result);
    assert_string_equal (rig_cause (&result), "gone");
  }
  assert_true (ble_radio_daemon_running (radio));
  assert_int_equal (ble_radio_adapters (radio)->len, 1);
  assert_int_equal (bus->n_discoveries, 1);
  assert_int_equal (bus->rig->n_updates, 0);
  assert_int_equal (bus->rig->n_gone, 0);
}

static gboolean
has_all_reads (gpointer bus)
{
  return g_atomic_int_get (&((Bus *) bus)->n_reads) >= BLE_BLUEZ_CALLS_MAX;
}

static void
take_device (const BleAdvert *advert, gpointer id)
{
  *(BleDeviceId *) id = advert->device;
}

static void
calls_in_flight_are_bounded (void **state)
{
  Bus *bus = *state;
  RigResult results[3 * BLE_BLUEZ_CALLS_MAX] = { 0 };
  BleDeviceId device = 0;
  BleAttributeId attribute;

  ble_radio_foreach_device (bus->rig->radio, take_device, &device);
  attribute = rig_find (bus->rig, device, 0x2a37);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    ble_radio_read_async (bus->rig->radio, device, attribute, 0, NULL, rig_on_result,
                          &results[i]);
  rig_wait (has_all_reads, bus, "the first reads arrive");
  /* A call that does not wait for its turn comes after whatever was sent before. */
  {
    RigResult result = { 0 };

    ble_radio_scan_async (bus->rig->radio, rig_adapter (bus->rig), FALSE, NULL,
                          rig_on_result, &result);
    assert_string_equal (rig_cause (&result), "");
  }
  assert_int_equal (bus->n_reads, BLE_BLUEZ_CALLS_MAX);

  g_clear_pointer (&bus->rig->radio, ble_radio_free);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      rig_wait_result (&results[i]);
      rig_clear_result (&results[i]);
    }
}

static gboolean
is_not_running (gpointer radio)
{
  return !ble_radio_daemon_running (radio);
}

static void
another_owner_of_the_name_is_another_bluetoothd (void **state)
{
  Bus *bus = *state;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_sync (bus->bluetoothd, "org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ReleaseName", g_variant_new ("(s)", "org.bluez"), NULL,
                                 G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_autofree char *error = NULL;

  assert_non_null (reply);
  rig_wait (is_not_running, bus->rig->radio, "bluetoothd is gone");
  assert_int_equal (bus->rig->n_gone, 1);
  assert_int_equal (ble_radio_adapters (bus->rig->radio)->len, 0);
  /* Whoever had the name is a stranger now. */
  error = ask_agent (bus, bus->bluetoothd, "RequestConfirmation",
                     "(objectpath '" DEVICE "', uint32 1)");
  assert_string_equal (error, "org.freedesktop.DBus.Error.AccessDenied");
}

int
main (void)
{
#define STRANGER_TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    STRANGER_TEST (nothing_unasked_is_answered),
    STRANGER_TEST (stranger_cannot_ask),
    STRANGER_TEST (forged_signals_change_nothing),
    STRANGER_TEST (calls_in_flight_are_bounded),
    STRANGER_TEST (another_owner_of_the_name_is_another_bluetoothd),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
