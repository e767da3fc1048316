/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/session.h"

#include <string.h>

#include "broker/permissions-broad.h"
#include "broker/random.h"
#include "broker/session-private.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"

BrokerCaller *
broker_session_get_caller (const BrokerSession *session)
{
  return session->caller;
}

const char *
broker_session_get_path (const BrokerSession *session)
{
  return session->path;
}

void
broker_session_emit (BrokerSession *session, BlepickEvent event, GVariant *details)
{
  if (details == NULL)
    details = g_variant_new ("a{sv}", NULL);
  broker_export_emit (session->rooms->connection, session->caller->unique_name,
                      session->path, BLEPICK_SESSION_INTERFACE, "Event",
                      g_variant_new ("(us@a{sv})", event, blepick_event_name (event),
                                     details));
}

/* ---- ShowPicker ---- */

static void
on_request_event (BrokerRequest *request,
                  BlepickEvent event,
                  GVariant *details,
                  gpointer user_data)
{
  broker_session_emit (user_data, event, details);
}

static void
on_request_ended (BrokerRequest *request, gpointer user_data)
{
  BrokerSession *session = user_data;

  g_ptr_array_remove_fast (session->open, request);
}

static const BrokerRequestClient request_client = { on_request_event, on_request_ended };

static BrokerRequestOwner
make_owner (BrokerSession *session)
{
  return (BrokerRequestOwner){ session->caller, session->path, &request_client, session };
}

/* Answers with the path of @request, or with @error where there is none. */
static void
return_request (BrokerSession *session,
                GDBusMethodInvocation *invocation,
                BrokerRequest *request,
                const GError *error)
{
  if (request == NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  g_ptr_array_add (session->open, request);
  g_dbus_method_invocation_return_value (
    invocation, g_variant_new ("(o)", broker_request_get_path (request)));
}

static void
handle_show_picker (gpointer object,
                    GDBusMethodInvocation *invocation,
                    GVariant *parameters,
                    GVariant *options)
{
  BrokerSession *session = object;
  const BrokerRequestOwner owner = make_owner (session);
  g_autoptr (GVariant) items = g_variant_get_child_value (parameters, 0);
  g_autoptr (GVariant) given = g_variant_get_child_value (parameters, 1);
  g_autoptr (GError) error = NULL;
  BrokerRequest *request =
    broker_request_show_picker (session->requests, &owner, items, given, &error);

  return_request (session, invocation, request, error);
}

static void
handle_request_bluetooth (gpointer object,
                          GDBusMethodInvocation *invocation,
                          GVariant *parameters,
                          GVariant *options)
{
  BrokerSession *session = object;
  const BrokerRequestOwner owner = make_owner (session);
  g_autoptr (GVariant) given = g_variant_get_child_value (parameters, 0);
  g_autoptr (GError) error = NULL;
  BrokerRequest *request =
    broker_request_ask_bluetooth (session->requests, &owner, given, &error);

  return_request (session, invocation, request, error);
}

/* Only services may be wanted more of: what is looked for is picked already. NULL with InvalidRequest. */
static BleDescriptor *
parse_services (GVariant *wanted, GError **error)
{
  g_autoptr (GVariant) services = g_variant_lookup_value (wanted, "services", NULL);
  g_autoptr (GVariant) whole = NULL;
  g_autoptr (GError) fault = NULL;
  BleDescriptor *descriptor = NULL;
  GVariantDict dict;

  if (services == NULL || g_variant_n_children (wanted) != 1)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor",
                         "services: is the one field that can be asked for");
      return NULL;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "services", services);
  g_variant_dict_insert (&dict, "accept-all", "b", TRUE);
  whole = g_variant_ref_sink (g_variant_dict_end (&dict));
  descriptor = ble_descriptor_parse (whole, &fault);
  if (descriptor == NULL)
    blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor", "%s",
                       fault->message);
  return descriptor;
}

static void
handle_update_authorization (gpointer object,
                             GDBusMethodInvocation *invocation,
                             GVariant *parameters,
                             GVariant *options)
{
  BrokerSession *session = object;
  const BrokerRequestOwner owner = make_owner (session);
  g_autoptr (GVariant) wanted = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) given = g_variant_get_child_value (parameters, 2);
  g_autoptr (GError) error = NULL;
  BleDescriptor *descriptor = parse_services (wanted, &error);
  BrokerRequest *request = NULL;
  const char *id;

  g_variant_get_child (parameters, 0, "&s", &id);
  if (descriptor != NULL)
    request =
      broker_request_ask_scope (session->requests, &owner, id, descriptor, given, &error);
  return_request (session, invocation, request, error);
}

