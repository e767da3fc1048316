/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Refresh: what bluetoothd remembers of an accessory is forgotten, the accessory is looked for and asked anew.
 * bluetoothd has one way to forget that, and the bond goes with it: a bonded accessory is left as it is. */

#include "broker/accessory-private.h"
#include "broker/failure.h"
#include "dbus/errors.h"

#define RETRY_MS 500
#define FIND_US  ((gint64) 20 * G_USEC_PER_SEC)

typedef struct
{
  BrokerAccessory *accessory; /* a reference */
  GDBusMethodInvocation *invocation;
  GCancellable *cancellable;
  BleAddress address;
  gboolean watched; /* it is looked for */
  gint64 begun_us;
  guint retry_source;
} Refresh;

/* Answers with @error, or with success, and frees @refresh. */
static void
end_refresh (Refresh *refresh, const GError *error)
{
  BrokerAccessory *accessory = refresh->accessory;
  g_autoptr (GError) refusal = NULL;

  /* Ended because the permission was: that is what is told. */
  (void) broker_accessory_require_grant (accessory, &refusal);
  if (refusal == NULL && accessory->closed)
    refusal = blepick_error_new (BLEPICK_ERROR_INVALIDATED, "session-closed",
                                 "The session that asked is closed");
  if (refusal == NULL && error != NULL)
    refusal = broker_failure_from_radio (error);
  if (refusal != NULL)
    broker_export_return_error (refresh->invocation, refusal);
  else
    g_dbus_method_invocation_return_value (refresh->invocation, NULL);
  if (refresh->watched)
    broker_presence_unwatch (accessory->rooms->presence, &refresh->address);
  g_clear_object (&accessory->refreshing);
  g_object_unref (refresh->cancellable);
  broker_accessory_unref (accessory);
  g_free (refresh);
}

static void find (Refresh *refresh);

static gboolean
on_retry (gpointer user_data)
{
  Refresh *refresh = user_data;

  refresh->retry_source = 0;
  find (refresh);
  return G_SOURCE_REMOVE;
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Refresh *refresh = user_data;
  g_autoptr (GError) error = NULL;
  BrokerHold *hold =
    broker_links_hold_finish (refresh->accessory->rooms->links, result, &error);
  gboolean is_late = g_get_monotonic_time () - refresh->begun_us > FIND_US;

  /* The link stays for a moment without it: long enough for whoever goes on. */
  broker_hold_release (hold);
  if (error == NULL || is_late || refresh->accessory->closed ||
      g_cancellable_is_cancelled (refresh->cancellable))
    end_refresh (refresh, error);
  else
    refresh->retry_source = g_timeout_add (RETRY_MS, on_retry, refresh);
}

/* Tries to connect until it is heard again. */
static void
find (Refresh *refresh)
{
  BrokerAccessory *accessory = refresh->accessory;

  if (accessory->closed || broker_accessory_require_grant (accessory, NULL) == NULL)
    end_refresh (refresh, NULL);
  else
    broker_links_hold_async (accessory->rooms->links, &refresh->address,
                             refresh->cancellable, on_found, refresh);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Refresh *refresh = user_data;
  BrokerAccessory *accessory = refresh->accessory;
  g_autoptr (GError) error = NULL;

  if (!ble_radio_forget_finish (accessory->rooms->radio, result, &error) ||
      accessory->closed)
    {
      end_refresh (refresh, error);
      return;
    }
  refresh->watched = TRUE;
  broker_presence_watch (accessory->rooms->presence, &refresh->address);
  find (refresh);
}

/* ---- whether it may be done ---- */

static BleDeviceId
find_known (const BrokerAccessory *accessory, const BleAddress *address, GError **error)
{
  BleDeviceId device = broker_devices_find (accessory->rooms->devices, address);

  if (device == 0)
    blepick_error_set (error, BLEPICK_ERROR_CONNECTION_FAILED,
                       ble_radio_daemon_running (accessory->rooms->radio) ? "not-seen"
                                                                          : "no-daemon",
                       "The accessory is not known to this computer's Bluetooth now");
  return device;
}

/* Nobody else's link may be cut, nor any bond broken. */
static gboolean
check_free (const BrokerAccessory *accessory,
            const BleAddress *address,
            BleDeviceId device,
            GError **error)
{
  const BrokerAccessoryRooms *rooms = accessory->rooms;
  const BleAdvert *advert = ble_radio_lookup_device (rooms->radio, device);
  guint n_own =
    broker_accessory_count_held_sockets (accessory) + (accessory->hold != NULL ? 1 : 0);

  if (accessory->refreshing != NULL ||
      broker_links_count_users (rooms->links, address) > n_own ||
      broker_links_is_of_others (rooms->links, address))
    blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "busy",
                       "The accessory is in use, and refreshing it would cut that");
  else if (advert != NULL && advert->bonded)
    blepick_error_set (error, BLEPICK_ERROR_NOT_PERMITTED, "bonded",
                       "What this computer remembers of a paired accessory goes with its "
                       "pairing alone: give it back and pair it again");
  else
    return TRUE;
  return FALSE;
}

void
broker_accessory_handle_refresh (gpointer object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *parameters,
                                 GVariant *options)
{
  BrokerAccessory *accessory = object;
  g_autoptr (GError) error = NULL;
  const BrokerGrant *grant = broker_accessory_require_grant (accessory, &error);
  BleDeviceId device =
    grant != NULL ? find_known (accessory, &grant->address, &error) : 0;
  Refresh *refresh;

  if (device == 0 || !check_free (accessory, &grant->address, device, &error))
    {
      broker_export_return_error (invocation, error);
      return;
    }
  refresh = g_new0 (Refresh, 1);
  refresh->accessory = broker_accessory_ref (accessory);
  refresh->invocation = invocation;
  refresh->address = grant->address;
  refresh->begun_us = g_get_monotonic_time ();
  refresh->cancellable = g_cancellable_new ();
  accessory->refreshing = g_object_ref (refresh->cancellable);
  ble_radio_forget_async (accessory->rooms->radio, device, NULL, on_forgotten, refresh);
}
