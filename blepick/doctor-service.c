/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/doctor.h"

#include <string.h>

#include "dbus/names.h"
#include "enforce/level.h"

#define BUS_CALL_MS 3000
#define DOCTOR_PATH \
  BLEPICK_BROKER_PATH "/Doctor" /* nothing is there: no picker is asked for */

/* FALSE, and @answer set: the broker does not answer, so there is nothing to look at. */
static gboolean
has_broker (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (patient->properties != NULL)
    return TRUE;
  doctor_answer_set (answer, DOCTOR_SKIPPED, NULL, "The service does not answer");
  return FALSE;
}

static void
check_bus (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (patient->bus != NULL)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The message bus answers");
  else
    doctor_answer_set (answer, DOCTOR_BAD, "systemctl start dbus",
                       "The message bus cannot be reached");
}

static void
check_broker (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (patient->properties != NULL)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The service answers");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "systemctl status blepickd; journalctl -u blepickd; ./run install",
                       "The service blepickd does not answer");
}

static void
check_version (const DoctorPatient *patient, DoctorAnswer *answer)
{
  const char *version;

  if (!has_broker (patient, answer))
    return;
  version = blepick_member (patient->properties, "Version");
  if (strcmp (version, BLEPICK_VERSION) == 0)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Service and command are both %s",
                       version);
  else
    doctor_answer_set (answer, DOCTOR_REMARK, "systemctl restart blepickd",
                       "The service is %.16s, this command %s", version, BLEPICK_VERSION);
}

static void
check_daemon (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (!has_broker (patient, answer))
    return;
  if (strcmp (blepick_member (patient->properties, "BluetoothState"), "no-daemon") == 0)
    doctor_answer_set (answer, DOCTOR_BAD, "systemctl start bluetooth",
                       "bluetoothd does not run");
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "bluetoothd runs");
}

static void
check_adapter (const DoctorPatient *patient, DoctorAnswer *answer)
{
  const char *state;

  if (!has_broker (patient, answer))
    return;
  state = blepick_member (patient->properties, "BluetoothState");
  if (strcmp (state, "powered-on") == 0)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "An adapter is on");
  else if (strcmp (state, "powered-off") == 0)
    doctor_answer_set (answer, DOCTOR_BAD, "bluetoothctl power on",
                       "The adapter is switched off");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "plug one in, or look at: journalctl -k -g Bluetooth",
                       "There is no Bluetooth adapter");
}

/* Whoever else scans takes air time from everybody. */
static void
check_scans (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autoptr (GVariant) adapters = NULL;
  GVariantIter iter;
  gboolean scanning;

  if (!has_broker (patient, answer))
    return;
  adapters =
    g_variant_lookup_value (patient->properties, "Adapters", G_VARIANT_TYPE ("a(sbb)"));
  if (adapters != NULL)
    {
      g_variant_iter_init (&iter, adapters);
      while (g_variant_iter_next (&iter, "(&sbb)", NULL, NULL, &scanning))
        if (scanning)
          {
            doctor_answer_set (answer, DOCTOR_REMARK,
                               "close Bluetooth settings and other pickers",
                               "Something looks for devices right now, which costs the "
                               "others air time");
            return;
          }
    }
  doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Nobody else is looking for devices");
}

/* A session tells that the broker finds out who we are. */
static void
check_identity (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autoptr (GError) error = NULL;

  if (!has_broker (patient, answer))
    return;
  if (blepick_bus_open_session (patient->bus, &error))
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The service knows who calls it");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "systemctl status blepick-identity.socket blepick-identity",
                       "The service cannot find out who calls it: %s", error->message);
}

/* Any connection may register once, and is forgotten with it. */
static void
check_presenter (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (!has_broker (patient, answer))
    return;
  reply = blepick_bus_call (
    patient->bus, BLEPICK_BROKER_PATH, BLEPICK_PRESENTERS_INTERFACE, "Register",
    g_variant_new ("(os@a{sv})", DOCTOR_PATH, "own-requests", blepick_empty_options ()),
    "()", &error);
  if (reply != NULL)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "This command may show you a picker");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "call it outside of any sandbox, from a login of yours",
                       "This command may not show you a picker: %s", error->message);
}

