/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/daemon.h"

#include <systemd/sd-daemon.h>

#include "ble/bluez-radio.h"
#include "broker/accessories.h"
#include "broker/apps.h"
#include "broker/asks.h"
#include "broker/blocklist-file.h"
#include "broker/broker-object.h"
#include "broker/bus.h"
#include "broker/clients.h"
#include "broker/devices.h"
#include "broker/identity.h"
#include "broker/keyboards.h"
#include "broker/links.h"
#include "broker/migrations.h"
#include "broker/permissions-broad.h"
#include "broker/pickers.h"
#include "broker/policies.h"
#include "broker/presenters.h"
#include "broker/scanner.h"
#include "broker/sessions.h"
#include "broker/sleep.h"
#include "broker/watchdog.h"
#include "dbus/names.h"

/* How long the name waits for the adapters, which without bluetoothd never come. */
#define READY_WAIT_MS 3000

struct BrokerDaemon
{
  BrokerDaemonFunc finished;
  gpointer user_data;
  GDBusConnection *connection;
  BleRadio *radio;
  BrokerClients *clients;
  BrokerIdentity *identity;
  BrokerPermissions *permissions;
  BrokerManifests *manifests;
  BrokerPolicies *policies;
  BrokerApps *apps;
  BrokerDevices *devices;
  BrokerLinks *links;
  BrokerPresenters *presenters;
  BrokerMigrations *migrations;
  BrokerKeyboards *keyboards;
  BrokerPickers *pickers;
  BrokerAsks *asks;
  BrokerSessions *sessions;
  BrokerScanners *scanners;
  BrokerAccessories *accessories;
  BrokerObject *object;
  BrokerSleep *sleep;
  guint ready_source;
  guint watchdog_source;
  guint name;
  gboolean leaving;
};

/* ---- news of the radio ---- */

static void own_name (BrokerDaemon *daemon);

static void
on_adapters_changed (gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_permissions_take_power (daemon->permissions, ble_radio_is_on (daemon->radio));
  broker_sessions_check_centrals (daemon->sessions);
  broker_pickers_take_adapters_changed (daemon->pickers);
  broker_scanners_take_adapters_changed (daemon->scanners);
  broker_accessories_take_adapters_changed (daemon->accessories);
  broker_object_take_adapters_changed (daemon->object);
  own_name (daemon);
}

static void
on_adverts (const BleAdvert *const *updates, guint n_updates, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_devices_take_adverts (daemon->devices, updates, n_updates);
  broker_pickers_take_adverts (daemon->pickers, updates, n_updates);
  broker_keyboards_take_adverts (daemon->keyboards, updates, n_updates);
  broker_scanners_take_adverts (daemon->scanners, updates, n_updates);
  broker_accessories_take_adverts (daemon->accessories, updates, n_updates);
  broker_object_take_adverts (daemon->object);
}

static void
on_device_gone (BleDeviceId device, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_devices_take_gone (daemon->devices, device);
  broker_accessories_take_gone (daemon->accessories, device);
  broker_pickers_take_device_gone (daemon->pickers, device);
  broker_scanners_take_gone (daemon->scanners, device);
}

static void
on_pairing_refused (BleDeviceId device, gpointer user_data)
{
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE",
                    "A pairing that nobody here started was refused");
}

static const BleRadioListener radio_listener = { on_adapters_changed, on_adverts,
                                                 on_device_gone, on_pairing_refused };

static void
on_connected (const BleAddress *address,
              BleDeviceId device,
              gboolean connected,
              gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_links_take_connected (daemon->links, address, device, connected);
  broker_accessories_take_connected (daemon->accessories, address, connected);
  if (connected)
    broker_apps_take_connected (daemon->apps, address, daemon->sessions);
}

/* ---- news of the permissions ---- */

/* Emits an event about an accessory; @key with a floating @value goes along, where there is one. */
static void
emit_accessory (BrokerDaemon *daemon,
                const char *app,
                BlepickEvent event,
                const char *id,
                const char *key,
                GVariant *value)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "accessory", "s", id);
  if (key != NULL)
    g_variant_dict_insert_value (&details, key, value);
  broker_sessions_emit_app (daemon->sessions, app, event, g_variant_dict_end (&details));
}

