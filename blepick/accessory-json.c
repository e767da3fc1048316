/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/accessory-json.h"

#include "blepick/bus.h"
#include "blepick/settings.h"

void
blepick_json_add_accessory (JsonBuilder *builder, GVariant *accessory)
{
  gboolean connected = FALSE, paired;

  g_variant_lookup (accessory, "connected", "b", &connected);
  blepick_settings_add_string (builder, accessory, "id", "id");
  blepick_settings_add_string (builder, accessory, "name", "name");
  blepick_settings_add_string (builder, accessory, "kind", "kind");
  json_builder_set_member_name (builder, "connected");
  json_builder_add_boolean_value (builder, connected);
  blepick_settings_add_string (builder, accessory, "pairing-method", "pairing_method");
  json_builder_set_member_name (builder, "paired");
  if (g_variant_lookup (accessory, "paired", "b", &paired))
    json_builder_add_boolean_value (builder, paired);
  else
    json_builder_add_null_value (builder);
  blepick_settings_add_string (builder, accessory, "lifetime", "lifetime");
  blepick_settings_add_time (builder, accessory, "until", "until");
  blepick_settings_add_time (builder, accessory, "granted-at", "granted_at");
}

void
blepick_json_add_accessory_object (JsonBuilder *builder, GVariant *accessory)
{
  json_builder_begin_object (builder);
  blepick_json_add_accessory (builder, accessory);
  json_builder_end_object (builder);
}
