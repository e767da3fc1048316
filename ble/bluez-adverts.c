/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ble/bluez-adverts.h"

#include <malloc.h>
#include <string.h>

#define BUS_NAME      "org.freedesktop.DBus"
#define BUS_PATH      "/org/freedesktop/DBus"
#define BUS_INTERFACE "org.freedesktop.DBus"
#define BLUEZ_NAME    "org.bluez"

#define SYNC_MS    5000
#define OBJECTS_MS 10000

#define GIVE_BACK_MS 1000

/* One for each kind of signal that is wanted. */
static const char *const matches[] = {
  "type='signal',sender='" BUS_NAME "',path='" BUS_PATH "',interface='" BUS_INTERFACE
  "',member='NameOwnerChanged',arg0='" BLUEZ_NAME "'",
  "type='signal',sender='" BLUEZ_NAME
  "',interface='org.freedesktop.DBus.ObjectManager',path='/'",
  "type='signal',sender='" BLUEZ_NAME
  "',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'"
  ",path_namespace='/org/bluez'",
};

/* What the worker thread and the loop share. The worker writes events, the loop takes
 * them. */
typedef struct
{
  GMutex lock;
  GSource *source; /* in the loop: ready when a batch is due */
  gint64 due_us;   /* what the source is set to; -1: not */
  gint64 taken_us; /* when the loop took the last batch */
  gboolean eager;
  char *owner;            /* bluetoothd's unique name, or NULL */
  gboolean owner_told;    /* by a signal */
  guint32 objects_serial; /* of the GetManagedObjects that is under way */
  BleBluezDecoder decoder;
  GPtrArray *events;
  GHashTable *latest; /* path -> the device's event in events that may take more fields */
} Tap;

struct BleBluezAdverts
{
  GDBusConnection *connection;
  guint filter_id;
  gulong closed_id;
  Tap *tap;
  BleBluezEventsFunc func;
  gpointer user_data;
  GList *syncs; /* of Sync: replies that we wait for */
};

typedef struct
{
  BleBluezAdverts *adverts; /* NULL: freed meanwhile */
  BleBluezSyncFunc func;
  BleBluezSyncFunc failed;
  gpointer user_data;
} Sync;

static void
clear_tap (gpointer data)
{
  Tap *tap = data;

  g_source_unref (tap->source);
  g_mutex_clear (&tap->lock);
  g_free (tap->owner);
  g_ptr_array_unref (tap->events);
  g_hash_table_unref (tap->latest);
}

static void
release_tap (gpointer tap)
{
  g_atomic_rc_box_release_full (tap, clear_tap);
}

/* Has the loop take what is there: now, or with the next batch. Called with the lock
 * held. */
static void
schedule (Tap *tap, gboolean urgent)
{
  gint64 due_us =
    urgent || tap->eager ? 0 : tap->taken_us + (gint64) BLE_BLUEZ_BATCH_MS * 1000;

  if (tap->due_us >= 0 && tap->due_us <= due_us)
    return;
  tap->due_us = due_us;
  g_source_set_ready_time (tap->source, due_us);
}

static gboolean
is_urgent (const BleBluezEvent *event)
{
  if (event->advert != NULL)
    return (event->advert->fields & (BLE_ADVERT_HAS_CONNECTED | BLE_ADVERT_HAS_BONDED |
                                     BLE_ADVERT_HAS_RESOLVED)) != 0 &&
           event->kind == BLE_BLUEZ_EVENT_CHANGED;
  /* Devices that were not heard for long are removed by the thousand. */
  return event->interface != BLE_BLUEZ_DEVICE;
}

/* The loop is far behind: forget what it has not seen and begin again, as with a new
 * bluetoothd. */
static void
begin_again (Tap *tap)
{
  tap->objects_serial = 0;
  g_hash_table_remove_all (tap->latest);
  g_ptr_array_set_size (tap->events, 0);
  g_ptr_array_add (tap->events, ble_bluez_event_new (BLE_BLUEZ_EVENT_OWNER, tap->owner));
  schedule (tap, TRUE);
}

/* Takes @event. Called with the lock held. */
static void
push (BleBluezEvent *event, gpointer user_data)
{
  Tap *tap = user_data;
  gboolean urgent = is_urgent (event);

  if (event->kind == BLE_BLUEZ_EVENT_CHANGED && event->advert != NULL)
    {
      BleBluezEvent *before = g_hash_table_lookup (tap->latest, event->path);

      if (before != NULL)
        {
          ble_advert_merge (before->advert, event->advert);
          ble_bluez_event_free (event);
          schedule (tap, urgent);
          return;
        }
    }
  if (tap->events->len >= BLE_BLUEZ_EVENTS_MAX)
    {
      ble_bluez_event_free (event);
      begin_again (tap);
      return;
    }

  g_ptr_array_add (tap->events, event);
  if (event->advert != NULL)
    g_hash_table_replace (tap->latest, event->path, event);
  else if (event->kind == BLE_BLUEZ_EVENT_OWNER)
    g_hash_table_remove_all (tap->latest);
  else if (event->kind == BLE_BLUEZ_EVENT_REMOVED)
    g_hash_table_remove (tap->latest, event->path);
  schedule (tap, urgent);
}

