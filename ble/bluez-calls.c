/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-calls.h"

#include "ble/bluez-errors.h"

typedef struct
{
  BleBluezCalls *calls; /* NULL once it has ended */
  GList link;           /* in waiting, sent or refused */
  GQueue *queue;
  char *path;
  char *interface;
  char *method;
  GVariant *parameters;
  GVariantType *reply_type;
  guint timeout_ms;
  guint32 device;
  BleRadioError refusal; /* of a call in refused */
  GCancellable *own;     /* what GDBus watches */
  GCancellable *theirs;  /* the caller's, or NULL */
  gulong theirs_id;
  BleBluezReplyFunc func;
  gpointer user_data;
} Call;

struct BleBluezCalls
{
  GDBusConnection *connection;
  GMainContext *context;
  char *owner;
  GQueue waiting;
  GQueue sent;
  GQueue refused; /* never sent; told from the loop */
  GSource *refusing;
};

static void
free_call (Call *call)
{
  g_free (call->path);
  g_free (call->interface);
  g_free (call->method);
  g_clear_pointer (&call->parameters, g_variant_unref);
  g_clear_pointer (&call->reply_type, g_variant_type_free);
  g_clear_object (&call->own);
  g_clear_object (&call->theirs);
  g_free (call);
}

static void
enqueue (GQueue *queue, Call *call)
{
  call->queue = queue;
  g_queue_push_tail_link (queue, &call->link);
}

static void
dequeue (Call *call)
{
  g_queue_unlink (call->queue, &call->link);
  call->queue = NULL;
}

/* The one place where a call ends. The struct stays until GDBus has let go of it. */
static void
end_call (Call *call, GVariant *reply, GUnixFDList *descriptors, const GError *error)
{
  BleBluezReplyFunc func = call->func;

  dequeue (call);
  call->calls = NULL;
  call->func = NULL;
  if (call->theirs != NULL)
    g_cancellable_disconnect (call->theirs, call->theirs_id);
  if (func != NULL)
    func (reply, descriptors, error, call->user_data);
}

static void send_waiting (BleBluezCalls *calls);

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  BleBluezCalls *calls = call->calls;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                           &descriptors, result, &error);
  if (calls == NULL)
    {
      free_call (call); /* a late one: whoever asked has his answer */
      return;
    }

  if (reply != NULL)
    end_call (call, reply, descriptors, NULL);
  else
    {
      g_autoptr (GError) translated = ble_bluez_error_translate (error);

      end_call (call, NULL, NULL, translated);
    }
  free_call (call);
  /* The function may have ended every other call, but it may not free us. */
  send_waiting (calls);
}

static void
send_call (BleBluezCalls *calls, Call *call)
{
  enqueue (&calls->sent, call);
  g_dbus_connection_call_with_unix_fd_list (
    calls->connection, calls->owner, call->path, call->interface, call->method,
    call->parameters, call->reply_type, G_DBUS_CALL_FLAGS_NO_AUTO_START,
    (gint) call->timeout_ms, NULL, call->own, on_reply, call);
}

static void
send_waiting (BleBluezCalls *calls)
{
  while (calls->sent.length < BLE_BLUEZ_CALLS_MAX && calls->waiting.length > 0)
    {
      Call *call = calls->waiting.head->data;

      dequeue (call);
      send_call (calls, call);
    }
}

static gboolean
on_refusing (gpointer user_data)
{
  BleBluezCalls *calls = user_data;

  g_clear_pointer (&calls->refusing, g_source_unref);
  for (guint n = calls->refused.length; n > 0; n--)
    {
      Call *call = calls->refused.head->data;
      g_autoptr (GError) error =
        g_error_new_literal (BLE_RADIO_ERROR, (gint) call->refusal,
                             call->refusal == BLE_RADIO_ERROR_BUSY ? "limits"
                                                                   : "no-daemon");

      end_call (call, NULL, NULL, error);
      free_call (call);
    }
  return G_SOURCE_REMOVE;
}

/* Answers @call from the loop, never from inside ble_bluez_calls_send(). */
static void
refuse_call (BleBluezCalls *calls, Call *call, BleRadioError refusal)
{
  call->refusal = refusal;
  enqueue (&calls->refused, call);
  if (calls->refusing != NULL)
    return;
  calls->refusing = g_idle_source_new ();
  g_source_set_priority (calls->refusing, G_PRIORITY_DEFAULT);
  g_source_set_callback (calls->refusing, on_refusing, calls, NULL);
  g_source_attach (calls->refusing, calls->context);
}

