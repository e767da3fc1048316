/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/model.h"

#include <json-glib/json-glib.h>

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_device (JsonBuilder *builder, const PermsFamily *family, guint index)
{
  PermsDerived derived = perms_family_derive (family, index);

  json_builder_set_member_name (builder, perms_family_get (family, index)->name);
  json_builder_begin_object (builder);
  add_boolean (builder, "installed", derived.installed);
  add_string (builder, "bluetooth", perms_bluetooth_to_string (derived.bluetooth));
  add_string (builder, "reason", perms_reason_to_string (derived.reason));
  add_string (builder, "toggle", perms_toggle_to_string (derived.toggle));
  add_boolean (builder, "toggle-enabled", derived.toggle_enabled);
  add_boolean (builder, "editable", derived.editable);
  add_string (builder, "central", perms_central_to_string (derived.central));
  add_string (builder, "picker", perms_picker_to_string (derived.picker));
  json_builder_set_member_name (builder, "accessories");
  json_builder_begin_array (builder);
  for (guint i = 0; i < derived.accessories->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (derived.accessories, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_notes (JsonBuilder *builder, const PermsOutcome *outcome, const PermsMember *member)
{
  const char *about = perms_note_to_string (outcome->note);

  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  if (about != NULL)
    {
      g_autofree char *text = g_strdup_printf ("%s:%s", about, member->name);
      json_builder_add_string_value (builder, text);
    }
  json_builder_end_array (builder);
}

void
blepick_model_write_json (FILE *out, const PermsScript *script, gboolean with_policy)
{
  g_autoptr (PermsFamily) family = perms_family_copy (script->family);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < script->steps->len; i++)
    {
      const PermsScriptStep *step = &g_array_index (script->steps, PermsScriptStep, i);
      g_autoptr (JsonBuilder) builder = json_builder_new ();
      PermsOutcome outcome = perms_event_apply (family, &step->event);
      g_autofree char *result = perms_outcome_format (&outcome);

      json_builder_begin_object (builder);
      if (with_policy)
        add_string (builder, "policy", perms_sync_to_string (script->sync));
      json_builder_set_member_name (builder, "step");
      json_builder_add_int_value (builder, i + 1);
      add_string (builder, "event", step->text);
      add_string (builder, "result", result);
      add_notes (builder, &outcome, perms_family_get (family, step->event.member));
      json_builder_set_member_name (builder, "devices");
      json_builder_begin_object (builder);
      for (guint j = 0; j < family->members->len; j++)
        add_device (builder, family, j);
      json_builder_end_object (builder);
      json_builder_end_object (builder);

      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      json_generator_set_root (generator, root);
      json_generator_to_gstring (generator, g_string_truncate (line, 0));
      g_string_append_c (line, '\n');
      if (fwrite (line->str, 1, line->len, out) != line->len)
        return; /* the caller looks at ferror () */
    }
}
