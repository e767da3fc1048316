/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/keyboards.h: accessories that turn out to be keyboards or mice after we paired them for an app
 * that did not ask for one: what is typed on them would reach everything on this computer. They are unpaired
 * at once, and the grants end. Bonds that others made are none of its business. */

#pragma once

#include "ble/radio.h"
#include "broker/permissions.h"

typedef struct BrokerKeyboards BrokerKeyboards;

/* Both must outlive it. */
BrokerKeyboards *broker_keyboards_new (BleRadio *radio, BrokerPermissions *permissions);
void broker_keyboards_free (BrokerKeyboards *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerKeyboards, broker_keyboards_free)

/* By its services or its appearance: HID over GATT, Assigned Numbers 2.6 (category 0x00F) and 3.4 (0x1812). */
gboolean broker_keyboards_is_one (const BleAdvert *advert);

/* @address was paired by us; @asked_for: for somebody who wants a keyboard. */
void broker_keyboards_note_paired (BrokerKeyboards *self,
                                   const BleAddress *address,
                                   gboolean asked_for);

/* From the radio's listener. */
void broker_keyboards_take_adverts (BrokerKeyboards *self,
                                    const BleAdvert *const *updates,
                                    guint n_updates);
