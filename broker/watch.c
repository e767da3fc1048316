/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker/watch.h"

#include <gio/gio.h>

struct BrokerWatch
{
  BrokerWatchFunc changed;
  gpointer user_data;
  GPtrArray *monitors; /* GFileMonitor */
  guint settle_source;
};

static gboolean
on_settled (gpointer user_data)
{
  BrokerWatch *watch = user_data;

  watch->settle_source = 0;
  watch->changed (watch->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GFileMonitor *monitor,
            GFile *file,
            GFile *other,
            GFileMonitorEvent event,
            gpointer user_data)
{
  BrokerWatch *watch = user_data;

  if (watch->settle_source == 0)
    watch->settle_source = g_timeout_add (BROKER_WATCH_SETTLE_MS, on_settled, watch);
}

BrokerWatch *
broker_watch_new (BrokerWatchFunc changed, gpointer user_data)
{
  BrokerWatch *watch = g_new0 (BrokerWatch, 1);

  watch->changed = changed;
  watch->user_data = user_data;
  watch->monitors = g_ptr_array_new_with_free_func (g_object_unref);
  return watch;
}

void
broker_watch_add (BrokerWatch *watch, const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor =
    g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);

  if (monitor == NULL)
    {
      g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "MESSAGE",
                        "Changes in %s are not noticed at once: %s", folder,
                        error->message);
      return;
    }
  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), watch);
  g_ptr_array_add (watch->monitors, monitor);
}

void
broker_watch_free (BrokerWatch *watch)
{
  if (watch == NULL)
    return;
  for (guint i = 0; i < watch->monitors->len; i++)
    {
      GFileMonitor *monitor = g_ptr_array_index (watch->monitors, i);

      g_signal_handlers_disconnect_by_data (monitor, watch);
      (void) g_file_monitor_cancel (monitor);
    }
  g_ptr_array_unref (watch->monitors);
  g_clear_handle_id (&watch->settle_source, g_source_remove);
  g_free (watch);
}
