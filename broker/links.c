/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/links.h"

#include "broker/failure.h"
#include "dbus/errors.h"

/* How long a link stays that nobody uses: reads follow one another, and apps start anew.
 * Long enough for that, short enough for the battery of a strap. */
#define LINGER_MS 3000

struct BrokerLinks
{
  BleRadio *radio;
  BrokerDevices *devices;
  GHashTable *table; /* BleAddress → Link */
};

typedef struct
{
  BrokerLinks *links;
  BleAddress address;
  BleDeviceId device; /* 0 while there is no link */
  gboolean up;        /* the services are known */
  gboolean ours;
  GCancellable *changing; /* it is being made, or cut; NULL: neither */
  gboolean cutting;
  GPtrArray *waiting; /* GTask: until the link is up; not owned by the array */
  GPtrArray *holds;   /* BrokerHold; not owned */
  guint linger_source;
} Link;

struct BrokerHold
{
  Link *link;      /* NULL: lost */
  GPtrArray *list; /* that holds it, until it was told of its loss */
  BleDeviceId device;
  BrokerLostFunc lost;
  gpointer user_data;
};

static void
free_link (Link *link)
{
  if (link->changing != NULL)
    g_cancellable_cancel (link->changing);
  g_clear_object (&link->changing);
  g_clear_handle_id (&link->linger_source, g_source_remove);
  g_ptr_array_unref (link->waiting);
  g_ptr_array_unref (link->holds);
  g_free (link);
}

static Link *
get_link (BrokerLinks *links, const BleAddress *address)
{
  Link *link = g_hash_table_lookup (links->table, address);

  if (link != NULL)
    return link;
  link = g_new0 (Link, 1);
  link->links = links;
  link->address = *address;
  link->waiting = g_ptr_array_new ();
  link->holds = g_ptr_array_new ();
  g_hash_table_insert (links->table, &link->address, link);
  return link;
}

/* ---- the end of a link ---- */

static void start_connecting (Link *link);

/* Stands for one change of the link: it may be gone, or made anew, when the change has ended. */
static GCancellable *
begin_change (Link *link)
{
  GCancellable *change = g_cancellable_new ();

  g_object_set_data (G_OBJECT (change), "links", link->links);
  g_object_set_data_full (G_OBJECT (change), "address",
                          g_memdup2 (&link->address, sizeof link->address), g_free);
  g_set_object (&link->changing, change);
  return change;
}

/* The link whose @change this was, or NULL. */
static Link *
end_change (GCancellable *change)
{
  BrokerLinks *links = g_object_get_data (G_OBJECT (change), "links");
  const BleAddress *address = g_object_get_data (G_OBJECT (change), "address");
  Link *link = links != NULL ? g_hash_table_lookup (links->table, address) : NULL;

  if (link == NULL || link->changing != change)
    return NULL;
  g_clear_object (&link->changing);
  return link;
}

/* Where cutting fails the link stays, and is somebody else's from now on. */
static void
on_disconnected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GCancellable) change = user_data;
  Link *link = end_change (change);

  if (link == NULL)
    return;
  link->cutting = FALSE;
  link->ours = FALSE;
  link->device = 0;
  if (link->waiting->len > 0)
    start_connecting (link);
  else
    g_hash_table_remove (link->links->table, &link->address);
}

/* Whoever wants it meanwhile waits for the end of this: bluetoothd would take a Connect() for one
 * that is there already, and then cut it. */
static gboolean
on_lingered (gpointer user_data)
{
  Link *link = user_data;

  link->linger_source = 0;
  if (link->device == 0 || !link->ours)
    {
      g_hash_table_remove (link->links->table, &link->address);
      return G_SOURCE_REMOVE;
    }
  link->up = FALSE;
  link->cutting = TRUE;
  ble_radio_disconnect_async (link->links->radio, link->device, NULL, on_disconnected,
                              begin_change (link));
  return G_SOURCE_REMOVE;
}

/* Starts the clock when the last user has gone. */
static void
check_unused (Link *link)
{
  if (link->holds->len > 0 || link->waiting->len > 0 || link->linger_source != 0 ||
      link->cutting)
    return;
  if (link->changing != NULL)
    g_cancellable_cancel (link->changing);
  link->linger_source = g_timeout_add (LINGER_MS, on_lingered, link);
}

/* The callbacks may release any hold, so none is kept over a call. */
static void
lose_link (Link *link)
{
  g_autoptr (GPtrArray) holds = g_steal_pointer (&link->holds);

  link->holds = g_ptr_array_new ();
  link->device = 0;
  link->up = FALSE;
  for (guint i = 0; i < holds->len; i++)
    ((BrokerHold *) g_ptr_array_index (holds, i))->link = NULL;
  while (holds->len > 0)
    {
      BrokerHold *hold = g_ptr_array_steal_index (holds, holds->len - 1);

      hold->list = NULL;
      if (hold->lost != NULL)
        hold->lost (hold, hold->user_data);
    }
}

void
broker_links_take_connected (BrokerLinks *links,
                             const BleAddress *address,
                             BleDeviceId device,
                             gboolean connected)
{
  Link *link = g_hash_table_lookup (links->table, address);

  if (connected || link == NULL || !link->up || link->device != device)
    return;
  /* Whoever makes the next one: not this broker, until it has. */
  link->ours = FALSE;
  lose_link (link);
  check_unused (link);
}

/* ---- connecting ---- */

static BrokerHold *
make_hold (Link *link)
{
  BrokerHold *hold = g_new0 (BrokerHold, 1);

  hold->link = link;
  hold->device = link->device;
  hold->list = link->holds;
  g_ptr_array_add (hold->list, hold);
  return hold;
}

