/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AcquireNotify and AcquireWrite: an app's sockets of an accessory's values. */

#include <unistd.h>

#include "broker/accessory-private.h"
#include "dbus/errors.h"
#include "dbus/names.h"

/* Between two tries to make a link again; each waits twice as long as the one before. */
#define RETRY_FIRST_MS 500
#define RETRY_LAST_MS  30000

typedef struct Resume Resume;
typedef struct Socket Socket;

/* One socket that is open. */
struct Socket
{
  BrokerAccessory *accessory;
  BrokerSubscription *subscription; /* to read from, or NULL */
  BrokerWriter *writer;             /* to write to, or NULL */
  BrokerHold *hold;
  BrokerAttribute attribute;
  gboolean reconnects; /* stays open while there is no link */
  gboolean waiting;    /* there is none: it is made again */
  guint retry_source;
  guint retry_ms;
  Resume *resume;   /* the try that runs, or NULL */
  gboolean watched; /* @address is looked for */
  BleAddress address;
};

/* One try to follow again. It may outlive its socket. */
struct Resume
{
  Socket *socket; /* NULL: gone */
  BrokerAccessoryRooms *rooms;
  GCancellable *cancellable;
  BrokerHold *hold;
};

static void stop_waiting (Socket *socket);

/* ---- bounds ---- */

static guint
get_count (const BrokerAccessory *accessory)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (
    accessory->rooms->sockets, GUINT_TO_POINTER (accessory->caller->uid)));
}

static void
set_count (const BrokerAccessory *accessory, guint count)
{
  gpointer uid = GUINT_TO_POINTER (accessory->caller->uid);

  if (count == 0)
    g_hash_table_remove (accessory->rooms->sockets, uid);
  else
    g_hash_table_insert (accessory->rooms->sockets, uid, GUINT_TO_POINTER (count));
}

/* ---- one socket ---- */

static void
free_socket (Socket *socket)
{
  stop_waiting (socket);
  broker_subscription_free (socket->subscription);
  broker_writer_free (socket->writer);
  broker_hold_release (socket->hold);
  set_count (socket->accessory, get_count (socket->accessory) - 1);
  g_free (socket);
}

static void
drop_socket (Socket *socket)
{
  g_ptr_array_remove_fast (socket->accessory->sockets, socket);
  free_socket (socket);
}

static void
on_dropped (BrokerSubscription *subscription, guint count, gpointer user_data)
{
  const Socket *socket = user_data;
  char service[BLE_UUID_TEXT_SIZE], characteristic[BLE_UUID_TEXT_SIZE];

  ble_uuid_format (&socket->attribute.service, service);
  ble_uuid_format (&socket->attribute.characteristic, characteristic);
  broker_export_emit (socket->accessory->rooms->connection,
                      socket->accessory->caller->unique_name, socket->accessory->path,
                      BLEPICK_ACCESSORY_INTERFACE, "Dropped",
                      g_variant_new ("(ssu)", service, characteristic, count));
}

static void
on_ended (BrokerSubscription *subscription, gpointer user_data)
{
  drop_socket (user_data);
}

static void on_starved (BrokerSubscription *subscription, gpointer user_data);

static const BrokerSubscriptionClient subscription_client = { on_dropped, on_ended,
                                                              NULL };
static const BrokerSubscriptionClient lasting_client = { on_dropped, on_ended,
                                                         on_starved };

static gboolean
may_write (BrokerWriter *writer, gpointer user_data)
{
  const Socket *socket = user_data;
  const BrokerAccessory *accessory = socket->accessory;

  return broker_permissions_check (accessory->rooms->permissions, accessory->caller,
                                   accessory->id, &socket->attribute, BLE_ACCESS_WRITE,
                                   NULL);
}

static void
on_writer_ended (BrokerWriter *writer, gpointer user_data)
{
  drop_socket (user_data);
}

static const BrokerWriterClient writer_client = { may_write, on_writer_ended };

static void
on_link_lost (BrokerHold *hold, gpointer user_data)
{
  Socket *socket = user_data;

  if (socket->writer != NULL)
    broker_writer_end (socket->writer);
  else
    broker_subscription_starve (socket->subscription);
}

/* ---- a link is made again ---- */

static void try_again (Socket *socket);

static gboolean
on_retry (gpointer user_data)
{
  Socket *socket = user_data;

  socket->retry_source = 0;
  try_again (socket);
  return G_SOURCE_REMOVE;
}

/* Until then, or until the accessory appears. */
static void
try_later (Socket *socket)
{
  const BrokerAccessoryRooms *rooms = socket->accessory->rooms;
  const BrokerGrant *grant =
    broker_permissions_find (rooms->permissions, socket->accessory->caller,
                             socket->accessory->id);

  if (!socket->watched && grant != NULL)
    {
      socket->watched = TRUE;
      socket->address = grant->address;
      broker_presence_watch (rooms->presence, &socket->address);
    }
  socket->waiting = TRUE;
  socket->retry_source = g_timeout_add (socket->retry_ms, on_retry, socket);
  socket->retry_ms = MIN (socket->retry_ms * 2, RETRY_LAST_MS);
}

