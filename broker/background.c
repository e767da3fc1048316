/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/background.h"

#include <string.h>

#include "broker/permissions-apps.h"

/* Changes come in crowds. */
#define LOOK_AFTER_MS 200

struct BrokerBackground
{
  BrokerBackgroundRooms rooms;
  GHashTable *watched; /* set of BleAddress: whom we look for */
  GHashTable *running; /* set of apps */
  GHashTable *stopped; /* app → gint64: when it was seen to run last */
  GCancellable *cancellable;
  guint look_source;
};

static GHashTable *
make_addresses (void)
{
  return g_hash_table_new_full ((GHashFunc) ble_address_hash,
                                (GEqualFunc) ble_address_equal, g_free, NULL);
}

/* ---- which apps ---- */

typedef void (*AppFunc) (BrokerBackground *self,
                         const BrokerCaller *app,
                         gpointer user_data);

typedef struct
{
  BrokerBackground *self;
  guint32 uid;
  AppFunc func;
  gpointer user_data;
} Walk;

static gboolean
wants_to_be_started (const BrokerBackground *self, const char *app)
{
  g_autoptr (PermsManifest) manifest = NULL;

  return broker_manifests_find (self->rooms.manifests, app, &manifest, NULL) &&
         manifest != NULL &&
         (perms_manifest_get_flags (manifest) & PERMS_MANIFEST_BACKGROUND) != 0;
}

static void
walk_app (const BrokerAppRow *row, gpointer user_data)
{
  const Walk *walk = user_data;
  BrokerBackground *self = walk->self;
  BrokerCaller app = { .uid = walk->uid,
                       .app = (char *) row->app,
                       .fingerprint = (char *) row->fingerprint };
  PermsAppKey key;

  if (row->n_accessories > 0 && row->changed_to == NULL &&
      !g_hash_table_contains (self->running, row->app) &&
      perms_app_key_parse (row->app, &key, NULL) &&
      (key.kind == PERMS_APP_KIND_FLATPAK || key.kind == PERMS_APP_KIND_SCOPE) &&
      wants_to_be_started (self, row->app))
    walk->func (self, &app, walk->user_data);
}

static void
walk_user (guint32 uid, gpointer user_data)
{
  Walk *walk = user_data;

  walk->uid = uid;
  if (broker_user_helpers_is_complete (walk->self->rooms.helpers, uid))
    broker_permissions_foreach_app (walk->self->rooms.permissions, uid, walk_app, walk);
}

/* Those that do not run and could be started. */
static void
foreach_app (BrokerBackground *self, AppFunc func, gpointer user_data)
{
  Walk walk = { self, 0, func, user_data };

  broker_permissions_foreach_user (self->rooms.permissions, walk_user, &walk);
}

/* ---- whom to look for ---- */

static void
note_running (BrokerCaller *caller, gpointer user_data)
{
  (void) g_hash_table_add (user_data, g_strdup (caller->app));
}

static void
update_running (BrokerBackground *self)
{
  GHashTable *running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer app, when_us;

  broker_sessions_foreach_caller (self->rooms.sessions, note_running, running);
  g_hash_table_iter_init (&iter, self->stopped);
  while (g_hash_table_iter_next (&iter, NULL, &when_us))
    if (now_us - *(gint64 *) when_us > BROKER_PRESENCE_LOST_US)
      g_hash_table_iter_remove (&iter);
  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, &app, NULL))
    if (!g_hash_table_contains (running, app))
      g_hash_table_replace (self->stopped, g_strdup (app),
                            g_memdup2 (&now_us, sizeof now_us));
  g_hash_table_unref (self->running);
  self->running = running;
}

static void
note_address (const BrokerGrant *grant, gpointer user_data)
{
  (void) g_hash_table_add (user_data, g_memdup2 (&grant->address, sizeof grant->address));
}

static void
note_addresses (BrokerBackground *self, const BrokerCaller *app, gpointer user_data)
{
  broker_permissions_foreach (self->rooms.permissions, app, note_address, user_data);
}

static gboolean
on_look (gpointer user_data)
{
  BrokerBackground *self = user_data;
  GHashTable *wanted = make_addresses ();
  GHashTableIter iter;
  gpointer address;

  self->look_source = 0;
  update_running (self);
  foreach_app (self, note_addresses, wanted);
  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    if (!g_hash_table_contains (self->watched, address))
      broker_presence_watch (self->rooms.presence, address);
  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    if (!g_hash_table_contains (wanted, address))
      broker_presence_unwatch (self->rooms.presence, address);
  g_hash_table_unref (self->watched);
  self->watched = wanted;
  return G_SOURCE_REMOVE;
}

void
broker_background_take_changed (BrokerBackground *self)
{
  if (self->look_source == 0)
    self->look_source = g_timeout_add (LOOK_AFTER_MS, on_look, self);
}

/* An app may come and go before we look. */
static void
on_sessions_changed (gpointer user_data)
{
  update_running (user_data);
  broker_background_take_changed (user_data);
}

static void
on_user_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BrokerBackground *self = user_data;

  if (!g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    broker_background_take_changed (self);
}

void
broker_background_take_helper (BrokerBackground *self, guint32 uid)
{
  broker_permissions_load_user_async (self->rooms.permissions, uid, self->cancellable,
                                      on_user_loaded, self);
}

/* ---- one appears ---- */

/* What an app leaves behind is no news for it: it comes back when its accessory does. */
static void
start_app (BrokerBackground *self, const BrokerCaller *app, gpointer user_data)
{
  PermsAppKey key;

  if (!g_hash_table_contains (self->stopped, app->app) &&
      broker_permissions_find_address (self->rooms.permissions, app, user_data) != NULL &&
      perms_app_key_parse (app->app, &key, NULL))
    (void) broker_user_helpers_start (self->rooms.helpers, app->uid, key.id);
}

static void
on_presence (const BleAddress *address,
             gboolean is_there,
             gint16 rssi,
             gpointer user_data)
{
  BrokerBackground *self = user_data;

  if (!is_there || !g_hash_table_contains (self->watched, address))
    return;
  update_running (self);
  foreach_app (self, start_app, (gpointer) address);
}

/* ---- the whole ---- */

BrokerBackground *
broker_background_new (const BrokerBackgroundRooms *rooms)
{
  BrokerBackground *self = g_new0 (BrokerBackground, 1);

  self->rooms = *rooms;
  self->watched = make_addresses ();
  self->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->stopped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->cancellable = g_cancellable_new ();
  broker_presence_add_listener (rooms->presence, on_presence, self);
  broker_sessions_set_listener (rooms->sessions, on_sessions_changed, self);
  return self;
}

/* The presence and the sessions go next, and call nobody any more. */
void
broker_background_free (BrokerBackground *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  broker_sessions_set_listener (self->rooms.sessions, NULL, NULL);
  broker_presence_remove_listener (self->rooms.presence, self);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_hash_table_unref (self->watched);
  g_hash_table_unref (self->running);
  g_hash_table_unref (self->stopped);
  g_free (self);
}
