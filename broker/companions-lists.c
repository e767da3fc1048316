/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a person sees of their companions. */

#include "broker/companions.h"
#include "broker/permissions-private.h"
#include "perms/key.h"

typedef struct
{
  const PermsCache *cache;
  GVariantBuilder list;
} Listing;

static void
add_decision (GVariantDict *row, const PermsDecision *decision)
{
  g_variant_dict_insert (row, "time", "x", decision->time_s);
  g_variant_dict_insert (row, "decided-on", "s",
                         decision->device != NULL ? decision->device
                                                  : PERMS_DEVICE_LOCAL);
}

static gboolean
list_device (const PermsDevice *device, gpointer user_data)
{
  Listing *listing = user_data;
  GVariantDict row;

  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "device", "s", device->name);
  g_variant_dict_insert (&row, "kind", "s", device->kind);
  g_variant_dict_insert (&row, "linked", "b", device->order > 0);
  g_variant_dict_insert (&row, "host", "b", device->order > 0 && device->is_host);
  g_variant_dict_insert (&row, "policy", "s", perms_sync_to_string (device->sync));
  g_variant_dict_insert (&row, "consent", "s", perms_consent_to_string (device->consent));
  g_variant_dict_insert (&row, "revision", "t",
                         perms_plan_find_revision (listing->cache, device->uid,
                                                   device->name));
  add_decision (&row, &device->decision);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
  return TRUE;
}

GVariant *
broker_companions_list_devices (BrokerPermissions *permissions, uid_t uid)
{
  Listing listing = { .cache = permissions->cache };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  perms_cache_foreach_device (permissions->cache, uid, list_device, &listing);
  return g_variant_builder_end (&listing.list);
}

static gboolean
list_app (const PermsInstall *install, gpointer user_data)
{
  Listing *listing = user_data;
  PermsAppKey key;
  GVariantBuilder asks;
  GVariantDict row;

  if (!install->installed || g_str_equal (install->device, PERMS_DEVICE_LOCAL) ||
      !perms_app_key_parse (install->app, &key, NULL))
    return TRUE;
  g_variant_builder_init (&asks, G_VARIANT_TYPE ("as"));
  if (install->asks & PERMS_ACCESS_ACCESSORY_SETUP)
    g_variant_builder_add (&asks, "s", "accessory-setup");
  if (install->asks & PERMS_ACCESS_BLUETOOTH)
    g_variant_builder_add (&asks, "s", "bluetooth");
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "app", "s", install->app);
  g_variant_dict_insert (&row, "kind", "s", perms_app_kind_to_string (key.kind));
  g_variant_dict_insert (&row, "id", "s", key.id);
  g_variant_dict_insert (&row, "device", "s", install->device);
  g_variant_dict_insert (&row, "fingerprint", "s", install->fingerprint);
  if (install->changed_to != NULL)
    g_variant_dict_insert (&row, "changed-to", "s", install->changed_to);
  g_variant_dict_insert_value (&row, "asks", g_variant_builder_end (&asks));
  g_variant_dict_insert (&row, "bluetooth", "s",
                         perms_bluetooth_to_string (install->bluetooth));
  g_variant_dict_insert (&row, "managed", "b", install->managed != PERMS_MANAGED_NONE);
  g_variant_dict_insert (&row, "reason", "s",
                         perms_reason_to_string (install->decision.reason));
  g_variant_dict_insert (&row, "revision", "t", install->decision.revision);
  add_decision (&row, &install->decision);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
  return TRUE;
}

GVariant *
broker_companions_list_apps (BrokerPermissions *permissions, uid_t uid)
{
  Listing listing = { .cache = permissions->cache };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  perms_cache_foreach_install (permissions->cache, uid, NULL, list_app, &listing);
  return g_variant_builder_end (&listing.list);
}
