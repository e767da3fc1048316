/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions-object.h"

#include "broker/permissions-apps.h"
#include "broker/permissions-object-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"
#include "perms/key.h"

/* ---- ListApps ---- */

typedef struct
{
  const BrokerPermissionsCall *call;
  GVariantBuilder list;
} Listing;

static GVariant *
list_access (PermsAccess access)
{
  GVariantBuilder words;

  g_variant_builder_init (&words, G_VARIANT_TYPE ("as"));
  if (access & PERMS_ACCESS_ACCESSORY_SETUP)
    g_variant_builder_add (&words, "s", "accessory-setup");
  if (access & PERMS_ACCESS_BLUETOOTH)
    g_variant_builder_add (&words, "s", "bluetooth");
  return g_variant_builder_end (&words);
}

static GVariant *
list_uuids (const PermsUuid *uuids, guint n)
{
  GVariantBuilder texts;

  g_variant_builder_init (&texts, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < n; i++)
    {
      char text[PERMS_UUID_TEXT_SIZE];

      perms_uuid_format (&uuids[i], text);
      g_variant_builder_add (&texts, "s", text);
    }
  return g_variant_builder_end (&texts);
}

static GVariant *
list_flags (const PermsManifest *manifest)
{
  static const struct
  {
    PermsManifestFlag flag;
    const char *word;
  } words[] = {
    { PERMS_MANIFEST_ACCEPT_ALL, "accept-all" },
    { PERMS_MANIFEST_HID, "hid" },
    { PERMS_MANIFEST_VERIFIED, "verified" },
    { PERMS_MANIFEST_DISCOVERY, "discovery" },
    { PERMS_MANIFEST_BACKGROUND, "background" },
  };
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("as"));
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (perms_manifest_get_flags (manifest) & words[i].flag)
      g_variant_builder_add (&list, "s", words[i].word);
  return g_variant_builder_end (&list);
}

static void
add_declared (GVariantDict *app, const PermsManifest *manifest)
{
  guint n_services, n_blocklisted, n_companies;
  const PermsUuid *services = perms_manifest_get_services (manifest, &n_services);
  const PermsUuid *blocklisted =
    perms_manifest_get_blocklisted (manifest, &n_blocklisted);
  const guint16 *companies = perms_manifest_get_companies (manifest, &n_companies);

  g_variant_dict_insert_value (app, "services", list_uuids (services, n_services));
  g_variant_dict_insert_value (app, "blocklisted",
                               list_uuids (blocklisted, n_blocklisted));
  g_variant_dict_insert_value (app, "companies",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_UINT16,
                                                          companies, n_companies,
                                                          sizeof *companies));
  g_variant_dict_insert (app, "names", "^as", perms_manifest_get_names (manifest));
  g_variant_dict_insert_value (app, "flags", list_flags (manifest));
}

static void
add_manifest (GVariantDict *app, BrokerManifests *manifests, const char *key)
{
  g_autoptr (PermsManifest) manifest = NULL;
  g_autoptr (GError) error = NULL;
  const char *state = "none";

  if (!broker_manifests_find (manifests, key, &manifest, &error))
    {
      state = "bad";
      g_variant_dict_insert (app, "fault", "s", error->message);
    }
  else if (manifest != NULL)
    {
      state = "read";
      add_declared (app, manifest);
    }
  g_variant_dict_insert (app, "manifest", "s", state);
}

static void
list_app (const BrokerAppRow *row, gpointer user_data)
{
  Listing *listing = user_data;
  PermsAppKey key;
  GVariantDict app;

  if (!perms_app_key_parse (row->app, &key, NULL))
    return;
  g_variant_dict_init (&app, NULL);
  g_variant_dict_insert (&app, "app", "s", row->app);
  g_variant_dict_insert (&app, "kind", "s", perms_app_kind_to_string (key.kind));
  g_variant_dict_insert (&app, "id", "s", key.id);
  g_variant_dict_insert (&app, "strength", "s", perms_strength_to_string (row->strength));
  g_variant_dict_insert (&app, "fingerprint", "s", row->fingerprint);
  if (row->changed_to != NULL)
    g_variant_dict_insert (&app, "changed-to", "s", row->changed_to);
  g_variant_dict_insert_value (&app, "asks", list_access (row->asks));
  g_variant_dict_insert (&app, "bluetooth", "s",
                         perms_bluetooth_to_string (row->bluetooth));
  g_variant_dict_insert (&app, "managed", "b", row->managed);
  g_variant_dict_insert (&app, "picker", "s", perms_picker_to_string (row->picker));
  g_variant_dict_insert (&app, "accessories", "u", row->n_accessories);
  add_manifest (&app, listing->call->object->rooms.manifests, row->app);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&app));
}

static void
run_list_apps (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  Listing listing = { .call = call };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  broker_permissions_foreach_app (call->object->rooms.permissions, call->caller->uid,
                                  list_app, &listing);
  g_dbus_method_invocation_return_value (call->invocation,
                                         g_variant_new ("(aa{sv})", &listing.list));
}

