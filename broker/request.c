/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/request.h"

#include <string.h>

#include "broker/export.h"
#include "broker/random.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"

#define TOKEN_MAX 64 /* bytes */

struct BrokerRequests
{
  GDBusConnection *connection;
  BrokerPickers *pickers;
  BrokerExport *export;
  GHashTable *table; /* "SENDER TOKEN" → BrokerRequest, not owned */
};

struct BrokerRequest
{
  BrokerRequests *requests;
  BrokerCaller *caller;
  char *key;
  char *path;
  BrokerPicker *picker;
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
  broker_picker_close (request->picker);
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

/* ---- the picker ---- */

static void
on_picker_event (BlepickEvent event, const char *cause, gpointer user_data)
{
  BrokerRequest *request = user_data;
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "request", "o", request->path);
  if (cause != NULL)
    g_variant_dict_insert (&details, "cause", "s", cause);
  request->client->event (request, event, g_variant_dict_end (&details),
                          request->user_data);
}

static GVariant *
describe_end (const char *accessory_id, const GError *error)
{
  GVariantDict results;
  g_autofree char *cause = NULL;
  g_autofree char *text = NULL;
  gboolean retryable;

  g_variant_dict_init (&results, NULL);
  if (error == NULL)
    {
      g_variant_dict_insert (&results, "accessory", "s", accessory_id);
      return g_variant_dict_end (&results);
    }
  blepick_error_split (error->message, &cause, &retryable, &text);
  g_variant_dict_insert (&results, "error", "s",
                         blepick_error_to_name ((BlepickError) error->code));
  g_variant_dict_insert (&results, "code", "u", (guint32) error->code);
  g_variant_dict_insert (&results, "cause", "s", cause);
  g_variant_dict_insert (&results, "retryable", "b", retryable);
  g_variant_dict_insert (&results, "message", "s", text);
  return g_variant_dict_end (&results);
}

static void
on_picker_done (BlepickResponse response,
                const char *accessory_id,
                const GError *error,
                gpointer user_data)
{
  BrokerRequest *request = user_data;

  broker_export_emit (request->requests->connection, request->caller->unique_name,
                      request->path, BLEPICK_REQUEST_INTERFACE, "Response",
                      g_variant_new ("(u@a{sv})", response,
                                     describe_end (accessory_id, error)));
  request->client->ended (request, request->user_data);
  free_request (request);
}

static const BrokerPickerClient picker_client = { on_picker_event, on_picker_done };

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

BrokerRequest *
broker_request_new (BrokerRequests *requests,
                    const BrokerPickerAsk *ask,
                    const BrokerRequestClient *client,
                    gpointer user_data,
                    GError **error)
{
  g_autoptr (GVariant) others = NULL;
  g_autofree char *token = NULL;
  g_autofree char *mangled = broker_export_mangle (ask->caller->unique_name);
  BrokerPickerAsk picker_ask = *ask;
  GVariantDict dict;
  BrokerRequest *request;

  g_variant_dict_init (&dict, ask->options);
  token = take_token (&dict, error);
  others = g_variant_ref_sink (g_variant_dict_end (&dict));
  picker_ask.options = others;
  if (token == NULL)
    return NULL;
  if (find_request (ask->caller->unique_name, token, requests) != NULL)
    {
      blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-option",
                         "A request with this handle_token is open already");
      return NULL;
    }
  request = g_new0 (BrokerRequest, 1);
  request->requests = requests;
  request->caller = broker_caller_ref (ask->caller);
  request->key = g_strdup_printf ("%s %s", ask->caller->unique_name, token);
  request->path = g_strdup_printf ("%s/%s/%s", BLEPICK_REQUEST_PATH, mangled, token);
  request->client = client;
  request->user_data = user_data;
  g_hash_table_insert (requests->table, request->key, request);
  request->picker =
    broker_pickers_show (requests->pickers, &picker_ask, &picker_client, request, error);
  if (request->picker == NULL)
    {
      free_request (request);
      return NULL;
    }
  return request;
}

BrokerRequests *
broker_requests_new (GDBusConnection *connection, BrokerPickers *pickers, GError **error)
{
  BrokerRequests *requests = g_new0 (BrokerRequests, 1);

  requests->connection = g_object_ref (connection);
  requests->pickers = pickers;
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
