/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/picker.h"

/* What the presenter says of who asks, from who the caller is; only the title is the app's. */
GVariant *
broker_picker_describe_about (const BrokerPicker *picker)
{
  const BleDescriptor *first =
    broker_picker_request_item (picker->request, 0)->descriptor;
  BleKind kind = ble_kind_guess (0, &first->service, first->has_service ? 1 : 0);
  gboolean accept_all = FALSE;
  GVariantDict dict;

  for (guint i = 0; i < picker->request->items->len; i++)
    if (broker_picker_request_item (picker->request, i)->descriptor->accept_all)
      accept_all = TRUE;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "app-name", "s", picker->caller->name);
  g_variant_dict_insert (&dict, "app-id", "s", picker->caller->app_id);
  g_variant_dict_insert (&dict, "app-strength", "s", picker->caller->strength);
  g_variant_dict_insert (&dict, "declared", "b", picker->request->declared);
  g_variant_dict_insert (&dict, "title", "s", picker->request->title);
  g_variant_dict_insert (&dict, "timeout-s", "u", picker->request->timeout_s);
  g_variant_dict_insert (&dict, "accept-all", "b", accept_all);
  g_variant_dict_insert (&dict, "kind", "s", ble_kind_to_word (kind));
  g_variant_dict_insert (&dict, "discovery", "b", picker->request->filters);
  if (picker->request->migrations->len > 0)
    g_variant_dict_insert_value (&dict, "migrates",
                                 broker_migrations_list_names (picker->host->migrations,
                                                               picker->caller,
                                                               picker->request));
  return g_variant_dict_end (&dict);
}

GVariant *
broker_picker_describe_items (const BrokerPicker *picker)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < picker->request->items->len; i++)
    {
      const BrokerPickerItem *item = broker_picker_request_item (picker->request, i);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "name", "s", item->name);
      if (item->image != NULL)
        g_variant_dict_insert_value (&dict, "image", item->image);
      g_variant_builder_add_value (&builder, g_variant_dict_end (&dict));
    }
  return g_variant_builder_end (&builder);
}
