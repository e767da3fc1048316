/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick companions: the other devices that run apps of the person, and how permissions move to them. */

#include <stdio.h>
#include <string.h>

#include "blepick/devices.h"
#include "blepick/settings.h"
#include "blepick/verbs.h"
#include "dbus/names.h"

/* ---- lists ---- */

static gboolean
get_flag (GVariant *dict, const char *key)
{
  gboolean value = FALSE;

  g_variant_lookup (dict, key, "b", &value);
  return value;
}

static void
add_revision (JsonBuilder *builder, GVariant *dict)
{
  guint64 revision = 0;

  g_variant_lookup (dict, "revision", "t", &revision);
  json_builder_set_member_name (builder, "revision");
  json_builder_add_int_value (builder, (gint64) revision);
}

static void
add_app (JsonBuilder *builder, GVariant *app)
{
  g_autoptr (GVariant) asks =
    g_variant_lookup_value (app, "asks", G_VARIANT_TYPE_STRING_ARRAY);

  json_builder_begin_object (builder);
  blepick_settings_add_string (builder, app, "app", "app");
  blepick_settings_add_string (builder, app, "fingerprint", "fingerprint");
  blepick_settings_add_string (builder, app, "changed-to", "changed_to");
  blepick_settings_add_strings (builder, asks, "asks");
  blepick_settings_add_string (builder, app, "bluetooth", "bluetooth");
  blepick_settings_add_flag (builder, app, "managed", "managed");
  blepick_settings_add_string (builder, app, "reason", "reason");
  add_revision (builder, app);
  blepick_settings_add_time (builder, app, "time", "time");
  blepick_settings_add_string (builder, app, "decided-on", "decided_on");
  json_builder_end_object (builder);
}

static gboolean
is_on (GVariant *app, GVariant *device)
{
  return strcmp (blepick_member (app, "device"), blepick_member (device, "device")) == 0;
}

static void
add_device (JsonBuilder *builder, GVariant *device, GVariant *apps)
{
  json_builder_begin_object (builder);
  blepick_settings_add_string (builder, device, "device", "device");
  blepick_settings_add_string (builder, device, "kind", "kind");
  blepick_settings_add_flag (builder, device, "linked", "linked");
  blepick_settings_add_flag (builder, device, "host", "host");
  blepick_settings_add_string (builder, device, "policy", "policy");
  blepick_settings_add_string (builder, device, "consent", "consent");
  add_revision (builder, device);
  blepick_settings_add_time (builder, device, "time", "time");
  blepick_settings_add_string (builder, device, "decided-on", "decided_on");
  json_builder_set_member_name (builder, "apps");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (apps); i++)
    {
      g_autoptr (GVariant) app = g_variant_get_child_value (apps, i);

      if (is_on (app, device))
        add_app (builder, app);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_device (GVariant *device)
{
  const char *policy = blepick_member (device, "policy");
  const char *consent = blepick_member (device, "consent");

  printf ("%-20s %-10s %s", blepick_member (device, "device"),
          blepick_member (device, "kind"),
          !get_flag (device, "linked") ? "not linked"
          : get_flag (device, "host")  ? "linked as host, "
                                       : "linked, ");
  if (get_flag (device, "linked"))
    printf ("%s", policy);
  if (strcmp (policy, "copy-once") == 0 || strcmp (consent, "none") != 0)
    printf (", %s", strcmp (consent, "allow") == 0  ? "may be copied to"
                    : strcmp (consent, "deny") == 0 ? "may not be copied to"
                                                    : "without your consent");
  printf ("\n");
}

static void
print_app (GVariant *app)
{
  g_autofree char *key = blepick_escape (blepick_member (app, "app"));

  printf ("  %-38s Bluetooth %s (%s)%s\n", key, blepick_member (app, "bluetooth"),
          get_flag (app, "managed") ? "managed" : blepick_member (app, "reason"),
          blepick_member (app, "changed-to")[0] != '\0' ? ", CHANGED: not confirmed"
                                                        : "");
}

static void
print_all (GVariant *devices, GVariant *apps)
{
  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);

      print_device (device);
      for (gsize j = 0; j < g_variant_n_children (apps); j++)
        {
          g_autoptr (GVariant) app = g_variant_get_child_value (apps, j);

          if (is_on (app, device))
            print_app (app);
        }
    }
}

