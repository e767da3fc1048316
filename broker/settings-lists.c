/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a person sees in settings. */

#include "broker/permissions-private.h"
#include "broker/settings.h"

static GVariant *
list_services (const PermsScope *scope)
{
  GVariantBuilder services;

  g_variant_builder_init (&services, G_VARIANT_TYPE ("a(sas)"));
  for (guint i = 0; i < scope->n_services; i++)
    {
      char text[PERMS_UUID_TEXT_SIZE];
      PermsOperation operations = scope->services[i].operations;
      GVariantBuilder words;

      g_variant_builder_init (&words, G_VARIANT_TYPE ("as"));
      if (operations & PERMS_OPERATION_READ)
        g_variant_builder_add (&words, "s", "read");
      if (operations & PERMS_OPERATION_WRITE)
        g_variant_builder_add (&words, "s", "write");
      if (operations & PERMS_OPERATION_NOTIFY)
        g_variant_builder_add (&words, "s", "notify");
      perms_uuid_format (&scope->services[i].service, text);
      g_variant_builder_add (&services, "(sas)", text, &words);
    }
  return g_variant_builder_end (&services);
}

static void
add_decision (GVariantDict *row, const PermsDecision *decision)
{
  g_variant_dict_insert (row, "reason", "s", perms_reason_to_string (decision->reason));
  g_variant_dict_insert (row, "time", "x", decision->time_s);
  g_variant_dict_insert (row, "decided-on", "s",
                         decision->device != NULL ? decision->device
                                                  : PERMS_DEVICE_LOCAL);
}

typedef struct
{
  const BrokerPermissions *permissions;
  GVariantBuilder list;
} Listing;

static gboolean
list_grant (const PermsGrant *grant, gpointer user_data)
{
  Listing *listing = user_data;
  char id[PERMS_ID_TEXT_SIZE];
  gboolean in_force = perms_grant_is_in_force (grant, broker_permissions_now_s ());
  GVariantDict row;

  perms_id_format (&grant->id, id);
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "app", "s", grant->app);
  g_variant_dict_insert (&row, "device", "s", grant->device);
  g_variant_dict_insert (&row, "accessory", "s", id);
  g_variant_dict_insert (&row, "name", "s", grant->name != NULL ? grant->name : "");
  g_variant_dict_insert (&row, "state", "s", perms_grant_state_to_string (grant->state));
  g_variant_dict_insert (&row, "in-force", "b", in_force);
  g_variant_dict_insert (&row, "lifetime", "s",
                         perms_lifetime_to_string (grant->lifetime));
  if (grant->lifetime == PERMS_LIFETIME_UNTIL)
    g_variant_dict_insert (&row, "until", "x", grant->until_s);
  g_variant_dict_insert (&row, "pairing", "s", perms_pairing_to_string (grant->pairing));
  if (grant->scope != NULL)
    g_variant_dict_insert_value (&row, "services", list_services (grant->scope));
  add_decision (&row, &grant->decision);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
  return TRUE;
}

GVariant *
broker_settings_list_grants (BrokerPermissions *permissions, uid_t uid)
{
  Listing listing = { .permissions = permissions };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  perms_cache_foreach_grant (permissions->cache, uid, NULL, list_grant, &listing);
  return g_variant_builder_end (&listing.list);
}

static gboolean
list_row (const PermsInstall *install, gpointer user_data)
{
  Listing *listing = user_data;
  PermsDerived derived =
    perms_cache_derive (listing->permissions->cache, install->app, install->device,
                        broker_permissions_now_s ());
  GVariantDict row;

  if (!install->installed)
    return TRUE;
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "app", "s", install->app);
  g_variant_dict_insert (&row, "device", "s", install->device);
  g_variant_dict_insert (&row, "bluetooth", "s",
                         perms_bluetooth_to_string (derived.bluetooth));
  g_variant_dict_insert (&row, "managed", "b", install->managed != PERMS_MANAGED_NONE);
  g_variant_dict_insert (&row, "toggle", "s", perms_toggle_to_string (derived.toggle));
  g_variant_dict_insert (&row, "toggle-enabled", "b", derived.toggle_enabled);
  g_variant_dict_insert (&row, "editable", "b", derived.editable);
  g_variant_dict_insert (&row, "central", "s", perms_central_to_string (derived.central));
  g_variant_dict_insert (&row, "picker", "s", perms_picker_to_string (derived.picker));
  add_decision (&row, &install->decision);
  g_variant_dict_insert (&row, "reason", "s", perms_reason_to_string (derived.reason));
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
  return TRUE;
}

GVariant *
broker_settings_list_rows (BrokerPermissions *permissions, uid_t uid)
{
  Listing listing = { .permissions = permissions };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  perms_cache_foreach_install (permissions->cache, uid, NULL, list_row, &listing);
  return g_variant_builder_end (&listing.list);
}

/* ---- managed policies ---- */

static const char *
describe_managed (PermsManaged value)
{
  return value == PERMS_MANAGED_ALLOW ? "allow" : "deny";
}

static GVariant *
list_managed_services (const PermsManagedPolicy *policy)
{
  GVariantBuilder services;

  g_variant_builder_init (&services, G_VARIANT_TYPE ("a(ss)"));
  for (guint i = 0; i < policy->n_services; i++)
    {
      char text[PERMS_UUID_TEXT_SIZE];

      perms_uuid_format (&policy->services[i].service, text);
      g_variant_builder_add (&services, "(ss)", text,
                             describe_managed (policy->services[i].value));
    }
  return g_variant_builder_end (&services);
}

static void
list_policy (const PermsManagedPolicy *policy, gpointer user_data)
{
  Listing *listing = user_data;
  g_autofree char *source = g_utf8_make_valid (policy->source, -1);
  GVariantDict row;

  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "source", "s", source);
  g_variant_dict_insert (&row, "app", "s", policy->app);
  g_variant_dict_insert (&row, "device", "s", policy->device);
  if (policy->fingerprint != NULL)
    g_variant_dict_insert (&row, "fingerprint", "s", policy->fingerprint);
  if (policy->picker != PERMS_MANAGED_NONE)
    g_variant_dict_insert (&row, "picker", "s", describe_managed (policy->picker));
  if (policy->bluetooth != PERMS_MANAGED_NONE)
    g_variant_dict_insert (&row, "bluetooth", "s", describe_managed (policy->bluetooth));
  if (policy->n_services > 0)
    g_variant_dict_insert_value (&row, "services", list_managed_services (policy));
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
}

GVariant *
broker_settings_list_policies (BrokerPermissions *permissions)
{
  Listing listing = { .permissions = permissions };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  perms_managed_set_foreach (perms_cache_get_managed (permissions->cache), list_policy,
                             &listing);
  return g_variant_builder_end (&listing.list);
}
