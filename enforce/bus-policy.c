/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "enforce/bus-policy.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define MARK  "<!-- blepick enforce -->"
#define CLOSE "</busconfig>"
#define HEAD                                                                             \
  "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n" \
  "  \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig>\n"
#define TAIL CLOSE "\n"

char *
enforce_bus_policy_remove (const char *text)
{
  g_autoptr (GString) kept = g_string_new (NULL);
  const char *line = text;

  while (*line != '\0')
    {
      const char *end = strchr (line, '\n');
      gsize length = end != NULL ? (gsize) (end - line) + 1 : strlen (line);

      if (g_strstr_len (line, (gssize) length, MARK) == NULL)
        g_string_append_len (kept, line, (gssize) length);
      line += length;
    }
  if (strcmp (kept->str, HEAD TAIL) == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&kept), FALSE);
}

char *
enforce_bus_policy_add (const char *text, const char *policy_path, GError **error)
{
  g_autofree char *rest = text != NULL ? enforce_bus_policy_remove (text) : NULL;
  const char *start = rest != NULL ? rest : HEAD TAIL;
  const char *end = g_strrstr (start, CLOSE);

  if (end == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "it has no %s, so nothing can be put before it", CLOSE);
      return NULL;
    }
  /* A line of its own, so that taking it out leaves the file as it was. */
  if (end > start && end[-1] != '\n')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s does not begin its line", CLOSE);
      return NULL;
    }
  return g_strdup_printf ("%.*s<include ignore_missing=\"yes\">%s</include> %s\n%s",
                          (int) (end - start), start, policy_path, MARK, end);
}

/* FALSE with @error unset, and @ret_text NULL, when there is no file. */
static gboolean
read_text (const char *path, char **ret_text, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;

  *ret_text = NULL;
  if (!g_file_get_contents (path, &text, &length, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (length > ENFORCE_BUS_POLICY_MAX || strlen (text) != length)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is no text of a bus's",
                   path);
      return FALSE;
    }
  *ret_text = g_steal_pointer (&text);
  return TRUE;
}

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  return g_file_set_contents_full (path, text, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT |
                                     G_FILE_SET_CONTENTS_DURABLE,
                                   0644, error);
}

gboolean
enforce_bus_policy_install (const char *path, const char *policy_path, GError **error)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!read_text (path, &before, error))
    return FALSE;
  after = enforce_bus_policy_add (before, policy_path, error);
  if (after == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  return g_strcmp0 (before, after) == 0 || write_text (path, after, error);
}

gboolean
enforce_bus_policy_uninstall (const char *path, GError **error)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!read_text (path, &before, error))
    return FALSE;
  if (before == NULL)
    return TRUE;
  after = enforce_bus_policy_remove (before);
  if (after != NULL)
    return strcmp (before, after) == 0 || write_text (path, after, error);
  if (g_unlink (path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               "%s cannot be removed: %s", path, g_strerror (errno));
  return FALSE;
}
