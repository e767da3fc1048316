/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/lab/virtual-accessory-heart.h"

#include "tests/fakes/beats.h"
#include "tests/lab/virtual-accessory-profile.h"

struct _AccessoryHeart
{
  AccessoryGatt *gatt;
  FakesBeats beats;
  guint rate_ms;
  gboolean heard;
  guint timer;
};

static gboolean
on_time (gpointer user_data)
{
  AccessoryHeart *heart = user_data;
  guint8 octets[FAKES_BEATS_VALUE_MAX];
  gsize length = fakes_beats_next (&heart->beats, heart->rate_ms, octets);
  g_autoptr (GBytes) value = g_bytes_new (octets, length);

  accessory_gatt_notify (heart->gatt, ACCESSORY_UUID_HEART_RATE_MEASUREMENT, value);
  return G_SOURCE_CONTINUE;
}

static void
restart_timer (AccessoryHeart *heart)
{
  g_clear_handle_id (&heart->timer, g_source_remove);
  if (heart->heard && heart->rate_ms != 0)
    heart->timer = g_timeout_add (heart->rate_ms, on_time, heart);
}

AccessoryHeart *
accessory_heart_new (AccessoryGatt *gatt, const AccessoryWords *words)
{
  AccessoryHeart *heart = g_new0 (AccessoryHeart, 1);

  heart->gatt = gatt;
  heart->rate_ms = words->rate_ms;
  fakes_beats_init (&heart->beats, words->low_bpm, words->high_bpm, words->flags);
  return heart;
}

void
accessory_heart_free (AccessoryHeart *heart)
{
  if (heart == NULL)
    return;
  g_clear_handle_id (&heart->timer, g_source_remove);
  g_free (heart);
}

void
accessory_heart_set_heard (AccessoryHeart *heart, gboolean heard)
{
  heart->heard = heard;
  restart_timer (heart);
}

void
accessory_heart_set_rate (AccessoryHeart *heart, guint rate_ms)
{
  heart->rate_ms = rate_ms;
  restart_timer (heart);
}

void
accessory_heart_reset_energy (AccessoryHeart *heart)
{
  heart->beats.energy_kj = 0;
}
