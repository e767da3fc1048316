/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick doctor: what is wrong on this computer, and what to do about it. */

#include "blepick/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "blepick/verbs.h"
#include "dbus/names.h"

static const char *const state_words[] = { "skipped", "good", "remark", "bad" };

void
doctor_answer_clear (DoctorAnswer *answer)
{
  g_clear_pointer (&answer->text, g_free);
  g_clear_pointer (&answer->fix, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoctorAnswer, doctor_answer_clear)

void
doctor_answer_set (DoctorAnswer *answer,
                   DoctorState state,
                   const char *fix,
                   const char *format,
                   ...)
{
  va_list args;

  doctor_answer_clear (answer);
  answer->state = state;
  answer->fix = g_strdup (fix);
  va_start (args, format);
  answer->text = g_strdup_vprintf (format, args);
  va_end (args);
}

/* Where the answers go: one of them, or both. */
typedef struct
{
  JsonBuilder *json; /* or NULL */
  GString *text;     /* or NULL */
  guint n_good;
  guint n_bad;
  guint n_all;
} Findings;

static void
add_json (JsonBuilder *json, const DoctorCheck *check, const DoctorAnswer *answer)
{
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "id");
  json_builder_add_string_value (json, check->id);
  json_builder_set_member_name (json, "state");
  json_builder_add_string_value (json, state_words[answer->state]);
  json_builder_set_member_name (json, "text");
  json_builder_add_string_value (json, answer->text);
  json_builder_set_member_name (json, "fix");
  if (answer->fix != NULL)
    json_builder_add_string_value (json, answer->fix);
  else
    json_builder_add_null_value (json);
  json_builder_end_object (json);
}

static void
add_text (GString *text, const DoctorCheck *check, const DoctorAnswer *answer)
{
  static const char *const marks[] = { "-", "ok", "!", "BAD" };
  g_autofree char *said = blepick_escape (answer->text);

  g_string_append_printf (text, "%-4s %-21s %s\n", marks[answer->state], check->title,
                          said);
  if (answer->fix != NULL)
    g_string_append_printf (text, "     %-21s   %s\n", "", answer->fix);
}

static void
run_checks (const DoctorCheck *checks,
            guint n_checks,
            const DoctorPatient *patient,
            Findings *findings)
{
  for (guint i = 0; i < n_checks; i++)
    {
      g_auto (DoctorAnswer) answer = { DOCTOR_SKIPPED, NULL, NULL };

      checks[i].check (patient, &answer);
      findings->n_all++;
      findings->n_good += answer.state == DOCTOR_GOOD ? 1 : 0;
      findings->n_bad += answer.state == DOCTOR_BAD ? 1 : 0;
      if (findings->json != NULL)
        add_json (findings->json, &checks[i], &answer);
      if (findings->text != NULL)
        add_text (findings->text, &checks[i], &answer);
    }
}

static void
run_all (const BlepickContext *context, Findings *findings)
{
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GError) error = NULL;
  DoctorPatient patient = { "", bus, NULL, NULL };

  if (bus != NULL)
    reply = blepick_bus_call (bus, BLEPICK_BROKER_PATH, "org.freedesktop.DBus.Properties",
                              "GetAll", g_variant_new ("(s)", BLEPICK_BROKER_INTERFACE),
                              "(a{sv})", &error);
  if (reply != NULL)
    properties = g_variant_get_child_value (reply, 0);
  patient.properties = properties;
  patient.no_broker = error;
  run_checks (doctor_machine_checks, doctor_n_machine_checks, &patient, findings);
  run_checks (doctor_service_checks, doctor_n_service_checks, &patient, findings);
  if (findings->text != NULL)
    g_string_append_printf (findings->text, "\n%u checks: %u good, %u bad\n",
                            findings->n_all, findings->n_good, findings->n_bad);
}

/* What somebody may send to strangers: the answers, which hold nothing private, and versions. */
static gboolean
write_report (const char *path, const GString *text, GError **error)
{
  DoctorPatient patient = { "", NULL, NULL, NULL };
  g_autofree char *system = doctor_read (&patient, "/etc/os-release");
  g_auto (GStrv) lines = g_strsplit (system != NULL ? system : "", "\n", -1);
  g_autoptr (GString) report =
    g_string_new ("blepick " BLEPICK_VERSION ", doctor's report\n");
  g_autoptr (GError) local = NULL;

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "PRETTY_NAME="))
      g_string_append_printf (report, "%s\n", *line);
  g_string_append_c (report, '\n');
  g_string_append (report, text->str);
  if (g_file_set_contents (path, report->str, (gssize) report->len, &local))
    return TRUE;
  blepick_failure_set (error, BLEPICK_EXIT_OTHER, "not-written", "%s", local->message);
  return FALSE;
}

int
blepick_run_doctor (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *report = NULL;
  const GOptionEntry entries[] = {
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &report,
      "Write it to FILE as well: nothing private is in it", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Findings findings = { .text = text };

  if (!blepick_verb_parse (context, "doctor", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "doctor", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  if (blepick_context_is_json (context))
    {
      findings.json = blepick_json_begin ("doctor");
      json_builder_set_member_name (findings.json, "checks");
      json_builder_begin_array (findings.json);
    }
  run_all (context, &findings);
  if (findings.json != NULL)
    {
      json_builder_end_array (findings.json);
      json_builder_set_member_name (findings.json, "bad");
      json_builder_add_int_value (findings.json, findings.n_bad);
      blepick_json_print (context, findings.json, FALSE);
    }
  else
    fputs (text->str, stdout);
  if (report != NULL && !write_report (report, text, &error))
    return blepick_context_fail (context, error, FALSE);
  return findings.n_bad > 0 ? BLEPICK_EXIT_OTHER : BLEPICK_EXIT_OK;
}