/* Bonds that somebody took away from under the permissions of this command. */
static void
check_bonds (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autoptr (GVariant) accessories = NULL;
  gsize n_lost = 0, n_all;

  if (!has_broker (patient, answer))
    return;
  if (strcmp (blepick_member (patient->properties, "BluetoothState"), "no-daemon") == 0)
    {
      doctor_answer_set (answer, DOCTOR_SKIPPED, NULL,
                         "Nobody knows what is paired while bluetoothd is away");
      return;
    }
  if (patient->bus->session != NULL)
    accessories = blepick_bus_list (patient->bus, NULL);
  if (accessories == NULL)
    {
      doctor_answer_set (answer, DOCTOR_SKIPPED, NULL,
                         "The accessories of this command cannot be listed");
      return;
    }
  n_all = g_variant_n_children (accessories);
  for (gsize i = 0; i < n_all; i++)
    {
      g_autoptr (GVariant) accessory = g_variant_get_child_value (accessories, i);

      n_lost += blepick_accessory_lost_pairing (accessory) ? 1 : 0;
    }
  if (n_lost == 0)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL,
                       "All of this command's accessories that were paired still are");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "blepick list shows which; give it back and pair it again: "
                       "blepick forget, blepick pair",
                       "%u of %u accessories of this command are not paired any more",
                       (guint) n_lost, (guint) n_all);
}

static void
check_probe (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (!has_broker (patient, answer))
    return;
  if (strcmp (blepick_member (patient->properties, "EnforcementLevel"), "unknown") == 0)
    doctor_answer_set (answer, DOCTOR_REMARK,
                       "systemctl enable --now blepick-probe.socket; systemctl restart "
                       "blepickd",
                       "Nothing has measured what other programs can reach");
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "What others can reach is measured");
}

static void
check_level (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autofree char *wanted_word = doctor_read (patient, "/etc/blepick/enforcement");
  EnforceLevel wanted = ENFORCE_ADVISORY, measured = ENFORCE_ADVISORY;
  const char *word;

  if (!has_broker (patient, answer))
    return;
  word = blepick_member (patient->properties, "EnforcementLevel");
  if (wanted_word != NULL)
    (void) enforce_level_from_word (wanted_word, &wanted);
  if (!enforce_level_from_word (word, &measured))
    doctor_answer_set (answer, DOCTOR_SKIPPED, NULL, "Nothing has measured the level");
  else if (measured < wanted)
    doctor_answer_set (answer, DOCTOR_BAD,
                       "see which door is open below; blepick enforce",
                       "Level %s was asked for, but what holds is %s",
                       enforce_level_to_word (wanted), word);
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Level %s holds", word);
}

/* One of the doors that the probe tries. Open is bad only where it was to be closed. */
static void
check_door (const DoctorPatient *patient,
            const char *name,
            const char *what,
            EnforceLevel closed_from,
            DoctorAnswer *answer)
{
  g_autoptr (GVariant) doors = NULL;
  g_autofree char *wanted_word = doctor_read (patient, "/etc/blepick/enforcement");
  EnforceLevel wanted = ENFORCE_ADVISORY;
  const char *state = "unknown";

  if (!has_broker (patient, answer))
    return;
  if (wanted_word != NULL)
    (void) enforce_level_from_word (wanted_word, &wanted);
  doors = g_variant_lookup_value (patient->properties, "EnforcementDoors",
                                  G_VARIANT_TYPE ("a{ss}"));
  if (doors != NULL)
    (void) g_variant_lookup (doors, name, "&s", &state);
  if (strcmp (state, "closed") == 0)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Other programs cannot %s", what);
  else if (strcmp (state, "unknown") == 0)
    doctor_answer_set (answer, DOCTOR_SKIPPED, NULL,
                       "Nobody could try whether other programs can %s", what);
  else
    doctor_answer_set (answer, wanted >= closed_from ? DOCTOR_BAD : DOCTOR_REMARK,
                       closed_from == ENFORCE_STRICT ? "blepick enforce strict"
                                                     : "blepick enforce bus",
                       "Other programs can %s", what);
}

static void
check_calls (const DoctorPatient *patient, DoctorAnswer *answer)
{
  check_door (patient, "calls", "call bluetoothd", ENFORCE_BUS, answer);
}

static void
check_unique_calls (const DoctorPatient *patient, DoctorAnswer *answer)
{
  check_door (patient, "unique-calls", "call bluetoothd by its number on the bus",
              ENFORCE_BUS, answer);
}

