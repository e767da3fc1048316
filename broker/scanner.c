/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/scanner.h"

#include <string.h>

#include "broker/authority.h"
#include "broker/export.h"
#include "broker/failure.h"
#include "broker/found.h"
#include "broker/permissions-broad.h"
#include "broker/random.h"
#include "broker/scan-right.h"
#include "broker/scan.h"
#include "dbus/errors.h"
#include "dbus/interfaces.h"
#include "dbus/names.h"

#define FILTERS_MAX    16
#define CANDIDATES_MAX 4096 /* of one client, at a time; what comes then is not told */

struct BrokerScanners
{
  BrokerScannersRooms rooms;
  BrokerExport *export;
  GHashTable *scanners; /* unique name → Scanner */
  GCancellable *cancellable;
};

/* One client's. */
typedef struct
{
  BrokerScanners *all;
  BrokerCaller *caller;
  GPtrArray *filters; /* of BleDescriptor */
  BleAdapterId adapter;
  gboolean running;
  gboolean tells_addresses;
  gboolean by_authority; /* of polkit alone: the app's row does not allow it */
  GHashTable *ids;       /* BleDeviceId → id */
  GHashTable *devices;   /* id, borrowed → BleDeviceId */
} Scanner;

static void
stop_scanner (Scanner *scanner)
{
  if (scanner->running)
    broker_scan_release (broker_pickers_get_scan (scanner->all->rooms.pickers),
                         scanner->adapter);
  scanner->running = FALSE;
}

static void
free_scanner (gpointer data)
{
  Scanner *scanner = data;

  stop_scanner (scanner);
  broker_caller_unref (scanner->caller);
  g_clear_pointer (&scanner->filters, g_ptr_array_unref);
  g_hash_table_unref (scanner->devices);
  g_hash_table_unref (scanner->ids);
  g_free (scanner);
}

static Scanner *
make_scanner (BrokerScanners *self, BrokerCaller *caller)
{
  Scanner *scanner = g_new0 (Scanner, 1);

  scanner->all = self;
  scanner->caller = broker_caller_ref (caller);
  scanner->ids = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  scanner->devices = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (self->scanners, g_strdup (caller->unique_name), scanner);
  return scanner;
}

/* ---- Found ---- */

static gboolean
fits (const Scanner *scanner, const BleAdvert *advert)
{
  return advert->adapter == scanner->adapter &&
         broker_found_fits (advert, scanner->filters);
}

/* NULL: there are too many. */
static const char *
name_candidate (Scanner *scanner, BleDeviceId device)
{
  char *id = g_hash_table_lookup (scanner->ids, GUINT_TO_POINTER (device));

  if (id != NULL || g_hash_table_size (scanner->ids) >= CANDIDATES_MAX)
    return id;
  id = broker_random_word ();
  g_hash_table_insert (scanner->ids, GUINT_TO_POINTER (device), id);
  g_hash_table_insert (scanner->devices, id, GUINT_TO_POINTER (device));
  return id;
}

static void
tell_found (Scanner *scanner, const BleAdvert *advert)
{
  const BrokerScannersRooms *rooms = &scanner->all->rooms;
  const char *id = name_candidate (scanner, advert->device);
  gboolean yours;
  GVariantDict dict;

  if (id == NULL)
    return;
  yours = broker_permissions_find_address (rooms->permissions, scanner->caller,
                                           &advert->address) != NULL;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "id", "s", id);
  g_variant_dict_insert (&dict, "yours", "b", yours);
  broker_found_describe (&dict, advert);
  if (scanner->tells_addresses)
    {
      char address[BLE_ADDRESS_TEXT_SIZE];

      ble_address_format (&advert->address, address);
      g_variant_dict_insert (&dict, "address", "s", address);
    }
  broker_export_emit (rooms->connection, scanner->caller->unique_name,
                      BLEPICK_BROKER_PATH, BLEPICK_SCANNER_INTERFACE, "Found",
                      g_variant_new ("(@a{sv})", g_variant_dict_end (&dict)));
}

