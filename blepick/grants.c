/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick grants: which app may use which accessory, and all of Bluetooth. */

#include <stdio.h>
#include <string.h>

#include "blepick/log.h"
#include "blepick/settings.h"
#include "blepick/verbs.h"

/* What is shown; NULL: all. */
typedef struct
{
  char *app; /* a key */
  const char *device;
  const char *accessory; /* an id */
} Filter;

static gboolean
fits (const Filter *filter, GVariant *row)
{
  return (filter->app == NULL ||
          strcmp (filter->app, blepick_member (row, "app")) == 0) &&
         (filter->device == NULL ||
          strcmp (filter->device, blepick_member (row, "device")) == 0) &&
         (filter->accessory == NULL ||
          strcmp (filter->accessory, blepick_member (row, "accessory")) == 0);
}

/* A managed policy is about this app and device, as the filter has them. */
static gboolean
has_policy (const Filter *filter, GVariant *policy)
{
  const char *app = blepick_member (policy, "app");
  const char *device = blepick_member (policy, "device");
  const char *uid = filter->app != NULL ? strchr (filter->app, ':') : NULL;
  const char *id = uid != NULL ? strchr (uid + 1, ':') : NULL;
  g_autofree char *name = uid != NULL
                            ? g_strdup_printf ("%.*s%s", (int) (uid - filter->app),
                                               filter->app, id != NULL ? id : "")
                            : NULL;

  return filter->accessory == NULL &&
         (name == NULL || strcmp (app, "*") == 0 || strcmp (app, name) == 0) &&
         (filter->device == NULL || strcmp (device, "*") == 0 ||
          strcmp (device, filter->device) == 0);
}

static void
add_services (JsonBuilder *builder, GVariant *grant)
{
  g_autoptr (GVariantIter) services = NULL;
  GVariantIter *words;
  const char *uuid, *word;

  json_builder_set_member_name (builder, "services");
  json_builder_begin_array (builder);
  if (g_variant_lookup (grant, "services", "a(sas)", &services))
    while (g_variant_iter_loop (services, "(&sas)", &uuid, &words))
      {
        json_builder_begin_object (builder);
        json_builder_set_member_name (builder, "uuid");
        json_builder_add_string_value (builder, uuid);
        json_builder_set_member_name (builder, "access");
        json_builder_begin_array (builder);
        while (g_variant_iter_loop (words, "&s", &word))
          json_builder_add_string_value (builder, word);
        json_builder_end_array (builder);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
}

static void
add_decision (JsonBuilder *builder, GVariant *row)
{
  blepick_settings_add_string (builder, row, "reason", "reason");
  blepick_settings_add_time (builder, row, "time", "time");
  blepick_settings_add_string (builder, row, "decided-on", "decided_on");
}

static void
add_grant (JsonBuilder *builder, GVariant *grant)
{
  json_builder_begin_object (builder);
  blepick_settings_add_string (builder, grant, "app", "app");
  blepick_settings_add_string (builder, grant, "device", "device");
  blepick_settings_add_string (builder, grant, "accessory", "accessory");
  blepick_settings_add_string (builder, grant, "name", "name");
  blepick_settings_add_string (builder, grant, "state", "state");
  blepick_settings_add_flag (builder, grant, "in-force", "in_force");
  blepick_settings_add_string (builder, grant, "lifetime", "lifetime");
  blepick_settings_add_time (builder, grant, "until", "until");
  blepick_settings_add_string (builder, grant, "pairing", "pairing");
  add_services (builder, grant);
  add_decision (builder, grant);
  json_builder_end_object (builder);
}

static void
add_row (JsonBuilder *builder, GVariant *row)
{
  json_builder_begin_object (builder);
  blepick_settings_add_string (builder, row, "app", "app");
  blepick_settings_add_string (builder, row, "device", "device");
  blepick_settings_add_string (builder, row, "bluetooth", "bluetooth");
  blepick_settings_add_flag (builder, row, "managed", "managed");
  blepick_settings_add_string (builder, row, "toggle", "toggle");
  blepick_settings_add_flag (builder, row, "toggle-enabled", "toggle_enabled");
  blepick_settings_add_flag (builder, row, "editable", "editable");
  blepick_settings_add_string (builder, row, "central", "central");
  blepick_settings_add_string (builder, row, "picker", "picker");
  add_decision (builder, row);
  json_builder_end_object (builder);
}

static void
add_policy (JsonBuilder *builder, GVariant *policy)
{
  g_autoptr (GVariantIter) services = NULL;
  const char *uuid, *value;

  json_builder_begin_object (builder);
  blepick_settings_add_string (builder, policy, "source", "source");
  blepick_settings_add_string (builder, policy, "app", "app");
  blepick_settings_add_string (builder, policy, "fingerprint", "fingerprint");
  blepick_settings_add_string (builder, policy, "device", "device");
  blepick_settings_add_string (builder, policy, "picker", "picker");
  blepick_settings_add_string (builder, policy, "bluetooth", "bluetooth");
  json_builder_set_member_name (builder, "services");
  json_builder_begin_array (builder);
  if (g_variant_lookup (policy, "services", "a(ss)", &services))
    while (g_variant_iter_next (services, "(&s&s)", &uuid, &value))
      {
        json_builder_begin_object (builder);
        json_builder_set_member_name (builder, "uuid");
        json_builder_add_string_value (builder, uuid);
        json_builder_set_member_name (builder, "value");
        json_builder_add_string_value (builder, value);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_json (const BlepickContext *context,
            const Filter *filter,
            GVariant *grants,
            GVariant *rows,
            GVariant *policies)
{
  JsonBuilder *builder = blepick_json_begin ("grants");

  json_builder_set_member_name (builder, "grants");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (grants); i++)
    {
      g_autoptr (GVariant) grant = g_variant_get_child_value (grants, i);

      if (fits (filter, grant))
        add_grant (builder, grant);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "bluetooth");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      if (fits (filter, row))
        add_row (builder, row);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "policies");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (policies); i++)
    {
      g_autoptr (GVariant) policy = g_variant_get_child_value (policies, i);

      if (has_policy (filter, policy))
        add_policy (builder, policy);
    }
  json_builder_end_array (builder);
  blepick_json_print (context, builder, FALSE);
}

