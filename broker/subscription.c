/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/subscription.h"

#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel doubles it, and takes no less than 4,608 (SOCK_MIN_SNDBUF): six small values. */
#define SEND_BUFFER 2304

struct BrokerSubscription
{
  const BrokerSubscriptionClient *client;
  gpointer user_data;
  int fd; /* our end; -1: shut */
  guint hangup_source;
  guint writable_source; /* while values wait */
  guint tell_source;     /* while no loss may be told */
  guint end_source;
  guint starve_source;
  GQueue waiting; /* of GBytes */
  guint n_dropped;
  void (*freed) (BrokerSubscription *subscription, gpointer source);
  gpointer source;
};

static void
shut_socket (BrokerSubscription *subscription)
{
  if (subscription->fd < 0)
    return;
  g_clear_handle_id (&subscription->hangup_source, g_source_remove);
  g_clear_handle_id (&subscription->writable_source, g_source_remove);
  g_clear_handle_id (&subscription->tell_source, g_source_remove);
  g_clear_handle_id (&subscription->starve_source, g_source_remove);
  g_queue_clear_full (&subscription->waiting, (GDestroyNotify) g_bytes_unref);
  shutdown (subscription->fd, SHUT_RDWR);
  close (subscription->fd);
  subscription->fd = -1;
}

static gboolean
on_end (gpointer user_data)
{
  BrokerSubscription *subscription = user_data;

  subscription->end_source = 0;
  subscription->client->ended (subscription, subscription->user_data);
  return G_SOURCE_REMOVE;
}

void
broker_subscription_end (BrokerSubscription *subscription)
{
  shut_socket (subscription);
  if (subscription->end_source == 0)
    subscription->end_source =
      g_idle_add_full (G_PRIORITY_DEFAULT, on_end, subscription, NULL);
}

static gboolean
on_starve (gpointer user_data)
{
  BrokerSubscription *subscription = user_data;

  subscription->starve_source = 0;
  subscription->client->starved (subscription, subscription->user_data);
  return G_SOURCE_REMOVE;
}

void
broker_subscription_starve (BrokerSubscription *subscription)
{
  if (subscription->client->starved == NULL)
    broker_subscription_end (subscription);
  else if (subscription->fd >= 0 && subscription->starve_source == 0)
    subscription->starve_source =
      g_idle_add_full (G_PRIORITY_DEFAULT, on_starve, subscription, NULL);
}

void
broker_subscription_detach (BrokerSubscription *subscription)
{
  if (subscription->freed != NULL)
    subscription->freed (subscription, subscription->source);
  subscription->freed = NULL;
}

static gboolean
on_hangup (int fd, GIOCondition condition, gpointer user_data)
{
  BrokerSubscription *subscription = user_data;

  subscription->hangup_source = 0;
  broker_subscription_end (subscription);
  return G_SOURCE_REMOVE;
}

/* ---- losses ---- */

static gboolean
on_tell (gpointer user_data)
{
  BrokerSubscription *subscription = user_data;
  guint n_dropped = subscription->n_dropped;

  subscription->n_dropped = 0;
  if (n_dropped == 0)
    {
      subscription->tell_source = 0;
      return G_SOURCE_REMOVE;
    }
  subscription->client->dropped (subscription, n_dropped, subscription->user_data);
  return G_SOURCE_CONTINUE;
}

/* The first loss is told at the next turn of the loop, later ones once a second. */
static void
count_loss (BrokerSubscription *subscription)
{
  subscription->n_dropped++;
  if (subscription->tell_source == 0)
    subscription->tell_source =
      g_timeout_add (BROKER_SUBSCRIPTION_TELL_MS, on_tell, subscription);
}

/* ---- values ---- */

static gboolean
try_send (BrokerSubscription *subscription, const void *value, gsize length)
{
  return send (subscription->fd, value, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer user_data)
{
  BrokerSubscription *subscription = user_data;

  while (!g_queue_is_empty (&subscription->waiting))
    {
      GBytes *value = g_queue_peek_head (&subscription->waiting);
      gsize length;
      gconstpointer octets = g_bytes_get_data (value, &length);

      if (!try_send (subscription, octets, length))
        return G_SOURCE_CONTINUE;
      g_bytes_unref (g_queue_pop_head (&subscription->waiting));
    }
  subscription->writable_source = 0;
  return G_SOURCE_REMOVE;
}

void
broker_subscription_send (BrokerSubscription *subscription,
                          const guint8 *value,
                          gsize length)
{
  if (subscription->fd < 0)
    return;
  if (g_queue_is_empty (&subscription->waiting) && try_send (subscription, value, length))
    return;
  if (subscription->waiting.length == BROKER_SUBSCRIPTION_QUEUE_MAX)
    {
      g_bytes_unref (g_queue_pop_head (&subscription->waiting));
      count_loss (subscription);
    }
  g_queue_push_tail (&subscription->waiting, g_bytes_new (value, length));
  if (subscription->writable_source == 0)
    subscription->writable_source =
      g_unix_fd_add (subscription->fd, G_IO_OUT, on_writable, subscription);
}

/* ---- one subscription ---- */

BrokerSubscription *
broker_subscription_new (const BrokerSubscriptionClient *client,
                         gpointer user_data,
                         int *ret_app_fd)
{
  BrokerSubscription *subscription;
  int buffer = SEND_BUFFER;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return NULL;
  subscription = g_new0 (BrokerSubscription, 1);
  subscription->client = client;
  subscription->user_data = user_data;
  subscription->fd = ends[0];
  g_queue_init (&subscription->waiting);
  setsockopt (ends[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  /* What an app writes into it would only fill our memory. */
  shutdown (ends[0], SHUT_RD);
  subscription->hangup_source =
    g_unix_fd_add (ends[0], G_IO_HUP | G_IO_ERR, on_hangup, subscription);
  *ret_app_fd = ends[1];
  return subscription;
}

void
broker_subscription_set_source (BrokerSubscription *subscription,
                                void (*freed) (BrokerSubscription *subscription,
                                               gpointer source),
                                gpointer source)
{
  subscription->freed = freed;
  subscription->source = source;
}

void
broker_subscription_free (BrokerSubscription *subscription)
{
  if (subscription == NULL)
    return;
  broker_subscription_detach (subscription);
  g_clear_handle_id (&subscription->end_source, g_source_remove);
  shut_socket (subscription);
  g_free (subscription);
}