static void
stop_waiting (Socket *socket)
{
  g_clear_handle_id (&socket->retry_source, g_source_remove);
  if (socket->resume != NULL)
    {
      Resume *resume = g_steal_pointer (&socket->resume);

      resume->socket = NULL;
      g_cancellable_cancel (resume->cancellable);
    }
  if (socket->watched)
    broker_presence_unwatch (socket->accessory->rooms->presence, &socket->address);
  socket->watched = FALSE;
  socket->waiting = FALSE;
}

static void
free_resume (Resume *resume)
{
  if (resume->socket != NULL)
    resume->socket->resume = NULL;
  broker_hold_release (resume->hold);
  g_object_unref (resume->cancellable);
  g_free (resume);
}

static void
give_up (Resume *resume)
{
  Socket *socket = resume->socket;

  free_resume (resume);
  if (socket != NULL)
    try_later (socket);
}

static void
on_followed_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Resume *resume = user_data;
  Socket *socket = resume->socket;
  guint16 mtu;

  if (!broker_fanout_follow_finish (resume->rooms->fanouts, result,
                                    socket != NULL ? socket->subscription : NULL, &mtu,
                                    NULL) ||
      socket == NULL)
    {
      give_up (resume);
      return;
    }
  socket->hold = g_steal_pointer (&resume->hold);
  broker_hold_set_lost (socket->hold, on_link_lost, socket);
  socket->retry_ms = RETRY_FIRST_MS;
  free_resume (resume);
  stop_waiting (socket);
  if (broker_hold_is_lost (socket->hold))
    on_link_lost (socket->hold, socket);
}

static void
on_held_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Resume *resume = user_data;
  BleAttributeId attribute = 0;
  BleDeviceId device = 0;

  resume->hold = broker_links_hold_finish (resume->rooms->links, result, NULL);
  if (resume->socket != NULL && resume->hold != NULL &&
      !broker_hold_is_lost (resume->hold))
    {
      device = broker_hold_get_device (resume->hold);
      attribute =
        broker_operation_find (resume->rooms->radio, device, &resume->socket->attribute);
    }
  if (attribute == 0)
    give_up (resume);
  else
    broker_fanout_follow_async (resume->rooms->fanouts, device, attribute,
                                resume->cancellable, on_followed_again, resume);
}

static void
try_again (Socket *socket)
{
  const BrokerAccessory *accessory = socket->accessory;
  const BrokerGrant *grant = broker_permissions_find (accessory->rooms->permissions,
                                                      accessory->caller, accessory->id);
  Resume *resume;

  if (grant == NULL ||
      !broker_permissions_check (accessory->rooms->permissions, accessory->caller,
                                 accessory->id, &socket->attribute, BLE_ACCESS_NOTIFY,
                                 NULL))
    {
      broker_subscription_end (socket->subscription);
      return;
    }
  resume = g_new0 (Resume, 1);
  resume->socket = socket;
  resume->rooms = accessory->rooms;
  resume->cancellable = g_cancellable_new ();
  socket->resume = resume;
  broker_links_hold_async (accessory->rooms->links, &grant->address, resume->cancellable,
                           on_held_again, resume);
}

static void
on_starved (BrokerSubscription *subscription, gpointer user_data)
{
  Socket *socket = user_data;

  broker_subscription_detach (subscription);
  g_clear_pointer (&socket->hold, broker_hold_release);
  if (!socket->waiting)
    try_later (socket);
}

void
broker_accessory_take_appeared (BrokerAccessory *accessory, const BleAddress *address)
{
  for (guint i = 0; i < accessory->sockets->len; i++)
    {
      Socket *socket = g_ptr_array_index (accessory->sockets, i);

      if (socket->retry_source == 0 || !socket->watched ||
          !ble_address_equal (&socket->address, address))
        continue;
      g_clear_handle_id (&socket->retry_source, g_source_remove);
      socket->retry_ms = RETRY_FIRST_MS;
      try_again (socket);
    }
}

guint
broker_accessory_count_held_sockets (const BrokerAccessory *accessory)
{
  guint n_held = 0;

  for (guint i = 0; i < accessory->sockets->len; i++)
    if (((const Socket *) g_ptr_array_index (accessory->sockets, i))->hold != NULL)
      n_held++;
  return n_held;
}

void
broker_accessory_shut_sockets (BrokerAccessory *accessory)
{
  while (accessory->sockets->len > 0)
    free_socket (
      g_ptr_array_steal_index (accessory->sockets, accessory->sockets->len - 1));
}

void
broker_accessory_shut_refused (BrokerAccessory *accessory)
{
  for (guint i = accessory->sockets->len; i > 0; i--)
    {
      const Socket *socket = g_ptr_array_index (accessory->sockets, i - 1);

      if (!broker_permissions_check (
            accessory->rooms->permissions, accessory->caller, accessory->id,
            &socket->attribute,
            socket->writer != NULL ? BLE_ACCESS_WRITE : BLE_ACCESS_NOTIFY, NULL))
        free_socket (g_ptr_array_steal_index (accessory->sockets, i - 1));
    }
}

