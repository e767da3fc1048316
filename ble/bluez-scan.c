/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-scan.h"

/* Time before a scan that could not be begun again is tried once more: doubles up to
 * the second. */
#define RETRY_MS     500
#define RETRY_MAX_MS 30000

/* A bluetoothd that was killed leaves the kernel scanning, and its successor is told "busy" until that
 * has run out by itself: after 10.24 s (the kernel's DISCOV_LE_TIMEOUT). */
#define BUSY_TRIES_MAX 24 /* of RETRY_MS each */

typedef enum
{
  SCAN_OFF = 0,
  SCAN_STARTING,
  SCAN_ON,
  SCAN_STOPPING,
} ScanState;

typedef struct
{
  const BleBluezParts *parts;
  GMainContext *context;
  BleAdapterId adapter;
  ScanState state;
  gboolean wanted;
  gboolean cleared; /* this start has already ended what was left of an older scan */
  guint busy_tries; /* of this start */
  guint downs;      /* of the adapter when it was started */
  GTask *task;      /* whoever waits for the state to change, or NULL */
  GSource *retry;
  guint retry_ms;
} Scan;

struct BleBluezScans
{
  const BleBluezParts *parts;
  GMainContext *context;
  GPtrArray *all; /* of Scan: one an adapter that was ever scanned with */
  gboolean leaving;
};

static void
drop_retry (Scan *scan)
{
  if (scan->retry == NULL)
    return;
  g_source_destroy (scan->retry);
  g_clear_pointer (&scan->retry, g_source_unref);
}

static void
free_scan (gpointer data)
{
  Scan *scan = data;

  drop_retry (scan);
  g_free (scan);
}

BleBluezScans *
ble_bluez_scans_new (const BleBluezParts *parts)
{
  BleBluezScans *scans = g_new0 (BleBluezScans, 1);

  scans->parts = parts;
  scans->context = g_main_context_ref_thread_default ();
  scans->all = g_ptr_array_new_with_free_func (free_scan);
  return scans;
}

void
ble_bluez_scans_free (BleBluezScans *scans)
{
  if (scans == NULL)
    return;
  g_ptr_array_unref (scans->all);
  g_main_context_unref (scans->context);
  g_free (scans);
}

static void
send_scan_call (Scan *scan,
                const char *method,
                GVariant *parameters,
                gboolean urgent,
                BleBluezReplyFunc func)
{
  const BleBluezController *adapter =
    ble_bluez_tree_find_adapter (scan->parts->tree, scan->adapter);
  const BleBluezRequest request = { .path = adapter != NULL ? adapter->path : "/",
                                    .interface = ble_bluez_adapter1,
                                    .method = method,
                                    .parameters = parameters,
                                    .timeout_ms = BLE_BLUEZ_QUICK_MS,
                                    .urgent = urgent };
  GCancellable *cancellable =
    scan->task != NULL && !urgent ? g_task_get_cancellable (scan->task) : NULL;

  ble_bluez_calls_send (scan->parts->calls, &request, cancellable, func, scan);
}

static void
end_start (Scan *scan, const GError *error)
{
  GTask *task = g_steal_pointer (&scan->task);
  const BleBluezController *adapter =
    ble_bluez_tree_find_adapter (scan->parts->tree, scan->adapter);

  scan->state = error == NULL && scan->wanted ? SCAN_ON : SCAN_OFF;
  if (error == NULL)
    {
      scan->downs = adapter != NULL ? adapter->downs : 0;
      scan->retry_ms = 0;
    }
  else if (task != NULL)
    scan->wanted = FALSE; /* whoever asked is told, and asks again */

  if (task == NULL)
    return;
  if (error == NULL)
    ble_bluez_task_succeed (task);
  else
    ble_bluez_task_fail (task, error);
}

static void schedule_retry (Scan *scan);
static void begin_start (Scan *scan);

/* ---- the kernel is busy still ---- */

static gboolean
on_busy_retry (gpointer user_data)
{
  Scan *scan = user_data;

  drop_retry (scan);
  begin_start (scan);
  return G_SOURCE_REMOVE;
}

