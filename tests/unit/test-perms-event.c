/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/unit/unit.h"

#include <string.h>

#include "perms/script.h"

/* A story is a script in which a line after "> " says what must be seen after the step
 * above it: "> ok", or "> watch denied mirrored off unauthorized …", a device and the
 * fields of its derived state in the order bluetooth, reason, toggle, enabled or greyed,
 * editable or locked, central, picker, accessories joined by '+'. */
typedef struct
{
  PermsScript *script;
  PermsFamily *family;
  guint next; /* step */
  PermsOutcome outcome;
} Story;

static char *
describe (const PermsFamily *family, const char *name)
{
  guint index = 0;
  GString *text = g_string_new (name);

  assert_non_null (perms_family_find (family, name, &index));
  PermsDerived derived = perms_family_derive (family, index);
  g_string_append_printf (
    text, " %s %s %s %s %s %s %s ", perms_bluetooth_to_string (derived.bluetooth),
    perms_reason_to_string (derived.reason), perms_toggle_to_string (derived.toggle),
    derived.toggle_enabled ? "enabled" : "greyed",
    derived.editable ? "editable" : "locked", perms_central_to_string (derived.central),
    perms_picker_to_string (derived.picker));
  for (guint i = 0; i < derived.accessories->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "+" : "",
                            (const char *) g_ptr_array_index (derived.accessories, i));
  if (derived.accessories->len == 0)
    g_string_append_c (text, '-');
  return g_string_free (text, FALSE);
}

static char *
describe_outcome (const Story *story)
{
  const char *note = perms_note_to_string (story->outcome.note);
  g_autofree char *result = perms_outcome_format (&story->outcome);

  return note != NULL ? g_strdup_printf ("%s %s", result, note) : g_strdup (result);
}

static void
check_expectation (const Story *story, const char *expected)
{
  g_autofree char *device = g_strndup (expected, strcspn (expected, " "));
  g_autofree char *got = NULL;

  if (perms_family_find (story->family, device, NULL) != NULL)
    got = describe (story->family, device);
  else
    got = describe_outcome (story);
  if (!g_str_equal (got, expected))
    fail_msg ("after step %u, \"%s\": \"%s\" instead of \"%s\"", story->next,
              g_array_index (story->script->steps, PermsScriptStep, story->next - 1).text,
              got, expected);
}

static void
run_story (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) script = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Story story = { 0 };

  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (script, "%s\n", lines[i][0] == '>' ? "" : lines[i]);
  story.script = perms_script_parse (script->str, script->len, &error);
  if (story.script == NULL)
    {
      fail_msg ("%s", error->message);
      return; /* for analysers, which do not know that cmocka is gone by then */
    }
  story.family = perms_family_copy (story.script->family);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const PermsScriptStep *steps =
        (const PermsScriptStep *) (gconstpointer) story.script->steps->data;
      if (lines[i][0] == '>')
        check_expectation (&story, lines[i] + 2);
      else if (story.next < story.script->steps->len &&
               g_str_equal (lines[i], steps[story.next].text))
        story.outcome = perms_event_apply (story.family, &steps[story.next++].event);
    }
  assert_int_equal (story.next, story.script->steps->len);
  perms_family_free (story.family);
  perms_script_free (story.script);
}

static const char mirrored_report[] =
  "policy mirrored\n"
  "devices P W\n"
  "app org.example.HeartRate P=accessory-setup W=bluetooth\n"
  "install P\n"
  "> P not-determined none hidden greyed editable powered-off ok -\n"
  "install W\n"
  "> W not-determined none off greyed locked unknown none -\n"
  "prompt W allow\n"
  "> ok app-killed\n"
  "> W denied mirrored off greyed locked unauthorized none -\n"
  "> P not-determined none hidden greyed editable powered-off empty -\n"
  "pick P HRM-1\n"
  "> nothing-found\n"
  "uninstall P\n"
  "> P none none hidden greyed locked none none -\n"
  "> W denied mirrored off enabled locked unauthorized none -\n"
  "launch W\n"
  "> ok\n"
  "> W denied mirrored off enabled locked unauthorized none -\n"
  "uninstall W\n"
  "install W\n"
  "prompt W allow\n"
  "> W allowed user-prompt on enabled locked powered-on none -\n"
  "set W deny\n"
  "> refused:locked\n"
  "set W allow\n"
  "> refused:locked\n"
  "install P\n"
  "launch P\n"
  "> P allowed mirrored on enabled editable powered-on restricted:broad-grant-held -\n"
  "pick P HRM-1\n"
  "> refused:broad-grant-held\n";

