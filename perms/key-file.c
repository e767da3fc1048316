/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "perms/key-file.h"

#include <string.h>

#include "perms/error.h"

/* Where the reading is. */
typedef struct
{
  const PermsKeyFileForm *form;
  gpointer user_data;
  gpointer record; /* of the group that is open; NULL: none yet */
  guint line;
  guint group_line;
  guint32 seen; /* a bit for each key that this group has */
  char *words;  /* of a message that was put together; owned */
} Reading;

char **
perms_key_file_split (const char *value, guint max)
{
  g_auto (GStrv) items = g_strsplit (value, ";", (gint) max + 2);
  guint n_items = g_strv_length (items);

  if (n_items > 1 && g_strstrip (items[n_items - 1])[0] == '\0')
    g_clear_pointer (&items[--n_items], g_free);
  if (n_items == 0 || n_items > max)
    return NULL;
  for (guint i = 0; i < n_items; i++)
    g_strstrip (items[i]);
  return g_steal_pointer (&items);
}

gboolean
perms_key_file_parse_uuid (const char *text, PermsUuid *ret_uuid)
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
take_assignment (Reading *reading, char *line)
{
  const PermsKeyFileForm *form = reading->form;
  char *value = strchr (line, '=');

  if (value == NULL)
    return "KEY=VALUE";
  *value++ = '\0';
  g_strstrip (line);
  g_strstrip (value);
  for (guint i = 0; i < form->n_keys; i++)
    {
      if (!g_str_equal (line, form->keys[i].key))
        continue;
      if (reading->seen & 1U << i)
        return reading->words = g_strdup_printf ("%s= once", line);
      reading->seen |= 1U << i;
      return form->keys[i].parse (reading->record, value);
    }
  return form->key_list;
}

static const char *
finish_group (Reading *reading)
{
  const char *expected =
    reading->record != NULL ? reading->form->finish (reading->record) : NULL;
  if (expected != NULL)
    reading->line = reading->group_line;
  return expected;
}

static const char *
take_line (Reading *reading, char *line)
{
  const char *group = reading->form->group;
  const char *expected = NULL;

  if (line[0] == '\0' || line[0] == '#')
    return NULL;
  if (line[0] != '[')
    return reading->record != NULL
             ? take_assignment (reading, line)
             : (reading->words = g_strdup_printf ("the group %s first", group));
  if (!g_str_equal (line, group))
    return reading->words = g_strdup_printf ("the group %s", group);

  guint line_of_this = reading->line;
  expected = finish_group (reading);
  if (expected != NULL)
    return expected;
  reading->record = reading->form->begin (reading->user_data);
  reading->group_line = line_of_this;
  reading->seen = 0;
  return reading->record != NULL ? NULL : "no further group";
}

gboolean
perms_key_file_read (const PermsKeyFileForm *form,
                     const char *name,
                     const char *text,
                     gsize length,
                     gpointer user_data,
                     GError **error)
{
  if (length > PERMS_KEY_FILE_TEXT_MAX)
    {
      g_set_error (error, PERMS_ERROR, PERMS_ERROR_LIMIT, "%s: more than %d bytes", name,
                   PERMS_KEY_FILE_TEXT_MAX);
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
  Reading reading = { .form = form, .user_data = user_data };
  const char *expected = NULL;
  for (guint i = 0; lines[i] != NULL && expected == NULL; i++)
    {
      reading.line = i + 1;
      expected = take_line (&reading, g_strstrip (lines[i]));
    }
  if (expected == NULL)
    expected = finish_group (&reading);
  if (expected != NULL)
    g_set_error (error, PERMS_ERROR, PERMS_ERROR_INVALID, "%s:%u: expected %s", name,
                 reading.line, expected);
  g_free (reading.words);
  return expected == NULL;
}
