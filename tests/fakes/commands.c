/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/commands.h"

#include <string.h>

#include "tests/fakes/battery.h"
#include "tests/fakes/flood.h"
#include "tests/fakes/gatt.h"
#include "tests/fakes/link.h"
#include "tests/fakes/notify.h"
#include "tests/fakes/pairing.h"

#define BATTERY_LEVEL 0x2a19 /* bluetoothd follows it: what is set is told at once */

typedef struct
{
  FakesWorld *world;
  FakesAccessory *accessory; /* NULL: of the fake itself */
  const char *const *args;   /* NULL-terminated, as many as the row allows */
  GError **error;
} Command;

typedef struct
{
  const char *name;
  gboolean of_accessory; /* the second word is an ID */
  guint n_args_min;
  guint n_args_max;
  gboolean (*run) (const Command *command);
} CommandRow;

static gboolean
fail (const Command *command, const char *fault)
{
  g_set_error_literal (command->error, FAKES_ERROR, FAKES_ERROR_BAD_COMMAND, fault);
  return FALSE;
}

static gboolean
parse_number (const Command *command, const char *text, guint64 max, guint *ret_number)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, max, &number, NULL))
    return fail (command, "not a number, or too large");
  *ret_number = (guint) number;
  return TRUE;
}

static gboolean
parse_choice (const Command *command,
              const char *text,
              const char *yes,
              const char *no,
              gboolean *ret_yes)
{
  if (!g_str_equal (text, yes) && !g_str_equal (text, no))
    return fail (command, "unknown choice");
  *ret_yes = g_str_equal (text, yes);
  return TRUE;
}

static gboolean
parse_characteristic (const Command *command, const char *text, guint16 *ret_uuid)
{
  guint64 uuid;

  if (!g_ascii_string_to_unsigned (text, 16, 1, G_MAXUINT16, &uuid, NULL) ||
      fakes_profile_find_characteristic ((guint16) uuid) == NULL)
    return fail (command, "unknown characteristic");
  *ret_uuid = (guint16) uuid;
  return TRUE;
}

static FakesAdapter *
find_adapter (const Command *command, const char *name)
{
  for (guint i = 0; i < command->world->adapters->len; i++)
    {
      FakesAdapter *adapter = g_ptr_array_index (command->world->adapters, i);

      if (g_str_equal (adapter->path + strlen ("/org/bluez/"), name))
        return adapter;
    }
  fail (command, "unknown adapter");
  return NULL;
}

static gboolean
run_add (const Command *command)
{
  const char *id = command->args[0];
  AccessoryWords *words;
  FakesAccessory *accessory;

  if (g_hash_table_contains (command->world->accessories, id))
    return fail (command, "this ID is taken");
  words = accessory_words_parse (command->args + 1, command->error);
  if (words == NULL)
    return FALSE;
  accessory = fakes_accessory_new (command->world, id, words, command->error);
  if (accessory == NULL)
    return FALSE;
  g_hash_table_insert (command->world->accessories, accessory->id, accessory);
  fakes_accessory_event (accessory, "ready", NULL);
  fakes_accessory_advertise (accessory);
  return TRUE;
}

static gboolean
run_passkey (const Command *command)
{
  guint passkey;

  if (!parse_number (command, command->args[0], 999999, &passkey))
    return FALSE;
  for (guint i = 0; i < command->accessory->devices->len; i++)
    if (fakes_pairing_type (g_ptr_array_index (command->accessory->devices, i), passkey))
      return TRUE;
  return fail (command, "no passkey is wanted");
}

static gboolean
run_typed (const Command *command)
{
  guint n_keys;

  if (!parse_number (command, command->args[0], 6, &n_keys))
    return FALSE;
  for (guint i = 0; i < command->accessory->devices->len; i++)
    if (fakes_pairing_type_keys (g_ptr_array_index (command->accessory->devices, i),
                                 n_keys))
      return TRUE;
  return fail (command, "no passkey is wanted");
}

static gboolean
run_confirm (const Command *command)
{
  gboolean yes;

  if (!parse_choice (command, command->args[0], "yes", "no", &yes))
    return FALSE;
  for (guint i = 0; i < command->accessory->devices->len; i++)
    if (fakes_pairing_confirm (g_ptr_array_index (command->accessory->devices, i), yes))
      return TRUE;
  return fail (command, "nothing is compared");
}

static gboolean
run_advertise (const Command *command)
{
  gboolean on;

  if (!parse_choice (command, command->args[0], "on", "off", &on))
    return FALSE;
  fakes_accessory_set_advertising (command->accessory, on);
  return TRUE;
}

