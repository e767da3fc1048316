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
  g_free (row->app_word);
  g_free (row);
}

BlepickRows *
blepick_rows_new (void)
{
  BlepickRows *rows = g_new0 (BlepickRows, 1);

  rows->all = g_ptr_array_new_with_free_func (free_row);
  return rows;
}

void
blepick_rows_free (BlepickRows *rows)
{
  if (rows == NULL)
    return;
  g_ptr_array_unref (rows->all);
  g_clear_pointer (&rows->items, g_variant_unref);
  g_free (rows);
}

void
blepick_rows_begin (BlepickRows *rows, GVariant *items)
{
  g_clear_pointer (&rows->items, g_variant_unref);
  if (items != NULL)
    rows->items = g_variant_ref_sink (items);
  g_ptr_array_set_size (rows->all, 0);
  rows->n_numbered = 0;
}

static BlepickRow *
find_id (const BlepickRows *rows, const char *id)
{
  for (guint i = 0; i < rows->all->len; i++)
    {
      BlepickRow *row = g_ptr_array_index (rows->all, i);

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

/* Returns: (transfer full): the name that the app gives to this one, else to its kind. */
static char *
find_app_word (const BlepickRows *rows, GVariant *dict)
{
  g_autoptr (GVariant) item = NULL;
  guint32 index = 0;
  char *word = NULL;

  if (rows->items == NULL || g_variant_lookup (dict, "app-name", "s", &word))
    return word;
  g_variant_lookup (dict, "item", "u", &index);
  if (index >= g_variant_n_children (rows->items))
    return NULL;
  item = g_variant_get_child_value (rows->items, index);
  g_variant_lookup (item, "name", "s", &word);
  return word;
}

static gboolean
take_app_word (const BlepickRows *rows, BlepickRow *row, GVariant *dict)
{
  g_autofree char *word = find_app_word (rows, dict);

  if (word == NULL || strcmp (word, row->name) == 0)
    {
      g_free (word);
      word = g_strdup ("");
    }
  if (g_strcmp0 (row->app_word, word) == 0)
    return FALSE;
  g_free (row->app_word);
  row->app_word = g_steal_pointer (&word);
  return TRUE;
}

const BlepickRow *
blepick_rows_take (BlepickRows *rows, GVariant *dict, gboolean *ret_news)
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
      row->number = ++rows->n_numbered;
      g_ptr_array_add (rows->all, row);
    }

  take_word (&row->signal, dict, "signal");
  news |= take_word (&row->name, dict, "name");
  news |= take_app_word (rows, row, dict);
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

const BlepickRow *
blepick_rows_find_gone (const BlepickRows *rows, GVariant *dict)
{
  const char *id = "";
  gboolean gone = FALSE;

  g_variant_lookup (dict, "id", "&s", &id);
  g_variant_lookup (dict, "gone", "b", &gone);
  return gone ? find_id (rows, id) : NULL;
}

void
blepick_rows_drop (BlepickRows *rows, const BlepickRow *row)
{
  g_ptr_array_remove (rows->all, (gpointer) row);
}

static const BlepickRow *
find_number (const BlepickRows *rows, const char *answer)
{
  char *end = NULL;
  guint64 number = g_ascii_strtoull (answer, &end, 10);

  if (!g_ascii_isdigit (answer[0]) || *end != '\0')
    return NULL;
  for (guint i = 0; i < rows->all->len; i++)
    {
      const BlepickRow *row = g_ptr_array_index (rows->all, i);

      if (row->number == number)
        return row;
    }
  return NULL;
}

/* What comes back has another row. */
static gboolean
has_left (const BlepickRow *row)
{
  return !row->heard && !row->connected && !row->set_up;
}

const BlepickRow *
blepick_rows_find_name (const BlepickRows *rows, const char *name)
{
  const BlepickRow *found = NULL;
  g_autofree char *wanted = g_utf8_casefold (name, -1);

  for (guint i = 0; i < rows->all->len; i++)
    {
      const BlepickRow *row = g_ptr_array_index (rows->all, i);
      g_autofree char *its = g_utf8_casefold (row->name, -1);

      if (strcmp (its, wanted) != 0 || has_left (row))
        continue;
      if (found != NULL)
        return NULL;
      found = row;
    }
  return found;
}

const BlepickRow *
blepick_rows_find (const BlepickRows *rows, const char *answer)
{
  const BlepickRow *found = find_number (rows, answer);

  return found != NULL ? found : blepick_rows_find_name (rows, answer);
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
  if (row->app_word[0] != '\0')
    g_string_append_printf (text, ", which the app calls \"%s\"", row->app_word);
  return g_string_free (text, FALSE);
}

gboolean
blepick_row_is_obscure (const BlepickRow *row)
{
  return row->unnamed && strcmp (row->kind, "unknown") == 0;
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
