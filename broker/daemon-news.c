/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens, and which rooms hear of it. */

#include "broker/daemon-private.h"
#include "broker/permissions-broad.h"
#include "dbus/names.h"

/* ---- news of the radio ---- */

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
  broker_daemon_own_name (daemon);
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

void
broker_daemon_take_connected (const BleAddress *address,
                              BleDeviceId device,
                              gboolean connected,
                              gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  broker_links_take_connected (daemon->links, address, device, connected);
  broker_accessories_take_connected (daemon->accessories, address, connected);
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
on_granted (const BrokerGrant *grant, gboolean paired, gpointer user_data)
{
  BrokerDaemon *daemon = user_data;

  emit_accessory (daemon, grant->app, BLEPICK_EVENT_ACCESSORY_ADDED, grant->id, NULL,
                  NULL);
  /* The link of the pairing is nobody's yet. */
  if (paired)
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

void
broker_daemon_take_policies (PermsManagedSet *set, gpointer user_data)
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

void
broker_daemon_follow (BrokerDaemon *daemon)
{
  broker_permissions_set_observer (daemon->permissions, on_granted, on_revoked, daemon);
  broker_permissions_set_changed (daemon->permissions, on_rows_changed, daemon);
  broker_migrations_set_observer (daemon->migrations, on_migrated, daemon);
  broker_asks_set_observer (daemon->asks, on_extended, daemon);
  ble_radio_set_listener (daemon->radio, &radio_listener, daemon);
}
