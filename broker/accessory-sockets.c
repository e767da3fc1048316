/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AcquireNotify and AcquireWrite: an app's sockets of an accessory's values. */

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "broker/accessory-private.h"
#include "dbus/errors.h"
#include "dbus/names.h"

/* One socket that is open. */
typedef struct
{
  BrokerAccessory *accessory;
  BrokerSubscription *subscription; /* to read from, or NULL */
  BrokerWriter *writer;             /* to write to, or NULL */
  BrokerHold *hold;
  BrokerAttribute attribute;
} Socket;

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

static const BrokerSubscriptionClient subscription_client = { on_dropped, on_ended };

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
    broker_subscription_end (socket->subscription);
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

static void
return_socket (GDBusMethodInvocation *invocation, int app_fd, guint16 mtu)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new_from_array (&app_fd, 1);

  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                           g_variant_new ("(hq)", 0, mtu),
                                                           descriptors);
}

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
  return_socket (operation->invocation, app_fd, mtu);
  broker_operation_free (operation);
}

static Socket *
new_socket (const BrokerOperation *operation)
{
  Socket *socket = g_new0 (Socket, 1);

  socket->accessory = operation->accessory;
  socket->attribute = operation->attribute;
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
    socket->subscription =
      broker_subscription_new (&subscription_client, socket, &app_fd);
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