/* NULL with the reason when it may not. */
static gboolean
may_scan (const Scanner *scanner, GError **error)
{
  return broker_scan_right_check (scanner->all->rooms.permissions, scanner->caller,
                                  scanner->by_authority, error);
}

void
broker_scanners_take_adverts (BrokerScanners *self,
                              const BleAdvert *const *updates,
                              guint n_updates)
{
  GHashTableIter iter;
  gpointer scanner;

  g_hash_table_iter_init (&iter, self->scanners);
  while (g_hash_table_iter_next (&iter, NULL, &scanner))
    for (guint i = 0; ((Scanner *) scanner)->running && i < n_updates; i++)
      {
        const BleAdvert *advert =
          ble_radio_lookup_device (self->rooms.radio, updates[i]->device);

        if (advert != NULL && fits (scanner, advert) && may_scan (scanner, NULL))
          tell_found (scanner, advert);
      }
}

void
broker_scanners_take_gone (BrokerScanners *self, BleDeviceId device)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->scanners);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Scanner *scanner = value;
      const char *id = g_hash_table_lookup (scanner->ids, GUINT_TO_POINTER (device));

      if (id == NULL)
        continue;
      g_hash_table_remove (scanner->devices, id);
      g_hash_table_remove (scanner->ids, GUINT_TO_POINTER (device));
    }
}

/* ---- Start, Stop ---- */

/* The caller, if its app may use all of Bluetooth, or polkit lets it scan (@by_authority); else NULL with the reason. */
static BrokerCaller *
find_caller (BrokerScanners *self,
             GDBusMethodInvocation *invocation,
             gboolean by_authority,
             GError **error)
{
  BrokerCaller *caller =
    broker_sessions_find_caller (self->rooms.sessions,
                                 g_dbus_method_invocation_get_sender (invocation));

  if (caller == NULL)
    broker_scan_right_set_missing (error);
  else if (broker_scan_right_check (self->rooms.permissions, caller, by_authority, error))
    return caller;
  return NULL;
}

/* NULL with InvalidRequest bad-descriptor. */
static GPtrArray *
parse_filters (GVariant *filters, GError **error)
{
  g_autoptr (GPtrArray) parsed =
    g_ptr_array_new_with_free_func ((GDestroyNotify) ble_descriptor_free);
  gsize n_filters = g_variant_n_children (filters);

  for (gsize i = 0; i < n_filters && n_filters <= FILTERS_MAX; i++)
    {
      g_autoptr (GVariant) dict = g_variant_get_child_value (filters, i);
      g_autoptr (GError) fault = NULL;
      BleDescriptor *descriptor = ble_descriptor_parse (dict, &fault);

      if (descriptor == NULL)
        {
          blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor",
                             "filter %u: %s", (guint) i + 1, fault->message);
          return NULL;
        }
      g_ptr_array_add (parsed, descriptor);
    }
  if (n_filters <= FILTERS_MAX)
    return g_steal_pointer (&parsed);
  blepick_error_set (error, BLEPICK_ERROR_INVALID_REQUEST, "bad-descriptor",
                     "A scan takes at most %d filters", FILTERS_MAX);
  return NULL;
}

static void
tell_known (const BleAdvert *advert, gpointer user_data)
{
  if (fits (user_data, advert))
    tell_found (user_data, advert);
}

typedef struct
{
  BrokerScanners *scanners;
  GDBusMethodInvocation *invocation;
  char *adapter;
  gboolean tells_addresses;
  gboolean by_authority;
} Starting;