static void
handle_list_apps (gpointer object,
                  GDBusMethodInvocation *invocation,
                  GVariant *parameters,
                  GVariant *options)
{
  broker_permissions_call_begin (object, invocation, NULL, run_list_apps);
}

/* ---- ConfirmApp ---- */

static void
on_confirmed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BrokerPermissionsCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_permissions_confirm_finish (call->object->rooms.permissions, result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    broker_export_return_error (call->invocation, error);
}

/* Another user's app is one that is not there. */
static void
run_confirm_app (BrokerPermissionsCall *running)
{
  g_autoptr (BrokerPermissionsCall) call = running;
  BrokerPermissions *permissions = call->object->rooms.permissions;
  PermsAppKey key;
  const char *app;

  g_variant_get (g_dbus_method_invocation_get_parameters (call->invocation), "(&s@a{sv})",
                 &app, NULL);
  if (!perms_app_key_parse (app, &key, NULL) || key.uid != call->caller->uid)
    {
      g_autoptr (GError) error =
        blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "no-app",
                           "There is no such app on this computer.");

      broker_export_return_error (call->invocation, error);
      return;
    }
  broker_permissions_confirm_async (permissions, app, NULL, on_confirmed,
                                    g_steal_pointer (&call));
}

static void
handle_confirm_app (gpointer object,
                    GDBusMethodInvocation *invocation,
                    GVariant *parameters,
                    GVariant *options)
{
  broker_permissions_call_begin (object, invocation, NULL, run_confirm_app);
}

/* ---- the object ---- */

static const BrokerOption uid_option[] = { { "uid", "u", NULL }, { NULL, NULL, NULL } };

static const BrokerOption device_options[] = {
  { "uid", "u", NULL },
  { "device", "s", NULL },
  { NULL, NULL, NULL },
};

static const BrokerOption allow_options[] = {
  { "uid", "u", NULL },   { "device", "s", NULL }, { "lifetime", "s", NULL },
  { "until", "x", NULL }, { NULL, NULL, NULL },
};

static const BrokerOption history_options[] = {
  { "uid", "u", NULL },   { "app", "s", NULL }, { "before", "t", NULL },
  { "limit", "u", NULL }, { NULL, NULL, NULL },
};

static const BrokerMethod methods[] = {
  { "ListApps", BROKER_CALLER_ANYBODY, handle_list_apps, broker_no_options },
  { "ConfirmApp", BROKER_CALLER_ANYBODY, handle_confirm_app, broker_no_options },
  { "ListGrants", BROKER_CALLER_ANYBODY, broker_permissions_handle_list_grants,
    uid_option },
  { "ListRows", BROKER_CALLER_ANYBODY, broker_permissions_handle_list_rows, uid_option },
  { "ListPolicies", BROKER_CALLER_ANYBODY, broker_permissions_handle_list_policies,
    broker_no_options },
  { "SetBluetooth", BROKER_CALLER_ANYBODY, broker_permissions_handle_set_bluetooth,
    device_options },
  { "Reset", BROKER_CALLER_ANYBODY, broker_permissions_handle_reset, device_options },
  { "Revoke", BROKER_CALLER_ANYBODY, broker_permissions_handle_revoke, device_options },
  { "Deny", BROKER_CALLER_ANYBODY, broker_permissions_handle_deny, device_options },
  { "Allow", BROKER_CALLER_ANYBODY, broker_permissions_handle_allow, allow_options },
  { "Unpair", BROKER_CALLER_ANYBODY, broker_permissions_handle_unpair, uid_option },
  { "History", BROKER_CALLER_ANYBODY, broker_permissions_handle_history,
    history_options },
  { "Watch", BROKER_CALLER_ANYBODY, broker_permissions_handle_watch, uid_option },
  { "Unwatch", BROKER_CALLER_ANYBODY, broker_permissions_handle_unwatch, NULL },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_permissions1_interface,
  methods,
  NULL,
};

BrokerPermissionsObject *
broker_permissions_object_new (const BrokerPermissionsRooms *rooms, GError **error)
{
  BrokerPermissionsObject *self = g_new0 (BrokerPermissionsObject, 1);

  self->rooms = *rooms;
  self->cancellable = g_cancellable_new ();
  self->watches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->export = broker_export_new_public (rooms->connection, BLEPICK_BROKER_PATH,
                                           &interface, self, error);
  if (self->export != NULL)
    self->companions =
      broker_export_new_public (rooms->connection, BLEPICK_BROKER_PATH,
                                &broker_companions_interface, self, error);
  if (self->companions != NULL)
    {
      broker_clients_add_watch (rooms->clients, broker_permissions_on_client_vanished,
                                self);
      return self;
    }
  broker_permissions_object_free (self);
  return NULL;
}

void
broker_permissions_object_free (BrokerPermissionsObject *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  broker_export_free (self->companions);
  broker_export_free (self->export);
  g_hash_table_unref (self->watches);
  g_free (self);
}
