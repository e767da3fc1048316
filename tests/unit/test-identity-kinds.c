/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include "identity/app.h"
#include "identity/cgroup.h"
#include "identity/executable.h"

#define USER "/user.slice/user-1000.slice/user@1000.service/app.slice/"

typedef struct
{
  const char *text;
  IdentityStep step;
  const char *id;
} Row;

static const Row units[] = {
  { "/system.slice/trainer.service", IDENTITY_STEP_FOUND, "trainer.service" },
  { "/system.slice/system-t.slice/t@1.service", IDENTITY_STEP_FOUND, "t@1.service" },
  { "/system.slice/trainer.service/sub", IDENTITY_STEP_FOUND, "trainer.service" },
  { "/own.slice/trainer.service", IDENTITY_STEP_FOUND, "trainer.service" },
  { "/trainer.service", IDENTITY_STEP_FOUND, "trainer.service" },
  { "/", IDENTITY_STEP_ABSENT, "" },
  { "/init.scope", IDENTITY_STEP_ABSENT, "" },
  { "/system.slice", IDENTITY_STEP_ABSENT, "" },
  { "/system.slice/docker-1.scope/x.service", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { USER "trainer.service", IDENTITY_STEP_ABSENT, "" },
  { "/own.slice/user@1000.service/x.service", IDENTITY_STEP_ABSENT, "" },
  { "/system.slice/tr ainer.service", IDENTITY_STEP_REFUSED, "" },
  { "/system.slice/.service", IDENTITY_STEP_REFUSED, "" },
};

static const Row scopes[] = {
  { USER "app-org.example.T-12.scope", IDENTITY_STEP_FOUND, "org.example.T" },
  { USER "app-gnome-org.example.T-12.scope", IDENTITY_STEP_FOUND, "org.example.T" },
  { USER "app-gnome-my\\x2dapp-12.scope", IDENTITY_STEP_FOUND, "my-app" },
  { USER "app-x.slice/app-a-1.scope/deep", IDENTITY_STEP_FOUND, "a" },
  { USER "run-u12.scope", IDENTITY_STEP_ABSENT, "" },
  { USER "app-org.example.T@1.service", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1001.slice/user@1001.service/app.slice/app-a-1.scope",
    IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { "/system.slice/app-a-1.scope", IDENTITY_STEP_ABSENT, "" },
  { USER "app-12.scope", IDENTITY_STEP_REFUSED, "" },
  { USER "app-.scope", IDENTITY_STEP_REFUSED, "" },
  { USER "app-gnome--12.scope", IDENTITY_STEP_REFUSED, "" },
  { USER "app-gnome-a\\x2-12.scope", IDENTITY_STEP_REFUSED, "" },
  { USER "app-gnome-a\\x00b-12.scope", IDENTITY_STEP_REFUSED, "" },
  { USER "app-gnome-a b-12.scope", IDENTITY_STEP_REFUSED, "" },
};

static const Row sessions[] = {
  { "/user.slice/user-1000.slice/session-2.scope", IDENTITY_STEP_FOUND, "2" },
  { "/user.slice/user-1000.slice/session-c12.scope", IDENTITY_STEP_FOUND, "c12" },
  { "/user.slice/user-1000.slice/session-2.scope/a/b", IDENTITY_STEP_FOUND, "2" },
  { USER "app-org.example.T-12.scope", IDENTITY_STEP_ABSENT, "" },
  { USER "session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/x.slice/session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { "/system.slice/user-1000.slice/session-2.scope", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/session-.scope", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/session-2-3.scope", IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice/session-00000000000000000000000000000001.scope",
    IDENTITY_STEP_ABSENT, "" },
  { "/user.slice/user-1000.slice", IDENTITY_STEP_ABSENT, "" },
  { "/", IDENTITY_STEP_ABSENT, "" },
};

static const Row labels[] = {
  { "snap.trainer.gui (enforce)\n", IDENTITY_STEP_FOUND, "trainer" },
  { "snap.trainer_two.gui (enforce)", IDENTITY_STEP_FOUND, "trainer_two" },
  { "snap.trainer.gui (complain)\n", IDENTITY_STEP_ABSENT, "" },
  { "snap.trainer.gui", IDENTITY_STEP_ABSENT, "" },
  { "unconfined\n", IDENTITY_STEP_ABSENT, "" },
  { "/usr/bin/man (enforce)\n", IDENTITY_STEP_ABSENT, "" },
  { "xsnap.trainer.gui (enforce)\n", IDENTITY_STEP_ABSENT, "" },
  { "", IDENTITY_STEP_ABSENT, "" },
  { "snap.trainer (enforce)\n", IDENTITY_STEP_REFUSED, "" },
  { "snap..gui (enforce)\n", IDENTITY_STEP_REFUSED, "" },
  { "snap.tr:ainer.gui (enforce)\n", IDENTITY_STEP_REFUSED, "" },
};

static void
assert_step (const Row *row, IdentityStep step, const char *id, const GError *error)
{
  if (step != row->step)
    print_message ("row '%s'\n", row->text);
  assert_int_equal (step, row->step);
  assert_true ((error != NULL) == (step == IDENTITY_STEP_REFUSED));
  if (step == IDENTITY_STEP_FOUND)
    assert_string_equal (id, row->id);
}

static void
a_system_unit_is_the_service_below_the_machines_slices (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      char id[PERMS_APP_ID_MAX + 1] = "";
      g_autoptr (GError) error = NULL;
      IdentityStep step = identity_cgroup_find_unit (units[i].text, id, &error);

      assert_step (&units[i], step, id, error);
    }
}

static void
a_user_scope_is_the_app_that_its_launcher_named (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      char id[PERMS_APP_ID_MAX + 1] = "";
      g_autoptr (GError) error = NULL;
      IdentityStep step = identity_cgroup_find_scope (scopes[i].text, 1000, id, &error);

      assert_step (&scopes[i], step, id, error);
    }
}

