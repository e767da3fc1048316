/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/share.h: bluetoothd gives one socket of a characteristic, and several of ours want it: it is asked
 * for once, kept while anybody uses it, and given back with the last. Knows neither what flows
 * through it (fanout.h, writers.h) nor who uses it. */

#pragma once

#include <gio/gio.h>

#include "ble/radio.h"

typedef struct BrokerShares BrokerShares; /* all of one kind */
typedef struct BrokerShare BrokerShare;

/* What differs between kinds; static. */
typedef struct
{
  gsize size;        /* of the kind's struct, which begins with a BrokerShare */
  gboolean to_write; /* AcquireWrite instead of AcquireNotify */

  /* The socket is there. NULL: nothing to do. */
  void (*opened) (BrokerShare *share);
  /* There is no socket. TRUE: another way is tried, and broker_share_started() says how it
   * went. NULL: there is no other. */
  gboolean (*refused) (BrokerShare *share, const GError *error);
  /* What was done since @opened ends now; the socket is shut next. May come several times. */
  void (*closing) (BrokerShare *share);
  /* No more comes: tells every user, and forgets them. */
  void (*end_users) (BrokerShare *share);
} BrokerShareKind;

struct BrokerShare
{
  grefcount refs;       /* of the table, of calls under way, of tasks */
  BrokerShares *shares; /* NULL: no more in the table */
  gint64 key;
  BleDeviceId device;
  BleAttributeId characteristic;
  GCancellable *starting; /* while it is asked for */
  GPtrArray *waiting;     /* GTask: until it is open; not owned by the array */
  GPtrArray *users;       /* the kind's; not owned */
  gboolean open;
  int fd; /* bluetoothd's socket; -1: none, though it may be open another way */
  guint16 mtu;
  guint n_promised;   /* tasks that ended well and were not yet asked */
  gint64 returned_us; /* when we gave a socket back; 0: never had one */
  guint retry_source;
};

BrokerShares *broker_shares_new (BleRadio *radio, const BrokerShareKind *kind);
/* Ends every share. To be done before ble_radio_leave_async(). */
void broker_shares_free (BrokerShares *shares);

BleRadio *broker_shares_get_radio (const BrokerShares *shares);
/* NULL: nobody uses it. */
BrokerShare *broker_shares_find (BrokerShares *shares,
                                 BleDeviceId device,
                                 BleAttributeId characteristic);
void broker_shares_foreach (BrokerShares *shares,
                            void (*func) (BrokerShare *share, gpointer user_data),
                            gpointer user_data);
/* The device and its attributes are no more. */
void broker_shares_take_gone (BrokerShares *shares, BleDeviceId device);

/* Ends when the share is open. Errors are of BLE_RADIO_ERROR. */
void broker_shares_join_async (BrokerShares *shares,
                               BleDeviceId device,
                               BleAttributeId characteristic,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* Adds @user, who has to leave before it is freed; NULL: nobody wants it any more. Returns the share, or
 * NULL with @error. */
BrokerShare *
broker_shares_join_finish (GAsyncResult *result, gpointer user, GError **error);
void broker_share_leave (BrokerShare *share, gpointer user);

BrokerShare *broker_share_ref (BrokerShare *share);
void broker_share_unref (BrokerShare *share);

/* How the other way of @refused went; share->starting was its cancellable. */
void broker_share_started (BrokerShare *share, const GError *error);

/* bluetoothd ended it. */
void broker_share_close (BrokerShare *share);
