/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/bluez-rig.h"

#define DEADLINE_S 20

static gboolean
on_expired (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
rig_wait (gboolean (*done) (gpointer data), gpointer data, const char *what)
{
  gboolean expired = FALSE;
  guint timer = g_timeout_add_seconds (DEADLINE_S, on_expired, &expired);

  while (!done (data) && !expired)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  if (expired)
    fail_msg ("never happened: %s", what);
}

static void read_line (GDataInputStream *stream, GPtrArray *lines);

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) lines = user_data;
  char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result,
                                                     NULL, NULL);

  if (line == NULL)
    return;
  g_ptr_array_add (lines, line);
  read_line (G_DATA_INPUT_STREAM (source), lines);
}

static void
read_line (GDataInputStream *stream, GPtrArray *lines)
{
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_ptr_array_ref (lines));
}

static void
on_updates (const BleAdvert *const *updates, guint n_updates, gpointer user_data)
{
  ((Rig *) user_data)->n_updates += n_updates;
}

static void
on_gone (BleDeviceId device, gpointer user_data)
{
  ((Rig *) user_data)->n_gone++;
}

static void
on_refused (BleDeviceId device, gpointer user_data)
{
  ((Rig *) user_data)->n_refused++;
}

void
rig_on_prompt (BleDeviceId device, const BlePairPrompt *prompt, gpointer rig)
{
  Rig *self = rig;

  self->prompt = *prompt;
  self->n_prompts++;
}

static gboolean
is_running (gpointer radio)
{
  return ble_radio_daemon_running (radio);
}

void
rig_start_radio (Rig *rig, BleBluezFlags flags)
{
  g_autoptr (GError) error = NULL;

  rig->radio =
    ble_bluez_radio_new (g_test_dbus_get_bus_address (rig->bus), flags, &error);
  assert_non_null (rig->radio);
  rig->listener = (BleRadioListener){ .adverts = on_updates,
                                      .device_gone = on_gone,
                                      .pairing_refused = on_refused };
  ble_radio_set_listener (rig->radio, &rig->listener, rig);
}

int
rig_set_up_bus (void **state)
{
  Rig *rig = g_new0 (Rig, 1);

  rig->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (rig->bus);
  *state = rig;
  return 0;
}

int
rig_set_up (void **state)
{
  Rig *rig;
  g_autoptr (GDataInputStream) stream = NULL;

  rig_set_up_bus (state);
  rig = *state;
  rig->lines = g_ptr_array_new_with_free_func (g_free);
  rig->fake =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                      NULL, g_getenv ("FAKE_BLUEZ"), "--address",
                      g_test_dbus_get_bus_address (rig->bus), "--advert-ms=20", NULL);
  assert_non_null (rig->fake);
  stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (rig->fake));
  read_line (stream, rig->lines);
  g_free (rig_expect (rig, "ready"));
  rig_start_radio (rig, BLE_BLUEZ_PLAIN);
  rig_wait (is_running, rig->radio, "bluetoothd is known");
  return 0;
}

