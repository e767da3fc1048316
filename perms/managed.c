/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/managed.h"

#include <string.h>

#include "perms/error.h"

typedef struct
{
  PermsUuid service;
  PermsManaged value;
} ServiceRule;

typedef struct
{
  guint line;        /* of the group, for messages */
  char *app;         /* "KIND:ID", "host" or "*" */
  char *fingerprint; /* NULL: any */
  char *device;      /* name or "*" */
  PermsManaged picker;
  PermsManaged bluetooth;
  GArray *services; /* ServiceRule; NULL: none */
} Policy;

struct _PermsManagedSet
{
  GPtrArray *policies; /* Policy * */
};

static void
free_policy (gpointer data)
{
  Policy *policy = data;

  g_free (policy->app);
  g_free (policy->fingerprint);
  g_free (policy->device);
  if (policy->services != NULL)
    g_array_unref (policy->services);
  g_free (policy);
}

PermsManagedSet *
perms_managed_set_new (void)
{
  PermsManagedSet *set = g_new (PermsManagedSet, 1);

  set->policies = g_ptr_array_new_with_free_func (free_policy);
  return set;
}

void
perms_managed_set_free (PermsManagedSet *set)
{
  if (set == NULL)
    return;
  g_ptr_array_unref (set->policies);
  g_free (set);
}

guint
perms_managed_set_get_length (const PermsManagedSet *set)
{
  return set->policies->len;
}

/* ---- reading: each parser returns NULL, or what was expected ---- */

static gboolean
parse_setting (const char *text, PermsManaged *ret_value)
{
  if (g_str_equal (text, "allow"))
    *ret_value = PERMS_MANAGED_ALLOW;
  else if (g_str_equal (text, "deny"))
    *ret_value = PERMS_MANAGED_DENY;
  else
    return FALSE;
  return TRUE;
}

static const char *
parse_app (Policy *policy, const char *value)
{
  const char *expected = "app=KIND:ID, app=host or app=*";
  const char *id = strchr (value, ':');
  PermsAppKind kind = PERMS_APP_KIND_NONE;

  if (policy->app != NULL)
    return "app= once";
  if (!g_str_equal (value, "*") && !g_str_equal (value, "host"))
    {
      if (id == NULL)
        return expected;
      g_autofree char *word = g_strndup (value, (gsize) (id - value));
      if (!perms_app_kind_from_string (word, &kind) || kind == PERMS_APP_KIND_HOST ||
          !perms_app_id_is_valid (kind, id + 1))
        return expected;
    }
  policy->app = g_strdup (value);
  return NULL;
}

static const char *
parse_fingerprint (Policy *policy, const char *value)
{
  if (policy->fingerprint != NULL)
    return "fingerprint= once";
  if (value[0] == '\0' || strlen (value) > PERMS_FINGERPRINT_MAX)
    return "a fingerprint of 1 to 256 bytes";
  policy->fingerprint = g_strdup (value);
  return NULL;
}

static const char *
parse_device (Policy *policy, const char *value)
{
  if (policy->device != NULL)
    return "device= once";
  if (!g_str_equal (value, "*") && !perms_device_is_valid (value))
    return "device=local, a companion's name or *";
  policy->device = g_strdup (value);
  return NULL;
}

static const char *
parse_picker (Policy *policy, const char *value)
{
  if (policy->picker != PERMS_MANAGED_NONE)
    return "picker= once";
  return parse_setting (value, &policy->picker) ? NULL : "picker=allow or picker=deny";
}

static const char *
parse_bluetooth (Policy *policy, const char *value)
{
  if (policy->bluetooth != PERMS_MANAGED_NONE)
    return "bluetooth= once";
  return parse_setting (value, &policy->bluetooth) ? NULL
                                                   : "bluetooth=allow or bluetooth=deny";
}

/* Admins may write the short forms and any case: "180D" and "0000180D" stand for
 * themselves in the Bluetooth base UUID (Core 5.3, Vol 3, Part B, 2.5.1). */
static gboolean
parse_service_uuid (const char *text, PermsUuid *ret_uuid)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_autofree char *whole = NULL;
  gsize length = strlen (lower);

  if (length == 4)
    whole = g_strdup_printf ("0000%s-0000-1000-8000-00805f9b34fb", lower);
  else if (length == 8)
    whole = g_strdup_printf ("%s-0000-1000-8000-00805f9b34fb", lower);
  return perms_uuid_parse (whole != NULL ? whole : lower, ret_uuid, NULL);
}

static const char *
parse_services (Policy *policy, const char *value)
{
  g_auto (GStrv) items = g_strsplit (value, ";", PERMS_SCOPE_SERVICES_MAX + 2);
  guint n_items = g_strv_length (items);

  if (policy->services != NULL)
    return "services= once";
  if (n_items > 1 && items[n_items - 1][0] == '\0')
    n_items--; /* lists of key files may end with their separator */
  if (n_items == 0 || n_items > PERMS_SCOPE_SERVICES_MAX)
    return "services= with 1 to 64 items";

  policy->services = g_array_new (FALSE, FALSE, sizeof (ServiceRule));
  for (guint i = 0; i < n_items; i++)
    {
      ServiceRule rule = { .value = PERMS_MANAGED_NONE };
      char *colon = strchr (g_strstrip (items[i]), ':');
      if (colon != NULL)
        *colon = '\0';
      if (colon == NULL || !parse_service_uuid (items[i], &rule.service) ||
          !parse_setting (colon + 1, &rule.value))
        return "services=UUID:allow;UUID:deny;…";
      g_array_append_val (policy->services, rule);
    }
  return NULL;
}

