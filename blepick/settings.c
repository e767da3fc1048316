/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/settings.h"

#include <string.h>

#include "blepick/devices.h"
#include "dbus/names.h"

#define PREFIX_MIN 4 /* characters of an id that stand for it */

/* A method that takes a{sv} alone and answers with aa{sv}. */
static GVariant *
call_list (BlepickBus *bus, const char *method, GVariant *options, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_PERMISSIONS_INTERFACE, method,
                      g_variant_new ("(@a{sv})", options), "(aa{sv})", error);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

GVariant *
blepick_settings_list_apps (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListApps", blepick_empty_options (), error);
}

GVariant *
blepick_settings_list_grants (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListGrants", blepick_empty_options (), error);
}

GVariant *
blepick_settings_list_rows (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListRows", blepick_empty_options (), error);
}

GVariant *
blepick_settings_list_policies (BlepickBus *bus, GError **error)
{
  return call_list (bus, "ListPolicies", blepick_empty_options (), error);
}

GVariant *
blepick_settings_history (BlepickBus *bus,
                          const char *app,
                          guint64 before,
                          GError **error)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "limit", "u", (guint32) BLEPICK_SETTINGS_PAGE);
  if (app != NULL)
    g_variant_dict_insert (&options, "app", "s", app);
  if (before > 0)
    g_variant_dict_insert (&options, "before", "t", before);
  return call_list (bus, "History", g_variant_dict_end (&options), error);
}

/* For people: a program without an id of its own is one of the others. */
static const char *
get_id (GVariant *app)
{
  const char *id = blepick_member (app, "id");

  return id[0] != '\0' ? id : "host";
}

static gboolean
is_named (GVariant *app, const char *selector)
{
  const char *id = get_id (app);
  const char *slash = strrchr (id, '/');
  g_autofree char *name = g_ascii_strdown (slash != NULL ? slash + 1 : id, -1);
  g_autofree char *wanted = g_ascii_strdown (selector, -1);

  return strcmp (name, wanted) == 0 ||
         (strlen (selector) >= PREFIX_MIN && g_str_has_prefix (id, selector));
}

/* By key, by id, by a prefix of it that is unique, or by the last part of a path. */
GVariant *
blepick_settings_select_app (GVariant *apps, const char *selector, GError **error)
{
  g_autoptr (GString) candidates = g_string_new (NULL);
  g_autoptr (GVariant) found = NULL;
  guint n_found = 0;

  for (gsize i = 0; i < g_variant_n_children (apps); i++)
    {
      g_autoptr (GVariant) app = g_variant_get_child_value (apps, i);

      if (strcmp (blepick_member (app, "app"), selector) == 0)
        return g_steal_pointer (&app);
      if (strcmp (get_id (app), selector) != 0 && !is_named (app, selector))
        continue;
      if (found != NULL &&
          strcmp (blepick_member (found, "app"), blepick_member (app, "app")) == 0)
        continue; /* the same one on another device */
      g_string_append_printf (candidates, "%s%s", n_found > 0 ? ", " : "",
                              blepick_member (app, "app"));
      n_found++;
      g_clear_pointer (&found, g_variant_unref);
      found = g_steal_pointer (&app);
    }
  if (n_found == 1)
    return g_steal_pointer (&found);
  if (n_found > 1)
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "ambiguous",
                         "Which one? Several fit: %s.", candidates->str);
  else
    blepick_failure_set (
      error, BLEPICK_EXIT_NO_SUCH, "no-such",
      "No app of that name has asked for Bluetooth. See: blepick apps");
  return NULL;
}

/* ---- accessories, whichever app has them ---- */

static gboolean
is_accessory (GVariant *grant, const char *selector)
{
  const char *id = blepick_member (grant, "accessory");
  g_autofree char *name = g_utf8_casefold (blepick_member (grant, "name"), -1);
  g_autofree char *wanted = g_utf8_casefold (selector, -1);

  return strcmp (name, wanted) == 0 || strcmp (id, selector) == 0 ||
         (strlen (selector) >= PREFIX_MIN && g_str_has_prefix (id, selector));
}

/* The one that was decided last. */
static GVariant *
find_last (GVariant *grants)
{
  GVariant *last = NULL;
  gint64 last_s = G_MININT64;

  for (gsize i = 0; i < g_variant_n_children (grants); i++)
    {
      g_autoptr (GVariant) grant = g_variant_get_child_value (grants, i);
      gint64 time_s = 0;

      g_variant_lookup (grant, "time", "x", &time_s);
      if (time_s <= last_s)
        continue;
      last_s = time_s;
      g_clear_pointer (&last, g_variant_unref);
      last = g_steal_pointer (&grant);
    }
  return last;
}

