/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tests/lab/virtual-accessory-heart.h: sends a heart-rate measurement at regular times
 * while somebody has subscribed. What a measurement looks like is in
 * tests/fakes/beats.h. */

#pragma once

#include "tests/fakes/words.h"
#include "tests/lab/virtual-accessory-gatt.h"

typedef struct _AccessoryHeart AccessoryHeart;

/* @gatt must outlive the heart. */
AccessoryHeart *accessory_heart_new (AccessoryGatt *gatt, const AccessoryWords *words);
void accessory_heart_free (AccessoryHeart *heart);

void accessory_heart_set_heard (AccessoryHeart *heart, gboolean heard);

/* @rate_ms: between two measurements; 0 sends none. */
void accessory_heart_set_rate (AccessoryHeart *heart, guint rate_ms);

/* Energy expended starts from zero again. */
void accessory_heart_reset_energy (AccessoryHeart *heart);