static void
on_granted (const BrokerGrant *grant, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  emit_accessory (daemon, grant->app, BLEPICK_EVENT_ACCESSORY_ADDED, grant->id, NULL,
                  NULL);
  /* The link of the pairing is nobody's yet. */
  if (grant->bonded_by_us)
    broker_links_adopt (daemon->links, &grant->address);
}

static void
on_revoked (const BrokerGrant *grant, const char *cause, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_accessories_take_revoked (daemon->accessories, grant);
  emit_accessory (daemon, grant->app, BLEPICK_EVENT_ACCESSORY_REMOVED, grant->id, "cause",
                  g_variant_new_string (cause));
}

static void
on_rows_changed (gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_permissions_close_opened (daemon->permissions, NULL, "user");
  broker_accessories_take_rows_changed (daemon->accessories);
  broker_pickers_take_rows_changed (daemon->pickers);
  broker_asks_take_rows_changed (daemon->asks);
  broker_sessions_take_rows_changed (daemon->sessions);
  broker_object_update (daemon->object);
  broker_scanners_take_rows_changed (daemon->scanners);
  broker_apps_take_rows_changed (daemon->apps, FALSE);
}

static void
on_policies_changed (PermsManagedSet *set, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_permissions_take_managed (daemon->permissions, set);
  if (daemon->accessories == NULL)
    return;
  on_rows_changed (daemon);
  broker_apps_take_rows_changed (daemon->apps, TRUE);
}

static void
on_migrated (const BrokerCaller *caller, guint count, GVariant *ids, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_sessions_emit_app (
    daemon->sessions, caller->app, BLEPICK_EVENT_MIGRATION_COMPLETE,
    g_variant_new_parsed ("{'count': <%u>, 'accessories': <%@as>}", count, ids));
}

static void
on_extended (const BrokerCaller *caller, const char *accessory_id, gpointer user_data)
{
  static const char *const keys[] = { "services", NULL };

  emit_accessory (user_data, caller->app, BLEPICK_EVENT_ACCESSORY_CHANGED, accessory_id,
                  "keys", g_variant_new_strv (keys, -1));
}

/* ---- news of clients ---- */

static void
on_client_vanished (const char *unique_name, gpointer user_data)
{
  broker_sessions_take_vanished (((BrokerDaemon *) user_data)->sessions, unique_name);
}

static void
on_client_empty (const char *unique_name, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_permissions_close_opened (daemon->permissions, unique_name, "app");
  /* NULL while the rooms are being built or torn down. */
  if (daemon->accessories != NULL)
    {
      broker_accessories_take_client_gone (daemon->accessories, unique_name);
      broker_scanners_take_client_gone (daemon->scanners, unique_name);
    }
}

/* ---- the name ---- */

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  sd_notify (0, "READY=1");
  broker_permissions_verify (daemon->permissions);
  broker_object_measure (daemon->object);
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;
  g_autoptr (GError) error = NULL;

  if (daemon->leaving)
    return;
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus is gone");
  else
    error =
      g_error_new (G_IO_ERROR, G_IO_ERROR_EXISTS,
                   "%s is owned by another program, or not to be owned by this user",
                   name);
  daemon->finished (error, daemon->user_data);
}

static void
own_name (BrokerDaemon *daemon)
{
  g_clear_handle_id (&daemon->ready_source, g_source_remove);
  if (daemon->name == 0)
    daemon->name =
      g_bus_own_name_on_connection (daemon->connection, BLEPICK_BUS_NAME,
                                    G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_name_acquired,
                                    on_name_lost, daemon, NULL);
}

static gboolean
on_waited_for_adapters (gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  daemon->ready_source = 0;
  own_name (daemon);
  return G_SOURCE_REMOVE;
}

/* ---- building ---- */

