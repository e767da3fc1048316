/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick enforce: how strictly Bluetooth is closed to programs that go around blepick: shows what
 * was measured, or asks for another level and waits until it is measured. */

#include <stdio.h>
#include <string.h>

#include "blepick/bus.h"
#include "blepick/verbs.h"
#include "dbus/names.h"
#include "enforce/level.h"

/* A person types a password meanwhile. */
#define SET_TIMEOUT_MS 120000

/* Twice the probe's own deadline and the broker's wait between two measurements: a busy machine needs both. */
#define MEASURE_WAIT_MS 45000

typedef struct
{
  char *level;
  GVariant *doors; /* a{ss} */
} Measured;

static void
clear_measured (Measured *measured)
{
  g_free (measured->level);
  g_clear_pointer (&measured->doors, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Measured, clear_measured)

static gboolean
read_measured (BlepickBus *bus, Measured *measured, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, "org.freedesktop.DBus.Properties",
                      "GetAll", g_variant_new ("(s)", BLEPICK_BROKER_INTERFACE),
                      "(a{sv})", error);
  g_autoptr (GVariant) properties = NULL;

  if (reply == NULL)
    return FALSE;
  clear_measured (measured);
  measured->doors = NULL;
  properties = g_variant_get_child_value (reply, 0);
  measured->level = g_strdup (blepick_member (properties, "EnforcementLevel"));
  measured->doors =
    g_variant_lookup_value (properties, "EnforcementDoors", G_VARIANT_TYPE ("a{ss}"));
  return TRUE;
}

static void
print_json (const BlepickContext *context, const Measured *measured)
{
  JsonBuilder *builder = blepick_json_begin ("enforce");
  GVariantIter iter;
  const char *door, *state;

  json_builder_set_member_name (builder, "level");
  json_builder_add_string_value (builder, measured->level);
  json_builder_set_member_name (builder, "doors");
  json_builder_begin_object (builder);
  if (measured->doors != NULL)
    {
      g_variant_iter_init (&iter, measured->doors);
      while (g_variant_iter_next (&iter, "{&s&s}", &door, &state))
        {
          json_builder_set_member_name (builder, door);
          json_builder_add_string_value (builder, state);
        }
    }
  json_builder_end_object (builder);
  blepick_json_print (context, builder, FALSE);
}

static const char *
explain_level (const char *level)
{
  EnforceLevel known;

  if (!enforce_level_from_word (level, &known))
    return "nothing has measured it: is blepick-probe installed?";
  switch (known)
    {
    case ENFORCE_BUS:
      return "other programs cannot call bluetoothd; Bluetooth sockets are open to them";
    case ENFORCE_STRICT:
      return "other programs reach neither bluetoothd nor Bluetooth sockets";
    case ENFORCE_ADVISORY:
    default:
      return "other programs can use bluetoothd without asking blepick";
    }
}

static void
print_people (const Measured *measured)
{
  GVariantIter iter;
  const char *door, *state;

  printf ("%s: %s\n", measured->level, explain_level (measured->level));
  if (measured->doors == NULL)
    return;
  g_variant_iter_init (&iter, measured->doors);
  while (g_variant_iter_next (&iter, "{&s&s}", &door, &state))
    printf ("  %-13s %s\n", door, state);
}

/* polkit may have the person asked for a password. */
static gboolean
set_level (BlepickBus *bus,
           const BlepickContext *context,
           const char *level,
           GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
    bus->connection, BLEPICK_ENFORCE_NAME, BLEPICK_ENFORCE_PATH,
    BLEPICK_ENFORCE_INTERFACE, "Set",
    g_variant_new ("(s@a{sv})", level, blepick_empty_options ()), NULL,
    blepick_context_can_ask (context) ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
                                      : G_DBUS_CALL_FLAGS_NONE,
    SET_TIMEOUT_MS, NULL, error);

  if (reply != NULL)
    return TRUE;
  blepick_failure_translate (error);
  return FALSE;
}

static void
on_properties_changed (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
on_waited (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Until the broker has measured @level, or has had its time. FALSE only when it cannot be asked. */
static gboolean
wait_for_level (BlepickBus *bus, const char *level, Measured *measured, GError **error)
{
  gboolean changed = FALSE, expired = FALSE;
  guint subscription = g_dbus_connection_signal_subscribe (
    bus->connection, BLEPICK_BUS_NAME, "org.freedesktop.DBus.Properties",
    "PropertiesChanged", BLEPICK_BROKER_PATH, BLEPICK_BROKER_INTERFACE,
    G_DBUS_SIGNAL_FLAGS_NONE, on_properties_changed, &changed, NULL);
  guint timeout = g_timeout_add (MEASURE_WAIT_MS, on_waited, &expired);
  gboolean good = read_measured (bus, measured, error);

  while (good && !expired && strcmp (measured->level, level) != 0)
    {
      changed = FALSE;
      while (!changed && !expired)
        g_main_context_iteration (NULL, TRUE);
      good = read_measured (bus, measured, error);
    }
  if (!expired)
    g_source_remove (timeout);
  g_dbus_connection_signal_unsubscribe (bus->connection, subscription);
  return good;
}

static int
change (const BlepickContext *context,
        BlepickBus *bus,
        const char *level,
        Measured *measured,
        GError **error)
{
  if (!set_level (bus, context, level, error) ||
      !wait_for_level (bus, level, measured, error))
    return blepick_context_fail (context, *error, FALSE);
  if (strcmp (measured->level, level) == 0)
    return BLEPICK_EXIT_OK;
  blepick_failure_set (
    error, BLEPICK_EXIT_OTHER, "not-measured",
    "%s was put in place, but what is measured is %s. See: blepick doctor", level,
    measured->level);
  return blepick_context_fail (context, *error, FALSE);
}

int
blepick_run_enforce (const BlepickContext *context, int argc, char **argv)
{
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Measured) measured = { NULL, NULL };
  EnforceLevel level;
  int status = BLEPICK_EXIT_OK;

  if (!blepick_verb_parse (context, "enforce", NULL, &argc, &argv) ||
      !blepick_verb_expect (context, "enforce", argc, 0, 1))
    return BLEPICK_EXIT_USAGE;
  if (argc == 2 && !enforce_level_from_word (argv[1], &level))
    return blepick_verb_misuse (context, "There is no level %s: advisory, bus or strict",
                                argv[1]);
  bus = blepick_bus_new (context, &error);
  if (bus == NULL)
    return blepick_context_fail (context, error, FALSE);
  if (argc == 2)
    status = change (context, bus, argv[1], &measured, &error);
  else if (!read_measured (bus, &measured, &error))
    status = blepick_context_fail (context, error, FALSE);
  if (status == BLEPICK_EXIT_OK && blepick_context_is_json (context))
    print_json (context, &measured);
  else if (status == BLEPICK_EXIT_OK)
    print_people (&measured);
  return status;
}
