/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/change.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>

#include "enforce/bus-policy.h"
#include "enforce/sockets.h"

const EnforcePlaces enforce_places = {
  "/etc/dbus-1/system-local.conf",
  ENFORCE_POLICY_PATH,
  "/etc/blepick/enforcement",
};

EnforceLevel
enforce_change_wanted (const EnforcePlaces *places)
{
  g_autofree char *text = NULL;
  EnforceLevel level;

  if (g_file_get_contents (places->level_file, &text, NULL, NULL) &&
      enforce_level_from_word (g_strstrip (text), &level))
    return level;
  return ENFORCE_ADVISORY;
}

static gboolean
write_wanted (const EnforcePlaces *places, EnforceLevel level, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (places->level_file);
  g_autofree char *text = g_strdup_printf ("%s\n", enforce_level_to_word (level));

  if (level == ENFORCE_ADVISORY)
    {
      if (g_unlink (places->level_file) == 0 || errno == ENOENT)
        return TRUE;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
                   places->level_file, g_strerror (errno));
      return FALSE;
    }
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  return g_file_set_contents_full (places->level_file, text, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT |
                                     G_FILE_SET_CONTENTS_DURABLE,
                                   0644, error);
}

static gboolean
set_bus_policy (const EnforcePlaces *places, EnforceLevel level, GError **error)
{
  return level == ENFORCE_ADVISORY
           ? enforce_bus_policy_uninstall (places->bus_file, error)
           : enforce_bus_policy_install (places->bus_file, places->policy, error);
}

/* Both files say the new level, or both the old one. */
static gboolean
set_files (const EnforcePlaces *places, EnforceLevel level, GError **error)
{
  EnforceLevel before = enforce_change_wanted (places);
  g_autoptr (GError) left = NULL;

  if (!set_bus_policy (places, level, error))
    return FALSE;
  if (write_wanted (places, level, error))
    return TRUE;
  if (!set_bus_policy (places, before, &left))
    g_prefix_error (error, "the bus has the new level (%s); ", left->message);
  return FALSE;
}

gboolean
enforce_change_set (const EnforcePlaces *places, EnforceLevel level, GError **error)
{
  gboolean were_closed = enforce_sockets_are_closed ();
  g_autoptr (GError) left = NULL;

  if (level == ENFORCE_STRICT && !enforce_sockets_close (error))
    return FALSE;
  if (!set_files (places, level, error))
    {
      if (level == ENFORCE_STRICT && !were_closed && !enforce_sockets_open (&left))
        g_prefix_error (error, "Bluetooth sockets stay closed (%s); ", left->message);
      return FALSE;
    }
  return level == ENFORCE_STRICT || enforce_sockets_open (error);
}

gboolean
enforce_change_boot (const EnforcePlaces *places, GError **error)
{
  return enforce_change_wanted (places) != ENFORCE_STRICT ||
         enforce_sockets_close (error);
}