static void
check_broadcasts (const DoctorPatient *patient, DoctorAnswer *answer)
{
  check_door (patient, "broadcasts", "hear what bluetoothd tells", ENFORCE_BUS, answer);
}

static void
check_sockets (const DoctorPatient *patient, DoctorAnswer *answer)
{
  check_door (patient, "sockets", "open Bluetooth sockets", ENFORCE_STRICT, answer);
}

static void
check_store (const DoctorPatient *patient, DoctorAnswer *answer)
{
  const char *state;

  if (!has_broker (patient, answer))
    return;
  state = blepick_member (patient->properties, "StoreState");
  if (strcmp (state, "ok") == 0)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL,
                       "The permissions can be read and written");
  else if (strcmp (state, "moved-aside") == 0)
    doctor_answer_set (
      answer, DOCTOR_BAD,
      "grant again what you need; the damaged file is kept in "
      "/var/lib/blepick",
      "The permissions were damaged and put aside; everything is denied");
  else if (strcmp (state, "behind") == 0)
    doctor_answer_set (answer, DOCTOR_BAD,
                       "is the disk full? df /var/lib/blepick; do not restart before "
                       "there is room",
                       "Access was taken away and is closed, but that cannot be stored");
  else
    doctor_answer_set (answer, DOCTOR_BAD, "is the disk full? df /var/lib/blepick",
                       "The permissions cannot be written (%.32s)", state);
}

/* Whether the bus knows how to start or reach a name. */
static gboolean
is_reachable (const DoctorPatient *patient, const char *name)
{
  g_autoptr (GVariant) owned = g_dbus_connection_call_sync (
    patient->bus->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
    "org.freedesktop.DBus", "NameHasOwner", g_variant_new ("(s)", name),
    G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, BUS_CALL_MS, NULL, NULL);
  g_autoptr (GVariant) startable =
    g_dbus_connection_call_sync (patient->bus->connection, "org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "ListActivatableNames", NULL, G_VARIANT_TYPE ("(as)"),
                                 G_DBUS_CALL_FLAGS_NONE, BUS_CALL_MS, NULL, NULL);
  g_autofree const char **names = NULL;
  gboolean has_owner = FALSE;

  if (owned != NULL)
    g_variant_get (owned, "(b)", &has_owner);
  if (startable != NULL)
    g_variant_get (startable, "(^a&s)", &names);
  return has_owner || (names != NULL && g_strv_contains (names, name));
}

static void
check_polkit (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (patient->bus == NULL)
    doctor_answer_set (answer, DOCTOR_SKIPPED, NULL, "There is no bus to ask");
  else if (is_reachable (patient, "org.freedesktop.PolicyKit1"))
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "polkit can be asked");
  else
    doctor_answer_set (answer, DOCTOR_REMARK, "apt install polkitd",
                       "There is no polkit: what needs an administrator needs root");
}

static void
check_logind (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (patient->bus == NULL)
    doctor_answer_set (answer, DOCTOR_SKIPPED, NULL, "There is no bus to ask");
  else if (is_reachable (patient, "org.freedesktop.login1"))
    doctor_answer_set (answer, DOCTOR_GOOD, NULL,
                       "logind tells who sits at this computer");
  else
    doctor_answer_set (
      answer, DOCTOR_REMARK, "apt install libpam-systemd",
      "There is no logind: any presenter of a user counts as at the seat");
}

const DoctorCheck doctor_service_checks[] = {
  { "bus", "Message bus", check_bus },
  { "service", "Service", check_broker },
  { "version", "Versions", check_version },
  { "bluetoothd", "bluetoothd", check_daemon },
  { "adapter", "Adapter", check_adapter },
  { "scans", "Other scans", check_scans },
  { "identity", "Identity helper", check_identity },
  { "presenter", "Picker", check_presenter },
  { "bonds", "Pairings", check_bonds },
  { "store", "Permissions", check_store },
  { "probe", "Probe", check_probe },
  { "level", "Enforcement", check_level },
  { "calls", "Calls around us", check_calls },
  { "unique-calls", "By number", check_unique_calls },
  { "broadcasts", "Listening", check_broadcasts },
  { "sockets", "Sockets around us", check_sockets },
  { "polkit", "polkit", check_polkit },
  { "logind", "logind", check_logind },
};
const guint doctor_n_service_checks = G_N_ELEMENTS (doctor_service_checks);
