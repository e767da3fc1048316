/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_MS   86400000U
#define ID_SHORT 8 /* characters */

void
blepick_context_clear (BlepickContext *context)
{
  g_clear_pointer (&context->adapter, g_free);
  g_clear_pointer (&context->bus, g_free);
}

gboolean
blepick_context_is_json (const BlepickContext *context)
{
  return context->format != BLEPICK_FORMAT_PEOPLE;
}

gboolean
blepick_context_can_ask (const BlepickContext *context)
{
  return !context->no_input && isatty (STDIN_FILENO);
}

void
blepick_context_say (const BlepickContext *context, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (context->quiet || blepick_context_is_json (context))
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "%s\n", text);
}

char *
blepick_context_show_id (const BlepickContext *context, const char *id)
{
  return context->full_ids ? g_strdup (id) : g_strndup (id, ID_SHORT);
}

JsonBuilder *
blepick_json_begin (const char *type)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "format");
  json_builder_add_int_value (builder, 1);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type);
  return builder;
}

static gboolean
is_printable (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
         type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* In JSON what may not be printed is only ever within strings, but for the line ends of the indented form. */
char *
blepick_json_escape (const char *json)
{
  GString *safe = g_string_new (NULL);

  for (const char *at = json; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\n' || is_printable (c))
        g_string_append_unichar (safe, c);
      else if (c < 0x10000)
        g_string_append_printf (safe, "\\u%04x", c);
      else /* a surrogate pair: RFC 8259, 7 */
        g_string_append_printf (safe, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
                                0xdc00 + (c & 0x3ff));
    }
  return g_string_free (safe, FALSE);
}

static char *
finish_json (JsonBuilder *builder, gboolean pretty)
{
  g_autofree char *text = NULL;

  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, pretty);
  g_object_unref (builder);
  text = json_generator_to_data (generator, NULL);
  return blepick_json_escape (text);
}

void
blepick_json_print (const BlepickContext *context,
                    JsonBuilder *builder,
                    gboolean is_stream)
{
  g_autofree char *text =
    finish_json (builder, !is_stream && context->format == BLEPICK_FORMAT_JSON);

  printf ("%s\n", text);
  fflush (stdout);
}

char *
blepick_format_time (gint64 time_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_s);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");
}

static void
print_json_failure (BlepickExit exit, const GError *error)
{
  JsonBuilder *builder = blepick_json_begin ("error");
  g_autofree char *cause = NULL, *hint = NULL, *line = NULL;
  gboolean retryable;

  blepick_error_split (error->message, &cause, &retryable, &hint);
  json_builder_set_member_name (builder, "code");
  if (error->domain == BLEPICK_ERROR)
    json_builder_add_int_value (builder, error->code);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "cause");
  json_builder_add_string_value (builder, cause);
  json_builder_set_member_name (builder, "exit");
  json_builder_add_int_value (builder, exit);
  json_builder_set_member_name (builder, "retryable");
  json_builder_add_boolean_value (builder, retryable);
  json_builder_set_member_name (builder, "hint");
  json_builder_add_string_value (builder, hint);
  line = finish_json (builder, FALSE);
  fprintf (stderr, "%s\n", line);
}

int
blepick_context_fail (const BlepickContext *context,
                      const GError *error,
                      gboolean while_pairing)
{
  BlepickExit exit = blepick_failure_exit (error, while_pairing);
  g_autofree char *cause = NULL, *text = NULL, *safe = NULL;
  gboolean retryable;

  if (blepick_context_is_json (context))
    {
      print_json_failure (exit, error);
      return exit;
    }
  blepick_error_split (error->message, &cause, &retryable, &text);
  safe = blepick_escape (text);
  fprintf (stderr, "blepick: %s (%s)\n", safe, cause);
  return exit;
}

static const struct
{
  const char *unit;
  guint ms;
} units[] = { { "", 1000 },
              { "ms", 1 },
              { "s", 1000 },
              { "m", 60000 },
              { "h", 3600000 } };

gboolean
blepick_parse_duration (const char *text, guint *ret_ms)
{
  char *end = NULL;
  guint64 number;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  errno = 0;
  number = g_ascii_strtoull (text, &end, 10);
  if (errno != 0 || number > DAY_MS)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (g_strcmp0 (end, units[i].unit) != 0)
        continue;
      if (number > DAY_MS / units[i].ms)
        return FALSE;
      *ret_ms = (guint) number * units[i].ms;
      return TRUE;
    }
  return FALSE;
}

char *
blepick_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *safe = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_printable (c))
        g_string_append_unichar (safe, c);
      else
        g_string_append_printf (safe, "\\u%04x", c);
    }
  return g_string_free (safe, FALSE);
}
