/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-advertisement.h: what the accessory sends while nobody is
 * connected. It goes to the kernel and not through bluetoothd, for three reasons. A virtual
 * controller of btvirt advertises once, when it is told to or when a central begins to
 * scan, and the central's kernel drops reports that come before it knows that the scan has
 * begun: the controller has to be told again and again. bluetoothd crashes when an
 * advertisement is withdrawn while it repeats it. And D-Bus cannot carry a name that is
 * not UTF-8. It does not know whether somebody is connected: the owner says so. */

#pragma once

#include "tests/fakes/words.h"

typedef struct _AccessoryAdvertisement AccessoryAdvertisement;

/* The silent advertisement of @words. Fails when the fields of @words do not fit. */
AccessoryAdvertisement *
accessory_advertisement_new (const AccessoryWords *words,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void accessory_advertisement_free (AccessoryAdvertisement *advertisement);

/* Whether the accessory wants to be found. */
void accessory_advertisement_set_wanted (AccessoryAdvertisement *advertisement,
                                         gboolean wanted);

/* While there is a link the advertisement rests. */
void accessory_advertisement_set_linked (AccessoryAdvertisement *advertisement,
                                         gboolean linked);