static void
free_starting (Starting *starting)
{
  g_free (starting->adapter);
  g_free (starting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Starting, free_starting)

static void
run_scanner (Starting *starting,
             BrokerCaller *caller,
             GPtrArray *filters,
             BleAdapterId adapter)
{
  BrokerScanners *self = starting->scanners;
  Scanner *scanner = g_hash_table_lookup (self->scanners, caller->unique_name);

  if (scanner == NULL)
    scanner = make_scanner (self, caller);
  stop_scanner (scanner);
  g_clear_pointer (&scanner->filters, g_ptr_array_unref);
  scanner->filters = filters;
  scanner->adapter = adapter;
  scanner->tells_addresses = starting->tells_addresses;
  scanner->by_authority =
    starting->by_authority &&
    broker_scan_right_is_open_to_authority (self->rooms.permissions, caller);
  scanner->running = TRUE;
  broker_scan_hold (broker_pickers_get_scan (self->rooms.pickers), adapter);
  g_dbus_method_invocation_return_value (starting->invocation, NULL);
  ble_radio_foreach_device (self->rooms.radio, tell_known, scanner);
}

/* Answers the invocation. */
static void
start_scanner (Starting *starting)
{
  g_autoptr (GVariant) wanted = g_variant_get_child_value (
    g_dbus_method_invocation_get_parameters (starting->invocation), 0);
  g_autoptr (GError) error = NULL;
  BrokerCaller *caller = find_caller (starting->scanners, starting->invocation,
                                      starting->by_authority, &error);
  g_autoptr (GPtrArray) filters = caller != NULL ? parse_filters (wanted, &error) : NULL;
  BleAdapterId adapter;

  if (filters != NULL &&
      broker_pickers_choose_adapter (starting->scanners->rooms.pickers, starting->adapter,
                                     &adapter, &error))
    run_scanner (starting, caller, g_steal_pointer (&filters), adapter);
  else
    broker_export_return_error (starting->invocation, error);
}

/* A plain scan that polkit does not open is refused by the app's row, which says why. */
static void
on_judged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Starting) starting = user_data;
  g_autoptr (GError) error = NULL;

  starting->by_authority = broker_authority_check_finish (result, &error);
  if (starting->by_authority || !starting->tells_addresses)
    start_scanner (starting);
  else
    broker_export_return_error (starting->invocation, error);
}

static void
handle_start (gpointer object,
              GDBusMethodInvocation *invocation,
              GVariant *parameters,
              GVariant *options)
{
  BrokerScanners *self = object;
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  const BrokerCaller *caller = broker_sessions_find_caller (self->rooms.sessions, sender);
  g_autoptr (Starting) starting = g_new0 (Starting, 1);
  g_autoptr (GError) error = NULL;
  gboolean allowed = find_caller (self, invocation, FALSE, &error) != NULL;
  const char *action = BROKER_ACTION_SCAN;

  starting->scanners = self;
  starting->invocation = invocation;
  (void) g_variant_lookup (options, "adapter", "s", &starting->adapter);
  (void) g_variant_lookup (options, "addresses", "b", &starting->tells_addresses);
  if (starting->tells_addresses)
    action = BROKER_ACTION_SHOW_ADDRESS;
  if (allowed && !starting->tells_addresses)
    start_scanner (starting);
  else if (allowed ||
           (caller != NULL &&
            broker_scan_right_is_open_to_authority (self->rooms.permissions, caller)))
    broker_authority_check_async (self->rooms.connection, invocation, action,
                                  self->cancellable, on_judged,
                                  g_steal_pointer (&starting));
  else
    broker_export_return_error (invocation, error);
}

