/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-advertisement.h: what the accessory sends while nobody is
 * connected, as an object on the bus that bluetoothd reads. It does not register
 * itself (virtual-accessory-adapter.h does). */

#pragma once

#include "tests/fakes/words.h"

#include <gio/gio.h>

#define ACCESSORY_ADVERTISEMENT_PATH "/org/blepick/accessory/advertisement"

typedef struct _AccessoryAdvertisement AccessoryAdvertisement;

/* Puts the advertisement of @words on @bus; @words must outlive it. Fails when the name is not UTF-8, which D-Bus cannot carry. */
AccessoryAdvertisement *
accessory_advertisement_new (GDBusConnection *bus,
                             const AccessoryWords *words,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_advertisement_free (AccessoryAdvertisement *advertisement);

/* Whether the controller is made to advertise again and again. A virtual controller of
 * btvirt says what it has to say once, when it is told to advertise or a central begins
 * to scan, and the central's kernel drops reports that come before it knows that the scan has
 * begun. */
void accessory_advertisement_set_repeating (AccessoryAdvertisement *advertisement,
                                            gboolean repeating);
