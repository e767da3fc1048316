/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/radio-probe.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#define WORDS_MAX 8

static void
say_result (const char *command, const GError *error)
{
  if (error == NULL)
    probe_say ("ok %s", command);
  else
    probe_say ("error %s %s", command, error->message);
}

static char *
bytes_to_hex (const guint8 *octets, gsize size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", octets[i]);
  return g_string_free (text, FALSE);
}

static GBytes *
hex_to_bytes (const char *hex)
{
  GByteArray *array = g_byte_array_new ();

  for (; g_ascii_isxdigit (hex[0]) && g_ascii_isxdigit (hex[1]); hex += 2)
    {
      guint8 octet =
        (guint8) (g_ascii_xdigit_value (hex[0]) * 16 + g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (array, &octet, 1);
    }
  return g_byte_array_free_to_bytes (array);
}

typedef struct
{
  const char *name;
  BleDeviceId id;
} Search;

static void
compare_name (const BleAdvert *advert, gpointer user_data)
{
  Search *search = user_data;

  if (g_strcmp0 (advert->name, search->name) == 0)
    search->id = advert->device;
}

static BleDeviceId
to_device (Probe *probe, const char *word)
{
  Search search = { .name = word };

  if (g_ascii_isdigit (word[0]))
    return (BleDeviceId) g_ascii_strtoull (word, NULL, 10);
  ble_radio_foreach_device (probe->radio, compare_name, &search);
  return search.id;
}

static BleAdapterId
to_adapter (Probe *probe, const char *word)
{
  const GArray *adapters = ble_radio_adapters (probe->radio);

  for (guint i = 0; i < adapters->len; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      if (strcmp (adapter->name, word) == 0)
        return adapter->id;
    }
  return 0;
}

static BleAttributeId
to_characteristic (Probe *probe, BleDeviceId device, const char *word)
{
  const BleGatt *gatt = ble_radio_gatt (probe->radio, device);
  BleUuid uuid;

  if (gatt == NULL || !ble_uuid_parse (word, &uuid))
    return 0;
  for (guint i = 0; i < gatt->services->len; i++)
    {
      const BleGattService *service = &g_array_index (gatt->services, BleGattService, i);
      const BleGattCharacteristic *found =
        ble_gatt_find_characteristic (service, &uuid, 0);

      if (found != NULL)
        return found->id;
    }
  return 0;
}

void
probe_check_wanted (Probe *probe)
{
  BleDeviceId id = probe->wanted != NULL ? to_device (probe, probe->wanted) : 0;

  if (id == 0)
    return;
  probe_say ("ok find %u", id);
  g_clear_pointer (&probe->wanted, g_free);
}

/* What comes of the commands. */

typedef gboolean (*FinishFunc) (BleRadio *radio, GAsyncResult *result, GError **error);

typedef struct
{
  Probe *probe;
  const char *command; /* static */
  FinishFunc finish;
  char *text; /* of the command's own, or NULL */
} Pending;

static Pending *
new_pending (Probe *probe, const char *command, FinishFunc finish)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->probe = probe;
  pending->command = command;
  pending->finish = finish;
  return pending;
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Pending *pending = user_data;
  g_autoptr (GError) error = NULL;

  (void) pending->finish (pending->probe->radio, result, &error);
  say_result (pending->command, error);
}

static void
on_paired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autoptr (GError) error = NULL;
  BlePairMethod method;

  if (ble_radio_pair_finish (probe->radio, result, &method, &error))
    probe_say ("ok pair %s", ble_pair_method_to_word (method));
  else
    say_result ("pair", error);
}

static void
on_prompt (BleDeviceId device, const BlePairPrompt *prompt, gpointer user_data)
{
  probe_say ("prompt %u %s %06u %u", device, ble_pair_method_to_word (prompt->method),
             prompt->passkey, prompt->entered);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) value = ble_radio_read_finish (probe->radio, result, &error);
  g_autofree char *hex = NULL;
  gsize size;

  if (value == NULL)
    {
      say_result ("read", error);
      return;
    }
  hex = bytes_to_hex (g_bytes_get_data (value, &size), g_bytes_get_size (value));
  probe_say ("ok read %s", hex);
}