static void
print_grant (const BlepickContext *context, GVariant *grant)
{
  g_autofree char *app = blepick_escape (blepick_member (grant, "app"));
  g_autofree char *name = blepick_escape (blepick_member (grant, "name"));
  g_autofree char *id =
    blepick_context_show_id (context, blepick_member (grant, "accessory"));
  g_autofree char *until = NULL;
  const char *lifetime = blepick_member (grant, "lifetime");
  gint64 until_s = 0;

  if (g_variant_lookup (grant, "until", "x", &until_s))
    until = blepick_format_time (until_s);
  printf ("%s  %-20s %-34s %-8s %s%s%s (%s)\n", id, name, app,
          blepick_member (grant, "device"), blepick_member (grant, "state"),
          strcmp (lifetime, "always") == 0 ? "" : ", ",
          until != NULL                      ? until
          : strcmp (lifetime, "always") == 0 ? ""
                                             : lifetime,
          blepick_member (grant, "reason"));
}

static void
print_row (GVariant *row)
{
  g_autofree char *app = blepick_escape (blepick_member (row, "app"));
  gboolean managed = FALSE;

  g_variant_lookup (row, "managed", "b", &managed);
  printf ("bluetooth %-20s %-34s %-8s %s (%s)\n", "", app, blepick_member (row, "device"),
          blepick_member (row, "bluetooth"),
          managed ? "managed" : blepick_member (row, "reason"));
}

static void
print_policy (GVariant *policy)
{
  g_autofree char *source = blepick_escape (blepick_member (policy, "source"));
  g_autofree char *app = blepick_escape (blepick_member (policy, "app"));
  g_autoptr (GVariantIter) services = NULL;
  const char *picker = blepick_member (policy, "picker");
  const char *bluetooth = blepick_member (policy, "bluetooth");
  const char *uuid, *value;

  printf ("policy    %-20s %-34s %-8s", source, app, blepick_member (policy, "device"));
  if (picker[0] != '\0')
    printf (" picker=%s", picker);
  if (bluetooth[0] != '\0')
    printf (" bluetooth=%s", bluetooth);
  if (g_variant_lookup (policy, "services", "a(ss)", &services))
    while (g_variant_iter_next (services, "(&s&s)", &uuid, &value))
      printf (" %s=%s", uuid, value);
  printf (" (managed)\n");
}

