/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/model.h"

#include <string.h>

#define LABEL_WIDTH_MIN 12
#define LABEL_WIDTH_MAX 30
#define SCRIPTS_MAX     2

typedef struct
{
  FILE *out;
  guint label_width;
  guint cell_width;
  guint n_cells;
  const char *rule; /* one character of a horizontal line */
  const char *same; /* between two cells that agree */
  const char *differ;
} Table;

static guint
measure_text (const char *text)
{
  guint width = 0;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar letter = g_utf8_get_char (c);
      if (!g_unichar_iszerowidth (letter))
        width += g_unichar_iswide (letter) ? 2 : 1;
    }
  return width;
}

static void
write_padded (const Table *table, const char *text, guint width)
{
  guint used = measure_text (text);

  fprintf (table->out, "%s%*s", text, used < width ? (int) (width - used) : 0, "");
}

/* Items joined by ", " in lines of at most @width columns. */
static GPtrArray *
wrap_items (const GPtrArray *items, guint width)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      const char *item = g_ptr_array_index (items, i);
      if (line->len > 0 && measure_text (line->str) + measure_text (item) + 3 > width)
        {
          g_string_append_c (line, ',');
          g_ptr_array_add (lines, g_strdup (line->str));
          g_string_truncate (line, 0);
        }
      g_string_append_printf (line, "%s%s", line->len > 0 ? ", " : "", item);
    }
  g_ptr_array_add (lines, g_strdup (line->str));
  return lines;
}

static gboolean
equal_items (const GPtrArray *a, const GPtrArray *b)
{
  gboolean is_equal = a->len == b->len;

  for (guint i = 0; i < a->len && is_equal; i++)
    is_equal = g_str_equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i));
  return is_equal;
}

static void
clear_cells (GPtrArray **cells, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_pointer (&cells[i], g_ptr_array_unref);
}

/* One row: a label and as many cells as there are scripts, each as many lines as it
 * needs, with a mark between cells that says whether they agree. */
static void
write_row (const Table *table, const char *label, GPtrArray *const *cells)
{
  GPtrArray *lines[SCRIPTS_MAX] = { NULL };
  gboolean agree = table->n_cells < 2 || equal_items (cells[0], cells[1]);
  guint height = 1;

  for (guint i = 0; i < table->n_cells; i++)
    {
      lines[i] = wrap_items (cells[i], table->cell_width);
      height = MAX (height, lines[i]->len);
    }
  for (guint y = 0; y < height; y++)
    {
      write_padded (table, y == 0 ? label : "", table->label_width);
      for (guint i = 0; i < table->n_cells; i++)
        {
          const char *text = y < lines[i]->len ? g_ptr_array_index (lines[i], y) : "";
          if (i > 0)
            fprintf (table->out, " %s%s", agree ? table->same : table->differ,
                     text[0] != '\0' ? " " : "");
          if (i + 1 == table->n_cells)
            fprintf (table->out, "%s\n", text);
          else
            write_padded (table, text, table->cell_width);
        }
    }
  clear_cells (lines, table->n_cells);
}

static void
write_rule (const Table *table)
{
  guint width =
    table->label_width + table->n_cells * table->cell_width + 3 * (table->n_cells - 1);

  for (guint i = 0; i < width; i++)
    fputs (table->rule, table->out);
  fputc ('\n', table->out);
}

static GPtrArray *
describe_outcome (const PermsOutcome *outcome, const PermsMember *member)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_free);
  const char *about = perms_note_to_string (outcome->note);

  g_ptr_array_add (items, perms_outcome_format (outcome));
  if (about != NULL)
    g_ptr_array_add (items, g_strdup_printf ("%s:%s", about, member->name));
  return items;
}