static gboolean
run_vanish (const Command *command)
{
  fakes_accessory_vanish (command->accessory);
  return TRUE;
}

static gboolean
run_disconnect (const Command *command)
{
  if (command->accessory->linked == NULL)
    return fail (command, "there is no link");
  fakes_link_drop (command->accessory->linked);
  return TRUE;
}

static gboolean
run_notify (const Command *command)
{
  g_autoptr (GBytes) value = accessory_words_hex (command->args[1]);
  const FakesDevice *device = command->accessory->linked;
  FakesCharacteristic *characteristic = NULL;
  guint16 uuid;

  if (!parse_characteristic (command, command->args[0], &uuid))
    return FALSE;
  if (value == NULL)
    return fail (command, "not hexadecimal");
  if (device != NULL && device->gatt != NULL)
    characteristic = fakes_gatt_find (device->gatt, uuid);
  if (characteristic == NULL || !characteristic->subscribed)
    return fail (command, "nobody follows");
  fakes_notify_send (characteristic, value);
  return TRUE;
}

static gboolean
run_rate (const Command *command)
{
  guint rate_ms;

  if (!parse_number (command, command->args[0], G_MAXINT, &rate_ms))
    return FALSE;
  fakes_accessory_set_rate (command->accessory, rate_ms);
  return TRUE;
}

static gboolean
run_rssi (const Command *command)
{
  gint64 rssi_dbm = ACCESSORY_RSSI_UNKNOWN;

  if (!g_str_equal (command->args[0], "unknown") &&
      !g_ascii_string_to_signed (command->args[0], 10, -127, 20, &rssi_dbm, NULL))
    return fail (command, "not a strength");
  command->accessory->words->rssi = (gint) rssi_dbm;
  fakes_accessory_advertise (command->accessory);
  return TRUE;
}

static gboolean
run_set (const Command *command)
{
  g_autoptr (GBytes) value = accessory_words_hex (command->args[1]);
  guint16 uuid;

  if (!parse_characteristic (command, command->args[0], &uuid))
    return FALSE;
  if (value == NULL)
    return fail (command, "not hexadecimal");
  fakes_accessory_set_value (command->accessory, uuid, value);
  if (uuid == BATTERY_LEVEL && command->accessory->linked != NULL)
    fakes_battery_show (command->accessory->linked);
  return TRUE;
}

static gboolean
run_power (const Command *command)
{
  FakesAdapter *adapter = find_adapter (command, command->args[0]);
  gboolean on;

  if (adapter == NULL || !parse_choice (command, command->args[1], "on", "off", &on))
    return FALSE;
  fakes_adapter_set_powered (adapter, on);
  return TRUE;
}

static gboolean
run_remove (const Command *command)
{
  FakesAdapter *adapter = find_adapter (command, command->args[0]);

  if (adapter == NULL)
    return FALSE;
  if (command->args[1] != NULL && !g_str_equal (command->args[1], "bare"))
    return fail (command, "unknown choice");
  fakes_adapter_unplug (adapter, command->args[1] == NULL);
  return TRUE;
}

static gboolean
run_plug (const Command *command)
{
  FakesAdapter *adapter = find_adapter (command, command->args[0]);
  guint number;

  if (adapter == NULL)
    return FALSE;
  if (command->args[1] != NULL)
    {
      if (!g_str_has_prefix (command->args[1], "hci") || adapter->plugged)
        return fail (command, "not a name, or the adapter is there");
      if (!parse_number (command, command->args[1] + strlen ("hci"), G_MAXUINT8, &number))
        return FALSE;
      fakes_adapter_renumber (adapter, number);
    }
  fakes_adapter_plug (adapter);
  return TRUE;
}

static gboolean
run_services (const Command *command)
{
  FakesAccessory *accessory = command->accessory;
  g_autofree char *word = g_strconcat ("services=", command->args[0], NULL);
  const char *const list[] = { "adapter=hci0", word, NULL };
  g_autoptr (AccessoryWords) words = accessory_words_parse (list, command->error);
  gboolean hidden = command->args[1] != NULL;

  if (words == NULL)
    return FALSE;
  if (hidden && !g_str_equal (command->args[1], "hidden"))
    return fail (command, "unknown choice");
  memcpy (accessory->words->services, words->services, sizeof words->services);
  accessory->words->n_services = words->n_services;
  for (guint i = 0; i < accessory->devices->len; i++)
    fakes_device_change_services (g_ptr_array_index (accessory->devices, i), hidden);
  return TRUE;
}