static const char independent_report[] =
  "policy independent\n"
  "devices P W\n"
  "app org.example.HeartRate P=accessory-setup W=bluetooth\n"
  "install P\n"
  "> P not-determined none hidden greyed editable powered-off ok -\n"
  "install W\n"
  "> W not-determined none off enabled editable unknown none -\n"
  "prompt W allow\n"
  "> ok\n"
  "> W allowed user-prompt on enabled editable powered-on none -\n"
  "> P not-determined none hidden greyed editable powered-off ok -\n"
  "pick P HRM-1\n"
  "> ok\n"
  "> P not-determined none hidden greyed editable powered-on ok HRM-1\n"
  "> W allowed user-prompt on enabled editable powered-on none -\n"
  "uninstall P\n"
  "> W allowed user-prompt on enabled editable powered-on none -\n"
  "launch W\n"
  "uninstall W\n"
  "install W\n"
  "prompt W allow\n"
  "set W deny\n"
  "> W denied user-settings off enabled editable unauthorized none -\n"
  "set W allow\n"
  "> W allowed user-settings on enabled editable powered-on none -\n"
  "install P\n"
  "launch P\n"
  "> P not-determined none hidden greyed editable powered-off ok -\n"
  "pick P HRM-1\n"
  "> ok\n"
  "> P not-determined none hidden greyed editable powered-on ok HRM-1\n";

static void
the_reported_failure_happens_when_mirrored (void **state)
{
  run_story (mirrored_report);
}

static void
the_reported_failure_does_not_happen_when_independent (void **state)
{
  run_story (independent_report);
}

static void
mirrored_answers_reach_all_who_are_not_managed (void **state)
{
  run_story (
    "policy mirrored\n"
    "devices P W V U\n"
    "app x P=bluetooth W=bluetooth V=accessory-setup U=bluetooth\n"
    "install P\n"
    "install W\n"
    "install V\n"
    "policy-row P deny\n"
    "> P restricted policy off greyed locked unauthorized none -\n"
    "prompt W allow\n"
    "> P restricted policy off greyed locked unauthorized none -\n"
    "> W allowed user-prompt on greyed locked powered-on none -\n"
    "> V allowed mirrored on greyed locked powered-on restricted:broad-grant-held -\n"
    "> U none none hidden greyed locked none none -\n"
    "install U\n" /* a managed host is no source */
    "> U not-determined none off greyed locked unknown none -\n"
    "policy-row P clear\n"
    "prompt P deny\n"
    "> P denied user-prompt off enabled editable unauthorized none -\n"
    "> W denied mirrored off greyed locked unauthorized none -\n"
    "> U denied mirrored off greyed locked unauthorized none -\n"
    "policy-row W allow\n"
    "reset P\n"
    "> W allowed policy on greyed locked powered-on none -\n"
    "> U not-determined none off greyed locked unknown none -\n"
    "set P allow\n"
    "> P allowed user-settings on enabled editable powered-on none -\n"
    "> U allowed mirrored on greyed locked powered-on none -\n");
}

static void
a_fresh_host_takes_the_first_decided_companion (void **state)
{
  run_story ("policy mirrored\n"
             "devices P W V U\n"
             "app x P=accessory-setup W=bluetooth V=bluetooth U=bluetooth\n"
             "policy-row W allow\n"
             "install W\n"
             "install V\n"
             "prompt V deny\n"
             "install U\n"
             "prompt U allow\n"
             "install P\n" /* W is managed, V comes first */
             "> P denied mirrored off enabled editable unauthorized ok -\n"
             "> U allowed user-prompt on greyed locked powered-on none -\n"
             "install P\n"
             "> no-effect\n"
             "uninstall V\n"
             "install V\n" /* the host gives its value back */
             "> V denied mirrored off greyed locked unauthorized none -\n");
}

