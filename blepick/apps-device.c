/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick apps install, uninstall and confirm on a companion: what is on this machine is noticed, what is on
 * another one has to be said. */

#include "blepick/apps-device.h"

#include <string.h>
#include <unistd.h>

#include "blepick/devices.h"
#include "blepick/settings.h"
#include "dbus/names.h"

/* "flatpak:org.example.Trainer" as "flatpak:1000:org.example.Trainer"; a whole key as it is; NULL for
 * other words. */
static char *
make_key (const char *word)
{
  const char *colon = strchr (word, ':');

  if (colon == NULL || colon == word || colon[1] == '\0')
    return NULL;
  if (strchr (colon + 1, ':') != NULL || strncmp (word, "host:", strlen ("host:")) == 0)
    return g_strdup (word);
  return g_strdup_printf ("%.*s:%u:%s", (int) (colon - word), word, (guint) getuid (),
                          colon + 1);
}

/* An app of this machine or of a companion; to install also one that nobody has seen. */
static char *
find_key (BlepickBus *bus, const BlepickAppWish *wish, GError **error)
{
  g_autoptr (GError) none = NULL;
  g_autofree char *found = blepick_settings_find_app (bus, wish->app, &none);
  g_autofree char *made = make_key (wish->app);

  if (found == NULL && made != NULL && strcmp (wish->verb, "install") == 0)
    return g_steal_pointer (&made);
  if (found == NULL)
    g_propagate_error (error, g_steal_pointer (&none));
  return g_steal_pointer (&found);
}

static GVariant *
make_options (const BlepickAppWish *wish)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  if (wish->asks != NULL)
    {
      g_auto (GStrv) words = g_strsplit (wish->asks, "+", -1);

      g_variant_dict_insert_value (&options, "asks",
                                   g_variant_new_strv ((const char *const *) words, -1));
    }
  if (wish->fingerprint != NULL)
    g_variant_dict_insert (&options, "fingerprint", "s", wish->fingerprint);
  return g_variant_dict_end (&options);
}

static const char *
find_method (const char *verb)
{
  if (strcmp (verb, "install") == 0)
    return "InstallApp";
  return strcmp (verb, "uninstall") == 0 ? "UninstallApp" : "ConfirmApp";
}

static int
say_done (const BlepickContext *context,
          const BlepickAppWish *wish,
          const char *key,
          const char *device)
{
  JsonBuilder *builder;

  if (!blepick_context_is_json (context))
    {
      blepick_context_say (context, "Done.");
      return BLEPICK_EXIT_OK;
    }
  builder =
    blepick_json_begin (strcmp (wish->verb, "confirm") == 0 ? "confirmed" : wish->verb);
  json_builder_set_member_name (builder, "app");
  json_builder_add_string_value (builder, key);
  json_builder_set_member_name (builder, "device");
  json_builder_add_string_value (builder, device);
  blepick_json_print (context, builder, FALSE);
  return BLEPICK_EXIT_OK;
}

int
blepick_apps_change_on_device (const BlepickContext *context, const BlepickAppWish *wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BlepickBus) bus = blepick_bus_new (context, &error);
  g_autofree char *device =
    bus != NULL ? blepick_devices_find (bus, wish->device, &error) : NULL;
  g_autofree char *key = device != NULL ? find_key (bus, wish, &error) : NULL;
  g_autoptr (GVariant) answer = NULL;

  if (key != NULL)
    answer = blepick_bus_call (
      bus, BLEPICK_BROKER_PATH, BLEPICK_COMPANIONS_INTERFACE, find_method (wish->verb),
      g_variant_new ("(ss@a{sv})", key, device, make_options (wish)), "()", &error);
  return answer != NULL ? say_done (context, wish, key, device)
                        : blepick_context_fail (context, error, FALSE);
}
