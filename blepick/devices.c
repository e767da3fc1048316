/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/devices.h"

#include <string.h>

#include "dbus/names.h"

#define PREFIX_MIN 4 /* characters of a name that stand for it */

static GVariant *
call_list (BlepickBus *bus, const char *method, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_COMPANIONS_INTERFACE, method,
                      g_variant_new ("(@a{sv})", blepick_empty_options ()), "(aa{sv})",
                      error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

GVariant *
blepick_devices_list (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListDevices", error);
}

GVariant *
blepick_devices_list_apps (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListApps", error);
}

/* ---- which one ---- */

static GVariant *
find_last (GVariant *devices)
{
  GVariant *last = NULL;
  gint64 last_s = G_MININT64;

  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);
      gint64 time_s = 0;

      g_variant_lookup (device, "time", "x", &time_s);
      if (time_s < last_s)
        continue;
      last_s = time_s;
      g_clear_pointer (&last, g_variant_unref);
      last = g_steal_pointer (&device);
    }
  return last;
}

/* How many of @devices fit; the last of them in @found, their names in @candidates. */
static guint
collect (GVariant *devices,
         const char *selector,
         gboolean whole,
         GString *candidates,
         GVariant **found)
{
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);
      const char *name = blepick_member (device, "device");
      gboolean fits = whole
                        ? g_ascii_strcasecmp (name, selector) == 0
                        : strlen (selector) >= PREFIX_MIN &&
                            g_ascii_strncasecmp (name, selector, strlen (selector)) == 0;

      if (!fits)
        continue;
      g_string_append_printf (candidates, "%s%s", n > 0 ? ", " : "", name);
      n++;
      g_clear_pointer (found, g_variant_unref);
      *found = g_steal_pointer (&device);
    }
  return n;
}

GVariant *
blepick_devices_select (GVariant *devices, const char *selector, GError **error)
{
  g_autoptr (GString) candidates = g_string_new (NULL);
  g_autoptr (GVariant) found = NULL;
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);

      if (strcmp (blepick_member (device, "device"), selector) == 0)
        return g_steal_pointer (&device);
    }
  if (strcmp (selector, "@last") == 0)
    {
      found = find_last (devices);
      n = found != NULL ? 1 : 0;
    }
  else
    {
      n = collect (devices, selector, TRUE, candidates, &found);
      if (n == 0)
        n = collect (devices, selector, FALSE, candidates, &found);
    }
  if (n == 1)
    return g_steal_pointer (&found);
  if (n > 1)
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "ambiguous",
                         "Which one? Several fit: %s.", candidates->str);
  else
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "no-such",
                         "There is no companion of that name. See: blepick companions");
  return NULL;
}

char *
blepick_devices_find (BlepickBus *bus, const char *selector, GError **error)
{
  g_autoptr (GVariant) devices = blepick_devices_list (bus, error);
  g_autoptr (GVariant) device =
    devices != NULL ? blepick_devices_select (devices, selector, error) : NULL;

  return device != NULL ? g_strdup (blepick_member (device, "device")) : NULL;
}

char *
blepick_devices_find_any (BlepickBus *bus, const char *selector, GError **error)
{
  if (strcmp (selector, "local") == 0)
    return g_strdup (selector);
  return blepick_devices_find (bus, selector, error);
}