static void
try_again_soon (Scan *scan)
{
  scan->busy_tries++;
  scan->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_callback (scan->retry, on_busy_retry, scan, NULL);
  g_source_attach (scan->retry, scan->context);
}

/* A start that waits for its next try has no call that would bring the answer. */
static void
abandon_start (Scan *scan)
{
  g_autoptr (GError) error =
    g_error_new (BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED, "cancelled");

  if (scan->state != SCAN_STARTING || scan->retry == NULL)
    return;
  drop_retry (scan);
  end_start (scan, error);
}

/* ---- starting ---- */

static void
on_left_over_stopped (GVariant *reply,
                      GUnixFDList *descriptors,
                      const GError *error,
                      gpointer user_data)
{
  Scan *scan = user_data;

  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED))
    end_start (scan, error);
  else
    begin_start (scan);
}

static void
on_started (GVariant *reply,
            GUnixFDList *descriptors,
            const GError *error,
            gpointer user_data)
{
  Scan *scan = user_data;
  gboolean for_somebody = scan->task != NULL;

  /* Somebody changed his mind: take it back, whether or not bluetoothd had begun. */
  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_CANCELLED) ||
      (error == NULL && !scan->wanted))
    send_scan_call (scan, "StopDiscovery", NULL, TRUE, NULL);

  /* "in-progress" also means: a scan of ours runs that we do not know of. */
  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY) && !scan->cleared)
    {
      scan->cleared = TRUE;
      send_scan_call (scan, "StopDiscovery", NULL, FALSE, on_left_over_stopped);
      return;
    }
  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_BUSY) && scan->wanted &&
      scan->busy_tries < BUSY_TRIES_MAX)
    {
      try_again_soon (scan);
      return;
    }
  end_start (scan, error);
  if (error != NULL && !for_somebody)
    schedule_retry (scan);
}

static void
on_filter_set (GVariant *reply,
               GUnixFDList *descriptors,
               const GError *error,
               gpointer user_data)
{
  Scan *scan = user_data;

  if (error != NULL)
    on_started (NULL, NULL, error, scan);
  else
    send_scan_call (scan, "StartDiscovery", NULL, FALSE, on_started);
}

static void
begin_start (Scan *scan)
{
  GVariantBuilder filter;

  g_variant_builder_init (&filter, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&filter, "{sv}", "Transport", g_variant_new_string ("le"));
  g_variant_builder_add (&filter, "{sv}", "DuplicateData", g_variant_new_boolean (TRUE));
  scan->state = SCAN_STARTING;
  send_scan_call (scan, "SetDiscoveryFilter", g_variant_new ("(a{sv})", &filter), FALSE,
                  on_filter_set);
}

/* Begins again, if that is wanted and can be done now. */
static void
restore (Scan *scan)
{
  const BleBluezController *adapter =
    ble_bluez_tree_find_adapter (scan->parts->tree, scan->adapter);
  gboolean up = scan->parts->owner != NULL && adapter != NULL && adapter->shown.powered;

  if (scan->state == SCAN_ON && (!up || scan->downs != adapter->downs))
    scan->state = SCAN_OFF; /* bluetoothd has ended it */
  if (!scan->wanted || !up || scan->state != SCAN_OFF || scan->retry != NULL)
    return;
  scan->cleared = FALSE;
  scan->busy_tries = 0;
  begin_start (scan);
}

static gboolean
on_retry (gpointer user_data)
{
  Scan *scan = user_data;

  drop_retry (scan);
  restore (scan);
  return G_SOURCE_REMOVE;
}

static void
schedule_retry (Scan *scan)
{
  if (!scan->wanted || scan->retry != NULL)
    return;
  scan->retry_ms =
    scan->retry_ms == 0 ? RETRY_MS : MIN (scan->retry_ms * 2, (guint) RETRY_MAX_MS);
  scan->retry = g_timeout_source_new (scan->retry_ms);
  g_source_set_callback (scan->retry, on_retry, scan, NULL);
  g_source_attach (scan->retry, scan->context);
}

