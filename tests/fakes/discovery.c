/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/discovery.h"

#include <string.h>

#define ANY G_MININT

/* All keys of a filter: doc/adapter-api.txt of BlueZ 5.66, SetDiscoveryFilter. */
static const char *const filter_keys[] = {
  "UUIDs",         "RSSI",         "Pathloss", "Transport",
  "DuplicateData", "Discoverable", "Pattern",  NULL,
};

void
fakes_scan_free (FakesScan *scan)
{
  g_free (scan->client);
  g_strfreev (scan->uuids);
  g_free (scan);
}

static FakesScan *
find_scan (const FakesAdapter *adapter, const char *client)
{
  for (guint i = 0; i < adapter->scans->len; i++)
    {
      FakesScan *scan = g_ptr_array_index (adapter->scans, i);

      if (g_str_equal (scan->client, client))
        return scan;
    }
  return NULL;
}

static FakesScan *
obtain_scan (FakesAdapter *adapter, const char *client)
{
  FakesScan *scan = find_scan (adapter, client);

  if (scan == NULL)
    {
      scan = g_new0 (FakesScan, 1);
      scan->client = g_strdup (client);
      scan->rssi_dbm = ANY;
      scan->pathloss_db = ANY;
      g_ptr_array_add (adapter->scans, scan);
    }
  return scan;
}

void
fakes_discovery_handle_start (FakesCall *call, gpointer data)
{
  FakesAdapter *adapter = data;
  FakesScan *scan;
  gboolean first = !fakes_adapter_discovering (adapter);

  if (!adapter->powered)
    {
      fakes_call_fail (call, "NotReady", "Resource Not Ready");
      return;
    }
  scan = obtain_scan (adapter, call->sender);
  if (scan->active)
    {
      fakes_call_fail (call, "InProgress", "Operation already in progress");
      return;
    }
  scan->active = TRUE;
  fakes_call_return (call, NULL);
  if (first)
    fakes_adapter_discovery_changed (adapter);
}

/* A client that has set a filter keeps it for its next discovery. */
static void
stop_scan (FakesAdapter *adapter, FakesScan *scan)
{
  gboolean was_active = scan->active;

  scan->active = FALSE;
  if (!scan->filtered)
    g_ptr_array_remove (adapter->scans, scan);
  if (was_active && !fakes_adapter_discovering (adapter))
    fakes_adapter_discovery_changed (adapter);
}

void
fakes_discovery_handle_stop (FakesCall *call, gpointer data)
{
  FakesAdapter *adapter = data;
  FakesScan *scan = find_scan (adapter, call->sender);

  if (!adapter->powered)
    {
      fakes_call_fail (call, "NotReady", "Resource Not Ready");
      return;
    }
  if (scan == NULL || !scan->active)
    {
      fakes_call_fail (call, "Failed", "No discovery started");
      return;
    }
  stop_scan (adapter, scan);
  fakes_call_return (call, NULL);
}

/* The keys that narrow nothing down here are checked for their type alone. */
static gboolean
parse_filter (FakesScan *filter, GVariant *dict)
{
  GVariantIter iter;
  const char *key;
  gint16 rssi;
  guint16 pathloss;
  const char *transport;

  g_variant_iter_init (&iter, dict);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    if (!g_strv_contains (filter_keys, key))
      return FALSE;
  if (g_variant_lookup (dict, "RSSI", "n", &rssi))
    filter->rssi_dbm = rssi;
  if (g_variant_lookup (dict, "Pathloss", "q", &pathloss))
    filter->pathloss_db = pathloss;
  if (g_variant_lookup (dict, "Transport", "&s", &transport) &&
      !g_str_equal (transport, "le") && !g_str_equal (transport, "auto") &&
      !g_str_equal (transport, "bredr"))
    return FALSE;
  g_variant_lookup (dict, "DuplicateData", "b", &filter->duplicates);
  g_variant_lookup (dict, "UUIDs", "^as", &filter->uuids);
  return filter->rssi_dbm == ANY || filter->pathloss_db == ANY;
}