static void
a_login_is_the_scope_in_its_users_slice (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      char id[IDENTITY_SESSION_MAX + 1] = "";
      IdentityStep step = identity_cgroup_find_session (sessions[i].text, id)
                            ? IDENTITY_STEP_FOUND
                            : IDENTITY_STEP_ABSENT;

      assert_step (&sessions[i], step, id, NULL);
    }
}

static void
a_snap_is_what_an_enforced_label_names (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      char id[PERMS_APP_ID_MAX + 1] = "";
      g_autoptr (GError) error = NULL;
      IdentityStep step = identity_app_find_snap (labels[i].text, id, &error);

      assert_step (&labels[i], step, id, error);
    }
}

static const Row contents[] = {
  { "0::/a.service\n", IDENTITY_STEP_FOUND, "/a.service" },
  { "4:memory:/m\n1:name=systemd:/s\n0::/u\n", IDENTITY_STEP_FOUND, "/s" },
  { "1:cpu:/c\n0::/u\n", IDENTITY_STEP_FOUND, "/u" },
  { "1:cpu:/:name=systemd:/forged\n0::/u\n", IDENTITY_STEP_FOUND, "/u" },
  { "1:cpu:/c\n", IDENTITY_STEP_ABSENT, "" },
  { "", IDENTITY_STEP_ABSENT, "" },
  { "0::/../outside\n", IDENTITY_STEP_REFUSED, "" },
  { "0::relative\n", IDENTITY_STEP_REFUSED, "" },
  { "0::\n", IDENTITY_STEP_REFUSED, "" },
};

static void
systemds_own_hierarchy_tells_the_cgroup (void **state)
{
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;
      IdentityStep step = identity_cgroup_find_path (contents[i].text, &path, &error);

      assert_step (&contents[i], step, path, error);
    }
}

static void
a_program_that_runs_programs_is_none_itself (void **state)
{
  static const char *const yes[] = { "/usr/bin/python3.11", "/bin/sh", "/usr/bin/perl",
                                     "/lib64/ld-linux-x86-64.so.2", "/usr/bin/bwrap" };
  static const char *const no[] = { "/usr/bin/blepick", "/usr/bin/shotwell",
                                    "/usr/bin/nodelike", "/usr/bin/envoy" };

  for (gsize i = 0; i < G_N_ELEMENTS (yes); i++)
    assert_true (identity_executable_is_interpreter (yes[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (no); i++)
    assert_false (identity_executable_is_interpreter (no[i]));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (a_system_unit_is_the_service_below_the_machines_slices),
    cmocka_unit_test (a_user_scope_is_the_app_that_its_launcher_named),
    cmocka_unit_test (a_login_is_the_scope_in_its_users_slice),
    cmocka_unit_test (a_snap_is_what_an_enforced_label_names),
    cmocka_unit_test (systemds_own_hierarchy_tells_the_cgroup),
    cmocka_unit_test (a_program_that_runs_programs_is_none_itself),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