int
rig_tear_down (void **state)
{
  Rig *rig = *state;

  ble_radio_free (rig->radio);
  if (rig->fake != NULL)
    {
      g_output_stream_close (g_subprocess_get_stdin_pipe (rig->fake), NULL, NULL);
      g_subprocess_wait (rig->fake, NULL, NULL);
      g_object_unref (rig->fake);
      g_ptr_array_unref (rig->lines);
    }
  /* What GDBus has still to let go of. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_test_dbus_stop (rig->bus);
  g_object_unref (rig->bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_free (rig);
  return 0;
}

void
rig_tell (Rig *rig, const char *format, ...)
{
  GOutputStream *stream = g_subprocess_get_stdin_pipe (rig->fake);
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  assert_true (g_output_stream_printf (stream, NULL, NULL, NULL, "%s\n", line));
}

typedef struct
{
  GPtrArray *lines;
  const char *beginning;
  guint at;
} Search;

static gboolean
find_line (gpointer user_data)
{
  Search *search = user_data;

  for (search->at = 0; search->at < search->lines->len; search->at++)
    if (g_str_has_prefix (search->lines->pdata[search->at], search->beginning))
      return TRUE;
  return FALSE;
}

char *
rig_expect (Rig *rig, const char *beginning)
{
  Search search = { rig->lines, beginning, 0 };
  const char *line;
  char *rest;

  rig_wait (find_line, &search, beginning);
  line = rig->lines->pdata[search.at];
  rest = g_strstrip (g_strdup (line + strlen (beginning)));
  g_ptr_array_remove_index (rig->lines, search.at);
  return rest;
}

void
rig_on_result (GObject *source, GAsyncResult *result, gpointer rig_result)
{
  RigResult *self = rig_result;

  self->n_ends++;
  g_set_object (&self->result, result);
}

static gboolean
has_ended (gpointer result)
{
  return ((RigResult *) result)->n_ends > 0;
}

void
rig_wait_result (RigResult *result)
{
  rig_wait (has_ended, result, "the operation ends");
}

void
rig_clear_result (RigResult *result)
{
  assert_int_equal (result->n_ends, 1);
  g_clear_object (&result->result);
  result->n_ends = 0;
}

const char *
rig_cause (RigResult *result)
{
  g_autoptr (GError) error = NULL;

  rig_wait_result (result);
  (void) g_task_propagate_boolean (G_TASK (result->result), &error);
  rig_clear_result (result);
  if (error == NULL)
    return "";
  assert_int_equal (error->domain, BLE_RADIO_ERROR);
  return g_intern_string (error->message);
}

const char *
rig_scan (Rig *rig, gboolean on)
{
  RigResult result = { 0 };

  ble_radio_scan_async (rig->radio, rig_adapter (rig), on, NULL, rig_on_result, &result);
  return rig_cause (&result);
}

const char *
rig_connect (Rig *rig, BleDeviceId device)
{
  RigResult result = { 0 };

  ble_radio_connect_async (rig->radio, device, NULL, rig_on_result, &result);
  return rig_cause (&result);
}

const char *
rig_forget (Rig *rig, BleDeviceId device)
{
  RigResult result = { 0 };

  ble_radio_forget_async (rig->radio, device, NULL, rig_on_result, &result);
  return rig_cause (&result);
}

void
rig_leave (Rig *rig)
{
  RigResult result = { 0 };

  ble_radio_leave_async (rig->radio, rig_on_result, &result);
  rig_wait_result (&result);
  ble_radio_leave_finish (rig->radio, result.result);
  rig_clear_result (&result);
}

BleAdapterId
rig_adapter (Rig *rig)
{
  const GArray *adapters = ble_radio_adapters (rig->radio);

  return adapters->len > 0 ? g_array_index (adapters, BleAdapter, 0).id : 0;
}

typedef struct
{
  Rig *rig;
  const char *name;
  BleDeviceId id;
} Named;

static void
compare_name (const BleAdvert *advert, gpointer user_data)
{
  Named *named = user_data;

  if (g_strcmp0 (advert->name, named->name) == 0)
    named->id = advert->device;
}

static gboolean
find_named (gpointer user_data)
{
  Named *named = user_data;

  ble_radio_foreach_device (named->rig->radio, compare_name, named);
  return named->id != 0;
}

BleDeviceId
rig_add (Rig *rig, const char *id, const char *words)
{
  Named named = { rig, id, 0 };

  rig_tell (rig, "add %s adapter=hci0 name=%s %s", id, id, words);
  assert_string_equal (rig_scan (rig, TRUE), "");
  rig_wait (find_named, &named, "the accessory is found");
  assert_string_equal (rig_scan (rig, FALSE), "");
  return named.id;
}

BleAttributeId
rig_find (Rig *rig, BleDeviceId device, guint16 uuid)
{
  const BleGatt *gatt = ble_radio_gatt (rig->radio, device);
  const BleUuid wanted = ble_uuid_from_u16 (uuid);

  for (guint i = 0; gatt != NULL && i < gatt->services->len; i++)
    {
      const BleGattCharacteristic *found =
        ble_gatt_find_characteristic (&g_array_index (gatt->services, BleGattService, i),
                                      &wanted, 0);

      if (found != NULL)
        return found->id;
    }
  return 0;
}

BleDeviceId
rig_begin_pairing (Rig *rig,
                   const char *pairing,
                   GCancellable *cancellable,
                   RigResult *result)
{
  g_autofree char *words = g_strdup_printf ("pairing=%s", pairing);
  BleDeviceId device = rig_add (rig, "strap", words);

  ble_radio_pair_async (rig->radio, device, rig_on_prompt, rig, cancellable,
                        rig_on_result, result);
  return device;
}

BlePairMethod
rig_end_pairing (Rig *rig, BleDeviceId device, RigResult *result)
{
  g_autoptr (GError) error = NULL;
  BlePairMethod method = BLE_PAIR_METHOD_NONE;

  rig_wait_result (result);
  if (!ble_radio_pair_finish (rig->radio, result->result, &method, &error))
    fail_msg ("%s", error->message);
  rig_clear_result (result);
  assert_true (ble_radio_lookup_device (rig->radio, device)->bonded);
  return method;
}