/* The rooms that no client sees. */
static gboolean
build_inside (BrokerDaemon *daemon, const BrokerDaemonOptions *options, GError **error)
{
  daemon->permissions =
    broker_permissions_new (options->state_directory,
                            broker_blocklist_load (options->blocklist), error);
  if (daemon->permissions == NULL)
    return FALSE;
  daemon->manifests = broker_manifests_new (&options->places);
  daemon->policies = broker_policies_new (options->policies, on_policies_changed, daemon);
  daemon->connection = broker_bus_connect (options->bus_address, error);
  if (daemon->connection == NULL)
    return FALSE;
  daemon->radio = ble_bluez_radio_new (options->bus_address,
                                       options->default_agent ? BLE_BLUEZ_DEFAULT_AGENT
                                                              : BLE_BLUEZ_PLAIN,
                                       error);
  if (daemon->radio == NULL)
    return FALSE;
  daemon->clients = broker_clients_new (daemon->connection);
  daemon->identity =
    broker_identity_new (daemon->connection, daemon->clients, options->identity_socket);
  daemon->devices = broker_devices_new (daemon->radio, on_connected, daemon);
  daemon->links = broker_links_new (daemon->radio, daemon->devices);

  BrokerAppsRooms for_apps = { daemon->connection,  daemon->identity,  daemon->clients,
                               daemon->permissions, daemon->manifests, daemon->radio,
                               options->helper_app, options->packages };
  daemon->apps = broker_apps_new (&for_apps, error);
  return daemon->apps != NULL;
}

/* The rooms that clients see. */
static gboolean
build_outside (BrokerDaemon *daemon, const BrokerDaemonOptions *options, GError **error)
{
  daemon->presenters =
    broker_presenters_new (daemon->connection, daemon->identity, daemon->clients, error);
  if (daemon->presenters == NULL)
    return FALSE;
  daemon->migrations = broker_migrations_new (daemon->radio, daemon->permissions);
  daemon->keyboards = broker_keyboards_new (daemon->radio, daemon->permissions);

  BrokerPickersRooms for_pickers = { daemon->radio,      daemon->permissions,
                                     daemon->manifests,  daemon->presenters,
                                     daemon->migrations, daemon->keyboards };
  daemon->pickers = broker_pickers_new (&for_pickers);
  daemon->asks = broker_asks_new (daemon->permissions, daemon->manifests,
                                  daemon->presenters, daemon->migrations);

  BrokerSessionsRooms for_sessions = { daemon->connection,  daemon->radio,
                                       daemon->permissions, daemon->devices,
                                       daemon->pickers,     daemon->asks };
  daemon->sessions = broker_sessions_new (&for_sessions, on_client_empty, daemon, error);
  if (daemon->sessions == NULL)
    return FALSE;

  BrokerScannersRooms for_scanners = { daemon->connection, daemon->radio,
                                       daemon->permissions, daemon->pickers,
                                       daemon->sessions };
  daemon->scanners = broker_scanners_new (&for_scanners, error);
  if (daemon->scanners == NULL)
    return FALSE;

  BrokerAccessoryRooms for_accessories = {
    .connection = daemon->connection,
    .radio = daemon->radio,
    .permissions = daemon->permissions,
    .devices = daemon->devices,
    .links = daemon->links,
    .scan = broker_pickers_get_scan (daemon->pickers),
  };
  daemon->accessories =
    broker_accessories_new (&for_accessories, daemon->sessions, error);
  if (daemon->accessories == NULL)
    return FALSE;
  BrokerObjectRooms for_object = {
    daemon->connection, daemon->radio,    daemon->identity, daemon->permissions,
    daemon->manifests,  daemon->sessions, daemon->pickers,  options->probe_socket,
  };
  daemon->object = broker_object_new (&for_object, error);
  return daemon->object != NULL;
}

static void
on_sleep (gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_pickers_suspend (daemon->pickers);
  broker_asks_suspend (daemon->asks);
}

static void
on_bus_closed (GDBusConnection *connection,
               gboolean vanished,
               GError *reason,
               gpointer user_data)
{
  BrokerDaemon *daemon = user_data;
  g_autoptr (GError) error =
    g_error_new (G_IO_ERROR, G_IO_ERROR_CLOSED, "the bus is gone");

  daemon->finished (error, daemon->user_data);
}

