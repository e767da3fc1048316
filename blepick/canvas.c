/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "blepick/canvas.h"

#include "blepick/bus.h"
#include "blepick/context.h"
#include "blepick/text.h"

#define MINUTE_S 60

void
blepick_canvas_add (BlepickCanvas *canvas, BlepickStyle style, const char *text)
{
  BlepickLine *line = g_new0 (BlepickLine, 1);

  line->text = blepick_text_fit (text, canvas->columns, canvas->screen->ascii);
  line->style = style;
  g_ptr_array_add (canvas->lines, line);
}

void
blepick_canvas_say (BlepickCanvas *canvas, BlepickStyle style, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  blepick_canvas_add (canvas, style, text);
}

/* Words that wrap where the line ends. */
void
blepick_canvas_add_paragraph (BlepickCanvas *canvas, const char *text)
{
  g_autofree char *safe = blepick_escape (text);
  g_auto (GStrv) words = g_strsplit (safe, " ", -1);
  g_autoptr (GString) line = g_string_new (" ");

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (line->len > 1 &&
          blepick_text_width (line->str) + blepick_text_width (words[i]) + 1 >
            canvas->columns)
        {
          blepick_canvas_add (canvas, BLEPICK_STYLE_PLAIN, line->str);
          g_string_assign (line, " ");
        }
      if (line->len > 1)
        g_string_append_c (line, ' ');
      g_string_append (line, words[i]);
    }
  blepick_canvas_add (canvas, BLEPICK_STYLE_PLAIN, line->str);
}

void
blepick_canvas_add_blank (BlepickCanvas *canvas)
{
  blepick_canvas_add (canvas, BLEPICK_STYLE_PLAIN, "");
}

/* @words and, at the right edge, @note. */
void
blepick_canvas_add_edges (BlepickCanvas *canvas,
                          BlepickStyle style,
                          const char *words,
                          const char *note)
{
  guint note_width = blepick_text_width (note);
  guint words_width =
    canvas->columns > note_width + 1 ? canvas->columns - note_width - 1 : canvas->columns;
  g_autofree char *start = blepick_text_fit (words, words_width, canvas->screen->ascii);

  blepick_canvas_say (canvas, style, "%s %s", start, note);
}

char *
blepick_canvas_time_left (const BlepickScreen *screen, gint64 now_ms)
{
  gint64 left_s = MAX (screen->deadline_s - now_ms / 1000, 0);

  if (screen->deadline_s == 0)
    return g_strdup ("");
  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT " left",
                          left_s / MINUTE_S, left_s % MINUTE_S);
}

const char *
blepick_canvas_member (GVariant *dict, const char *key)
{
  return dict != NULL ? blepick_member (dict, key) : "";
}
