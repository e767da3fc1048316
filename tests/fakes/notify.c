/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tests/fakes/notify.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "tests/fakes/pairing.h"

/* A StartNotify that waits for the link to be secured. */
typedef struct
{
  FakesCharacteristic *characteristic;
  FakesCall *call;
} Start;

static void
announce (FakesCharacteristic *characteristic, const char *property)
{
  fakes_objects_changed (characteristic->device->adapter->world->objects,
                         characteristic->path, (const char *const[]){ property, NULL });
}

void
fakes_notify_update (FakesCharacteristic *characteristic)
{
  gboolean subscribed = characteristic->device->resolved &&
                        (fakes_characteristic_has_clients (characteristic) ||
                         characteristic->followed_by_bluetoothd);

  if (subscribed == characteristic->subscribed)
    return;
  characteristic->subscribed = subscribed;
  fakes_characteristic_event (characteristic, subscribed ? "subscribed" : "unsubscribed",
                              NULL);
  fakes_accessory_update_beats (characteristic->device->accessory);
}

static void
close_notify (FakesCharacteristic *characteristic)
{
  if (characteristic->notify_fd < 0)
    return;
  g_clear_handle_id (&characteristic->notify_source, g_source_remove);
  close (characteristic->notify_fd);
  characteristic->notify_fd = -1;
  announce (characteristic, "NotifyAcquired");
  fakes_notify_update (characteristic);
}

static void
close_write (FakesCharacteristic *characteristic)
{
  if (characteristic->write_fd < 0)
    return;
  g_clear_handle_id (&characteristic->write_source, g_source_remove);
  close (characteristic->write_fd);
  characteristic->write_fd = -1;
  announce (characteristic, "WriteAcquired");
}

void
fakes_notify_release (FakesCharacteristic *characteristic)
{
  close_notify (characteristic);
  close_write (characteristic);
  fakes_notify_update (characteristic);
}

/* Nobody writes to this end: whatever comes is the end. */
static gboolean
on_notify_readable (int fd, GIOCondition condition, gpointer user_data)
{
  FakesCharacteristic *characteristic = user_data;

  characteristic->notify_source = 0;
  close_notify (characteristic);
  return G_SOURCE_REMOVE;
}

static gboolean
on_write_readable (int fd, GIOCondition condition, gpointer user_data)
{
  FakesCharacteristic *characteristic = user_data;
  guint8 octets[512];
  ssize_t n_octets = recv (fd, octets, sizeof octets, MSG_DONTWAIT);

  if (n_octets > 0)
    {
      g_autoptr (GBytes) value = g_bytes_new (octets, (gsize) n_octets);

      fakes_characteristic_event (characteristic, "wrote", value);
      return G_SOURCE_CONTINUE;
    }
  characteristic->write_source = 0;
  close_write (characteristic);
  return G_SOURCE_REMOVE;
}

/* Answers @call with one end of a pair and returns the other; -1 after a failure. */
static int
return_socket (FakesCall *call)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    {
      fakes_call_fail (call, "Failed", g_strerror (errno));
      return -1;
    }
  fakes_call_return_fd (call, ends[1], g_variant_new ("(hq)", 0, FAKES_NOTIFY_MTU));
  return ends[0];
}

static void
on_acquire_secure (gboolean secure, gpointer user_data)
{
  FakesCharacteristic *characteristic = user_data;
  FakesCall *call = characteristic->acquire_call;

  /* Measured: BlueZ 5.66 then never answers, and calls it acquired until it forgets the device. */
  if (!secure)
    return;
  characteristic->acquire_call = NULL;
  if (!characteristic->device->resolved)
    {
      fakes_call_fail (call, "Failed", "Not connected");
      return;
    }
  characteristic->notify_fd = return_socket (call);
  if (characteristic->notify_fd < 0)
    return;
  characteristic->notify_source =
    g_unix_fd_add (characteristic->notify_fd, G_IO_IN | G_IO_HUP, on_notify_readable,
                   characteristic);
  announce (characteristic, "NotifyAcquired");
  fakes_notify_update (characteristic);
}

static void
secure_then (FakesCharacteristic *characteristic,
             FakesPairingFunc func,
             gpointer user_data)
{
  if (characteristic->row->flags & FAKES_GATT_SECURED)
    fakes_pairing_secure (characteristic->device, func, user_data);
  else
    func (TRUE, user_data);
}

static gboolean
is_acquired (const FakesCharacteristic *characteristic)
{
  return characteristic->notify_fd >= 0 || characteristic->acquire_call != NULL;
}