/* Called with the lock held. */
static void
set_owner (Tap *tap, const char *owner)
{
  g_free (tap->owner);
  tap->owner = owner != NULL && owner[0] != '\0' ? g_strdup (owner) : NULL;
  tap->decoder.says_bonded = FALSE;
  tap->objects_serial = 0;
  push (ble_bluez_event_new (BLE_BLUEZ_EVENT_OWNER, tap->owner), tap);
}

static void
take_owner_signal (Tap *tap, GDBusMessage *message)
{
  GVariant *body = g_dbus_message_get_body (message);
  const char *name, *after;

  if (g_strcmp0 (g_dbus_message_get_member (message), "NameOwnerChanged") != 0 ||
      body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (body, "(&s&s&s)", &name, NULL, &after);
  if (strcmp (name, BLUEZ_NAME) != 0)
    return;
  tap->owner_told = TRUE;
  set_owner (tap, after);
}

/* In the worker thread. Signals end here; whatever else there is are replies to our
 * calls. */
static GDBusMessage *
on_message (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean incoming,
            gpointer user_data)
{
  Tap *tap = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  const char *sender = g_dbus_message_get_sender (message);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&tap->lock);

  if (!incoming)
    {
      if (type == G_DBUS_MESSAGE_TYPE_METHOD_CALL &&
          g_strcmp0 (g_dbus_message_get_member (message), "GetManagedObjects") == 0)
        tap->objects_serial = g_dbus_message_get_serial (message);
      return message;
    }
  if (type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN)
    {
      if (tap->objects_serial != 0 &&
          g_dbus_message_get_reply_serial (message) == tap->objects_serial &&
          g_strcmp0 (sender, tap->owner) == 0)
        {
          tap->objects_serial = 0;
          ble_bluez_decode_objects (&tap->decoder, g_dbus_message_get_body (message),
                                    push, tap);
        }
      return message;
    }
  if (type != G_DBUS_MESSAGE_TYPE_SIGNAL)
    return message;

  /* The bus stamps the sender: anyone may send us a signal, nobody under another's
   * name. */
  if (g_strcmp0 (sender, BUS_NAME) == 0)
    take_owner_signal (tap, message);
  else if (tap->owner != NULL && g_strcmp0 (sender, tap->owner) == 0)
    ble_bluez_decode_signal (&tap->decoder, message, push, tap);
  g_object_unref (message);
  return NULL;
}

/* In the loop: hands over what the worker has gathered. */
static void
flush (BleBluezAdverts *adverts)
{
  Tap *tap = adverts->tap;
  g_autoptr (GPtrArray) events = NULL;

  g_mutex_lock (&tap->lock);
  tap->due_us = -1;
  g_source_set_ready_time (tap->source, -1);
  if (tap->events->len > 0)
    {
      tap->taken_us = g_get_monotonic_time ();
      g_hash_table_remove_all (tap->latest);
      events = g_steal_pointer (&tap->events);
      tap->events =
        g_ptr_array_new_with_free_func ((GDestroyNotify) ble_bluez_event_free);
    }
  g_mutex_unlock (&tap->lock);

  if (events != NULL)
    adverts->func (events, adverts->user_data);
}

