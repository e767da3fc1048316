/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/enforcement.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "enforce/probe-words.h"

/* Adverts that come so long after the probe began to listen were sent after that: a batch waits 100 ms. */
#define FRESH_US 500000

/* bluetoothd says within this time that it scans, or not at all. */
#define BROADCAST_WAIT_MS 8000

/* What could not be tried is tried again after this time, which doubles each time: a machine that has just started is
 * busy, and one without an adapter stays so. */
#define RETRY_S     15
#define RETRY_MAX_S 960

struct BrokerEnforcement
{
  BleRadio *radio;
  BrokerScan *scan;
  GDBusConnection *connection;
  char *socket_path;
  BrokerEnforcementFunc changed;
  gpointer user_data;
  guint reload_subscription;

  gboolean measured;
  EnforceDoors doors;

  /* A measurement under way: -1 and 0 without one. */
  int fd;
  guint fd_source;
  guint deadline_source;
  guint retry_source; /* between measurements */
  guint retry_s;
  gboolean again;
  gboolean listening; /* the probe waits for a broadcast */
  gint64 listening_us;
  BleAdapterId held; /* scans for the probe, or 0 */
};

const char *
broker_enforcement_level (const BrokerEnforcement *self)
{
  return self->measured ? enforce_level_to_word (enforce_level_measured (&self->doors))
                        : "unknown";
}

gboolean
broker_enforcement_are_broadcasts_closed (const BrokerEnforcement *self)
{
  return self->measured && self->doors.broadcasts == ENFORCE_DOOR_CLOSED;
}

GVariant *
broker_enforcement_doors (const BrokerEnforcement *self)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&dict, "{ss}", "calls",
                         enforce_door_to_word (self->doors.name_calls));
  g_variant_builder_add (&dict, "{ss}", "unique-calls",
                         enforce_door_to_word (self->doors.unique_calls));
  g_variant_builder_add (&dict, "{ss}", "broadcasts",
                         enforce_door_to_word (self->doors.broadcasts));
  g_variant_builder_add (&dict, "{ss}", "sockets",
                         enforce_door_to_word (self->doors.sockets));
  return g_variant_builder_end (&dict);
}

/* ---- one measurement ---- */

static void
release_scan (BrokerEnforcement *self)
{
  if (self->held != 0)
    broker_scan_release (self->scan, self->held);
  self->held = 0;
}

static void
leave_probe (BrokerEnforcement *self)
{
  release_scan (self);
  self->listening = FALSE;
  g_clear_handle_id (&self->fd_source, g_source_remove);
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
end_measurement (BrokerEnforcement *self)
{
  leave_probe (self);
  if (!self->again)
    return;
  self->again = FALSE;
  broker_enforcement_measure (self);
}

static void
log_change (const BrokerEnforcement *self, const char *before)
{
  const char *now = broker_enforcement_level (self);
  EnforceLevel old = ENFORCE_ADVISORY;
  gboolean had_one = enforce_level_from_word (before, &old);

  if (had_one && enforce_level_measured (&self->doors) < old)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                      "The enforcement level fell from %s to %s: see blepick doctor",
                      before, now);
  else if (strcmp (before, now) != 0)
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE",
                      "The enforcement level is %s", now);
}

static gboolean
knows_all (const EnforceDoors *doors)
{
  return doors->name_calls != ENFORCE_DOOR_UNKNOWN &&
         doors->unique_calls != ENFORCE_DOOR_UNKNOWN &&
         (doors->broadcasts != ENFORCE_DOOR_UNKNOWN ||
          doors->name_calls == ENFORCE_DOOR_OPEN);
}