/* ---- UpdatePicker, FinishPickerDiscovery ---- */

static BrokerPicker *
find_filtering_picker (const BrokerSession *session, GError **error)
{
  for (guint i = 0; i < session->open->len; i++)
    {
      BrokerPicker *picker =
        broker_request_get_filtering_picker (g_ptr_array_index (session->open, i));

      if (picker != NULL)
        return picker;
    }
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "no-picker",
                     "No picker is open whose results the app filters.");
  return NULL;
}

static void
return_done (GDBusMethodInvocation *invocation, gboolean done, const GError *error)
{
  if (done)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    broker_export_return_error (invocation, error);
}

static void
handle_update_picker (gpointer object,
                      GDBusMethodInvocation *invocation,
                      GVariant *parameters,
                      GVariant *options)
{
  g_autoptr (GVariant) candidates = g_variant_get_child_value (parameters, 0);
  g_autoptr (GError) error = NULL;
  BrokerPicker *picker = find_filtering_picker (object, &error);
  gboolean done = picker != NULL && broker_picker_update (picker, candidates, &error);

  return_done (invocation, done, error);
}

static void
handle_finish_picker_discovery (gpointer object,
                                GDBusMethodInvocation *invocation,
                                GVariant *parameters,
                                GVariant *options)
{
  g_autoptr (GError) error = NULL;
  BrokerPicker *picker = find_filtering_picker (object, &error);
  gboolean done = picker != NULL && broker_picker_finish_discovery (picker, &error);

  return_done (invocation, done, error);
}

/* ---- ListAccessories ---- */

static const char *
lifetime_word (BrokerLifetime lifetime)
{
  switch (lifetime)
    {
    case BROKER_LIFETIME_ALWAYS:
      return "always";
    case BROKER_LIFETIME_UNTIL:
      return "until";
    case BROKER_LIFETIME_ONCE:
    default:
      return "once";
    }
}

typedef struct
{
  BrokerSession *session;
  GVariantBuilder list;
} Listing;

/* Nobody knows while bluetoothd is away. */
static void
add_bond (GVariantDict *row, const BrokerSessionsRooms *rooms, const BleAddress *address)
{
  BleDeviceId device = broker_devices_find (rooms->devices, address);
  const BleAdvert *advert =
    device != 0 ? ble_radio_lookup_device (rooms->radio, device) : NULL;

  if (ble_radio_daemon_running (rooms->radio))
    g_variant_dict_insert (row, "paired", "b", advert != NULL && advert->bonded);
}

static void
on_grant (const BrokerGrant *grant, gpointer user_data)
{
  Listing *listing = user_data;
  GVariantBuilder services;
  GVariantDict row;

  g_variant_builder_init (&services, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < grant->n_services; i++)
    {
      char uuid[BLE_UUID_TEXT_SIZE];

      ble_uuid_format (&grant->services[i].service, uuid);
      g_variant_builder_add (&services, "s", uuid);
    }
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "id", "s", grant->id);
  g_variant_dict_insert (&row, "name", "s", grant->name);
  g_variant_dict_insert (&row, "kind", "s", ble_kind_to_word (grant->kind));
  g_variant_dict_insert (&row, "connected", "b",
                         broker_devices_is_connected (listing->session->rooms->devices,
                                                      &grant->address));
  g_variant_dict_insert (&row, "state", "u",
                         grant->awaiting ? BLEPICK_STATE_AWAITING_AUTHORIZATION
                                         : BLEPICK_STATE_AUTHORIZED);
  g_variant_dict_insert (&row, "pairing-method", "s",
                         ble_pair_method_to_word (grant->method));
  add_bond (&row, listing->session->rooms, &grant->address);
  g_variant_dict_insert_value (&row, "services", g_variant_builder_end (&services));
  g_variant_dict_insert (&row, "lifetime", "s", lifetime_word (grant->lifetime));
  if (grant->lifetime == BROKER_LIFETIME_UNTIL)
    g_variant_dict_insert (&row, "until", "x", grant->until_s);
  g_variant_dict_insert (&row, "granted-at", "x", grant->granted_at_s);
  g_variant_builder_add_value (&listing->list, g_variant_dict_end (&row));
}