BrokerDaemon *
broker_daemon_new (const BrokerDaemonOptions *options,
                   BrokerDaemonFunc finished,
                   gpointer user_data,
                   GError **error)
{
  BrokerDaemon *daemon = g_new0 (BrokerDaemon, 1);

  daemon->finished = finished;
  daemon->user_data = user_data;
  if (!build_inside (daemon, options, error) || !build_outside (daemon, options, error))
    {
      broker_daemon_free (daemon);
      return NULL;
    }
  broker_clients_add_watch (daemon->clients, on_client_vanished, daemon);
  broker_permissions_set_observer (daemon->permissions, on_granted, on_revoked, daemon);
  broker_permissions_set_changed (daemon->permissions, on_rows_changed, daemon);
  broker_migrations_set_observer (daemon->migrations, on_migrated, daemon);
  broker_asks_set_observer (daemon->asks, on_extended, daemon);
  ble_radio_set_listener (daemon->radio, &radio_listener, daemon);
  g_signal_connect (daemon->connection, "closed", G_CALLBACK (on_bus_closed), daemon);
  daemon->ready_source = g_timeout_add (READY_WAIT_MS, on_waited_for_adapters, daemon);
  daemon->watchdog_source = broker_watchdog_start ();
  daemon->sleep = broker_sleep_new (daemon->connection, on_sleep, daemon);
  return daemon;
}

/* ---- leaving ---- */

static void
on_left (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  ble_radio_leave_finish (daemon->radio, result);
  broker_permissions_flush (daemon->permissions);
  g_clear_handle_id (&daemon->name, g_bus_unown_name);
  daemon->finished (NULL, daemon->user_data);
}

void
broker_daemon_leave (BrokerDaemon *daemon)
{
  if (daemon->leaving)
    return;
  daemon->leaving = TRUE;
  sd_notify (0, "STOPPING=1");
  g_clear_handle_id (&daemon->ready_source, g_source_remove);
  broker_object_stop (daemon->object);
  broker_pickers_stop (daemon->pickers);
  broker_asks_stop (daemon->asks);
  broker_sessions_stop (daemon->sessions);
  ble_radio_leave_async (daemon->radio, on_left, daemon);
}

/* What is under way ends now: everything was cancelled. */
static void
run_to_the_end (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
broker_daemon_free (BrokerDaemon *daemon)
{
  if (daemon == NULL)
    return;
  g_clear_handle_id (&daemon->ready_source, g_source_remove);
  g_clear_handle_id (&daemon->watchdog_source, g_source_remove);
  g_clear_handle_id (&daemon->name, g_bus_unown_name);
  broker_sleep_free (daemon->sleep);
  if (daemon->connection != NULL)
    g_signal_handlers_disconnect_by_data (daemon->connection, daemon);
  if (daemon->radio != NULL)
    ble_radio_set_listener (daemon->radio, NULL, NULL);
  if (daemon->object != NULL)
    run_to_the_end ();
  broker_object_free (daemon->object);
  g_clear_pointer (&daemon->accessories, broker_accessories_free);
  broker_sessions_free (daemon->sessions);
  broker_scanners_free (daemon->scanners);
  broker_asks_free (daemon->asks);
  broker_pickers_free (daemon->pickers);
  broker_keyboards_free (daemon->keyboards);
  broker_migrations_free (daemon->migrations);
  broker_presenters_free (daemon->presenters);
  broker_apps_free (daemon->apps);
  broker_links_free (daemon->links);
  broker_devices_free (daemon->devices);
  broker_identity_free (daemon->identity);
  broker_clients_free (daemon->clients);
  ble_radio_free (daemon->radio);
  broker_policies_free (daemon->policies);
  broker_permissions_free (daemon->permissions);
  broker_manifests_free (daemon->manifests);
  if (daemon->connection != NULL)
    (void) g_dbus_connection_flush_sync (daemon->connection, NULL, NULL);
  g_clear_object (&daemon->connection);
  g_free (daemon);
}
