/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/keyboards.h"

#define HID_SERVICE             0x1812
#define HID_APPEARANCE_CATEGORY 0x00F /* the ten upper bits: Assigned Numbers 2.6.2 */
#define APPEARANCE_SHIFT        6

struct BrokerKeyboards
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  GHashTable *watched; /* BleAddress */
  GCancellable *cancellable;
};

BrokerKeyboards *
broker_keyboards_new (BleRadio *radio, BrokerPermissions *permissions)
{
  BrokerKeyboards *self = g_new0 (BrokerKeyboards, 1);

  self->radio = radio;
  self->permissions = permissions;
  self->watched = g_hash_table_new_full ((GHashFunc) ble_address_hash,
                                         (GEqualFunc) ble_address_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
  return self;
}

void
broker_keyboards_free (BrokerKeyboards *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->watched);
  g_free (self);
}

gboolean
broker_keyboards_is_one (const BleAdvert *advert)
{
  const BleUuid hid = ble_uuid_from_u16 (HID_SERVICE);

  return ble_advert_lists_service (advert, &hid) ||
         ((advert->fields & BLE_ADVERT_HAS_APPEARANCE) != 0 &&
          advert->appearance >> APPEARANCE_SHIFT == HID_APPEARANCE_CATEGORY);
}

void
broker_keyboards_note_paired (BrokerKeyboards *self,
                              const BleAddress *address,
                              gboolean asked_for)
{
  if (asked_for)
    g_hash_table_remove (self->watched, address);
  else
    g_hash_table_add (self->watched, g_memdup2 (address, sizeof *address));
}

typedef struct
{
  BleRadio *radio;
  BrokerPermissions *permissions;
  BleAddress address;
} Removal;

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Removal *removal = user_data;
  g_autoptr (GError) error = NULL;

  if (ble_radio_forget_finish (removal->radio, result, &error))
    broker_permissions_take_unbonded (removal->permissions, &removal->address);
  else if (!g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "A keyboard that nobody asked for could not be unpaired: %s",
                      error->message);
}

/* Both in one turn of the loop: the order is that of taking away. */
static void
remove_keyboard (BrokerKeyboards *self, const BleAdvert *advert)
{
  Removal *removal = g_new (Removal, 1);

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                    "An accessory turned into a keyboard that nobody asked for: it is "
                    "unpaired, and the grants for it end");
  *removal = (Removal){ self->radio, self->permissions, advert->address };
  g_hash_table_remove (self->watched, &advert->address);
  broker_permissions_end_address (self->permissions, &removal->address);
  ble_radio_forget_async (self->radio, advert->device, self->cancellable, on_forgotten,
                          removal);
}

void
broker_keyboards_take_adverts (BrokerKeyboards *self,
                               const BleAdvert *const *updates,
                               guint n_updates)
{
  if (g_hash_table_size (self->watched) == 0)
    return;
  for (guint i = 0; i < n_updates; i++)
    {
      const BleAdvert *advert = ble_radio_lookup_device (self->radio, updates[i]->device);

      if (advert != NULL && advert->bonded && broker_keyboards_is_one (advert) &&
          g_hash_table_contains (self->watched, &advert->address))
        remove_keyboard (self, advert);
    }
}