static void
a_conflict_ends_with_the_host_or_the_companion (void **state)
{
  run_story ("policy mirrored\n"
             "devices P W V\n"
             "app x P=accessory-setup W=bluetooth V=bluetooth\n"
             "install P\n"
             "pick P A\n"
             "> P not-determined none hidden greyed editable powered-on ok A\n"
             "install W\n"
             "install V\n"
             "prompt W deny\n" /* a no is no conflict */
             "> ok\n"
             "> W denied user-prompt off greyed locked unauthorized none -\n"
             "prompt V allow\n"
             "> ok app-killed\n"
             "> P not-determined none hidden greyed editable powered-off empty A\n"
             "policy-row V allow\n"
             "policy-row V clear\n"
             "> P not-determined none hidden greyed editable powered-off empty A\n"
             "uninstall V\n"
             "> P not-determined none hidden greyed editable powered-on ok A\n"
             "install V\n"
             "prompt V allow\n"
             "> ok app-killed\n"
             "reset P\n"
             "> P not-determined none hidden greyed editable powered-on ok A\n"
             "> V not-determined none off greyed locked unknown none -\n"
             "set P allow\n"
             "uninstall V\n"
             "install V\n"
             "> V allowed mirrored on greyed locked powered-on none -\n"
             "prompt V deny\n"
             "> no-prompt\n");
}

static void
a_snapshot_is_copied_once (void **state)
{
  run_story ("policy copy-once\n"
             "devices P W V\n"
             "app x P=bluetooth W=bluetooth V=bluetooth\n"
             "identity V other\n"
             "install P\n"
             "prompt P allow\n"
             "install W\n"
             "sync W\n"
             "> refused:no-consent\n"
             "consent W allow\n"
             "sync W\n"
             "> ok\n"
             "> W allowed copied on enabled editable powered-on none -\n"
             "set P deny\n" /* a later change does nothing */
             "sync W\n"
             "> W allowed copied on enabled editable powered-on none -\n"
             "reset W\n"
             "sync W\n"
             "> W denied copied off enabled editable unauthorized none -\n"
             "uninstall W\n"
             "sync W\n"
             "set P allow\n"
             "sync W\n" /* the newer snapshot replaces the one that waits */
             "install W\n"
             "> W allowed copied on enabled editable powered-on none -\n"
             "uninstall W\n"
             "install W\n" /* and is gone then */
             "> W not-determined none off enabled editable unknown none -\n"
             "consent V allow\n"
             "sync V\n"
             "> ok identity-mismatch\n"
             "install V\n"
             "> V not-determined none off enabled editable unknown none -\n");
}

static void
a_snapshot_that_waits_can_be_lost (void **state)
{
  run_story ("policy copy-once\n"
             "devices P W\n"
             "app x P=bluetooth W=bluetooth\n"
             "install P\n"
             "prompt P allow\n"
             "consent W allow\n"
             "sync W\n"
             "consent W deny\n"
             "install W\n"
             "> W not-determined none off enabled editable unknown none -\n"
             "sync W\n"
             "> refused:no-consent\n"
             "uninstall W\n"
             "consent W allow\n"
             "sync W\n"
             "policy-row P allow\n"
             "sync W\n" /* managed: an empty snapshot, which replaces the other */
             "install W\n"
             "> W not-determined none off enabled editable unknown none -\n"
             "uninstall W\n"
             "policy-row P clear\n"
             "set P deny\n"
             "sync W\n"
             "policy-row W allow\n"
             "install W\n" /* not applied, and consumed */
             "> W allowed policy on greyed locked powered-on none -\n"
             "policy-row W clear\n"
             "> W not-determined none off enabled editable unknown none -\n");
}

static void
managed_rows_survive_what_apps_do (void **state)
{
  run_story ("devices P\n"
             "app x P=accessory-setup+bluetooth\n"
             "policy-row P clear\n"
             "> no-effect\n"
             "policy-row P deny\n"
             "> ok\n"
             "> P none none hidden greyed locked none none -\n"
             "install P\n"
             "> P restricted policy off greyed locked unauthorized restricted:policy -\n"
             "pick P A\n"
             "> refused:policy\n"
             "set P allow\n"
             "> refused:locked\n"
             "prompt P allow\n"
             "> no-prompt\n"
             "uninstall P\n"
             "install P\n"
             "> P restricted policy off greyed locked unauthorized restricted:policy -\n"
             "policy-row P allow\n"
             "> P allowed policy on greyed locked powered-on ok -\n"
             "policy-row P allow\n"
             "> ok\n"
             "policy-row P clear\n"
             "> P not-determined none off enabled editable powered-off ok -\n");
}

