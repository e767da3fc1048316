/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick allow, deny, reset: change what an app may do. */

#include <string.h>

#include "blepick/devices.h"
#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

/* What the words and options said. */
typedef struct
{
  const char *device; /* a word for it; NULL: this one */
  const char *lifetime;
  gint64 until_s;
} Wish;

static GVariant *
make_options (const Wish *wish)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (wish->device != NULL)
    g_variant_dict_insert (&options, "device", "s", wish->device);
  if (wish->lifetime != NULL)
    g_variant_dict_insert (&options, "lifetime", "s", wish->lifetime);
  if (wish->until_s != 0)
    g_variant_dict_insert (&options, "until", "x", wish->until_s);
  return g_variant_dict_end (&options);
}

static gboolean
call (BlepickBus *bus, const char *method, GVariant *parameters, GError **error)
{
  g_autoptr (GVariant) reply =
    blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_PERMISSIONS_INTERFACE, method,
                      parameters, "()", error);

  return reply != NULL;
}

static gboolean
change_accessory (BlepickBus *bus,
                  const char *method,
                  const char *app,
                  const char *selector,
                  const Wish *wish,
                  GError **error)
{
  g_autoptr (GVariant) grants = blepick_settings_list_grants (bus, error);
  g_autoptr (GVariant) grant = NULL;

  if (grants != NULL)
    grant = blepick_settings_select_grant (grants, app, selector, error);
  return grant != NULL &&
         call (bus, method,
               g_variant_new ("(ss@a{sv})", app, blepick_member (grant, "accessory"),
                              make_options (wish)),
               error);
}

static int
say_done (const BlepickContext *context, const char *verb, const char *app)
{
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "Done.");
      return BLEPICK_EXIT_OK;
    }
  builder = blepick_json_begin (verb);
  json_builder_set_member_name (builder, "app");
  if (app != NULL)
    json_builder_add_string_value (builder, app);
  else
    json_builder_add_null_value (builder);
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

/* allow and deny: APP, and an accessory or the word bluetooth. */
static int
change (const BlepickContext *context,
        const char *verb,
        const char *app_word,
        const char *what,
        Wish *wish)
{
  gboolean allow = strcmp (verb, "allow") == 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, &error);
  g_autofree char *app =
    bus != NULL ? blepick_settings_find_app (bus, app_word, &error) : NULL;
  g_autofree char *device = NULL;
  gboolean done = FALSE;

  if (app != NULL && wish->device != NULL)
    {
      device = blepick_devices_find_any (bus, wish->device, &error);
      if (device == NULL)
        return blepick_context_fail (context, error, FALSE);
      wish->device = device;
    }

  if (app != NULL && strcmp (what, "bluetooth") == 0)
    done = call (bus, "SetBluetooth",
                 g_variant_new ("(sb@a{sv})", app, allow, make_options (wish)), &error);
  else if (app != NULL)
    done = change_accessory (bus, allow ? "Allow" : "Deny", app, what, wish, &error);
  return done ? say_done (context, verb, app)
              : blepick_context_fail (context, error, FALSE);
}

int
blepick_run_allow (const BlepickContext *context, int argc, char **argv)
{
  gboolean once = FALSE;
  g_autofree char *duration = NULL, *device = NULL;
  const GOptionEntry entries[] = {
    { "once", 0, 0, G_OPTION_ARG_NONE, &once, "Until the app's next session ends", NULL },
    { "for", 0, 0, G_OPTION_ARG_STRING, &duration, "For so long: 30m, 8h", "DUR" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "On a companion", "DEV" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  Wish wish = { 0 };
  guint duration_ms = 0;

  if (!blepick_verb_parse (context, "allow", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "allow", argc, 2, 2))
    return BLEPICK_EXIT_USAGE;
  if (once && duration != NULL)
    return blepick_verb_misuse (context, "--once and --for do not go together");
  if (duration != NULL &&
      (!blepick_parse_duration (duration, &duration_ms) || duration_ms < 1000))
    return blepick_verb_misuse (context, "--for takes 1s to a day, such as 30m");
  if ((once || duration != NULL) && strcmp (argv[2], "bluetooth") == 0)
    return blepick_verb_misuse (context,
                                "All of Bluetooth is allowed until you deny it; only an "
                                "accessory can be allowed for a while");
  wish.device = device;
  if (once)
    wish.lifetime = "once";
  else if (duration != NULL)
    {
      wish.lifetime = "until";
      wish.until_s = g_get_real_time () / G_USEC_PER_SEC + duration_ms / 1000;
    }
  return change (context, "allow", argv[1], argv[2], &wish);
}

int
blepick_run_deny (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *device = NULL;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "On a companion", "DEV" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };

  if (!blepick_verb_parse (context, "deny", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "deny", argc, 2, 2))
    return BLEPICK_EXIT_USAGE;
  return change (context, "deny", argv[1], argv[2], &(Wish){ .device = device });
}

/* ---- reset ---- */

/* Every row that is the person's to change; says how many are not. */
static gboolean
reset_all (const BlepickContext *context, BlepickBus *bus, GError **error)
{
  g_autoptr (GVariant) rows = blepick_settings_list_rows (bus, error);
  guint n_kept = 0;

  for (gsize i = 0; rows != NULL && i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      Wish wish = { .device = blepick_member (row, "device") };
      gboolean editable = FALSE, managed = FALSE;

      g_variant_lookup (row, "editable", "b", &editable);
      g_variant_lookup (row, "managed", "b", &managed);
      n_kept += managed ? 1 : 0;
      if (editable && !call (bus, "Reset",
                             g_variant_new ("(s@a{sv})", blepick_member (row, "app"),
                                            make_options (&wish)),
                             error))
        return FALSE;
    }
  if (n_kept > 0)
    blepick_context_say (context,
                         "Managed by a policy, and as before: %u. See: blepick grants",
                         n_kept);
  return rows != NULL;
}

int
blepick_run_reset (const BlepickContext *context, int argc, char **argv)
{
  gboolean all = FALSE, done = FALSE;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "Everything that was decided for every app",
      NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *app = NULL;

  if (!blepick_verb_parse (context, "reset", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "reset", argc, 0, 2))
    return BLEPICK_EXIT_USAGE;
  if ((argc < 2) != all)
    return blepick_verb_misuse (context,
                                "Name an app, or say --all. See: blepick grants");
  bus = blepick_bus_new (context, &error);
  if (bus != NULL && all)
    done = reset_all (context, bus, &error);
  else if (bus != NULL)
    app = blepick_settings_find_app (bus, argv[1], &error);
  if (app != NULL && argc == 3)
    done = change_accessory (bus, "Revoke", app, argv[2], &(Wish){ 0 }, &error);
  else if (app != NULL)
    done = call (bus, "Reset", g_variant_new ("(s@a{sv})", app, blepick_empty_options ()),
                 &error);
  return done ? say_done (context, "reset", app)
              : blepick_context_fail (context, error, FALSE);
}