/* Ends everything with @code, also what the functions of the ended calls ask for
 * meanwhile. */
static void
end_all (BleBluezCalls *calls, BleRadioError code, const char *cause)
{
  g_autoptr (GError) error = g_error_new_literal (BLE_RADIO_ERROR, (gint) code, cause);
  GQueue *unsent[] = { &calls->waiting, &calls->refused };

  for (guint i = 0; i < G_N_ELEMENTS (unsent); i++)
    while (unsent[i]->length > 0)
      {
        Call *call = unsent[i]->head->data;

        end_call (call, NULL, NULL, error);
        free_call (call);
      }
  while (calls->sent.length > 0)
    {
      Call *call = calls->sent.head->data;

      end_call (call, NULL, NULL, error);
      g_cancellable_cancel (call->own); /* on_reply() frees it */
    }
}

BleBluezCalls *
ble_bluez_calls_new (GDBusConnection *connection)
{
  BleBluezCalls *calls = g_new0 (BleBluezCalls, 1);

  calls->connection = g_object_ref (connection);
  calls->context = g_main_context_ref_thread_default ();
  g_queue_init (&calls->waiting);
  g_queue_init (&calls->sent);
  g_queue_init (&calls->refused);
  return calls;
}

void
ble_bluez_calls_free (BleBluezCalls *calls)
{
  if (calls == NULL)
    return;
  g_clear_pointer (&calls->owner, g_free);
  end_all (calls, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  while (calls->refused.length > 0)
    end_all (calls, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  if (calls->refusing != NULL)
    {
      g_source_destroy (calls->refusing);
      g_source_unref (calls->refusing);
    }
  g_main_context_unref (calls->context);
  g_object_unref (calls->connection);
  g_free (calls);
}

void
ble_bluez_calls_set_owner (BleBluezCalls *calls, const char *owner)
{
  g_clear_pointer (&calls->owner, g_free);
  end_all (calls, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
  calls->owner = g_strdup (owner);
}

/* A call about @device in @queue, or NULL. */
static Call *
find_call (GQueue *queue, guint32 device)
{
  for (GList *link = queue->head; link != NULL; link = link->next)
    if (((Call *) link->data)->device == device)
      return link->data;
  return NULL;
}

void
ble_bluez_calls_end_device (BleBluezCalls *calls, guint32 device)
{
  g_autoptr (GError) error =
    g_error_new_literal (BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE, "gone");
  Call *call;

  while ((call = find_call (&calls->waiting, device)) != NULL)
    {
      end_call (call, NULL, NULL, error);
      free_call (call);
    }
  while ((call = find_call (&calls->sent, device)) != NULL)
    {
      end_call (call, NULL, NULL, error);
      g_cancellable_cancel (call->own); /* on_reply() frees it */
    }
  send_waiting (calls);
}

static void
on_their_cancel (GCancellable *theirs, gpointer own)
{
  g_cancellable_cancel (own);
}

void
ble_bluez_calls_send (BleBluezCalls *calls,
                      const BleBluezRequest *request,
                      GCancellable *cancellable,
                      BleBluezReplyFunc func,
                      gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->calls = calls;
  call->link.data = call;
  call->path = g_strdup (request->path);
  call->interface = g_strdup (request->interface);
  call->method = g_strdup (request->method);
  if (request->parameters != NULL)
    call->parameters = g_variant_ref_sink (request->parameters);
  call->reply_type = g_variant_type_copy (
    request->reply_type != NULL ? request->reply_type : G_VARIANT_TYPE_UNIT);
  call->timeout_ms = request->timeout_ms;
  call->device = request->device;
  call->own = g_cancellable_new ();
  call->func = func;
  call->user_data = user_data;
  if (cancellable != NULL)
    {
      call->theirs = g_object_ref (cancellable);
      call->theirs_id = g_cancellable_connect (cancellable, G_CALLBACK (on_their_cancel),
                                               g_object_ref (call->own), g_object_unref);
    }

  if (calls->owner == NULL)
    refuse_call (calls, call, BLE_RADIO_ERROR_NO_DAEMON);
  else if (request->urgent || calls->sent.length < BLE_BLUEZ_CALLS_MAX)
    send_call (calls, call);
  else if (calls->waiting.length < BLE_BLUEZ_CALLS_WAITING_MAX)
    enqueue (&calls->waiting, call);
  else
    refuse_call (calls, call, BLE_RADIO_ERROR_BUSY);
}