static const struct
{
  const char *key;
  const char *(*parse) (Policy *policy, const char *value);
} keys[] = {
  { "app", parse_app },           { "fingerprint", parse_fingerprint },
  { "device", parse_device },     { "picker", parse_picker },
  { "services", parse_services }, { "bluetooth", parse_bluetooth },
}; /* a key that is not here is refused */

static const char *
parse_assignment (Policy *policy, char *line)
{
  char *value = strchr (line, '=');

  if (policy == NULL)
    return "the group [Policy] first";
  if (value == NULL)
    return "KEY=VALUE";
  *value++ = '\0';
  g_strstrip (line);
  g_strstrip (value);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      if (g_str_equal (line, keys[i].key))
        return keys[i].parse (policy, value);
    }
  return "one of app, fingerprint, device, picker, services, bluetooth";
}

/* What is still missing when a group ends. */
static const char *
finish_policy (Policy *policy)
{
  if (policy->app == NULL)
    return "app= in this group";
  if (policy->picker == PERMS_MANAGED_NONE && policy->bluetooth == PERMS_MANAGED_NONE &&
      policy->services == NULL)
    return "one of picker=, services=, bluetooth= in this group";
  if (policy->device == NULL)
    policy->device = g_strdup (PERMS_DEVICE_LOCAL);
  return NULL;
}

static const char *
parse_lines (char **lines, GPtrArray *policies, guint *ret_line)
{
  Policy *policy = NULL;
  const char *expected = NULL;

  for (guint i = 0; lines[i] != NULL && expected == NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      *ret_line = i + 1;
      if (line[0] == '\0' || line[0] == '#')
        continue;
      if (line[0] != '[')
        expected = parse_assignment (policy, line);
      else if (!g_str_equal (line, "[Policy]"))
        expected = "the group [Policy]";
      else
        {
          policy = g_new0 (Policy, 1);
          policy->line = i + 1;
          g_ptr_array_add (policies, policy);
        }
    }
  for (guint i = 0; i < policies->len && expected == NULL; i++)
    {
      policy = g_ptr_array_index (policies, i);
      *ret_line = policy->line;
      expected = finish_policy (policy);
    }
  return expected;
}

gboolean
perms_managed_set_add (PermsManagedSet *set,
                       const char *name,
                       const char *text,
                       gsize length,
                       GError **error)
{
  guint line = 1;

  if (length > PERMS_MANAGED_TEXT_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT,
                   "%s: a policy file has at most %d bytes", name,
                   PERMS_MANAGED_TEXT_MAX);
      return FALSE;
    }
  if (!g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "%s: expected UTF-8 text",
                   name);
      return FALSE;
    }

  g_autofree char *copy = g_strndup (text, length);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  g_autoptr (GPtrArray) policies = g_ptr_array_new_with_free_func (free_policy);
  const char *expected = parse_lines (lines, policies, &line);
  if (expected != NULL)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "%s:%u: expected %s", name,
                   line, expected);
      return FALSE;
    }
  if (policies->len + set->policies->len > PERMS_MANAGED_POLICIES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT, "%s: more than %d policies",
                   name, PERMS_MANAGED_POLICIES_MAX);
      return FALSE;
    }
  g_ptr_array_extend_and_steal (set->policies, g_steal_pointer (&policies));
  return TRUE;
}

/* ---- answering ---- */

/* A policy is about apps of every uid: "flatpak:org.example.Trainer" applies to
 * "flatpak:1000:org.example.Trainer". */
static gboolean
applies_to_app (const Policy *policy, const char *app)
{
  if (g_str_equal (policy->app, "*"))
    return TRUE;

  const char *uid = strchr (app, ':');
  if (uid == NULL || strncmp (policy->app, app, (gsize) (uid - app)) != 0)
    return FALSE;
  const char *policy_id = policy->app + (uid - app);
  const char *id = strchr (uid + 1, ':');
  return id == NULL ? policy_id[0] == '\0' : g_str_equal (policy_id, id);
}

static PermsManaged
stricter (PermsManaged a, PermsManaged b)
{
  if (a == PERMS_MANAGED_DENY || b == PERMS_MANAGED_DENY)
    return PERMS_MANAGED_DENY;
  return MAX (a, b);
}

static PermsManaged
view_services (const Policy *policy, const PermsUuid *service)
{
  PermsManaged view = PERMS_MANAGED_NONE;

  for (guint i = 0; policy->services != NULL && i < policy->services->len; i++)
    {
      const ServiceRule *rule = &g_array_index (policy->services, ServiceRule, i);
      if (service == NULL && rule->value == PERMS_MANAGED_ALLOW)
        return PERMS_MANAGED_ALLOW;
      if (service != NULL && perms_uuid_equal (&rule->service, service))
        view = stricter (view, rule->value);
    }
  return view;
}

PermsManagedView
perms_managed_set_view (const PermsManagedSet *set,
                        const char *app,
                        const char *fingerprint,
                        const char *device,
                        const PermsUuid *service)
{
  PermsManagedView view = { .bluetooth = PERMS_MANAGED_NONE };

  for (guint i = 0; set != NULL && i < set->policies->len; i++)
    {
      const Policy *policy = g_ptr_array_index (set->policies, i);
      if (!applies_to_app (policy, app) ||
          (policy->fingerprint != NULL &&
           !g_str_equal (policy->fingerprint, fingerprint)) ||
          (!g_str_equal (policy->device, "*") && !g_str_equal (policy->device, device)))
        continue;
      view.bluetooth = stricter (view.bluetooth, policy->bluetooth);
      view.picker = stricter (view.picker, policy->picker);
      view.service = stricter (view.service, view_services (policy, service));
    }
  return view;
}
