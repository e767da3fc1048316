/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/session.h"

#include <string.h>

#include "broker/random.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"

#define NAME_MAX_BYTES \
  248 /* as of a device: GAP, Core Specification 5.3, Vol 3, Part C, 12.1 */

struct BrokerSession
{
  const BrokerSessionsRooms *rooms;
  BrokerSessions *sessions;
  BrokerRequests *requests;
  BrokerCaller *caller;
  char *path;
  GPtrArray *open; /* of BrokerRequest */
  void (*ended) (BrokerSession *session, gpointer user_data);
  gpointer user_data;
};

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

static void
handle_show_picker (gpointer object,
                    GDBusMethodInvocation *invocation,
                    GVariant *parameters,
                    GVariant *options)
{
  BrokerSession *session = object;
  g_autoptr (GVariant) items = g_variant_get_child_value (parameters, 0);
  g_autoptr (GVariant) given = g_variant_get_child_value (parameters, 1);
  g_autoptr (GError) error = NULL;
  const BrokerPickerAsk ask = { session->caller, session->path, items, given };
  BrokerRequest *request =
    broker_request_new (session->requests, &ask, &request_client, session, &error);

  if (request == NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  g_ptr_array_add (session->open, request);
  g_dbus_method_invocation_return_value (
    invocation, g_variant_new ("(o)", broker_request_get_path (request)));
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
  g_variant_dict_insert (&row, "state", "u", BLEPICK_STATE_AUTHORIZED);
  g_variant_dict_insert (&row, "pairing-method", "s",
                         ble_pair_method_to_word (grant->method));
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

/* ---- RenameAccessory, RemoveAccessory ---- */

/* A change that a client waits for. Outlives the session: an answer is owed all the same. */
typedef struct
{
  const BrokerSessionsRooms *rooms;
  BrokerSessions *sessions;
  GDBusMethodInvocation *invocation;
  char *app;
  char *id;
  char *name;
  BleAddress address;
  gboolean unpair;
} Change;

static Change *
make_change (BrokerSession *session, GDBusMethodInvocation *invocation, const char *id)
{
  Change *change = g_new0 (Change, 1);

  change->rooms = session->rooms;
  change->sessions = session->sessions;
  change->invocation = invocation;
  change->app = g_strdup (session->caller->app);
  change->id = g_strdup (id);
  return change;
}

static void
finish_change (Change *change, const GError *error)
{
  if (error != NULL)
    broker_export_return_error (change->invocation, error);
  else
    g_dbus_method_invocation_return_value (change->invocation, NULL);
  g_free (change->app);
  g_free (change->id);
  g_free (change->name);
  g_free (change);
}

static void
tell_name (BrokerCaller *caller, gpointer user_data)
{
  const Change *change = user_data;
  g_autofree char *path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, change->id);

  if (strcmp (caller->app, change->app) == 0)
    broker_export_emit_changed (change->rooms->connection, caller->unique_name, path,
                                BLEPICK_ACCESSORY_INTERFACE, "Name",
                                g_variant_new_string (change->name));
}

static void
on_renamed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const char *const keys[] = { "name", NULL };
  Change *change = user_data;
  g_autoptr (GError) error = NULL;
  GVariantDict details;

  if (broker_permissions_rename_finish (change->rooms->permissions, result, &error))
    {
      g_variant_dict_init (&details, NULL);
      g_variant_dict_insert (&details, "accessory", "s", change->id);
      g_variant_dict_insert (&details, "keys", "^as", keys);
      broker_sessions_emit_app (change->sessions, change->app,
                                BLEPICK_EVENT_ACCESSORY_CHANGED,
                                g_variant_dict_end (&details));
      broker_sessions_foreach_caller (change->sessions, tell_name, change);
    }
  finish_change (change, error);
}

static void
handle_rename_accessory (gpointer object,
                         GDBusMethodInvocation *invocation,
                         GVariant *parameters,
                         GVariant *options)
{
  BrokerSession *session = object;
  const char *id, *name;
  gsize length;
  Change *change;

  g_variant_get (parameters, "(&s&s@a{sv})", &id, &name, NULL);
  length = strlen (name);
  change = make_change (session, invocation, id);
  if (length == 0 || length > NAME_MAX_BYTES)
    {
      g_autoptr (GError) error =
        blepick_error_new (BLEPICK_ERROR_INVALID_REQUEST, "bad-name",
                           "A name has 1 to %d bytes", NAME_MAX_BYTES);

      finish_change (change, error);
      return;
    }
  change->name = ble_name_sanitise (name, length);
  broker_permissions_rename_async (session->rooms->permissions, session->caller, id,
                                   change->name, NULL, on_renamed, change);
}

static void
on_unpaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  g_autoptr (GError) error = NULL;

  if (ble_radio_forget_finish (change->rooms->radio, result, &error))
    broker_permissions_take_unbonded (change->rooms->permissions, &change->address);
  else
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "A bond that nobody uses any more could not be removed: %s",
                      error->message);
  /* The grant is gone, which is what was asked for. */
  finish_change (change, NULL);
}

static void
on_everybody_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  const BrokerSessionsRooms *rooms = change->rooms;
  BleDeviceId device = broker_devices_find (rooms->devices, &change->address);

  (void) broker_permissions_load_all_finish (rooms->permissions, result, NULL);
  if (device == 0 ||
      broker_permissions_count_address (rooms->permissions, &change->address) > 0)
    {
      finish_change (change, NULL);
      return;
    }
  ble_radio_forget_async (rooms->radio, device, NULL, on_unpaired, change);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Change *change = user_data;
  g_autoptr (GError) error = NULL;

  if (!broker_permissions_revoke_finish (change->rooms->permissions, result, &error) ||
      !change->unpair)
    {
      finish_change (change, error);
      return;
    }
  broker_permissions_load_all_async (change->rooms->permissions, NULL,
                                     on_everybody_loaded, change);
}

static void
handle_remove_accessory (gpointer object,
                         GDBusMethodInvocation *invocation,
                         GVariant *parameters,
                         GVariant *options)
{
  BrokerSession *session = object;
  const BrokerGrant *grant;
  const char *id;
  Change *change;

  g_variant_get (parameters, "(&s@a{sv})", &id, NULL);
  change = make_change (session, invocation, id);
  grant = broker_permissions_find (session->rooms->permissions, session->caller, id);
  if (grant != NULL)
    {
      change->address = grant->address;
      change->unpair = grant->bonded_by_us;
    }
  (void) g_variant_lookup (options, "unpair", "b", &change->unpair);
  broker_permissions_revoke_async (session->rooms->permissions, session->caller, id,
                                   "app", NULL, on_removed, change);
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

static const BrokerOption remove_options[] = {
  { "unpair", "b", NULL },
  { NULL, NULL, NULL },
};

/* ShowPicker's options are checked where they are read: picker-request.h. */
static const BrokerMethod methods[] = {
  { "ShowPicker", BROKER_CALLER_OWNER, handle_show_picker, NULL },
  { "ListAccessories", BROKER_CALLER_OWNER, handle_list_accessories, broker_no_options },
  { "RenameAccessory", BROKER_CALLER_OWNER, handle_rename_accessory, broker_no_options },
  { "RemoveAccessory", BROKER_CALLER_OWNER, handle_remove_accessory, remove_options },
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