static void
handle_stop (gpointer object,
             GDBusMethodInvocation *invocation,
             GVariant *parameters,
             GVariant *options)
{
  BrokerScanners *self = object;
  Scanner *scanner =
    g_hash_table_lookup (self->scanners,
                         g_dbus_method_invocation_get_sender (invocation));

  if (scanner != NULL)
    stop_scanner (scanner);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* ---- Open ---- */

static void
handle_open (gpointer object,
             GDBusMethodInvocation *invocation,
             GVariant *parameters,
             GVariant *options)
{
  BrokerScanners *self = object;
  g_autoptr (GError) error = NULL;
  BrokerCaller *caller = find_caller (self, invocation, FALSE, &error);
  const Scanner *scanner = NULL;
  const BleAdvert *advert = NULL;
  const char *candidate, *id = NULL;

  g_variant_get (parameters, "(&s@a{sv})", &candidate, NULL);
  if (caller != NULL)
    scanner = g_hash_table_lookup (self->scanners, caller->unique_name);
  if (scanner != NULL && g_hash_table_contains (scanner->devices, candidate))
    advert = ble_radio_lookup_device (
      self->rooms.radio,
      GPOINTER_TO_UINT (g_hash_table_lookup (scanner->devices, candidate)));
  if (advert != NULL)
    {
      g_autofree char *name = broker_found_dup_name (advert);

      id = broker_permissions_open (self->rooms.permissions, caller, &advert->address,
                                    name, &error);
    }
  else if (error == NULL)
    blepick_error_set (&error, BLEPICK_ERROR_INVALID_REQUEST, "no-candidate",
                       "There is no such candidate, or not any more.");
  if (id == NULL)
    {
      broker_export_return_error (invocation, error);
      return;
    }
  g_autofree char *path = g_strdup_printf ("%s/%s", BLEPICK_ACCESSORY_PATH, id);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static const BrokerOption start_options[] = {
  { "adapter", "s", NULL },
  { "addresses", "b", NULL },
  { NULL, NULL, NULL },
};

static const BrokerMethod methods[] = {
  { "Start", BROKER_CALLER_ANYBODY, handle_start, start_options },
  { "Stop", BROKER_CALLER_ANYBODY, handle_stop, NULL },
  { "Open", BROKER_CALLER_ANYBODY, handle_open, broker_no_options },
  { NULL, BROKER_CALLER_NOBODY, NULL, NULL },
};

static const BrokerInterface interface = {
  (GDBusInterfaceInfo *) &org_blepick_scanner1_interface,
  methods,
  NULL,
};

/* ---- all of them ---- */

/* Ends a scan that its client has not ended, and says why. */
static void
break_off (Scanner *scanner, const GError *reason)
{
  if (!scanner->running)
    return;
  stop_scanner (scanner);
  broker_export_emit (scanner->all->rooms.connection, scanner->caller->unique_name,
                      BLEPICK_BROKER_PATH, BLEPICK_SCANNER_INTERFACE, "Stopped",
                      g_variant_new ("(@a{sv})", broker_failure_describe (reason)));
}

void
broker_scanners_take_rows_changed (BrokerScanners *self)
{
  GHashTableIter iter;
  gpointer scanner;

  g_hash_table_iter_init (&iter, self->scanners);
  while (g_hash_table_iter_next (&iter, NULL, &scanner))
    {
      g_autoptr (GError) reason = NULL;

      if (may_scan (scanner, &reason))
        continue;
      break_off (scanner, reason);
      g_hash_table_iter_remove (&iter);
    }
}

void
broker_scanners_take_adapters_changed (BrokerScanners *self)
{
  GHashTableIter iter;
  gpointer scanner;

  g_hash_table_iter_init (&iter, self->scanners);
  while (g_hash_table_iter_next (&iter, NULL, &scanner))
    {
      g_autoptr (GError) reason = NULL;

      if (!broker_pickers_check_adapter (self->rooms.pickers,
                                         ((Scanner *) scanner)->adapter, &reason))
        break_off (scanner, reason);
    }
}

void
broker_scanners_take_client_gone (BrokerScanners *self, const char *unique_name)
{
  g_hash_table_remove (self->scanners, unique_name);
}

BrokerScanners *
broker_scanners_new (const BrokerScannersRooms *rooms, GError **error)
{
  g_autoptr (BrokerScanners) self = g_new0 (BrokerScanners, 1);

  self->rooms = *rooms;
  self->scanners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_scanner);
  self->cancellable = g_cancellable_new ();
  self->export = broker_export_new_public (rooms->connection, BLEPICK_BROKER_PATH,
                                           &interface, self, error);
  return self->export != NULL ? g_steal_pointer (&self) : NULL;
}

void
broker_scanners_free (BrokerScanners *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  broker_export_free (self->export);
  g_hash_table_unref (self->scanners);
  g_free (self);
}
