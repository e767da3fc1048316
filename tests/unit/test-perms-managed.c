/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/error.h"
#include "perms/key-file.h"
#include "perms/managed.h"

#define HEART_RATE "0000180d-0000-1000-8000-00805f9b34fb"
#define BATTERY    "0000180f-0000-1000-8000-00805f9b34fb"
#define TRAINER    "flatpak:1000:org.example.Trainer"

static void
add (PermsManagedSet *set, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!perms_managed_set_add (set, "test.conf", text, strlen (text), &error))
    fail_msg ("%s", error->message);
}

static const struct
{
  const char *text;
  const char *expected; /* the end of the message */
} bad_rows[] = {
  { "app=*\n", "test.conf:1: expected the group [Policy] first" },
  { "[policy]\n", "test.conf:1: expected the group [Policy]" },
  { "[Policy]\n", "test.conf:1: expected app= in this group" },
  { "\n[Policy]\napp=*\n",
    "test.conf:2: expected one of picker=, services=, bluetooth= in this group" },
  { "[Policy]\npicker=deny\n[Policy]\napp=*\npicker=deny\n",
    "test.conf:1: expected app= in this group" },
  { "[Policy]\napp\n", "test.conf:2: expected KEY=VALUE" },
  { "[Policy]\napp=*\nApp=*\n",
    "test.conf:3: expected one of app, fingerprint, device, picker, services, bluetooth" },
  { "[Policy]\napp=*\napp=*\n", "test.conf:3: expected app= once" },
  { "[Policy]\napp=trainer\n", "test.conf:2: expected app=KIND:ID, app=host or app=*" },
  { "[Policy]\napp=host:1000\n", "test.conf:2: expected app=KIND:ID, app=host or app=*" },
  { "[Policy]\napp=flatpak:x\n", "test.conf:2: expected app=KIND:ID, app=host or app=*" },
  { "[Policy]\napp=weird:org.x.Y\n",
    "test.conf:2: expected app=KIND:ID, app=host or app=*" },
  { "[Policy]\nfingerprint=\n", "test.conf:2: expected a fingerprint of 1 to 256 bytes" },
  { "[Policy]\nfingerprint=a\nfingerprint=a\n",
    "test.conf:3: expected fingerprint= once" },
  { "[Policy]\ndevice=my watch\n",
    "test.conf:2: expected device=local, a companion's name or *" },
  { "[Policy]\ndevice=*\ndevice=*\n", "test.conf:3: expected device= once" },
  { "[Policy]\npicker=yes\n", "test.conf:2: expected picker=allow or picker=deny" },
  { "[Policy]\npicker=deny\npicker=deny\n", "test.conf:3: expected picker= once" },
  { "[Policy]\nbluetooth=\n", "test.conf:2: expected bluetooth=allow or bluetooth=deny" },
  { "[Policy]\nbluetooth=deny\nbluetooth=deny\n",
    "test.conf:3: expected bluetooth= once" },
  { "[Policy]\nservices=\n", "test.conf:2: expected services= with 1 to 64 items" },
  { "[Policy]\nservices=180d\n",
    "test.conf:2: expected services=UUID:allow;UUID:deny;…" },
  { "[Policy]\nservices=180d:maybe\n",
    "test.conf:2: expected services=UUID:allow;UUID:deny;…" },
  { "[Policy]\nservices=18d:allow\n",
    "test.conf:2: expected services=UUID:allow;UUID:deny;…" },
  { "[Policy]\nservices=180d:deny\nservices=180d:deny\n",
    "test.conf:3: expected services= once" },
  { "[Policy]\napp=\xff\n", "test.conf: expected UTF-8 text" },
};

static void
bad_files_are_refused_whole (void **state)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++)
    {
      g_autoptr (PermsManagedSet) set = perms_managed_set_new ();
      g_autoptr (GError) error = NULL;
      const char *text = bad_rows[i].text;

      assert_false (
        perms_managed_set_add (set, "test.conf", text, strlen (text), &error));
      assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_INVALID));
      assert_string_equal (error->message, bad_rows[i].expected);
      assert_int_equal (perms_managed_set_get_length (set), 0);
    }
}

static void
files_have_limits (void **state)
{
  g_autoptr (PermsManagedSet) set = perms_managed_set_new ();
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) too_many = NULL;
  g_autoptr (GError) services = NULL;
  g_autofree char *spaces = g_strnfill (PERMS_KEY_FILE_TEXT_MAX + 1, ' ');

  assert_false (
    perms_managed_set_add (set, "x", spaces, PERMS_KEY_FILE_TEXT_MAX + 1, &error));
  assert_true (g_error_matches (error, PERMS_ERROR, PERMS_ERROR_LIMIT));

  for (guint i = 0; i <= PERMS_MANAGED_POLICIES_MAX; i++)
    g_string_append (many, "[Policy]\napp=*\npicker=deny\n");
  assert_false (perms_managed_set_add (set, "x", many->str, many->len, &too_many));
  assert_true (g_error_matches (too_many, PERMS_ERROR, PERMS_ERROR_LIMIT));

  g_string_assign (many, "[Policy]\napp=*\nservices=");
  for (guint i = 0; i <= PERMS_SCOPE_SERVICES_MAX; i++)
    g_string_append_printf (many, "%04x:deny;", i);
  assert_false (perms_managed_set_add (set, "x", many->str, many->len, &services));
  assert_non_null (strstr (services->message, "1 to 64 items"));
}

