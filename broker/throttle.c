/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/throttle.h"

typedef struct
{
  gint64 refused_us[BROKER_THROTTLE_REFUSALS]; /* the last ones, oldest first */
  guint n_refused;
  gint64 silenced_until_us;
} AppRecord;

struct BrokerThrottle
{
  GHashTable *records; /* app key -> AppRecord */
};

BrokerThrottle *
broker_throttle_new (void)
{
  BrokerThrottle *throttle = g_new0 (BrokerThrottle, 1);

  throttle->records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return throttle;
}

void
broker_throttle_free (BrokerThrottle *throttle)
{
  if (throttle == NULL)
    return;
  g_hash_table_unref (throttle->records);
  g_free (throttle);
}

static gint64
last_refusal_us (const AppRecord *record)
{
  return record->refused_us[record->n_refused - 1];
}

static void
drop_oldest (BrokerThrottle *throttle)
{
  const char *oldest = NULL;
  gint64 oldest_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer app, record;

  g_hash_table_iter_init (&iter, throttle->records);
  while (g_hash_table_iter_next (&iter, &app, &record))
    {
      if (last_refusal_us (record) >= oldest_us)
        continue;
      oldest_us = last_refusal_us (record);
      oldest = app;
    }
  if (oldest != NULL)
    g_hash_table_remove (throttle->records, oldest);
}

static AppRecord *
ensure_record (BrokerThrottle *throttle, const char *app)
{
  AppRecord *record = g_hash_table_lookup (throttle->records, app);

  if (record != NULL)
    return record;
  if (g_hash_table_size (throttle->records) >= BROKER_THROTTLE_APPS_MAX)
    drop_oldest (throttle);
  record = g_new0 (AppRecord, 1);
  g_hash_table_insert (throttle->records, g_strdup (app), record);
  return record;
}

void
broker_throttle_note_refusal (BrokerThrottle *throttle, const char *app, gint64 now_us)
{
  AppRecord *record = ensure_record (throttle, app);

  if (record->n_refused == BROKER_THROTTLE_REFUSALS)
    {
      for (guint i = 1; i < BROKER_THROTTLE_REFUSALS; i++)
        record->refused_us[i - 1] = record->refused_us[i];
      record->n_refused--;
    }
  record->refused_us[record->n_refused++] = now_us;

  if (record->n_refused == BROKER_THROTTLE_REFUSALS &&
      now_us - record->refused_us[0] <= BROKER_THROTTLE_WINDOW_US)
    record->silenced_until_us = now_us + BROKER_THROTTLE_SILENCE_US;
}

void
broker_throttle_note_pick (BrokerThrottle *throttle, const char *app)
{
  g_hash_table_remove (throttle->records, app);
}

gboolean
broker_throttle_is_silenced (BrokerThrottle *throttle, const char *app, gint64 now_us)
{
  const AppRecord *record = g_hash_table_lookup (throttle->records, app);

  return record != NULL && now_us < record->silenced_until_us;
}
