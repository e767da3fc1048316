/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "identity/cgroup.h"

#include <string.h>

#define SYSTEMD_HIERARCHY ":name=systemd:"
#define UNIFIED_HIERARCHY "0::"

/* A line is ID:CONTROLLERS:PATH (cgroups(7)). With both hierarchies systemd's own tells. */
IdentityStep
identity_cgroup_find_path (const char *content, char **ret_path, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (content, "\n", -1);
  const char *path = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *named = strstr (lines[i], SYSTEMD_HIERARCHY);

      if (named != NULL && strchr (lines[i], ':') == named)
        {
          path = named + strlen (SYSTEMD_HIERARCHY);
          break;
        }
      if (g_str_has_prefix (lines[i], UNIFIED_HIERARCHY))
        path = lines[i] + strlen (UNIFIED_HIERARCHY);
    }
  if (path == NULL)
    return IDENTITY_STEP_ABSENT;
  /* "/../x": outside of the cgroups that we see. */
  if (path[0] != '/' || strstr (path, "/..") != NULL)
    return identity_refuse (error, "its cgroup is not understood");
  *ret_path = g_strdup (path);
  return IDENTITY_STEP_FOUND;
}

IdentityStep
identity_cgroup_find_unit (const char *path,
                           char ret_id[PERMS_APP_ID_MAX + 1],
                           GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint i = 1; /* the path begins with a slash */

  if (parts[i] == NULL || strcmp (parts[i], "user.slice") == 0)
    return IDENTITY_STEP_ABSENT;
  while (parts[i] != NULL && g_str_has_suffix (parts[i], ".slice"))
    i++;
  if (parts[i] == NULL || !g_str_has_suffix (parts[i], ".service") ||
      g_str_has_prefix (parts[i], "user@"))
    return IDENTITY_STEP_ABSENT;
  if (!perms_app_id_is_valid (PERMS_APP_KIND_UNIT, parts[i]))
    return identity_refuse (error, "its unit's name is not understood");
  (void) g_strlcpy (ret_id, parts[i], PERMS_APP_ID_MAX + 1);
  return IDENTITY_STEP_FOUND;
}

/* Undoes the \xNN of systemd-escape(1), in place. */
static gboolean
unescape (char *text)
{
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    {
      if (*from != '\\')
        {
          *to++ = *from;
          continue;
        }
      if (from[1] != 'x' || !g_ascii_isxdigit (from[2]) || !g_ascii_isxdigit (from[3]) ||
          (from[2] == '0' && from[3] == '0'))
        return FALSE;
      *to++ =
        (char) (g_ascii_xdigit_value (from[2]) * 16 + g_ascii_xdigit_value (from[3]));
      from += 3;
    }
  *to = '\0';
  return TRUE;
}

IdentityStep
identity_cgroup_find_scope (const char *path,
                            uid_t uid,
                            char ret_id[PERMS_APP_ID_MAX + 1],
                            GError **error)
{
  g_autofree char *manager =
    g_strdup_printf ("/user.slice/user-%u.slice/user@%u.service/", uid, uid);
  g_auto (GStrv) parts = NULL;
  char *name = NULL, *dash;

  if (!g_str_has_prefix (path, manager))
    return IDENTITY_STEP_ABSENT;
  parts = g_strsplit (path + strlen (manager), "/", -1);
  for (guint i = 0; parts[i] != NULL && name == NULL; i++)
    if (g_str_has_prefix (parts[i], "app-") && g_str_has_suffix (parts[i], ".scope"))
      name = parts[i] + strlen ("app-");
  if (name == NULL)
    return IDENTITY_STEP_ABSENT;

  name[strlen (name) - strlen (".scope")] = '\0';
  dash = strrchr (name, '-');
  if (dash == NULL)
    return identity_refuse (error, "its scope's name is not understood");
  *dash = '\0';
  dash = strrchr (name, '-');
  if (dash != NULL)
    name = dash + 1;
  if (!unescape (name) || !perms_app_id_is_valid (PERMS_APP_KIND_SCOPE, name))
    return identity_refuse (error, "its scope's name is not understood");
  (void) g_strlcpy (ret_id, name, PERMS_APP_ID_MAX + 1);
  return IDENTITY_STEP_FOUND;
}

gboolean
identity_cgroup_find_session (const char *path, char ret_id[IDENTITY_SESSION_MAX + 1])
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 5);
  g_autofree char *id = NULL;

  /* "", user.slice, user-UID.slice, session-ID.scope, and whatever is below. */
  if (g_strv_length (parts) < 4 || strcmp (parts[1], "user.slice") != 0 ||
      !g_str_has_prefix (parts[2], "user-") || !g_str_has_suffix (parts[2], ".slice") ||
      !g_str_has_prefix (parts[3], "session-") || !g_str_has_suffix (parts[3], ".scope"))
    return FALSE;
  id = g_strndup (parts[3] + strlen ("session-"),
                  strlen (parts[3]) - strlen ("session-") - strlen (".scope"));
  if (id[0] == '\0' || strlen (id) > IDENTITY_SESSION_MAX)
    return FALSE;
  for (const char *byte = id; *byte != '\0'; byte++)
    if (!g_ascii_isalnum (*byte))
      return FALSE;
  (void) g_strlcpy (ret_id, id, IDENTITY_SESSION_MAX + 1);
  return TRUE;
}