static int
run_list (const BlepickContext *context, BlepickBus *bus)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) devices = blepick_devices_list (bus, &error);
  g_autoptr (GVariant) apps =
    devices != NULL ? blepick_devices_list_apps (bus, &error) : NULL;
  JsonBuilder *builder;

  if (apps == NULL)
    return blepick_context_fail (context, error, FALSE);
  if (!blepick_context_is_json (context))
    {
      if (g_variant_n_children (devices) == 0)
        blepick_context_say (context, "There are no companions. See: blepick companions "
                                      "--help");
      print_all (devices, apps);
      return BLEPICK_EXIT_OK;
    }
  builder = blepick_json_begin ("companions");
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < g_variant_n_children (devices); i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);

      add_device (builder, device, apps);
    }
  json_builder_end_array (builder);
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

/* ---- changes ---- */

/* One verb with what the command line said. */
typedef struct
{
  const char *verb;
  const char *method;
  const char *device; /* its name */
  const char *word;   /* policy, or allow and deny */
  const char *kind;
  gboolean as_host;
} Wish;

static GVariant *
make_parameters (const Wish *wish)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (strcmp (wish->verb, "add") == 0)
    return g_variant_new ("(ss@a{sv})", wish->device, wish->kind,
                          g_variant_dict_end (&options));
  if (strcmp (wish->verb, "policy") == 0)
    return g_variant_new ("(ss@a{sv})", wish->device, wish->word,
                          g_variant_dict_end (&options));
  if (strcmp (wish->verb, "consent") == 0)
    return g_variant_new ("(sb@a{sv})", wish->device,
                          g_strcmp0 (wish->word, "allow") == 0,
                          g_variant_dict_end (&options));
  if (wish->as_host)
    g_variant_dict_insert (&options, "host", "b", TRUE);
  return g_variant_new ("(s@a{sv})", wish->device, g_variant_dict_end (&options));
}

static void
say_synced (const BlepickContext *context, GVariant *answer)
{
  g_autofree const char **copied = NULL, **mismatched = NULL;

  g_variant_get (answer, "(^a&s^a&s)", &copied, &mismatched);
  for (gsize i = 0; copied[i] != NULL; i++)
    blepick_context_say (context, "Copied, if nothing was decided there: %s", copied[i]);
  for (gsize i = 0; mismatched[i] != NULL; i++)
    blepick_context_say (context, "Another publisher's there, so not copied: %s",
                         mismatched[i]);
  if (copied[0] == NULL && mismatched[0] == NULL)
    blepick_context_say (context, "There was nothing to copy.");
}

static int
say_done (const BlepickContext *context, const Wish *wish, GVariant *answer)
{
  gboolean is_sync = strcmp (wish->verb, "sync") == 0;
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      if (is_sync)
        say_synced (context, answer);
      else
        blepick_context_say (context, "Done.");
      return BLEPICK_EXIT_OK;
    }
  builder = blepick_json_begin ("companion");
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, wish->device);
  json_builder_set_member_name (builder, "change");
  json_builder_add_string_value (builder, wish->verb);
  if (is_sync)
    {
      g_autoptr (GVariant) copied = g_variant_get_child_value (answer, 0);
      g_autoptr (GVariant) mismatched = g_variant_get_child_value (answer, 1);

      blepick_settings_add_strings (builder, copied, "copied");
      blepick_settings_add_strings (builder, mismatched, "mismatched");
    }
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

