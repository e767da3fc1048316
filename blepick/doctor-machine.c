/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/doctor.h"

#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "enforce/level.h"

/* A computer whose clock is before this program was written has no clock: 2024-01-01. */
#define EARLIEST_S 1704067200

/* BlueZ tells bonds from pairings since then (release notes of 5.65). */
#define BLUEZ_MIN 5.65

char *
doctor_read (const DoctorPatient *patient, const char *path)
{
  g_autofree char *whole = g_strconcat (patient->root, path, NULL);
  char *text = NULL;

  if (!g_file_get_contents (whole, &text, NULL, NULL))
    return NULL;
  return g_strstrip (text);
}

static gboolean
exists (const DoctorPatient *patient, const char *path)
{
  g_autofree char *whole = g_strconcat (patient->root, path, NULL);

  return g_file_test (whole, G_FILE_TEST_EXISTS);
}

static void
check_kernel (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (exists (patient, "/sys/class/bluetooth") ||
      exists (patient, "/sys/module/bluetooth"))
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The kernel has Bluetooth");
  else
    doctor_answer_set (answer, DOCTOR_BAD,
                       "load it: modprobe bluetooth; a cloud kernel has none: install "
                       "linux-image-amd64",
                       "The kernel has no Bluetooth");
}

/* 6.1.192 crashes in hci_chan_del when an LE link closes. */
static void
check_kernel_version (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autofree char *release = doctor_read (patient, "/proc/sys/kernel/osrelease");

  if (release == NULL)
    doctor_answer_set (answer, DOCTOR_SKIPPED, NULL,
                       "The kernel does not say its version");
  else if (g_str_has_prefix (release, "6.1.0-56-"))
    doctor_answer_set (answer, DOCTOR_BAD,
                       "boot another one: 6.1.0-50 and 6.1.0-53 are good",
                       "Kernel %s crashes when a link to an accessory closes", release);
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Kernel %s", release);
}

/* Documentation/ABI/stable/sysfs-class-rfkill. */
static void
check_rfkill (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autofree char *folder = g_strconcat (patient->root, "/sys/class/rfkill", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n_found = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *base = g_strconcat ("/sys/class/rfkill/", name, NULL);
      g_autofree char *type_path = g_strconcat (base, "/type", NULL);
      g_autofree char *soft_path = g_strconcat (base, "/soft", NULL);
      g_autofree char *hard_path = g_strconcat (base, "/hard", NULL);
      g_autofree char *type = doctor_read (patient, type_path);
      g_autofree char *soft = doctor_read (patient, soft_path);
      g_autofree char *hard = doctor_read (patient, hard_path);

      if (g_strcmp0 (type, "bluetooth") != 0)
        continue;
      n_found++;
      if (g_strcmp0 (hard, "1") == 0)
        {
          doctor_answer_set (answer, DOCTOR_BAD,
                             "look for a switch or a key on the computer",
                             "Bluetooth is switched off by hardware");
          return;
        }
      if (g_strcmp0 (soft, "1") == 0)
        {
          doctor_answer_set (answer, DOCTOR_BAD, "rfkill unblock bluetooth",
                             "Bluetooth is blocked (aeroplane mode?)");
          return;
        }
    }
  doctor_answer_set (answer, n_found > 0 ? DOCTOR_GOOD : DOCTOR_SKIPPED, NULL,
                     n_found > 0 ? "Bluetooth is not blocked"
                                 : "The kernel knows no switch for Bluetooth");
}

static void
check_bluez_version (const DoctorPatient *patient, DoctorAnswer *answer)
{
  static const char *const places[] = { "/usr/libexec/bluetooth/bluetoothd",
                                        "/usr/lib/bluetooth/bluetoothd", NULL };

  for (const char *const *place = places; *place != NULL; place++)
    {
      g_autofree char *program = g_strconcat (patient->root, *place, NULL);
      char version_option[] = "--version";
      char *words[] = { program, version_option, NULL };
      g_autofree char *output = NULL;

      if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE) ||
          !g_spawn_sync (NULL, words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                         &output, NULL, NULL, NULL))
        continue;
      g_strstrip (output);
      if (g_ascii_strtod (output, NULL) < BLUEZ_MIN)
        doctor_answer_set (answer, DOCTOR_REMARK, "use BlueZ 5.66 or newer",
                           "bluetoothd %.8s is older than what blepick is tested with",
                           output);
      else
        doctor_answer_set (answer, DOCTOR_GOOD, NULL, "bluetoothd %.8s", output);
      return;
    }
  doctor_answer_set (answer, DOCTOR_BAD, "apt install bluez",
                     "bluetoothd is not installed");
}