static gboolean
on_due (gpointer user_data)
{
  flush (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_source (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs source_funcs = { .dispatch = dispatch_source };

static Tap *
new_tap (BleBluezAdverts *adverts)
{
  Tap *tap = g_atomic_rc_box_new0 (Tap);

  g_mutex_init (&tap->lock);
  tap->due_us = -1;
  tap->events = g_ptr_array_new_with_free_func ((GDestroyNotify) ble_bluez_event_free);
  tap->latest = g_hash_table_new (g_str_hash, g_str_equal);
  tap->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (tap->source, "adverts");
  g_source_set_callback (tap->source, on_due, adverts, NULL);
  g_source_attach (tap->source, g_main_context_get_thread_default ());
  return tap;
}

static void
on_closed (GDBusConnection *connection,
           gboolean remote,
           GError *error,
           gpointer user_data)
{
  BleBluezAdverts *adverts = user_data;

  g_mutex_lock (&adverts->tap->lock);
  set_owner (adverts->tap, NULL);
  g_mutex_unlock (&adverts->tap->lock);
}

static gboolean
add_matches (GDBusConnection *connection, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      g_autoptr (GVariant) reply =
        g_dbus_connection_call_sync (connection, BUS_NAME, BUS_PATH, BUS_INTERFACE,
                                     "AddMatch", g_variant_new ("(s)", matches[i]), NULL,
                                     G_DBUS_CALL_FLAGS_NONE, SYNC_MS, NULL, error);

      if (reply == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Who is bluetoothd now, unless a signal was faster. */
static gboolean
find_owner (BleBluezAdverts *adverts, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_sync (adverts->connection, BUS_NAME, BUS_PATH, BUS_INTERFACE,
                                 "GetNameOwner", g_variant_new ("(s)", BLUEZ_NAME),
                                 G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE, SYNC_MS,
                                 NULL, &local);
  const char *owner = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &owner);
  else if (!g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_mutex_lock (&adverts->tap->lock);
  if (owner != NULL && !adverts->tap->owner_told)
    set_owner (adverts->tap, owner);
  g_mutex_unlock (&adverts->tap->lock);
  return TRUE;
}

BleBluezAdverts *
ble_bluez_adverts_new (const char *address,
                       BleBluezEventsFunc func,
                       gpointer user_data,
                       GError **error)
{
  BleBluezAdverts *adverts;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
      G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, error);

  if (connection == NULL)
    return NULL;

  adverts = g_new0 (BleBluezAdverts, 1);
  adverts->connection = g_steal_pointer (&connection);
  adverts->func = func;
  adverts->user_data = user_data;
  adverts->tap = new_tap (adverts);
  adverts->closed_id =
    g_signal_connect (adverts->connection, "closed", G_CALLBACK (on_closed), adverts);
  adverts->filter_id =
    g_dbus_connection_add_filter (adverts->connection, on_message,
                                  g_atomic_rc_box_acquire (adverts->tap), release_tap);
  if (!add_matches (adverts->connection, error) || !find_owner (adverts, error))
    {
      ble_bluez_adverts_free (adverts);
      return NULL;
    }
  return adverts;
}

/* The struct stays until GDBus has let go of it. */
static void
abandon_sync (Sync *sync)
{
  sync->adverts = NULL;
  if (sync->func != NULL)
    sync->func (sync->user_data);
}

void
ble_bluez_adverts_free (BleBluezAdverts *adverts)
{
  if (adverts == NULL)
    return;
  for (GList *link = adverts->syncs; link != NULL; link = link->next)
    abandon_sync (link->data);
  g_list_free (adverts->syncs);
  g_signal_handler_disconnect (adverts->connection, adverts->closed_id);
  g_dbus_connection_remove_filter (adverts->connection, adverts->filter_id);
  g_source_destroy (adverts->tap->source);
  release_tap (adverts->tap);
  g_dbus_connection_close (adverts->connection, NULL, NULL, NULL);
  g_object_unref (adverts->connection);
  g_free (adverts);
}

void
ble_bluez_adverts_set_eager (BleBluezAdverts *adverts, gboolean eager)
{
  Tap *tap = adverts->tap;

  g_mutex_lock (&tap->lock);
  tap->eager = eager;
  if (eager && tap->events->len > 0)
    schedule (tap, TRUE);
  g_mutex_unlock (&tap->lock);
}

/* Ten thousand devices in one message are a hundred megabytes while GDBus takes it apart, and
 * three when we have read it; the C library would keep the rest. GLib's own allocator would as
 * well: the service runs with G_SLICE=always-malloc. */
static gboolean
give_back (gpointer user_data)
{
  malloc_trim (0);
  return G_SOURCE_REMOVE;
}

static void
on_synced (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Sync *sync = user_data;
  g_autoptr (GVariant) reply =
    g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (sync->adverts == NULL)
    return;
  sync->adverts->syncs = g_list_remove (sync->adverts->syncs, sync);
  flush (sync->adverts);
  if (sync->func != NULL)
    sync->func (sync->user_data);
  else if (reply == NULL)
    sync->failed (sync->user_data);
  else
    g_timeout_add (GIVE_BACK_MS, give_back, NULL); /* when GDBus has let go of it, too */
}

static Sync *
add_sync (BleBluezAdverts *adverts,
          BleBluezSyncFunc func,
          BleBluezSyncFunc failed,
          gpointer user_data)
{
  Sync *sync = g_new0 (Sync, 1);

  sync->adverts = adverts;
  sync->func = func;
  sync->failed = failed;
  sync->user_data = user_data;
  adverts->syncs = g_list_prepend (adverts->syncs, sync);
  return sync;
}

void
ble_bluez_adverts_sync (BleBluezAdverts *adverts,
                        BleBluezSyncFunc func,
                        gpointer user_data)
{
  g_dbus_connection_call (adverts->connection, BUS_NAME, BUS_PATH, BUS_INTERFACE, "GetId",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NONE, SYNC_MS, NULL, on_synced,
                          add_sync (adverts, func, NULL, user_data));
}

void
ble_bluez_adverts_sync_device (BleBluezAdverts *adverts,
                               const char *owner,
                               const char *path,
                               BleBluezSyncFunc func,
                               gpointer user_data)
{
  g_dbus_connection_call (adverts->connection, owner, path,
                          "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", ble_bluez_device1, "ServicesResolved"),
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, SYNC_MS, NULL, on_synced,
                          add_sync (adverts, func, NULL, user_data));
}

void
ble_bluez_adverts_read_objects (BleBluezAdverts *adverts,
                                const char *owner,
                                BleBluezSyncFunc failed,
                                gpointer user_data)
{
  g_dbus_connection_call (adverts->connection, owner, "/",
                          "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, OBJECTS_MS, NULL, on_synced,
                          add_sync (adverts, NULL, failed, user_data));
}
