/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/share.h"

#include <sys/socket.h>
#include <unistd.h>

/* bluetoothd sees that a socket was given back when its loop comes to it; until then it says that the
 * characteristic is held. Ours to wait for, and only after a socket of our own. */
#define RETRY_MS     100
#define RETURNING_US (2 * G_TIME_SPAN_SECOND)

struct BrokerShares
{
  BleRadio *radio;
  const BrokerShareKind *kind;
  GHashTable *table; /* key → BrokerShare */
};

BrokerShare *
broker_share_ref (BrokerShare *share)
{
  g_ref_count_inc (&share->refs);
  return share;
}

void
broker_share_unref (BrokerShare *share)
{
  if (!g_ref_count_dec (&share->refs))
    return;
  g_clear_object (&share->starting);
  g_ptr_array_unref (share->waiting);
  g_ptr_array_unref (share->users);
  g_free (share);
}

static gint64
make_key (BleDeviceId device, BleAttributeId characteristic)
{
  return (gint64) ((guint64) device << 32 | characteristic);
}

/* ---- stopping ---- */

/* Shut, so that bluetoothd sees the end at once: it drops the subscription, and the accessory sees
 * it. */
static void
return_socket (BrokerShare *share)
{
  if (share->fd < 0)
    return;
  shutdown (share->fd, SHUT_RDWR);
  close (share->fd);
  share->fd = -1;
  share->returned_us = g_get_monotonic_time ();
}

static void
stop (BrokerShare *share)
{
  share->open = FALSE;
  g_clear_handle_id (&share->retry_source, g_source_remove);
  if (share->starting != NULL)
    g_cancellable_cancel (share->starting);
  share->shares->kind->closing (share);
  return_socket (share);
}

static void
check_unused (BrokerShare *share)
{
  if (share->shares != NULL && share->users->len == 0 && share->waiting->len == 0 &&
      share->n_promised == 0)
    stop (share);
}

void
broker_share_leave (BrokerShare *share, gpointer user)
{
  g_ptr_array_remove_fast (share->users, user);
  check_unused (share);
}

void
broker_share_close (BrokerShare *share)
{
  share->open = FALSE;
  share->shares->kind->end_users (share);
  share->shares->kind->closing (share);
  return_socket (share);
}

/* ---- starting ---- */

static void start (BrokerShare *share);

static void
settle (BrokerShare *share, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&share->waiting);

  share->waiting = g_ptr_array_new ();
  share->open = error == NULL;
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autoptr (GTask) task = g_ptr_array_index (tasks, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        {
          share->n_promised++;
          g_task_return_boolean (task, TRUE);
        }
    }
  check_unused (share);
}

static gboolean
on_retry (gpointer user_data)
{
  BrokerShare *share = user_data;

  share->retry_source = 0;
  start (share);
  return G_SOURCE_REMOVE;
}

/* Whether what is held is most likely our own socket of a moment ago. */
static gboolean
may_be_ours (const BrokerShare *share, const GError *error)
{
  return g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY) &&
         share->returned_us != 0 &&
         g_get_monotonic_time () - share->returned_us < RETURNING_US;
}

static void
on_acquired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerShare *share = user_data;
  const BrokerShareKind *kind;
  g_autoptr (GError) error = NULL;

  share->fd = ble_radio_acquire_finish (NULL, result, &share->mtu, &error);
  if (share->shares == NULL)
    {
      g_clear_object (&share->starting);
      return_socket (share);
    }
  else if (share->fd >= 0 || share->waiting->len == 0)
    {
      kind = share->shares->kind;
      if (share->fd >= 0 && share->waiting->len > 0 && kind->opened != NULL)
        kind->opened (share);
      broker_share_started (share, error);
    }
  else if (may_be_ours (share, error))
    {
      g_clear_object (&share->starting);
      share->retry_source = g_timeout_add (RETRY_MS, on_retry, share);
    }
  else
    {
      kind = share->shares->kind;
      g_clear_object (&share->starting);
      if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED) ||
          kind->refused == NULL || !kind->refused (share, error))
        broker_share_started (share, error);
    }
  broker_share_unref (share);
}

