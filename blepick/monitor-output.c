/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/monitor-output.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLOT_LINES        10
#define COLUMNS_DEFAULT   80
#define LINE_TEXT_COLUMNS 34 /* what a line needs besides its sparkline */

static guint
measure_columns (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return COLUMNS_DEFAULT;
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
begin_json (const BlepickMonitorOutput *output, gint64 now_us)
{
  JsonBuilder *builder = blepick_json_begin ("monitor");
  g_autofree char *time = format_instant (now_us);

  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, time);
  json_builder_set_member_name (builder, "accessory");
  json_builder_add_string_value (builder, output->id);
  return builder;
}

static void
print_json_value (const BlepickMonitorOutput *output,
                  const BleHeartRate *value,
                  gint64 now_us)
{
  JsonBuilder *builder = begin_json (output, now_us);

  json_builder_set_member_name (builder, "bpm");
  json_builder_add_int_value (builder, value->bpm);
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
print_json_gap (const BlepickMonitorOutput *output, const char *reason, gint64 now_us)
{
  static const char *const missing[] = { "bpm", "contact", "energy_kj" };
  JsonBuilder *builder = begin_json (output, now_us);

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
print_csv (const BlepickMonitorOutput *output, const BleHeartRate *value, gint64 now_us)
{
  g_autofree char *time = format_instant (now_us);
  g_autofree char *rr = format_rr (value, " ");

  printf ("%s,%s,%u,%s,%s\n", time, output->id, value->bpm,
          value->contact == BLE_HEART_RATE_CONTACT_UNKNOWN
            ? ""
            : (value->contact == BLE_HEART_RATE_CONTACT_GOOD ? "1" : "0"),
          rr);
}

static void
print_text (const BlepickMonitorOutput *output, const BleHeartRate *value)
{
  const char *contact = describe_contact (value->contact);
  g_autofree char *rr = format_rr (value, " ");

  printf ("%3u bpm%s%s%s%s%s\n", value->bpm, contact[0] != '\0' ? "  " : "", contact,
          output->show_rr && rr[0] != '\0' ? "  RR " : "", output->show_rr ? rr : "",
          output->show_rr && rr[0] != '\0' ? " ms" : "");
}

static void
print_line (const BlepickMonitorOutput *output, const char *figure, const char *remark)
{
  guint columns = measure_columns ();
  g_autofree char *bars = blepick_pulse_sparkline (
    &output->pulse, columns > LINE_TEXT_COLUMNS ? columns - LINE_TEXT_COLUMNS : 1,
    output->context->plain);

  /* Carriage return, then "erase to the end of the line" (ECMA-48, EL). */
  printf ("\r\033[K%s %s bpm  %s  %.16s", output->context->plain ? "" : "♥", figure, bars,
          remark);
}

static void
print_plot (BlepickMonitorOutput *output, const char *figure, const char *remark)
{
  g_autofree char *plot = blepick_pulse_plot (&output->pulse, measure_columns (),
                                              PLOT_LINES, output->context->plain);

  /* Back over the last plot (ECMA-48, CUU), then each line is written over. */
  if (output->plot_lines > 0)
    printf ("\033[%uA", output->plot_lines);
  printf ("\033[J%s  %s bpm   min %u  avg %u  max %u  %s\n%s", output->name, figure,
          output->pulse.min, blepick_pulse_average (&output->pulse), output->pulse.max,
          remark, plot);
  output->plot_lines = PLOT_LINES + 1;
}

void
blepick_monitor_output_begin (BlepickMonitorOutput *output)
{
  if (output->view == BLEPICK_VIEW_CSV)
    printf ("time,accessory,bpm,contact,rr_ms\n");
  fflush (stdout);
}

void
blepick_monitor_output_value (BlepickMonitorOutput *output,
                              const BleHeartRate *value,
                              gint64 now_us)
{
  g_autofree char *figure = g_strdup_printf ("%3u", value->bpm);

  blepick_pulse_add (&output->pulse, value->bpm);
  switch (output->view)
    {
    case BLEPICK_VIEW_LINE:
      print_line (output, figure, describe_contact (value->contact));
      break;
    case BLEPICK_VIEW_PLOT:
      print_plot (output, figure, describe_contact (value->contact));
      break;
    case BLEPICK_VIEW_CSV:
      print_csv (output, value, now_us);
      break;
    case BLEPICK_VIEW_JSON:
      print_json_value (output, value, now_us);
      break;
    case BLEPICK_VIEW_TEXT:
    default:
      print_text (output, value);
      break;
    }
  fflush (stdout);
}

void
blepick_monitor_output_gap (BlepickMonitorOutput *output,
                            const char *reason,
                            gint64 now_us)
{
  const char *dash = output->context->plain ? "--" : "—";

  blepick_pulse_add (&output->pulse, 0);
  switch (output->view)
    {
    case BLEPICK_VIEW_LINE:
      print_line (output, dash, reason);
      break;
    case BLEPICK_VIEW_PLOT:
      print_plot (output, dash, reason);
      break;
    case BLEPICK_VIEW_JSON:
      print_json_gap (output, reason, now_us);
      break;
    case BLEPICK_VIEW_CSV:
      break; /* a table of values has no row without one */
    case BLEPICK_VIEW_TEXT:
    default:
      printf ("%s bpm  %s\n", dash, reason);
      break;
    }
  fflush (stdout);
}

void
blepick_monitor_output_end (BlepickMonitorOutput *output)
{
  if (output->view == BLEPICK_VIEW_LINE)
    printf ("\n");
  fflush (stdout);
  if (output->pulse.n_values > 0 && output->view != BLEPICK_VIEW_JSON)
    blepick_context_say (output->context,
                         "%s: min %u, average %u, max %u beats per minute", output->name,
                         output->pulse.min, blepick_pulse_average (&output->pulse),
                         output->pulse.max);
}
