/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/request.h"

#include <string.h>

#include "broker/export.h"
#include "broker/failure.h"
#include "broker/random.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"

#define TOKEN_MAX 64 /* bytes */

struct BrokerRequests
{
  GDBusConnection *connection;
  BrokerPickers *pickers;
  BrokerAsks *asks;
  BrokerExport *export;
  GHashTable *table; /* "SENDER TOKEN" → BrokerRequest, not owned */
};

struct BrokerRequest
{
  BrokerRequests *requests;
  BrokerCaller *caller;
  char *key;
  char *path;
  BrokerPicker *picker; /* or NULL */
  BrokerAsk *ask;       /* or NULL */
  const BrokerRequestClient *client;
  gpointer user_data;
};

static void
free_request (BrokerRequest *request)
{
  g_hash_table_remove (request->requests->table, request->key);
  broker_caller_unref (request->caller);
  g_free (request->key);
  g_free (request->path);
  g_free (request);
}

void
broker_request_close (BrokerRequest *request)
{
  if (request->picker != NULL)
    broker_picker_close (request->picker);
  else
    broker_ask_close (request->ask);
  free_request (request);
}

const char *
broker_request_get_path (const BrokerRequest *request)
{
  return request->path;
}

/* ---- the bus ---- */

static void
handle_close (gpointer object,
              GDBusMethodInvocation *invocation,
              GVariant *parameters,
              GVariant *options)
{
  BrokerRequest *request = object;

  request->client->ended (request, request->user_data);
  broker_request_close (request);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const BrokerMethod methods[] = {
  { "Close", BROKER_CALLER_OWNER, handle_close, NULL },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_request1_interface,
  methods,
  NULL,
};

static gpointer
find_request (const char *sender, const char *node, gpointer user_data)
{
  BrokerRequests *requests = user_data;
  g_autofree char *key = g_strdup_printf ("%s %s", sender, node);

  return g_hash_table_lookup (requests->table, key);
}

/* ---- what was begun ---- */

static void
tell_event (BrokerRequest *request, BlepickEvent event, GVariant *details)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, details);
  g_variant_dict_insert (&dict, "request", "o", request->path);
  request->client->event (request, event, g_variant_dict_end (&dict), request->user_data);
}

static void
on_picker_event (BlepickEvent event, GVariant *details, gpointer user_data)
{
  tell_event (user_data, event, details);
}

static void
on_ask_event (BlepickEvent event, gpointer user_data)
{
  tell_event (user_data, event, NULL);
}

static void
on_done (BlepickResponse response,
         GVariant *results,
         const GError *error,
         gpointer user_data)
{
  BrokerRequest *request = user_data;

  if (error != NULL)
    results = broker_failure_describe (error);
  broker_export_emit (request->requests->connection, request->caller->unique_name,
                      request->path, BLEPICK_REQUEST_INTERFACE, "Response",
                      g_variant_new ("(u@a{sv})", response, results));
  request->client->ended (request, request->user_data);
  free_request (request);
}

static const BrokerPickerClient picker_client = { on_picker_event, on_done };
static const BrokerAskClient ask_client = { on_ask_event, on_done };

BrokerPicker *
broker_request_get_filtering_picker (const BrokerRequest *request)
{
  if (request->picker == NULL || !broker_picker_filters (request->picker))
    return NULL;
  return request->picker;
}

/* ---- making ---- */

/* Takes handle_token out of @options. Returns: (transfer full): the token, a random one where there is
 * none; NULL with InvalidRequest bad-option. */
static char *
take_token (GVariantDict *options, GError **error)
{
  g_autoptr (GVariant) value =
    g_variant_dict_lookup_value (options, "handle_token", NULL);
  const char *token;
  gsize length;

  if (value == NULL)
    return broker_random_word ();
  token = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
            ? g_variant_get_string (value, &length)
            : "";
  length = strspn (token, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_");
  if (length == 0 || length > TOKEN_MAX || token[length] != '\0')
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                         "handle_token has 1 to %d letters, digits or underscores",
                         TOKEN_MAX);
      return NULL;
    }
  g_variant_dict_remove (options, "handle_token");
  return g_strdup (token);
}

