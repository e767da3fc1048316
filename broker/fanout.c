/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/fanout.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* bluetoothd sees that a socket was given back when its loop comes to it; until then it says that the
 * characteristic is held. Ours to wait for, and only after a socket of our own. */
#define RETRY_MS     100
#define RETURNING_US (2 * G_TIME_SPAN_SECOND)

/* StartNotify names no MTU: the longest value (Core Specification 5.3, Vol 3, Part F, 3.2.9) and the 3 octets
 * of its header. */
#define MTU_UNKNOWN (BLE_GATT_VALUE_MAX + 3)

struct BrokerFanouts
{
  BleRadio *radio;
  GHashTable *table; /* key → Fanout */
};

typedef struct
{
  grefcount refs;         /* of the table, of calls under way, of tasks */
  BrokerFanouts *fanouts; /* NULL: no more in the table */
  gint64 key;
  BleDeviceId device;
  BleAttributeId characteristic;
  GCancellable *starting; /* while we ask for values */
  GPtrArray *waiting;     /* GTask: until values flow; not owned by the array */
  GPtrArray *subscribers; /* BrokerSubscription; not owned */
  int fd;                 /* bluetoothd's socket, or -1 */
  guint source;
  gboolean notifying; /* by StartNotify */
  gboolean flowing;
  guint16 mtu;
  guint n_promised;   /* tasks that ended well and were not yet asked */
  gint64 returned_us; /* when we gave the socket back; 0: never had one */
  guint retry_source;
} Fanout;

static Fanout *
ref_fanout (Fanout *fanout)
{
  g_ref_count_inc (&fanout->refs);
  return fanout;
}

static void
unref_fanout (Fanout *fanout)
{
  if (!g_ref_count_dec (&fanout->refs))
    return;
  g_clear_object (&fanout->starting);
  g_ptr_array_unref (fanout->waiting);
  g_ptr_array_unref (fanout->subscribers);
  g_free (fanout);
}

static gint64
make_key (BleDeviceId device, BleAttributeId characteristic)
{
  return (gint64) ((guint64) device << 32 | characteristic);
}

/* ---- values ---- */

static void
deliver (Fanout *fanout, const guint8 *value, gsize length)
{
  for (guint i = 0; i < fanout->subscribers->len; i++)
    broker_subscription_send (g_ptr_array_index (fanout->subscribers, i), value, length);
}

/* No more values come: every subscriber hears it, most by the end of its socket. */
static void
end_all (Fanout *fanout)
{
  fanout->flowing = FALSE;
  for (guint i = 0; i < fanout->subscribers->len; i++)
    {
      BrokerSubscription *subscription = g_ptr_array_index (fanout->subscribers, i);

      broker_subscription_set_source (subscription, NULL, NULL);
      broker_subscription_starve (subscription);
    }
  g_ptr_array_set_size (fanout->subscribers, 0);
}

/* Gives bluetoothd's socket back: it drops the subscription, and the accessory sees it. */
static void
return_socket (Fanout *fanout)
{
  g_clear_handle_id (&fanout->source, g_source_remove);
  if (fanout->fd < 0)
    return;
  shutdown (fanout->fd, SHUT_RDWR);
  close (fanout->fd);
  fanout->fd = -1;
  fanout->returned_us = g_get_monotonic_time ();
}

/* A value of no octets looks like the end; the end alone hangs up. */
static gboolean
is_hung_up (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  return poll (&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLHUP | POLLERR)) != 0;
}

/* One value a turn: most often there is no other, and asking for it costs as much. */
static gboolean
on_values (int fd, GIOCondition condition, gpointer user_data)
{
  Fanout *fanout = user_data;
  guint8 value[BLE_GATT_VALUE_MAX];
  gssize length = recv (fd, value, sizeof value, MSG_DONTWAIT);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (length < 0 || (length == 0 && is_hung_up (fd)))
    {
      fanout->source = 0;
      end_all (fanout);
      return_socket (fanout);
      return G_SOURCE_REMOVE;
    }
  deliver (fanout, value, (gsize) length);
  return G_SOURCE_CONTINUE;
}

/* A source that may recurse, which it never does, is spared GLib's blocking of it while it runs: that costs three
 * system calls a value, as much as all the rest. */
