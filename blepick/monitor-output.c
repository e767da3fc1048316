/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/monitor-output.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLOT_LINES        10
#define PLOT_LINES_MIN    2
#define COLUMNS_DEFAULT   80
#define LINES_DEFAULT     24
#define LINE_TEXT_COLUMNS 34 /* what a line needs besides its sparkline and a label */
#define LABEL_MAX         20 /* characters of it in a line */
#define ID_SHOWN          4  /* as many of an id as a selector needs */

static void
measure_terminal (guint *ret_columns, guint *ret_lines)
{
  struct winsize size = { 0 };

  (void) ioctl (STDOUT_FILENO, TIOCGWINSZ, &size);
  *ret_columns = size.ws_col > 0 ? size.ws_col : COLUMNS_DEFAULT;
  *ret_lines = size.ws_row > 0 ? size.ws_row : LINES_DEFAULT;
}

/* ---- straps ---- */

static void
free_trace (gpointer data)
{
  BlepickTrace *trace = data;

  g_free (trace->id);
  g_free (trace->label);
  g_free (trace->figure);
  g_free (trace->remark);
  g_free (trace);
}

void
blepick_monitor_output_init (BlepickMonitorOutput *output)
{
  output->traces = g_ptr_array_new_with_free_func (free_trace);
}

void
blepick_monitor_output_clear (BlepickMonitorOutput *output)
{
  g_clear_pointer (&output->traces, g_ptr_array_unref);
}

BlepickTrace *
blepick_monitor_output_add (BlepickMonitorOutput *output,
                            const char *id,
                            const char *name)
{
  BlepickTrace *trace = g_new0 (BlepickTrace, 1);

  trace->id = g_strdup (id);
  trace->label = blepick_escape (name);
  trace->figure = g_strdup (output->context->plain ? "--" : "—");
  trace->remark = g_strdup ("");
  g_ptr_array_add (output->traces, trace);
  return trace;
}

/* Who is not alone with a name is told apart by the beginning of the id, as a selector takes it. */
static void
tell_apart (BlepickMonitorOutput *output)
{
  g_autoptr (GHashTable) counts =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < output->traces->len; i++)
    {
      const BlepickTrace *trace = g_ptr_array_index (output->traces, i);
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, trace->label));

      g_hash_table_insert (counts, g_strdup (trace->label), GUINT_TO_POINTER (count + 1));
    }
  for (guint i = 0; i < output->traces->len; i++)
    {
      BlepickTrace *trace = g_ptr_array_index (output->traces, i);
      g_autofree char *name = NULL;

      if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, trace->label)) < 2)
        continue;
      name = g_steal_pointer (&trace->label);
      trace->label = output->context->full_ids
                       ? g_strdup_printf ("%s (%s)", name, trace->id)
                       : g_strdup_printf ("%s (%.*s)", name, ID_SHOWN, trace->id);
    }
}

static gboolean
is_one_of_many (const BlepickMonitorOutput *output)
{
  return output->traces->len > 1;
}

static const char *
describe_contact (BleHeartRateContact contact)
{
  switch (contact)
    {
    case BLE_HEART_RATE_CONTACT_NONE:
      return "no skin contact";
    case BLE_HEART_RATE_CONTACT_GOOD:
      return "good contact";
    case BLE_HEART_RATE_CONTACT_UNKNOWN:
    default:
      return "";
    }
}

static char *
format_rr (const BleHeartRate *value, const char *separator)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < value->n_rr; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? separator : "",
                            ble_heart_rate_rr_to_ms (value->rr[i]));
  return g_string_free (text, FALSE);
}

static char *
format_instant (gint64 now_us)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (now_us / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", text, (int) (now_us % G_USEC_PER_SEC / 1000));
}

static JsonBuilder *
begin_json (const BlepickTrace *trace, gint64 now_us)
{
  JsonBuilder *builder = blepick_json_begin ("monitor");
  g_autofree char *time = format_instant (now_us);

  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, time);
  json_builder_set_member_name (builder, "accessory");
  json_builder_add_string_value (builder, trace->id);
  return builder;
}

static void
print_json_value (const BlepickMonitorOutput *output,
                  const BlepickTrace *trace,
                  const BleHeartRate *value,
                  gint64 now_us)
{
  JsonBuilder *builder = begin_json (trace, now_us);

  json_builder_set_member_name (builder, "bpm");
  if (value->bpm > 0)
    json_builder_add_int_value (builder, value->bpm);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "contact");
  if (value->contact == BLE_HEART_RATE_CONTACT_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    json_builder_add_boolean_value (builder,
                                    value->contact == BLE_HEART_RATE_CONTACT_GOOD);
  json_builder_set_member_name (builder, "energy_kj");
  if (value->has_energy)
    json_builder_add_int_value (builder, value->energy_kj);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "rr_ms");
  json_builder_begin_array (builder);
  for (guint i = 0; i < value->n_rr; i++)
    json_builder_add_int_value (builder, ble_heart_rate_rr_to_ms (value->rr[i]));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "reason");
  json_builder_add_null_value (builder);
  blepick_json_print (output->context, builder, TRUE);
}