void
fakes_notify_handle_acquire (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;

  if (!characteristic->device->resolved)
    fakes_call_fail (call, "Failed", "Not connected");
  else if (characteristic->device->gatt_stale)
    fakes_call_fail (call, "Failed", FAKES_CHARACTERISTIC_INVALID);
  else if (is_acquired (characteristic))
    fakes_call_fail (call, "NotPermitted", "Notify acquired");
  else if (characteristic->followers->len > 0)
    fakes_call_fail (call, "InProgress", "In Progress");
  else if (!(characteristic->row->flags & FAKES_GATT_NOTIFY))
    fakes_call_fail (call, "NotSupported", "Operation is not supported");
  else
    {
      characteristic->acquire_call = call;
      secure_then (characteristic, on_acquire_secure, characteristic);
    }
}

void
fakes_notify_handle_acquire_write (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;

  if (!characteristic->device->resolved)
    fakes_call_fail (call, "Failed", "Not connected");
  else if (characteristic->write_fd >= 0)
    fakes_call_fail (call, "NotPermitted", "Write acquired");
  else if (!(characteristic->row->flags & FAKES_GATT_WRITE_COMMAND))
    fakes_call_fail (call, "NotSupported", "Operation is not supported");
  else
    {
      characteristic->write_fd = return_socket (call);
      if (characteristic->write_fd < 0)
        return;
      characteristic->write_source =
        g_unix_fd_add (characteristic->write_fd, G_IO_IN | G_IO_HUP, on_write_readable,
                       characteristic);
      announce (characteristic, "WriteAcquired");
    }
}

static gboolean
find_follower (const FakesCharacteristic *characteristic,
               const char *client,
               guint *ret_index)
{
  return g_ptr_array_find_with_equal_func (characteristic->followers, client, g_str_equal,
                                           ret_index);
}

static void
on_start_secure (gboolean secure, gpointer user_data)
{
  Start *start = user_data;
  FakesCharacteristic *characteristic = start->characteristic;
  FakesCall *call = start->call;

  g_free (start);
  if (!secure)
    {
      fakes_call_fail (call, "Failed", FAKES_CHARACTERISTIC_LINK_LOST);
      return;
    }
  if (!find_follower (characteristic, call->sender, NULL))
    g_ptr_array_add (characteristic->followers, g_strdup (call->sender));
  if (characteristic->followers->len == 1)
    announce (characteristic, "Notifying");
  fakes_notify_update (characteristic);
  fakes_call_return (call, NULL);
}

void
fakes_notify_handle_start (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;
  Start *start;

  if (is_acquired (characteristic))
    fakes_call_fail (call, "NotPermitted", "Notify acquired");
  else if (!(characteristic->row->flags & (FAKES_GATT_NOTIFY | FAKES_GATT_INDICATE)))
    fakes_call_fail (call, "NotSupported", "Operation is not supported");
  else if (find_follower (characteristic, call->sender, NULL))
    fakes_call_return (call, NULL);
  else
    {
      start = g_new0 (Start, 1);
      start->characteristic = characteristic;
      start->call = call;
      if (characteristic->device->resolved)
        secure_then (characteristic, on_start_secure, start);
      else /* noted, until the link is there */
        on_start_secure (TRUE, start);
    }
}

static void
remove_follower (FakesCharacteristic *characteristic, guint index)
{
  g_ptr_array_remove_index (characteristic->followers, index);
  if (characteristic->followers->len == 0)
    announce (characteristic, "Notifying");
  fakes_notify_update (characteristic);
}

void
fakes_notify_handle_stop (FakesCall *call, gpointer data)
{
  FakesCharacteristic *characteristic = data;
  guint index;

  if (characteristic->notify_fd >= 0)
    close_notify (characteristic);
  else if (find_follower (characteristic, call->sender, &index))
    remove_follower (characteristic, index);
  else
    {
      fakes_call_fail (call, "Failed", "No notify session started");
      return;
    }
  fakes_call_return (call, NULL);
}

void
fakes_notify_client_gone (FakesCharacteristic *characteristic, const char *client)
{
  guint index;

  if (find_follower (characteristic, client, &index))
    remove_follower (characteristic, index);
}

/* A reader who does not keep up loses values, as with bluetoothd. */
void
fakes_notify_send (FakesCharacteristic *characteristic, GBytes *value)
{
  gsize size;
  const void *octets = g_bytes_get_data (value, &size);

  if (!characteristic->subscribed)
    return;
  if (characteristic->notify_fd >= 0)
    (void) send (characteristic->notify_fd, octets, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  else
    fakes_characteristic_cache (characteristic, value);
}
