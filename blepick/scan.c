/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* blepick scan: a picker that the command presents to itself, and from which it picks
 * nothing; with addresses, which no picker tells, a scan of Scanner1. */

#include "blepick/filters.h"
#include "blepick/picking.h"
#include "blepick/scan-address.h"
#include "blepick/verbs.h"

#define DEFAULT_FOR_MS 10000

static void
show_row (BlepickPicking *picking,
          const BlepickRow *row,
          gboolean news,
          gpointer user_data)
{
  if (news)
    blepick_scan_show (user_data, row, NULL);
}

static const BlepickView scan_view = { .row = show_row };

static GVariant *
build_options (const BlepickContext *context)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "timeout", "s", "unbounded");
  if (context->adapter != NULL)
    g_variant_dict_insert (&options, "adapter", "s", context->adapter);
  return g_variant_dict_end (&options);
}

/* The end of the time is how a scan ends well; so is an interrupt that comes after something was shown. */
static int
finish (const BlepickScan *scan, GError *error)
{
  const BlepickContext *context = scan->context;
  g_autoptr (GError) nothing = NULL;
  gboolean time_over =
    blepick_error_matches (error, BLEPICK_ERROR_USER_CANCELLED, "cancelled");
  gboolean interrupted =
    g_error_matches (error, BLEPICK_FAILURE, BLEPICK_EXIT_INTERRUPTED);

  if (scan->n_shown > 0 && (time_over || interrupted))
    return BLEPICK_EXIT_OK;
  if (!time_over)
    return blepick_context_fail (context, error, FALSE);
  blepick_failure_set (
    &nothing, BLEPICK_EXIT_NOTHING, "nothing-found",
    "Nothing was heard. Is it awake and near? See everything: blepick scan --kind any --unnamed");
  return blepick_context_fail (context, nothing, FALSE);
}

int
blepick_run_scan (const BlepickContext *context, int argc, char **argv)
{
  g_auto (BlepickFilters) filters = { 0 };
  g_autofree char *time = NULL;
  gboolean watch = FALSE, addresses = FALSE;
  BlepickScan scan = { .context = context };
  const GOptionEntry entries[] = {
    BLEPICK_FILTER_ENTRIES (filters),
    { "for", 0, 0, G_OPTION_ARG_STRING, &time, "How long, such as 30s (default: 10s)",
      "DUR" },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &watch, "Until interrupted", NULL },
    { "unnamed", 0, 0, G_OPTION_ARG_NONE, &scan.unnamed, "Also what has no name", NULL },
    { "show-address", 0, 0, G_OPTION_ARG_NONE, &addresses,
      "With Bluetooth addresses; an administrator has to agree", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  guint for_ms = DEFAULT_FOR_MS;
  g_autoptr (BlepickBus) bus = NULL;
  g_autoptr (GVariant) items = NULL;
  g_autoptr (GError) error = NULL;

  if (!blepick_verb_parse (context, "scan", entries, &argc, &argv) ||
      !blepick_verb_expect (context, "scan", argc, 0, 0))
    return BLEPICK_EXIT_USAGE;
  if (time != NULL && (!blepick_parse_duration (time, &for_ms) || for_ms == 0))
    return blepick_verb_misuse (context, "--for takes a time such as 10s, 500ms or 2m");

  items = blepick_filters_build (&filters, &error);
  if (items != NULL)
    bus = blepick_bus_new_session (context, &error);
  if (bus == NULL)
    return blepick_context_fail (context, error, FALSE);
  blepick_context_say (context, "Looking for what is around...");
  if (watch)
    for_ms = 0;
  if (addresses)
    blepick_scan_addresses (&scan, bus, items, for_ms, &error);
  else /* nothing can be picked here */
    g_free (blepick_picking_run (
      context, bus, &(BlepickPickingAsk){ items, build_options (context), for_ms },
      &scan_view, &scan, &error));
  return finish (&scan, error);
}
