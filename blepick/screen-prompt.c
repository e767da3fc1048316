/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What prompts of a pairing and questions look like. */

#include "blepick/canvas.h"

#define PASSKEY_DIGITS 6

static void
draw_digits (BlepickCanvas *canvas)
{
  const BlepickScreen *screen = canvas->screen;
  guint32 passkey = 0;
  g_autoptr (GString) digits = g_string_new (NULL);

  g_variant_lookup (screen->prompt, "passkey", "u", &passkey);
  if (screen->pane == BLEPICK_PANE_ENTER)
    for (guint i = 0; i < PASSKEY_DIGITS; i++)
      g_string_append_printf (digits, "%c",
                              i < screen->typed->len ? screen->typed->str[i] : '_');
  else
    g_string_append_printf (digits, "%06u", passkey);
  blepick_canvas_say (canvas, BLEPICK_STYLE_TITLE, "     %.3s %.3s", digits->str,
                      digits->str + MIN (digits->len, PASSKEY_DIGITS / 2));
  blepick_canvas_add_blank (canvas);
}

static void
draw_prompt (BlepickCanvas *canvas)
{
  const BlepickScreen *screen = canvas->screen;
  g_autofree char *text = blepick_wording_prompt (screen->prompt);

  if (screen->pane != BLEPICK_PANE_RENAME)
    draw_digits (canvas);
  blepick_canvas_add_paragraph (canvas, text);
  if (screen->pane != BLEPICK_PANE_RENAME)
    return;
  blepick_canvas_add_blank (canvas);
  blepick_canvas_say (canvas, BLEPICK_STYLE_TITLE, "   %s_", screen->typed->str);
}

static void
draw_question (BlepickCanvas *canvas)
{
  const BlepickScreen *screen = canvas->screen;
  g_autofree char *text = blepick_wording_question (screen->about, screen->prompt);
  g_auto (GStrv) services = blepick_wording_services (screen->prompt);

  blepick_canvas_add_paragraph (canvas, text);
  for (guint i = 0; services[i] != NULL; i++)
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, "   %s", services[i]);
}

static const char *
describe_keys (BlepickPane pane)
{
  if (pane == BLEPICK_PANE_DISPLAY)
    return "Esc stop";
  if (pane == BLEPICK_PANE_ENTER)
    return "Enter when all six are there  Esc stop";
  if (pane == BLEPICK_PANE_RENAME)
    return "Enter take this name  Esc leave it as it is";
  return "y yes  n no  Esc stop";
}

void
blepick_canvas_draw_prompt (BlepickCanvas *canvas, gint64 now_ms)
{
  const BlepickScreen *screen = canvas->screen;
  g_autofree char *time_left = blepick_canvas_time_left (screen, now_ms);
  const char *title = " Pairing";

  if (screen->pane >= BLEPICK_PANE_RENAME)
    title = screen->pane == BLEPICK_PANE_RENAME ? " A name" : " A question";
  blepick_canvas_add_edges (canvas, BLEPICK_STYLE_TITLE, title, time_left);
  blepick_canvas_add_blank (canvas);
  if (screen->pane > BLEPICK_PANE_RENAME)
    draw_question (canvas);
  else
    draw_prompt (canvas);
  blepick_canvas_add_blank (canvas);
  if (screen->remark != NULL)
    blepick_canvas_say (canvas, BLEPICK_STYLE_PLAIN, " %s", screen->remark);
  blepick_canvas_say (canvas, BLEPICK_STYLE_DIM, " %s",
                      now_ms < screen->live_ms ? "" : describe_keys (screen->pane));
}