static guint
watch_values (Fanout *fanout)
{
  g_autoptr (GSource) source =
    g_unix_fd_source_new (fanout->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);

  g_source_set_callback (source, G_SOURCE_FUNC (on_values), fanout, NULL);
  g_source_set_can_recurse (source, TRUE);
  return g_source_attach (source, NULL);
}

static void
on_notified (BleDeviceId device,
             BleAttributeId characteristic,
             GBytes *value,
             gpointer user_data)
{
  gsize length;
  const guint8 *octets = g_bytes_get_data (value, &length);

  deliver (user_data, octets, MIN (length, BLE_GATT_VALUE_MAX));
}

/* ---- stopping ---- */

static void
on_notify_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) ble_radio_notify_finish (NULL, result, NULL);
  unref_fanout (user_data);
}

static void
stop (Fanout *fanout)
{
  fanout->flowing = FALSE;
  g_clear_handle_id (&fanout->retry_source, g_source_remove);
  if (fanout->starting != NULL)
    g_cancellable_cancel (fanout->starting);
  return_socket (fanout);
  if (fanout->notifying)
    {
      fanout->notifying = FALSE;
      ble_radio_notify_async (fanout->fanouts->radio, fanout->device,
                              fanout->characteristic, NULL, NULL, on_notify_stopped,
                              ref_fanout (fanout));
    }
}

static void
check_unused (Fanout *fanout)
{
  if (fanout->fanouts != NULL && fanout->subscribers->len == 0 &&
      fanout->waiting->len == 0 && fanout->n_promised == 0)
    stop (fanout);
}

/* A subscriber went. */
static void
on_subscription_freed (BrokerSubscription *subscription, gpointer source)
{
  Fanout *fanout = source;

  g_ptr_array_remove_fast (fanout->subscribers, subscription);
  check_unused (fanout);
}

/* ---- starting ---- */

static void start (Fanout *fanout);

static void
settle (Fanout *fanout, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&fanout->waiting);

  fanout->waiting = g_ptr_array_new ();
  fanout->flowing = error == NULL;
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autoptr (GTask) task = g_ptr_array_index (tasks, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        {
          fanout->n_promised++;
          g_task_return_boolean (task, TRUE);
        }
    }
  check_unused (fanout);
}

static gboolean
on_retry (gpointer user_data)
{
  Fanout *fanout = user_data;

  fanout->retry_source = 0;
  start (fanout);
  return G_SOURCE_REMOVE;
}

static void
on_notify_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fanout *fanout = user_data;
  g_autoptr (GError) error = NULL;
  gboolean started = ble_radio_notify_finish (NULL, result, &error);

  g_clear_object (&fanout->starting);
  if (fanout->fanouts != NULL && fanout->waiting->len > 0 &&
      g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    start (fanout); /* given up by all, and wanted again since */
  else if (fanout->fanouts != NULL)
    {
      fanout->notifying = started;
      fanout->mtu = MTU_UNKNOWN;
      settle (fanout, error);
    }
  unref_fanout (fanout);
}

/* Whether what is held is most likely our own socket of a moment ago. */
static gboolean
may_be_ours (const Fanout *fanout)
{
  return fanout->returned_us != 0 &&
         g_get_monotonic_time () - fanout->returned_us < RETURNING_US;
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fanout *fanout = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_busy;

  fanout->fd = ble_radio_acquire_finish (NULL, result, &fanout->mtu, &error);
  is_busy = g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY);
  g_clear_object (&fanout->starting);
  if (fanout->fanouts == NULL)
    return_socket (fanout);
  else if (fanout->waiting->len == 0)
    check_unused (fanout);
  else if (fanout->fd >= 0)
    settle (fanout, NULL); /* to be read when there is a subscriber */
  else if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    start (fanout); /* given up by all, and wanted again since */
  else if (is_busy && may_be_ours (fanout))
    fanout->retry_source = g_timeout_add (RETRY_MS, on_retry, fanout);
  else if (is_busy ||
           g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NOT_SUPPORTED))
    {
      fanout->starting = g_cancellable_new ();
      ble_radio_notify_async (fanout->fanouts->radio, fanout->device,
                              fanout->characteristic,
                              &(BleValueSink){ on_notified, fanout }, fanout->starting,
                              on_notify_started, ref_fanout (fanout));
    }
  else
    settle (fanout, error);
  unref_fanout (fanout);
}