static void
print_json_gap (const BlepickMonitorOutput *output,
                const BlepickTrace *trace,
                const char *reason,
                gint64 now_us)
{
  static const char *const missing[] = { "bpm", "contact", "energy_kj" };
  JsonBuilder *builder = begin_json (trace, now_us);

  for (gsize i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      json_builder_set_member_name (builder, missing[i]);
      json_builder_add_null_value (builder);
    }
  json_builder_set_member_name (builder, "rr_ms");
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, reason);
  blepick_json_print (output->context, builder, TRUE);
}

static void
print_csv (const BlepickTrace *trace, const BleHeartRate *value, gint64 now_us)
{
  g_autofree char *time = format_instant (now_us);
  g_autofree char *rr = format_rr (value, " ");
  g_autofree char *bpm =
    value->bpm > 0 ? g_strdup_printf ("%u", value->bpm) : g_strdup ("");

  printf ("%s,%s,%s,%s,%s\n", time, trace->id, bpm,
          value->contact == BLE_HEART_RATE_CONTACT_UNKNOWN
            ? ""
            : (value->contact == BLE_HEART_RATE_CONTACT_GOOD ? "1" : "0"),
          rr);
}

/* In place of a figure that there is not: a strap without contact says 0. */
static const char *
dash_of (const BlepickMonitorOutput *output)
{
  return output->context->plain ? "--" : "—";
}

static void
print_text (const BlepickMonitorOutput *output,
            const BlepickTrace *trace,
            const BleHeartRate *value)
{
  const char *contact = describe_contact (value->contact);
  g_autofree char *rr = format_rr (value, " ");

  if (is_one_of_many (output))
    printf ("%s: ", trace->label);
  printf ("%s bpm%s%s%s%s%s\n", trace->figure, contact[0] != '\0' ? "  " : "", contact,
          output->show_rr && rr[0] != '\0' ? "  RR " : "", output->show_rr ? rr : "",
          output->show_rr && rr[0] != '\0' ? " ms" : "");
}

/* ---- what is drawn over ---- */

/* @label, cut or filled up to @width characters. */
static char *
fit_label (const char *label, guint width)
{
  g_autofree char *start =
    g_utf8_substring (label, 0, MIN ((glong) width, g_utf8_strlen (label, -1)));

  return g_strdup_printf ("%s%*s", start,
                          (int) (width - (guint) g_utf8_strlen (start, -1)), "");
}

static guint
measure_labels (const BlepickMonitorOutput *output)
{
  guint width = 0;

  for (guint i = 0; i < output->traces->len && is_one_of_many (output); i++)
    {
      const BlepickTrace *trace = g_ptr_array_index (output->traces, i);

      width = MAX (width, (guint) g_utf8_strlen (trace->label, -1));
    }
  return MIN (width, LABEL_MAX);
}

/* The cursor stays at the end of the last one. "Erase to the end of the line" is ECMA-48's EL. */
static void
draw_lines (BlepickMonitorOutput *output, guint columns)
{
  guint width = measure_labels (output);
  guint taken = LINE_TEXT_COLUMNS + (width > 0 ? width + 2 : 0);

  for (guint i = 0; i < output->traces->len; i++)
    {
      const BlepickTrace *trace = g_ptr_array_index (output->traces, i);
      g_autofree char *label = fit_label (trace->label, width);
      g_autofree char *bars =
        blepick_pulse_sparkline (&trace->pulse, columns > taken ? columns - taken : 1,
                                 output->context->plain);

      printf ("%s\r\033[K%s%s%s %s bpm  %s  %.16s", i > 0 ? "\n" : "", label,
              width > 0 ? "  " : "", output->context->plain ? "" : "♥", trace->figure,
              bars, trace->remark);
    }
  output->drawn_lines = output->traces->len - 1;
}

/* "Erase below" is ECMA-48's ED. */
static void
draw_plots (BlepickMonitorOutput *output, guint columns, guint plot_lines)
{
  printf ("\r\033[J");
  for (guint i = 0; i < output->traces->len; i++)
    {
      const BlepickTrace *trace = g_ptr_array_index (output->traces, i);
      g_autofree char *plot =
        blepick_pulse_plot (&trace->pulse, columns, plot_lines, output->context->plain);

      printf ("%s  %s bpm   min %u  avg %u  max %u  %s\n%s", trace->label, trace->figure,
              trace->pulse.min, blepick_pulse_average (&trace->pulse), trace->pulse.max,
              trace->remark, plot);
    }
  output->drawn_lines = output->traces->len * (plot_lines + 1);
}