static void
check_clock (const DoctorPatient *patient, DoctorAnswer *answer)
{
  struct timex now = { 0 };

  if (time (NULL) < EARLIEST_S)
    doctor_answer_set (answer, DOCTOR_BAD, "set it: timedatectl set-ntp true",
                       "The clock is years behind: permissions for a time do not end");
  else if (adjtimex (&now) < 0 || (now.status & STA_UNSYNC) != 0)
    doctor_answer_set (answer, DOCTOR_REMARK, "timedatectl set-ntp true",
                       "Nobody sets the clock; permissions for a time end by it");
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The clock is set");
}

static void
check_bpf (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autofree char *list = doctor_read (patient, "/sys/kernel/security/lsm");
  g_auto (GStrv) modules = NULL;

  if (list == NULL)
    {
      doctor_answer_set (answer, DOCTOR_SKIPPED, NULL,
                         "The kernel does not say which security modules run");
      return;
    }
  modules = g_strsplit (list, ",", -1);
  if (!g_strv_contains ((const char *const *) modules, "bpf"))
    doctor_answer_set (answer, DOCTOR_REMARK,
                       "add bpf to the end of lsm= on the kernel's command line",
                       "Level strict is not possible: no BPF among the security modules");
  else if (!exists (patient, "/sys/kernel/btf/vmlinux"))
    doctor_answer_set (
      answer, DOCTOR_REMARK, "use a kernel with CONFIG_DEBUG_INFO_BTF",
      "Level strict is not possible: the kernel does not describe itself");
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "Level strict is possible here");
}

/* What was asked for and what the bus reads must be the same. */
static void
check_policy_file (const DoctorPatient *patient, DoctorAnswer *answer)
{
  g_autofree char *wanted = doctor_read (patient, "/etc/blepick/enforcement");
  g_autofree char *local = doctor_read (patient, "/etc/dbus-1/system-local.conf");
  gboolean included = local != NULL && strstr (local, "<!-- blepick enforce -->") != NULL;

  if (wanted != NULL && !included)
    doctor_answer_set (answer, DOCTOR_BAD, "put it back: blepick enforce LEVEL",
                       "Level %.16s was asked for, but the bus does not read its policy",
                       wanted);
  else if (wanted == NULL && included)
    doctor_answer_set (answer, DOCTOR_REMARK, "blepick enforce advisory, or bus",
                       "The bus reads our policy, but no level was asked for");
  else
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The bus reads what was asked for (%s)",
                       wanted != NULL ? wanted : "advisory");
}

static void
check_units (const DoctorPatient *patient, DoctorAnswer *answer)
{
  static const char *const files[] = {
    "/lib/systemd/system/blepickd.service",
    "/usr/share/dbus-1/system.d/org.blepick.Broker1.conf",
    "/usr/share/polkit-1/actions/org.blepick.policy"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    if (!exists (patient, files[i]))
      {
        doctor_answer_set (answer, DOCTOR_BAD, "./run install", "%s is missing",
                           files[i]);
        return;
      }
  doctor_answer_set (answer, DOCTOR_GOOD, NULL,
                     "Units, bus policy and actions are there");
}

static void
check_users (const DoctorPatient *patient, DoctorAnswer *answer)
{
  static const char *const users[] = { "blepick", "blepick-identity", "blepick-probe" };
  g_autofree char *passwd = doctor_read (patient, "/etc/passwd");

  for (gsize i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_autofree char *row = g_strdup_printf ("\n%s:", users[i]);

      if (passwd == NULL || strstr (passwd, row) == NULL)
        {
          doctor_answer_set (answer, DOCTOR_BAD, "systemd-sysusers",
                             "There is no system user %s", users[i]);
          return;
        }
    }
  doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The system users are there");
}

static void
check_locale (const DoctorPatient *patient, DoctorAnswer *answer)
{
  const char *charset;

  if (g_get_charset (&charset))
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "The terminal shows UTF-8");
  else
    doctor_answer_set (answer, DOCTOR_REMARK, "set LANG to one that ends with .UTF-8",
                       "The locale is not UTF-8: names and graphs are shown in ASCII");
}

static void
check_terminal (const DoctorPatient *patient, DoctorAnswer *answer)
{
  if (isatty (STDIN_FILENO) == 1)
    doctor_answer_set (answer, DOCTOR_GOOD, NULL, "There is a terminal to pick in");
  else
    doctor_answer_set (answer, DOCTOR_REMARK, "run blepick pick in a terminal",
                       "There is no terminal here to draw a picker in");
}

const DoctorCheck doctor_machine_checks[] = {
  { "kernel", "Kernel", check_kernel },
  { "kernel-version", "Kernel's version", check_kernel_version },
  { "rfkill", "Radio switch", check_rfkill },
  { "bluez-version", "bluetoothd's version", check_bluez_version },
  { "installed", "Installation", check_units },
  { "users", "System users", check_users },
  { "clock", "Clock", check_clock },
  { "strict-possible", "Level strict", check_bpf },
  { "bus-policy", "Bus policy", check_policy_file },
  { "locale", "Locale", check_locale },
  { "terminal", "Terminal", check_terminal },
};
const guint doctor_n_machine_checks = G_N_ELEMENTS (doctor_machine_checks);