static gboolean
on_socket (gint descriptor, GIOCondition condition, gpointer user_data)
{
  const char *name = user_data;
  guint8 octets[BLE_GATT_VALUE_MAX];
  ssize_t size = recv (descriptor, octets, sizeof octets, MSG_DONTWAIT);
  g_autofree char *hex = NULL;

  if (size <= 0)
    {
      probe_say ("closed %s", name);
      (void) g_close (descriptor, NULL);
      return G_SOURCE_REMOVE;
    }
  hex = bytes_to_hex (octets, (gsize) size);
  probe_say ("value %s %s", name, hex);
  return G_SOURCE_CONTINUE;
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Pending *pending = user_data;
  g_autoptr (GError) error = NULL;
  guint16 mtu;
  int descriptor = ble_radio_acquire_finish (pending->probe->radio, result, &mtu, &error);

  if (descriptor < 0)
    {
      say_result ("acquire", error);
      g_free (pending->text);
      return;
    }
  probe_say ("ok acquire %u", mtu);
  g_hash_table_replace (pending->probe->sockets, g_strdup (pending->text),
                        GINT_TO_POINTER (descriptor));
  g_unix_fd_add_full (G_PRIORITY_DEFAULT, descriptor, G_IO_IN | G_IO_HUP, on_socket,
                      pending->text, g_free);
}

static void
on_value (BleDeviceId device,
          BleAttributeId characteristic,
          GBytes *value,
          gpointer user_data)
{
  gsize size;
  const guint8 *octets = g_bytes_get_data (value, &size);
  g_autofree char *hex = bytes_to_hex (octets, size);

  probe_say ("value %u %s", characteristic, hex);
}

static void
on_left (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;

  ble_radio_leave_finish (probe->radio, result);
  probe_say ("ok leave");
}

/* The commands. Words that are not there are "". */

static gboolean
is_on (const char *word)
{
  return strcmp (word, "on") == 0 || strcmp (word, "yes") == 0;
}

static void
run_scan (Probe *probe, char **words)
{
  ble_radio_scan_async (probe->radio, to_adapter (probe, words[1]), is_on (words[2]),
                        probe->cancellable, on_finished,
                        new_pending (probe, "scan", ble_radio_scan_finish));
}

static void
run_power (Probe *probe, char **words)
{
  ble_radio_power_async (probe->radio, to_adapter (probe, words[1]), is_on (words[2]),
                         probe->cancellable, on_finished,
                         new_pending (probe, "power", ble_radio_power_finish));
}

static void
run_find (Probe *probe, char **words)
{
  g_free (probe->wanted);
  probe->wanted = g_strdup (words[1]);
  probe_check_wanted (probe);
}

static void
run_pair (Probe *probe, char **words)
{
  ble_radio_pair_async (probe->radio, to_device (probe, words[1]), on_prompt, probe,
                        probe->cancellable, on_paired, probe);
}

static void
run_answer (Probe *probe, char **words)
{
  ble_radio_pair_answer (probe->radio, to_device (probe, words[1]), is_on (words[2]),
                         (guint32) g_ascii_strtoull (words[3], NULL, 10));
}

static void
run_connect (Probe *probe, char **words)
{
  ble_radio_connect_async (probe->radio, to_device (probe, words[1]), probe->cancellable,
                           on_finished,
                           new_pending (probe, "connect", ble_radio_connect_finish));
}

static void
run_disconnect (Probe *probe, char **words)
{
  ble_radio_disconnect_async (
    probe->radio, to_device (probe, words[1]), probe->cancellable, on_finished,
    new_pending (probe, "disconnect", ble_radio_disconnect_finish));
}

static void
run_forget (Probe *probe, char **words)
{
  ble_radio_forget_async (probe->radio, to_device (probe, words[1]), probe->cancellable,
                          on_finished,
                          new_pending (probe, "forget", ble_radio_forget_finish));
}

static void
run_state (Probe *probe, char **words)
{
  const BleAdvert *advert =
    ble_radio_lookup_device (probe->radio, to_device (probe, words[1]));
  char address[BLE_ADDRESS_TEXT_SIZE];

  if (advert == NULL)
    {
      probe_say ("error state gone");
      return;
    }
  ble_address_format (&advert->address, address);
  probe_say ("ok state connected=%d bonded=%d resolved=%d address=%s", advert->connected,
             advert->bonded, advert->resolved, address);
}

static void
run_gatt (Probe *probe, char **words)
{
  const BleGatt *gatt = ble_radio_gatt (probe->radio, to_device (probe, words[1]));
  char uuid[BLE_UUID_TEXT_SIZE];

  for (guint i = 0; gatt != NULL && i < gatt->services->len; i++)
    {
      const BleGattService *service = &g_array_index (gatt->services, BleGattService, i);

      ble_uuid_format_short (&service->uuid, uuid);
      probe_say ("service %s", uuid);
      for (guint j = 0; j < service->characteristics->len; j++)
        {
          const BleGattCharacteristic *each =
            &g_array_index (service->characteristics, BleGattCharacteristic, j);

          ble_uuid_format_short (&each->uuid, uuid);
          probe_say ("characteristic %s flags=%x descriptors=%u id=%u", uuid, each->flags,
                     each->descriptors->len, each->id);
        }
    }
  probe_say (gatt != NULL ? "ok gatt" : "error gatt not-resolved");
}