/* Whatever does not fit into the terminal is drawn smaller: the cursor cannot go back over what has left it. */
static void
draw (BlepickMonitorOutput *output)
{
  guint n_traces = output->traces->len;
  guint columns, lines, plot_lines;

  measure_terminal (&columns, &lines);
  plot_lines = MIN (PLOT_LINES, (lines - 1) / n_traces - MIN (1, (lines - 1) / n_traces));
  if (output->drawn_lines > 0)
    printf ("\033[%uA", output->drawn_lines); /* up: ECMA-48's CUU */
  if (output->view == BLEPICK_VIEW_PLOT && plot_lines >= PLOT_LINES_MIN)
    draw_plots (output, columns, plot_lines);
  else
    draw_lines (output, columns);
}

static void
set_shown (BlepickTrace *trace, const char *figure, const char *remark)
{
  g_free (trace->figure);
  g_free (trace->remark);
  trace->figure = g_strdup (figure);
  trace->remark = g_strdup (remark);
}

/* ---- from outside ---- */

void
blepick_monitor_output_begin (BlepickMonitorOutput *output)
{
  guint columns, lines;

  measure_terminal (&columns, &lines);
  if ((output->view == BLEPICK_VIEW_LINE || output->view == BLEPICK_VIEW_PLOT) &&
      output->traces->len > lines)
    output->view = BLEPICK_VIEW_TEXT;
  tell_apart (output);
  if (output->view == BLEPICK_VIEW_CSV)
    printf ("time,accessory,bpm,contact,rr_ms\n");
  fflush (stdout);
}

void
blepick_monitor_output_value (BlepickMonitorOutput *output,
                              BlepickTrace *trace,
                              const BleHeartRate *value,
                              gint64 now_us)
{
  g_autofree char *figure =
    value->bpm > 0 ? g_strdup_printf ("%3u", value->bpm) : g_strdup (dash_of (output));

  blepick_pulse_add (&trace->pulse, value->bpm);
  set_shown (trace, figure, describe_contact (value->contact));
  switch (output->view)
    {
    case BLEPICK_VIEW_LINE:
    case BLEPICK_VIEW_PLOT:
      draw (output);
      break;
    case BLEPICK_VIEW_CSV:
      print_csv (trace, value, now_us);
      break;
    case BLEPICK_VIEW_JSON:
      print_json_value (output, trace, value, now_us);
      break;
    case BLEPICK_VIEW_TEXT:
    default:
      print_text (output, trace, value);
      break;
    }
  fflush (stdout);
}

void
blepick_monitor_output_gap (BlepickMonitorOutput *output,
                            BlepickTrace *trace,
                            const char *reason,
                            gint64 now_us)
{
  const char *dash = dash_of (output);

  blepick_pulse_add (&trace->pulse, 0);
  set_shown (trace, dash, reason);
  switch (output->view)
    {
    case BLEPICK_VIEW_LINE:
    case BLEPICK_VIEW_PLOT:
      draw (output);
      break;
    case BLEPICK_VIEW_JSON:
      print_json_gap (output, trace, reason, now_us);
      break;
    case BLEPICK_VIEW_CSV:
      break; /* a table of values has no row without one */
    case BLEPICK_VIEW_TEXT:
    default:
      if (is_one_of_many (output))
        printf ("%s: ", trace->label);
      printf ("%s bpm  %s\n", dash, reason);
      break;
    }
  fflush (stdout);
}

void
blepick_monitor_output_end (BlepickMonitorOutput *output)
{
  /* A plot leaves the cursor at the beginning of a line. */
  if (output->drawn_lines + 1 == output->traces->len &&
      output->view != BLEPICK_VIEW_TEXT && output->view != BLEPICK_VIEW_CSV &&
      output->view != BLEPICK_VIEW_JSON)
    printf ("\n");
  fflush (stdout);
  for (guint i = 0; i < output->traces->len && output->view != BLEPICK_VIEW_JSON; i++)
    {
      const BlepickTrace *trace = g_ptr_array_index (output->traces, i);

      if (trace->pulse.n_values > 0)
        blepick_context_say (output->context,
                             "%s: min %u, average %u, max %u beats per minute",
                             trace->label, trace->pulse.min,
                             blepick_pulse_average (&trace->pulse), trace->pulse.max);
      else if (is_one_of_many (output))
        blepick_context_say (output->context, "%s: no value came", trace->label);
    }
}
