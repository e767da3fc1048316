/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* broker/throttle.h: an app whose pickers are refused again and again is silenced for a
 * while, so that nobody is worn down into a yes. Pure: the time comes in. */

#pragma once

#include <glib.h>

/* So many refusals within a minute silence an app for five. */
#define BROKER_THROTTLE_REFUSALS   3
#define BROKER_THROTTLE_WINDOW_US  (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define BROKER_THROTTLE_SILENCE_US (G_GINT64_CONSTANT (300) * G_USEC_PER_SEC)

/* Apps remembered; the one silenced longest ago goes first. */
#define BROKER_THROTTLE_APPS_MAX 256

typedef struct BrokerThrottle BrokerThrottle;

BrokerThrottle *broker_throttle_new (void);
void broker_throttle_free (BrokerThrottle *throttle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BrokerThrottle, broker_throttle_free)

/* The person refused a picker of @app. @now_us: any monotonic clock. */
void
broker_throttle_note_refusal (BrokerThrottle *throttle, const char *app, gint64 now_us);

/* The person picked something: @app is welcome. */
void broker_throttle_note_pick (BrokerThrottle *throttle, const char *app);

gboolean
broker_throttle_is_silenced (BrokerThrottle *throttle, const char *app, gint64 now_us);