static void
print_table (const BlepickContext *context,
             const Filter *filter,
             GVariant *grants,
             GVariant *rows,
             GVariant *policies)
{
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (grants); i++)
    {
      g_autoptr (GVariant) grant = g_variant_get_child_value (grants, i);

      if (!fits (filter, grant))
        continue;
      print_grant (context, grant);
      n++;
    }
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);

      if (!fits (filter, row))
        continue;
      print_row (row);
      n++;
    }
  for (gsize i = 0; i < g_variant_n_children (policies); i++)
    {
      g_autoptr (GVariant) policy = g_variant_get_child_value (policies, i);

      if (!has_policy (filter, policy))
        continue;
      print_policy (policy);
      n++;
    }
  if (n == 0)
    blepick_context_say (context, "Nothing was decided yet.");
}

/* The members of @filter that have to be looked up. */
static gboolean
prepare (BlepickBus *bus,
         Filter *filter,
         GVariant *grants,
         const char *app,
         const char *accessory,
         GVariant **ret_grant,
         GError **error)
{
  if (app != NULL)
    {
      filter->app = blepick_settings_find_app (bus, app, error);
      if (filter->app == NULL)
        return FALSE;
    }
  if (accessory == NULL)
    return TRUE;
  *ret_grant = blepick_settings_select_grant (grants, filter->app, accessory, error);
  if (*ret_grant != NULL)
    filter->accessory = blepick_member (*ret_grant, "accessory");
  return *ret_grant != NULL;
}

/* Page by page, newest first. */
static gboolean
print_history (const BlepickContext *context,
               BlepickBus *bus,
               const Filter *filter,
               GError **error)
{
  guint64 before = 0;
  gsize n = BLEPICK_SETTINGS_PAGE;

  while (n == BLEPICK_SETTINGS_PAGE)
    {
      g_autoptr (GVariant) page =
        blepick_settings_history (bus, filter->app, before, error);

      if (page == NULL)
        return FALSE;
      n = g_variant_n_children (page);
      for (gsize i = 0; i < n; i++)
        {
          g_autoptr (GVariant) entry = g_variant_get_child_value (page, i);

          g_variant_lookup (entry, "sequence", "t", &before);
          if (fits (filter, entry))
            blepick_log_print (context, entry);
        }
    }
  return TRUE;
}

/* What is in force now, and why. */
static gboolean
print_state (const BlepickContext *context,
             BlepickBus *bus,
             const Filter *filter,
             GVariant *grants,
             GError **error)
{
  g_autoptr (GVariant) rows = blepick_settings_list_rows (bus, error);
  g_autoptr (GVariant) policies =
    rows != NULL ? blepick_settings_list_policies (bus, error) : NULL;

  if (policies == NULL)
    return FALSE;
  if (blepick_context_is_json (context))
    print_json (context, filter, grants, rows, policies);
  else
    print_table (context, filter, grants, rows, policies);
  return TRUE;
}

int
blepick_run_grants (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *app = NULL, *device = NULL, *accessory = NULL;
  gboolean history = FALSE;
  const GOptionEntry entries[] = {
    { "app", 0, 0, G_OPTION_ARG_STRING, &app, "Only of one app", "APP" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "Only on one device", "DEV" },
    { "accessory", 0, 0, G_OPTION_ARG_STRING, &accessory, "Only one accessory", "ACC" },
    { "history", 0, 0, G_OPTION_ARG_NONE, &history, "Every decision, newest first",
      NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) grants = NULL, grant = NULL;
  g_autoptr (GError) error = NULL;
  Filter filter = { 0 };
  gboolean good;

  if (!blepick_verb_parse (context, "grants", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "grants", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new (context, &error);
  if (bus != NULL)
    grants = blepick_settings_list_grants (bus, &error);
  filter.device = device;
  good = grants != NULL &&
         prepare (bus, &filter, grants, app, accessory, &grant, &error) &&
         (history ? print_history (context, bus, &filter, &error)
                  : print_state (context, bus, &filter, grants, &error));
  g_free (filter.app);
  return good ? BLEPICK_EXIT_OK : blepick_context_fail (context, error, FALSE);
}