static gboolean
on_retry (gpointer user_data)
{
  BrokerEnforcement *self = user_data;

  self->retry_source = 0;
  broker_enforcement_measure (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (BrokerEnforcement *self)
{
  self->retry_s = self->retry_s == 0 ? RETRY_S : MIN (self->retry_s * 2, RETRY_MAX_S);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  self->retry_source = g_timeout_add_seconds (self->retry_s, on_retry, self);
}

static void
take_doors (BrokerEnforcement *self, const EnforceDoors *doors)
{
  g_autofree char *before = g_strdup (broker_enforcement_level (self));

  self->measured = TRUE;
  self->doors = *doors;
  /* Without bluetoothd there is nothing to wait for: that it comes is told. */
  if (!knows_all (doors) && doors->name_calls == ENFORCE_DOOR_CLOSED)
    retry_later (self);
  else
    self->retry_s = 0;
  log_change (self, before);
  self->changed (self->user_data);
}

/* What was measured before the probe failed may hold no more: nothing is known. */
static void
lose_doors (BrokerEnforcement *self)
{
  g_autofree char *before = g_strdup (broker_enforcement_level (self));
  gboolean was_measured = self->measured;

  self->measured = FALSE;
  self->doors = (EnforceDoors){ 0 };
  if (!was_measured)
    return;
  log_change (self, before);
  self->changed (self->user_data);
}

static void
note_failure (BrokerEnforcement *self, const char *reason)
{
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE", "blepick-probe %s",
                    reason);
  lose_doors (self);
  retry_later (self);
}

static void
fail_measurement (BrokerEnforcement *self, const char *reason)
{
  note_failure (self, reason);
  end_measurement (self);
}

static void
send_word (BrokerEnforcement *self, gboolean broadcast)
{
  ProbeWord word = { PROBE_PROTOCOL, broadcast ? 1 : 0 };

  self->listening = FALSE;
  release_scan (self);
  if (send (self->fd, &word, sizeof word, MSG_NOSIGNAL | MSG_DONTWAIT) !=
      (ssize_t) sizeof word)
    fail_measurement (self, "went before it was done");
}

static gboolean
on_deadline (gpointer user_data)
{
  BrokerEnforcement *self = user_data;

  self->deadline_source = 0;
  if (self->listening)
    {
      self->deadline_source = g_timeout_add (PROBE_DEADLINE_MS, on_deadline, self);
      send_word (self, FALSE);
      return G_SOURCE_REMOVE;
    }
  fail_measurement (self, "does not answer");
  return G_SOURCE_REMOVE;
}

/* Has bluetoothd say something to everybody: that it scans. While somebody else has it scan, what it hears will do. */
static void
cause_broadcast (BrokerEnforcement *self)
{
  const GArray *adapters = ble_radio_adapters (self->radio);

  self->listening = TRUE;
  self->listening_us = g_get_monotonic_time ();
  g_clear_handle_id (&self->deadline_source, g_source_remove);
  self->deadline_source = g_timeout_add (BROADCAST_WAIT_MS, on_deadline, self);
  for (guint i = 0; i < adapters->len; i++)
    {
      const BleAdapter *adapter = &g_array_index (adapters, BleAdapter, i);

      if (!adapter->powered || adapter->discovering)
        continue;
      self->held = adapter->id;
      broker_scan_hold (self->scan, adapter->id);
      return;
    }
}

static void
take_answer (BrokerEnforcement *self, const ProbeAnswer *answer)
{
  if (answer->listening == 0)
    {
      take_doors (self, &answer->doors);
      end_measurement (self);
    }
  else if (answer->doors.name_calls == ENFORCE_DOOR_CLOSED &&
           answer->doors.unique_calls == ENFORCE_DOOR_CLOSED)
    cause_broadcast (self);
  else
    send_word (self, FALSE); /* who may call may listen: nothing hangs on it */
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  BrokerEnforcement *self = user_data;
  ProbeAnswer answer;
  ssize_t n_read = recv (fd, &answer, sizeof answer, MSG_DONTWAIT);

  if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n_read != (ssize_t) sizeof answer || answer.protocol != PROBE_PROTOCOL)
    {
      self->fd_source = 0;
      fail_measurement (self, "went without an answer");
      return G_SOURCE_REMOVE;
    }
  take_answer (self, &answer);
  /* Removed meanwhile, if that was the last one. */
  return G_SOURCE_CONTINUE;
}

void
broker_enforcement_measure (BrokerEnforcement *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (self->fd >= 0)
    {
      self->again = TRUE;
      return;
    }
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (g_strlcpy (address.sun_path, self->socket_path, sizeof address.sun_path) <
      sizeof address.sun_path)
    self->fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0)
    {
      note_failure (self, "cannot be asked");
      return;
    }
  if (connect (self->fd, (const struct sockaddr *) &address, sizeof address) != 0)
    {
      if (errno != ENOENT)
        note_failure (self, "cannot be asked");
      else
        lose_doors (self); /* it is not installed */
      leave_probe (self);
      return;
    }
  self->fd_source = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_readable, self);
  self->deadline_source = g_timeout_add (PROBE_DEADLINE_MS, on_deadline, self);
}

/* ---- when to measure again ---- */

/* dbus-daemon sends it when it has read its configuration. */
static void
on_bus_reloaded (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *signal,
                 GVariant *parameters,
                 gpointer user_data)
{
  broker_enforcement_measure (user_data);
}

void
broker_enforcement_take_adapters_changed (BrokerEnforcement *self)
{
  const BleAdapter *adapter;

  if (self->held != 0)
    {
      adapter = ble_radio_find_adapter (self->radio, self->held);
      if (self->listening && adapter != NULL && adapter->discovering)
        send_word (self, TRUE);
    }
  else if (self->fd < 0 && self->measured && !knows_all (&self->doors))
    broker_enforcement_measure (self);
}

void
broker_enforcement_take_adverts (BrokerEnforcement *self)
{
  if (self->listening && self->held == 0 &&
      g_get_monotonic_time () - self->listening_us > FRESH_US)
    send_word (self, TRUE);
}

BrokerEnforcement *
broker_enforcement_new (GDBusConnection *connection,
                        BleRadio *radio,
                        BrokerScan *scan,
                        const char *socket_path,
                        BrokerEnforcementFunc changed,
                        gpointer user_data)
{
  BrokerEnforcement *self = g_new0 (BrokerEnforcement, 1);

  self->connection = g_object_ref (connection);
  self->radio = radio;
  self->scan = scan;
  self->socket_path = g_strdup (socket_path);
  self->changed = changed;
  self->user_data = user_data;
  self->fd = -1;
  self->reload_subscription = g_dbus_connection_signal_subscribe (
    connection, "org.freedesktop.DBus", "org.freedesktop.DBus",
    "ActivatableServicesChanged", "/org/freedesktop/DBus", NULL, G_DBUS_SIGNAL_FLAGS_NONE,
    on_bus_reloaded, self, NULL);
  return self;
}

void
broker_enforcement_free (BrokerEnforcement *self)
{
  if (self == NULL)
    return;
  self->again = FALSE;
  end_measurement (self);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_dbus_connection_signal_unsubscribe (self->connection, self->reload_subscription);
  g_object_unref (self->connection);
  g_free (self->socket_path);
  g_free (self);
}
