/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An accessory that does not answer, or whose link breaks before anybody was asked anything, is paired once more as soon as
 * it is heard; the person need not know. bluetoothd has forgotten it by then, and finds it anew. */

#include "broker/picker.h"

/* How long it is listened for, after the 6.5 s at most in which it was called: of what is not there any more the person
 * hears within 10 s. */
#define LOOK_MS 3000

static gboolean
is_worth_it (const BrokerPicker *picker, const GError *error)
{
  return picker->fsm.state == BROKER_PICKER_PAIRING && !picker->has_looked &&
         !picker->was_asked &&
         (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CONNECTION) ||
          g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_NO_DEVICE));
}

static void
end_look (BrokerPicker *picker)
{
  g_clear_handle_id (&picker->look_timer, g_source_remove);
  broker_scan_release (picker->host->scan, picker->adapter);
}

static gboolean
on_not_heard (gpointer user_data)
{
  BrokerPicker *picker = user_data;

  picker->look_timer = 0;
  end_look (picker);
  broker_picker_take (picker, BROKER_PICKER_PAIR_FAILED);
  broker_picker_unref (picker);
  return G_SOURCE_REMOVE;
}

gboolean
broker_picker_look_again (BrokerPicker *picker, const GError *error)
{
  if (!is_worth_it (picker, error))
    return FALSE;

  g_ref_count_inc (&picker->refs);
  picker->has_looked = TRUE;
  picker->look_timer = g_timeout_add (LOOK_MS, on_not_heard, picker);
  broker_scan_hold (picker->host->scan, picker->adapter);
  return TRUE;
}

void
broker_picker_stop_looking (BrokerPicker *picker)
{
  if (picker->look_timer == 0)
    return;
  end_look (picker);
  broker_picker_take (picker, BROKER_PICKER_PAIR_FAILED);
  broker_picker_unref (picker);
}

static gboolean
is_wanted (const BrokerPicker *picker, const BleAdvert *update)
{
  const BleAdvert *advert = ble_radio_lookup_device (picker->host->radio, update->device);

  return (update->fields & BLE_ADVERT_FROM_THE_AIR) != 0 && advert != NULL &&
         advert->adapter == picker->adapter &&
         ble_address_equal (&advert->address, &picker->pending_address);
}

void
broker_picker_take_adverts (BrokerPicker *picker,
                            const BleAdvert *const *updates,
                            guint n_updates)
{
  for (guint i = 0; picker->look_timer != 0 && i < n_updates; i++)
    {
      if (!is_wanted (picker, updates[i]))
        continue;
      picker->device = updates[i]->device;
      end_look (picker);
      broker_picker_pair (picker);
      broker_picker_unref (picker);
    }
}
