/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/daemon-private.h"

#include <systemd/sd-daemon.h>

#include "ble/bluez-radio.h"
#include "broker/blocklist-file.h"
#include "broker/bus.h"
#include "broker/permissions-broad.h"
#include "broker/watchdog.h"
#include "dbus/names.h"

/* How long the name waits for the adapters, which without bluetoothd never come. */
#define READY_WAIT_MS 3000

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

void
broker_daemon_own_name (BrokerDaemon *daemon)
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
  broker_daemon_own_name (daemon);
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
  daemon->policies =
    broker_policies_new (options->policies, broker_daemon_take_policies, daemon);
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
  daemon->devices =
    broker_devices_new (daemon->radio, broker_daemon_take_connected, daemon);
  daemon->links = broker_links_new (daemon->radio, daemon->devices);

  BrokerAppsRooms for_apps = { daemon->connection,  daemon->identity,  daemon->clients,
                               daemon->permissions, daemon->manifests, daemon->radio,
                               options->helper_app, options->packages, options->snaps };
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
  broker_apps_start_background (daemon->apps,
                                broker_accessories_get_presence (daemon->accessories),
                                daemon->sessions);
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
  broker_daemon_follow (daemon);
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
  broker_apps_stop_background (daemon->apps);
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
  broker_apps_stop_background (daemon->apps);
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