/* A request with its path and nothing begun. @ret_options: (transfer full): without handle_token. */
static BrokerRequest *
make_request (BrokerRequests *requests,
              const BrokerRequestOwner *owner,
              GVariant *options,
              GVariant **ret_options,
              GError **error)
{
  g_autofree char *token = NULL;
  g_autofree char *mangled = broker_export_mangle (owner->caller->unique_name);
  GVariantDict dict;
  BrokerRequest *request;

  g_variant_dict_init (&dict, options);
  token = take_token (&dict, error);
  *ret_options = g_variant_ref_sink (g_variant_dict_end (&dict));
  if (token == NULL)
    return NULL;
  if (find_request (owner->caller->unique_name, token, requests) != NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                         "A request with this handle_token is open already");
      return NULL;
    }
  request = g_new0 (BrokerRequest, 1);
  request->requests = requests;
  request->caller = broker_caller_ref (owner->caller);
  request->key = g_strdup_printf ("%s %s", owner->caller->unique_name, token);
  request->path = g_strdup_printf ("%s/%s/%s", BLEPICK_REQUEST_PATH, mangled, token);
  request->client = owner->client;
  request->user_data = owner->user_data;
  g_hash_table_insert (requests->table, request->key, request);
  return request;
}

/* What was begun, or NULL when it came to nothing. */
static BrokerRequest *
check_begun (BrokerRequest *request)
{
  if (request->picker != NULL || request->ask != NULL)
    return request;
  free_request (request);
  return NULL;
}

BrokerRequest *
broker_request_show_picker (BrokerRequests *requests,
                            const BrokerRequestOwner *owner,
                            GVariant *items,
                            GVariant *options,
                            GError **error)
{
  g_autoptr (GVariant) others = NULL;
  BrokerRequest *request = make_request (requests, owner, options, &others, error);
  BrokerPickerRequest *wanted;

  if (request == NULL)
    return NULL;
  wanted = broker_picker_request_parse (items, others, error);
  if (wanted != NULL && wanted->items->len > 0)
    {
      const BrokerPickerAsk ask = { owner->caller, owner->session_path, wanted };

      request->picker =
        broker_pickers_show (requests->pickers, &ask, &picker_client, request, error);
    }
  else if (wanted != NULL)
    {
      const BrokerAskNew ask = { .kind = BROKER_ASK_MIGRATE,
                                 .caller = owner->caller,
                                 .session_path = owner->session_path,
                                 .request = wanted };

      request->ask =
        broker_asks_start (requests->asks, &ask, &ask_client, request, error);
    }
  return check_begun (request);
}

/* The questions take no option but handle_token. */
static gboolean
check_no_more_options (GVariant *others, GError **error)
{
  if (g_variant_n_children (others) == 0)
    return TRUE;
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "unknown-option",
                     "Nobody knows one of the options.");
  return FALSE;
}

BrokerRequest *
broker_request_ask_bluetooth (BrokerRequests *requests,
                              const BrokerRequestOwner *owner,
                              GVariant *options,
                              GError **error)
{
  g_autoptr (GVariant) others = NULL;
  BrokerRequest *request = make_request (requests, owner, options, &others, error);
  const BrokerAskNew ask = { .kind = BROKER_ASK_BLUETOOTH, .caller = owner->caller };

  if (request == NULL)
    return NULL;
  if (check_no_more_options (others, error))
    request->ask = broker_asks_start (requests->asks, &ask, &ask_client, request, error);
  return check_begun (request);
}

BrokerRequest *
broker_request_ask_scope (BrokerRequests *requests,
                          const BrokerRequestOwner *owner,
                          const char *accessory_id,
                          BleDescriptor *descriptor,
                          GVariant *options,
                          GError **error)
{
  g_autoptr (BleDescriptor) owned = descriptor;
  g_autoptr (GVariant) others = NULL;
  BrokerRequest *request = make_request (requests, owner, options, &others, error);
  BrokerAskNew ask = { .kind = BROKER_ASK_SCOPE,
                       .caller = owner->caller,
                       .accessory_id = accessory_id };

  if (request == NULL)
    return NULL;
  if (check_no_more_options (others, error))
    {
      ask.descriptor = g_steal_pointer (&owned);
      request->ask =
        broker_asks_start (requests->asks, &ask, &ask_client, request, error);
    }
  return check_begun (request);
}

BrokerRequests *
broker_requests_new (GDBusConnection *connection,
                     BrokerPickers *pickers,
                     BrokerAsks *asks,
                     GError **error)
{
  BrokerRequests *requests = g_new0 (BrokerRequests, 1);

  requests->connection = g_object_ref (connection);
  requests->pickers = pickers;
  requests->asks = asks;
  requests->table = g_hash_table_new (g_str_hash, g_str_equal);
  requests->export = broker_export_new (connection, BLEPICK_REQUEST_PATH, TRUE,
                                        &interface, find_request, requests, error);
  if (requests->export == NULL)
    {
      broker_requests_free (requests);
      return NULL;
    }
  return requests;
}

void
broker_requests_free (BrokerRequests *requests)
{
  if (requests == NULL)
    return;
  broker_export_free (requests->export);
  g_hash_table_unref (requests->table);
  g_object_unref (requests->connection);
  g_free (requests);
}