void
broker_share_started (BrokerShare *share, const GError *error)
{
  g_clear_object (&share->starting);
  if (share->shares == NULL)
    return;
  /* Given up by all, and wanted again since. */
  if (share->waiting->len > 0 &&
      g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    start (share);
  else
    settle (share, error);
}

static void
start (BrokerShare *share)
{
  share->starting = g_cancellable_new ();
  ble_radio_acquire_async (share->shares->radio, share->device, share->characteristic,
                           share->shares->kind->to_write, share->starting, on_acquired,
                           broker_share_ref (share));
}

/* ---- joining ---- */

static void
on_wait_cancelled (GCancellable *cancellable, GTask *task)
{
  BrokerShare *share = g_task_get_task_data (task);

  /* Not in the list: it is being settled. */
  if (!g_ptr_array_remove_fast (share->waiting, task))
    return;
  g_task_return_new_error (task, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED, "cancelled");
  g_object_unref (task);
  check_unused (share);
}

static BrokerShare *
get_share (BrokerShares *shares, BleDeviceId device, BleAttributeId characteristic)
{
  BrokerShare *share = broker_shares_find (shares, device, characteristic);

  if (share != NULL)
    return share;
  share = (BrokerShare *) g_malloc0 (shares->kind->size);
  g_ref_count_init (&share->refs);
  share->shares = shares;
  share->key = make_key (device, characteristic);
  share->device = device;
  share->characteristic = characteristic;
  share->waiting = g_ptr_array_new ();
  share->users = g_ptr_array_new ();
  share->fd = -1;
  g_hash_table_insert (shares->table, &share->key, share);
  return share;
}

void
broker_shares_join_async (BrokerShares *shares,
                          BleDeviceId device,
                          BleAttributeId characteristic,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  BrokerShare *share = get_share (shares, device, characteristic);

  g_task_set_source_tag (task, broker_shares_join_async);
  g_task_set_task_data (task, broker_share_ref (share),
                        (GDestroyNotify) broker_share_unref);
  g_task_set_check_cancellable (task, FALSE);
  if (share->open)
    {
      share->n_promised++;
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (share->waiting, task);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled),
                             task, 0);
  if (share->starting == NULL && share->retry_source == 0)
    start (share);
}

BrokerShare *
broker_shares_join_finish (GAsyncResult *result, gpointer user, GError **error)
{
  BrokerShare *share = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  share->n_promised--;
  if (user == NULL || !share->open)
    {
      check_unused (share);
      g_set_error_literal (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION,
                           "not-connected");
      return NULL;
    }
  g_ptr_array_add (share->users, user);
  return share;
}

/* ---- all of them ---- */

static void
drop_share (gpointer value)
{
  BrokerShare *share = value;
  g_autoptr (GError) error =
    g_error_new (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION, "not-connected");

  share->shares->kind->end_users (share);
  settle (share, error);
  stop (share);
  share->shares = NULL;
  broker_share_unref (share);
}

static gboolean
is_of_device (gpointer key, gpointer value, gpointer user_data)
{
  return ((const BrokerShare *) value)->device == GPOINTER_TO_UINT (user_data);
}

void
broker_shares_take_gone (BrokerShares *shares, BleDeviceId device)
{
  g_hash_table_foreach_remove (shares->table, is_of_device, GUINT_TO_POINTER (device));
}

BleRadio *
broker_shares_get_radio (const BrokerShares *shares)
{
  return shares->radio;
}

BrokerShare *
broker_shares_find (BrokerShares *shares,
                    BleDeviceId device,
                    BleAttributeId characteristic)
{
  gint64 key = make_key (device, characteristic);

  return g_hash_table_lookup (shares->table, &key);
}

void
broker_shares_foreach (BrokerShares *shares,
                       void (*func) (BrokerShare *share, gpointer user_data),
                       gpointer user_data)
{
  GHashTableIter iter;
  gpointer share;

  g_hash_table_iter_init (&iter, shares->table);
  while (g_hash_table_iter_next (&iter, NULL, &share))
    func (share, user_data);
}

BrokerShares *
broker_shares_new (BleRadio *radio, const BrokerShareKind *kind)
{
  BrokerShares *shares = g_new0 (BrokerShares, 1);

  shares->radio = radio;
  shares->kind = kind;
  shares->table = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, drop_share);
  return shares;
}

void
broker_shares_free (BrokerShares *shares)
{
  if (shares == NULL)
    return;
  g_hash_table_unref (shares->table);
  g_free (shares);
}