static void
run_read (Probe *probe, char **words)
{
  BleDeviceId device = to_device (probe, words[1]);

  ble_radio_read_async (probe->radio, device, to_characteristic (probe, device, words[2]),
                        0, probe->cancellable, on_read, probe);
}

static void
run_write (Probe *probe, char **words)
{
  BleDeviceId device = to_device (probe, words[1]);
  g_autoptr (GBytes) value = hex_to_bytes (words[3]);

  BleWrite write = {
    .attribute = to_characteristic (probe, device, words[2]),
    .with_response = strcmp (words[4], "command") != 0,
    .value = value,
  };

  ble_radio_write_async (probe->radio, device, &write, probe->cancellable, on_finished,
                         new_pending (probe, "write", ble_radio_write_finish));
}

static void
run_acquire (Probe *probe, char **words)
{
  BleDeviceId device = to_device (probe, words[1]);
  Pending *pending = new_pending (probe, "acquire", NULL);

  pending->text = g_strdup (words[2]);
  ble_radio_acquire_async (probe->radio, device,
                           to_characteristic (probe, device, words[2]),
                           strcmp (words[3], "write") == 0, probe->cancellable,
                           on_acquired, pending);
}

static void
run_shut (Probe *probe, char **words)
{
  gpointer descriptor;

  if (!g_hash_table_lookup_extended (probe->sockets, words[1], NULL, &descriptor))
    return;
  (void) shutdown (GPOINTER_TO_INT (descriptor), SHUT_RDWR);
  g_hash_table_remove (probe->sockets, words[1]);
}

static void
run_notify (Probe *probe, char **words)
{
  BleDeviceId device = to_device (probe, words[1]);
  BleValueSink sink = { on_value, probe };

  ble_radio_notify_async (probe->radio, device,
                          to_characteristic (probe, device, words[2]),
                          is_on (words[3]) ? &sink : NULL, probe->cancellable,
                          on_finished,
                          new_pending (probe, "notify", ble_radio_notify_finish));
}

/* Cancels what runs. */
static void
run_cancel (Probe *probe, char **words)
{
  g_cancellable_cancel (probe->cancellable);
  g_object_unref (probe->cancellable);
  probe->cancellable = g_cancellable_new ();
}

static void
run_leave (Probe *probe, char **words)
{
  ble_radio_leave_async (probe->radio, on_left, probe);
}

static void
run_quit (Probe *probe, char **words)
{
  g_main_loop_quit (probe->loop);
}

static const struct
{
  const char *name;
  void (*run) (Probe *probe, char **words);
} commands[] = {
  { "scan", run_scan },             /* HCI on|off */
  { "power", run_power },           /* HCI on|off */
  { "find", run_find },             /* NAME: waits for it */
  { "state", run_state },           /* DEVICE */
  { "pair", run_pair },             /* DEVICE */
  { "answer", run_answer },         /* DEVICE yes|no [PASSKEY] */
  { "connect", run_connect },       /* DEVICE */
  { "disconnect", run_disconnect }, /* DEVICE */
  { "forget", run_forget },         /* DEVICE */
  { "gatt", run_gatt },             /* DEVICE */
  { "read", run_read },             /* DEVICE CHARACTERISTIC */
  { "write", run_write },           /* DEVICE CHARACTERISTIC HEX [command] */
  { "acquire", run_acquire },       /* DEVICE CHARACTERISTIC [write] */
  { "shut", run_shut },             /* CHARACTERISTIC */
  { "notify", run_notify },         /* DEVICE CHARACTERISTIC on|off */
  { "cancel", run_cancel },
  { "leave", run_leave },
  { "quit", run_quit },
};

void
probe_run_line (Probe *probe, const char *line)
{
  g_auto (GStrv) split = g_strsplit (line, " ", WORDS_MAX);
  static char none[] = "";
  char *words[WORDS_MAX + 1];
  gboolean ended = FALSE;

  for (guint i = 0; i <= WORDS_MAX; i++)
    {
      ended = ended || split[i] == NULL;
      words[i] = ended ? none : split[i];
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, words[0]) == 0)
      {
        commands[i].run (probe, words);
        return;
      }
  probe_say ("error %s unknown-command", words[0]);
}