/* ---- a socket is asked for ---- */

/* Counted from here on, until it is freed or was not to be had. */
static gboolean
reserve_socket (BrokerOperation *operation)
{
  guint count = get_count (operation->accessory);
  g_autoptr (GError) error = NULL;

  if (count < BROKER_ACCESSORY_SOCKETS_MAX)
    {
      set_count (operation->accessory, count + 1);
      return TRUE;
    }
  error =
    blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "limits",
                       "There are %d sockets open already", BROKER_ACCESSORY_SOCKETS_MAX);
  broker_operation_fail (operation, error);
  return FALSE;
}

/* The end that the app was to get, and why it does not; takes both. */
static void
refuse_socket (BrokerOperation *operation,
               Socket *socket,
               int app_fd,
               const GError *error)
{
  BrokerAccessory *accessory = operation->accessory;

  broker_subscription_free (socket->subscription);
  broker_writer_free (socket->writer);
  g_free (socket);
  if (app_fd >= 0)
    close (app_fd);
  set_count (accessory, get_count (accessory) - 1);
  broker_operation_fail (operation, error);
}

static void
hand_out_socket (BrokerOperation *operation, Socket *socket, int app_fd, guint16 mtu)
{
  BrokerAccessory *accessory = operation->accessory;

  socket->hold = g_steal_pointer (&operation->hold);
  broker_hold_set_lost (socket->hold, on_link_lost, socket);
  if (broker_hold_is_lost (socket->hold))
    on_link_lost (socket->hold, socket);
  g_ptr_array_add (accessory->sockets, socket);
  broker_export_return_socket (operation->invocation, app_fd, mtu);
  broker_operation_free (operation);
}

static Socket *
new_socket (const BrokerOperation *operation)
{
  Socket *socket = g_new0 (Socket, 1);

  socket->accessory = operation->accessory;
  socket->attribute = operation->attribute;
  socket->reconnects = operation->reconnects;
  socket->retry_ms = RETRY_FIRST_MS;
  return socket;
}

/* ---- AcquireNotify ---- */

static void
on_following (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  BrokerAccessory *accessory = operation->accessory;
  Socket *socket = new_socket (operation);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  int app_fd = -1;
  guint16 mtu = 0;

  /* The values flow; whether to this app, is asked again. */
  if (!accessory->closed && broker_operation_check (operation, &refusal))
    socket->subscription = broker_subscription_new (
      socket->reconnects ? &lasting_client : &subscription_client, socket, &app_fd);
  if (broker_fanout_follow_finish (accessory->rooms->fanouts, result,
                                   socket->subscription, &mtu, &error))
    hand_out_socket (operation, socket, app_fd, mtu);
  else
    refuse_socket (operation, socket, app_fd, refusal != NULL ? refusal : error);
}

static void
follow (BrokerOperation *operation, BleDeviceId device, BleAttributeId attribute)
{
  BrokerAccessory *accessory = operation->accessory;

  if (reserve_socket (operation))
    broker_fanout_follow_async (accessory->rooms->fanouts, device, attribute,
                                accessory->cancellable, on_following, operation);
}

static const BrokerOperationKind following = { BLE_ACCESS_NOTIFY, FALSE, follow };

void
broker_accessory_handle_acquire_notify (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options)
{
  broker_operation_start (object, invocation, options, &following, NULL);
}

/* ---- AcquireWrite ---- */

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  BrokerAccessory *accessory = operation->accessory;
  Socket *socket = new_socket (operation);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  int app_fd = -1;
  guint16 mtu = 0;

  if (!accessory->closed && broker_operation_check (operation, &refusal))
    socket->writer = broker_writer_new (&writer_client, socket, &app_fd);
  if (broker_writers_acquire_finish (accessory->rooms->writers, result, socket->writer,
                                     &mtu, &error))
    hand_out_socket (operation, socket, app_fd, mtu);
  else
    refuse_socket (operation, socket, app_fd, refusal != NULL ? refusal : error);
}

static void
acquire_write (BrokerOperation *operation, BleDeviceId device, BleAttributeId attribute)
{
  BrokerAccessory *accessory = operation->accessory;

  if (reserve_socket (operation))
    broker_writers_acquire_async (accessory->rooms->writers, device, attribute,
                                  accessory->cancellable, on_acquired, operation);
}

static const BrokerOperationKind acquiring_write = { BLE_ACCESS_WRITE, FALSE,
                                                     acquire_write };

void
broker_accessory_handle_acquire_write (gpointer object,
                                       GDBusMethodInvocation *invocation,
                                       GVariant *parameters,
                                       GVariant *options)
{
  broker_operation_start (object, invocation, options, &acquiring_write, NULL);
}