static void
grants_and_adapters_show_in_the_central (void **state)
{
  run_story ("devices P W\n"
             "app x P=accessory-setup W=bluetooth\n"
             "pick P A\n"
             "> refused:not-installed\n"
             "sync W\n"
             "> no-effect\n"
             "install P\n"
             "install W\n"
             "pick W A\n"
             "> refused:not-declared\n"
             "pick P B\n"
             "pick P A\n"
             "pick P A\n"
             "> no-effect\n"
             "> P not-determined none hidden greyed editable powered-on ok A+B\n"
             "set P deny\n" /* a denied row does not take away what was picked */
             "> P denied user-settings off enabled editable powered-on ok A+B\n"
             "adapter P off\n"
             "> P denied user-settings off enabled editable powered-off ok A+B\n"
             "adapter P on\n"
             "adapter P on\n"
             "> ok\n"
             "forget P A\n"
             "forget P A\n"
             "> refused:no-grant\n"
             "forget P B\n"
             "> P denied user-settings off enabled editable unauthorized ok -\n"
             "reset P\n"
             "reset P\n"
             "> ok\n"
             "> P not-determined none hidden greyed editable powered-off ok -\n");
}

static void
nothing_is_not_an_event (void **state)
{
  g_autoptr (PermsFamily) family = perms_family_new ();
  PermsEvent event = { .kind = PERMS_EVENT_NONE };

  perms_family_add (family, "P")->installed = TRUE;
  assert_int_equal (perms_event_apply (family, &event).result, PERMS_RESULT_REFUSED);
  assert_int_equal (PERMS_RESULT_REFUSED, 0);
  assert_string_equal (perms_event_kind_to_string (99), "unknown");
}

static void
a_managed_picker_is_restricted (void **state)
{
  g_autoptr (PermsFamily) family = perms_family_new ();
  PermsMember *member = perms_family_add (family, "P");

  member->installed = TRUE;
  member->bluetooth = PERMS_BLUETOOTH_NOT_DETERMINED;
  member->asks = PERMS_ACCESS_ACCESSORY_SETUP;
  member->managed_picker = PERMS_MANAGED_ALLOW;
  assert_int_equal (perms_family_get_picker (family, 0), PERMS_PICKER_OK);
  member->managed_picker = PERMS_MANAGED_DENY;
  assert_int_equal (perms_family_get_picker (family, 0), PERMS_PICKER_RESTRICTED_POLICY);
  member->asks = PERMS_ACCESS_BLUETOOTH;
  assert_int_equal (perms_family_get_picker (family, 0), PERMS_PICKER_NONE);
}

static void
accessories_are_a_sorted_set (void **state)
{
  g_autoptr (PermsFamily) family = perms_family_new ();
  PermsMember *member = perms_family_add (family, "P");
  const char *sorted[] = {
    "A", "Z", "a", "\xc3\x85", "\xef\xbf\xae", "\xf0\x9d\x92\xb5"
  };

  for (guint i = G_N_ELEMENTS (sorted); i > 0; i--)
    {
      assert_true (perms_member_add_accessory (member, sorted[i - 1]));
      assert_false (perms_member_add_accessory (member, sorted[i - 1]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (sorted); i++)
    {
      assert_string_equal (g_ptr_array_index (member->accessories, i), sorted[i]);
      assert_true (perms_member_has_accessory (member, sorted[i]));
    }
  assert_true (perms_member_remove_accessory (member, "a"));
  assert_false (perms_member_remove_accessory (member, "a"));
  assert_int_equal (member->accessories->len, G_N_ELEMENTS (sorted) - 1);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (the_reported_failure_happens_when_mirrored),
    cmocka_unit_test (the_reported_failure_does_not_happen_when_independent),
    cmocka_unit_test (mirrored_answers_reach_all_who_are_not_managed),
    cmocka_unit_test (a_fresh_host_takes_the_first_decided_companion),
    cmocka_unit_test (a_conflict_ends_with_the_host_or_the_companion),
    cmocka_unit_test (a_snapshot_is_copied_once),
    cmocka_unit_test (a_snapshot_that_waits_can_be_lost),
    cmocka_unit_test (managed_rows_survive_what_apps_do),
    cmocka_unit_test (grants_and_adapters_show_in_the_central),
    cmocka_unit_test (nothing_is_not_an_event),
    cmocka_unit_test (a_managed_picker_is_restricted),
    cmocka_unit_test (accessories_are_a_sorted_set),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
