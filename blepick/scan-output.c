/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/scan-output.h"

#include <stdio.h>

static void
print_json (const BlepickContext *context, const BlepickRow *row, const char *address)
{
  JsonBuilder *builder = blepick_json_begin ("scan");
  const struct
  {
    const char *name;
    const char *value;
  } words[] = {
    { "row", row->id },
    { "name", row->unnamed ? NULL : row->name },
    { "kind", row->kind },
    { "signal", row->signal },
  };
  const struct
  {
    const char *name;
    gboolean value;
  } flags[] = {
    { "heard", row->heard },
    { "connected", row->connected },
    { "set_up", row->set_up },
    { "yours", row->yours },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      json_builder_set_member_name (builder, words[i].name);
      if (words[i].value != NULL)
        json_builder_add_string_value (builder, words[i].value);
      else
        json_builder_add_null_value (builder);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      json_builder_set_member_name (builder, flags[i].name);
      json_builder_add_boolean_value (builder, flags[i].value);
    }
  if (address != NULL)
    {
      json_builder_set_member_name (builder, "address");
      json_builder_add_string_value (builder, address);
    }
  blepick_json_print (context, builder, TRUE);
}

void
blepick_scan_show (BlepickScan *scan, const BlepickRow *row, const char *address)
{
  g_autofree char *title = blepick_row_title (row);
  g_autofree char *safe = blepick_escape (title);
  g_autofree char *about = blepick_row_describe (row);

  if (row->unnamed && !scan->unnamed)
    return;
  scan->n_shown++;
  if (blepick_context_is_json (scan->context))
    {
      print_json (scan->context, row, address);
      return;
    }
  if (address != NULL)
    printf ("%s  ", address);
  printf ("%-24s %s\n", safe, about);
  fflush (stdout);
}