/* Each known key has one type. */
static gboolean
check_filter_types (GVariant *dict)
{
  static const char *const types[] = { "as", "n", "q", "s", "b", "b", "s" };

  for (guint i = 0; filter_keys[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (dict, filter_keys[i], NULL);

      if (value != NULL && !g_variant_is_of_type (value, G_VARIANT_TYPE (types[i])))
        return FALSE;
    }
  return TRUE;
}

void
fakes_discovery_handle_set_filter (FakesCall *call, gpointer data)
{
  FakesAdapter *adapter = data;
  g_autoptr (GVariant) dict = g_variant_get_child_value (call->args, 0);
  FakesScan parsed = { .rssi_dbm = ANY, .pathloss_db = ANY };
  FakesScan *scan;

  if (!adapter->powered)
    {
      fakes_call_fail (call, "NotReady", "Resource Not Ready");
      return;
    }
  if (!check_filter_types (dict) || !parse_filter (&parsed, dict))
    {
      g_strfreev (parsed.uuids);
      fakes_call_fail (call, "InvalidArguments", "Invalid arguments in method call");
      return;
    }

  scan = obtain_scan (adapter, call->sender);
  g_strfreev (scan->uuids);
  scan->filtered = g_variant_n_children (dict) > 0;
  scan->uuids = parsed.uuids;
  scan->rssi_dbm = parsed.rssi_dbm;
  scan->pathloss_db = parsed.pathloss_db;
  scan->duplicates = parsed.duplicates;
  if (!scan->filtered && !scan->active)
    g_ptr_array_remove (adapter->scans, scan);
  fakes_call_return (call, NULL);
}

void
fakes_discovery_handle_get_filters (FakesCall *call, gpointer data)
{
  fakes_call_return (call, g_variant_new ("(^as)", filter_keys));
}

void
fakes_discovery_client_gone (FakesAdapter *adapter, const char *client)
{
  FakesScan *scan = find_scan (adapter, client);

  if (scan == NULL)
    return;
  scan->filtered = FALSE;
  stop_scan (adapter, scan);
}

guint
fakes_discovery_count (const FakesAdapter *adapter)
{
  guint count = 0;

  for (guint i = 0; i < adapter->scans->len; i++)
    {
      const FakesScan *scan = g_ptr_array_index (adapter->scans, i);

      count += scan->active ? 1 : 0;
    }
  return count;
}

static gboolean
scan_matches (const FakesScan *scan, const char *service_uuid, gint rssi_dbm)
{
  if (!scan->active)
    return FALSE;
  if (!scan->filtered)
    return TRUE;
  if (scan->uuids != NULL && scan->uuids[0] != NULL &&
      !g_strv_contains ((const char *const *) scan->uuids, service_uuid))
    return FALSE;
  /* No accessory here tells its transmit power, so a path loss is never known; as
   * in BlueZ, that does not match. */
  if (scan->pathloss_db != ANY)
    return FALSE;
  return scan->rssi_dbm == ANY || rssi_dbm >= scan->rssi_dbm;
}

gboolean
fakes_discovery_matches (const FakesAdapter *adapter,
                         const char *service_uuid,
                         gint rssi_dbm)
{
  for (guint i = 0; i < adapter->scans->len; i++)
    if (scan_matches (g_ptr_array_index (adapter->scans, i), service_uuid, rssi_dbm))
      return TRUE;
  return FALSE;
}

gboolean
fakes_discovery_filtered (const FakesAdapter *adapter)
{
  for (guint i = 0; i < adapter->scans->len; i++)
    {
      const FakesScan *scan = g_ptr_array_index (adapter->scans, i);

      if (scan->active && scan->filtered)
        return TRUE;
    }
  return FALSE;
}

gboolean
fakes_discovery_duplicates (const FakesAdapter *adapter)
{
  for (guint i = 0; i < adapter->scans->len; i++)
    {
      const FakesScan *scan = g_ptr_array_index (adapter->scans, i);

      if (scan->active && scan->duplicates)
        return TRUE;
    }
  return FALSE;
}
