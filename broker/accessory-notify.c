/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AcquireNotify: an app's sockets of an accessory's values. */

#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "broker/accessory-private.h"
#include "dbus/errors.h"
#include "dbus/names.h"

/* One socket that is open. */
typedef struct
{
  BrokerAccessory *accessory;
  BrokerSubscription *subscription;
  BrokerHold *hold;
  BleUuid service;
  BleUuid characteristic;
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
  broker_hold_release (socket->hold);
  set_count (socket->accessory, get_count (socket->accessory) - 1);
  g_free (socket);
}

static void
on_dropped (BrokerSubscription *subscription, guint count, gpointer user_data)
{
  const Socket *socket = user_data;
  char service[BLE_UUID_TEXT_SIZE], characteristic[BLE_UUID_TEXT_SIZE];

  ble_uuid_format (&socket->service, service);
  ble_uuid_format (&socket->characteristic, characteristic);
  broker_export_emit (socket->accessory->rooms->connection,
                      socket->accessory->caller->unique_name, socket->accessory->path,
                      BLEPICK_ACCESSORY_INTERFACE, "Dropped",
                      g_variant_new ("(ssu)", service, characteristic, count));
}

static void
on_ended (BrokerSubscription *subscription, gpointer user_data)
{
  Socket *socket = user_data;

  g_ptr_array_remove_fast (socket->accessory->sockets, socket);
  free_socket (socket);
}

static const BrokerSubscriptionClient subscription_client = { on_dropped, on_ended };

static void
on_link_lost (BrokerHold *hold, gpointer user_data)
{
  Socket *socket = user_data;

  broker_subscription_end (socket->subscription);
}

void
broker_accessory_shut_sockets (BrokerAccessory *accessory)
{
  while (accessory->sockets->len > 0)
    free_socket (
      g_ptr_array_steal_index (accessory->sockets, accessory->sockets->len - 1));
}

/* ---- AcquireNotify ---- */

static void
return_socket (GDBusMethodInvocation *invocation, int app_fd, guint16 mtu)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new_from_array (&app_fd, 1);

  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation,
                                                           g_variant_new ("(hq)", 0, mtu),
                                                           descriptors);
}

static void
on_following (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerOperation *operation = user_data;
  BrokerAccessory *accessory = operation->accessory;
  BrokerSubscription *subscription = NULL;
  Socket *socket = g_new0 (Socket, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refusal = NULL;
  int app_fd = -1;
  guint16 mtu = 0;

  /* The values flow; whether to this app, is asked again. */
  if (!accessory->closed && broker_operation_check (operation, &refusal))
    subscription = broker_subscription_new (&subscription_client, socket, &app_fd);
  if (!broker_fanout_follow_finish (accessory->rooms->fanouts, result, subscription, &mtu,
                                    &error))
    {
      broker_subscription_free (subscription);
      if (app_fd >= 0)
        close (app_fd);
      set_count (accessory, get_count (accessory) - 1);
      g_free (socket);
      broker_operation_fail (operation, refusal != NULL ? refusal : error);
      return;
    }
  socket->accessory = accessory;
  socket->subscription = subscription;
  socket->hold = g_steal_pointer (&operation->hold);
  socket->service = operation->service;
  socket->characteristic = operation->characteristic;
  broker_hold_set_lost (socket->hold, on_link_lost, socket);
  if (broker_hold_is_lost (socket->hold))
    broker_subscription_end (subscription);
  g_ptr_array_add (accessory->sockets, socket);
  return_socket (operation->invocation, app_fd, mtu);
  broker_operation_free (operation);
}

static void
follow (BrokerOperation *operation, BleDeviceId device, BleAttributeId attribute)
{
  BrokerAccessory *accessory = operation->accessory;
  guint count = get_count (accessory);

  if (count >= BROKER_ACCESSORY_SOCKETS_MAX)
    {
      g_autoptr (GError) error = blepick_error_new (BLEPICK_ERROR_NOT_PERMITTED, "limits",
                                                    "There are %d sockets open already",
                                                    BROKER_ACCESSORY_SOCKETS_MAX);

      broker_operation_fail (operation, error);
      return;
    }
  set_count (accessory, count + 1);
  broker_fanout_follow_async (accessory->rooms->fanouts, device, attribute,
                              accessory->cancellable, on_following, operation);
}

void
broker_accessory_handle_acquire_notify (gpointer object,
                                        GDBusMethodInvocation *invocation,
                                        GVariant *parameters,
                                        GVariant *options)
{
  broker_operation_start (object, invocation, options, BLE_ACCESS_NOTIFY, NULL, follow);
}