static void
start (Fanout *fanout)
{
  fanout->starting = g_cancellable_new ();
  ble_radio_acquire_async (fanout->fanouts->radio, fanout->device, fanout->characteristic,
                           FALSE, fanout->starting, on_acquired, ref_fanout (fanout));
}

/* ---- following ---- */

static void
on_wait_cancelled (GCancellable *cancellable, GTask *task)
{
  Fanout *fanout = g_task_get_task_data (task);

  /* Not in the list: it is being settled. */
  if (!g_ptr_array_remove_fast (fanout->waiting, task))
    return;
  g_task_return_new_error (task, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  g_object_unref (task);
  check_unused (fanout);
}

static Fanout *
get_fanout (BrokerFanouts *fanouts, BleDeviceId device, BleAttributeId characteristic)
{
  gint64 key = make_key (device, characteristic);
  Fanout *fanout = g_hash_table_lookup (fanouts->table, &key);

  if (fanout != NULL)
    return fanout;
  fanout = g_new0 (Fanout, 1);
  g_ref_count_init (&fanout->refs);
  fanout->fanouts = fanouts;
  fanout->key = key;
  fanout->device = device;
  fanout->characteristic = characteristic;
  fanout->waiting = g_ptr_array_new ();
  fanout->subscribers = g_ptr_array_new ();
  fanout->fd = -1;
  g_hash_table_insert (fanouts->table, &fanout->key, fanout);
  return fanout;
}

void
broker_fanout_follow_async (BrokerFanouts *fanouts,
                            BleDeviceId device,
                            BleAttributeId characteristic,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Fanout *fanout = get_fanout (fanouts, device, characteristic);

  g_task_set_source_tag (task, broker_fanout_follow_async);
  g_task_set_task_data (task, ref_fanout (fanout), (GDestroyNotify) unref_fanout);
  g_task_set_check_cancellable (task, FALSE);
  if (fanout->flowing)
    {
      fanout->n_promised++;
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (fanout->waiting, task);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled),
                             task, 0);
  if (fanout->starting == NULL && fanout->retry_source == 0)
    start (fanout);
}

gboolean
broker_fanout_follow_finish (BrokerFanouts *fanouts,
                             GAsyncResult *result,
                             BrokerSubscription *subscription,
                             guint16 *ret_mtu,
                             GError **error)
{
  Fanout *fanout = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  fanout->n_promised--;
  if (subscription == NULL || !fanout->flowing)
    {
      check_unused (fanout);
      g_set_error_literal (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION,
                           "not-connected");
      return FALSE;
    }
  g_ptr_array_add (fanout->subscribers, subscription);
  if (fanout->fd >= 0 && fanout->source == 0)
    fanout->source = watch_values (fanout);
  broker_subscription_set_source (subscription, on_subscription_freed, fanout);
  *ret_mtu = fanout->mtu;
  return TRUE;
}

/* ---- all of them ---- */

static void
drop_fanout (gpointer value)
{
  Fanout *fanout = value;
  g_autoptr (GError) error =
    g_error_new (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION, "not-connected");

  end_all (fanout);
  settle (fanout, error);
  stop (fanout);
  fanout->fanouts = NULL;
  unref_fanout (fanout);
}

static gboolean
is_of_device (gpointer key, gpointer value, gpointer user_data)
{
  return ((const Fanout *) value)->device == GPOINTER_TO_UINT (user_data);
}

void
broker_fanouts_take_gone (BrokerFanouts *fanouts, BleDeviceId device)
{
  g_hash_table_foreach_remove (fanouts->table, is_of_device, GUINT_TO_POINTER (device));
}

gboolean
broker_fanouts_are_on_bus (BrokerFanouts *fanouts, BleDeviceId device)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, fanouts->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((const Fanout *) value)->device == device && ((const Fanout *) value)->notifying)
      return TRUE;
  return FALSE;
}

BrokerFanouts *
broker_fanouts_new (BleRadio *radio)
{
  BrokerFanouts *fanouts = g_new0 (BrokerFanouts, 1);

  fanouts->radio = radio;
  fanouts->table = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, drop_fanout);
  return fanouts;
}

void
broker_fanouts_free (BrokerFanouts *fanouts)
{
  if (fanouts == NULL)
    return;
  g_hash_table_unref (fanouts->table);
  g_free (fanouts);
}
