/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/wording.h"

#include <string.h>

#include "blepick/bus.h"

#define PASSKEY_DIGITS 6

static const char *
member (GVariant *dict, const char *key)
{
  return dict != NULL ? blepick_member (dict, key) : "";
}

static gboolean
is_true (GVariant *dict, const char *key)
{
  gboolean value = FALSE;

  return dict != NULL && g_variant_lookup (dict, key, "b", &value) && value;
}

/* "One, Two", or NULL where there is none. */
static char *
list_names (GVariant *dict, const char *key)
{
  g_autofree const char **names = NULL;

  if (dict == NULL || !g_variant_lookup (dict, key, "^a&s", &names) || names[0] == NULL)
    return NULL;
  return g_strjoinv (", ", (char **) names);
}

BlepickLifetime
blepick_wording_next_lifetime (BlepickLifetime lifetime)
{
  return (lifetime + 1) % (BLEPICK_LIFETIME_DAY + 1);
}

const char *
blepick_wording_lifetime (BlepickLifetime lifetime)
{
  switch (lifetime)
    {
    case BLEPICK_LIFETIME_ONCE:
      return "until the app ends";
    case BLEPICK_LIFETIME_DAY:
      return "for 24 hours";
    case BLEPICK_LIFETIME_ALWAYS:
    default:
      return "always";
    }
}

char *
blepick_wording_asker (GVariant *about)
{
  const char *name = member (about, "app-name");

  if (name[0] == '\0')
    return g_strdup ("an unknown app");
  if (strcmp (member (about, "app-strength"), "verified") == 0)
    return g_strdup (name);
  return g_strdup_printf ("%s (not verified)", name);
}

char **
blepick_wording_warnings (GVariant *about)
{
  g_autoptr (GStrvBuilder) warnings = g_strv_builder_new ();
  g_autofree char *migrates = list_names (about, "migrates");

  if (is_true (about, "accept-all"))
    g_strv_builder_add (warnings, "Careful: the app asks for accessories of any kind.");
  if (is_true (about, "discovery"))
    g_strv_builder_add (warnings, "The app is told what is around.");
  if (about != NULL && !is_true (about, "declared"))
    g_strv_builder_add (warnings, "The app has not declared what it uses.");
  if (migrates != NULL)
    {
      g_autofree char *text =
        g_strdup_printf ("With your choice it also keeps what it used before: %s.",
                         migrates);

      g_strv_builder_add (warnings, text);
    }
  return g_strv_builder_end (warnings);
}

const char *
blepick_wording_advice (void)
{
  return "Wake the accessory: wear it, or press its button.";
}

static const struct
{
  const char *kind;
  const char *text;
} helps[] = {
  { "heart-rate", "Nothing yet. Wet the electrodes of a strap and put it on; close other "
                  "apps and watches that use it." },
  { "cycling", "Nothing yet. Turn the wheel or the crank; close other apps and bike "
               "computers that use it." },
  { "weight-scale", "Nothing yet. Step on the scale; close other apps that use it." },
  { "keyboard", "Nothing yet. Hold its pairing button until it blinks." },
  { "mouse", "Nothing yet. Hold its pairing button until it blinks." },
};

const char *
blepick_wording_help (GVariant *about)
{
  for (gsize i = 0; i < G_N_ELEMENTS (helps); i++)
    if (strcmp (helps[i].kind, member (about, "kind")) == 0)
      return helps[i].text;
  return "Nothing yet. Switch it on, bring it near, and close other apps that use it.";
}

static const struct
{
  const char *word;
  const char *text;
} phases[] = {
  { "waiting-for-pairing", "Another pairing is under way. One moment..." },
  { "connecting", "Connecting..." },
  { "pairing", "Pairing..." },
  { "naming", "Waiting for a name..." },
  { "storing", "Storing..." },
};

const char *
blepick_wording_phase (const char *phase)
{
  for (gsize i = 0; i < G_N_ELEMENTS (phases); i++)
    if (g_strcmp0 (phase, phases[i].word) == 0)
      return phases[i].text;
  return "One moment...";
}

static const char *
name_accessory (GVariant *dict)
{
  const char *name = member (dict, "name");

  return name[0] != '\0' ? name : "the accessory";
}

/* What an accessory that only indicates has to be told with, where everybody hears bluetoothd. */
#define VALUES_ON_BUS \
  "Other programs of this computer can hear what it measures: see 'blepick doctor'."

static gboolean
has_values_on_bus (GVariant *dict)
{
  gboolean on_bus = FALSE;

  g_variant_lookup (dict, "values-on-bus", "b", &on_bus);
  return on_bus;
}

char *
blepick_wording_prompt (GVariant *prompt)
{
  const char *kind = member (prompt, "kind");
  const char *name = name_accessory (prompt);
  const char *warning = has_values_on_bus (prompt) ? " " VALUES_ON_BUS : "";
  guint32 entered = 0;

  if (strcmp (kind, "compare") == 0)
    return g_strdup_printf (
      "Does %s show the same six digits? Do not type them anywhere.%s", name, warning);
  if (strcmp (kind, "enter") == 0)
    return g_strdup_printf ("%s shows six digits. Type them here.%s", name, warning);
  if (strcmp (kind, "rename") == 0)
    return g_strdup_printf ("What do you want to call it? It says that it is %s.", name);
  g_variant_lookup (prompt, "entered", "u", &entered);
  return g_strdup_printf ("Type these six digits on %s. %u of %d typed.%s", name,
                          MIN (entered, (guint) PASSKEY_DIGITS), PASSKEY_DIGITS, warning);
}

char *
blepick_wording_question (GVariant *about, GVariant *question)
{
  const char *kind = member (question, "kind");
  g_autofree char *asker = blepick_wording_asker (about);
  g_autofree char *names = list_names (question, "names");

  if (strcmp (kind, "bluetooth") == 0)
    return g_strdup_printf (
      "May %s use all of Bluetooth? It could find everything that is "
      "around, and recognise the place where you are.",
      asker);
  if (strcmp (kind, "scope") == 0)
    return g_strdup_printf ("May %s do more with %s than before? This is new:", asker,
                            name_accessory (question));
  return g_strdup_printf ("May %s keep what it used before: %s?", asker,
                          names != NULL ? names : "nothing");
}

char **
blepick_wording_services (GVariant *question)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_autoptr (GVariant) services =
    g_variant_lookup_value (question, "services", G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; services != NULL && i < g_variant_n_children (services); i++)
    {
      g_autoptr (GVariant) service = g_variant_get_child_value (services, i);
      g_autofree char *access = list_names (service, "access");
      const char *kind = blepick_member (service, "kind");
      gboolean known = kind[0] != '\0' && strcmp (kind, "unknown") != 0;
      g_autofree char *line =
        g_strdup_printf ("%s: %s", known ? kind : blepick_member (service, "uuid"),
                         access != NULL ? access : "");

      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}

#define UNVERIFIED                                                                   \
  "Paired. The accessory has no screen or keys, so nothing was verified: make sure " \
  "that it is yours."

const char *
blepick_wording_outcome (GVariant *result)
{
  gboolean verified = strcmp (member (result, "pairing-method"), "just-works") != 0;

  if (strcmp (member (result, "outcome"), "done") != 0)
    return NULL;
  if (has_values_on_bus (result))
    return verified ? "Paired. " VALUES_ON_BUS : UNVERIFIED " " VALUES_ON_BUS;
  return verified ? NULL : UNVERIFIED;
}