/* Everyone who waits gets a hold, or @error. */
static void
settle (Link *link, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&link->waiting);

  link->waiting = g_ptr_array_new ();
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autoptr (GTask) task = g_ptr_array_index (tasks, i);

      if (g_task_return_error_if_cancelled (task))
        continue;
      if (error != NULL)
        g_task_return_error (task, broker_failure_from_radio (error));
      else
        g_task_return_pointer (task, make_hold (link),
                               (GDestroyNotify) broker_hold_release);
    }
  check_unused (link);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GCancellable) change = user_data;
  g_autoptr (GError) error = NULL;
  gboolean connected = ble_radio_connect_finish (NULL, result, &error);
  Link *link = end_change (change);

  if (link == NULL)
    return;
  if (connected)
    {
      link->up = TRUE;
      settle (link, NULL);
      return;
    }
  link->device = 0;
  link->ours = FALSE;
  /* Given up by all, and then wanted again before the end was told. */
  if (g_cancellable_is_cancelled (change) && link->waiting->len > 0)
    start_connecting (link);
  else
    settle (link, error);
}

static void
start_connecting (Link *link)
{
  BrokerLinks *links = link->links;
  BleDeviceId device = broker_devices_find (links->devices, &link->address);
  const BleAdvert *advert =
    device != 0 ? ble_radio_lookup_device (links->radio, device) : NULL;
  GCancellable *change;

  if (advert == NULL)
    {
      g_autoptr (GError) error = NULL;

      blepick_error_set (&error, BLEPICK_ERROR_CONNECTION_FAILED,
                         ble_radio_daemon_running (links->radio) ? "not-seen"
                                                                 : "no-daemon",
                         "The accessory is not known to this computer's Bluetooth now");
      settle (link, error);
      return;
    }
  link->device = device;
  link->ours = link->ours || !advert->connected;
  change = begin_change (link);
  ble_radio_connect_async (links->radio, device, change, on_connected, change);
}

static void
on_wait_cancelled (GCancellable *cancellable, GTask *task)
{
  Link *link = g_task_get_task_data (task);

  /* Not in the list: it is being settled. */
  if (!g_ptr_array_remove_fast (link->waiting, task))
    return;
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
  check_unused (link);
}

void
broker_links_hold_async (BrokerLinks *links,
                         const BleAddress *address,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Link *link = get_link (links, address);

  g_task_set_source_tag (task, broker_links_hold_async);
  g_task_set_task_data (task, link, NULL);
  g_clear_handle_id (&link->linger_source, g_source_remove);
  if (link->up)
    {
      g_task_return_pointer (task, make_hold (link),
                             (GDestroyNotify) broker_hold_release);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (link->waiting, task);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled),
                             task, 0);
  if (link->changing == NULL)
    start_connecting (link);
}

BrokerHold *
broker_links_hold_finish (BrokerLinks *links, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- holds ---- */

void
broker_hold_set_lost (BrokerHold *hold, BrokerLostFunc lost, gpointer user_data)
{
  hold->lost = lost;
  hold->user_data = user_data;
}

BleDeviceId
broker_hold_get_device (const BrokerHold *hold)
{
  return hold->device;
}

gboolean
broker_hold_is_lost (const BrokerHold *hold)
{
  return hold->link == NULL;
}

void
broker_hold_release (BrokerHold *hold)
{
  if (hold == NULL)
    return;
  if (hold->list != NULL)
    g_ptr_array_remove_fast (hold->list, hold);
  if (hold->link != NULL)
    check_unused (hold->link);
  g_free (hold);
}

void
broker_hold_report_lost (BrokerHold *hold)
{
  Link *link = hold->link;

  if (link == NULL || !link->up)
    return;
  lose_link (link);
  check_unused (link);
}

void
broker_links_adopt (BrokerLinks *links, const BleAddress *address)
{
  BleDeviceId device = broker_devices_find (links->devices, address);
  const BleAdvert *advert =
    device != 0 ? ble_radio_lookup_device (links->radio, device) : NULL;
  Link *link;

  if (advert == NULL || !advert->connected)
    return;
  link = get_link (links, address);
  link->ours = TRUE;
  if (link->device == 0)
    link->device = device;
  check_unused (link);
}

guint
broker_links_count_users (BrokerLinks *links, const BleAddress *address)
{
  const Link *link = g_hash_table_lookup (links->table, address);

  return link != NULL ? link->holds->len + link->waiting->len : 0;
}

gboolean
broker_links_is_of_others (BrokerLinks *links, const BleAddress *address)
{
  const Link *link = g_hash_table_lookup (links->table, address);

  return broker_devices_is_connected (links->devices, address) &&
         (link == NULL || !link->ours);
}

/* ---- all of them ---- */

BrokerLinks *
broker_links_new (BleRadio *radio, BrokerDevices *devices)
{
  BrokerLinks *links = g_new0 (BrokerLinks, 1);

  links->radio = radio;
  links->devices = devices;
  links->table =
    g_hash_table_new_full ((GHashFunc) ble_address_hash, (GEqualFunc) ble_address_equal,
                           NULL, (GDestroyNotify) free_link);
  return links;
}

void
broker_links_free (BrokerLinks *links)
{
  GHashTableIter iter;
  gpointer value;

  if (links == NULL)
    return;
  g_hash_table_iter_init (&iter, links->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Link *link = value;

      if (link->changing != NULL)
        g_object_set_data (G_OBJECT (link->changing), "links", NULL);
    }
  g_hash_table_unref (links->table);
  g_free (links);
}
