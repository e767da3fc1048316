/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/managed.h"

#include <string.h>

#include "perms/error.h"
#include "perms/key-file.h"

typedef struct
{
  char *source;      /* the name of its file */
  char *app;         /* "KIND:ID", "host" or "*" */
  char *fingerprint; /* NULL: any */
  char *device;      /* name or "*" */
  PermsManaged picker;
  PermsManaged bluetooth;
  GArray *services; /* PermsManagedService; NULL: none */
} Policy;

struct _PermsManagedSet
{
  GPtrArray *policies; /* Policy * */
};

static void
free_policy (gpointer data)
{
  Policy *policy = data;

  g_free (policy->source);
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
parse_app (gpointer record, const char *value)
{
  Policy *policy = record;
  const char *expected = "app=KIND:ID, app=host or app=*";
  const char *id = strchr (value, ':');
  PermsAppKind kind = PERMS_APP_KIND_NONE;

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
parse_fingerprint (gpointer record, const char *value)
{
  Policy *policy = record;

  if (value[0] == '\0' || strlen (value) > PERMS_FINGERPRINT_MAX)
    return "a fingerprint of 1 to 256 bytes";
  policy->fingerprint = g_strdup (value);
  return NULL;
}

static const char *
parse_device (gpointer record, const char *value)
{
  Policy *policy = record;

  if (!g_str_equal (value, "*") && !perms_device_is_valid (value))
    return "device=local, a companion's name or *";
  policy->device = g_strdup (value);
  return NULL;
}

static const char *
parse_picker (gpointer record, const char *value)
{
  Policy *policy = record;

  return parse_setting (value, &policy->picker) ? NULL : "picker=allow or picker=deny";
}

static const char *
parse_bluetooth (gpointer record, const char *value)
{
  Policy *policy = record;

  return parse_setting (value, &policy->bluetooth) ? NULL
                                                   : "bluetooth=allow or bluetooth=deny";
}

static const char *
parse_services (gpointer record, const char *value)
{
  Policy *policy = record;

  g_auto (GStrv) items = perms_key_file_split (value, PERMS_SCOPE_SERVICES_MAX);

  if (items == NULL)
    return "services= with 1 to 64 items";

  policy->services = g_array_new (FALSE, FALSE, sizeof (PermsManagedService));
  for (guint i = 0; items[i] != NULL; i++)
    {
      PermsManagedService rule = { .value = PERMS_MANAGED_NONE };
      char *colon = strchr (items[i], ':');
      if (colon != NULL)
        *colon = '\0';
      if (colon == NULL || !perms_key_file_parse_uuid (items[i], &rule.service) ||
          !parse_setting (colon + 1, &rule.value))
        return "services=UUID:allow;UUID:deny;…";
      g_array_append_val (policy->services, rule);
    }
  return NULL;
}

/* What is still missing when a group ends. */
static const char *
finish_policy (gpointer record)
{
  Policy *policy = record;

  if (policy->app == NULL)
    return "app= in this group";
  if (policy->picker == PERMS_MANAGED_NONE && policy->bluetooth == PERMS_MANAGED_NONE &&
      policy->services == NULL)
    return "one of picker=, services=, bluetooth= in this group";
  if (policy->device == NULL)
    policy->device = g_strdup (PERMS_DEVICE_LOCAL);
  return NULL;
}

static gpointer
begin_policy (gpointer user_data)
{
  Policy *policy = g_new0 (Policy, 1);

  g_ptr_array_add (user_data, policy);
  return policy;
}

static const PermsKeyFileKey keys[] = {
  { "app", parse_app },           { "fingerprint", parse_fingerprint },
  { "device", parse_device },     { "picker", parse_picker },
  { "services", parse_services }, { "bluetooth", parse_bluetooth },
};

static const PermsKeyFileForm form = {
  .group = "[Policy]",
  .keys = keys,
  .n_keys = G_N_ELEMENTS (keys),
  .key_list = "one of app, fingerprint, device, picker, services, bluetooth",
  .begin = begin_policy,
  .finish = finish_policy,
};

gboolean
perms_managed_set_add (PermsManagedSet *set,
                       const char *name,
                       const char *text,
                       gsize length,
                       GError **error)
{
  g_autoptr (GPtrArray) policies = g_ptr_array_new_with_free_func (free_policy);

  if (!perms_key_file_read (&form, name, text, length, policies, error))
    return FALSE;
  if (policies->len + set->policies->len > PERMS_MANAGED_POLICIES_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT, "%s: more than %d policies",
                   name, PERMS_MANAGED_POLICIES_MAX);
      return FALSE;
    }
  for (guint i = 0; i < policies->len; i++)
    ((Policy *) g_ptr_array_index (policies, i))->source = g_strdup (name);
  g_ptr_array_extend_and_steal (set->policies, g_steal_pointer (&policies));
  return TRUE;
}

void
perms_managed_set_foreach (const PermsManagedSet *set,
                           PermsManagedFunc func,
                           gpointer user_data)
{
  for (guint i = 0; set != NULL && i < set->policies->len; i++)
    {
      const Policy *policy = g_ptr_array_index (set->policies, i);
      const GArray *services = policy->services;
      const PermsManagedPolicy shown = {
        .source = policy->source,
        .app = policy->app,
        .fingerprint = policy->fingerprint,
        .device = policy->device,
        .picker = policy->picker,
        .bluetooth = policy->bluetooth,
        .services = services != NULL
                      ? (const PermsManagedService *) (gconstpointer) services->data
                      : NULL,
        .n_services = services != NULL ? services->len : 0,
      };

      func (&shown, user_data);
    }
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
      const PermsManagedService *rule =
        &g_array_index (policy->services, PermsManagedService, i);
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
