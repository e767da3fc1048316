/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/rows.h"

#include <string.h>

#include "ble/names.h"

static void
free_row (gpointer data)
{
  BlepickRow *row = data;

  g_free (row->id);
  g_free (row->name);
  g_free (row->kind);
  g_free (row->signal);
  g_free (row->tail);
  g_free (row);
}

GPtrArray *
blepick_rows_new (void)
{
  return g_ptr_array_new_with_free_func (free_row);
}

static BlepickRow *
find_id (GPtrArray *rows, const char *id)
{
  for (guint i = 0; i < rows->len; i++)
    {
      BlepickRow *row = g_ptr_array_index (rows, i);

      if (strcmp (row->id, id) == 0)
        return row;
    }
  return NULL;
}

static gboolean
take_word (char **field, GVariant *dict, const char *key)
{
  const char *value = "";

  g_variant_lookup (dict, key, "&s", &value);
  if (g_strcmp0 (*field, value) == 0)
    return FALSE;
  g_free (*field);
  *field = g_strdup (value);
  return TRUE;
}

static gboolean
take_flag (gboolean *field, GVariant *dict, const char *key)
{
  gboolean value = FALSE;

  g_variant_lookup (dict, key, "b", &value);
  if (*field == value)
    return FALSE;
  *field = value;
  return TRUE;
}

const BlepickRow *
blepick_rows_take (GPtrArray *rows, GVariant *dict, gboolean *ret_news)
{
  const char *id = NULL;
  BlepickRow *row;
  gboolean news;

  if (!g_variant_lookup (dict, "id", "&s", &id) || id[0] == '\0')
    return NULL;
  row = find_id (rows, id);
  news = row == NULL;
  if (row == NULL)
    {
      row = g_new0 (BlepickRow, 1);
      row->id = g_strdup (id);
      row->number = rows->len + 1;
      g_ptr_array_add (rows, row);
    }

  take_word (&row->signal, dict, "signal");
  news |= take_word (&row->name, dict, "name");
  news |= take_word (&row->kind, dict, "kind");
  news |= take_word (&row->tail, dict, "tail");
  news |= take_flag (&row->unnamed, dict, "unnamed");
  news |= take_flag (&row->heard, dict, "heard");
  news |= take_flag (&row->connected, dict, "connected");
  news |= take_flag (&row->set_up, dict, "set-up");
  news |= take_flag (&row->yours, dict, "yours");
  *ret_news = news;
  return row;
}

static const BlepickRow *
find_number (GPtrArray *rows, const char *answer)
{
  char *end = NULL;
  guint64 number = g_ascii_strtoull (answer, &end, 10);

  if (!g_ascii_isdigit (answer[0]) || *end != '\0' || number == 0 || number > rows->len)
    return NULL;
  return g_ptr_array_index (rows, number - 1);
}

const BlepickRow *
blepick_rows_find (GPtrArray *rows, const char *answer)
{
  const BlepickRow *found = find_number (rows, answer);
  g_autofree char *wanted = g_utf8_casefold (answer, -1);

  if (found != NULL)
    return found;
  for (guint i = 0; i < rows->len; i++)
    {
      const BlepickRow *row = g_ptr_array_index (rows, i);
      g_autofree char *name = g_utf8_casefold (row->name, -1);

      if (strcmp (name, wanted) != 0)
        continue;
      if (found != NULL)
        return NULL;
      found = row;
    }
  return found;
}

char *
blepick_row_title (const BlepickRow *row)
{
  if (row->tail[0] == '\0')
    return g_strdup (row->name);
  return g_strdup_printf ("%s (%s)", row->name, row->tail);
}

static const char *
label_kind (const char *word)
{
  for (BleKind kind = BLE_KIND_UNKNOWN; kind <= BLE_KIND_LIGHT; kind++)
    if (strcmp (ble_kind_to_word (kind), word) == 0)
      return ble_kind_to_label (kind);
  return ble_kind_to_label (BLE_KIND_UNKNOWN);
}

char *
blepick_row_describe (const BlepickRow *row)
{
  GString *text = g_string_new (label_kind (row->kind));

  if (row->heard)
    g_string_append_printf (text,
                            strcmp (row->signal, "unknown") == 0 ? ", signal %s"
                                                                 : ", %s signal",
                            row->signal);
  else if (!row->connected)
    g_string_append (text, ", not seen: asleep or in use elsewhere");
  if (row->connected)
    g_string_append (text, ", in use by this computer");
  if (row->yours)
    g_string_append (text, ", yours already");
  else if (row->set_up)
    g_string_append (text, ", set up on this computer");
  return g_string_free (text, FALSE);
}

const char *
blepick_row_kind (const BlepickRow *row)
{
  return label_kind (row->kind);
}

static const struct
{
  const char *word;
  const char *label;
} levels[] = { { "unknown", "unknown" }, { "very-weak", "very weak" },
               { "weak", "weak" },       { "fair", "fair" },
               { "good", "good" },       { "strong", "strong" } };

guint
blepick_row_level (const BlepickRow *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if (strcmp (levels[i].word, row->signal) == 0)
      return i;
  return 0;
}

const char *
blepick_row_signal (const BlepickRow *row)
{
  return levels[blepick_row_level (row)].label;
}
