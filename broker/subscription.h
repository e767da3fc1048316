/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/subscription.h: one app's socket of one characteristic's values. A reader that is
 * too slow loses its own oldest values and slows nobody. Knows not where values come from.
 *
 * The socket holds six small values that wait for the reader, this end up to
 * BROKER_SUBSCRIPTION_QUEUE_MAX more: a reader that comes back finds those six, and then the
 * newest. No duplicate of the app's end is kept, because with one it could not be seen that
 * the app closed its own. */

#pragma once

#include <glib.h>

#define BROKER_SUBSCRIPTION_QUEUE_MAX 16

/* Dropped is told at most this often. */
#define BROKER_SUBSCRIPTION_TELL_MS 1000

typedef struct BrokerSubscription BrokerSubscription;

typedef struct
{
  /* @count values were lost since the last call. */
  void (*dropped) (BrokerSubscription *subscription, guint count, gpointer user_data);
  /* The app closed its end, or the source of the values ended: free the subscription. Called once at
   * most, and never from inside a call of the owner's. */
  void (*ended) (BrokerSubscription *subscription, gpointer user_data);
  /* The source of the values ended, and the socket stays open: find another. From the main loop, as ended(). NULL: the
   * socket ends with its source. */
  void (*starved) (BrokerSubscription *subscription, gpointer user_data);
} BrokerSubscriptionClient;

/* @client: static. @ret_app_fd: the app's end, the caller's to close. NULL when there are no more descriptors. */
BrokerSubscription *broker_subscription_new (const BrokerSubscriptionClient *client,
                                             gpointer user_data,
                                             int *ret_app_fd);
/* Shuts the socket: whatever was not sent is not delivered, and the app sees the end of file. */
void broker_subscription_free (BrokerSubscription *subscription);

/* @length: 0 to 512 octets. */
void broker_subscription_send (BrokerSubscription *subscription,
                               const guint8 *value,
                               gsize length);

/* Shuts the socket and calls ended() at the next turn of the loop. */
void broker_subscription_end (BrokerSubscription *subscription);
/* The source of the values ended: calls starved() at the next turn of the loop, or ends the subscription. */
void broker_subscription_starve (BrokerSubscription *subscription);
/* Takes it from whoever feeds it. */
void broker_subscription_detach (BrokerSubscription *subscription);

/* Whoever feeds the subscription (fanout.h) and wants to hear when it is freed. */
void broker_subscription_set_source (BrokerSubscription *subscription,
                                     void (*freed) (BrokerSubscription *subscription,
                                                    gpointer source),
                                     gpointer source);
