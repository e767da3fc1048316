/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/permissions-object.h"

#include <string.h>

#include "broker/export.h"
#include "broker/permissions-apps.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"
#include "perms/key.h"

struct BrokerPermissionsObject
{
  BrokerPermissionsRooms rooms;
  BrokerExport *export;
};

/* One call of somebody who is looked up first. */
typedef struct Call Call;
typedef void (*CallFunc) (Call *call);

struct Call
{
  BrokerPermissionsObject *object;
  GDBusMethodInvocation *invocation;
  BrokerCaller *caller;
  CallFunc run; /* when the caller's rows are loaded */
};

static void
free_call (Call *call)
{
  g_clear_pointer (&call->caller, broker_caller_unref);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, free_call)

/* ---- who calls ---- */

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  g_autoptr (GError) error = NULL;
  Call *running;

  if (!broker_permissions_load_finish (call->object->rooms.permissions, result, &error))
    {
      broker_export_return_error (call->invocation, error);
      return;
    }
  running = g_steal_pointer (&call);
  running->run (running);
}

static void
on_identified (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  const BrokerPermissionsRooms *rooms = &call->object->rooms;
  g_autoptr (GError) error = NULL;

  call->caller = broker_identity_lookup_finish (rooms->identity, result, &error);
  if (call->caller != NULL && call->caller->sandboxed)
    blepick_error_set (&error, BLEPICK_ERROR_NOT_PERMITTED, "sandboxed",
                       "A program in a sandbox does not see other apps.");
  if (error != NULL)
    {
      broker_export_return_error (call->invocation, error);
      return;
    }
  guint32 uid = call->caller->uid;
  broker_permissions_load_user_async (rooms->permissions, uid, NULL, on_loaded,
                                      g_steal_pointer (&call));
}

static void
begin_call (BrokerPermissionsObject *object,
            GDBusMethodInvocation *invocation,
            CallFunc run)
{
  Call *call = g_new0 (Call, 1);

  call->object = object;
  call->invocation = invocation;
  call->run = run;
  broker_identity_lookup_async (object->rooms.identity,
                                g_dbus_method_invocation_get_sender (invocation), NULL,
                                on_identified, call);
}

/* ---- ListApps ---- */

typedef struct
{
  const Call *call;
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
  g_variant_dict_insert (&app, "accessories", "u", row->n_accessories);
  add_manifest (&app, listing->call->object->rooms.manifests, row->app);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&app));
}

static void
run_list_apps (Call *running)
{
  g_autoptr (Call) call = running;
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
  begin_call (object, invocation, run_list_apps);
}

/* ---- ConfirmApp ---- */

static void
on_confirmed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  g_autoptr (GError) error = NULL;

  if (broker_permissions_confirm_finish (call->object->rooms.permissions, result, &error))
    g_dbus_method_invocation_return_value (call->invocation, NULL);
  else
    broker_export_return_error (call->invocation, error);
}

/* Another user's app is one that is not there. */
static void
run_confirm_app (Call *running)
{
  g_autoptr (Call) call = running;
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
  begin_call (object, invocation, run_confirm_app);
}

/* ---- the object ---- */

static const BrokerMethod methods[] = {
  { "ListApps", BROKER_CALLER_ANYBODY, handle_list_apps, broker_no_options },
  { "ConfirmApp", BROKER_CALLER_ANYBODY, handle_confirm_app, broker_no_options },
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
  self->export = broker_export_new_public (rooms->connection, BLEPICK_BROKER_PATH,
                                           &interface, self, error);
  if (self->export != NULL)
    return self;
  broker_permissions_object_free (self);
  return NULL;
}

void
broker_permissions_object_free (BrokerPermissionsObject *self)
{
  if (self == NULL)
    return;
  broker_export_free (self->export);
  g_free (self);
}
