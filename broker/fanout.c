/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/fanout.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>

#include "broker/share.h"

/* StartNotify names no MTU: the longest value (Core Specification 5.3, Vol 3, Part F, 3.2.9) and the 3 octets
 * of its header. */
#define MTU_UNKNOWN (BLE_GATT_VALUE_MAX + 3)

struct BrokerFanouts
{
  BrokerShares *shares;
};

/* Its users are BrokerSubscription. */
typedef struct
{
  BrokerShare share;
  guint source;
  gboolean notifying; /* by StartNotify */
} Fanout;

/* ---- values ---- */

static void
deliver (Fanout *fanout, const guint8 *value, gsize length)
{
  GPtrArray *subscribers = fanout->share.users;

  for (guint i = 0; i < subscribers->len; i++)
    broker_subscription_send (g_ptr_array_index (subscribers, i), value, length);
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
      broker_share_close (&fanout->share);
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
    g_unix_fd_source_new (fanout->share.fd, G_IO_IN | G_IO_HUP | G_IO_ERR);

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

/* ---- what a share of this kind does ---- */

static void
on_notify_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) ble_radio_notify_finish (NULL, result, NULL);
  broker_share_unref (user_data);
}

static void
close_fanout (BrokerShare *share)
{
  Fanout *fanout = (Fanout *) share;

  g_clear_handle_id (&fanout->source, g_source_remove);
  if (!fanout->notifying)
    return;
  fanout->notifying = FALSE;
  ble_radio_notify_async (broker_shares_get_radio (share->shares), share->device,
                          share->characteristic, NULL, NULL, on_notify_stopped,
                          broker_share_ref (share));
}

/* Every subscriber hears it, most by the end of its socket. */
static void
starve_subscribers (BrokerShare *share)
{
  for (guint i = 0; i < share->users->len; i++)
    {
      BrokerSubscription *subscription = g_ptr_array_index (share->users, i);

      broker_subscription_set_source (subscription, NULL, NULL);
      broker_subscription_starve (subscription);
    }
  g_ptr_array_set_size (share->users, 0);
}

static void
on_notify_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fanout *fanout = user_data;
  g_autoptr (GError) error = NULL;

  fanout->notifying = ble_radio_notify_finish (NULL, result, &error);
  fanout->share.mtu = MTU_UNKNOWN;
  broker_share_started (&fanout->share, error);
  broker_share_unref (&fanout->share);
}

/* Somebody else follows it, or it only indicates. */
static gboolean
follow_on_bus (BrokerShare *share, const GError *error)
{
  if (!g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY) &&
      !g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NOT_SUPPORTED))
    return FALSE;
  share->starting = g_cancellable_new ();
  ble_radio_notify_async (broker_shares_get_radio (share->shares), share->device,
                          share->characteristic, &(BleValueSink){ on_notified, share },
                          share->starting, on_notify_started, broker_share_ref (share));
  return TRUE;
}

/* The socket is read when there is a subscriber: the first one loses no value. */
static const BrokerShareKind kind = {
  .size = sizeof (Fanout),
  .refused = follow_on_bus,
  .closing = close_fanout,
  .end_users = starve_subscribers,
};

/* ---- following ---- */

static void
on_subscription_freed (BrokerSubscription *subscription, gpointer source)
{
  broker_share_leave (source, subscription);
}

void
broker_fanout_follow_async (BrokerFanouts *fanouts,
                            BleDeviceId device,
                            BleAttributeId characteristic,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  broker_shares_join_async (fanouts->shares, device, characteristic, cancellable,
                            callback, user_data);
}

gboolean
broker_fanout_follow_finish (BrokerFanouts *fanouts,
                             GAsyncResult *result,
                             BrokerSubscription *subscription,
                             guint16 *ret_mtu,
                             GError **error)
{
  BrokerShare *share = broker_shares_join_finish (result, subscription, error);
  Fanout *fanout = (Fanout *) share;

  if (share == NULL)
    return FALSE;
  if (share->fd >= 0 && fanout->source == 0)
    fanout->source = watch_values (fanout);
  broker_subscription_set_source (subscription, on_subscription_freed, share);
  *ret_mtu = share->mtu;
  return TRUE;
}

/* ---- all of them ---- */

void
broker_fanouts_take_gone (BrokerFanouts *fanouts, BleDeviceId device)
{
  broker_shares_take_gone (fanouts->shares, device);
}

typedef struct
{
  BleDeviceId device;
  gboolean on_bus;
} Search;

static void
look_at (BrokerShare *share, gpointer user_data)
{
  Search *search = user_data;

  if (share->device == search->device && ((const Fanout *) share)->notifying)
    search->on_bus = TRUE;
}

gboolean
broker_fanouts_are_on_bus (BrokerFanouts *fanouts, BleDeviceId device)
{
  Search search = { device, FALSE };

  broker_shares_foreach (fanouts->shares, look_at, &search);
  return search.on_bus;
}

BrokerFanouts *
broker_fanouts_new (BleRadio *radio)
{
  BrokerFanouts *fanouts = g_new0 (BrokerFanouts, 1);

  fanouts->shares = broker_shares_new (radio, &kind);
  return fanouts;
}

void
broker_fanouts_free (BrokerFanouts *fanouts)
{
  if (fanouts == NULL)
    return;
  broker_shares_free (fanouts->shares);
  g_free (fanouts);
}
