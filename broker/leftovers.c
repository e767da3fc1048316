/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/leftovers.h"

/* A bluetoothd that has just started refuses to remove anything until its adapter is powered. */
#define RETRY_S 2

struct BrokerLeftovers
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  BrokerLeftoversBusyFunc is_busy;
  gpointer user_data;
  GHashTable *undoing; /* BleDeviceId of those that are being removed */
  guint retry_source;
  GCancellable *cancellable;
};

BrokerLeftovers *
broker_leftovers_new (BleRadio *radio,
                      BrokerPermissions *permissions,
                      BrokerLeftoversBusyFunc is_busy,
                      gpointer user_data)
{
  BrokerLeftovers *self = g_new0 (BrokerLeftovers, 1);

  self->radio = radio;
  self->permissions = permissions;
  self->is_busy = is_busy;
  self->user_data = user_data;
  self->undoing = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
broker_leftovers_free (BrokerLeftovers *self)
{
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->undoing);
  g_free (self);
}

typedef struct
{
  BrokerLeftovers *leftovers;
  BleDeviceId device;
  BleAddress address;
} Undo;

static void
on_pending_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Undo *undo = user_data;
  g_autoptr (GError) error = NULL;

  if (!broker_permissions_end_pairing_finish (undo->leftovers->permissions, result,
                                              &error))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "an undone pairing is still noted in the store: %s",
                      error->message);
}

static gboolean
on_retry (gpointer user_data)
{
  BrokerLeftovers *self = user_data;

  self->retry_source = 0;
  broker_leftovers_undo (self);
  return G_SOURCE_REMOVE;
}

static void
try_again (BrokerLeftovers *self, BleDeviceId device)
{
  g_hash_table_remove (self->undoing, GUINT_TO_POINTER (device));
  if (self->retry_source == 0)
    self->retry_source = g_timeout_add_seconds (RETRY_S, on_retry, self);
}

static void
on_leftover_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Undo *undo = user_data;
  BrokerLeftovers *self = undo->leftovers;
  g_autoptr (GError) error = NULL;

  if (!ble_radio_forget_finish (self->radio, result, &error) &&
      !g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE))
    {
      if (error->code != BLE_RADIO_ERROR_CANCELLED)
        try_again (self, undo->device);
      g_free (undo);
      return;
    }
  g_hash_table_remove (self->undoing, GUINT_TO_POINTER (undo->device));
  broker_permissions_end_pairing_async (self->permissions, NULL, &undo->address,
                                        self->cancellable, on_pending_ended, undo);
}

typedef enum
{
  LEFTOVER_UNKNOWN = 0, /* the radio does not know it: its adapter may be away */
  LEFTOVER_NOT_BONDED,
  LEFTOVER_BONDED,
} Leftover;

typedef struct
{
  BrokerLeftovers *leftovers;
  const GArray *pending; /* of BleAddress */
  Leftover *found;       /* of each */
} Sweep;

static void
look_at_leftover (const BleAdvert *advert, gpointer user_data)
{
  const Sweep *sweep = user_data;
  BrokerLeftovers *self = sweep->leftovers;

  for (guint i = 0; i < sweep->pending->len; i++)
    {
      const BleAddress *address = &g_array_index (sweep->pending, BleAddress, i);
      Leftover found = advert->bonded ? LEFTOVER_BONDED : LEFTOVER_NOT_BONDED;
      Undo *undo;

      if (!ble_address_equal (address, &advert->address) ||
          self->is_busy (address, self->user_data))
        continue;
      sweep->found[i] = MAX (sweep->found[i], found);
      if (!advert->bonded ||
          !g_hash_table_add (self->undoing, GUINT_TO_POINTER (advert->device)))
        continue;
      undo = g_new (Undo, 1);
      *undo = (Undo){ self, advert->device, *address };
      ble_radio_forget_async (self->radio, advert->device, self->cancellable,
                              on_leftover_forgotten, undo);
    }
}

/* A crash between bond and grant leaves a pending row. What was bonded by us then is removed. What is known and
 * not bonded needs nothing, and its row goes at once: a bond that it gets later is not ours. */
void
broker_leftovers_undo (BrokerLeftovers *self)
{
  g_autoptr (GArray) pending = broker_permissions_dup_pending (self->permissions);
  g_autofree Leftover *found = g_new0 (Leftover, pending->len);
  Sweep sweep = { self, pending, found };

  if (pending->len == 0 || !ble_radio_daemon_running (self->radio))
    return;
  ble_radio_foreach_device (self->radio, look_at_leftover, &sweep);
  for (guint i = 0; i < pending->len; i++)
    {
      Undo *undo;

      if (found[i] != LEFTOVER_NOT_BONDED)
        continue;
      undo = g_new (Undo, 1);
      *undo = (Undo){ self, 0, g_array_index (pending, BleAddress, i) };
      broker_permissions_end_pairing_async (self->permissions, NULL, &undo->address,
                                            self->cancellable, on_pending_ended, undo);
    }
}
