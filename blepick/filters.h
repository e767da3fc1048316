/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick/filters.h: --kind, --service, --company and --name, as pick, pair and scan take
 * them, turned into the items of a picker. */

#pragma once

#include <glib.h>

#include "blepick/context.h"

typedef struct
{
  char *kind;      /* heart-rate or any */
  char **services; /* UUIDs */
  char *company;   /* a number */
  char *name;      /* part of a name */
  gboolean no_pair;
} BlepickFilters;

/* Rows for a GOptionEntry table: the filters' own options. */
#define BLEPICK_FILTER_ENTRIES(filters)                                                    \
  { "kind", 0, 0, G_OPTION_ARG_STRING, &(filters).kind, "heart-rate (the default) or any", \
    "KIND" },                                                                              \
    { "service",                                                                           \
      0,                                                                                   \
      0,                                                                                   \
      G_OPTION_ARG_STRING_ARRAY,                                                           \
      &(filters).services,                                                                 \
      "That offer this service (may be given again)",                                      \
      "UUID" },                                                                            \
    { "company",                                                                           \
      0,                                                                                   \
      0,                                                                                   \
      G_OPTION_ARG_STRING,                                                                 \
      &(filters).company,                                                                  \
      "Of this company, by its Bluetooth number",                                          \
      "ID" },                                                                              \
  {                                                                                        \
    "name", 0, 0, G_OPTION_ARG_STRING, &(filters).name, "Whose name has this in it",       \
      "TEXT"                                                                               \
  }

void blepick_filters_clear (BlepickFilters *filters);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BlepickFilters, blepick_filters_clear)

/* Returns: (transfer full): the items (aa{sv}) for ShowPicker, or NULL: bad-service, bad-company, bad-kind, bad-name. */
GVariant *blepick_filters_build (const BlepickFilters *filters,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