static GPtrArray *
describe_device (const PermsFamily *family, guint index)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_free);
  PermsDerived derived = perms_family_derive (family, index);

  if (!derived.installed)
    {
      g_ptr_array_add (items, g_strdup ("not installed"));
      return items;
    }
  if (derived.reason == PERMS_REASON_NONE)
    g_ptr_array_add (items, g_strdup (perms_bluetooth_to_string (derived.bluetooth)));
  else
    g_ptr_array_add (
      items, g_strdup_printf ("%s (%s)", perms_bluetooth_to_string (derived.bluetooth),
                              perms_reason_to_string (derived.reason)));
  g_ptr_array_add (items, g_strdup (perms_central_to_string (derived.central)));
  if (derived.toggle == PERMS_TOGGLE_HIDDEN)
    g_ptr_array_add (items, g_strdup ("toggle hidden"));
  else
    g_ptr_array_add (
      items, g_strdup_printf ("toggle %s%s", perms_toggle_to_string (derived.toggle),
                              derived.toggle_enabled ? "" : " and greyed"));
  if (!derived.editable)
    g_ptr_array_add (items, g_strdup ("locked"));
  if (derived.picker != PERMS_PICKER_NONE)
    g_ptr_array_add (items, g_strdup_printf ("picker %s",
                                             perms_picker_to_string (derived.picker)));
  for (guint i = 0; i < derived.accessories->len; i++)
    g_ptr_array_add (items, g_strdup_printf ("has %s", (const char *) g_ptr_array_index (
                                                         derived.accessories, i)));
  return items;
}

static void
write_step (const Table *table,
            const PermsScriptStep *step,
            guint number,
            PermsFamily *const *families)
{
  GPtrArray *cells[SCRIPTS_MAX] = { NULL };
  g_autofree char *label = g_strdup_printf ("%3u  %s", number, step->text);

  for (guint i = 0; i < table->n_cells; i++)
    {
      PermsOutcome outcome = perms_event_apply (families[i], &step->event);
      cells[i] =
        describe_outcome (&outcome, perms_family_get (families[i], step->event.member));
    }
  write_row (table, label, cells);
  clear_cells (cells, table->n_cells);

  for (guint j = 0; j < families[0]->members->len; j++)
    {
      g_autofree char *name =
        g_strdup_printf ("       %s", perms_family_get (families[0], j)->name);
      for (guint i = 0; i < table->n_cells; i++)
        cells[i] = describe_device (families[i], j);
      write_row (table, name, cells);
      clear_cells (cells, table->n_cells);
    }
}

static void
write_head (const Table *table, const PermsScript *const *scripts)
{
  const PermsFamily *family = scripts[0]->family;
  GPtrArray *cells[SCRIPTS_MAX] = { NULL };

  fprintf (table->out, "%s asks for",
           scripts[0]->app != NULL ? scripts[0]->app : "Nobody");
  for (guint i = 0; i < family->members->len; i++)
    {
      const PermsMember *member = perms_family_get (family, i);
      fprintf (table->out, "%s %s on %s", i > 0 ? "," : "",
               perms_access_to_string (member->asks), member->name);
    }
  fputs ("\n\n", table->out);

  for (guint i = 0; i < table->n_cells; i++)
    {
      cells[i] = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (cells[i], g_strdup (perms_sync_to_string (scripts[i]->sync)));
    }
  write_row (table, "step", cells);
  clear_cells (cells, table->n_cells);
}

static guint
measure_labels (const PermsScript *script)
{
  guint width = LABEL_WIDTH_MIN;

  for (guint i = 0; i < script->steps->len; i++)
    width =
      MAX (width,
           7 + measure_text (g_array_index (script->steps, PermsScriptStep, i).text));
  return MIN (width, LABEL_WIDTH_MAX);
}

void
blepick_model_write_table (FILE *out,
                           const PermsScript *const *scripts,
                           guint n_scripts,
                           guint width,
                           gboolean utf8)
{
  guint label_width = measure_labels (scripts[0]);
  Table table = {
    .out = out,
    .label_width = label_width,
    .n_cells = n_scripts,
    .cell_width = (width - label_width - 3 * (n_scripts - 1)) / n_scripts,
    .rule = utf8 ? "─" : "-",
    .same = utf8 ? "│" : "|",
    .differ = utf8 ? "≠" : "!",
  };
  g_autoptr (PermsFamily) first = perms_family_copy (scripts[0]->family);
  g_autoptr (PermsFamily) second = perms_family_copy (scripts[n_scripts - 1]->family);
  PermsFamily *families[SCRIPTS_MAX] = { first, second };

  g_return_if_fail (n_scripts <= SCRIPTS_MAX);
  write_head (&table, scripts);
  for (guint i = 0; i < scripts[0]->steps->len; i++)
    {
      write_rule (&table);
      write_step (&table, &g_array_index (scripts[0]->steps, PermsScriptStep, i), i + 1,
                  families);
    }
}