static void
handle_list_accessories (gpointer object,
                         GDBusMethodInvocation *invocation,
                         GVariant *parameters,
                         GVariant *options)
{
  BrokerSession *session = object;
  Listing listing = { .session = session };

  g_variant_builder_init (&listing.list, G_VARIANT_TYPE ("aa{sv}"));
  broker_permissions_foreach (session->rooms->permissions, session->caller, on_grant,
                              &listing);
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(aa{sv})", &listing.list));
}

/* ---- Close ---- */

static void
handle_close (gpointer object,
              GDBusMethodInvocation *invocation,
              GVariant *parameters,
              GVariant *options)
{
  BrokerSession *session = object;

  session->ended (session, session->user_data);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* ---- Event 102 ---- */

void
broker_session_activate (BrokerSession *session)
{
  GVariantDict details;

  session->central =
    broker_permissions_get_central (session->rooms->permissions, session->caller);
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "central", "s", session->central);
  broker_session_emit (session, BLEPICK_EVENT_ACTIVATED, g_variant_dict_end (&details));
}

void
broker_session_check_central (BrokerSession *session)
{
  const char *central =
    broker_permissions_get_central (session->rooms->permissions, session->caller);
  GVariantDict details;

  if (session->central == NULL || strcmp (session->central, central) == 0)
    return;
  session->central = central;
  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "central", "s", central);
  broker_session_emit (session, BLEPICK_EVENT_CENTRAL_CHANGED,
                       g_variant_dict_end (&details));
}

static const BrokerOption finish_options[] = {
  { "name", "s", NULL },
  { NULL, NULL, NULL },
};

static const BrokerOption remove_options[] = {
  { "unpair", "b", NULL },
  { NULL, NULL, NULL },
};

/* The options of what ends in a request are checked where they are read: picker-request.h, request.c. */
static const BrokerMethod methods[] = {
  { "ShowPicker", BROKER_CALLER_OWNER, handle_show_picker, NULL },
  { "ListAccessories", BROKER_CALLER_OWNER, handle_list_accessories, broker_no_options },
  { "RenameAccessory", BROKER_CALLER_OWNER, broker_session_handle_rename_accessory,
    broker_no_options },
  { "RemoveAccessory", BROKER_CALLER_OWNER, broker_session_handle_remove_accessory,
    remove_options },
  { "UpdatePicker", BROKER_CALLER_OWNER, handle_update_picker, broker_no_options },
  { "FinishPickerDiscovery", BROKER_CALLER_OWNER, handle_finish_picker_discovery,
    broker_no_options },
  { "FinishAuthorization", BROKER_CALLER_OWNER,
    broker_session_handle_finish_authorization, finish_options },
  { "FailAuthorization", BROKER_CALLER_OWNER, broker_session_handle_fail_authorization,
    broker_no_options },
  { "UpdateAuthorization", BROKER_CALLER_OWNER, handle_update_authorization, NULL },
  { "RequestBluetooth", BROKER_CALLER_OWNER, handle_request_bluetooth, NULL },
  { "Close", BROKER_CALLER_OWNER, handle_close, NULL },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

const BrokerInterface broker_session_interface = {
  (GDBusInterfaceInfo *) &org_blepick_session1_interface,
  methods,
  NULL,
};

BrokerSession *
broker_session_new (const BrokerSessionsRooms *rooms,
                    BrokerSessions *sessions,
                    BrokerRequests *requests,
                    BrokerCaller *caller,
                    void (*ended) (BrokerSession *session, gpointer user_data),
                    gpointer user_data)
{
  BrokerSession *session = g_new0 (BrokerSession, 1);
  g_autofree char *word = broker_random_word ();

  session->rooms = rooms;
  session->sessions = sessions;
  session->requests = requests;
  session->caller = broker_caller_ref (caller);
  session->path = g_strdup_printf ("%s/%s", BLEPICK_SESSION_PATH, word);
  session->open = g_ptr_array_new ();
  session->ended = ended;
  session->user_data = user_data;
  return session;
}

void
broker_session_free (BrokerSession *session)
{
  while (session->open->len > 0)
    broker_request_close (
      g_ptr_array_steal_index (session->open, session->open->len - 1));
  broker_permissions_end_session (session->rooms->permissions, session->caller,
                                  session->path);
  g_ptr_array_unref (session->open);
  broker_caller_unref (session->caller);
  g_free (session->path);
  g_free (session);
}