typedef struct
{
  const char *app;
  const char *fingerprint;
  const char *device;
  const char *service;
  PermsManaged bluetooth, service_view, picker;
} ViewRow;

static void
check_views (const PermsManagedSet *set, const ViewRow *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      PermsUuid service;
      const PermsUuid *asked = NULL;

      if (rows[i].service != NULL)
        {
          assert_true (perms_uuid_parse (rows[i].service, &service, NULL));
          asked = &service;
        }
      PermsManagedView view =
        perms_managed_set_view (set, rows[i].app, rows[i].fingerprint, rows[i].device,
                                asked);
      assert_int_equal (view.bluetooth, rows[i].bluetooth);
      assert_int_equal (view.service, rows[i].service_view);
      assert_int_equal (view.picker, rows[i].picker);
    }
}

static void
policies_apply_to_whom_they_name (void **state)
{
  static const ViewRow rows[] = {
    { TRAINER, "F", "local", NULL, PERMS_MANAGED_ALLOW, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE },
    { "flatpak:7:org.example.Trainer", "F", "local", NULL, PERMS_MANAGED_ALLOW,
      PERMS_MANAGED_NONE, PERMS_MANAGED_NONE },
    { "flatpak:1000:org.example.TrainerX", "F", "local", NULL, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE, PERMS_MANAGED_NONE },
    { "snap:1000:trainer", "F", "local", NULL, PERMS_MANAGED_NONE, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE },
    { TRAINER, "F", "watch", NULL, PERMS_MANAGED_NONE, PERMS_MANAGED_NONE,
      PERMS_MANAGED_DENY },
    { "host:1000", "", "local", NULL, PERMS_MANAGED_DENY, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE },
    { "host:0", "", "watch", NULL, PERMS_MANAGED_DENY, PERMS_MANAGED_NONE,
      PERMS_MANAGED_DENY },
    { "path:1000:/usr/bin/d", "F", "local", NULL, PERMS_MANAGED_NONE, PERMS_MANAGED_ALLOW,
      PERMS_MANAGED_NONE },
    { "path:1000:/usr/bin/d", "F", "local", HEART_RATE, PERMS_MANAGED_NONE,
      PERMS_MANAGED_ALLOW, PERMS_MANAGED_NONE },
    { "path:1000:/usr/bin/d", "F", "local", BATTERY, PERMS_MANAGED_NONE,
      PERMS_MANAGED_DENY, PERMS_MANAGED_NONE },
    { "path:1000:/usr/bin/d", "G", "local", BATTERY, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE, PERMS_MANAGED_NONE },
  };
  g_autoptr (PermsManagedSet) set = perms_managed_set_new ();

  add (set, "# of the office\r\n\n[Policy]\n app = flatpak:org.example.Trainer \n"
            "bluetooth=allow\n");
  add (set, "[Policy]\napp=*\ndevice=watch\npicker=deny\n"
            "[Policy]\napp=host\ndevice=*\nbluetooth=deny\n"
            "[Policy]\napp=path:/usr/bin/d\nfingerprint=F\n"
            "services=180D:allow;" BATTERY ":deny;0000181a:allow;\n");
  assert_int_equal (perms_managed_set_get_length (set), 4);
  check_views (set, rows, G_N_ELEMENTS (rows));
}

static void
the_most_restrictive_policy_wins (void **state)
{
  static const ViewRow rows[] = {
    { TRAINER, "", "local", HEART_RATE, PERMS_MANAGED_DENY, PERMS_MANAGED_DENY,
      PERMS_MANAGED_DENY },
  };
  g_autoptr (PermsManagedSet) set = perms_managed_set_new ();

  add (set, "[Policy]\napp=*\nbluetooth=deny\npicker=deny\nservices=180d:deny\n");
  add (set, "[Policy]\napp=*\nbluetooth=allow\npicker=allow\nservices=180d:allow\n");
  check_views (set, rows, G_N_ELEMENTS (rows));
}

static void
no_policies_say_nothing (void **state)
{
  static const ViewRow rows[] = {
    { TRAINER, "", "local", HEART_RATE, PERMS_MANAGED_NONE, PERMS_MANAGED_NONE,
      PERMS_MANAGED_NONE },
  };

  check_views (NULL, rows, G_N_ELEMENTS (rows));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (bad_files_are_refused_whole),
    cmocka_unit_test (files_have_limits),
    cmocka_unit_test (policies_apply_to_whom_they_name),
    cmocka_unit_test (the_most_restrictive_policy_wins),
    cmocka_unit_test (no_policies_say_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