static gboolean
run_die (const Command *command)
{
  fakes_world_die (command->world);
  return TRUE;
}

static gboolean
run_rise (const Command *command)
{
  return fakes_world_rise (command->world, command->error);
}

static gboolean
run_fail (const Command *command)
{
  guint count = 1;

  if (command->args[2] != NULL &&
      !parse_number (command, command->args[2], G_MAXINT, &count))
    return FALSE;
  if (count == 0 || strchr (command->args[0], '.') == NULL)
    return fail (command, "a method is Interface.Method");
  fakes_faults_add (command->world->faults, command->args[0], command->args[1], count);
  return TRUE;
}

static gboolean
run_flood (const Command *command)
{
  guint count, rate;

  if (!parse_number (command, command->args[0], FAKES_FLOOD_COUNT_MAX, &count) ||
      !parse_number (command, command->args[1], FAKES_FLOOD_RATE_MAX, &rate))
    return FALSE;
  fakes_flood_set (command->world->flood, count, rate);
  return TRUE;
}

static gboolean
run_burst (const Command *command)
{
  guint count;

  if (!parse_number (command, command->args[0], G_MAXINT, &count))
    return FALSE;
  fakes_flood_burst (command->world->flood, count);
  return TRUE;
}

static gboolean
run_stats (const Command *command)
{
  fakes_world_print_stats (command->world);
  return TRUE;
}

/* Of the fake, or of one accessory. */
static gboolean
run_quit (const Command *command)
{
  FakesAccessory *accessory;

  if (command->args[0] == NULL)
    {
      g_main_loop_quit (command->world->loop);
      return TRUE;
    }
  accessory = g_hash_table_lookup (command->world->accessories, command->args[0]);
  if (accessory == NULL)
    return fail (command, "unknown ID");
  fakes_accessory_vanish (accessory);
  g_hash_table_remove (command->world->accessories, accessory->id);
  return TRUE;
}

static const CommandRow rows[] = {
  { "add", FALSE, 2, G_MAXUINT, run_add },  { "advertise", TRUE, 1, 1, run_advertise },
  { "burst", FALSE, 1, 1, run_burst },      { "confirm", TRUE, 1, 1, run_confirm },
  { "die", FALSE, 0, 0, run_die },          { "disconnect", TRUE, 0, 0, run_disconnect },
  { "fail", FALSE, 2, 3, run_fail },        { "flood", FALSE, 2, 2, run_flood },
  { "notify", TRUE, 2, 2, run_notify },     { "passkey", TRUE, 1, 1, run_passkey },
  { "plug", FALSE, 1, 2, run_plug },        { "power", FALSE, 2, 2, run_power },
  { "quit", FALSE, 0, 1, run_quit },        { "rate", TRUE, 1, 1, run_rate },
  { "remove", FALSE, 1, 2, run_remove },    { "rise", FALSE, 0, 0, run_rise },
  { "rssi", TRUE, 1, 1, run_rssi },         { "set", TRUE, 2, 2, run_set },
  { "services", TRUE, 1, 2, run_services }, { "stats", FALSE, 0, 0, run_stats },
  { "typed", TRUE, 1, 1, run_typed },       { "vanish", TRUE, 0, 0, run_vanish },
};

static const CommandRow *
find_row (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].name, name))
      return &rows[i];
  return NULL;
}

/* The words of @line, without the empty ones between two spaces. */
static char **
split_words (const char *line)
{
  g_auto (GStrv) parts = g_strsplit_set (line, " \t\r", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_strv_builder_add (words, parts[i]);
  return g_strv_builder_end (words);
}

gboolean
fakes_commands_run (FakesWorld *world, const char *line, GError **error)
{
  g_auto (GStrv) words = split_words (line);
  Command command = { .world = world, .error = error };
  const CommandRow *row;
  guint n_before = 1;
  guint n_args;

  if (words[0] == NULL || words[0][0] == '#')
    return TRUE;
  row = find_row (words[0]);
  if (row == NULL)
    return fail (&command, "unknown command");
  if (row->of_accessory)
    {
      n_before = 2;
      if (words[1] != NULL)
        command.accessory = g_hash_table_lookup (world->accessories, words[1]);
      if (command.accessory == NULL)
        return fail (&command, "unknown ID");
    }
  n_args = g_strv_length (words + n_before);
  if (n_args < row->n_args_min || n_args > row->n_args_max)
    return fail (&command, "wrong number of words");
  command.args = (const char *const *) words + n_before;
  return row->run (&command);
}
