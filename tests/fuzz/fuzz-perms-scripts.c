/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Model scripts of anybody. The promise: a script is refused with its line, or every step
 * of it can be run and shown. */

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "perms/script.h"

#define STEPS_MAX 256

static void
run_step (PermsFamily *family, const PermsScriptStep *step)
{
  PermsOutcome outcome = perms_event_apply (family, &step->event);
  g_autofree char *result = perms_outcome_format (&outcome);

  g_assert_nonnull (result);
  g_assert_true ((outcome.result == PERMS_RESULT_REFUSED) ==
                 (outcome.cause != PERMS_CAUSE_NONE));
  for (guint i = 0; i < family->members->len; i++)
    {
      PermsDerived derived = perms_family_derive (family, i);
      g_assert_true (derived.installed == (derived.bluetooth != PERMS_BLUETOOTH_NONE));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *octets, size_t length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PermsScript) script =
    perms_script_parse ((const char *) octets, length, &error);

  if (script == NULL)
    {
      g_assert_true (g_str_has_prefix (error->message, "line "));
      return 0;
    }
  g_autoptr (PermsFamily) family = perms_family_copy (script->family);
  for (guint i = 0; i < MIN (script->steps->len, STEPS_MAX); i++)
    run_step (family, &g_array_index (script->steps, PermsScriptStep, i));
  return 0;
}