static void
on_stopped (GVariant *reply,
            GUnixFDList *descriptors,
            const GError *error,
            gpointer user_data)
{
  Scan *scan = user_data;
  GTask *task = g_steal_pointer (&scan->task);

  /* Whatever it said: no adapter, no discovery, no bluetoothd are all "off". */
  scan->state = SCAN_OFF;
  if (task == NULL)
    return;
  if (g_error_matches (error, BLE_RADIO_ERROR, BLE_RADIO_ERROR_TIMED_OUT))
    ble_bluez_task_fail (task, error);
  else
    ble_bluez_task_succeed (task);
}

static Scan *
find_scan (BleBluezScans *scans, BleAdapterId adapter)
{
  Scan *scan;

  for (guint i = 0; i < scans->all->len; i++)
    if (((Scan *) scans->all->pdata[i])->adapter == adapter)
      return scans->all->pdata[i];
  scan = g_new0 (Scan, 1);
  scan->parts = scans->parts;
  scan->context = scans->context;
  scan->adapter = adapter;
  g_ptr_array_add (scans->all, scan);
  return scan;
}

static void
set_on (BleBluezScans *scans, BleAdapterId id, GTask *task)
{
  const BleBluezController *adapter =
    ble_bluez_tree_find_adapter (scans->parts->tree, id);
  Scan *scan;

  if (scans->parts->owner == NULL || scans->leaving)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_DAEMON, "no-daemon");
      return;
    }
  if (adapter == NULL)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_NO_ADAPTER, "no-adapter");
      return;
    }
  if (!adapter->shown.powered)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_ADAPTER_OFF, "not-ready");
      return;
    }

  scan = find_scan (scans, id);
  if (scan->state == SCAN_ON)
    {
      ble_bluez_task_succeed (task);
      return;
    }
  if (scan->task != NULL || scan->state == SCAN_STOPPING)
    {
      ble_bluez_task_refuse (task, BLE_RADIO_ERROR_BUSY, "in-progress");
      return;
    }
  scan->wanted = TRUE;
  scan->task = task;
  if (scan->state == SCAN_STARTING)
    return; /* it is being restored: the same reply will do */
  drop_retry (scan);
  scan->cleared = FALSE;
  scan->busy_tries = 0;
  begin_start (scan);
}

static void
set_off (Scan *scan, GTask *task)
{
  scan->wanted = FALSE;
  abandon_start (scan);
  drop_retry (scan);
  if (scan->state == SCAN_ON)
    {
      scan->state = SCAN_STOPPING;
      scan->task = task;
      send_scan_call (scan, "StopDiscovery", NULL, TRUE, on_stopped);
    }
  else
    ble_bluez_task_succeed (
      task); /* a start under way is taken back when it is answered */
}

void
ble_bluez_scans_set (BleBluezScans *scans, BleAdapterId adapter, gboolean on, GTask *task)
{
  if (on)
    set_on (scans, adapter, task);
  else
    set_off (find_scan (scans, adapter), task);
}

void
ble_bluez_scans_check (BleBluezScans *scans)
{
  for (guint i = 0; !scans->leaving && i < scans->all->len; i++)
    restore (scans->all->pdata[i]);
}

guint
ble_bluez_scans_leave (BleBluezScans *scans, BleBluezReplyFunc func, gpointer user_data)
{
  guint n = 0;

  scans->leaving = TRUE;
  for (guint i = 0; i < scans->all->len; i++)
    {
      Scan *scan = scans->all->pdata[i];
      const BleBluezController *adapter =
        ble_bluez_tree_find_adapter (scan->parts->tree, scan->adapter);
      BleBluezRequest request = { .interface = ble_bluez_adapter1,
                                  .method = "StopDiscovery",
                                  .timeout_ms = BLE_BLUEZ_QUICK_MS,
                                  .urgent = TRUE };

      scan->wanted = FALSE;
      abandon_start (scan);
      drop_retry (scan);
      if (adapter == NULL || scan->state == SCAN_OFF)
        continue;
      request.path = adapter->path;
      ble_bluez_calls_send (scan->parts->calls, &request, NULL, func, user_data);
      n++;
    }
  return n;
}