static int
run_change (const BlepickContext *context, BlepickBus *bus, Wish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = strcmp (wish->verb, "add") == 0
                              ? g_strdup (wish->device)
                              : blepick_devices_find (bus, wish->device, &error);
  g_autoptr (GVariant) answer = NULL;

  if (device != NULL)
    {
      wish->device = device;
      answer =
        blepick_bus_call (bus, BLEPICK_BROKER_PATH, BLEPICK_COMPANIONS_INTERFACE,
                          wish->method, make_parameters (wish),
                          strcmp (wish->verb, "sync") == 0 ? "(asas)" : "()", &error);
    }
  return answer != NULL ? say_done (context, wish, answer)
                        : blepick_context_fail (context, error, FALSE);
}

/* ---- the verb ---- */

static const struct
{
  const char *verb;
  const char *method; /* NULL: a list */
  int n_words;        /* after it */
} forms[] = {
  { "list", NULL, 0 },
  { "add", "Add", 1 },
  { "remove", "Remove", 1 },
  { "link", "Link", 1 },
  { "unlink", "Unlink", 1 },
  { "policy", "SetPolicy", 2 },
  { "consent", "SetConsent", 2 },
  { "sync", "Sync", 1 },
};

/* What is wrong with the words of @wish, or NULL. */
static const char *
find_misuse (const Wish *wish)
{
  if ((strcmp (wish->verb, "add") == 0) != (wish->kind != NULL))
    return wish->kind != NULL ? "--kind goes with add"
                              : "Say what it is: --kind watch, or another word";
  if (wish->as_host && strcmp (wish->verb, "link") != 0)
    return "--host goes with link";
  if (strcmp (wish->verb, "consent") == 0 && g_strcmp0 (wish->word, "allow") != 0 &&
      g_strcmp0 (wish->word, "deny") != 0)
    return "Consent is allow or deny";
  if (strcmp (wish->verb, "policy") == 0 && g_strcmp0 (wish->word, "independent") != 0 &&
      g_strcmp0 (wish->word, "copy-once") != 0 && g_strcmp0 (wish->word, "mirrored") != 0)
    return "A policy is independent, copy-once or mirrored";
  return NULL;
}

/* Fills @wish in. FALSE: said why. */
static gboolean
read_words (const BlepickContext *context, int argc, char **argv, Wish *wish)
{
  const char *misuse;

  wish->verb = argc > 1 ? argv[1] : "list";
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      if (strcmp (forms[i].verb, wish->verb) != 0)
        continue;
      if (!blepick_verb_expect (context, "companions", argc,
                                forms[i].n_words + (argc > 1 ? 1 : 0),
                                forms[i].n_words + 1))
        return FALSE;
      wish->method = forms[i].method;
      wish->device = argc > 2 ? argv[2] : NULL;
      wish->word = argc > 3 ? argv[3] : NULL;
      misuse = find_misuse (wish);
      if (misuse != NULL)
        blepick_verb_misuse (context, "%s", misuse);
      return misuse == NULL;
    }
  blepick_verb_misuse (context,
                       "There is no companions %s. See: blepick companions --help",
                       wish->verb);
  return FALSE;
}

int
blepick_run_companions (const BlepickContext *context, int argc, char **argv)
{
  g_autofree char *kind = NULL;
  gboolean as_host = FALSE;
  const GOptionEntry entries[] = {
    { "kind", 0, 0, G_OPTION_ARG_STRING, &kind, "Of add: what it is, such as watch",
      "KIND" },
    { "host", 0, 0, G_OPTION_ARG_NONE, &as_host,
      "Of link: the other device is the host, and this one its companion", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (BlepickBus) bus = NULL;
  Wish wish = { 0 };

  if (!blepick_verb_parse (context, "companions", entries, &argc, &argv))
    return BLEPICK_EXIT_USAGE;
  wish.kind = kind;
  wish.as_host = as_host;
  if (!read_words (context, argc, argv, &wish))
    return BLEPICK_EXIT_USAGE;
  bus = blepick_bus_new (context, &error);
  if (bus == NULL)
    return blepick_context_fail (context, error, FALSE);
  return wish.method == NULL ? run_list (context, bus) : run_change (context, bus, &wish);
}