/* How many of @grants fit @selector, of @app alone unless it is NULL; the last one in @found, their
 * words in @candidates. */
static guint
collect (GVariant *grants,
         const char *app,
         const char *selector,
         GString *candidates,
         GVariant **found)
{
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (grants); i++)
    {
      g_autoptr (GVariant) grant = g_variant_get_child_value (grants, i);

      if ((app != NULL && strcmp (blepick_member (grant, "app"), app) != 0) ||
          !is_accessory (grant, selector))
        continue;
      g_string_append_printf (candidates, "%s%s (%.8s, of %s)", n > 0 ? ", " : "",
                              blepick_member (grant, "name"),
                              blepick_member (grant, "accessory"),
                              blepick_member (grant, "app"));
      n++;
      g_clear_pointer (found, g_variant_unref);
      *found = g_steal_pointer (&grant);
    }
  return n;
}

GVariant *
blepick_settings_select_grant (GVariant *grants,
                               const char *app,
                               const char *selector,
                               GError **error)
{
  g_autoptr (GString) candidates = g_string_new (NULL);
  g_autoptr (GVariant) found = NULL;
  guint n = 0;

  if (strcmp (selector, "@last") == 0)
    {
      found = find_last (grants);
      n = found != NULL ? 1 : 0;
    }
  else
    {
      n = collect (grants, app, selector, candidates, &found);
      if (n == 0 && app != NULL)
        n = collect (grants, NULL, selector, candidates, &found);
    }
  if (n == 1)
    return g_steal_pointer (&found);
  if (n > 1)
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "ambiguous",
                         "Which one? Several fit: %s.", candidates->str);
  else
    blepick_failure_set (error, BLEPICK_EXIT_NO_SUCH, "no-such",
                         "No app has an accessory of that name. See: blepick grants");
  return NULL;
}

/* Of this machine first, then of companions; @error says what there is here. */
static GVariant *
find_anywhere (BlepickBus *bus, const char *selector, GError **error)
{
  g_autoptr (GVariant) here = blepick_settings_list_apps (bus, error);
  g_autoptr (GVariant) there = NULL, app = NULL;
  g_autoptr (GError) none = NULL;

  if (here == NULL)
    return NULL;
  app = blepick_settings_select_app (here, selector, &none);
  if (app == NULL)
    there = blepick_devices_list_apps (bus, NULL);
  if (there != NULL)
    app = blepick_settings_select_app (there, selector, NULL);
  if (app == NULL)
    g_propagate_error (error, g_steal_pointer (&none));
  return g_steal_pointer (&app);
}

char *
blepick_settings_find_app (BlepickBus *bus, const char *selector, GError **error)
{
  g_autoptr (GVariant) grants = NULL, app = NULL;

  if (strcmp (selector, "@last") == 0)
    {
      grants = blepick_settings_list_grants (bus, error);
      if (grants != NULL)
        app = blepick_settings_select_grant (grants, NULL, selector, error);
    }
  else
    app = find_anywhere (bus, selector, error);
  return app != NULL ? g_strdup (blepick_member (app, "app")) : NULL;
}

/* ---- JSON ---- */

void
blepick_settings_add_string (JsonBuilder *builder,
                             GVariant *dict,
                             const char *key,
                             const char *name)
{
  const char *value;

  json_builder_set_member_name (builder, name);
  if (g_variant_lookup (dict, key, "&s", &value) && value[0] != '\0')
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
blepick_settings_add_flag (JsonBuilder *builder,
                           GVariant *dict,
                           const char *key,
                           const char *name)
{
  gboolean value = FALSE;

  g_variant_lookup (dict, key, "b", &value);
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
blepick_settings_add_strings (JsonBuilder *builder, GVariant *list, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      const char *value;

      g_variant_get_child (list, i, "&s", &value);
      json_builder_add_string_value (builder, value);
    }
  json_builder_end_array (builder);
}

void
blepick_settings_add_time (JsonBuilder *builder,
                           GVariant *dict,
                           const char *key,
                           const char *name)
{
  g_autofree char *text = NULL;
  gint64 time_s;

  json_builder_set_member_name (builder, name);
  if (!g_variant_lookup (dict, key, "x", &time_s))
    {
      json_builder_add_null_value (builder);
      return;
    }
  text = blepick_format_time (time_s);
  json_builder_add_string_value (builder, text);
}
